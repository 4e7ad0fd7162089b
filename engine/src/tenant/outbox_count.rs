//! How many messages of a tenant wait, so that its outbox has a bound.
//!
//! Counting reads all of them, and nobody writes meanwhile: so it is done rarely. It does not know who sends.

use super::LiveTenant;
use super::outboxes::waiting_mail;
use super::write::Waiting;
use super::writer::Writer;
use crate::draft::SideRecord;
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// How many messages wait, at most: those that were counted and those that were written since. That some were sent is
/// noticed when they are counted again.
#[derive(Debug, Default)]
pub(super) struct OutboxCount {
    /// None before they are counted first.
    most: Option<usize>,
    counted_at: Timestamp,
}

impl OutboxCount {
    /// A full outbox is counted again after this, in milliseconds.
    const COUNT_EVERY_MS: i64 = 10 * 1000;

    pub(super) fn has_room(&self, mails: usize, max: usize) -> bool {
        self.most.is_some_and(|most| most.saturating_add(mails) <= max)
    }

    /// Whether it was not counted a moment ago: counting reads all of it, and the writer stands meanwhile.
    pub(super) fn may_count(&self, now: Timestamp) -> bool {
        let again = self.counted_at.plus_millis(Self::COUNT_EVERY_MS);
        self.most.is_none() || again <= now || now < self.counted_at
    }

    pub(super) const fn counted(&mut self, there: usize, now: Timestamp) {
        (self.most, self.counted_at) = (Some(there), now);
    }

    /// So many were written.
    pub(super) fn add(&mut self, mails: usize) {
        self.most = self.most.map(|most| most.saturating_add(mails));
    }
}

impl LiveTenant {
    /// Refuses to write so many messages more where too many wait already: nobody may be sending them. The store is asked
    /// only where those that were written since it was would leave no room.
    pub(super) async fn room_in_outbox(
        &self,
        writer: &mut Writer,
        mails: usize,
        now: Timestamp,
    ) -> Result<()> {
        let max = self.shared.limits.outbox_max;
        if !writer.outbox.has_room(mails, max) && writer.outbox.may_count(now) {
            // Those on their way may not be in the store yet.
            let on_their_way: usize = self.waiting.lock().iter().map(Waiting::mails).sum();
            let stored = self.store.count(waiting_mail()).await?;
            writer.outbox.counted(stored.saturating_add(on_their_way), now);
        }
        if writer.outbox.has_room(mails, max) {
            return Ok(());
        }
        let message = format!("{max} messages of this company wait to be sent already: nothing was changed");
        Err(Error::unavailable(message))
    }
}

/// The messages among what a change carries.
pub(super) fn mails_of(records: &[SideRecord]) -> usize {
    records.iter().filter(|record| matches!(record, SideRecord::Mail(..))).count()
}
