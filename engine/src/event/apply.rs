//! What an event does to a row. The writer and the check use the same functions, so that replaying the log gives
//! the rows again.

use super::{Event, EventBody, IssueChange};
use crate::id::MemberId;
use crate::model::{Approval, Comment, Commenter, Issue, Past, Seq, StateCategory};
use crate::time::Timestamp;

impl Issue {
    /// The row that these events about one issue make, oldest first; none unless the first says how it was made. What an
    /// erased event did is not in it.
    pub fn replay<'e>(events: impl IntoIterator<Item = &'e Event>) -> Option<Self> {
        let mut events = events.into_iter();
        let Some(EventBody::IssueCreated { issue, description }) = &events.next()?.body else { return None };
        let mut row = Self::clone(issue);
        row.set_description(description.as_deref());
        for event in events {
            row.take(event);
        }
        Some(row)
    }

    /// Takes an event about this issue that came after it was made.
    pub fn take(&mut self, event: &Event) {
        let (seq, at) = (event.seq, event.at);
        match &event.body {
            Some(EventBody::IssueUpdated { changes }) => self.apply(changes, seq, at),
            Some(EventBody::CommentCreated { comment }) => self.commented(comment.author, seq, at),
            Some(EventBody::CommentDeleted { author, .. }) => self.uncommented(*author, seq, at),
            _ => self.touch(seq, at),
        }
    }

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
            IssueChange::Description { to, .. } => self.set_description(to.as_deref()),
            IssueChange::Kind(c) => {
                Past::note(&mut self.past.kinds, [c.from]);
                self.kind = c.to;
            }
            IssueChange::State { state, category, .. } => {
                Past::note(&mut self.past.states, [state.from]);
                if category.from != category.to {
                    Past::note(&mut self.past.categories, [category.from]);
                }
                self.state = state.to;
                self.state_since = Some(at);
                self.enter(category.from, category.to, at);
            }
            IssueChange::Resolution(c) => {
                Past::note(&mut self.past.resolutions, c.from);
                self.resolution = c.to;
            }
            IssueChange::Priority(c) => {
                Past::note(&mut self.past.priorities, [c.from]);
                self.priority = c.to;
            }
            IssueChange::Assignees(c) => {
                let left = c.from.iter().filter(|id| !c.to.contains(id));
                Past::note(&mut self.past.assignees, left.copied());
                self.assignees.clone_from(&c.to);
            }
            IssueChange::Labels(c) => {
                let left = c.from.iter().filter(|id| !c.to.contains(id));
                Past::note(&mut self.past.labels, left.copied());
                self.labels.clone_from(&c.to);
            }
            IssueChange::Relations(c) => self.relations.clone_from(&c.to),
            IssueChange::Flow { version, .. } => self.workflow_version = version.to,
            IssueChange::Approval(c) => self.set_approval(c.from.as_deref(), c.to.as_deref()),
            IssueChange::Referenced { .. } => {}
            IssueChange::Parent(c) => self.parent = c.to,
            IssueChange::Estimate(c) => self.estimate = c.to,
            IssueChange::StartDate(c) => self.start_date = c.to,
            IssueChange::DueDate(c) => self.due_date = c.to,
            IssueChange::Rank(c) => self.rank.clone_from(&c.to),
            IssueChange::Archived(c) => self.archived_at = c.to,
            IssueChange::Deleted(c) => self.deleted_at = c.to,
            IssueChange::Confidential(c) => self.confidential.clone_from(&c.to),
        }
    }

    /// Puts one form of an approval in the place of another.
    pub(super) fn set_approval(&mut self, from: Option<&Approval>, to: Option<&Approval>) {
        let Some(state) = from.or(to).map(|approval| approval.to) else { return };
        self.approvals.retain(|approval| approval.to != state);
        if let Some(approval) = to {
            let at = self.approvals.partition_point(|other| other.to < state);
            self.approvals.insert(at, approval.clone());
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
    pub fn commented(&mut self, author: MemberId, seq: Seq, at: Timestamp) {
        self.count_comment(author);
        self.touch(seq, at);
    }

    /// Notes that a comment was deleted.
    pub fn uncommented(&mut self, author: Option<MemberId>, seq: Seq, at: Timestamp) {
        self.discount_comment(author);
        self.touch(seq, at);
    }

    pub(super) fn count_comment(&mut self, author: MemberId) {
        self.comment_count = self.comment_count.saturating_add(1);
        match self.commenters.binary_search_by_key(&author, |c| c.member) {
            Ok(at) => {
                if let Some(commenter) = self.commenters.get_mut(at) {
                    commenter.comments = commenter.comments.saturating_add(1);
                }
            }
            Err(at) => self.commenters.insert(at, Commenter { member: author, comments: 1 }),
        }
    }

    pub(super) fn discount_comment(&mut self, author: Option<MemberId>) {
        self.comment_count = self.comment_count.saturating_sub(1);
        for commenter in self.commenters.iter_mut().filter(|c| Some(c.member) == author) {
            commenter.comments = commenter.comments.saturating_sub(1);
        }
        self.commenters.retain(|c| c.comments > 0);
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
