//! Who may do what: the role matrix as data. `tests/snapshots` holds it printed; read its diff as carefully as code.

use super::Action;
use crate::model::{KeyScope, Role};

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
    /// The scope that an API key needs for it, if its owner may; none: no key does.
    pub key: Option<KeyScope>,
    /// Whether an operator of the platform may on a visit, which needs the same scope.
    pub visit: bool,
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

    /// This line, for keys of this scope and those above it.
    const fn by_key(mut self, scope: KeyScope) -> Self {
        self.key = Some(scope);
        self
    }

    /// This line, for people alone: with a key one does not change how somebody signs in.
    const fn by_no_key(mut self) -> Self {
        self.key = None;
        self
    }

    /// This line, for the company's own people and keys: a visit changes nothing of the members.
    const fn by_no_visit(mut self) -> Self {
        self.visit = false;
        self
    }

    /// Whether a proof that reaches so far is enough; one without a bound always is.
    #[must_use]
    pub fn within(&self, reach: Option<KeyScope>) -> bool {
        reach.is_none_or(|reach| self.key.is_some_and(|needed| needed <= reach))
    }
}

/// A line, for keys of the highest scope unless another is said.
const fn rule(action: Action, super_admin: Grant, admin: Grant, user: Grant) -> Rule {
    Rule { action, super_admin, admin, user, key: Some(KeyScope::Admin), visit: true }
}

use Grant::{No, Own, Yes};
use KeyScope::{Read, Write};

/// The matrix. Operators of the platform have no line: they have no rights inside a company.
pub const MATRIX: &[Rule] = &[
    rule(Action::CreateIssue, Yes, Yes, Yes).by_key(Write),
    rule(Action::UpdateIssue, Yes, Yes, Yes).by_key(Write),
    rule(Action::AssignIssue, Yes, Yes, Yes).by_key(Write),
    rule(Action::TransitionIssue, Yes, Yes, Yes).by_key(Write),
    rule(Action::ArchiveIssue, Yes, Yes, Yes).by_key(Write),
    rule(Action::DeleteIssue, Yes, Yes, Own).by_key(Write),
    rule(Action::RestoreIssue, Yes, Yes, Own).by_key(Write),
    rule(Action::BulkUpdate, Yes, Yes, Yes).by_key(Write),
    rule(Action::BulkUpdateLarge, Yes, Yes, No).by_key(Write),
    rule(Action::CreateComment, Yes, Yes, Yes).by_key(Write),
    rule(Action::EditComment, Own, Own, Own).by_key(Write),
    rule(Action::DeleteComment, Yes, Yes, Own).by_key(Write),
    rule(Action::ManageTeams, Yes, Yes, No),
    rule(Action::ManageLabels, Yes, Yes, No),
    rule(Action::ManageWorkflows, Yes, Yes, No),
    rule(Action::ManageMembers, Yes, No, No).by_no_visit(),
    rule(Action::MakeSuperAdmin, Yes, No, No).by_no_key(),
    rule(Action::ManageTeamMembers, Yes, Yes, Own).by_no_visit(),
    rule(Action::ManageServices, Yes, Yes, No).by_no_key(),
    rule(Action::EditProfile, Yes, Own, Own).by_no_visit(),
    rule(Action::ManageKeys, Yes, Own, Own).by_no_key(),
    rule(Action::ManageSignIn, Yes, Own, Own).by_no_key(),
    rule(Action::ManageAccess, Yes, No, No).by_no_key(),
    // Its letters carry what people sign in by.
    rule(Action::ManageBranding, Yes, No, No).by_no_key(),
    rule(Action::CreateView, Yes, Yes, Yes).by_key(Write),
    rule(Action::PublishView, Yes, Yes, No),
    rule(Action::ManageView, Yes, Yes, Own).by_key(Write),
    rule(Action::KeepFavorites, Own, Own, Own).by_key(Write),
    rule(Action::ManagePlugins, Yes, Yes, No).by_no_visit(),
    // It brings members with it.
    rule(Action::Import, Yes, No, No).by_no_visit(),
    rule(Action::ReadAudit, Yes, No, No).by_key(Read),
];

/// Nobody may do what the matrix does not name.
const NOBODY: Rule = rule(Action::ReadAudit, No, No, No);

pub(super) fn find(action: Action) -> &'static Rule {
    MATRIX.iter().find(|r| r.action == action).unwrap_or(&NOBODY)
}
