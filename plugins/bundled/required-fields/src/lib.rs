//! Fields that must be filled before an issue enters a state.
//!
//! Pure: everything it needs is in the issue and in the settings, so it asks the host for nothing else.

mod fields;
mod rules;
#[cfg(test)]
mod tests;

use bundled_common::{clip, fill};
use mortise_sdk::prelude::*;
use rules::{Missing, Rule};

/// What the host asks.
pub struct Plugin;

/// The longest message a denial may have, in characters.
const MESSAGE: usize = 500;

impl WorkflowPlugin for Plugin {
    fn validate(_call: &Call, issue: &Issue, proposal: &Proposal) -> Result<Verdict, Error> {
        let rules = rules()?;
        let missing = match proposal {
            Proposal::Create => rules::on_entry(&rules, issue, &issue.state),
            Proposal::Transition(transition) => rules::on_entry(&rules, issue, &transition.to),
            Proposal::Update(changes) => rules::on_update(&rules, issue, changes),
            Proposal::Comment(_) => None,
        };
        Ok(missing.map_or(Verdict::Allow, |missing| Verdict::Deny(denial(&missing))))
    }

    fn next_states(
        _call: &Call,
        issues: &[Issue],
        candidates: &[Vec<StateRef>],
    ) -> Result<Vec<Vec<NextState>>, Error> {
        let rules = rules()?;
        let of =
            |issue: &Issue, states: &Vec<StateRef>| states.iter().map(|to| next(&rules, issue, to)).collect();
        Ok(issues.iter().zip(candidates).map(|(issue, states)| of(issue, states)).collect())
    }
}

fn rules() -> Result<Vec<Rule>, Error> {
    Ok(host::settings::get::<Vec<Rule>>("rules")?.unwrap_or_default())
}

/// A state as the board shows it.
fn next(rules: &[Rule], issue: &Issue, to: &StateRef) -> NextState {
    let missing = rules::before_entry(rules, issue, to);
    NextState {
        state: to.clone(),
        enabled: missing.is_none(),
        why_not: missing.map(|missing| message(&missing)),
    }
}

fn denial(missing: &Missing<'_>) -> Denial {
    let fields = missing.fields.iter().map(|field| FieldError {
        key: (*field).to_owned(),
        message: format!("must be filled for \u{201c}{}\u{201d}", missing.state.name),
    });
    Denial { message: message(missing), fields: fields.collect() }
}

fn message(missing: &Missing<'_>) -> String {
    let names: Vec<String> = missing.fields.iter().map(|field| fields::name(field)).collect();
    let names = fields::joined(&names);
    let own = "\u{201c}{{state}}\u{201d} needs {{fields}}";
    let text = missing.message.unwrap_or(own);
    clip(&fill(text, &[("fields", names.as_str()), ("state", missing.state.name.as_str())]), MESSAGE)
}

mortise_sdk::register!(Plugin: workflow);
