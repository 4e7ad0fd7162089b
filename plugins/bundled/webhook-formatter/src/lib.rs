//! Sends events elsewhere, in whatever form the receiver wants.

mod context;
mod escape;
mod send;
mod settings;
mod template;
#[cfg(test)]
mod tests;

use bundled_common::{is_chosen, issue_of, names_of};
use mortise_sdk::prelude::*;
use settings::Settings;

/// What the host asks.
pub struct Plugin;

impl AutomationPlugin for Plugin {
    fn on_event(call: &Call, event: Event) -> Result<(), Failure> {
        let settings = Settings::read()?;
        let names = names_of(&event);
        let may_leave = |issue: &Issue| settings.confidential || !issue.confidential;
        let is_ours = issue_of(&event).is_none_or(|issue| settings.only.fits(issue) && may_leave(issue));
        if !is_ours || !is_chosen(&settings.events, &names) {
            return Ok(());
        }
        let context = context::context(call, &event, &names);
        let body = send::body(&settings, &names, &context).map_err(Failure::permanent)?;
        send::send(&settings, call, body)
    }
}

impl LifecyclePlugin for Plugin {
    /// Templates are tried on a made-up event, so that a mistake is found when it is entered.
    fn on_lifecycle(call: &Call, step: Step) -> Result<(), Failure> {
        if matches!(step, Step::Disabled) {
            return Ok(());
        }
        let settings = Settings::read()?;
        let sample = context::sample(call);
        let mut names: Vec<String> = settings.templates.keys().cloned().collect();
        names.push(String::new());
        for name in names {
            send::body(&settings, std::slice::from_ref(&name), &sample).map_err(Failure::permanent)?;
        }
        Ok(())
    }
}

mortise_sdk::register!(Plugin: automation, lifecycle);
