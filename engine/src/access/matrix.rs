//! Who may do what: the role matrix as data. `tests/snapshots` holds it printed; read its diff as carefully as code.

use super::Action;
use crate::model::Role;

/// What a role may do with one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Not at all.
    No,
    /// With what is one's own.
    Own,
    /// With anything one can see.
    Yes,
}

/// One line of the matrix.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The action.
    pub action: Action,
    /// What a super admin may.
    pub super_admin: Grant,
    /// What an admin may.
    pub admin: Grant,
    /// What a user may.
    pub user: Grant,
}

impl Rule {
    /// What this role may.
    #[must_use]
    pub const fn grant(&self, role: Role) -> Grant {
        match role {
            Role::SuperAdmin => self.super_admin,
            Role::Admin => self.admin,
            Role::User => self.user,
        }
    }
}

const fn rule(action: Action, super_admin: Grant, admin: Grant, user: Grant) -> Rule {
    Rule { action, super_admin, admin, user }
}

use Grant::{No, Own, Yes};

/// The matrix. Operators of the platform have no line: they have no rights inside a company.
pub const MATRIX: &[Rule] = &[
    rule(Action::CreateIssue, Yes, Yes, Yes),
    rule(Action::UpdateIssue, Yes, Yes, Yes),
    rule(Action::AssignIssue, Yes, Yes, Yes),
    rule(Action::TransitionIssue, Yes, Yes, Yes),
    rule(Action::ArchiveIssue, Yes, Yes, Yes),
    rule(Action::DeleteIssue, Yes, Yes, Own),
    rule(Action::RestoreIssue, Yes, Yes, Own),
    rule(Action::BulkUpdate, Yes, Yes, Yes),
    rule(Action::BulkUpdateLarge, Yes, Yes, No),
    rule(Action::CreateComment, Yes, Yes, Yes),
    rule(Action::EditComment, Own, Own, Own),
    rule(Action::DeleteComment, Yes, Yes, Own),
    rule(Action::ManageTeams, Yes, Yes, No),
    rule(Action::ManageLabels, Yes, Yes, No),
    rule(Action::ManageWorkflows, Yes, Yes, No),
    rule(Action::ManageMembers, Yes, No, No),
    rule(Action::EditProfile, Yes, Own, Own),
    rule(Action::ManageKeys, Yes, Own, Own),
    rule(Action::CreateView, Yes, Yes, Yes),
    rule(Action::PublishView, Yes, Yes, No),
    rule(Action::ManageView, Yes, Yes, Own),
    rule(Action::KeepFavorites, Own, Own, Own),
    rule(Action::Import, Yes, Yes, No),
    rule(Action::ReadAudit, Yes, Yes, No),
];

/// Nobody may do what the matrix does not name.
const NOBODY: Rule = rule(Action::ReadAudit, No, No, No);

pub(super) fn find(action: Action) -> &'static Rule {
    MATRIX.iter().find(|r| r.action == action).unwrap_or(&NOBODY)
}
