//! The proof that nobody changed the log or the security events: both chains are walked, from the first record to the
//! last, and compared with what was known of them elsewhere.
//!
//! A chain shows what was edited, slipped in, moved or taken out of it. What was cut off its end shows by what was known of
//! it before: by heads that were signed and kept elsewhere, and, for security events, by the log itself, which says now and
//! then how far they had come. It says so with a time: what lies behind is newer, and must not be dropped before it has been
//! kept for as long as security events always are. Whoever holds the keys and all that is known elsewhere can write another
//! history: this does not know one from the other.

use super::AuditHead;
use crate::error::{ErrorCode, Result};
use crate::event::EventBody;
use crate::id::TenantId;
use crate::log::{GENESIS, LogRecord, SecurityRecord, security_genesis};
use crate::model::{LogPlace, Seq};
use crate::rows::{self, SecurityKept, SecurityRow};
use crate::security::SECURITY_KEPT_MIN_MS;
use crate::storage::{Scan, decode};
use crate::tenant::{LiveTenant, security_event_of, security_kept};
use crate::time::{DAY_MS, Timestamp};
use std::collections::VecDeque;

/// Records read at once.
const AT_ONCE: usize = 500;

/// How far a clock may have been wrong without a difference, in milliseconds: a day, more than by a wrong time zone.
const CLOCK_WRONG_MS: i64 = DAY_MS;

/// Differences that are listed; the rest is counted.
const LISTED_MAX: usize = 200;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Events in the log.
    pub events: u64,
    /// Events of both whose bodies were erased: the chains hold without them. An erasure that the log does not account for
    /// is a difference.
    pub erased: u64,
    /// Events of the log before those, which an export does not hold.
    pub before: u64,
    /// Security events.
    pub security_events: u64,
    /// Security events before those, which are no longer kept.
    pub dropped: u64,
    /// Heads that were compared.
    pub heads: u64,
    /// Heads among them whose security event is no longer kept: of these, the log alone was compared.
    pub heads_outlived: u64,
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

    /// Compares a place of a chain with what these heads know of the same; `what` names what lies there.
    pub(super) fn compare(
        &mut self,
        heads: &[AuditHead],
        what: &str,
        is: LogPlace,
        known: fn(&AuditHead) -> LogPlace,
    ) {
        for head in heads.iter().filter(|head| known(head).seq == is.seq && known(head).hash != is.hash) {
            self.differs(format!("{what} {}: not the one of the head of {}", is.seq, head.at));
        }
    }
}

/// Verifies a tenant against these heads, up to where it has come by now. It is written to meanwhile; only that security
/// events are let go has to wait.
pub(crate) async fn verify(live: &LiveTenant, heads: &[AuditHead]) -> Result<AuditReport> {
    let _turn = live.sealing_turn().await;
    let (end, kept) = live.quiet(async || Ok((live.applied(), security_kept(live.store()).await?))).await?;
    let mut verifier = Verifier::new(live.store().tenant(), heads, live.now());
    let log = read_log(live, &mut verifier, end).await;
    verifier.noted("the log", log)?;
    verifier.begin_security(kept);
    let security = read_security(live, &mut verifier).await;
    verifier.noted("the security events", security)?;
    Ok(verifier.finish())
}

async fn read_log(live: &LiveTenant, verifier: &mut Verifier<'_>, end: Seq) -> Result<()> {
    while verifier.log.seq < end {
        let left = usize::try_from(end.0.saturating_sub(verifier.log.seq.0)).unwrap_or(AT_ONCE);
        let records = live.store().changes(verifier.log.seq.0, left.min(AT_ONCE)).await?;
        if records.is_empty() {
            let (ends, end) = (verifier.log.seq, end);
            verifier.report.differs(format!("the log ends at {ends}, and has come to {end}"));
            return Ok(());
        }
        for (seq, bytes) in records {
            verifier.event(Seq(seq), &decode::<LogRecord>(&bytes)?);
        }
    }
    Ok(())
}

