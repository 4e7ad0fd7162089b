//! One call of a guest, with all that belongs to it: the company's CPU time, the budget, and what is known of it afterwards.

use super::outcome::{Said, detail, logged, said_of};
use super::runs::{Brief, BriefRow, Finished, Likeness, Ran, RunInput, RunSight};
use super::{Class, CpuRate, Plugins, RunAnswer, RunId, RunMode, RunRecord, RunTask, TierLimit};
use crate::bucket::Empty;
use crate::host::wit;
use crate::host::{Answer, Answers, Budget, Code, LogLine, Meters, Recording, Run, Stopped, Task, Used};
use mortise_engine::id::{IssueId, TenantId};
use mortise_engine::model::{Digest, Installation};
use mortise_engine::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// Bytes of what a run was told, beyond which it cannot be done again.
const RECORDING_BYTES_MAX: usize = 64 << 10;

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

/// A call that was made. It leaves a record, whole or in brief: neither is made yet.
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
        // Runs are in the order in which they began.
        let id = RunId::generate();
        let mut budget = limit.budget_for(calling.class, calling.memory_mib);
        budget.recording_bytes = budget.recording_bytes.min(RECORDING_BYTES_MAX);
        let rate = limit.cpu_rate(calling.class);
        let may = self.0.cpu.lock().may_begin(calling.tenant, calling.class, rate);
        let Run { outcome, used, logs, recording } = match may {
            Err(spent) => not_begun(Stopped::Spent(spent_words(&spent))),
            Ok(()) => {
                let (task, call) = (Arc::clone(&task), Arc::clone(&calling.call));
                let spent = Spent::of(self, calling.tenant, calling.class, rate);
                let meters = spent.meters();
                Box::pin(self.host().run_metered(calling.code, task, call, &budget, answers, meters)).await
            }
        };
        Called { outcome, id, calling, task, budget, used, logs, recording }
    }

    /// Notes a call as it ended. Of one that is alike others a brief is made: a change may be waiting.
    pub(crate) fn note_called(&self, called: Called<'_>) {
        let said = said_of(&called.outcome);
        if self.0.runs.keeps_whole(&called.likeness(said.answer)) {
            self.0.runs.keep(called.finished().1);
        } else {
            let tenant = called.calling.tenant;
            self.0.runs.brief(tenant, called.brief(said).short());
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
pub(crate) struct Spent<'p> {
    plugins: &'p Plugins,
    tenant: TenantId,
    class: Class,
    rate: CpuRate,
    meters: Meters,
}

impl<'p> Spent<'p> {
    /// Of a call of this company's that is about to begin.
    pub(crate) fn of(plugins: &'p Plugins, tenant: TenantId, class: Class, rate: CpuRate) -> Self {
        Self { plugins, tenant, class, rate, meters: Meters::default() }
    }

    /// What counts it.
    pub(crate) const fn meters(&self) -> &Meters {
        &self.meters
    }
}

impl Drop for Spent<'_> {
    fn drop(&mut self) {
        let used = self.meters.spent();
        self.plugins.0.cpu.lock().spend(self.tenant, self.class, self.rate, used);
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

impl<'c> Called<'c> {
    /// Whether what it was asked about does not happen because of it.
    pub(crate) fn has_refused(&self) -> bool {
        let live = self.calling.call.mode == wit::RunMode::Live;
        live && matches!(self.outcome, Ok(Answer::Verdict(wit::Verdict::Deny(_))))
    }

    /// Says in other words what it was about.
    pub(crate) const fn set_about(&mut self, about: &'c str) {
        self.calling.about = about;
    }

    /// What tells whether it is alike others.
    fn likeness(&self, answer: RunAnswer) -> Likeness {
        Likeness {
            installation: self.calling.installation.id,
            task: task_of(&self.task),
            mode: mode_of(self.calling.call.mode),
            answer,
            at: self.calling.now,
            says_more: !self.logs.is_empty() || self.used.log_lines_dropped > 0,
        }
    }

    /// What is known of it beside its logs and its details, where it has said this.
    fn brief(&self, said: Said) -> Brief {
        let Self { calling, task, .. } = self;
        let digest = Digest(calling.code.digest().0);
        let row = BriefRow {
            id: self.id,
            task: task_of(task),
            mode: mode_of(calling.call.mode),
            answer: said.answer,
            kind: said.kind.into(),
            words: said.words,
            at: calling.now,
            attempt: calling.call.attempt,
            issue: calling.issue,
            about: calling.about.to_owned(),
            used: self.used.measured(&self.budget).into(),
            request: calling.request,
            staged: self.used.staged_commands,
            sight: RunSight::of(task, &self.recording, calling.issue),
        };
        let installation = calling.installation;
        Brief {
            installation: installation.id,
            ran: Ran::of(installation, digest, calling.version),
            row: Box::new(row),
        }
    }

    /// What came of it, and its record.
    pub(crate) fn finished(self) -> (Result<Answer, Stopped>, Finished) {
        let replayable = !self.recording.is_cut() && was_begun(&self.outcome);
        let record = RunRecord {
            logs: self.logs.iter().map(logged).collect(),
            logs_dropped: self.used.log_lines_dropped,
            replayable,
            detail: detail(&self.outcome),
            ..self.brief(said_of(&self.outcome)).settled().record()
        };
        let Self { outcome, calling, task, recording, .. } = self;
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
