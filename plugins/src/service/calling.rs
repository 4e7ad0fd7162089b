//! One call of a guest, with all that belongs to it: the company's CPU time, the budget, and what is known of it afterwards.

use super::runs::{Counted, Finished, RunInput, RunSight, Sign};
use super::{
    Class, CpuRate, Plugins, RunAnswer, RunId, RunLog, RunMode, RunOutcome, RunRecord, RunShare, RunTask,
    TierLimit,
};
use crate::bucket::Empty;
use crate::convert::{line, text};
use crate::host::wit::{self, log::Level};
use crate::host::{Answer, Answers, Budget, Code, LogLine, Meters, Recording, Run, Stopped, Task, Used};
use mortise_engine::id::{IssueId, TenantId};
use mortise_engine::model::Installation;
use mortise_engine::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of what a run was told, beyond which it cannot be done again.
const RECORDING_BYTES_MAX: usize = 64 << 10;

/// Characters of the words of an outcome, and of one line of a log.
const WORDS_CHARS_MAX: usize = 500;
const LOG_CHARS_MAX: usize = 2_000;

/// Bytes of the details of an outcome.
const DETAIL_BYTES_MAX: usize = 16 << 10;

/// A call that is to be made.
#[derive(Clone)]
pub(crate) struct Calling<'c> {
    /// Whose company.
    pub(crate) tenant: TenantId,
    /// Whose plugin.
    pub(crate) installation: &'c Arc<Installation>,
    /// The code.
    pub(crate) code: &'c Code,
    /// Its version: that of the installation, or the one it is being upgraded to.
    pub(crate) version: &'c str,
    /// What it is for.
    pub(crate) class: Class,
    /// The memory that its manifest asks for, in MiB.
    pub(crate) memory_mib: Option<u32>,
    /// The circumstances.
    pub(crate) call: Arc<wit::Call>,
    /// The request that led to it.
    pub(crate) request: Uuid,
    /// When it is.
    pub(crate) now: Timestamp,
    /// The issue that it is about.
    pub(crate) issue: Option<IssueId>,
    /// What it is about, in words.
    pub(crate) about: &'c str,
}

/// A call that was made. It is counted, and has a record unless it is alike others: neither is made yet.
pub(crate) struct Called<'c> {
    /// What came of it.
    pub(crate) outcome: Result<Answer, Stopped>,
    id: RunId,
    calling: Calling<'c>,
    task: Arc<Task>,
    budget: Budget,
    used: Used,
    logs: Vec<LogLine>,
    recording: Recording,
}

impl Plugins {
    /// What plugins of a company may use.
    pub(crate) fn limit_of(&self, tenant: &mortise_engine::model::Tenant) -> &TierLimit {
        self.0.config.limits.of(tenant.tier)
    }

    /// Makes a call. It is not noted yet.
    pub(crate) async fn call<'c>(
        &self,
        calling: Calling<'c>,
        task: Arc<Task>,
        limit: &TierLimit,
        answers: &mut dyn Answers,
    ) -> Called<'c> {
        let mut budget = limit.budget_for(calling.class, calling.memory_mib);
        budget.recording_bytes = budget.recording_bytes.min(RECORDING_BYTES_MAX);
        let rate = limit.cpu_rate(calling.class);
        let may = self.0.cpu.lock().may_begin(calling.tenant, calling.class, rate);
        let Run { outcome, used, logs, recording } = match may {
            Err(spent) => not_begun(Stopped::Spent(spent_words(&spent))),
            Ok(()) => {
                let (task, call) = (Arc::clone(&task), Arc::clone(&calling.call));
                let spent = Spent { plugins: self, calling: &calling, rate, meters: Meters::default() };
                let meters = &spent.meters;
                Box::pin(self.host().run_metered(calling.code, task, call, &budget, answers, meters)).await
            }
        };
        Called { outcome, id: RunId::generate(), calling, task, budget, used, logs, recording }
    }

    /// Notes a call as it ended. Of one that is alike others no record is made: it is counted.
    pub(crate) fn note_called(&self, called: Called<'_>) {
        let (tenant, counted) = (called.calling.tenant, called.counted());
        if self.0.runs.is_kept_whole(&counted) {
            self.0.runs.keep(called.finished().1);
        } else {
            self.0.runs.count(tenant, counted);
        }
    }

    /// Takes what is known of a run; it waits for nothing.
    pub(crate) fn note(&self, finished: impl Into<Option<Finished>>) {
        if let Some(finished) = finished.into() {
            self.0.runs.note(finished);
        }
    }
}

