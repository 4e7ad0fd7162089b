//! Chains of events: each event about an issue names the one before it, and many chains are walked at once.
//!
//! What lies in a chain is read as far as it is wanted and no further, within an [`Allowance`]. This module knows no
//! filter: it hands events over, newest first.

use super::LiveTenant;
use crate::access::Scope;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Event;
use crate::log::LogRecord;
use crate::model::Seq;
use crate::storage::Key;
use std::ops::ControlFlow;

/// Log records read from the store at once. A record holds at most a description, 256 KiB unless the limits say other.
const AT_ONCE: usize = 128;

/// A bound on what one request may read.
#[derive(Debug)]
pub(crate) struct Bound {
    /// What is counted.
    pub(crate) what: &'static str,
    /// The name of the bound among the [`Limits`](crate::Limits).
    pub(crate) limit: &'static str,
    /// The part of the request that asks for it.
    pub(crate) field: &'static str,
    /// What to do instead.
    pub(crate) advice: &'static str,
}

/// How much one request may still read.
#[derive(Debug)]
pub(crate) struct Allowance {
    bound: &'static Bound,
    max: u64,
    left: u64,
}

impl Allowance {
    /// So much.
    pub(crate) const fn new(bound: &'static Bound, max: u64) -> Self {
        Self { bound, max, left: max }
    }

    /// Takes so much of what is left.
    ///
    /// # Errors
    ///
    /// `TOO_COSTLY`, naming the bound, when not so much is left.
    pub(crate) fn take(&mut self, count: u64) -> Result<()> {
        let Some(left) = self.left.checked_sub(count) else { return Err(self.exceeded()) };
        self.left = left;
        Ok(())
    }

    fn exceeded(&self) -> Error {
        let (Bound { what, limit, field, advice }, max) = (self.bound, self.max);
        let message = format!(
            "to answer this, more than {max} {what} would have to be read, which is the limit `{limit}`: {advice}"
        );
        Error::new(ErrorCode::TooCostly, message).with_field(*field)
    }
}

impl LiveTenant {
    /// The events at these places of the log, in their order.
    pub(crate) async fn events_at(&self, _: &Scope, places: &[Seq]) -> Result<Vec<Event>> {
        let mut events = Vec::with_capacity(places.len());
        for places in places.chunks(AT_ONCE) {
            let keys: Vec<_> = places.iter().map(|seq| Key::log(seq.0)).collect();
            let records = self.store.get_many::<LogRecord>(&keys).await?;
            for (record, seq) in records.iter().zip(places) {
                let record =
                    record.as_ref().ok_or_else(|| Error::internal(format!("there is no event {seq}")))?;
                events.push(record.event()?);
            }
        }
        Ok(events)
    }

    /// Walks chains of events, each from the event it starts with towards the first: `take` is given the number of the
    /// chain and the event, and says whether to go on with that chain.
    pub(crate) async fn walk_chains(
        &self,
        scope: &Scope,
        starts: &[Seq],
        allowance: &mut Allowance,
        mut take: impl FnMut(usize, Event) -> ControlFlow<()> + Send,
    ) -> Result<()> {
        let mut waiting = starts.iter().copied().enumerate().filter(|(_, seq)| *seq != Seq::default());
        let mut open: Vec<(Seq, usize)> = Vec::new();
        loop {
            let room = AT_ONCE.saturating_sub(open.len());
            open.extend(waiting.by_ref().take(room).map(|(chain, seq)| (seq, chain)));
            if open.is_empty() {
                return Ok(());
            }
            allowance.take(open.len() as u64)?;
            // Neighbours in the log lie together in the store.
            open.sort_unstable();
            let places: Vec<_> = open.iter().map(|(seq, _)| *seq).collect();
            let events = self.events_at(scope, &places).await?;
            let mut next = Vec::with_capacity(open.len());
            for ((_, chain), event) in open.into_iter().zip(events) {
                let previous = event.previous;
                if take(chain, event).is_continue() {
                    next.extend(previous.map(|seq| (seq, chain)));
                }
            }
            open = next;
        }
    }
}
