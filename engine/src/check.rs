//! The check: everything that is derived is computed again and compared.
//!
//! Rows are derived from events, places and counters from rows, the view from rows, each record's hash from the one
//! before it. A difference is a fault of ours or of the disk; the check reports and repairs nothing.

mod compare;
mod flows;
mod relations;
pub(crate) mod replay;

use crate::access::Scope;
use crate::error::{ErrorCode, Result};
use crate::log::{GENESIS, LogRecord};
use crate::model::Seq;
use crate::storage::decode;
use crate::tenant::{self, LiveTenant, load_directory, load_view};
use replay::Replay;

/// Log records read at once.
const LOG_PAGE: usize = 500;

/// Differences that are listed; the rest is counted.
const LISTED_MAX: usize = 200;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Events in the log.
    pub events: u64,
    /// Events whose bodies were erased: the chain holds without them, and what they said is not compared.
    pub erased: u64,
    /// Issues, deleted ones included.
    pub issues: u64,
    /// Comments, deleted ones included.
    pub comments: u64,
    /// What differs, at most 200 of them.
    pub differences: Vec<String>,
    /// Differences that are not listed.
    pub unlisted: u64,
}

impl CheckReport {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }

    fn differs(&mut self, what: String) {
        if self.differences.len() < LISTED_MAX {
            self.differences.push(what);
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }
}

/// Checks one tenant. Its writes wait meanwhile.
pub(crate) async fn check(live: &LiveTenant) -> Result<CheckReport> {
    live.quiet_counted(async |counted| {
        let mut report = CheckReport::default();
        let mut replay = Replay::default();
        let log = read_log(live, &mut replay, &mut report).await;
        noted("the log", log, &mut report)?;
        let rows = compare::rows(live, &replay, &mut report).await;
        noted("the rows", rows, &mut report)?;
        let memory = compare_memory(live, &replay, &mut report).await;
        noted("the rows, to compare memory with them,", memory, &mut report)?;
        plugin_bytes(live, &replay, &mut report).await?;
        compare::counted(&replay, counted, live.now(), &mut report);
        compare::deals(&replay, &live.record(), &mut report);
        Ok(report)
    })
    .await
}

/// What cannot be read because it is damaged is a difference: the rest is still checked. A store that cannot be reached
/// ends the check.
fn noted(what: &str, outcome: Result<()>, report: &mut CheckReport) -> Result<()> {
    match outcome {
        Err(error) if error.code() == ErrorCode::Internal => {
            report.differs(format!("{what} cannot be read to the end: {error:?}"));
            Ok(())
        }
        other => other,
    }
}

/// Walks the log: the chain must hold, and the rows that follow from it are made again.
async fn read_log(live: &LiveTenant, replay: &mut Replay, report: &mut CheckReport) -> Result<()> {
    let (mut at, mut hash) = (Seq::default(), GENESIS);
    loop {
        let records = live.store().changes(at.0, LOG_PAGE).await?;
        if records.is_empty() {
            break;
        }
        for (seq, bytes) in &records {
            at = at.next();
            if *seq != at.0 {
                report.differs(format!("the log has event {seq} where {at} should be"));
                at = Seq(*seq);
            }
            let record = decode::<LogRecord>(bytes)?;
            if let Err(broken) = record.verify(at, &hash) {
                report.differs(format!("event {at}: {broken}"));
            }
            hash = record.hash();
            replay.take(&record.event()?, report);
        }
    }
    report.events = at.0;
    if live.applied() != at {
        report.differs(format!("the log ends at {at}, and memory at {}", live.applied()));
    }
    Ok(())
}

/// The bytes of plugins' code are there, and those that they are known by.
async fn plugin_bytes(live: &LiveTenant, replay: &Replay, report: &mut CheckReport) -> Result<()> {
    for code in replay.directory.plugin_codes().filter(|code| code.removed_at.is_none()) {
        let read = tenant::plugin_bytes(live.store(), code).await.map(drop);
        noted(&format!("the plugin {} {}", code.plugin, code.version), read, report)?;
    }
    Ok(())
}

/// Memory must be what a fresh load would give, and the numbers must be as the rows say.
async fn compare_memory(live: &LiveTenant, replay: &Replay, report: &mut CheckReport) -> Result<()> {
    let fresh = load_view(live.store()).await?;
    let scope = Scope::system("the check compares all there is");
    for difference in live.with_view(&scope, |view| view.compare(&fresh)) {
        report.differs(format!("the view: {difference}"));
    }
    let directory = load_directory(live.store()).await?;
    compare::directory(&live.directory(), &directory, "memory", "its rows", report);
    compare::directory(&directory, &replay.directory, "its rows", "the log", report);
    compare::numbers(replay, report);
    Ok(())
}
