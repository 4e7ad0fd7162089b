//! What a reader can see: which issues, and which teams. The one place where that is decided.
//!
//! A scope is a rule. It is put to single rows by [`Scope::sees`], and to all issues at once by the view, which makes a
//! bitmap of what the rule hides; a test holds both to each other. Rights are those of now, also where the past is seen.

use super::Policy;
use crate::directory::Directory;
use crate::id::{MemberId, TeamId};
use crate::model::{Issue, Role, Team};
use std::sync::Arc;

/// What of a tenant a party can see. Made by the policy only; `Scope::system` is for the engine's own work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(Extent);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Extent {
    Everything,
    Nothing,
    Party(Party),
}

/// Somebody who does not see everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Party {
    /// Who: they see the confidential issues that they made, work on, or are named by.
    pub(crate) member: MemberId,
    /// The private teams that they do not belong to, in order of id.
    pub(crate) hidden_teams: Arc<[TeamId]>,
}

impl Scope {
    /// What this party sees, by what the small tables say now.
    pub(super) fn of(policy: &Policy, directory: &Directory) -> Self {
        let Some(member) = policy.member else { return Self(Extent::Everything) };
        // Nobody is no member: under that id stands what is everybody's and what is confidential.
        if member == MemberId::NOBODY || !directory.member(member).is_some_and(|member| member.is_active()) {
            return Self(Extent::Nothing);
        }
        if policy.role == Role::SuperAdmin {
            return Self(Extent::Everything);
        }
        let is_hidden = |team: &&Arc<Team>| team.private && team.role_of(member).is_none();
        let whole = directory.whole();
        let mut hidden: Vec<TeamId> = whole.teams().filter(is_hidden).map(|team| team.id).collect();
        hidden.sort_unstable();
        Self(Extent::Party(Party { member, hidden_teams: hidden.into() }))
    }

    /// The whole tenant, for the engine's own work; the reason is for the reader of the code.
    #[must_use]
    pub(crate) const fn system(_reason: &'static str) -> Self {
        Self(Extent::Everything)
    }

    /// Whether this issue, as it is now, can be seen.
    #[must_use]
    pub fn sees(&self, issue: &Issue) -> bool {
        match &self.0 {
            Extent::Everything => true,
            Extent::Nothing => false,
            Extent::Party(party) => {
                party.hidden_teams.binary_search(&issue.team).is_err()
                    && issue.confidential.as_ref().is_none_or(|confidential| {
                        issue.creator == party.member
                            || issue.assignees.contains(&party.member)
                            || confidential.participants.contains(&party.member)
                    })
            }
        }
    }

    /// Whether this team, what belongs to it and its issues can be seen.
    #[must_use]
    pub fn sees_team(&self, team: TeamId) -> bool {
        match &self.0 {
            Extent::Everything => true,
            Extent::Nothing => false,
            Extent::Party(party) => party.hidden_teams.binary_search(&team).is_err(),
        }
    }

    /// Whether everything can be seen.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        matches!(self.0, Extent::Everything)
    }

    /// Who sees, where not everything or nothing is seen.
    pub(crate) const fn party(&self) -> Option<&Party> {
        match &self.0 {
            Extent::Party(party) => Some(party),
            Extent::Everything | Extent::Nothing => None,
        }
    }

    /// The small tables as they can be seen.
    #[must_use]
    pub fn of_directory(&self, directory: &Arc<Directory>) -> Arc<Directory> {
        match &self.0 {
            Extent::Party(party) if !party.hidden_teams.is_empty() => {
                Arc::new(directory.hiding(&party.hidden_teams))
            }
            _ => directory.clone(),
        }
    }
}

#[cfg(test)]
impl Scope {
    /// That of a member who does not belong to these private teams.
    pub(crate) fn of_member(member: MemberId, hidden_teams: &[TeamId]) -> Self {
        let mut hidden = hidden_teams.to_vec();
        hidden.sort_unstable();
        Self(Extent::Party(Party { member, hidden_teams: hidden.into() }))
    }
}
