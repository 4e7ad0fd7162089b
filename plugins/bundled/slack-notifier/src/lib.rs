//! Tells Slack what happens to issues.
//!
//! The first message about an issue is sent at once, since its answer names the thread; all others are handed to the host, which
//! delivers them, and tries again, by itself.

mod answer;
mod deliver;
mod message;
mod settings;
#[cfg(test)]
mod tests;

use bundled_common::{is_chosen, issue_of, names_of};
use mortise_sdk::prelude::*;
use settings::Settings;

/// What the host asks.
pub struct Plugin;

impl AutomationPlugin for Plugin {
    fn on_event(call: &Call, event: Event) -> Result<(), Failure> {
        let Some(issue) = issue_of(&event) else { return Ok(()) };
        if issue.confidential {
            // A channel is read by people who may not see it.
            return Ok(());
        }
        let settings = Settings::read()?;
        let names = names_of(&event);
        let route =
            settings.routes.iter().find(|route| route.only.fits(issue) && is_chosen(&route.events, &names));
        let Some(route) = route else { return Ok(()) };
        let message = message::message(&settings, call, &event, issue)?;
        deliver::deliver(&settings, route, call, &issue.id, message)
    }
}

mortise_sdk::register!(Plugin: automation);