/// Takes what a call has used from its company's CPU time when it is over, also when nobody waits for its end.
struct Spent<'c> {
    plugins: &'c Plugins,
    calling: &'c Calling<'c>,
    rate: CpuRate,
    meters: Meters,
}

impl Drop for Spent<'_> {
    fn drop(&mut self) {
        let Calling { tenant, class, .. } = *self.calling;
        self.plugins.0.cpu.lock().spend(tenant, class, self.rate, self.meters.spent());
    }
}

/// That there is no CPU time, in words.
pub(crate) fn spent_words(spent: &Empty) -> String {
    format!(
        "the processor time of this company's plugins is used up; more comes in {} ms",
        spent.wait.as_millis()
    )
}

fn not_begun(why: Stopped) -> Run {
    Run { outcome: Err(why), used: Used::default(), logs: Vec::new(), recording: Recording::default() }
}

impl Called<'_> {
    /// What is counted of it.
    fn counted(&self) -> Counted {
        let outcome = outcome_of(&self.outcome);
        Counted {
            id: self.id,
            installation: self.calling.installation.id,
            task: task_of(&self.task),
            mode: mode_of(self.calling.call.mode),
            sign: Sign::of(self.id, &outcome),
            answer: outcome.answer,
            at: self.calling.now,
            cpu_us: self.used.cpu_us,
        }
    }

    /// What came of it, and its record.
    pub(crate) fn finished(self) -> (Result<Answer, Stopped>, Finished) {
        let Self { outcome, id, calling, task, budget, used, logs, recording } = self;
        let replayable = !recording.is_cut() && was_begun(&outcome);
        let installation = calling.installation;
        let record = RunRecord {
            id,
            installation: installation.id,
            digest: mortise_engine::model::Digest(calling.code.digest().0),
            version: calling.version.to_owned(),
            task: task_of(&task),
            mode: mode_of(calling.call.mode),
            at: calling.now,
            attempt: calling.call.attempt,
            outcome: outcome_of(&outcome),
            issue: calling.issue,
            about: line(calling.about, WORDS_CHARS_MAX),
            used: shares(&used, &budget),
            logs: logs.iter().map(logged).collect(),
            logs_dropped: used.log_lines_dropped,
            request: calling.request,
            staged: used.staged_commands,
            replayable,
            detail: detail(&outcome),
            sight: RunSight::of(&task, &recording, calling.issue),
        };
        let input = replayable.then(|| {
            let (task, call) = (Arc::unwrap_or_clone(task), Arc::unwrap_or_clone(calling.call));
            Box::new(RunInput { task, call, recording })
        });
        (outcome, Finished { tenant: calling.tenant, record, input })
    }
}

/// Whether the guest ran at all, so that it makes sense to run it again.
fn was_begun(outcome: &Result<Answer, Stopped>) -> bool {
    !matches!(
        outcome,
        Err(Stopped::Busy { .. } | Stopped::Spent(_) | Stopped::Host(_) | Stopped::NotExported(_))
    )
}

