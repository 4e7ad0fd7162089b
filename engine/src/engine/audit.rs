//! The audit log: read in pages, signed and verified.
//!
//! It does not know how the log is written out: `export` does.

mod export;

pub use export::{AuditExport, ExportOptions};

use super::{Engine, to_the_end};
use crate::access::Action;
use crate::audit::{
    self, AuditEntry, AuditFilter, AuditHead, AuditReport, Order, Plausible, Position, Window,
};
use crate::context::OpContext;
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::identity::Jwks;
use crate::log::{GENESIS, LogRecord};
use crate::model::{LogPlace, Seq};
use crate::security::days_ms;
use crate::storage::{Key, TenantStore};
use crate::tenant::{LiveTenant, Wanted};
use std::sync::Arc;

/// A page of the audit log that is asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditRequest {
    /// Which entries.
    pub filter: AuditFilter,
    /// How many at most.
    pub first: usize,
    /// The cursor behind which the page begins.
    pub after: Option<String>,
}

/// A page of the audit log, the newest first.
#[derive(Debug)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// The cursor of each.
    pub cursors: Vec<String>,
    /// Where the next page begins, though this one may hold nothing; none at the end.
    pub next: Option<String>,
    /// Records that were looked at for it.
    pub read: usize,
}

impl Engine {
    /// A page of the audit log: what the log and the security events say, the newest first, as far back as the company's
    /// tier shows. For super admins.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; `INVALID_INPUT` for a filter, a size or a cursor that is none; `UNAVAILABLE` when the store cannot be
    /// read.
    pub async fn audit(&self, cx: &OpContext, request: AuditRequest) -> Result<AuditPage> {
        let live = self.audited(cx).await?;
        let _turn = live.reading_turn().await;
        let AuditRequest { mut filter, first, after } = request;
        filter.check()?;
        let max = self.limits().page_size_max;
        if !(1..=max).contains(&first) {
            return Err(Error::invalid("first", format!("`first` is {first}: ask for 1 to {max} at once")));
        }
        let (list, key) = (filter.list_hash(), live.cursor_key());
        let at = match after {
            Some(cursor) => key.open::<Position>(list, &cursor)?,
            None => {
                let newest = newest(&live).await?;
                let last = audit::ends(live.store(), newest, filter.to, plausible(&live)).await?;
                Position { log: last.log.next(), security: last.security.next() }
            }
        };
        bound(&live, &mut filter);
        let (reads, until) = (self.limits().audit_reads_max, Position::default());
        let order = Order::NewestFirst;
        let (size, plausible) = (first, plausible(&live));
        let window = Window { filter: &filter, order, at, until, size, reads, plausible, proof: false };
        let page = audit::page(live.store(), window).await?;
        let seal = |place: &Position| key.seal(list, place);
        let next = page.next.as_ref().map(seal);
        let (entries, places): (Vec<_>, Vec<_>) = page.entries.into_iter().unzip();
        Ok(AuditPage { entries, cursors: places.iter().map(seal).collect(), next, read: page.read })
    }

    /// How far the company's log and its security events have come, signed with this installation's key: whoever keeps it
    /// elsewhere can tell later that nothing before it was changed or cut off. For super admins.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; `UNAVAILABLE` when the store cannot be read.
    pub async fn audit_head(&self, cx: &OpContext) -> Result<(AuditHead, String)> {
        let live = self.audited(cx).await?;
        self.signed_head(&live).await
    }

    async fn signed_head(&self, live: &LiveTenant) -> Result<(AuditHead, String)> {
        let (log, security) = (Seq(live.applied().0), live.security_tip().await?);
        let log = log_place(live.store(), log).await?;
        let head = AuditHead { tenant: live.store().tenant(), at: self.clock().now(), log, security };
        let now = self.clock().now().millis();
        let signed = self.0.tokens.state(AuditHead::TYPE, &head.claims(), now).map_err(Error::internal)?;
        Ok((head, signed))
    }

    /// The public halves of the keys that heads are signed with, for others to keep.
    #[must_use]
    pub fn public_keys(&self) -> Jwks {
        self.0.tokens.public_keys()
    }

    /// Verifies a company's log and its security events as far as they have come, against heads whose signatures were
    /// verified. The company is written to meanwhile.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a company that is not there, `UNAVAILABLE` when it cannot be read.
    pub async fn verify_audit(&self, tenant: TenantId, heads: Vec<AuditHead>) -> Result<AuditReport> {
        let live = self.live(tenant).await?;
        to_the_end(async move { audit::verify(&live, &heads).await }).await
    }

    /// The company, for somebody who may read its audit log. What was noted is written first: the log shows it.
    async fn audited(&self, cx: &OpContext) -> Result<Arc<LiveTenant>> {
        self.may(cx, Action::ReadAudit, None).await?;
        let live = self.live(cx.principal.tenant()).await?;
        let writing = live.clone();
        // Whoever asks may go away; what is on its way must arrive.
        if let Err(error) = to_the_end(async move { writing.write_notes(Wanted::Now).await }).await {
            // What is there can be read all the same.
            tracing::warn!(tenant.id = %live.store().tenant(), ?error, "security events were not written; trying again later");
        }
        Ok(live)
    }
}

/// Which times of records can be.
fn plausible(live: &LiveTenant) -> Plausible {
    Plausible { founded: live.record().created_at, now: live.now() }
}

/// Shows no more than the company's tier does.
fn bound(live: &LiveTenant, filter: &mut AuditFilter) {
    let now = live.now();
    let shown = now.plus_millis(-days_ms(live.audit_days(now)));
    filter.from = Some(filter.from.map_or(shown, |from| from.max(shown)));
}

/// The last places of both chains.
async fn newest(live: &LiveTenant) -> Result<Position> {
    Ok(Position { log: live.applied(), security: live.security_tip().await?.seq })
}

/// A place of the log, with its hash.
async fn log_place(store: &TenantStore, seq: Seq) -> Result<LogPlace> {
    if seq == Seq::default() {
        return Ok(LogPlace { seq, hash: GENESIS });
    }
    let record = store.get::<LogRecord>(&Key::log(seq.0)).await?;
    let record = record.ok_or_else(|| Error::internal(format!("there is no event {seq}")))?;
    Ok(LogPlace { seq, hash: record.hash() })
}
