//! Gives new issues to somebody.
//!
//! Pure: a hook cannot count turns, so a rota is worked out from the calendar, and the same issue at the same moment always
//! goes to the same person.

mod choose;
mod rota;
mod settings;
#[cfg(test)]
mod tests;

use mortise_sdk::prelude::*;
use settings::Settings;

/// What the host asks.
pub struct Plugin;

/// Changes after which an issue may belong to somebody else's area.
const TELLING: [&str; 4] = ["labels", "kind", "priority", "team"];

impl WorkflowPlugin for Plugin {
    fn amend(call: &Call, issue: &Issue, proposal: &Proposal) -> Result<Vec<Edit>, Error> {
        if !issue.assignees.is_empty() || bundled_common::is_closed(issue.state.category) {
            return Ok(Vec::new());
        }
        let settings = Settings::read()?;
        let asked = match proposal {
            Proposal::Create => true,
            // Whoever takes people off an issue means it.
            Proposal::Update(changes) => {
                let changed =
                    |keys: &[&str]| changes.iter().any(|change| keys.contains(&change.key.as_str()));
                settings.on_change && changed(&TELLING) && !changed(&["assignees"])
            }
            Proposal::Transition(_) | Proposal::Comment(_) => false,
        };
        if !asked {
            return Ok(Vec::new());
        }
        let Some(rule) = settings.rules.iter().find(|rule| rule.only.fits(issue)) else {
            return Ok(Vec::new());
        };
        let chosen = choose::choose(&settings, rule, call)?;
        Ok(chosen.map(|who| Edit::SetAssignees(vec![who])).into_iter().collect())
    }
}

mortise_sdk::register!(Plugin: workflow);
