//! Runs for people: lists, single ones, and how many there were.

use super::counted::{Counted, Sign};
use super::newest::{Found, Newest, find_brief, find_whole};
use super::sums::read_sums;
use super::{RunAnswer, RunId, RunMode, RunRecord, RunTask};
use crate::service::{Health, Plugins};
use mortise_engine::context::Principal;
use mortise_engine::id::{InstallationId, IssueId};
use mortise_engine::model::InstallationStatus;
use mortise_engine::query::Reader;
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, ErrorCode, PluginRoom, Result};

/// Runs of one page.
const PAGE_MAX: usize = 100;

/// Which runs are wanted; what is none asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Called for one of these.
    pub tasks: Option<Vec<RunTask>>,
    /// With one of these outcomes.
    pub answers: Option<Vec<RunAnswer>>,
    /// In this mode.
    pub mode: Option<RunMode>,
    /// About this issue.
    pub issue: Option<IssueId>,
    /// Begun at this moment or later.
    pub since: Option<Timestamp>,
    /// Whether it logged something.
    pub logged: Option<bool>,
}

impl RunFilter {
    /// Whether a run is wanted.
    #[must_use]
    pub fn wants(&self, run: &RunRecord) -> bool {
        self.tasks.as_ref().is_none_or(|tasks| tasks.contains(&run.task))
            && self.answers.as_ref().is_none_or(|answers| answers.contains(&run.outcome.answer))
            && self.mode.is_none_or(|mode| mode == run.mode)
            && self.issue.is_none_or(|issue| run.issue == Some(issue))
            && self.since.is_none_or(|since| run.at >= since)
            && self.logged.is_none_or(|logged| logged == (!run.logs.is_empty() || run.logs_dropped > 0))
    }

    /// Whether it may want one that is kept in brief: such a run is alike others and logged nothing.
    pub(super) fn may_want_briefs(&self) -> bool {
        let alike = [RunAnswer::Allowed, RunAnswer::Narrowed, RunAnswer::NotRun];
        let answers = |answers: &Vec<RunAnswer>| alike.iter().any(|answer| answers.contains(answer));
        self.logged != Some(true) && self.answers.as_ref().is_none_or(answers)
    }
}

/// A part of a list of runs, newest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// At most so many; at most 100.
    pub first: usize,
    /// Behind this one: older ones.
    pub after: Option<RunId>,
}

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// The runs, newest first.
    pub runs: Vec<RunRecord>,
    /// Whether there are older ones.
    pub more: bool,
    /// How it did of late as it was asked.
    pub asked: Health,
    /// How it did of late as it acted by itself.
    pub acting: Health,
    /// How many there were, by hour, newest first, of the last two days: also those that are not kept any more.
    pub totals: Vec<RunTotals>,
    /// Records that were dropped because more came at once than could be written, since this process began.
    pub dropped: u64,
    /// Records that were looked at for it; of those that are kept in brief, ten are as much as one.
    pub looked_at: usize,
    /// Bytes of those that it holds, as they are kept.
    pub bytes: usize,
}

/// The runs of one hour together.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct RunTotals {
    /// The beginning of the hour.
    #[n(0)]
    pub hour: Timestamp,
    /// All runs.
    #[n(1)]
    pub runs: u64,
    /// Those that denied.
    #[n(2)]
    pub denied: u64,
    /// Those that amended or narrowed.
    #[n(3)]
    pub amended: u64,
    /// Those that failed or were stopped, and those that wanted done what was refused.
    #[n(4)]
    pub failed: u64,
    /// Those for which there was no room.
    #[n(5)]
    pub not_run: u64,
    /// CPU time of all together, in microseconds.
    #[n(6)]
    pub cpu_us: u64,
    /// The most CPU time of one, in microseconds.
    #[n(7)]
    pub cpu_us_max: u64,
}

impl RunTotals {
    /// Takes others of the same hour in.
    pub(crate) fn add(&mut self, other: &Self) {
        self.runs = self.runs.saturating_add(other.runs);
        self.denied = self.denied.saturating_add(other.denied);
        self.amended = self.amended.saturating_add(other.amended);
        self.failed = self.failed.saturating_add(other.failed);
        self.not_run = self.not_run.saturating_add(other.not_run);
        self.cpu_us = self.cpu_us.saturating_add(other.cpu_us);
        self.cpu_us_max = self.cpu_us_max.max(other.cpu_us_max);
    }

    /// Those of one run.
    pub(super) fn of(run: &Counted) -> Self {
        let is = |answers: &[RunAnswer]| u64::from(answers.contains(&run.answer));
        Self {
            hour: Timestamp::from_millis(run.at.millis().div_euclid(3_600_000) * 3_600_000),
            runs: 1,
            denied: is(&[RunAnswer::Denied]),
            amended: is(&[RunAnswer::Amended, RunAnswer::Narrowed]),
            failed: u64::from(matches!(run.sign, Sign::Failed(_))),
            not_run: is(&[RunAnswer::NotRun]),
            cpu_us: run.cpu_us,
            cpu_us_max: run.cpu_us,
        }
    }
}

