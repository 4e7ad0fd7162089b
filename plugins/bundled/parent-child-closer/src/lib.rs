//! Closes parents with their last child, and what follows from it.
//!
//! Every step looks at how things stand now and moves only what is not there yet, so an event that comes twice changes nothing,
//! and a chain of parents ends at its top: all of it in one call, since what a plugin does itself does not come back to it.

mod settings;
mod steps;
#[cfg(test)]
mod tests;

use bundled_common::is_closed;
use mortise_sdk::prelude::*;
use settings::Settings;

/// What the host asks.
pub struct Plugin;

/// Steps of plugins that may lie between a person and this one: what is longer may be a circle, and is left alone.
const DEPTH: u8 = 6;

impl AutomationPlugin for Plugin {
    fn on_event(call: &Call, event: Event) -> Result<(), Failure> {
        let Event::Updated(updated) = event else { return Ok(()) };
        let Some(change) = updated.changes.iter().find(|change| change.key == "state") else { return Ok(()) };
        if call.depth > DEPTH {
            host::log::warn(&format!(
                "{}: too many steps lie behind this, nothing is done",
                updated.issue.key
            ));
            return Ok(());
        }
        let issue = match host::issues::get(&updated.issue.id) {
            Ok(issue) => issue,
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if issue.state.id != updated.issue.state.id {
            // It has moved on: that move has an event of its own.
            return Ok(());
        }
        let settings = Settings::read()?;
        if is_closed(issue.state.category) {
            let moved = steps::children_follow(&settings, &issue)?;
            steps::parents_close(&settings, &issue, moved)?;
        } else if was_closed(&issue, change)? {
            steps::parents_reopen(&settings, &issue)?;
        }
        Ok(())
    }
}

/// Whether the state it came from was a closed one.
fn was_closed(issue: &Issue, change: &Change) -> Result<bool, Error> {
    let Some(Value::Reference(before) | Value::Text(before)) = &change.before else { return Ok(false) };
    let team = host::issues::team(&issue.team)?;
    let state = team.states.iter().find(|state| state.id == *before || state.key == *before);
    Ok(state.is_some_and(|state| is_closed(state.category)))
}

mortise_sdk::register!(Plugin: automation);
