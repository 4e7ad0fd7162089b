//! What an event does to a row. The writer and the check use the same functions, so that replaying the log gives
//! the rows again.

use super::IssueChange;
use crate::model::{Comment, Issue, Seq, StateCategory};
use crate::time::Timestamp;

impl Issue {
    /// Applies the changes of one event at its place and time.
    pub fn apply(&mut self, changes: &[IssueChange], seq: Seq, at: Timestamp) {
        for change in changes {
            self.apply_one(change, at);
        }
        self.touch(seq, at);
    }

    fn apply_one(&mut self, change: &IssueChange, at: Timestamp) {
        match change {
            IssueChange::Title(c) => self.title.clone_from(&c.to),
            IssueChange::Description { to } => self.set_description(to.as_deref()),
            IssueChange::Kind(c) => self.kind = c.to,
            IssueChange::State { state, category } => {
                self.state = state.to;
                self.enter(category.from, category.to, at);
            }
            IssueChange::Resolution(c) => self.resolution = c.to,
            IssueChange::Priority(c) => self.priority = c.to,
            IssueChange::Assignees(c) => self.assignees.clone_from(&c.to),
            IssueChange::Labels(c) => self.labels.clone_from(&c.to),
            IssueChange::Parent(c) => self.parent = c.to,
            IssueChange::Estimate(c) => self.estimate = c.to,
            IssueChange::StartDate(c) => self.start_date = c.to,
            IssueChange::DueDate(c) => self.due_date = c.to,
            IssueChange::Rank(c) => self.rank.clone_from(&c.to),
            IssueChange::Archived(c) => self.archived_at = c.to,
            IssueChange::Deleted(c) => self.deleted_at = c.to,
        }
    }

    /// Enters a category: the dates that say how far the work has come follow from it.
    pub fn enter(&mut self, from: StateCategory, to: StateCategory, at: Timestamp) {
        self.category = to;
        if from == StateCategory::Triage && to != StateCategory::Triage {
            self.triaged_at = self.triaged_at.or(Some(at));
        }
        if from.is_terminal() && !to.is_terminal() {
            self.reopen_count = self.reopen_count.saturating_add(1);
            self.started_at = None;
        }
        if to == StateCategory::Started {
            self.started_at = self.started_at.or(Some(at));
        }
        self.completed_at = (to == StateCategory::Completed).then(|| self.completed_at.unwrap_or(at));
        self.canceled_at = (to == StateCategory::Canceled).then(|| self.canceled_at.unwrap_or(at));
    }

    /// Notes that a comment was written: it counts, and the issue is fresh again.
    pub fn commented(&mut self, seq: Seq, at: Timestamp) {
        self.comment_count = self.comment_count.saturating_add(1);
        self.touch(seq, at);
    }

    /// Notes that a comment was deleted.
    pub fn uncommented(&mut self, seq: Seq, at: Timestamp) {
        self.comment_count = self.comment_count.saturating_sub(1);
        self.touch(seq, at);
    }

    /// Notes an event about this issue: the row is one version further and leads its chain.
    pub fn touch(&mut self, seq: Seq, at: Timestamp) {
        self.updated_at = self.updated_at.max(at);
        self.version = self.version.saturating_add(1);
        self.last_event = seq;
    }
}

impl Comment {
    /// Applies an edit of the text.
    pub fn edit(&mut self, body: &str, at: Timestamp) {
        body.clone_into(&mut self.body);
        self.edited_at = Some(at);
        self.updated_at = at;
        self.version = self.version.saturating_add(1);
    }

    /// Applies a deletion: the text goes, the place in the thread stays.
    pub fn delete(&mut self, at: Timestamp) {
        self.body.clear();
        self.deleted_at = Some(at);
        self.updated_at = at;
        self.version = self.version.saturating_add(1);
    }
}
