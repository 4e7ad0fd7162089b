//! Warns and escalates when answers or solutions are late.
//!
//! A schedule reads the clocks; events say when an answer came and when a clock stood still. Each step is taken once for each
//! issue, and what was taken is remembered in the same write.

mod act;
mod calendar;
mod follow;
mod memory;
mod settings;
mod sweep;
#[cfg(test)]
mod tests;

use calendar::Calendar;
use mortise_sdk::prelude::*;
use settings::Settings;

/// What the host asks.
pub struct Plugin;

impl ScheduledPlugin for Plugin {
    fn on_schedule(call: &Call, _tick: Tick) -> Result<(), Failure> {
        let settings = Settings::read()?;
        let calendar = Calendar::new(settings.business_hours.as_ref(), &call.time_zone);
        sweep::sweep(call, &settings, &calendar)?;
        Ok(())
    }
}

impl AutomationPlugin for Plugin {
    fn on_event(call: &Call, event: Event) -> Result<(), Failure> {
        let settings = Settings::read()?;
        match event {
            Event::Commented(commented) => follow::comment(call, &settings, &commented)?,
            Event::Updated(updated) if updated.changes.iter().any(|change| change.key == "state") => {
                let calendar = Calendar::new(settings.business_hours.as_ref(), &call.time_zone);
                follow::state(call, &settings, &calendar, &updated.issue)?;
            }
            _ => {}
        }
        Ok(())
    }
}

mortise_sdk::register!(Plugin: automation, scheduled);
