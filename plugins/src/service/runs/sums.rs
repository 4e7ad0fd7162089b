//! The sums of an installation: how many runs there were in each hour, and how it did of late.

use super::counted::{Counted, Sign};
use super::rows::{KEPT_MS, SUMS};
use super::{RunAnswer, RunId, RunMode, RunRecord, RunTask, RunTotals};
use crate::service::Health;
use mortise_engine::command::plugin::FailedAs;
use mortise_engine::time::Timestamp;
use mortise_engine::{PluginRoom, Result};

/// Hours of which there are sums.
const HOURS_MAX: usize = 48;

/// How many runs there were of late, and how it did. A row.
#[derive(Debug, Clone, Default, minicbor::Encode, minicbor::Decode)]
pub(super) struct Sums {
    /// By hour, newest first.
    #[n(0)]
    pub(super) totals: Vec<RunTotals>,
    /// How it did as it was asked.
    #[n(1)]
    pub(super) asked: Health,
    /// How it did as it acted by itself.
    #[n(2)]
    pub(super) acting: Health,
    /// The oldest run of which is kept what it knew; none where that was not noted yet.
    #[n(3)]
    pub(super) inputs_from: Option<RunId>,
}

impl Sums {
    /// A run as it is now: what it knew goes before its record does. None where it is too old to be told of.
    pub(super) fn as_of(&self, now: Timestamp, run: RunRecord) -> Option<RunRecord> {
        let known = self.inputs_from.is_none_or(|from| run.id >= from);
        let kept = run.id.millis() >= now.millis().saturating_sub(KEPT_MS);
        kept.then_some(RunRecord { replayable: run.replayable && known, ..run })
    }

    /// How it did as it does this.
    pub(super) const fn of(&mut self, failed: FailedAs) -> &mut Health {
        match failed {
            FailedAs::Asked => &mut self.asked,
            FailedAs::Acting => &mut self.acting,
        }
    }

    /// Takes one more run in.
    pub(super) fn count(&mut self, run: &Counted) {
        let one = RunTotals::of(run);
        match self.totals.iter_mut().find(|totals| totals.hour == one.hour) {
            Some(totals) => totals.add(&one),
            None => {
                let place = self.totals.partition_point(|totals| totals.hour > one.hour);
                self.totals.insert(place, one);
                self.totals.truncate(HOURS_MAX);
            }
        }
    }

    /// Takes in how the plugin did.
    pub(super) fn judge(&mut self, run: &Counted) {
        let Some(failed) = failing_as(run.task) else { return };
        if run.mode == RunMode::DryRun {
            // Whoever tries a plugin out neither stops it nor makes it well.
            return;
        }
        if run.task == RunTask::Inbound && run.answer == RunAnswer::Refused {
            // Whoever sends requests decides what is refused.
            return;
        }
        let health = self.of(failed);
        match &run.sign {
            Sign::None => {}
            Sign::NotAsked(why) => health.not_asked = Some(why.clone()),
            Sign::Well | Sign::Failed(_) => {
                health.not_asked = None;
                let why = if let Sign::Failed(why) = &run.sign { Some(why.as_str()) } else { None };
                health.note(why, run.at);
            }
        }
    }
}

/// As what a plugin fails that fails at this. None for what boards show: it refuses nobody anything, and any reader could have a
/// guard fail by it.
const fn failing_as(task: RunTask) -> Option<FailedAs> {
    match task {
        RunTask::Amend | RunTask::Validate => Some(FailedAs::Asked),
        RunTask::NextStates => None,
        RunTask::Event | RunTask::Schedule | RunTask::Inbound | RunTask::Lifecycle => Some(FailedAs::Acting),
    }
}

/// The sums of an installation.
pub(super) async fn read_sums(room: &PluginRoom) -> Result<Sums> {
    let row = room.get(SUMS).await?;
    Ok(row.and_then(|row| minicbor::decode(&row).ok()).unwrap_or_default())
}
