//! One run, as it is kept and shown.

use super::{RunId, RunSight, uuid_as_bytes};
use crate::host::{Recording, Share, wit};
use mortise_engine::id::{InstallationId, IssueId};
use mortise_engine::model::Digest;
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, ErrorCode, words};
use uuid::Uuid;

words! {
    /// What a guest was called for.
    RunTask {
        /// What else should change with a proposal.
        0 Amend = "AMEND",
        /// Whether a proposal may be.
        1 Validate = "VALIDATE",
        /// Which states issues may enter.
        2 NextStates = "NEXT_STATES",
        /// Something has happened.
        3 Event = "EVENT",
        /// It is time.
        4 Schedule = "SCHEDULE",
        /// A request from outside.
        5 Inbound = "INBOUND",
        /// What becomes of the installation.
        6 Lifecycle = "LIFECYCLE",
    }
}

words! {
    /// Whether what a run said counted.
    RunMode {
        /// It counted.
        0 Live = "LIVE",
        /// It was recorded alone.
        1 Shadow = "SHADOW",
        /// Somebody wanted to see what would happen.
        2 DryRun = "DRY_RUN",
        /// An earlier run, done again from its recording.
        3 Replay = "REPLAY",
    }
}

words! {
    /// What came of a run.
    RunAnswer {
        /// It let it pass, or had nothing to add.
        0 Allowed = "ALLOWED",
        /// It said no.
        1 Denied = "DENIED",
        /// It changed something with it.
        2 Amended = "AMENDED",
        /// It narrowed the states.
        3 Narrowed = "NARROWED",
        /// It did its work, and what it staged was done.
        4 Done = "DONE",
        /// It wants to be asked again later.
        5 Retry = "RETRY",
        /// It gave up.
        6 GaveUp = "GAVE_UP",
        /// It was stopped, or failed.
        7 Failed = "FAILED",
        /// There was no room for it, or the host could not do its part.
        8 NotRun = "NOT_RUN",
        /// It was done, but what it staged was refused.
        9 Refused = "REFUSED",
    }
}

/// What came of a run, with the words for people.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct RunOutcome {
    /// What.
    #[n(0)]
    pub answer: RunAnswer,
    /// In words, such as `used 20 ms of CPU, the limit is 20 ms`.
    #[n(1)]
    pub words: String,
    /// A short name that does not change, for counting: `denied`, `cpu`, `trap` …
    #[n(2)]
    pub kind: String,
}

/// The kind of a run of which nobody knows whether what it staged was done.
const UNKNOWN: &str = "unavailable";

/// The kind of a run that somebody was faster than: it is done again.
const CONFLICT: &str = "conflict";

/// The kind of a run for whose commands the company has no room.
const NO_ROOM: &str = "entitlement";

/// The kind of a run whose amendment cannot be.
pub(crate) const EDITS: &str = "edits";

/// The kind of a run after which nothing more may follow from what began it.
pub(crate) const ENOUGH: &str = "enough";

impl RunOutcome {
    /// That it wanted more than may follow from what began it: the plugins together do that, and no one of them.
    pub(crate) fn enough() -> Self {
        let words =
            "plugins set each other off: so much has followed from what began this that nothing more may";
        Self { answer: RunAnswer::Refused, words: words.to_owned(), kind: ENOUGH.to_owned() }
    }

    /// That what it amended cannot be, for this reason.
    pub(crate) fn unfit(why: &str) -> Self {
        let words = crate::convert::line(&format!("what it amends cannot be: {why}"), 500);
        Self { answer: RunAnswer::Failed, words, kind: EDITS.to_owned() }
    }

    /// That what it staged was not done, by why.
    pub(crate) fn refused(error: &Error) -> Self {
        let kind = match error.code() {
            ErrorCode::Unavailable | ErrorCode::Internal | ErrorCode::RateLimited => UNKNOWN,
            ErrorCode::Conflict => CONFLICT,
            ErrorCode::EntitlementExceeded => NO_ROOM,
            _ => "refused",
        };
        let words = crate::convert::line(error.message(), 500);
        Self { answer: RunAnswer::Refused, words, kind: kind.to_owned() }
    }

