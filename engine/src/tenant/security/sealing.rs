//! Sealing: now and then the log says how far the security events had come, and the oldest of them go.
//!
//! What the log has said of them cannot be changed without the log. It says so of what lies behind the present day, so that
//! a company in which nothing happens writes nothing. What goes and the event that says so are in one batch. They are kept
//! for as long as the company may see them. A company that may see less by now loses none by that: what was written before is
//! kept as it was to be kept, and so is what follows it, for only the oldest can go.

use super::{event_of, kept};
use crate::command::SealSecurity;
use crate::context::{OpContext, Principal};
use crate::draft::SecurityDropped;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Origin;
use crate::log::SecurityRecord;
use crate::model::{LogPlace, Seq};
use crate::rows::{self, SecurityKept, SecurityKeptFor, SecurityRow};
use crate::security::{CLOCK_BACK_MS, SECURITY_KEPT_MIN_MS, days_ms};
use crate::storage::{Batch, CommitOutcome, Scan, encode};
use crate::tenant::LiveTenant;
use crate::time::{Timestamp, day_of};

/// Events that go with one commit, which holds 100 keys.
const PER_COMMIT: usize = 80;

/// Commits with which events go at one look; the next is an hour later. More events go so than can be written.
const COMMITS_MAX: usize = 50;

/// Pages of events that are passed when their times are still to come, because a clock was wrong.
const ODD_PAGES_MAX: usize = 100;

/// Writes into a batch that events are no longer kept.
pub(in crate::tenant) fn put_dropped(batch: &mut Batch, what: &SecurityDropped) -> Result<()> {
    let mut gone = what.after;
    while gone < what.dropped.seq {
        gone = gone.next();
        batch.delete(rows::security(gone));
    }
    if let Some((seq, record)) = &what.erased {
        let record: SecurityRow = crate::storage::decode(record)?;
        batch.put(rows::security(*seq), &record)?;
    }
    let kept = SecurityKept { sealed: what.sealed, dropped: what.dropped };
    batch.put(rows::security_kept(), &SecurityRow::Kept(kept))?;
    Ok(())
}

impl LiveTenant {
    /// Seals what is not sealed yet of the days before, and lets those go that the company's tier no longer keeps.
    pub(in crate::tenant) async fn seal_security(&self) -> Result<()> {
        let _turn = self.sealing_turn().await;
        let now = self.now();
        let oldest = now.plus_millis(-self.security_kept_ms(now).await?);
        for _ in 0..COMMITS_MAX {
            let tip = self.security_tip().await?;
            let before = kept(&self.store).await?;
            let old = self.security_before(before.dropped.seq, (oldest, now)).await?;
            let whole = old.len() == PER_COMMIT;
            let Some(what) = dropped(before, tip, old)?.or(self.unsealed(before, tip, now).await?) else {
                return Ok(());
            };
            let cx = OpContext::new(Principal::trusted_system(self.store.tenant()));
            match self.execute(&cx.with_origin(Origin::System), &SealSecurity::new(what)).await {
                // The company is closed for now: nothing is written into its log.
                Err(error) if error.code() == ErrorCode::Forbidden => return Ok(()),
                done => done.map(drop)?,
            }
            if !whole {
                return Ok(());
            }
        }
        Ok(())
    }

    /// For how long security events are kept, in milliseconds. That the company may see less, or more, is written down.
    async fn security_kept_ms(&self, now: Timestamp) -> Result<i64> {
        let days = self.audit_days(now);
        let before = match self.store.get::<SecurityRow>(&rows::security_kept_for()).await? {
            Some(SecurityRow::For(before)) => before,
            Some(_) => {
                return Err(Error::internal("another row lies where it is said for how long they are kept"));
            }
            None => SecurityKeptFor { days: 0, less: None, less_since: None },
        };
        let after = kept_for(before, days, now);
        if after != before {
            let mut batch = Batch::new();
            batch.put(rows::security_kept_for(), &SecurityRow::For(after))?;
            let outcome = self.store.commit(batch).await;
            if !matches!(outcome, CommitOutcome::Committed { .. }) {
                let message = "for how long security events are kept could not be saved; trying again later";
                return Err(Error::unavailable(message).with_source(format!("{outcome:?}")));
            }
        }
        Ok(days_ms(after.days).max(SECURITY_KEPT_MIN_MS))
    }

