//! The proof of an export: that it is what stood in both chains, up to a signed head, without the store and its keys.
//!
//! Its records must follow each other up to the places of the heads, and each line must say what its record says. Of an
//! event of the log the record has no body, so that its kind and details are taken on trust; of a security event
//! everything is proven. What lies behind the last head is as little proven as if it were not there.

use super::head::Place;
use super::lines::{OF_THE_BODY, as_json, is_whole};
use super::{AuditEntry, AuditHead, AuditReport};
use crate::error::{Error, Result};
use crate::log::LogRecord;
use crate::model::LogPlace;
use crate::rows::SecurityRow;
use crate::storage::decode;
use data_encoding::BASE64;
use serde_json::Value;

/// Verifies the lines of an export with proofs against heads whose signatures were verified.
///
/// # Errors
///
/// `INVALID_INPUT` when it is no export with proofs.
pub fn check_export<'l>(
    lines: impl Iterator<Item = std::borrow::Cow<'l, str>>,
    heads: &[AuditHead],
) -> Result<AuditReport> {
    let mut lines = lines.zip(1_u64..);
    let first = lines.next().map(|(line, _)| json(&line)).transpose()?;
    let after = first.as_ref().and_then(|line| line.get("after"));
    let place = |name: &str| {
        let place = serde_json::from_value::<Place>(after?.get(name)?.clone()).ok()?;
        place.read()
    };
    let (Some(log), Some(security)) = (place("log"), place("security")) else {
        let message = "this is no export with proofs: its first line does not say what its records follow";
        return Err(Error::invalid("export", message));
    };
    let mut check = Check { log, security, heads, report: AuditReport::default() };
    check.begin();
    for (line, number) in lines {
        let value = json(&line)?;
        if value.get("head").is_none() {
            check.line(&value, number);
        }
    }
    Ok(check.finish())
}

fn json(line: &str) -> Result<Value> {
    serde_json::from_str(line).map_err(|error| Error::invalid("export", format!("not JSON Lines: {error}")))
}

struct Check<'h> {
    log: LogPlace,
    security: LogPlace,
    heads: &'h [AuditHead],
    report: AuditReport,
}

impl Check<'_> {
    /// Nothing was taken yet: what the first records follow may be what a head speaks of.
    fn begin(&mut self) {
        let (log, security) = (self.log, self.security);
        for head in self.heads {
            if head.log.seq < log.seq || head.security.seq < security.seq {
                let at = head.at;
                self.report
                    .differs(format!("the export begins behind the head of {at}: it cannot be compared"));
            }
        }
        self.compare("event", log, |head| head.log);
        self.compare("security event", security, |head| head.security);
    }

    fn compare(&mut self, what: &str, is: LogPlace, known: fn(&AuditHead) -> LogPlace) {
        for head in self.heads.iter().filter(|head| known(head).seq == is.seq && known(head).hash != is.hash)
        {
            self.report.differs(format!("{what} {}: not the one of the head of {}", is.seq, head.at));
        }
    }

    fn line(&mut self, value: &Value, number: u64) {
        let Some(entry) =
            value.get("record").and_then(Value::as_str).and_then(|text| self.record(text, number))
        else {
            return self.report.differs(format!("line {number} has no record that can be read"));
        };
        let mut says = as_json(&entry);
        if !is_whole(entry.place)
            && let Some(says) = says.as_object_mut()
        {
            OF_THE_BODY.iter().for_each(|name| drop(says.remove(*name)));
        }
        let differing =
            says.as_object().into_iter().flatten().find(|(name, said)| value.get(*name) != Some(*said));
        if let Some((name, _)) = differing {
            self.report.differs(format!("line {number}: its record says another `{name}`"));
        }
    }

    /// The entry of a line's record, which must follow the one before it.
    fn record(&mut self, text: &str, number: u64) -> Option<AuditEntry> {
        let bytes = BASE64.decode(text.as_bytes()).ok()?;
        if let Ok(record) = decode::<LogRecord>(&bytes) {
            let seq = self.log.seq.next();
            if let Err(broken) = record.verify(seq, &self.log.hash) {
                self.report.differs(format!("line {number}, event {seq}: {broken}"));
            }
            self.log = LogPlace { seq, hash: record.hash() };
            self.compare("event", self.log, |head| head.log);
            self.report.events = self.report.events.saturating_add(1);
            return AuditEntry::of_log(record).ok();
        }
        let Ok(SecurityRow::Event(record)) = decode::<SecurityRow>(&bytes) else { return None };
        let seq = self.security.seq.next();
        if let Err(broken) = record.verify(seq, &self.security.hash) {
            self.report.differs(format!("line {number}, security event {seq}: {broken}"));
        }
        self.security = LogPlace { seq, hash: record.hash() };
        self.compare("security event", self.security, |head| head.security);
        self.report.security_events = self.report.security_events.saturating_add(1);
        AuditEntry::of_security(record).ok()
    }

    fn finish(mut self) -> AuditReport {
        for head in self.heads {
            self.report.heads = self.report.heads.saturating_add(1);
            for (what, ends, known) in [
                ("log", self.log.seq, head.log.seq),
                ("security events", self.security.seq, head.security.seq),
            ] {
                if known > ends {
                    let at = head.at;
                    self.report.differs(format!(
                        "the {what} of the export end at {ends}, and had come to {known} by {at}"
                    ));
                }
            }
        }
        self.report
    }
}
