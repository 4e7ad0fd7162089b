//! The proof that nobody changed the log or the security events: both chains are walked, from the first record to the
//! last, and compared with what was known of them elsewhere.
//!
//! A chain shows what was edited, slipped in, moved or taken out of it. What was cut off its end shows by what was known of
//! it before: by heads that were signed and kept elsewhere, and, for security events, by the log itself, which says now and
//! then how far they had come. Whoever holds the keys and all that is known elsewhere can write another history: this does
//! not know one from the other.

use super::AuditHead;
use crate::error::{ErrorCode, Result};
use crate::event::EventBody;
use crate::id::TenantId;
use crate::log::{ChainHash, GENESIS, LogRecord, SecurityRecord, security_genesis};
use crate::model::{LogPlace, Seq};
use crate::rows::{self, SecurityKept, SecurityRow};
use crate::storage::{Scan, decode};
use crate::tenant::{LiveTenant, security_event_of, security_kept};

/// Records read at once.
const AT_ONCE: usize = 500;

/// Differences that are listed; the rest is counted.
const LISTED_MAX: usize = 200;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Events in the log.
    pub events: u64,
    /// Events of both whose bodies were erased: the chains hold without them. Whoever holds the keys can erase a body, but
    /// put none in its place.
    pub erased: u64,
    /// Security events.
    pub security_events: u64,
    /// Security events before those, which are no longer kept.
    pub dropped: u64,
    /// Heads that were compared.
    pub heads: u64,
    /// What differs, at most 200 of them.
    pub differences: Vec<String>,
    /// Differences that are not listed.
    pub unlisted: u64,
}

impl AuditReport {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }

    pub(super) fn differs(&mut self, what: String) {
        if self.differences.len() < LISTED_MAX {
            self.differences.push(what);
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }
}

/// Verifies a tenant against these heads. Its writes wait meanwhile.
pub(crate) async fn verify(live: &LiveTenant, heads: &[AuditHead]) -> Result<AuditReport> {
    live.quiet(async || {
        let mut verifier = Verifier::new(live.store().tenant(), heads);
        let log = read_log(live, &mut verifier).await;
        verifier.noted("the log", log)?;
        let security = read_security(live, &mut verifier).await;
        verifier.noted("the security events", security)?;
        Ok(verifier.finish())
    })
    .await
}

async fn read_log(live: &LiveTenant, verifier: &mut Verifier<'_>) -> Result<()> {
    loop {
        let records = live.store().changes(verifier.log.seq.0, AT_ONCE).await?;
        if records.is_empty() {
            return Ok(());
        }
        for (seq, bytes) in records {
            verifier.event(Seq(seq), &decode::<LogRecord>(&bytes)?);
        }
    }
}

async fn read_security(live: &LiveTenant, verifier: &mut Verifier<'_>) -> Result<()> {
    verifier.begin_security(security_kept(live.store()).await?);
    let mut scan = Scan::prefix(&rows::security_events()).limit(AT_ONCE);
    loop {
        let page = live.store().scan::<SecurityRow>(scan.clone()).await?;
        let last = page.entries.last().map(|(key, _)| key.clone());
        for (_, row) in page.entries {
            verifier.security(&security_event_of(row)?);
        }
        match last {
            Some(last) if page.more => scan = scan.after(&last),
            _ => return Ok(()),
        }
    }
}

/// Takes the records of both chains, in their order.
pub(super) struct Verifier<'a> {
    tenant: TenantId,
    heads: &'a [AuditHead],
    /// The last record of the log that was taken.
    log: LogPlace,
    /// What the log says of the security events: the last word, and each place that it sealed.
    said: SecurityKept,
    sealed: Vec<LogPlace>,
    /// The last security event that was taken.
    security: LogPlace,
    report: AuditReport,
}

impl<'a> Verifier<'a> {
    pub(super) fn new(tenant: TenantId, heads: &'a [AuditHead]) -> Self {
        let begin = LogPlace { seq: Seq::default(), hash: security_genesis(tenant) };
        Self {
            tenant,
            heads,
            log: LogPlace { seq: Seq::default(), hash: GENESIS },
            said: SecurityKept { sealed: begin, dropped: begin },
            sealed: Vec::new(),
            security: begin,
            report: AuditReport::default(),
        }
    }