    /// The oldest events that are kept, as far as they are older than this, or have one behind them that is. What lies behind
    /// one of a sound time is no older, whatever it says, and nothing is older than the company: a clock was behind.
    async fn security_before(
        &self,
        after: Seq,
        (oldest, now): (Timestamp, Timestamp),
    ) -> Result<Vec<(Seq, SecurityRecord)>> {
        let record = self.record();
        let founded = Some(record.created_at).filter(|founded| *founded <= now);
        let begin = founded.map_or(Timestamp::from_millis(0), |founded| founded.plus_millis(-CLOCK_BACK_MS));
        let mut scan = Scan::prefix(&rows::security_events()).after(&rows::security(after)).limit(PER_COMMIT);
        let mut first = Vec::new();
        for page in 0..ODD_PAGES_MAX {
            let read = self.store.scan::<SecurityRow>(scan.clone()).await?;
            let (mut old, mut sound) = (0, false);
            for (place, (_, row)) in (1..).zip(&read.entries) {
                let record = event_of(row.clone())?;
                let event = record.event()?;
                if !sound && (begin..oldest).contains(&event.at) {
                    old = place;
                }
                sound = sound || (event.at >= oldest && event.at <= now.plus_millis(CLOCK_BACK_MS));
                if page == 0 {
                    first.push((event.seq, record));
                }
            }
            if old > 0 || sound || !read.more {
                // Those behind the first page go later: these go before them.
                if page == 0 || old == 0 {
                    first.truncate(old);
                }
                return Ok(first);
            }
            let Some((last, _)) = read.entries.last() else { break };
            scan = scan.after(last);
        }
        Ok(Vec::new())
    }

    /// What is to be sealed, if something of an earlier day is not sealed yet.
    async fn unsealed(
        &self,
        before: SecurityKept,
        tip: LogPlace,
        now: Timestamp,
    ) -> Result<Option<SecurityDropped>> {
        let next = self.store.get::<SecurityRow>(&rows::security(before.sealed.seq.next())).await?;
        let Some(next) = next else { return Ok(None) };
        let at = event_of(next)?.event()?.at;
        // A time that is far ahead is none.
        if day_of(at) >= day_of(now) && at <= now.plus_millis(CLOCK_BACK_MS) {
            return Ok(None);
        }
        let (dropped, after) = (before.dropped, before.dropped.seq);
        Ok(Some(SecurityDropped { sealed: tip, dropped, after, erased: None }))
    }
}

/// For how long events are kept from now on, when the company may see so many days.
fn kept_for(before: SecurityKeptFor, days: u64, now: Timestamp) -> SecurityKeptFor {
    let fresh = SecurityKeptFor { days, less: None, less_since: None };
    if days >= before.days {
        return fresh;
    }
    match (before.less, before.less_since) {
        // All that was written while it could see more is gone.
        (Some(less), Some(since)) if days >= less && since.plus_millis(days_ms(before.days)) <= now => fresh,
        (Some(less), Some(_)) if days >= less => before,
        _ => SecurityKeptFor { less: Some(days), less_since: Some(now), ..before },
    }
}

/// What goes. The newest event of all stays without what it said: the next one follows it.
fn dropped(
    before: SecurityKept,
    tip: LogPlace,
    mut old: Vec<(Seq, SecurityRecord)>,
) -> Result<Option<SecurityDropped>> {
    let newest = old.pop_if(|(seq, _)| *seq >= tip.seq);
    let erased = match newest.filter(|(_, record)| !record.is_erased()) {
        Some((seq, record)) => Some((seq, encode(&SecurityRow::Event(record.erase()))?)),
        None => None,
    };
    let last = old.last().map(|(seq, record)| LogPlace { seq: *seq, hash: record.hash() });
    if last.is_none() && erased.is_none() {
        return Ok(None);
    }
    let (dropped, after) = (last.unwrap_or(before.dropped), before.dropped.seq);
    Ok(Some(SecurityDropped { sealed: tip, dropped, after, erased }))
}
