//! How many issues a company has, as they are counted against what it may have.
//!
//! An issue counts from when it is made. A deleted one counts on for some time, so that deleting and making anew is no
//! way around the limit; then it is as good as gone, and taking it back takes room again. It does not know the limit.

use crate::id::IssueId;
use crate::model::Issue;
use crate::time::{DAY_MS, Timestamp};
use std::collections::BTreeSet;

/// A deleted issue counts for so long after: 30 days.
pub const DELETED_COUNTS_MS: i64 = 30 * DAY_MS;

/// Issues of one company. Kept up with every change; equal to a recount at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssueCount {
    /// Issues that are not deleted.
    present: u64,
    /// Issues that were deleted lately, by when that was.
    deleted: BTreeSet<(Timestamp, IssueId)>,
}

impl IssueCount {
    /// A count from its parts: issues that are not deleted, and deleted ones with the time of it.
    pub fn new(present: u64, deleted: impl IntoIterator<Item = (Timestamp, IssueId)>) -> Self {
        Self { present, deleted: deleted.into_iter().collect() }
    }

    /// Takes an issue as it became; `before` is how it was, if it was there.
    pub fn note(&mut self, before: Option<&Issue>, after: &Issue) {
        let was = before.map(|issue| issue.deleted_at);
        if was == Some(after.deleted_at) {
            return;
        }
        match was {
            Some(None) => self.present = self.present.saturating_sub(1),
            Some(Some(at)) => {
                self.deleted.remove(&(at, after.id));
            }
            None => {}
        }
        match after.deleted_at {
            None => self.present = self.present.saturating_add(1),
            Some(at) => {
                self.deleted.insert((at, after.id));
            }
        }
    }

    /// Forgets deleted issues that count no more.
    pub fn forget(&mut self, now: Timestamp) {
        while self.deleted.first().is_some_and(|(at, _)| !still_counts(*at, now)) {
            self.deleted.pop_first();
        }
    }

    /// How many count now.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> u64 {
        let gone = self.deleted.iter().take_while(|(at, _)| !still_counts(*at, now)).count();
        self.present.saturating_add(self.deleted.len().saturating_sub(gone) as u64)
    }
}

/// Whether an issue that was deleted then counts now.
#[must_use]
pub const fn still_counts(deleted_at: Timestamp, now: Timestamp) -> bool {
    now.millis() < deleted_at.millis().saturating_add(DELETED_COUNTS_MS)
}
