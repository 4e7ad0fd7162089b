//! What undoing an event does to a row: the exact inverse of what the event did.
//!
//! Events hold what was before, so that a row can be taken back step by step without being made anew from the first
//! event. Three things cannot be: the text of a description (only what it became is kept, and how long it was before), what
//! an erased event did, and what the issue once had: [`Issue::past`] stays, and so says more than was true then.

use super::{Event, EventBody, IssueChange};
use crate::model::{Dates, Issue};

/// What of a row is not known after an event about it was undone. Older events of the issue say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unknown {
    /// The text of the description: the row has none.
    pub description: bool,
    /// How long the description was: the event was erased, or it is of an earlier version.
    pub size: bool,
    /// Other fields: the event was erased, or it is of an earlier version, and does not hold the dates before it.
    pub fields: bool,
}

impl Unknown {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            description: self.description || other.description,
            size: self.size || other.size,
            fields: self.fields || other.fields,
        }
    }
}

impl Issue {
    /// Makes the row what it was before its newest event. That must be this one, and not the one that made the issue:
    /// before that there was no row.
    pub fn undo(&mut self, event: &Event) -> Unknown {
        let mut unknown = Unknown { fields: event.updated_before.is_none(), ..Unknown::default() };
        match &event.body {
            None => unknown = Unknown { description: true, size: true, fields: true },
            Some(EventBody::IssueUpdated { changes }) => {
                for change in changes.iter().rev() {
                    unknown = unknown.and(self.undo_one(change));
                }
            }
            Some(EventBody::CommentCreated { comment }) => self.discount_comment(Some(comment.author)),
            Some(EventBody::CommentDeleted { author: Some(author), .. }) => self.count_comment(*author),
            Some(EventBody::CommentDeleted { author: None, .. }) => {
                self.comment_count = self.comment_count.saturating_add(1);
            }
            Some(_) => {}
        }
        self.updated_at = event.updated_before.unwrap_or(self.updated_at);
        self.version = self.version.saturating_sub(1);
        self.last_event = event.previous.unwrap_or_default();
        unknown
    }

    fn undo_one(&mut self, change: &IssueChange) -> Unknown {
        match change {
            IssueChange::Title(c) => self.title.clone_from(&c.from),
            IssueChange::Description { bytes_before, .. } => {
                self.description = None;
                self.description_bytes = bytes_before.unwrap_or_default();
                return Unknown { description: true, size: bytes_before.is_none(), ..Unknown::default() };
            }
            IssueChange::Kind(c) => self.kind = c.from,
            IssueChange::State { state, category, before } => {
                self.state = state.from;
                self.category = category.from;
                match before {
                    Some(dates) => self.set_dates(dates),
                    None => return Unknown { fields: true, ..Unknown::default() },
                }
            }
            IssueChange::Resolution(c) => self.resolution = c.from,
            IssueChange::Priority(c) => self.priority = c.from,
            IssueChange::Assignees(c) => self.assignees.clone_from(&c.from),
            IssueChange::Labels(c) => self.labels.clone_from(&c.from),
            IssueChange::Relations(c) => self.relations.clone_from(&c.from),
            IssueChange::Flow { version, .. } => self.workflow_version = version.from,
            IssueChange::Approval(c) => self.set_approval(c.to.as_deref(), c.from.as_deref()),
            IssueChange::Referenced { .. } => {}
            IssueChange::Parent(c) => self.parent = c.from,
            IssueChange::Estimate(c) => self.estimate = c.from,
            IssueChange::StartDate(c) => self.start_date = c.from,
            IssueChange::DueDate(c) => self.due_date = c.from,
            IssueChange::Rank(c) => self.rank.clone_from(&c.from),
            IssueChange::Archived(c) => self.archived_at = c.from,
            IssueChange::Deleted(c) => self.deleted_at = c.from,
            IssueChange::Confidential(c) => self.confidential.clone_from(&c.from),
        }
        Unknown::default()
    }

    const fn set_dates(&mut self, dates: &Dates) {
        self.triaged_at = dates.triaged_at;
        self.started_at = dates.started_at;
        self.completed_at = dates.completed_at;
        self.canceled_at = dates.canceled_at;
        self.state_since = dates.state_since;
        self.reopen_count = dates.reopen_count;
    }
}

#[cfg(test)]
mod tests;
