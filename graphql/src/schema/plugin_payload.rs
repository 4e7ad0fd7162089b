//! What mutations of plugins answer: the plugin as it became, refusals beside it, and what the log says of it.

use super::done::DonePayload;
use super::payload::{UserError, settled};
use super::plugin::PluginNode;
use super::plugin_permissions::PluginPermissionChange;
use crate::context::Asked;
use crate::error::Result;
use async_graphql::SimpleObject;
use mortise_engine::model::Installation;
use mortise_plugins::service::{Done, PermissionChange};
use std::sync::Arc;

/// The answer to a change of a plugin.
#[derive(SimpleObject)]
pub(crate) struct PluginPayload {
    /// Whether it was done, or already was so. False exactly when there are `userErrors`.
    success: bool,
    /// The plugin as it became; as it is, for a rehearsal of a change. Null when it was refused.
    plugin: Option<PluginNode>,
    /// What an upgrade asks for beyond what was asked for before, and what no more.
    permission_changes: Vec<PluginPermissionChange>,
    /// Why it was refused.
    user_errors: Vec<UserError>,
    /// What went wrong beside it, in words: the plugin was told of the change and failed, say. The change stands all the same.
    /// None for a repeated request.
    warnings: Vec<String>,
    /// The place in the company's log at which this answer is true; a client that has synchronised up to there has seen the
    /// change.
    sync_cursor: String,
    /// The names of the events it wrote, such as `plugin.enabled`; for a dry run, those it would write.
    events: Vec<String>,
}

impl PluginPayload {
    /// The answer to a change.
    ///
    /// # Errors
    ///
    /// Everything that is not the fault of the request's own content.
    pub(super) fn answer(
        asked: &Asked<'_>,
        done: mortise_engine::Result<Done<Arc<Installation>>>,
    ) -> Result<Self> {
        Self::upgraded(asked, done.map(|done| done.of(|installation| (installation, Vec::new()))))
    }

    /// The answer to an upgrade, with what is different in what it asks for.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer).
    pub(super) fn upgraded(
        asked: &Asked<'_>,
        done: mortise_engine::Result<Done<(Arc<Installation>, Vec<PermissionChange>)>>,
    ) -> Result<Self> {
        asked.snapshot.catch_up();
        let (done, user_errors) = settled(done)?;
        let (sync_cursor, events) = told(asked, done.as_ref());
        let warnings = done.as_ref().map(|done| done.warnings.clone()).unwrap_or_default();
        let (installation, changes) = done.map(|done| done.what).unzip();
        Ok(Self {
            success: user_errors.is_empty(),
            plugin: installation.map(PluginNode),
            permission_changes: changes.iter().flatten().map(Into::into).collect(),
            user_errors,
            warnings,
            sync_cursor,
            events,
        })
    }
}

/// The answer to code that was let go.
///
/// # Errors
///
/// As [`PluginPayload::answer`].
pub(super) fn code_removed(asked: &Asked<'_>, done: mortise_engine::Result<Done<()>>) -> Result<DonePayload> {
    asked.snapshot.catch_up();
    let (done, user_errors) = settled(done)?;
    let (sync_cursor, events) = told(asked, done.as_ref());
    Ok(DonePayload::told(user_errors, sync_cursor, events))
}

/// The place in the log at which an answer is true, and the names of the events that were written. Of a refusal: where the log
/// is now, and none.
pub(super) fn told<T>(asked: &Asked<'_>, done: Option<&Done<T>>) -> (String, Vec<String>) {
    let seq = done.map_or_else(|| asked.snapshot.reader().refreshed().seq(), |done| done.seq);
    let events = done.iter().flat_map(|done| &done.events).map(ToString::to_string);
    (seq.to_string(), events.collect())
}