impl Plugins {
    /// The runs of an installation, newest first. What is not written yet is written first. Of a run that was told of what this
    /// party does not see it is told that it was, how it ended and what it used; it is about no issue here.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND` for an installation that is not there, `UNAVAILABLE` when the
    /// store cannot be read.
    pub async fn runs(
        &self,
        principal: &Principal,
        installation: InstallationId,
        filter: &RunFilter,
        page: Shown,
    ) -> Result<RunPage> {
        let reader = self.manager(principal).await?;
        self.0.runs.flush().await;
        let room = self.engine()?.plugin_room(principal.tenant(), installation).await?;
        let sums = read_sums(&room).await?;
        let mut shown = RunPage {
            runs: Vec::new(),
            more: false,
            asked: sums.asked.clone(),
            acting: sums.acting.clone(),
            totals: sums.totals.clone(),
            dropped: self.0.runs.dropped(),
            looked_at: 0,
            bytes: 0,
        };
        let now = self.engine()?.clock().now();
        let kept = |run| sums.as_of(now, run);
        shown.fill((&room, &kept), &reader, filter, page).await?;
        Ok(shown)
    }

    /// One run of an installation.
    ///
    /// # Errors
    ///
    /// As [`Plugins::runs`]; `NOT_FOUND` also for a run that is no longer kept.
    pub async fn run(
        &self,
        principal: &Principal,
        installation: InstallationId,
        run: RunId,
    ) -> Result<RunRecord> {
        Ok(self.run_and_whether_whole(principal, installation, run).await?.0)
    }

    /// One run as this party may see it, and whether that is all of it.
    pub(crate) async fn run_and_whether_whole(
        &self,
        principal: &Principal,
        installation: InstallationId,
        run: RunId,
    ) -> Result<(RunRecord, bool)> {
        let reader = self.manager(principal).await?;
        self.0.runs.flush().await;
        for whole in [true, false] {
            if let Some(found) = self.kept_run(&reader, installation, (run, whole)).await? {
                return Ok(found);
            }
        }
        Err(Error::not_found(format!("run {run}")))
    }

    /// The same, of what is written: of those that are kept as a whole, or of those in brief.
    async fn kept_run(
        &self,
        reader: &Reader,
        installation: InstallationId,
        (run, whole): (RunId, bool),
    ) -> Result<Option<(RunRecord, bool)>> {
        let room = self.engine()?.plugin_room(reader.tenant().id, installation).await?;
        let found = if whole { find_whole(&room, run).await? } else { find_brief(&room, run).await? };
        let Some(run) = found else { return Ok(None) };
        let now = self.engine()?.clock().now();
        let Some(run) = read_sums(&room).await?.as_of(now, run) else { return Ok(None) };
        let seen = run.is_seen_by(reader);
        Ok(Some((run.seen_by(reader), seen)))
    }

    /// One run, whichever installation's.
    ///
    /// # Errors
    ///
    /// As [`Plugins::run`].
    pub async fn find_run(&self, principal: &Principal, run: RunId) -> Result<RunRecord> {
        Ok(self.find_run_and_whether_whole(principal, run).await?.0)
    }

    /// The same, and whether that is all of it.
    pub(crate) async fn find_run_and_whether_whole(
        &self,
        principal: &Principal,
        run: RunId,
    ) -> Result<(RunRecord, bool)> {
        let reader = self.manager(principal).await?;
        self.0.runs.flush().await;
        let there = reader.installations();
        // To look for a brief takes more.
        for whole in [true, false] {
            for installation in there.iter().filter(|i| i.status != InstallationStatus::Removed) {
                let found = match self.kept_run(&reader, installation.id, (run, whole)).await {
                    // The installation was removed meanwhile.
                    Err(error) if error.code() == ErrorCode::NotFound => None,
                    found => found?,
                };
                if let Some(found) = found {
                    return Ok(found);
                }
            }
        }
        Err(Error::not_found(format!("run {run}")))
    }

    /// How an installation does: as it is asked, and as it acts by itself.
    ///
    /// # Errors
    ///
    /// As [`Plugins::runs`].
    pub async fn health(
        &self,
        principal: &Principal,
        installation: InstallationId,
    ) -> Result<(Health, Health)> {
        self.manager(principal).await?;
        self.0.runs.flush().await;
        let room = self.engine()?.plugin_room(principal.tenant(), installation).await?;
        let sums = read_sums(&room).await?;
        Ok((sums.asked, sums.acting))
    }
}

impl RunPage {
    /// Goes back from the newest until the page is full, and one more is known to be there.
    async fn fill(
        &mut self,
        (room, kept): (&PluginRoom, &(impl Fn(RunRecord) -> Option<RunRecord> + Sync)),
        reader: &Reader,
        filter: &RunFilter,
        page: Shown,
    ) -> Result<()> {
        let first = page.first.clamp(1, PAGE_MAX);
        let mut newest = Newest::of(room, filter, page.after, first);
        while let Some(Found { record, bytes }) = newest.next_run().await? {
            // Those behind one that is too old are older.
            let Some(run) = kept(record) else { break };
            let run = run.seen_by(reader);
            if !filter.wants(&run) {
                continue;
            }
            if self.runs.len() >= first {
                self.more = true;
                break;
            }
            self.bytes = self.bytes.saturating_add(bytes);
            self.runs.push(run);
        }
        self.looked_at = newest.looked_at();
        Ok(())
    }
}