/// What came of it, in words.
pub(crate) fn outcome_of(outcome: &Result<Answer, Stopped>) -> RunOutcome {
    let said = |answer, kind: &str, words: &str| RunOutcome {
        answer,
        words: line(words, WORDS_CHARS_MAX),
        kind: kind.to_owned(),
    };
    match outcome {
        Ok(Answer::Edits(edits)) if edits.is_empty() => said(RunAnswer::Allowed, "allowed", "nothing to add"),
        Ok(Answer::Edits(edits)) => {
            said(RunAnswer::Amended, "amended", &format!("amended {}", so_many(edits.len(), "field")))
        }
        Ok(Answer::Verdict(wit::Verdict::Allow)) => said(RunAnswer::Allowed, "allowed", "allowed"),
        Ok(Answer::Verdict(wit::Verdict::Deny(denial))) => said(RunAnswer::Denied, "denied", &denial.message),
        Ok(Answer::NextStates(lists)) => {
            let closed = lists.iter().flatten().filter(|state| !state.enabled).count();
            match closed {
                0 => said(RunAnswer::Allowed, "allowed", "all states are open"),
                _ => said(RunAnswer::Narrowed, "narrowed", &format!("closed {}", so_many(closed, "state"))),
            }
        }
        Ok(Answer::Done | Answer::Response(_)) => said(RunAnswer::Done, "done", "done"),
        Ok(Answer::Failed(wit::Failure::Retry(why))) => said(RunAnswer::Retry, "retry", why),
        Ok(Answer::Failed(wit::Failure::Permanent(why))) => said(RunAnswer::GaveUp, "permanent", why),
        Err(stopped) if stopped.is_fault() => said(RunAnswer::Failed, stopped.kind(), &stopped.to_string()),
        Err(stopped) => said(RunAnswer::NotRun, stopped.kind(), &stopped.to_string()),
    }
}

/// So many of them, in words.
fn so_many(many: usize, one: &str) -> String {
    format!("{many} {one}{}", if many == 1 { "" } else { "s" })
}

pub(crate) fn task_of(task: &Task) -> RunTask {
    match task {
        Task::Amend { .. } => RunTask::Amend,
        Task::Validate { .. } => RunTask::Validate,
        Task::NextStates { .. } => RunTask::NextStates,
        Task::Event(_) => RunTask::Event,
        Task::Tick(_) => RunTask::Schedule,
        Task::Request(_) => RunTask::Inbound,
        Task::Lifecycle(_) => RunTask::Lifecycle,
    }
}

pub(crate) const fn mode_of(mode: wit::RunMode) -> RunMode {
    match mode {
        wit::RunMode::Shadow => RunMode::Shadow,
        wit::RunMode::DryRun => RunMode::DryRun,
        wit::RunMode::Replay => RunMode::Replay,
        wit::RunMode::Live | wit::RunMode::Unknown => RunMode::Live,
    }
}

/// What was used, beside what there was.
pub(crate) fn shares(used: &Used, budget: &Budget) -> Vec<RunShare> {
    let share = |share: crate::host::Share| RunShare {
        name: share.name.to_owned(),
        used: share.used,
        limit: share.limit,
        percent: share.percent,
    };
    used.percent_of(budget).into_iter().map(share).collect()
}

/// A line of a guest's log as it is kept.
pub(crate) fn logged(logged: &LogLine) -> RunLog {
    let level = match logged.level {
        Level::Trace => "TRACE",
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    };
    let field = |(name, value): &(String, String)| (line(name, 100), text(value, LOG_CHARS_MAX));
    RunLog {
        level: level.to_owned(),
        message: text(&logged.message, LOG_CHARS_MAX),
        fields: logged.fields.iter().take(20).map(field).collect(),
    }
}

/// What was said beyond a sentence, as JSON, where it is not too long.
fn detail(outcome: &Result<Answer, Stopped>) -> Option<String> {
    let detail = match outcome {
        Ok(Answer::Verdict(wit::Verdict::Deny(denial))) => serde_json::to_string(denial).ok(),
        Ok(Answer::Edits(edits)) if !edits.is_empty() => serde_json::to_string(edits).ok(),
        _ => None,
    };
    detail.filter(|detail| detail.len() <= DETAIL_BYTES_MAX)
}
