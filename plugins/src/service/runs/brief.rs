//! A brief: what is kept of a run that is alike others and logged nothing.
//!
//! Nearly all that hooks leave behind is such, and each is noted while somebody's change waits. So a brief shares its code with its
//! installation, holds what it used as numbers, and leaves what it knew behind: it cannot be done again. Its whole record is made
//! where somebody reads it.

use super::{RunAnswer, RunId, RunMode, RunOutcome, RunRecord, RunSight, RunTask, uuid_as_bytes};
use crate::convert::line;
use crate::host::{MEASURES, Share};
use crate::service::outcome::WORDS_CHARS_MAX;
use mortise_engine::id::{InstallationId, IssueId};
use mortise_engine::model::{Digest, Installation};
use mortise_engine::time::Timestamp;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of a row beside its texts and the issues that it names: there are no more, whatever it says.
const ROW_BYTES: usize = 320;

/// A brief on its way to where it is kept.
#[derive(Debug)]
pub(crate) struct Brief {
    /// Whose.
    pub(crate) installation: InstallationId,
    /// The code that ran.
    pub(crate) ran: Ran,
    /// The rest. Boxed: whoever writes them sorts and hands on lists of hundreds, and for lists of whole rows the system clears new
    /// memory each time.
    pub(crate) row: Box<BriefRow>,
}

/// The code that ran.
#[derive(Debug)]
pub(crate) enum Ran {
    /// That of the installation as it was then.
    Installed(Arc<Installation>),
    /// Another.
    Other(RanCode),
}

/// A code, as briefs that lie together name it.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct RanCode {
    #[n(0)]
    pub(super) digest: Digest,
    #[n(1)]
    pub(super) version: String,
}

/// What a brief says, as it is kept: all of a record but whose it is, which code ran, and what there is none of here.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct BriefRow {
    #[n(0)]
    pub(crate) id: RunId,
    #[n(1)]
    pub(crate) task: RunTask,
    #[n(2)]
    pub(crate) mode: RunMode,
    #[n(3)]
    pub(crate) answer: RunAnswer,
    #[n(4)]
    pub(crate) kind: Cow<'static, str>,
    #[n(5)]
    pub(crate) words: Cow<'static, str>,
    #[n(6)]
    pub(crate) at: Timestamp,
    #[n(7)]
    pub(crate) attempt: u32,
    #[n(8)]
    pub(crate) issue: Option<IssueId>,
    #[n(9)]
    pub(crate) about: String,
    /// How much was used of each of [`MEASURES`], and how much there was; nothing where nothing was called.
    #[n(10)]
    pub(crate) used: Vec<(u64, u64)>,
    #[cbor(n(11), with = "uuid_as_bytes")]
    pub(crate) request: Uuid,
    #[n(12)]
    pub(crate) staged: u32,
    #[n(13)]
    pub(crate) sight: RunSight,
}

impl Brief {
    /// That of a run with this record, which logged nothing and has no details.
    pub(super) fn of(record: RunRecord) -> Self {
        let row = BriefRow {
            id: record.id,
            task: record.task,
            mode: record.mode,
            answer: record.outcome.answer,
            kind: record.outcome.kind.into(),
            words: record.outcome.words.into(),
            at: record.at,
            attempt: record.attempt,
            issue: record.issue,
            about: record.about,
            // They are in the order of the measures.
            used: record.used.iter().map(|share| (share.used, share.limit)).collect(),
            request: record.request,
            staged: record.staged,
            sight: record.sight.short(),
        };
        let code = RanCode { digest: record.digest, version: record.version };
        Self { installation: record.installation, ran: Ran::Other(code), row: Box::new(row) }
    }

    /// Without what it need not know where nobody can do it again.
    pub(crate) fn short(mut self) -> Self {
        self.row.sight = self.row.sight.short();
        self
    }

    /// The whole record, as far as a brief says it.
    pub(crate) fn record(self) -> RunRecord {
        self.row.record(self.installation, &self.ran.code())
    }

    /// As it is kept: what it was about is a line by then, as everything that is shown. That takes too long while a change waits.
    pub(crate) fn settled(mut self) -> Self {
        self.row.about = line(&self.row.about, WORDS_CHARS_MAX);
        self
    }

    /// Bytes that it takes while it waits, about, beside itself; its row is part of them.
    pub(super) fn weight(&self) -> usize {
        let code = if let Ran::Other(code) = &self.ran { code.version.len() } else { 0 };
        let used = self.row.used.len().saturating_mul(size_of::<(u64, u64)>());
        // What each part takes of the allocator.
        let parts = 80;
        size_of::<BriefRow>() + code + used + parts + self.row.texts()
    }
}

impl Ran {
    /// This code, of this version.
    pub(crate) fn of(installation: &Arc<Installation>, digest: Digest, version: &str) -> Self {
        if installation.digest == digest && *installation.code_version == *version {
            Self::Installed(Arc::clone(installation))
        } else {
            Self::Other(RanCode { digest, version: version.to_owned() })
        }
    }