async fn read_security(live: &LiveTenant, verifier: &mut Verifier<'_>) -> Result<()> {
    // As they lie there, whatever is believed of their end; what is appended from now on is not looked at.
    let newest = Scan::prefix(&rows::security_events()).backward().limit(1);
    let Some((end, _)) = live.store().scan::<SecurityRow>(newest).await?.entries.pop() else { return Ok(()) };
    let mut scan = Scan::prefix(&rows::security_events()).limit(AT_ONCE);
    loop {
        let page = live.store().scan::<SecurityRow>(scan.clone()).await?;
        let last = page.entries.last().map(|(key, _)| key.clone());
        for (key, row) in page.entries {
            if key > end {
                return Ok(());
            }
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
    now: Timestamp,
    /// The last record of the log that was taken.
    log: LogPlace,
    /// What the log says of the security events: the last word, and each place that it sealed behind those that are
    /// dropped, with the time.
    said: SecurityKept,
    sealed: VecDeque<(LogPlace, Timestamp)>,
    /// The newest of the dropped ones, and the first that is kept, are no older than this.
    dropped_since: Timestamp,
    kept_since: Timestamp,
    /// The security event that lost its body because it was the newest when its time was over, and when that was.
    erasable: Option<(Seq, Timestamp)>,
    /// The event of the log by which some were dropped at last, and its time.
    drop: Option<(Seq, Timestamp)>,
    /// The last security event that was taken.
    security: LogPlace,
    report: AuditReport,
}

impl<'a> Verifier<'a> {
    pub(super) fn new(tenant: TenantId, heads: &'a [AuditHead], now: Timestamp) -> Self {
        let (begin_of_time, begin) =
            (Timestamp::from_millis(0), LogPlace { seq: Seq::default(), hash: security_genesis(tenant) });
        Self {
            tenant,
            heads,
            now,
            log: LogPlace { seq: Seq::default(), hash: GENESIS },
            said: SecurityKept { sealed: begin, dropped: begin },
            sealed: VecDeque::new(),
            dropped_since: begin_of_time,
            kept_since: begin_of_time,
            erasable: None,
            drop: None,
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
        let is = LogPlace { seq, hash: record.hash() };
        self.report.compare(self.heads, "event", is, |head| head.log);
        match record.event() {
            Err(error) => self.report.differs(format!("event {seq} cannot be read: {error:?}")),
            Ok(event) => {
                self.is_at(seq, event.recorded_at);
                match event.body {
                    None => {
                        self.report.erased = self.report.erased.saturating_add(1);
                        self.report
                            .differs(format!("event {seq} lost its body, and nothing accounts for it"));
                    }
                    Some(EventBody::TenantCreated { tenant: Some(tenant), .. }) if tenant != self.tenant => {
                        self.report.differs(format!(
                            "event {seq} founds another company: the log is not this one's"
                        ));
                    }
                    Some(EventBody::SecuritySealed { sealed, dropped }) => {
                        self.is_sealed(seq, event.recorded_at, SecurityKept { sealed, dropped });
                    }
                    Some(_) => {}
                }
            }
        }
        self.report.events = self.report.events.saturating_add(1);
    }

    /// An event of the log has this time.
    fn is_at(&mut self, seq: Seq, at: Timestamp) {
        if seq == Seq(1) {
            // Nothing happened before the company was founded.
            (self.dropped_since, self.kept_since) = (at, at);
        }
        self.erasable = self.erasable.filter(|(_, erased_at)| !is_well_before(at, *erased_at));
        if let Some((drop, _)) = self.drop.take_if(|(_, dropped_at)| is_well_before(at, *dropped_at)) {
            self.report.differs(format!(
                "event {drop} drops security events at a time that event {seq}, behind it, does not bear out"
            ));
        }
    }

    /// The log says how far the security events had come, and up to where they are dropped.
    fn is_sealed(&mut self, seq: Seq, at: Timestamp, what: SecurityKept) {
        let SecurityKept { sealed, dropped } = what;
        if sealed.seq < self.said.sealed.seq
            || dropped.seq < self.said.dropped.seq
            || dropped.seq > sealed.seq
        {
            self.report.differs(format!("event {seq} takes back what the log said of the security events"));
        }
        let drops = dropped.seq > self.said.dropped.seq;
        if drops {
            self.dropped_since = self.kept_since;
        }
        while let Some((place, since)) = self.sealed.pop_front_if(|(place, _)| place.seq <= dropped.seq) {
            self.kept_since = self.kept_since.max(since);
            if place.seq < dropped.seq {
                self.dropped_since = self.dropped_since.max(since);
            } else if place.hash != dropped.hash {
                self.report.differs(format!("event {seq} drops another security event than the log sealed"));
            }
        }
        if drops {
            self.may_drop(seq, at, dropped.seq);
        }
        let outlived = sealed.seq == dropped.seq.next() && was_kept(self.kept_since, at);
        let before = self.erasable.filter(|(erased, _)| *erased > dropped.seq);
        self.erasable = outlived.then_some((sealed.seq, at)).or(before);
        self.said = what;
        self.sealed.push_back((sealed, at));
    }

    /// Those that are dropped must have been kept for as long as they always are.
    fn may_drop(&mut self, seq: Seq, at: Timestamp, dropped: Seq) {
        if !was_kept(self.dropped_since, at) {
            self.report.differs(format!("event {seq} drops security events before their time"));
        }
        for head in self.heads {
            let before = head.log.seq < seq;
            if before && dropped > head.security.seq && !was_kept(head.at, at) {
                self.report.differs(format!(
                    "event {seq} drops security events before their time, by the head of {}",
                    head.at
                ));
            }
            if !before && is_well_before(head.at, at) {
                self.report.differs(format!("event {seq} is of a later time than the head of {}", head.at));
            }
        }
        self.drop = Some((seq, at));
    }

    /// The log is over, and the security events begin; `kept` is what lies beside them.
    pub(super) fn begin_security(&mut self, kept: SecurityKept) {
        if kept != self.said {
            self.report.differs("how far security events are kept is not what the log says".to_owned());
        }
        let dropped = self.said.dropped;
        self.security = dropped;
        self.report.dropped = dropped.seq.0;
        for head in self.heads {
            if head.security.seq < dropped.seq {
                self.report.heads_outlived = self.report.heads_outlived.saturating_add(1);
            }
            if head.security.seq == dropped.seq && head.security.hash != dropped.hash {
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
            Ok(event) if event.body.is_none() => {
                self.report.erased = self.report.erased.saturating_add(1);
                if !self.is_erasable(seq, event.at) {
                    let what = format!("security event {seq} lost its body, and nothing accounts for it");
                    self.report.differs(what);
                }
            }
            Ok(_) => {}
        }
        self.security = LogPlace { seq, hash: record.hash() };
        let is = LogPlace { seq, hash: record.hash() };
        self.report.compare(self.heads, "security event", is, |head| head.security);
        while let Some((sealed, _)) = self.sealed.pop_front_if(|(sealed, _)| sealed.seq <= seq) {
            if sealed.seq == seq && sealed.hash != record.hash() {
                self.report.differs(format!("security event {seq}: not the one that the log sealed"));
            }
        }
        self.report.security_events = self.report.security_events.saturating_add(1);
    }

    /// Whether the security event of this time could lose its body: its header still says how old it was then.
    fn is_erasable(&self, seq: Seq, at: Timestamp) -> bool {
        self.erasable.is_some_and(|(erased, erased_at)| {
            erased == seq && was_kept(at, erased_at) && !is_well_before(self.now, erased_at)
        })
    }

    /// Compares a place with the heads that speak of it.
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
        if let Some((drop, _)) = self.drop.filter(|(_, at)| is_well_before(self.now, *at)) {
            self.report
                .differs(format!("event {drop} drops security events at a time that is still to come"));
        }
        if let Some(sealed) =
            self.sealed.back().map(|(place, _)| place.seq).filter(|s| *s > self.security.seq)
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

/// Whether what is no older than `since` may be dropped at this time.
fn was_kept(since: Timestamp, dropped_at: Timestamp) -> bool {
    since.plus_millis(SECURITY_KEPT_MIN_MS - CLOCK_WRONG_MS) <= dropped_at
}

/// Whether a time is before another, by more than a clock may have been wrong.
fn is_well_before(at: Timestamp, other: Timestamp) -> bool {
    at.plus_millis(CLOCK_WRONG_MS) < other
}
