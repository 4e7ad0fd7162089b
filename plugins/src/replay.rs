//! Doing an earlier run again from what it was told: exactly, with the code that ran or with another.

use crate::host::{Answer, Budget, Code, Recording, Replay, Run, Stopped, Task, wit};
use crate::manifest::Manifest;
use crate::service::{
    Class, Plugins, RunId, RunInput, RunLog, RunOutcome, RunRecord, RunShare, logged, outcome_of, shares,
};
use mortise_engine::context::Principal;
use mortise_engine::id::InstallationId;
use mortise_engine::model::Digest;
use mortise_engine::{Error, Result};

/// Where what runs were told lies in the room of their installation.
const INPUT: &[u8] = b"rin/";

/// What came of doing a run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayResult {
    /// It asked the same in the same order, and came to the same.
    pub same: bool,
    /// What came of it this time.
    pub outcome: RunOutcome,
    /// Where it differed first, in words.
    pub difference: Option<String>,
    /// What it used of each budget this time.
    pub used: Vec<RunShare>,
    /// What it logged this time.
    pub logs: Vec<RunLog>,
}

impl Plugins {
    /// Does a run again from its recording, with the code that ran. Nothing of it happens.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND` for a run that is not kept, `REJECTED` for one of which it is
    /// not kept what it was told, or whose code is gone; `UNAVAILABLE` when there is no room.
    pub async fn replay(&self, principal: &Principal, run: RunId) -> Result<ReplayResult> {
        let (record, input) = self.input_of(principal, run).await?;
        let code =
            self.load(principal.tenant(), record.digest).await.map_err(|error| match error.code() {
                mortise_engine::ErrorCode::NotFound => {
                    Error::rejected("the code that ran then is not kept any more")
                }
                _ => error,
            })?;
        let memory_mib = self.asked_by(principal, record.digest).await;
        Ok(self.again(&code, &record, input, (principal, memory_mib)).await)
    }

    /// The same with this component, which is checked and compiled and not kept: for who looks for a fault.
    ///
    /// # Errors
    ///
    /// As [`Plugins::replay`]; `INVALID_INPUT` for what is no plugin or does not compile.
    pub async fn replay_with(&self, principal: &Principal, run: RunId, wasm: &[u8]) -> Result<ReplayResult> {
        let (record, input) = self.input_of(principal, run).await?;
        let code = self.compile(Digest::of(wasm), wasm).await?;
        let memory_mib = Manifest::of_component(wasm).ok().and_then(|manifest| manifest.memory_mib);
        Ok(self.again(&code, &record, input, (principal, memory_mib)).await)
    }

    /// What a run was called for and told, to be done again elsewhere.
    ///
    /// # Errors
    ///
    /// As [`Plugins::replay`].
    pub async fn run_input(
        &self,
        principal: &Principal,
        installation: InstallationId,
        run: RunId,
    ) -> Result<RunInput> {
        self.run(principal, installation, run).await?;
        let (_, _, room) = self.managed_installation(principal, installation).await?;
        let input = room.get(&[INPUT, run.as_bytes()].concat()).await?;
        let input = input.and_then(|input| minicbor_serde::from_slice(&input).ok());
        input.ok_or_else(|| {
            Error::rejected("what this run was told is not kept, or not any more: it cannot be done again")
        })
    }

    async fn input_of(&self, principal: &Principal, run: RunId) -> Result<(RunRecord, RunInput)> {
        let record = self.find_run(principal, run).await?;
        let input = self.run_input(principal, record.installation, run).await?;
        Ok((record, input))
    }

    async fn again(
        &self,
        code: &Code,
        record: &RunRecord,
        input: RunInput,
        (principal, memory_mib): (&Principal, Option<u32>),
    ) -> ReplayResult {
        // Not even the mode is another: what it knew then, it knows now.
        let RunInput { task, call, recording } = input;
        let budget = self.budget_of(&task, principal, memory_mib).await;
        let (run, left) = replayed(self, code, task, call, &budget, recording).await;
        result(record, &run, left, &budget)
    }

    /// The memory that this code of a company asks for, in MiB.
    async fn asked_by(&self, principal: &Principal, digest: Digest) -> Option<u32> {
        let reader = self.engine().ok()?.reader(principal).await.ok()?;
        self.0.known.of(&*reader.plugin_code(digest)?).ok()?.manifest.memory_mib
    }

    async fn budget_of(&self, task: &Task, principal: &Principal, memory_mib: Option<u32>) -> Budget {
        let class = match task {
            Task::Amend { .. } | Task::Validate { .. } | Task::NextStates { .. } => Class::Workflow,
            _ => Class::Integration,
        };
        let reader = match self.engine() {
            Ok(engine) => engine.reader(principal).await.ok(),
            Err(_) => None,
        };
        let mut budget = match reader {
            Some(reader) => self.limit_of(reader.tenant()).budget_for(class, memory_mib),
            None => Budget::automation(),
        };
        // Somebody looks at it, and waits for nothing but this.
        budget.wall = budget.wall.max(std::time::Duration::from_secs(2));
        budget
    }
}

/// The run, and how many recorded questions it left unasked.
async fn replayed(
    plugins: &Plugins,
    code: &Code,
    task: Task,
    call: wit::Call,
    budget: &Budget,
    recording: Recording,
) -> (Run, usize) {
    let mut answers = Replay::new(recording);
    let run = Box::pin(plugins.host().run(code, task, call, budget, &mut answers)).await;
    (run, answers.left())
}

fn result(record: &RunRecord, run: &Run, left: usize, budget: &Budget) -> ReplayResult {
    let outcome = outcome_of(&run.outcome);
    let difference = difference(record, &run.outcome, &outcome, left);
    ReplayResult {
        same: difference.is_none(),
        outcome,
        difference,
        used: shares(&run.used, budget),
        logs: run.logs.iter().map(logged).collect(),
    }
}

/// Where it differs from the recorded run, in words.
fn difference(
    record: &RunRecord,
    now: &std::result::Result<Answer, Stopped>,
    outcome: &RunOutcome,
    left: usize,
) -> Option<String> {
    if let Err(Stopped::Replay(mismatch)) = now {
        return Some(mismatch.to_string());
    }
    if left > 0 {
        return Some(format!("it asked {left} questions less than the recorded run"));
    }
    let then = &record.outcome;
    // What was refused afterwards was done as far as the guest knew.
    let came_to = if then.kind == "refused" { "done" } else { then.kind.as_str() };
    if came_to != outcome.kind {
        return Some(format!(
            "the recorded run came to `{came_to}`: {}; this one to `{}`: {}",
            then.words, outcome.kind, outcome.words
        ));
    }
    let says_more = matches!(outcome.kind.as_str(), "denied" | "amended" | "retry" | "permanent");
    (says_more && then.words != outcome.words)
        .then(|| format!("the recorded run said: {}; this one says: {}", then.words, outcome.words))
}
