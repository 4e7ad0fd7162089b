//! The schedules of an installation: when each was last due and done, and which is due now.
//!
//! A schedule runs on the clocks of its own zone, or else on those of the company. Times that nobody was there for are counted, not made up. Time comes in as a value.

use super::rows;
use crate::manifest::{Manifest, Schedule};
use crate::schedule::{Due, zone};
use crate::service::Plugins;
use jiff::tz::TimeZone;
use mortise_engine::model::{Installation, Seq, Tenant};
use mortise_engine::time::Timestamp;
use mortise_engine::{PluginRoom, Result};

/// When a schedule was last due and done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct TickRow {
    #[n(0)]
    pub(crate) last: Timestamp,
    /// Since when the installation acts: what it missed while it was disabled is not counted.
    #[n(1)]
    pub(crate) acts_after: Seq,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ticks(Vec<One>);

#[derive(Debug)]
struct One {
    schedule: Schedule,
    /// None: the company's.
    zone: Option<TimeZone>,
    last: Timestamp,
    /// It is stored.
    kept: bool,
    /// Attempts at what is due.
    attempts: u32,
    not_before: Timestamp,
}

/// What is due.
#[derive(Debug, Clone)]
pub(super) struct DueTick {
    pub(super) schedule: String,
    pub(super) due: Due,
    /// From 1.
    pub(super) attempt: u32,
}

impl Ticks {
    /// As they are stored. One that is new begins now.
    pub(super) async fn read(
        manifest: &Manifest,
        acts_after: Seq,
        room: &PluginRoom,
        now: Timestamp,
    ) -> Result<Self> {
        let mut ticks = Vec::with_capacity(manifest.schedules.len());
        for schedule in &manifest.schedules {
            let stored = room.get(&rows::at_text(rows::TICK, &schedule.name)).await?;
            let stored = stored.map(|bytes| rows::decode::<TickRow>(&bytes)).transpose()?;
            let stored = stored.filter(|row| row.acts_after == acts_after);
            ticks.push(One {
                zone: schedule.zone.as_deref().and_then(zone),
                schedule: schedule.clone(),
                last: stored.map_or(now, |row| row.last.min(now)),
                kept: stored.is_some(),
                attempts: 0,
                not_before: now,
            });
        }
        Ok(Self(ticks))
    }

    /// Those of which it is not stored yet since when they run, with that time.
    pub(super) fn begin(&mut self) -> Vec<(String, Timestamp)> {
        let new = self.0.iter_mut().filter(|one| !one.kept);
        new.map(|one| {
            one.kept = true;
            (one.schedule.name.clone(), one.last)
        })
        .collect()
    }

    /// What is due now. A clock that was ahead and was set right stops no schedule for as long as it was ahead.
    pub(super) fn due(&mut self, now: Timestamp, company: &TimeZone) -> Option<DueTick> {
        let at = instant(now)?;
        self.0.iter_mut().for_each(|one| one.last = one.last.min(now));
        let may = |one: &&One| rows::is_due(one.not_before, one.attempts, now);
        self.0.iter().filter(may).find_map(|one| {
            let zone = one.zone.as_ref().unwrap_or(company);
            let due = one.schedule.cron.due(instant(one.last)?, at, zone)?;
            Some(DueTick {
                schedule: one.schedule.name.clone(),
                due,
                attempt: one.attempts.saturating_add(1),
            })
        })
    }

    /// When the next is due.
    pub(super) fn next_at(&self, company: &TimeZone) -> Option<Timestamp> {
        let next = self.0.iter().filter_map(|one| {
            let zone = one.zone.as_ref().unwrap_or(company);
            let at = one.schedule.cron.next_after(instant(one.last)?, zone)?;
            Some(Timestamp::from_millis(at.as_millisecond()).max(one.not_before))
        });
        next.min()
    }

    /// What was due was done, or given up.
    pub(super) fn done(&mut self, tick: &DueTick) {
        if let Some(one) = self.0.iter_mut().find(|one| one.schedule.name == tick.schedule) {
            one.last = Timestamp::from_millis(tick.due.due_at.as_millisecond());
            one.attempts = 0;
        }
    }

    /// What was due is tried again.
    pub(super) fn later(&mut self, tick: &DueTick, at: Timestamp) {
        if let Some(one) = self.0.iter_mut().find(|one| one.schedule.name == tick.schedule) {
            one.attempts = one.attempts.saturating_add(1);
            one.not_before = at;
        }
    }
}

impl Plugins {
    /// When this schedule of an installation is due next, by the clock of the engine: the first time after now, also where an
    /// earlier one still waits. None while the installation does not act by itself, and where there is no time within nine years.
    #[must_use]
    pub fn next_due(
        &self,
        tenant: &Tenant,
        installation: &Installation,
        schedule: &Schedule,
    ) -> Option<Timestamp> {
        let engine = self.engine().ok().filter(|engine| self.may_act(engine, tenant.id, installation))?;
        let zone = schedule.zone.as_deref().and_then(zone).unwrap_or_else(|| zone_of(tenant));
        let at = schedule.cron.next_after(instant(engine.clock().now())?, &zone)?;
        Some(Timestamp::from_millis(at.as_millisecond()))
    }
}

/// Where the days of a company begin.
pub(super) fn zone_of(tenant: &Tenant) -> TimeZone {
    tenant.time_zone.as_deref().and_then(zone).unwrap_or(TimeZone::UTC)
}

fn instant(at: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(at.millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutely(last: i64, not_before: i64, attempts: u32) -> Ticks {
        let cron = "* * * * *".parse().unwrap();
        let schedule = Schedule { name: "minutely".into(), cron, zone: None };
        let (last, not_before) = (Timestamp::from_millis(last), Timestamp::from_millis(not_before));
        Ticks(vec![One { schedule, zone: None, last, kept: true, attempts, not_before }])
    }

    fn due(ticks: &mut Ticks, now: i64) -> Option<i64> {
        let due = ticks.due(Timestamp::from_millis(now), &TimeZone::UTC)?;
        Some(due.due.due_at.as_millisecond())
    }

    #[test]
    fn a_clock_that_was_an_hour_ahead_stops_no_schedule() {
        let (minute, hour) = (60_000, 3_600_000);
        // Last due by that clock, and put off by it.
        let mut ticks = minutely(2 * hour, 2 * hour, 0);
        assert_eq!(due(&mut ticks, hour + 1), None);
        assert_eq!(due(&mut ticks, hour + minute), Some(hour + minute));
        let mut ticks = minutely(hour, 2 * hour + 10_000, 1);
        assert_eq!(due(&mut ticks, hour + minute), Some(hour + minute));
    }

    #[test]
    fn what_failed_waits_for_its_delay() {
        let mut ticks = minutely(0, 70_000, 1);
        assert_eq!(due(&mut ticks, 60_000), None);
        assert_eq!(due(&mut ticks, 70_000), Some(60_000));
    }
}