    /// Whether it is this one.
    pub(super) fn is(&self, code: &RanCode) -> bool {
        match self {
            Self::Installed(of) => of.digest == code.digest && *of.code_version == *code.version,
            Self::Other(other) => other == code,
        }
    }

    /// As it is kept.
    pub(super) fn code(&self) -> RanCode {
        match self {
            Self::Installed(of) => RanCode { digest: of.digest, version: of.code_version.to_string() },
            Self::Other(code) => code.clone(),
        }
    }
}

impl BriefRow {
    /// The whole record of a run of this installation with this code.
    pub(super) fn record(self, installation: InstallationId, code: &RanCode) -> RunRecord {
        let used = std::iter::zip(MEASURES, self.used);
        let used = used.map(|(name, (used, limit))| Share::of(name, used, limit).into()).collect();
        RunRecord {
            id: self.id,
            installation,
            digest: code.digest,
            version: code.version.clone(),
            task: self.task,
            mode: self.mode,
            at: self.at,
            attempt: self.attempt,
            outcome: RunOutcome {
                answer: self.answer,
                words: self.words.into_owned(),
                kind: self.kind.into_owned(),
            },
            issue: self.issue,
            about: self.about,
            used,
            logs: Vec::new(),
            logs_dropped: 0,
            request: self.request,
            staged: self.staged,
            replayable: false,
            detail: None,
            sight: self.sight,
        }
    }

    /// What came of it.
    pub(super) fn outcome(&self) -> RunOutcome {
        let (words, kind) = (self.words.clone().into_owned(), self.kind.clone().into_owned());
        RunOutcome { answer: self.answer, words, kind }
    }

    /// CPU time of the guest, in microseconds.
    pub(super) fn cpu_us(&self) -> u64 {
        let mut used = std::iter::zip(MEASURES, &self.used);
        used.find(|(name, _)| *name == "cpu_us").map_or(0, |(_, (used, _))| *used)
    }

    /// Bytes that it takes at most as it is kept.
    pub(super) fn bytes_max(&self) -> usize {
        self.texts().saturating_add(ROW_BYTES)
    }

    /// Bytes of its texts, and of the issues and teams that it names.
    fn texts(&self) -> usize {
        let named = self.sight.issues.len().saturating_add(self.sight.teams.len());
        let named = named.saturating_mul(size_of::<IssueId>() + 1);
        self.about.len() + self.words.len() + self.kind.len() + named
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A brief of an installation, as a guard that let a change pass leaves it.
    pub(in crate::service::runs) fn brief(installation: InstallationId, id: RunId) -> Brief {
        let row = BriefRow {
            id,
            task: RunTask::Validate,
            mode: RunMode::Live,
            answer: RunAnswer::Allowed,
            kind: "allowed".into(),
            words: "allowed".into(),
            at: Timestamp::from_millis(id.millis()),
            attempt: 1,
            issue: Some(IssueId::generate()),
            about: "a change of ENG-1".to_owned(),
            used: vec![(210, 20_000), (400, 50_000), (1, 32), (0, 50), (0, 20), (0, 0), (1, 100), (0, 0)],
            request: Uuid::now_v7(),
            staged: 0,
            sight: RunSight::default(),
        };
        let code = RanCode { digest: Digest::of(b"code"), version: "1.0.0".to_owned() };
        Brief { installation, ran: Ran::Other(code), row: Box::new(row) }
    }

    #[test]
    fn a_record_is_the_same_when_it_was_kept_in_brief() {
        let installation = InstallationId::generate();
        let made = brief(installation, RunId::generate());
        let record = made.row.clone().record(installation, &made.ran.code());
        let shares: Vec<_> = record.used.iter().map(|share| (share.name.as_str(), share.percent)).collect();
        assert_eq!(shares[..3], [("cpu_us", 2), ("wall_us", 1), ("memory_bytes", 4)]);
        assert_eq!((shares.len(), record.replayable, record.cpu_us()), (MEASURES.len(), false, 210));
        let again = Brief::of(record.clone()).settled();
        assert_eq!(again.row.record(installation, &again.ran.code()), record);
    }

    #[test]
    fn a_row_takes_no_more_than_it_says() {
        let mut row = brief(InstallationId::generate(), RunId::generate()).row;
        (row.at, row.attempt, row.staged) = (Timestamp::from_millis(i64::MAX), u32::MAX, u32::MAX);
        row.used = vec![(u64::MAX, u64::MAX); MEASURES.len()];
        row.sight.issues = (0..50).map(|_| IssueId::generate()).collect();
        row.sight.teams = (0..50).map(|_| mortise_engine::id::TeamId::generate()).collect();
        row.sight.team = Some(mortise_engine::id::TeamId::generate());
        let bytes = minicbor::to_vec(&row).unwrap().len();
        assert!(bytes <= row.bytes_max() && row.bytes_max() < bytes + 100, "{bytes}: {}", row.bytes_max());
    }
}
