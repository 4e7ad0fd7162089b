//! Followers: readers of a tenant's log, each at its own pace, with a stored cursor of its own.
//!
//! Whatever should happen after a change, happens in a follower: it reads facts that are durable, does its work, and
//! stores how far it came. After an interruption it reads again from there, so it does everything at least once. A
//! cursor can be thrown away; the follower then starts from the first event. This module knows no particular follower.

use crate::error::{Error, Result};
use crate::event::Event;
use crate::log::LogRecord;
use crate::model::Seq;
use crate::rows::{self, FollowerCursor};
use crate::storage::{Batch, CommitOutcome, TenantStore, decode};
use crate::tenant::{LiveTenant, NewsOf};

/// Events that are given at once at most.
const EVENTS_MAX: usize = 1_000;

/// A named reader of one tenant's log; see [`Engine::follow`](crate::Engine::follow). It does not keep the tenant in
/// memory.
pub struct Follower {
    store: TenantStore,
    news: NewsOf,
    name: String,
    at: Seq,
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follower").field("name", &self.name).field("at", &self.at).finish_non_exhaustive()
    }
}

impl Follower {
    pub(crate) async fn open(live: &LiveTenant, name: &str) -> Result<Self> {
        let (store, news) = (live.store().clone(), live.news());
        let cursor = store.get::<FollowerCursor>(&rows::follower(name)).await?;
        Ok(Self { store, news, name: name.to_owned(), at: cursor.map(|c| c.seq).unwrap_or_default() })
    }

    /// The place it has read up to.
    #[must_use]
    pub const fn at(&self) -> Seq {
        self.at
    }

    /// Goes on behind this place, unless it has come further: for who does nothing about what is before, or has stored this
    /// place together with what was done. It is not stored here.
    pub fn pass(&mut self, seq: Seq) {
        self.at = self.at.max(seq);
    }

    /// The next events, at most `limit` (and 1,000), in order; waits until there is one.
    ///
    /// Reading alone moves nothing: [`Follower::done`] does.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the tenant is being loaded again: open the follower anew.
    pub async fn next(&self, limit: usize) -> Result<Vec<Event>> {
        self.news.wait_for(self.at.next()).await?;
        let records = self.store.changes(self.at.0, limit.min(EVENTS_MAX)).await?;
        records.iter().map(|(_, bytes)| decode::<LogRecord>(bytes)?.event()).collect()
    }

    /// Stores that everything up to this place is done.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it could not be saved; the events come again.
    pub async fn done(&mut self, seq: Seq) -> Result<()> {
        let mut batch = Batch::new();
        batch.insert(rows::follower(&self.name), &FollowerCursor { seq })?;
        match self.store.commit(batch).await {
            CommitOutcome::Committed { .. } => {
                self.at = seq;
                Ok(())
            }
            outcome => {
                Err(Error::unavailable("the follower's place could not be saved; its events come again")
                    .with_source(format!("{outcome:?}")))
            }
        }
    }
}
