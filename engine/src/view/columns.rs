//! The columns of one issue: what is filtered and ordered by, and nothing else.

use super::fold;
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{Issue, IssueKind, Priority, Resolution, StateCategory};
use crate::time::{CalendarDate, Timestamp};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    pub(super) id: IssueId,
    pub(super) team: TeamId,
    pub(super) state: StateId,
    pub(super) creator: MemberId,
    pub(super) parent: Option<IssueId>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) started_at: Option<Timestamp>,
    pub(super) completed_at: Option<Timestamp>,
    pub(super) canceled_at: Option<Timestamp>,
    pub(super) archived_at: Option<Timestamp>,
    pub(super) version: u64,
    pub(super) title: Box<str>,
    /// The title with case and accents folded; none when that is the title itself.
    folded: Option<Box<str>>,
    pub(super) rank: Box<str>,
    pub(super) assignees: Box<[MemberId]>,
    pub(super) labels: Box<[LabelId]>,
    pub(super) start_date: Option<CalendarDate>,
    pub(super) due_date: Option<CalendarDate>,
    pub(super) estimate: Option<u32>,
    pub(super) number: u32,
    pub(super) category: StateCategory,
    pub(super) kind: IssueKind,
    pub(super) priority: Priority,
    pub(super) resolution: Option<Resolution>,
    pub(super) deleted: bool,
}

impl Columns {
    pub(super) fn of(issue: &Issue) -> Self {
        let folded = fold(&issue.title);
        Self {
            id: issue.id,
            team: issue.team,
            state: issue.state,
            creator: issue.creator,
            parent: issue.parent,
            created_at: issue.created_at,
            updated_at: issue.updated_at,
            started_at: issue.started_at,
            completed_at: issue.completed_at,
            canceled_at: issue.canceled_at,
            archived_at: issue.archived_at,
            version: issue.version,
            folded: (folded != issue.title).then(|| folded.into_boxed_str()),
            title: issue.title.as_str().into(),
            rank: issue.rank.as_str().into(),
            assignees: issue.assignees.as_slice().into(),
            labels: issue.labels.as_slice().into(),
            start_date: issue.start_date,
            due_date: issue.due_date,
            estimate: issue.estimate,
            number: issue.number,
            category: issue.category,
            kind: issue.kind,
            priority: issue.priority,
            resolution: issue.resolution,
            deleted: issue.deleted_at.is_some(),
        }
    }

    /// The title with case and accents folded.
    pub(super) fn folded_title(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.title)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let texts = self.title.len() + self.folded.as_ref().map_or(0, |f| f.len()) + self.rank.len();
        size_of::<Self>() + texts + (self.assignees.len() + self.labels.len()) * 16
    }
}
