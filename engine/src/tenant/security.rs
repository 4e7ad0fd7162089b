//! The security events of a tenant: written with the change they belong to, or counted first and written in time.
//!
//! Whatever changes a session or lets data out is written with it. What an attacker can cause at will (failures, refusals,
//! uses of keys) is noted in memory, and the keeper of the engine writes it: nobody waits, and the disk does not fill. A
//! tenant's desk outlives its stay in memory for the rest of the day, so that nothing is counted anew when it is loaded
//! again. Events follow each other in one chain; who appends to it holds the turn, and writes on the condition that the
//! place is free. It does not know why somebody was refused.

mod notes;
mod sealing;

pub(super) use sealing::put_dropped;

use super::LiveTenant;
use crate::context::Client;
use crate::entitlement::Entitlements;
use crate::error::{Error, Result};
use crate::event::{Actor, Subject};
use crate::id::TenantId;
use crate::log::{SecurityRecord, security_genesis};
use crate::model::{EntitlementKey, LogPlace, Seq};
use crate::rows::{self, SecurityKept, SecurityRow};
use crate::security::{CLOCK_BACK_MS, SecurityBody, SecurityEvent, SecurityKind, SecurityNote};
use crate::storage::{Batch, CommitOutcome, Scan, TenantStore};
use crate::time::Timestamp;
use notes::{Given, Notes};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Security events written with one commit of the keeper.
const PER_COMMIT: usize = 60;

/// The desks of all tenants of an engine.
#[derive(Default)]
pub(crate) struct Security(Mutex<FxHashMap<TenantId, Arc<Desk>>>);

/// Where a tenant's security events are counted and chained: some hundred bytes, and what is noted and was used on a day,
/// a few megabytes under attack.
#[derive(Default)]
pub(crate) struct Desk {
    /// The newest that is written; none when that is not known.
    tip: tokio::sync::Mutex<Option<Tip>>,
    notes: Mutex<Notes>,
    /// Who seals and drops holds it, and so does who verifies.
    sealing: tokio::sync::Mutex<()>,
    /// Who reads the audit log holds it: each reads many records.
    reading: tokio::sync::Mutex<()>,
}

/// The end of the chain.
#[derive(Clone, Copy)]
struct Tip {
    place: LogPlace,
    at: Timestamp,
}

/// Which of the noted events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those whose time has come.
    Due,
    /// All but those that are many.
    Now,
    /// All: there is no later.
    Last,
}

/// An event that is to be written.
pub(super) type Fresh = (SecurityKind, SecurityBody);

impl Security {
    /// The desk of a tenant.
    pub(super) fn desk(&self, tenant: TenantId) -> Arc<Desk> {
        self.0.lock().entry(tenant).or_default().clone()
    }

    /// The tenants of which something is to be written.
    pub(crate) fn waiting(&self, wanted: Wanted, now: Timestamp) -> Vec<TenantId> {
        let mut desks = self.0.lock();
        // One of a tenant that left is needed for as long as it knows something.
        desks.retain(|_, desk| Arc::strong_count(desk) > 1 || !desk.notes.lock().is_blank(now));
        desks.iter().filter(|(_, desk)| desk.notes.lock().any(wanted, now)).map(|(id, _)| *id).collect()
    }
}

impl LiveTenant {
    /// Counts an event; it is written in time.
    pub(crate) fn note(&self, note: SecurityNote) {
        self.desk.notes.lock().take(note, self.now(), &self.shared.limits);
    }

    /// Takes back what was noted of this and by way of this client, where it is not written yet: it came to nothing.
    pub(crate) fn withdraw_note(&self, kind: SecurityKind, about: Subject, client: &Client) {
        self.desk.notes.lock().withdraw(kind, about, client.address);
    }

    /// Counts a use of a key, a token or a visit, the first time on a day from a place.
    pub(crate) fn note_use(&self, used: (SecurityKind, Actor), about: Option<Subject>, client: &Client) {
        self.desk.notes.lock().take_use(used, about, client, self.now(), &self.shared.limits);
    }

    /// How many days back the company may see what happened.
    pub(crate) fn audit_days(&self, now: Timestamp) -> u64 {
        let record = self.record();
        let entitled = Entitlements::of(&record, &self.shared.tiers, now);
        entitled.limit(EntitlementKey::AuditRetentionDays).unwrap_or(u64::MAX)
    }

