//! Rules: which states ask for which fields of which issues.

use crate::fields::{form_key, is_filled};
use bundled_common::{Only, in_states};
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// One rule, as settings write it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rule {
    fields: Vec<String>,
    #[serde(default)]
    states: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    only: Only,
    #[serde(default)]
    keep: bool,
    #[serde(default)]
    message: Option<String>,
}

/// What an issue lacks for a state.
#[derive(Debug, PartialEq)]
pub(crate) struct Missing<'r> {
    /// Keys of the fields, each once, in the order of the rules.
    pub(crate) fields: Vec<&'r str>,
    pub(crate) state: StateRef,
    /// Of the first rule that has one.
    pub(crate) message: Option<&'r str>,
}

impl Rule {
    fn asks(&self, issue: &Issue, state: &StateRef) -> bool {
        let stated = if self.states.is_empty() && self.categories.is_empty() {
            state.category == Category::Completed
        } else {
            in_states(state, &self.states, &self.categories)
        };
        stated && self.only.fits(issue)
    }
}

/// What the issue lacks to enter the state, as everything together would leave it.
pub(crate) fn on_entry<'r>(rules: &'r [Rule], issue: &Issue, to: &StateRef) -> Option<Missing<'r>> {
    missing(rules.iter(), issue, to, |_| true)
}

/// What the issue lacks before a move is tried. Moves themselves give the resolution, so it is not asked for yet.
pub(crate) fn before_entry<'r>(rules: &'r [Rule], issue: &Issue, to: &StateRef) -> Option<Missing<'r>> {
    missing(rules.iter(), issue, to, |field| field != "resolution")
}

/// Which fields an edit would empty though the issue's state asks that they be kept.
pub(crate) fn on_update<'r>(rules: &'r [Rule], issue: &Issue, changes: &[Change]) -> Option<Missing<'r>> {
    let keeping = rules.iter().filter(|rule| rule.keep);
    missing(keeping, issue, &issue.state, |field| changes.iter().any(|change| change.key == form_key(field)))
}

fn missing<'r>(
    rules: impl Iterator<Item = &'r Rule>,
    issue: &Issue,
    state: &StateRef,
    counts: impl Fn(&str) -> bool,
) -> Option<Missing<'r>> {
    let mut fields: Vec<&'r str> = Vec::new();
    let mut message = None;
    for rule in rules.filter(|rule| rule.asks(issue, state)) {
        let lacking = rule.fields.iter().filter(|field| counts(field) && !is_filled(issue, field));
        for field in lacking.map(|field| form_key(field)) {
            message = message.or(rule.message.as_deref());
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
    }
    (!fields.is_empty()).then(|| Missing { fields, state: state.clone(), message })
}
