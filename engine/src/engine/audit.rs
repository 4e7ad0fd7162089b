//! The audit log: read in pages, exported, signed and verified; and the task that writes what was noted.
//!
//! It does not know what is noted when: whoever refuses somebody does.

use super::asker::Asker;
use super::{Engine, Inner, to_the_end};
use crate::access::Action;
use crate::audit::{
    self, AuditEntry, AuditFilter, AuditHead, AuditReport, ExportSeal, Format, Order, Plausible, Position,
    Sealing, Window,
};
use crate::context::OpContext;
use crate::error::{Error, Result};
use crate::id::{SessionId, TenantId};
use crate::identity::Jwks;
use crate::log::{GENESIS, LogRecord};
use crate::model::{LogPlace, Seq};
use crate::rows::{self, SecurityRow};
use crate::security::{SecurityKind, SecurityNote, days_ms};
use crate::storage::{Key, TenantStore};
use crate::tenant::{LiveTenant, Wanted, security_event_of, security_kept};
use crate::time::Timestamp;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often what was noted is written. So much of it is lost at most when the process is killed, but for what is
/// counted for longer because it is many.
const WRITE_EVERY: Duration = Duration::from_secs(5);

/// Entries of one part of an export.
const EXPORT_PART: usize = 500;

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

/// How the audit log is exported.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// Which entries.
    pub filter: AuditFilter,
    /// In which form.
    pub format: Format,
    /// With what is needed to prove it without us: JSON Lines of all entries from a moment on.
    pub proof: bool,
}

/// An export under way: a part of it at a time, the oldest entries first. Each part is given by the rights of its moment.
pub struct AuditExport {
    engine: Engine,
    asker: Asker,
    options: ExportOptions,
    at: Position,
    until: Position,
    /// The first line, and the signed head of the last, where they are still to come.
    first: Option<String>,
    last: Option<String>,
    given: Sealing,
}

impl std::fmt::Debug for AuditExport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditExport")
            .field("at", &self.at)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
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

    /// Begins an export of the audit log, for somebody who came in by this session or visit and with which it ends; that it
    /// was made is written down before anything is given. For super admins.
    ///
    /// # Errors
    ///
    /// As [`Engine::audit`].
    pub async fn export_audit(
        &self,
        cx: &OpContext,
        options: ExportOptions,
        session: Option<SessionId>,
    ) -> Result<AuditExport> {
        let live = self.audited(cx).await?;
        options.check()?;
        let told = options.told();
        let note = SecurityNote::new(SecurityKind::AuditExported).by(cx.principal.actor());
        let note = note.from(&cx.client_of_request()).saying(told);
        let unsaid = "that the audit log is exported could not be written down; try again in a moment";
        live.tell_first(note, unsaid).await?;
        let (head, signed) = self.signed_head(&live).await?;
        let until = Position { log: head.log.seq, security: head.security.seq };
        let mut filter = options.filter.clone();
        bound(&live, &mut filter);
        let begin = filter.from.unwrap_or(Timestamp::from_millis(0));
        let mut at = audit::place_before(live.store(), until, begin, options.proof, plausible(&live)).await?;
        let kept = security_kept(live.store()).await?.dropped;
        at.security = at.security.max(kept.seq);
        let first = match (options.format, options.proof) {
            (Format::Csv, _) => Some(audit::csv_header()),
            (Format::JsonLines, false) => None,
            (Format::JsonLines, true) => {
                let security = security_place(live.store(), at.security, kept).await?;
                Some(audit::after_line(log_place(live.store(), at.log).await?, security))
            }
        };
        let last = (options.format == Format::JsonLines).then_some(signed);
        let (engine, asker) = (self.clone(), Asker::of(&live, cx.principal.clone(), session));
        Ok(AuditExport { engine, asker, options, at, until, first, last, given: Sealing::default() })
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
        self.may_as(cx, Action::ReadAudit, None).await?;
        let live = self.live(cx.principal.tenant()).await?;
        let writing = live.clone();
        // Whoever asks may go away; what is on its way must arrive.
        if let Err(error) = to_the_end(async move { writing.write_notes(Wanted::Now).await }).await {
            // What is there can be read all the same.
            tracing::warn!(tenant.id = %live.store().tenant(), ?error, "security events were not written; trying again later");
        }
        Ok(live)
    }

    /// Writes what was noted of all tenants.
    pub(super) async fn write_notes(&self, wanted: Wanted) {
        for tenant in self.0.shared.security.waiting(wanted, self.clock().now()) {
            let written = match self.live(tenant).await {
                Ok(live) => live.write_notes(wanted).await,
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                tracing::warn!(tenant.id = %tenant, ?error, "security events were not written; trying again later");
            }
        }
    }
}

