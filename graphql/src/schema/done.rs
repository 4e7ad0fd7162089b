//! The answer to changes that have nothing to show but that they were made.

use super::payload::{Outcome, UserError};
use crate::context::Asked;
use crate::error::Result;
use async_graphql::SimpleObject;
use mortise_engine::Committed;

/// The answer to a change that leaves nothing to show.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct DonePayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// The place in the company's log at which this answer is true.
    sync_cursor: String,
    /// The names of the events it wrote; for a dry run, those it would write.
    events: Vec<String>,
}

impl DonePayload {
    /// The answer to a change.
    ///
    /// # Errors
    ///
    /// Everything that is not the fault of the request's own content.
    pub(super) fn answer(asked: &Asked<'_>, done: mortise_engine::Result<Committed>) -> Result<Self> {
        asked.snapshot.catch_up();
        let Outcome { errors, sync_cursor, events, .. } = Outcome::of(asked.snapshot, done)?;
        Ok(Self::told(errors, sync_cursor, events))
    }

    /// The answer of these parts.
    pub(super) const fn told(user_errors: Vec<UserError>, sync_cursor: String, events: Vec<String>) -> Self {
        Self { success: user_errors.is_empty(), user_errors, sync_cursor, events }
    }
}
