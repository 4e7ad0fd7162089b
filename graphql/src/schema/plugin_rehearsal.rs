//! Rehearsals: what an automation would do.

use super::plugin_run::{PluginLog, PluginRunOutcome, PluginRunShare, run_id};
use super::scalar;
use crate::context::{Asked, plugins};
use crate::error::Result;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::Error;
use mortise_plugins::rehearse::{FieldChange, Rehearsal, Rehearse, RehearsedChange};

/// What an automation is to act on: an issue, an earlier run, or a time of a schedule.
#[derive(InputObject)]
pub(crate) struct PluginRehearseInput {
    /// The newest event about this issue, by global id or key.
    issue_id: Option<ID>,
    /// The newest event of this name, such as `issue.transitioned`; unless said, the newest of those that it acts on.
    event: Option<String>,
    /// What this run was called for, `run_…`, with what there is now to read.
    run: Option<String>,
    /// A time of this schedule.
    schedule: Option<String>,
}

impl PluginRehearseInput {
    fn read(self) -> mortise_engine::Result<Rehearse> {
        match (self.issue_id, self.run, self.schedule) {
            (Some(issue), None, None) => {
                Ok(Rehearse::Event(scalar::issue("input.issueId", &issue)?, self.event))
            }
            (None, Some(run), None) => Ok(Rehearse::Run(run_id(&run)?)),
            (None, None, Some(schedule)) => Ok(Rehearse::Schedule(schedule)),
            _ => Err(Error::invalid("input", "name one of `issueId`, `run` and `schedule`")),
        }
    }
}

/// What one field is, and what it would be; in words.
#[derive(SimpleObject)]
pub(crate) struct PluginFieldChange {
    /// The field, such as `title`.
    field: String,
    /// What it is; null when there is nothing.
    before: Option<String>,
    /// What it would be.
    after: Option<String>,
}

impl From<FieldChange> for PluginFieldChange {
    fn from(change: FieldChange) -> Self {
        Self { field: change.field, before: change.before, after: change.after }
    }
}

/// One change of one issue.
#[derive(SimpleObject)]
pub(crate) struct PluginRehearsedChange {
    /// What it is called, such as `issue.transitioned`, `comment.created`.
    event: String,
    /// The issue, `iss_…`.
    issue_id: Option<ID>,
    /// Its key; for one that would be made, that which it would get.
    key: String,
    /// What would become of its fields.
    fields: Vec<PluginFieldChange>,
}

impl From<RehearsedChange> for PluginRehearsedChange {
    fn from(change: RehearsedChange) -> Self {
        Self {
            event: change.event,
            issue_id: change.issue.map(scalar::global),
            key: change.key,
            fields: change.fields.into_iter().map(Into::into).collect(),
        }
    }
}

/// A key of a plugin's memory that would change.
#[derive(SimpleObject)]
pub(crate) struct PluginMemoryChange {
    /// The key.
    key: String,
    /// Whether it would be set; else it would be deleted.
    set: bool,
}

/// What an automation would do.
#[derive(SimpleObject)]
pub(crate) struct PluginRehearsal {
    /// What came of the call.
    outcome: PluginRunOutcome,
    /// What it would change, in order.
    changes: Vec<PluginRehearsedChange>,
    /// Why all of that would be refused, if it would.
    refused: Option<String>,
    /// What would change in its memory.
    memory: Vec<PluginMemoryChange>,
    /// Requests that it would have sent later: method and address.
    requests: Vec<String>,
    /// What it used of each budget.
    shares: Vec<PluginRunShare>,
    /// What it logged.
    logs: Vec<PluginLog>,
}

impl From<Rehearsal> for PluginRehearsal {
    fn from(of: Rehearsal) -> Self {
        Self {
            outcome: (&of.outcome).into(),
            changes: of.changes.into_iter().map(Into::into).collect(),
            refused: of.refused,
            memory: of.memory.into_iter().map(|(key, set)| PluginMemoryChange { key, set }).collect(),
            requests: of.requests,
            shares: of.used.iter().map(Into::into).collect(),
            logs: of.logs.iter().map(Into::into).collect(),
        }
    }
}

/// Questions that are mutations, because plugins run for them.
#[derive(Default)]
pub(crate) struct PluginRehearsalMutation;

#[Object]
impl PluginRehearsalMutation {
    /// Has an automation act without any effect, and says what it would do. For admins.
    async fn plugin_rehearse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "What it is to act on.")] input: PluginRehearseInput,
    ) -> Result<PluginRehearsal> {
        let asked = Asked::of(ctx)?;
        let (id, what) = (scalar::id("id", &id)?, input.read()?);
        asked.snapshot.charge(super::costs::CALL_UNITS)?;
        let rehearsal = plugins(ctx)?.rehearse(&asked.snapshot.viewer().principal, id, what);
        Ok(Box::pin(rehearsal).await?.into())
    }
}
