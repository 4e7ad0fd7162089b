//! Saying yes or no in few words.

use crate::prelude::{Denial, FieldError, NextState, StateRef, Verdict};

impl Verdict {
    /// It may be.
    #[must_use]
    pub const fn allow() -> Self {
        Self::Allow
    }

    /// It may not be. The message is shown to whoever asked: plain text, at most 500 characters.
    #[must_use]
    pub fn deny(message: impl Into<String>) -> Self {
        Self::Deny(Denial { message: message.into(), fields: Vec::new() })
    }

    /// Marks a field of the form, such as `assignees`. A verdict that allows stays as it is.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        if let Self::Deny(denial) = &mut self {
            denial.fields.push(FieldError { key: field.into(), message: message.into() });
        }
        self
    }

    /// Whether it denies.
    #[must_use]
    pub const fn is_denial(&self) -> bool {
        matches!(self, Self::Deny(_))
    }
}

impl NextState {
    /// The issue may enter this state.
    #[must_use]
    pub const fn enabled(state: StateRef) -> Self {
        Self { state, enabled: true, why_not: None }
    }

    /// The issue may not enter this state; the reason is shown beside it.
    #[must_use]
    pub fn disabled(state: StateRef, why_not: impl Into<String>) -> Self {
        Self { state, enabled: false, why_not: Some(why_not.into()) }
    }
}
