//! Reminds of issues that nobody touches, then closes them.
//!
//! Once a day: first the issues that were reminded of are looked at again, then the longest untouched ones get their reminder.
//! Everything of one run is staged together, so a number bounds it.

mod again;
mod memory;
mod remind;
mod settings;
#[cfg(test)]
mod tests;

use bundled_common::Teams;
use mortise_sdk::prelude::*;
use settings::Settings;

/// Keys of the one commit that a run stages for, without that of its cursor.
const KEYS: usize = 88;
/// What an issue takes of them that is reminded of or closed: a comment, a change, its row, and an entry with its end.
pub(crate) const CHANGED: usize = 7;
/// What one takes that is forgotten: a change, its row, and an entry with its end.
pub(crate) const FORGOTTEN: usize = 4;

/// What the host asks.
pub struct Plugin;

/// What one run may still do, and what it has learned of teams.
pub(crate) struct Run<'c> {
    pub(crate) call: &'c Call,
    pub(crate) settings: Settings,
    pub(crate) teams: Teams,
    /// Issues that may still be changed in this run.
    pub(crate) left: usize,
    /// Keys that are left of the commit.
    keys: usize,
}

impl Run<'_> {
    /// Takes so many keys, if they are left.
    pub(crate) fn takes(&mut self, keys: usize) -> bool {
        let left = self.keys.checked_sub(keys);
        self.keys = left.unwrap_or(self.keys);
        left.is_some()
    }
}

impl ScheduledPlugin for Plugin {
    fn on_schedule(call: &Call, _tick: Tick) -> Result<(), Failure> {
        let settings = Settings::read()?;
        // After a failed attempt half as many, so that one bad issue does not hold up all others for ever.
        let halvings = call.attempt.saturating_sub(1).min(8);
        let left = (settings.per_run >> halvings).max(1);
        let mut run = Run { call, settings, teams: Teams::default(), left, keys: KEYS };
        let (closed, kept) = again::look_again(&mut run)?;
        let reminded = remind::remind(&mut run)?;
        host::log::info(&format!("reminded of {reminded}, closed {closed}, found {kept} touched again"));
        Ok(())
    }
}

mortise_sdk::register!(Plugin: scheduled);
