//! The proof of an export: that it is what was given out, and what stood in both chains up to a signed head, without the
//! store and its keys.
//!
//! Its last line signs every byte before it. Beside that its records must follow each other from the first line to exactly
//! the head in the last one, and through all heads that were kept elsewhere, and each line must say what its record says. Of
//! an event of the log the record has no body: that its kind and details are those of the chain, the installation that gave
//! the export out vouches for, and the chain does not.

use super::export_seal::{ExportSeal, LinesDigest};
use super::head::Place;
use super::lines::{OF_THE_BODY, as_json, is_whole};
use super::{AuditEntry, AuditHead, AuditReport};
use crate::error::{Error, Result};
use crate::identity::PublicKeys;
use crate::log::LogRecord;
use crate::model::LogPlace;
use crate::rows::SecurityRow;
use crate::storage::decode;
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;

/// The first line: what the first records of both chains follow.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    after: Places,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    log: Place,
    security: Place,
}

/// The last line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    head: String,
    export: String,
}

/// Verifies the lines of an export with proofs: with the public keys of who gave it out, and against heads that were kept
/// elsewhere, whose signatures were verified. Answers the head that it goes to.
///
/// # Errors
///
/// `INVALID_INPUT` when it is no export with proofs, is cut off, or its signatures are not those of these keys.
pub fn check_export(
    lines: impl Iterator<Item = std::io::Result<String>>,
    keys: &PublicKeys,
    heads: &[AuditHead],
) -> Result<(AuditHead, AuditReport)> {
    let unreadable = |error| Error::invalid("export", format!("cannot be read: {error}"));
    let mut lines = lines.zip(1_u64..);
    let (first, _) = lines.next().ok_or_else(not_whole)?;
    let first = first.map_err(unreadable)?;
    let mut check = Check::begin(&first, heads)?;
    let mut last = None;
    for (line, number) in lines {
        let line = line.map_err(unreadable)?;
        if last.is_some() {
            check.report.differs(format!("line {number} stands behind the last line"));
            break;
        }
        last = serde_json::from_str::<Last>(&line).ok();
        if last.is_none() {
            check.line(&line, number)?;
        }
    }
    let last = last.ok_or_else(not_whole)?;
    let head = AuditHead::read(&last.head, keys)?;
    let seal = ExportSeal::read(&last.export, keys)?;
    let report = check.finish(&head, &seal);
    Ok((head, report))
}

fn not_whole() -> Error {
    Error::invalid("export", "it does not end with its signed last line: it is not whole")
}

struct Check<'h> {
    log: LogPlace,
    security: LogPlace,
    heads: &'h [AuditHead],
    taken: LinesDigest,
    report: AuditReport,
}

impl<'h> Check<'h> {
    /// Nothing was taken yet: what the first records follow may be what a head speaks of.
    fn begin(line: &str, heads: &'h [AuditHead]) -> Result<Self> {
        let first = serde_json::from_str::<First>(line).ok();
        let places = first.and_then(|First { after }| Some((after.log.read()?, after.security.read()?)));
        let Some((log, security)) = places else {
            let message =
                "this is no export with proofs: its first line does not say what its records follow";
            return Err(Error::invalid("export", message));
        };
        let (before, dropped) = (log.seq.0, security.seq.0);
        let report = AuditReport { before, dropped, ..AuditReport::default() };
        let mut check = Self { log, security, heads, taken: LinesDigest::default(), report };
        check.take(line);
        for head in heads {
            if head.log.seq < log.seq || head.security.seq < security.seq {
                let at = head.at;
                check
                    .report
                    .differs(format!("the export begins behind the head of {at}: it cannot be compared"));
            }
        }
        check.report.compare(heads, "event", log, |head| head.log);
        check.report.compare(heads, "security event", security, |head| head.security);
        Ok(check)
    }

    fn take(&mut self, line: &str) {
        self.taken.take(line);
        self.taken.take("\n");
    }

    fn line(&mut self, line: &str, number: u64) -> Result<()> {
        self.take(line);
        let value: Value = serde_json::from_str(line)
            .map_err(|error| Error::invalid("export", format!("line {number} is not JSON: {error}")))?;
        let Some(entry) =
            value.get("record").and_then(Value::as_str).and_then(|text| self.record(text, number))
        else {
            self.report.differs(format!("line {number} has no record that can be read"));
            return Ok(());
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
        Ok(())
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
            self.report.compare(self.heads, "event", self.log, |head| head.log);
            self.report.events = self.report.events.saturating_add(1);
            return AuditEntry::of_log(record, false).ok();
        }
        let Ok(SecurityRow::Event(record)) = decode::<SecurityRow>(&bytes) else { return None };
        let seq = self.security.seq.next();
        if let Err(broken) = record.verify(seq, &self.security.hash) {
            self.report.differs(format!("line {number}, security event {seq}: {broken}"));
        }
        if record.is_erased() {
            self.report.erased = self.report.erased.saturating_add(1);
        }
        self.security = LogPlace { seq, hash: record.hash() };
        self.report.compare(self.heads, "security event", self.security, |head| head.security);
        self.report.security_events = self.report.security_events.saturating_add(1);
        AuditEntry::of_security(record, false).ok()
    }

    /// All lines were taken: they must be those that were signed, and end exactly at the export's own head.
    fn finish(mut self, own: &AuditHead, seal: &ExportSeal) -> AuditReport {
        if !self.taken.fits(seal) || seal.tenant != own.tenant.to_string() {
            self.report
                .differs("the lines are not those that were signed when this was given out".to_owned());
        }
        for (what, ends, known) in
            [("log", self.log, own.log), ("security events", self.security, own.security)]
        {
            if ends != known {
                let (ends, known) = (ends.seq, known.seq);
                self.report.differs(format!(
                    "the {what} of the export end at {ends}: not where its own head says, at {known}"
                ));
            }
        }
        self.report.heads = self.report.heads.saturating_add(1);
        for head in self.heads {
            self.report.heads = self.report.heads.saturating_add(1);
            if head.tenant != own.tenant {
                self.report.differs(format!("the head of {} is another company's", head.at));
            }
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
