//! Doing a run of a plugin again, from its recording.

use super::costs::REPLAY_UNITS;
use super::plugin_run::{PluginLog, PluginRunOutcome, PluginRunShare, run_id};
use crate::context::{Asked, plugins};
use crate::error::Result;
use async_graphql::{Context, Object, SimpleObject};
use mortise_plugins::replay::ReplayResult;

/// What came of doing a run again.
#[derive(SimpleObject)]
pub(crate) struct PluginReplay {
    /// Whether it asked the same in the same order, and came to the same. What became afterwards of what it wanted done is no part
    /// of that.
    same: bool,
    /// What came of it this time.
    outcome: PluginRunOutcome,
    /// Where it differed first, in words.
    difference: Option<String>,
    /// What it used of each budget this time.
    shares: Vec<PluginRunShare>,
    /// What it logged this time.
    logs: Vec<PluginLog>,
}

impl From<ReplayResult> for PluginReplay {
    fn from(replay: ReplayResult) -> Self {
        Self {
            same: replay.same,
            outcome: (&replay.outcome).into(),
            difference: replay.difference,
            shares: replay.used.iter().map(Into::into).collect(),
            logs: replay.logs.iter().map(Into::into).collect(),
        }
    }
}

/// Questions that are mutations, because plugins run for them.
#[derive(Default)]
pub(crate) struct PluginReplayMutation;

#[Object]
impl PluginReplayMutation {
    /// Does a run again from its recording, with the code that ran. Nothing of it happens. For admins.
    async fn plugin_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The run: `run_…`.")] run: String,
    ) -> Result<PluginReplay> {
        let asked = Asked::of(ctx)?;
        let run = run_id(&run)?;
        asked.snapshot.charge(REPLAY_UNITS)?;
        let replay = plugins(ctx)?.replay(&asked.snapshot.viewer().principal, run);
        Ok(Box::pin(replay).await?.into())
    }
}
