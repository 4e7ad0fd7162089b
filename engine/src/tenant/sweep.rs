//! Sweeping: rows that have outlived their use are removed, so that nothing grows for ever.

use super::LiveTenant;
use crate::error::Result;
use crate::identity::OneTimeRecord;
use crate::rows::{self, IdempotencyRecord, OutboxRow, SessionRow, tag};
use crate::storage::{Batch, CommitOutcome, Key, Record, Scan};
use crate::time::{DAY_MS, Timestamp};

/// Rows removed with one commit.
const PER_COMMIT: usize = 50;

/// Sessions that ended or expired stay so long, for those who ask why they were signed out: a week.
const ENDED_SESSION_KEPT_MS: i64 = 7 * DAY_MS;

/// A message, sent or given up or neither, is gone after so many times as long as it may wait.
const MAIL_SWEPT_AFTER: i64 = 10;

impl LiveTenant {
    /// Removes answers to idempotency keys that are no longer kept, one-time tokens whose time is over, sessions and messages
    /// that are long over, and what removed plugins left; then seals security events, and lets those go that are no longer kept.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let now = self.shared.clock.now();
        let kept = self.shared.limits.idempotency_kept_ms;
        self.sessions().lock().forget(now);
        self.sweep_rows::<IdempotencyRecord>(tag::IDEMPOTENCY, |row| row.at.plus_millis(kept) <= now).await?;
        self.sweep_rows::<OneTimeRecord>(tag::ONE_TIME, |row| row.is_over(now.millis())).await?;
        self.sweep_rows::<SessionRow>(tag::SESSION, |row| {
            row.over_since() <= now.plus_millis(-ENDED_SESSION_KEPT_MS)
        })
        .await?;
        // Messages that nobody sends: whoever sends some gives these up in their turn.
        let kept = self.shared.limits.mail_kept_ms;
        self.sweep_rows::<OutboxRow>(tag::OUTBOX, |row| {
            let over = |at: Timestamp| at.plus_millis(kept.saturating_mul(MAIL_SWEPT_AFTER)) <= now;
            row.lost_at.or(row.written_at).is_some_and(over)
        })
        .await?;
        self.sweep_plugins().await?;
        self.seal_security().await
    }

    async fn sweep_rows<R: Record + Send + 'static>(
        &self,
        tag: u8,
        over: impl Fn(&R) -> bool + Send + Sync,
    ) -> Result<()> {
        let mut scan = Scan::prefix(&rows::all(tag)).limit(500);
        loop {
            let page = self.store().scan::<R>(scan.clone()).await?;
            let old: Vec<Key> = page
                .entries
                .iter()
                .filter(|(_, row)| over(row))
                .map(|(key, _)| Key::from_stored(key))
                .collect();
            for keys in old.chunks(PER_COMMIT) {
                if !self.quiet(async || self.remove(keys, &over).await).await? {
                    return Ok(());
                }
            }
            match page.entries.last() {
                Some((last, _)) if page.more => scan = scan.after(last),
                _ => return Ok(()),
            }
        }
    }
}

impl LiveTenant {
    /// Removes those of these rows that are still over: a key that was used anew meanwhile has a new answer. Nothing
    /// else is written meanwhile. False when it could not be done.
    async fn remove<R: Record + Send + 'static>(
        &self,
        keys: &[Key],
        over: &(impl Fn(&R) -> bool + Send + Sync),
    ) -> Result<bool> {
        let rows = self.store().get_many::<R>(keys).await?;
        let mut batch = Batch::new();
        for (key, _) in keys.iter().zip(rows).filter(|(_, row)| row.as_ref().is_some_and(over)) {
            batch.delete(key.clone());
        }
        Ok(matches!(self.store().commit(batch).await, CommitOutcome::Committed { .. }))
    }
}

impl SessionRow {
    /// When the session ended or will expire.
    fn over_since(&self) -> Timestamp {
        let ended = self.ended_at().map(|(_, at)| at);
        ended.unwrap_or_else(|| Timestamp::from_millis(self.family.expires_ms))
    }
}