    /// Whether the plugin failed: also where it said that all was well, and what it staged was refused. That a store was not there
    /// is no failure of it, nor that somebody was faster, nor that its company has no room for more.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match self.answer {
            RunAnswer::Failed | RunAnswer::GaveUp => true,
            RunAnswer::Refused => ![UNKNOWN, CONFLICT, NO_ROOM, ENOUGH].contains(&self.kind.as_str()),
            _ => false,
        }
    }
}

/// How much of one budget a run used.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct RunShare {
    /// What is measured, with its unit, such as `cpu_us`.
    #[n(0)]
    pub name: String,
    /// How much was used.
    #[n(1)]
    pub used: u64,
    /// How much there was.
    #[n(2)]
    pub limit: u64,
    /// Whole percent, rounded up.
    #[n(3)]
    pub percent: u64,
}

impl From<Share> for RunShare {
    fn from(Share { name, used, limit, percent }: Share) -> Self {
        Self { name: name.to_owned(), used, limit, percent }
    }
}

/// A line that a guest logged.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct RunLog {
    /// How grave it is: `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`.
    #[n(0)]
    pub level: String,
    /// What it says.
    #[n(1)]
    pub message: String,
    /// With what: names and values.
    #[n(2)]
    pub fields: Vec<(String, String)>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct RunRecord {
    /// The id; ids sort as the runs began.
    #[n(0)]
    pub id: RunId,
    /// Whose.
    #[n(1)]
    pub installation: InstallationId,
    /// The code that ran.
    #[n(2)]
    pub digest: Digest,
    /// The version of it.
    #[n(3)]
    pub version: String,
    /// What it was called for.
    #[n(4)]
    pub task: RunTask,
    /// Whether what it said counted.
    #[n(5)]
    pub mode: RunMode,
    /// When it began.
    #[n(6)]
    pub at: Timestamp,
    /// Which attempt at the same thing it was, from 1.
    #[n(7)]
    pub attempt: u32,
    /// What came of it.
    #[n(8)]
    pub outcome: RunOutcome,
    /// The issue that it was about.
    #[n(9)]
    pub issue: Option<IssueId>,
    /// What it was about, in words, such as `issue.created` or the name of a schedule.
    #[n(10)]
    pub about: String,
    /// What it used of each budget.
    #[n(11)]
    pub used: Vec<RunShare>,
    /// What it logged.
    #[n(12)]
    pub logs: Vec<RunLog>,
    /// Lines that were over the budget.
    #[n(13)]
    pub logs_dropped: u32,
    /// The request that led to it: found in logs as the trace's id.
    #[cbor(n(14), with = "uuid_as_bytes")]
    pub request: Uuid,
    /// What it staged.
    #[n(15)]
    pub staged: u32,
    /// Its input is kept, so that it can be done again; of runs that are alike others, one a minute can.
    #[n(16)]
    pub replayable: bool,
    /// Details as JSON: the fields of a denial, the edits of an amendment.
    #[n(17)]
    pub detail: Option<String>,
    /// What it was told of beside its issue: only who sees all of that is told what it said.
    #[cbor(n(18), default)]
    pub sight: RunSight,
}

impl RunRecord {
    /// CPU time of the guest, in microseconds.
    #[must_use]
    pub fn cpu_us(&self) -> u64 {
        self.used.iter().find(|share| share.name == "cpu_us").map_or(0, |share| share.used)
    }

    /// Whether the plugin failed in it.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.outcome.is_failure()
    }
}

/// All that a run knew: with it, it can be done again and comes to the same.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RunInput {
    /// What it was called for.
    pub task: crate::host::Task,
    /// The circumstances.
    pub call: wit::Call,
    /// What it asked and was told.
    pub recording: Recording,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_a_failure_and_a_store_that_is_not_there_is_none() {
        let refused = RunOutcome::refused(&Error::rejected("the workflow does not permit it"));
        assert_eq!((refused.answer, refused.kind.as_str()), (RunAnswer::Refused, "refused"));
        assert!(refused.is_failure());
        let unknown = RunOutcome::refused(&Error::unavailable("the store is busy"));
        assert_eq!((unknown.answer, unknown.kind.as_str()), (RunAnswer::Refused, "unavailable"));
        assert!(!unknown.is_failure());
        assert!(!RunOutcome::refused(&Error::conflict("somebody was faster")).is_failure());
        let full = Error::new(ErrorCode::EntitlementExceeded, "no more issues");
        assert!(!RunOutcome::refused(&full).is_failure());
    }
}
