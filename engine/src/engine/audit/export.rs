//! An export of the audit log: a part at a time, for as long as who asked may still read it.
//!
//! It does not know where the parts go.

use super::{bound, log_place, plausible};
use crate::access::Action;
use crate::audit::{self, AuditFilter, ExportSeal, Format, LinesDigest, Order, Position, Window};
use crate::context::OpContext;
use crate::engine::Engine;
use crate::engine::asker::Asker;
use crate::error::{Error, Result};
use crate::id::SessionId;
use crate::model::{LogPlace, Seq};
use crate::rows::{self, SecurityRow};
use crate::security::{SecurityKind, SecurityNote};
use crate::storage::TenantStore;
use crate::tenant::{security_event_of, security_kept};
use crate::time::Timestamp;

/// Entries of one part of an export.
const EXPORT_PART: usize = 500;

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
    given: LinesDigest,
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
        Ok(AuditExport { engine, asker, options, at, until, first, last, given: LinesDigest::default() })
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
        self.engine.may(&OpContext::new(self.asker.principal().clone()), Action::ReadAudit, None).await?;
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

/// A place of the security events, with its hash; that of the last that is no longer kept is known.
async fn security_place(store: &TenantStore, seq: Seq, dropped: LogPlace) -> Result<LogPlace> {
    if seq <= dropped.seq {
        return Ok(dropped);
    }
    let row = store.get::<SecurityRow>(&rows::security(seq)).await?;
    let row = row.ok_or_else(|| Error::internal(format!("there is no security event {seq}")))?;
    Ok(LogPlace { seq, hash: security_event_of(row)?.hash() })
}
