//! A team: the owner of a numbered row of issues.

use super::{IssueKind, Member, Role, words};
use crate::id::{MemberId, TeamId, WorkflowId};
use crate::time::Timestamp;

words! {
    /// What a member is in a team.
    TeamRole {
        /// Belongs to it.
        0 Member = "MEMBER",
        /// Says who belongs to it, too.
        1 Lead = "LEAD",
    }
}

/// Somebody who belongs to a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct TeamMember {
    /// Who.
    #[n(0)]
    pub member: MemberId,
    /// As what.
    #[n(1)]
    pub role: TeamRole,
}

/// The workflow that a team's issues of one kind follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct KindWorkflow {
    /// The kind.
    #[n(0)]
    pub kind: IssueKind,
    /// The workflow.
    #[n(1)]
    pub workflow: WorkflowId,
}

/// The row of a team.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Team {
    /// The id.
    #[n(0)]
    pub id: TeamId,
    /// The first part of its issues' keys: 2 to 7 of A–Z and 0–9, a letter first. Unique, also among former keys.
    #[n(1)]
    pub key: String,
    /// How it is shown.
    #[n(2)]
    pub name: String,
    /// What it is for.
    #[n(3)]
    pub description: Option<String>,
    /// The workflow its issues follow.
    #[n(4)]
    pub workflow: WorkflowId,
    /// Keys it had before; issues are still found by them.
    #[n(5)]
    pub former_keys: Vec<String>,
    /// When it was made.
    #[n(6)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(7)]
    pub updated_at: Timestamp,
    /// When it was archived: its issues can be read and not changed.
    #[n(8)]
    pub archived_at: Option<Timestamp>,
    /// Counts the changes of this row, from 1.
    #[n(9)]
    pub version: u64,
    /// Whether only those who belong to it, and super admins, know of it and see its issues.
    #[cbor(n(10), default)]
    pub private: bool,
    /// Who belongs to it, in order of id.
    #[cbor(n(11), default)]
    pub members: Vec<TeamMember>,
    /// Kinds of issues that follow a workflow of their own, each once, in order.
    #[cbor(n(15), skip_if = "Vec::is_empty")]
    pub by_kind: Vec<KindWorkflow>,
}

impl Team {
    /// The workflow that new issues of this kind follow.
    #[must_use]
    pub fn workflow_for(&self, kind: IssueKind) -> WorkflowId {
        self.by_kind.iter().find(|own| own.kind == kind).map_or(self.workflow, |own| own.workflow)
    }

    /// The workflows that new issues follow, each once, that of most kinds first.
    #[must_use]
    pub fn workflows(&self) -> Vec<WorkflowId> {
        let mut all = vec![self.workflow];
        for own in &self.by_kind {
            if !all.contains(&own.workflow) {
                all.push(own.workflow);
            }
        }
        all
    }

    /// What a member is in this team; none when they do not belong to it.
    #[must_use]
    pub fn role_of(&self, member: MemberId) -> Option<TeamRole> {
        let place = self.members.binary_search_by_key(&member, |of| of.member).ok()?;
        self.members.get(place).map(|of| of.role)
    }

    /// Whether this team's work can be given to a member: to anybody, but in a private team to those who belong to it and to
    /// super admins alone.
    #[must_use]
    pub fn takes_in(&self, member: &Member) -> bool {
        !self.private || self.role_of(member.id).is_some() || member.role == Role::SuperAdmin
    }

    /// Whether a member says who belongs to this team.
    #[must_use]
    pub fn is_led_by(&self, member: MemberId) -> bool {
        self.role_of(member) == Some(TeamRole::Lead)
    }

    /// Makes a member this in the team; none takes them out of it.
    pub fn set_member(&mut self, member: MemberId, role: Option<TeamRole>) {
        let place = self.members.binary_search_by_key(&member, |of| of.member);
        match (place, role) {
            (Ok(at), Some(role)) => self.members.get_mut(at).into_iter().for_each(|of| of.role = role),
            (Ok(at), None) => drop(self.members.remove(at)),
            (Err(at), Some(role)) => self.members.insert(at, TeamMember { member, role }),
            (Err(_), None) => {}
        }
    }
}