    /// The turn of who seals, drops or verifies.
    pub(crate) async fn sealing_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.desk.sealing.lock().await
    }

    /// The turn of who reads the audit log.
    pub(crate) async fn reading_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.desk.reading.lock().await
    }

    /// Notes that somebody was refused what they may not do, unless it was the engine itself.
    pub(crate) fn note_refusal(&self, cx: &crate::context::OpContext, what: &str) {
        self.note_refused(cx.principal.actor(), &cx.client_of_request(), what);
    }

    /// The same, where less is known of the request.
    pub(crate) fn note_refused(&self, actor: Actor, client: &Client, what: &str) {
        if actor != Actor::System {
            self.note(SecurityNote::new(SecurityKind::ActionRefused).by(actor).from(client).saying(what));
        }
    }

    /// Commits rows together with events that belong to them.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when one cannot be encoded, `UNAVAILABLE` when the chain cannot be read.
    pub(crate) async fn tell(&self, batch: Batch, notes: Vec<SecurityNote>) -> Result<CommitOutcome> {
        let now = self.now();
        let fresh = notes.into_iter().map(|note| (note.kind, note.into_body(1, now))).collect();
        self.append(batch, fresh).await
    }

    /// Writes an event down before what it tells of begins.
    ///
    /// # Errors
    ///
    /// As [`tell`](Self::tell); `UNAVAILABLE`, in the words of `unsaid`, when it could not be saved.
    pub(crate) async fn tell_first(&self, note: SecurityNote, unsaid: &'static str) -> Result<()> {
        match self.tell(Batch::new(), vec![note]).await? {
            CommitOutcome::Committed { .. } => Ok(()),
            outcome => Err(Error::unavailable(unsaid).with_source(format!("{outcome:?}"))),
        }
    }

    /// Writes what was noted. It must not be given up half way: what is on its way would be lost.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when it could not be saved: it is noted as before then. What may have been saved is told twice.
    pub(crate) async fn write_notes(&self, wanted: Wanted) -> Result<()> {
        loop {
            let given: Vec<Given> = {
                let mut notes = self.desk.notes.lock();
                notes.give(wanted, self.now(), &self.shared.limits, PER_COMMIT)
            };
            let last = given.len() < PER_COMMIT;
            if !given.is_empty() {
                let fresh = given.iter().map(Given::event).collect();
                let outcome = self.append(Batch::new(), fresh).await;
                if !matches!(outcome, Ok(CommitOutcome::Committed { .. })) {
                    self.desk.notes.lock().take_back(given, self.now(), &self.shared.limits);
                    let why = format!("{outcome:?}");
                    return Err(Error::unavailable("security events could not be saved; trying again")
                        .with_source(why));
                }
            }
            if last {
                return Ok(());
            }
        }
    }

    /// Appends events to the chain, in one commit with these rows.
    async fn append(&self, mut batch: Batch, fresh: Vec<Fresh>) -> Result<CommitOutcome> {
        let mut turn = self.desk.tip.lock().await;
        // Until it is known that this is written, the end of the chain is not known.
        let mut tip = match turn.take() {
            Some(tip) => tip,
            None => read_tip(&self.store).await?,
        };
        for (kind, body) in fresh {
            let (seq, at) = (tip.place.seq.next(), after(tip.at, self.now()));
            let event = SecurityEvent { seq, at, kind, body: Some(body) };
            let record = SecurityRecord::of(&event, &tip.place.hash, super::batch::salt()?)?;
            tip = Tip { place: LogPlace { seq, hash: record.hash() }, at };
            batch.expect_absent(rows::security(seq));
            batch.insert(rows::security(seq), &SecurityRow::Event(record))?;
        }
        let outcome = self.store.commit(batch).await;
        if matches!(outcome, CommitOutcome::Committed { .. }) {
            *turn = Some(tip);
        }
        Ok(outcome)
    }

    /// How far the security events have come.
    pub(crate) async fn security_tip(&self) -> Result<LogPlace> {
        let mut turn = self.desk.tip.lock().await;
        let tip = match *turn {
            Some(tip) => tip,
            None => read_tip(&self.store).await?,
        };
        *turn = Some(tip);
        Ok(tip.place)
    }
}

/// When an event is written down that follows one of this time. Where that is far ahead, the clock was wrong, and one wrong
/// time is enough.
fn after(tip: Timestamp, now: Timestamp) -> Timestamp {
    if tip > now.plus_millis(CLOCK_BACK_MS) { now } else { now.max(tip) }
}

/// The end of the chain, from the store.
async fn read_tip(store: &TenantStore) -> Result<Tip> {
    let newest = Scan::prefix(&rows::security_events()).backward().limit(1);
    let newest = store.scan::<SecurityRow>(newest).await?.entries.pop();
    let Some((_, row)) = newest else {
        let hash = security_genesis(store.tenant());
        return Ok(Tip { place: LogPlace { seq: Seq::default(), hash }, at: Timestamp::from_millis(0) });
    };
    let record = event_of(row)?;
    let event = record.event()?;
    Ok(Tip { place: LogPlace { seq: event.seq, hash: record.hash() }, at: event.at })
}

/// The event in a row among the events.
pub(crate) fn event_of(row: SecurityRow) -> Result<SecurityRecord> {
    match row {
        SecurityRow::Event(record) => Ok(record),
        SecurityRow::Kept(_) | SecurityRow::For(_) => {
            Err(Error::internal("another row lies among the security events"))
        }
    }
}

/// What the log last said of the security events.
pub(crate) async fn kept(store: &TenantStore) -> Result<SecurityKept> {
    match store.get::<SecurityRow>(&rows::security_kept()).await? {
        Some(SecurityRow::Kept(kept)) => Ok(kept),
        Some(SecurityRow::Event(_) | SecurityRow::For(_)) => {
            Err(Error::internal("another row lies where it is said how far they are kept"))
        }
        None => {
            let begin = LogPlace { seq: Seq::default(), hash: security_genesis(store.tenant()) };
            Ok(SecurityKept { sealed: begin, dropped: begin })
        }
    }
}
