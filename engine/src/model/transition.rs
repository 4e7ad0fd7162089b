//! A move of a workflow: from which state to which, what must hold before it, and what follows from it.
//!
//! These are values: what a guard looks at and what an effect does is not known here.

use super::{Priority, Role, words};
use crate::id::{LabelId, MemberId, StateId};

/// A move that a workflow lists.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct WorkflowTransition {
    /// The state that is left; none means any.
    #[n(0)]
    pub from: Option<StateId>,
    /// The state that is entered.
    #[n(1)]
    pub to: StateId,
    /// How it is shown, such as `Approve`.
    #[n(2)]
    pub name: Option<String>,
    /// What must hold before it.
    #[cbor(n(3), skip_if = "Vec::is_empty")]
    pub guards: Vec<Guard>,
    /// What follows from it, in order.
    #[cbor(n(4), skip_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// Who must have approved it.
    #[n(5)]
    pub approvals: Option<ApprovalRule>,
}

impl WorkflowTransition {
    /// A move without rules.
    #[must_use]
    pub const fn plain(from: Option<StateId>, to: StateId) -> Self {
        Self { from, to, name: None, guards: Vec::new(), effects: Vec::new(), approvals: None }
    }

    /// Whether nothing is asked and nothing follows.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.guards.is_empty() && self.effects.is_empty() && self.approvals.is_none()
    }
}

/// So many members with one of these roles must have approved.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct ApprovalRule {
    /// How many, at least 1.
    #[n(0)]
    pub count: u32,
    /// The roles, each once, in order; at least one.
    #[n(1)]
    pub roles: Vec<Role>,
}

words! {
    /// Who somebody is to an issue.
    Party {
        /// One of those who work on it.
        0 Assignee = "ASSIGNEE",
        /// Who made it.
        1 Creator = "CREATOR",
    }
}

words! {
    /// A field that an issue can be without.
    RequiredField {
        /// Somebody works on it.
        0 Assignee = "ASSIGNEE",
        /// It has a priority other than none.
        1 Priority = "PRIORITY",
        /// Its size.
        2 Estimate = "ESTIMATE",
        /// The day it is due.
        3 DueDate = "DUE_DATE",
        /// The day work is meant to start.
        4 StartDate = "START_DATE",
        /// What is to be done.
        5 Description = "DESCRIPTION",
        /// At least one label.
        6 Labels = "LABELS",
        /// The issue it is a part of.
        7 Parent = "PARENT",
    }
}

/// Something that must hold before a move. Fields are looked at as the change that moves the issue leaves them.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Guard {
    /// Who moves it has one of these roles.
    #[n(0)]
    Role(#[n(0)] Vec<Role>),
    /// Who moves it is one of these to it.
    #[n(1)]
    Actor(#[n(0)] Vec<Party>),
    /// It has all of these.
    #[n(2)]
    Fields(#[n(0)] Vec<RequiredField>),
    /// No open issue blocks it.
    #[n(3)]
    NoOpenBlockers,
    /// None of its sub-issues is open.
    #[n(4)]
    NoOpenChildren,
    /// It has been in its state for so long.
    #[n(5)]
    TimeInState {
        /// Milliseconds, more than none.
        #[n(0)]
        at_least_ms: i64,
    },
}

/// Who is given work by an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Assignee {
    /// Who moves the issue.
    #[n(0)]
    Actor,
    /// Who made it.
    #[n(1)]
    Creator,
    /// This member.
    #[n(2)]
    Member(#[n(0)] MemberId),
}

/// Something that follows from a move, in the same change.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Effect {
    /// The priority becomes this.
    #[n(0)]
    Priority(#[n(0)] Priority),
    /// The size becomes this, or is taken away.
    #[n(1)]
    Estimate(#[n(0)] Option<u32>),
    /// It is due so many days from the day of the move on, or at no day.
    #[n(2)]
    DueIn(#[n(0)] Option<u16>),
    /// This one works on it, alone. One who is not active, or does not belong to its private team, is passed over.
    #[n(3)]
    Assign(#[n(0)] Assignee),
    /// It gets this label. One that was deleted, that its team cannot use, or for which it has no room, is passed over.
    #[n(4)]
    AddLabel(#[n(0)] LabelId),
    /// It loses this label.
    #[n(5)]
    RemoveLabel(#[n(0)] LabelId),
    /// This comment is written, in the name of who moves it, where there is room for another.
    #[n(6)]
    Comment(#[n(0)] String),
}
