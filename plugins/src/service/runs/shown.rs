//! Runs for people: lists, single ones, and how many there were.

use super::books::{RUN, name, read_sums};
use super::{RunAnswer, RunId, RunMode, RunRecord, RunTask};
use crate::service::{Health, Plugins};
use mortise_engine::context::Principal;
use mortise_engine::id::{InstallationId, IssueId};
use mortise_engine::model::InstallationStatus;
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, ErrorCode, PluginRoom, Result};

/// Runs of one page.
const PAGE_MAX: usize = 100;

/// Pages that are read to find all records of an installation: there are at most 500, some of them large.
const RECORDS_MAX: usize = 500;

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
    /// How many there were, by hour, newest first, of the last two days; those of hooks that let everything pass are
    /// counted here and not all listed.
    pub totals: Vec<RunTotals>,
    /// Records that were dropped because more came at once than could be written, since this process began.
    pub dropped: u64,
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
    /// Those that failed or were stopped.
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
    pub(crate) fn of(run: &RunRecord) -> Self {
        let is = |answers: &[RunAnswer]| u64::from(answers.contains(&run.outcome.answer));
        Self {
            hour: Timestamp::from_millis(run.at.millis().div_euclid(3_600_000) * 3_600_000),
            runs: 1,
            denied: is(&[RunAnswer::Denied]),
            amended: is(&[RunAnswer::Amended, RunAnswer::Narrowed]),
            failed: is(&[RunAnswer::Failed, RunAnswer::GaveUp]),
            not_run: is(&[RunAnswer::NotRun]),
            cpu_us: run.cpu_us(),
            cpu_us_max: run.cpu_us(),
        }
    }
}

impl Plugins {
    /// The runs of an installation, newest first. What is not written yet is written first.
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
        self.manager(principal).await?;
        self.0.runs.flush().await;
        let room = self.engine()?.plugin_room(principal.tenant(), installation).await?;
        let first = page.first.clamp(1, PAGE_MAX);
        let mut found = records(&room).await?;
        found.retain(|run| filter.wants(run) && page.after.is_none_or(|after| run.id < after));
        let more = found.len() > first;
        found.truncate(first);
        let sums = read_sums(&room).await?;
        let dropped = self.0.runs.dropped();
        Ok(RunPage {
            runs: found,
            more,
            asked: sums.asked,
            acting: sums.acting,
            totals: sums.totals,
            dropped,
        })
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
        self.manager(principal).await?;
        self.0.runs.flush().await;
        self.kept_run(principal, installation, run).await
    }

    /// The same, of what is written.
    async fn kept_run(
        &self,
        principal: &Principal,
        installation: InstallationId,
        run: RunId,
    ) -> Result<RunRecord> {
        let room = self.engine()?.plugin_room(principal.tenant(), installation).await?;
        let row = room.get(&name(RUN, run)).await?.ok_or_else(|| Error::not_found(format!("run {run}")))?;
        minicbor::decode(&row).map_err(Error::internal)
    }

    /// One run, whichever installation's.
    ///
    /// # Errors
    ///
    /// As [`Plugins::run`].
    pub async fn find_run(&self, principal: &Principal, run: RunId) -> Result<RunRecord> {
        let reader = self.manager(principal).await?;
        self.0.runs.flush().await;
        let there = reader.installations();
        for installation in there.iter().filter(|i| i.status != InstallationStatus::Removed) {
            match self.kept_run(principal, installation.id, run).await {
                Err(error) if error.code() == ErrorCode::NotFound => {}
                found => return found,
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

/// All records of an installation, newest first.
async fn records(room: &PluginRoom) -> Result<Vec<RunRecord>> {
    let (mut found, mut after): (Vec<RunRecord>, Option<Vec<u8>>) = (Vec::new(), None);
    for _ in 0..RECORDS_MAX {
        let page = room.scan(RUN, after.as_deref(), 200).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        found.extend(page.iter().filter_map(|(_, row)| minicbor::decode::<RunRecord>(row).ok()));
    }
    found.reverse();
    Ok(found)
}