impl ExportOptions {
    fn check(&self) -> Result<()> {
        self.filter.check()?;
        let AuditFilter { kinds, actor, address, subject, to, .. } = &self.filter;
        let parts =
            !kinds.is_empty() || actor.is_some() || address.is_some() || subject.is_some() || to.is_some();
        if self.proof && (parts || self.format != Format::JsonLines) {
            let message =
                "a proof needs JSON Lines of all entries from a moment on: no other filter than `from`";
            return Err(Error::invalid("proof", message));
        }
        Ok(())
    }

    /// What is written down of an export.
    fn told(&self) -> String {
        let proof = if self.proof { " with proofs" } else { "" };
        let part = if self.filter == AuditFilter::default() { "" } else { ", filtered" };
        format!("as {}{proof}{part}", self.format.name())
    }
}

impl AuditExport {
    /// The next part, as text; none when all was given. A part may be empty.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` or `UNAUTHENTICATED` when who asked may no longer, `UNAVAILABLE` when the store cannot be read: what was
    /// given so far is not the whole.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let text = match self.first.take() {
            Some(first) => first,
            None if self.at.log >= self.until.log && self.at.security >= self.until.security => {
                return self.last.take().map(|head| self.last_line(&head)).transpose();
            }
            None => self.part().await?,
        };
        self.given.take(&text);
        Ok(Some(text))
    }

    async fn part(&mut self) -> Result<String> {
        self.engine.may(self.asker.principal(), Action::ReadAudit, None).await?;
        let live = self.engine.live(self.asker.principal().tenant()).await?;
        self.asker.expect_in(&live).await?;
        let _turn = live.reading_turn().await;
        let mut filter = self.options.filter.clone();
        let proof = self.options.proof;
        if proof {
            // The chains must be whole, whatever the clock did.
            filter.from = None;
        } else {
            bound(&live, &mut filter);
        }
        let (at, until, reads) = (self.at, self.until, self.engine.limits().audit_reads_max);
        let (order, size, plausible) = (Order::OldestFirst, EXPORT_PART, plausible(&live));
        let window = Window { filter: &filter, order, at, until, size, reads, plausible, proof };
        let page = audit::page(live.store(), window).await?;
        // Those that went before they were read would leave a hole in the chain.
        if proof && security_kept(live.store()).await?.dropped.seq > at.security {
            let message = "security events were let go that the export had not come to; ask for it again";
            return Err(Error::unavailable(message));
        }
        self.at = page.next.unwrap_or(until);
        let directory = live.directory();
        Ok(page
            .entries
            .iter()
            .map(|(entry, _)| audit::line(entry, &directory, self.options.format))
            .collect())
    }

    /// The last line: it signs all that was given before it.
    fn last_line(&self, head: &str) -> Result<String> {
        let now = self.engine.clock().now();
        let seal = self.given.seal(self.asker.principal().tenant(), now, self.options.told());
        let signed = self.engine.0.tokens.state(ExportSeal::TYPE, &seal, now.millis());
        Ok(audit::last_line(head, &signed.map_err(Error::internal)?))
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

/// A place of the security events, with its hash; that of the last that is no longer kept is known.
async fn security_place(store: &TenantStore, seq: Seq, dropped: LogPlace) -> Result<LogPlace> {
    if seq <= dropped.seq {
        return Ok(dropped);
    }
    let row = store.get::<SecurityRow>(&rows::security(seq)).await?;
    let row = row.ok_or_else(|| Error::internal(format!("there is no security event {seq}")))?;
    Ok(LogPlace { seq, hash: security_event_of(row)?.hash() })
}

/// Writes what was noted, from time to time, for as long as the engine lives.
pub(super) fn keep(engine: &Engine) {
    tokio::spawn(write(Arc::downgrade(&engine.0)));
}

async fn write(engine: Weak<Inner>) {
    loop {
        #[expect(clippy::disallowed_methods, reason = "a pause between looks, which nothing waits for")]
        tokio::time::sleep(WRITE_EVERY).await;
        let Some(engine) = engine.upgrade().map(Engine) else { return };
        if engine.0.tenants.is_closed() {
            return;
        }
        engine.write_notes(Wanted::Due).await;
    }
}
