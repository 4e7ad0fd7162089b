//! Doing an earlier run again from what it was told: exactly, with the code that ran.

use crate::host::{Answer, Budget, Code, Recording, Replay, Run, Stopped, Task, wit};
use crate::service::{
    Class, Plugins, RunAnswer, RunId, RunInput, RunLog, RunOutcome, RunRecord, RunShare, TierLimit, input_of,
    logged, outcome_of, shares, spent_words,
};
use mortise_engine::context::Principal;
use mortise_engine::id::InstallationId;
use mortise_engine::model::Digest;
use mortise_engine::{Error, Result};

/// Whose CPU time pays: never that of hooks, which somebody's change waits for.
const PAYS: Class = Class::Automation;

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
    /// Does a run again from its recording, with the code that ran. Nothing of it happens. It takes of the CPU time that the
    /// company has for what does not decide.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND` for a run that is not kept, or was told of what this party does
    /// not see, `REJECTED` for one of which it is not kept what it was told, or whose code is gone; `UNAVAILABLE` when there is
    /// no room, or that CPU time is spent.
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
        self.again(&code, &record, input, (principal, memory_mib)).await
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
        let (record, whole) = self.run_and_whether_whole(principal, installation, run).await?;
        if !whole {
            return Err(Error::not_found(format!("run {run}")));
        }
        self.kept_input(principal, &record).await
    }

    /// What a run was told, of a run that is there.
    async fn kept_input(&self, principal: &Principal, record: &RunRecord) -> Result<RunInput> {
        let (_, _, room) = self.managed_installation(principal, record.installation).await?;
        let input = room.get(&input_of(record.id)).await?;
        let input = input.and_then(|input| minicbor_serde::from_slice(&input).ok());
        input.ok_or_else(|| Error::rejected(why_not(record)))
    }

    async fn input_of(&self, principal: &Principal, run: RunId) -> Result<(RunRecord, RunInput)> {
        let (record, whole) = self.find_run_and_whether_whole(principal, run).await?;
        if !whole {
            return Err(Error::not_found(format!("run {run}")));
        }
        let input = self.kept_input(principal, &record).await?;
        Ok((record, input))
    }

    async fn again(
        &self,
        code: &Code,
        record: &RunRecord,
        input: RunInput,
        (principal, memory_mib): (&Principal, Option<u32>),
    ) -> Result<ReplayResult> {
        // Not even the mode is another: what it knew then, it knows now.
        let RunInput { task, call, recording } = input;
        let reader = self.engine()?.reader(principal).await?;
        let limit = self.limit_of(reader.tenant());
        let budget = budget_of(&task, limit, memory_mib);
        let (tenant, rate) = (principal.tenant(), limit.cpu_rate(PAYS));
        let may = self.0.cpu.lock().may_begin(tenant, PAYS, rate);
        may.map_err(|spent| Error::unavailable(spent_words(&spent)))?;
        let (run, left) = replayed(self, code, task, call, &budget, recording).await;
        self.0.cpu.lock().spend(tenant, PAYS, rate, run.used.cpu());
        Ok(result(record, &run, left, &budget))
    }

    /// The memory that this code of a company asks for, in MiB.
    async fn asked_by(&self, principal: &Principal, digest: Digest) -> Option<u32> {
        let reader = self.engine().ok()?.reader(principal).await.ok()?;
        self.0.known.of(&*reader.plugin_code(digest)?).ok()?.manifest.memory_mib
    }
}

/// Why a run cannot be done again of which it is not kept what it was told.
fn why_not(record: &RunRecord) -> &'static str {
    if record.outcome.answer == RunAnswer::NotRun {
        "this was not run, or not to its end: there is nothing to be done again"
    } else if record.is_alike() && !record.replayable {
        "what this run was told is not kept: of runs that are alike others only one a minute can be done again. Take one that \
            is `replayable`"
    } else {
        "what this run was told is not kept, or not any more: it cannot be done again"
    }
}

/// What a run of this may use when it is done again.
fn budget_of(task: &Task, limit: &TierLimit, memory_mib: Option<u32>) -> Budget {
    let class = match task {
        Task::Amend { .. } | Task::Validate { .. } | Task::NextStates { .. } => Class::Workflow,
        _ => Class::Integration,
    };
    let budget = limit.budget_for(class, memory_mib);
    // Somebody looks at it, and waits for nothing but this.
    let wall = budget.wall.max(std::time::Duration::from_secs(2));
    Budget { wall, ..budget }
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
