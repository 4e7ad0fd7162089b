//! Staged commands as the engine takes them: all of them, with what the host keeps, in one batch.

use crate::answers::staging::Step;
use mortise_engine::command::staged::{self, Staged};
use mortise_engine::context::OpContext;
use mortise_engine::draft::PluginRecord;
use mortise_engine::{Committed, Engine, Result};

/// Does all of it, or nothing. `as_of` is the version of the installation that was called.
///
/// # Errors
///
/// What the engine refuses any of the commands with.
pub(crate) async fn execute(
    engine: &Engine,
    cx: OpContext,
    as_of: u64,
    steps: Vec<Step>,
    records: Vec<PluginRecord>,
) -> Result<Committed> {
    let steps = steps.into_iter().map(|step| match step {
        Step::Create(command) => staged::Step::Create(*command),
        Step::Update(command) => staged::Step::Update(*command),
        Step::Comment(command) => staged::Step::Comment(command),
        Step::Link(command) => staged::Step::Relate(command),
    });
    Box::pin(engine.execute(cx, Staged { steps: steps.collect(), records, as_of: Some(as_of) })).await
}
