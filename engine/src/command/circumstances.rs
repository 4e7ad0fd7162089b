//! Under which circumstances a command decides beside its own words: what plugins amended so far, whether the rules of a move
//! are judged yet, and the ids of what is new, which stay the same however often it decides.
//!
//! A request that plugins take part in is decided more than once: as it was asked, with each amendment, and at last by the
//! rules of the workflow. This module asks no plugin.

use super::issue::IssuePatch;
use crate::draft::About;
use crate::error::Error;
use crate::id::{CommentId, IssueId};
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};

/// See the module. The default is that of a request that no plugin takes part in.
#[derive(Debug, Default)]
pub(crate) struct Circumstances {
    /// The guards and effects of moves are not judged yet: what is amended may be what a guard asks for.
    pub(crate) guards_later: bool,
    amended: FxHashMap<IssueId, IssuePatch>,
    refused: FxHashMap<About, Error>,
    fresh: Mutex<Fresh>,
    /// Issues whose amendments a decision has taken in.
    taken: Mutex<FxHashSet<IssueId>>,
}

#[derive(Debug, Default)]
struct Fresh {
    issues: Vec<IssueId>,
    comments: Vec<CommentId>,
    next: (usize, usize),
}

impl Circumstances {
    /// Before a decision: ids are given out from the first again.
    pub(crate) fn begin(&self) {
        self.fresh.lock().next = (0, 0);
        self.taken.lock().clear();
    }

    /// The id of the next new issue.
    pub(crate) fn fresh_issue(&self) -> IssueId {
        let mut fresh = self.fresh.lock();
        let at = fresh.next.0;
        fresh.next.0 = at.saturating_add(1);
        if let Some(id) = fresh.issues.get(at) {
            return *id;
        }
        let id = IssueId::generate();
        fresh.issues.push(id);
        id
    }

    /// The id of the next new comment.
    pub(crate) fn fresh_comment(&self) -> CommentId {
        let mut fresh = self.fresh.lock();
        let at = fresh.next.1;
        fresh.next.1 = at.saturating_add(1);
        if let Some(id) = fresh.comments.get(at) {
            return *id;
        }
        let id = CommentId::generate();
        fresh.comments.push(id);
        id
    }

    /// What plugins amended of an issue so far. Whoever asks takes it in.
    pub(crate) fn amendment(&self, issue: IssueId) -> Option<&IssuePatch> {
        let found = self.amended.get(&issue)?;
        self.taken.lock().insert(issue);
        Some(found)
    }

    /// The amendments that the decision did not take in by itself, such as those that go with a comment.
    pub(crate) fn left(&self) -> Vec<(IssueId, &IssuePatch)> {
        let taken = self.taken.lock();
        self.amended
            .iter()
            .filter(|(issue, _)| !taken.contains(issue))
            .map(|(id, patch)| (*id, patch))
            .collect()
    }

    /// Adds an amendment. Answers what stood there before, for [`Circumstances::restore`].
    pub(crate) fn amend(&mut self, issue: IssueId, patch: IssuePatch) -> Option<IssuePatch> {
        let before = self.amended.get(&issue).cloned();
        let after = before.clone().unwrap_or_default().amended_by(patch);
        self.amended.insert(issue, after);
        before
    }

    /// Takes the newest amendment of an issue back.
    pub(crate) fn restore(&mut self, issue: IssueId, before: Option<IssuePatch>) {
        match before {
            Some(before) => self.amended.insert(issue, before),
            None => self.amended.remove(&issue),
        };
    }

    /// A plugin said no to this part of a request: one that goes on without it does.
    pub(crate) fn refuse(&mut self, about: About, error: &Error) {
        self.refused.insert(about, error.again());
    }

    /// Why an issue may not be made or changed so, if a plugin said so.
    pub(crate) fn refusal(&self, issue: IssueId) -> Option<Error> {
        self.refused.get(&About { issue, comment: false }).map(Error::again)
    }

    /// Why nothing may be said on an issue, if a plugin said so.
    pub(crate) fn refusal_of_comment(&self, issue: IssueId) -> Option<Error> {
        self.refused.get(&About { issue, comment: true }).map(Error::again)
    }
}