    /// The next record of the log, as it lies there.
    pub(super) fn event(&mut self, seq: Seq, record: &LogRecord) {
        let expected = self.log.seq.next();
        if seq != expected {
            self.report.differs(format!("the log has event {seq} where {expected} should be"));
        }
        if let Err(broken) = record.verify(seq, &self.log.hash) {
            self.report.differs(format!("event {seq}: {broken}"));
        }
        self.log = LogPlace { seq, hash: record.hash() };
        self.compare(seq, record.hash(), "event", |head| head.log);
        match record.event() {
            Err(error) => self.report.differs(format!("event {seq} cannot be read: {error:?}")),
            Ok(event) => match event.body {
                None => self.report.erased = self.report.erased.saturating_add(1),
                Some(EventBody::TenantCreated { tenant: Some(tenant), .. }) if tenant != self.tenant => {
                    self.report
                        .differs(format!("event {seq} founds another company: the log is not this one's"));
                }
                Some(EventBody::SecuritySealed { sealed, dropped }) => self.is_sealed(seq, sealed, dropped),
                Some(_) => {}
            },
        }
        self.report.events = self.report.events.saturating_add(1);
    }

    /// The log says how far the security events had come.
    fn is_sealed(&mut self, seq: Seq, sealed: LogPlace, dropped: LogPlace) {
        if sealed.seq < self.said.sealed.seq
            || dropped.seq < self.said.dropped.seq
            || dropped.seq > sealed.seq
        {
            self.report.differs(format!("event {seq} takes back what the log said of the security events"));
        }
        self.said = SecurityKept { sealed, dropped };
        self.sealed.push(sealed);
    }

    /// The log is over, and the security events begin; `kept` is what lies beside them.
    pub(super) fn begin_security(&mut self, kept: SecurityKept) {
        if kept != self.said {
            self.report.differs("how far security events are kept is not what the log says".to_owned());
        }
        self.security = self.said.dropped;
        self.report.dropped = self.said.dropped.seq.0;
        self.sealed.retain(|place| place.seq > self.said.dropped.seq);
        let dropped = self.said.dropped;
        for head in self.heads.iter().filter(|head| head.security.seq == dropped.seq) {
            if head.security.hash != dropped.hash {
                let what = format!("security event {}: not the one of the head of {}", dropped.seq, head.at);
                self.report.differs(what);
            }
        }
    }

    /// The next security event, as it lies there.
    pub(super) fn security(&mut self, record: &SecurityRecord) {
        let seq = self.security.seq.next();
        if let Err(broken) = record.verify(seq, &self.security.hash) {
            self.report.differs(format!("security event {seq}: {broken}"));
        }
        match record.event() {
            Err(error) => self.report.differs(format!("security event {seq} cannot be read: {error:?}")),
            Ok(event) if event.body.is_none() => self.report.erased = self.report.erased.saturating_add(1),
            Ok(_) => {}
        }
        self.security = LogPlace { seq, hash: record.hash() };
        self.compare(seq, record.hash(), "security event", |head| head.security);
        if self.sealed.iter().any(|sealed| sealed.seq == seq && sealed.hash != record.hash()) {
            self.report.differs(format!("security event {seq}: not the one that the log sealed"));
        }
        self.report.security_events = self.report.security_events.saturating_add(1);
    }

    /// Compares a place with the heads that speak of it.
    fn compare(&mut self, seq: Seq, hash: ChainHash, what: &str, place: fn(&AuditHead) -> LogPlace) {
        for head in self.heads.iter().filter(|head| place(head).seq == seq && place(head).hash != hash) {
            self.report.differs(format!("{what} {seq}: not the one of the head of {}", head.at));
        }
    }

    /// What cannot be read because it is damaged is a difference.
    pub(super) fn noted(&mut self, what: &str, outcome: Result<()>) -> Result<()> {
        match outcome {
            Err(error) if error.code() == ErrorCode::Internal => {
                self.report.differs(format!("{what} cannot be read to the end: {error:?}"));
                Ok(())
            }
            other => other,
        }
    }

    /// Both chains are over.
    pub(super) fn finish(mut self) -> AuditReport {
        if let Some(sealed) =
            self.sealed.iter().map(|place| place.seq).max().filter(|s| *s > self.security.seq)
        {
            let ends = self.security.seq;
            self.report.differs(format!(
                "the security events end at {ends}, and the log says that they had come to {sealed}"
            ));
        }
        for head in self.heads {
            self.report.heads = self.report.heads.saturating_add(1);
            if head.tenant != self.tenant {
                self.report.differs(format!("the head of {} is another company's", head.at));
                continue;
            }
            for (what, known, ends) in [
                ("the log ends", head.log.seq, self.log.seq),
                ("the security events end", head.security.seq, self.security.seq),
            ] {
                if known > ends {
                    let at = head.at;
                    self.report.differs(format!("{what} at {ends}, and had come to {known} by {at}"));
                }
            }
        }
        self.report
    }
}
