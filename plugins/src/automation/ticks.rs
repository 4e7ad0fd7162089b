//! The schedules of an installation: when each was last due and done, and which is due now.
//!
//! Times that nobody was there for are counted, not made up. Time comes in as a value.

use super::rows;
use crate::manifest::{Manifest, Schedule};
use crate::schedule::{Due, zone};
use jiff::tz::TimeZone;
use mortise_engine::model::Seq;
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
                last: stored.map_or(now, |row| row.last),
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

    /// What is due now.
    pub(super) fn due(&self, now: Timestamp, company: &TimeZone) -> Option<DueTick> {
        let at = instant(now)?;
        self.0.iter().filter(|one| one.not_before <= now).find_map(|one| {
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

fn instant(at: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(at.millis()).ok()
}
