//! Sealing: now and then the log says how far the security events had come, and the oldest of them go.
//!
//! What the log has said of them cannot be changed without the log. It says so of what lies behind the present day, so that
//! a company in which nothing happens writes nothing. What goes and the event that says so are in one batch.

use super::{event_of, kept};
use crate::command::SealSecurity;
use crate::context::{OpContext, Principal};
use crate::draft::SecurityDropped;
use crate::error::{ErrorCode, Result};
use crate::event::Origin;
use crate::log::SecurityRecord;
use crate::model::{LogPlace, Seq};
use crate::rows::{self, SecurityKept, SecurityRow};
use crate::security::{audit_kept_ms, day};
use crate::storage::{Batch, Scan, encode};
use crate::tenant::LiveTenant;
use crate::time::Timestamp;

/// Events that go with one commit, which holds 100 keys.
const PER_COMMIT: usize = 80;

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
        let now = self.now();
        let oldest = now.plus_millis(-audit_kept_ms(self.record().tier));
        loop {
            let tip = self.security_tip().await?;
            let before = kept(&self.store).await?;
            let old = self.security_before(before.dropped.seq, oldest).await?;
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
    }

    /// The oldest events that are kept, as far as they are older than this.
    async fn security_before(&self, after: Seq, oldest: Timestamp) -> Result<Vec<(Seq, SecurityRecord)>> {
        let scan = Scan::prefix(&rows::security_events()).after(&rows::security(after)).limit(PER_COMMIT);
        let mut old = Vec::new();
        for (_, row) in self.store.scan::<SecurityRow>(scan).await?.entries {
            let record = event_of(row)?;
            let event = record.event()?;
            if event.at >= oldest {
                break;
            }
            old.push((event.seq, record));
        }
        Ok(old)
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
        if day(event_of(next)?.event()?.at) >= day(now) {
            return Ok(None);
        }
        let (dropped, after) = (before.dropped, before.dropped.seq);
        Ok(Some(SecurityDropped { sealed: tip, dropped, after, erased: None }))
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
