//! Doing an earlier run again from what it was told: exactly, with the code that ran.

use crate::host::{Answer, Budget, Code, Meters, Replay, Run, Stopped, Task};
use crate::service::{
    Class, EDITS, ENOUGH, Plugins, RunAnswer, RunId, RunInput, RunLog, RunOutcome, RunRecord, RunShare,
    Spent, TierLimit, input_of, logged, outcome_of, shares, spent_words,
};
use mortise_engine::context::Principal;
use mortise_engine::id::InstallationId;
use mortise_engine::model::Digest;
use mortise_engine::query::Reader;
use mortise_engine::{Error, Result};
use std::sync::Arc;

/// Whose CPU time pays: never that of hooks, which somebody's change waits for.
const PAYS: Class = Class::Automation;

/// What came of doing a run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayResult {
    /// It asked the same in the same order, and came to the same. What became afterwards of what it wanted done is no part of
    /// that.
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
    /// not see, `ENTITLEMENT_EXCEEDED` for a plugin that the company may not have any more, `REJECTED` for a version that was
    /// withdrawn and is not run, and for a run of which it is not kept what it was told, or whose code is gone; `UNAVAILABLE`
    /// when there is no room, or that CPU time is spent.
    pub async fn replay(&self, principal: &Principal, run: RunId) -> Result<ReplayResult> {
        let (record, input) = self.input_of(principal, run).await?;
        let reader = self.manager(principal).await?;
        let (code, memory_mib) = self.code_then(&reader, record.digest).await?;
        self.again(&reader, &record, input, (&code, memory_mib)).await
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

    /// The code that ran then, where it may still be run, and the memory that it asks for, in MiB.
    async fn code_then(&self, reader: &Reader, digest: Digest) -> Result<(Code, Option<u32>)> {
        let code = reader.plugin_code(digest).filter(|code| code.removed_at.is_none());
        let code = code.ok_or_else(|| Error::rejected("the code that ran then is not kept any more"))?;
        let tenant = reader.tenant();
        self.expect_may_run(tenant, code.origin, digest)?;
        let memory_mib = self.0.known.of(&code).ok().and_then(|known| known.manifest.memory_mib);
        Ok((self.load(tenant.id, digest).await?, memory_mib))
    }

    async fn again(
        &self,
        reader: &Reader,
        record: &RunRecord,
        input: RunInput,
        (code, memory_mib): (&Code, Option<u32>),
    ) -> Result<ReplayResult> {
        let tenant = reader.tenant();
        let limit = self.limit_of(tenant);
        let budget = budget_of(&input.task, limit, memory_mib);
        let rate = limit.cpu_rate(PAYS);
        let may = self.0.cpu.lock().may_begin(tenant.id, PAYS, rate);
        may.map_err(|spent| Error::unavailable(spent_words(&spent)))?;
        let spent = Spent::of(self, tenant.id, PAYS, rate);
        let (run, left) = replayed(self, code, input, &budget, spent.meters()).await;
        if let Err(why @ (Stopped::Busy { .. } | Stopped::Host(_))) = &run.outcome {
            return Err(Error::unavailable(why.to_string()));
        }
        Ok(result(record, &run, left, &budget))
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
    input: RunInput,
    budget: &Budget,
    meters: &Meters,
) -> (Run, usize) {
    // Not even the mode is another: what it knew then, it knows now.
    let RunInput { task, call, recording } = input;
    let (task, call) = (Arc::new(task), Arc::new(call));
    let mut answers = Replay::new(recording);
    let run = Box::pin(plugins.host().run_metered(code, task, call, budget, &mut answers, meters)).await;
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
    other_end(&record.outcome, outcome)
}

/// What the guest itself came to then, by a short name; none where that is not kept. A record says in its place what became of it
/// afterwards: what it wanted done was refused, for whatever reason, or its answer could not be used.
fn own_end(then: &RunOutcome) -> Option<&str> {
    match (then.answer, then.kind.as_str()) {
        (RunAnswer::Refused, ENOUGH) => None,
        (RunAnswer::Refused, _) => Some("done"),
        (RunAnswer::Failed, EDITS) => Some("amended"),
        (_, kind) => Some(kind),
    }
}

/// Where the guest came to something else than then, in words.
fn other_end(then: &RunOutcome, now: &RunOutcome) -> Option<String> {
    let own = own_end(then);
    // One that was told that nothing more may follow, and took that for done, stands as done.
    let same = own.map_or(now.kind != "done", |own| own == now.kind);
    let told = own == Some(then.kind.as_str());
    if !same {
        let then = match own {
            Some(_) if told => format!("`{}`: {}", then.kind, then.words),
            Some(own) => format!("`{own}`"),
            None => "another end than `done`".to_owned(),
        };
        return Some(format!("the recorded run came to {then}; this one to `{}`: {}", now.kind, now.words));
    }
    let says_more = matches!(now.kind.as_str(), "denied" | "amended" | "retry" | "permanent");
    (told && says_more && then.words != now.words)
        .then(|| format!("the recorded run said: {}; this one says: {}", then.words, now.words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(answer: RunAnswer, kind: &str, words: &str) -> RunOutcome {
        RunOutcome { answer, words: words.to_owned(), kind: kind.to_owned() }
    }

    #[test]
    fn what_was_refused_afterwards_was_done_as_far_as_the_guest_knew() {
        let done = outcome(RunAnswer::Done, "done", "done");
        let retry = outcome(RunAnswer::Retry, "retry", "later");
        let full = Error::new(mortise_engine::ErrorCode::EntitlementExceeded, "no room for more issues");
        for error in [Error::rejected("no"), Error::conflict("too late"), Error::unavailable("away"), full] {
            let then = RunOutcome::refused(&error);
            assert_eq!(other_end(&then, &done), None, "{then:?}");
            let other = other_end(&then, &retry).unwrap();
            assert_eq!(other, "the recorded run came to `done`; this one to `retry`: later");
        }
    }

    #[test]
    fn of_one_that_wanted_more_than_may_follow_is_kept_only_that_it_was_not_done() {
        let then = RunOutcome::enough();
        for now in [
            outcome(RunAnswer::Retry, "retry", "later"),
            outcome(RunAnswer::GaveUp, "permanent", "denied"),
            outcome(RunAnswer::Failed, "trap", "unreachable"),
        ] {
            assert_eq!(other_end(&then, &now), None, "{now:?}");
        }
        let other = other_end(&then, &outcome(RunAnswer::Done, "done", "done")).unwrap();
        assert_eq!(other, "the recorded run came to another end than `done`; this one to `done`: done");
    }

    #[test]
    fn an_amendment_that_could_not_be_was_one_all_the_same() {
        let then = outcome(RunAnswer::Failed, "edits", "what it amends cannot be: there is no such label");
        let amended = outcome(RunAnswer::Amended, "amended", "amended 1 field");
        assert_eq!(other_end(&then, &amended), None);
        assert!(other_end(&then, &outcome(RunAnswer::Allowed, "allowed", "nothing to add")).is_some());
    }

    #[test]
    fn what_a_guest_says_is_compared_where_it_is_kept() {
        let then = outcome(RunAnswer::Denied, "denied", "no estimate");
        assert_eq!(other_end(&then, &then), None);
        let other = other_end(&then, &outcome(RunAnswer::Denied, "denied", "no due date")).unwrap();
        assert_eq!(other, "the recorded run said: no estimate; this one says: no due date");
        let other = other_end(&then, &outcome(RunAnswer::Allowed, "allowed", "allowed")).unwrap();
        assert_eq!(other, "the recorded run came to `denied`: no estimate; this one to `allowed`: allowed");
    }
}
