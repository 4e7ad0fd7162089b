//! States by what settings call them.

use crate::words::{category_word, is_word};
use mortise_sdk::prelude::*;

/// Whether a state is one of those that settings name: by key, name or id in `states`, by category in `categories`.
#[must_use]
pub fn in_states(state: &StateRef, states: &[String], categories: &[String]) -> bool {
    states.iter().any(|named| is_called(state, named))
        || categories.iter().any(|category| is_word(category, category_word(state.category)))
}

/// The state among those of a team that is called `named`; when nothing is named, the first of the category.
#[must_use]
pub fn pick<'s>(states: &'s [StateRef], named: Option<&str>, category: Category) -> Option<&'s StateRef> {
    match named.filter(|named| !named.trim().is_empty()) {
        Some(named) => states.iter().find(|state| is_called(state, named)),
        None => states.iter().find(|state| state.category == category),
    }
}

fn is_called(state: &StateRef, named: &str) -> bool {
    state.id == named || is_word(&state.key, named) || is_word(&state.name, named)
}
