//! Suggests kind, labels and priority of new issues, as learned from the company's own closed ones.
//!
//! Counting words is all there is to it (naive Bayes), and how far it can be trusted is measured: a part of the closed issues is
//! kept apart while learning, and what is not right often enough there is not said later.

mod codec;
mod learn;
mod learning;
mod measure;
mod model;
mod settings;
mod suggest;
#[cfg(test)]
mod tests;
mod words;

use mortise_sdk::prelude::*;
use settings::Settings;

/// What the host asks.
pub struct Plugin;

impl ScheduledPlugin for Plugin {
    fn on_schedule(_call: &Call, _tick: Tick) -> Result<(), Failure> {
        learn::learn(&Settings::read()?)?;
        Ok(())
    }
}

impl LifecyclePlugin for Plugin {
    /// Learns at once when it is switched on, and anew when it is to learn something else.
    fn on_lifecycle(_call: &Call, step: Step) -> Result<(), Failure> {
        if !matches!(step, Step::Disabled) {
            learn::learn(&Settings::read()?)?;
        }
        Ok(())
    }
}

impl AutomationPlugin for Plugin {
    fn on_event(call: &Call, event: Event) -> Result<(), Failure> {
        if let (Event::Created(issue), false) = (event, call.actor.kind == ActorKind::Importer) {
            suggest::suggest(&Settings::read()?, &issue.id)?;
        }
        Ok(())
    }
}

mortise_sdk::register!(Plugin: automation, scheduled, lifecycle);
