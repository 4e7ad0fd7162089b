//! One change of one field of an issue: what it was and what it became.

use crate::id::{IssueId, LabelId, MemberId, StateId, WorkflowId, WorkflowVersionId};
use crate::model::{
    Approval, Confidential, Dates, IssueKind, Priority, Relation, RelationKind, Resolution, StateCategory,
};
use crate::time::{CalendarDate, Timestamp};

/// What a field was and what it became.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Change<T> {
    /// What it was.
    #[n(0)]
    pub from: T,
    /// What it became.
    #[n(1)]
    pub to: T,
}

/// A change of an issue. Dates that follow from a move (started, completed …) are not listed: they are derived from
/// the categories and the event's time.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum IssueChange {
    /// The title.
    #[n(0)]
    Title(#[n(0)] Change<String>),
    /// The description; only what it became, for it may be long.
    #[n(1)]
    Description {
        /// The new text.
        #[n(0)]
        to: Option<String>,
        /// Bytes of the text before, zero when there was none; filled in when the event gets its place in the log. Events of
        /// earlier versions do not say.
        #[n(1)]
        bytes_before: Option<u32>,
    },
    /// The kind of work.
    #[n(2)]
    Kind(#[n(0)] Change<IssueKind>),
    /// The state, with the categories that the two states had then.
    #[n(3)]
    State {
        /// The states.
        #[n(0)]
        state: Change<StateId>,
        /// Their categories.
        #[n(1)]
        category: Change<StateCategory>,
        /// The dates that follow from moves, as they were before; filled in when the event gets its place in the log.
        #[n(2)]
        before: Option<Box<Dates>>,
    },
    /// Why it was closed.
    #[n(4)]
    Resolution(#[n(0)] Change<Option<Resolution>>),
    /// How pressing it is.
    #[n(5)]
    Priority(#[n(0)] Change<Priority>),
    /// Who works on it; the first leads.
    #[n(6)]
    Assignees(#[n(0)] Change<Vec<MemberId>>),
    /// Its labels.
    #[n(7)]
    Labels(#[n(0)] Change<Vec<LabelId>>),
    /// The issue it is a part of.
    #[n(8)]
    Parent(#[n(0)] Change<Option<IssueId>>),
    /// Its size.
    #[n(9)]
    Estimate(#[n(0)] Change<Option<u32>>),
    /// The day work is meant to start.
    #[n(10)]
    StartDate(#[n(0)] Change<Option<CalendarDate>>),
    /// The day it is due.
    #[n(11)]
    DueDate(#[n(0)] Change<Option<CalendarDate>>),
    /// Its place among its fellows.
    #[n(12)]
    Rank(#[n(0)] Change<String>),
    /// Archived, or taken out of the archive.
    #[n(13)]
    Archived(#[n(0)] Change<Option<Timestamp>>),
    /// Deleted, or restored.
    #[n(14)]
    Deleted(#[n(0)] Change<Option<Timestamp>>),
    /// Its relations to others, those that are stored with it.
    #[n(15)]
    Relations(#[n(0)] Change<Vec<Relation>>),
    /// Another issue took up a relation to it, or gave it up. That one's row holds it; here it is history.
    #[n(16)]
    Referenced {
        /// The other issue.
        #[n(0)]
        by: IssueId,
        /// The kind of relation.
        #[n(1)]
        kind: RelationKind,
        /// Taken up; else given up.
        #[n(2)]
        added: bool,
    },
    /// Who sees it, where not everybody does who sees its team.
    #[n(17)]
    Confidential(#[n(0)] Change<Option<Confidential>>),
    /// It was moved to another version of its workflow, or to another workflow.
    #[n(18)]
    Flow {
        /// The workflows.
        #[n(0)]
        workflow: Change<WorkflowId>,
        /// Their versions; none: the first.
        #[n(1)]
        version: Change<Option<WorkflowVersionId>>,
    },
    /// Approval of a move: asked for (there was none), given or taken back, or ended (there is none any more).
    #[n(19)]
    Approval(#[n(0)] Change<Option<Box<Approval>>>),
}

impl IssueChange {
    /// The name of an event that holds just this change, such as `issue.transitioned`.
    #[must_use]
    pub fn event_name(&self) -> &'static str {
        match self {
            Self::State { .. } => "issue.transitioned",
            Self::Priority(_) => "issue.prioritized",
            Self::Assignees(_) => "issue.assigned",
            Self::Labels(_) => "issue.labeled",
            Self::Parent(_) => "issue.parent_changed",
            Self::Estimate(_) => "issue.estimated",
            Self::StartDate(_) | Self::DueDate(_) => "issue.scheduled",
            Self::Archived(Change { to: Some(_), .. }) => "issue.archived",
            Self::Archived(_) => "issue.unarchived",
            Self::Deleted(Change { to: Some(_), .. }) => "issue.deleted",
            Self::Deleted(_) => "issue.restored",
            Self::Relations(_) | Self::Referenced { .. } => "issue.related",
            Self::Confidential(_) => "issue.confidentiality_changed",
            Self::Flow { .. } => "issue.migrated",
            Self::Approval(Change { from: None, .. }) => "approval.requested",
            Self::Approval(Change { to: None, .. }) => "approval.ended",
            Self::Approval(Change { from: Some(from), to: Some(to) }) => {
                if from.grants.len() < to.grants.len() { "approval.granted" } else { "approval.withdrawn" }
            }
            Self::Title(_)
            | Self::Description { .. }
            | Self::Kind(_)
            | Self::Resolution(_)
            | Self::Rank(_) => "issue.updated",
        }
    }

    /// The name of the field that it is of, such as `dueDate`: in the audit log, and of what plugins amended.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Title(_) => "title",
            Self::Description { .. } => "description",
            Self::Kind(_) => "type",
            Self::State { .. } => "state",
            Self::Resolution(_) => "resolution",
            Self::Priority(_) => "priority",
            Self::Assignees(_) => "assignees",
            Self::Labels(_) => "labels",
            Self::Parent(_) => "parent",
            Self::Estimate(_) => "estimate",
            Self::StartDate(_) => "startDate",
            Self::DueDate(_) => "dueDate",
            Self::Rank(_) => "rank",
            Self::Archived(_) => "archived",
            Self::Deleted(_) => "deleted",
            Self::Confidential(_) => "confidential",
            Self::Flow { .. } => "workflow",
            Self::Approval(_) => "approvals",
            Self::Relations(_) | Self::Referenced { .. } => "relations",
        }
    }
}
