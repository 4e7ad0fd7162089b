//! Runs of plugins: what every call left behind.

use super::costs::{QUESTION_UNITS, RECORDING_UNITS, RUN_UNITS};
use super::issue::IssueNode;
use super::plugin_word::{PluginRunAnswer, PluginRunMode, PluginTask};
use super::scalar::{self, DateTime};
use crate::context::{Asked, Snapshot, plugins};
use crate::error::Result;
use crate::lean::{PageInfo, Row};
use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use mortise_engine::command::IssueRef;
use mortise_engine::{Error, id::IssueId};
use mortise_plugins::service::{
    Health, RunFilter, RunId, RunLog, RunOutcome, RunPage, RunRecord, RunShare, RunTotals,
};

/// How a plugin did of late.
#[derive(SimpleObject)]
pub(crate) struct PluginHealth {
    /// Runs that failed, or wanted done what was refused, one after the other, up to the newest.
    failures_in_a_row: u32,
    /// The newest runs that are looked back at, at most 200.
    runs: u32,
    /// Failures among them.
    failures: u32,
    /// What the last failure was, in words.
    last_failure: Option<String>,
    /// When it was.
    last_failure_at: Option<DateTime>,
    /// Since when it fails too often. It was disabled then; of a guard whose failing closes the gate, what it does by itself
    /// alone was stopped, and one that failed as it was asked stays. Null again after 20 runs in a row that went well.
    failing_since: Option<DateTime>,
    /// Why calls are passed by without asking it, in words.
    not_asked: Option<String>,
}

impl From<&Health> for PluginHealth {
    fn from(health: &Health) -> Self {
        Self {
            failures_in_a_row: health.failures_in_a_row,
            runs: health.runs,
            failures: health.failures_of_last(),
            last_failure: health.last_failure.clone(),
            last_failure_at: health.last_failure_at.map(DateTime),
            failing_since: health.failing_since.map(DateTime),
            not_asked: health.not_asked.clone(),
        }
    }
}

/// How much of one budget a run used.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PluginRunShare {
    /// What is measured, with its unit, such as `cpu_us`.
    budget: String,
    /// How much was used.
    used: u64,
    /// How much there was.
    limit: u64,
    /// Whole percent, rounded up.
    percent: u64,
}

impl From<&RunShare> for PluginRunShare {
    fn from(share: &RunShare) -> Self {
        Self { budget: share.name.clone(), used: share.used, limit: share.limit, percent: share.percent }
    }
}

/// A name and a value.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PluginField {
    /// The name.
    name: String,
    /// The value, or the words for it.
    value: String,
}

impl From<&(String, String)> for PluginField {
    fn from((name, value): &(String, String)) -> Self {
        Self { name: name.clone(), value: value.clone() }
    }
}

/// A line that a plugin logged.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PluginLog {
    /// How grave it is: `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`.
    level: String,
    /// What it says.
    message: String,
    /// With what.
    fields: Vec<PluginField>,
}

impl From<&RunLog> for PluginLog {
    fn from(log: &RunLog) -> Self {
        let fields = log.fields.iter().map(Into::into).collect();
        Self { level: log.level.clone(), message: log.message.clone(), fields }
    }
}

/// What came of a run.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct PluginRunOutcome {
    /// What.
    answer: PluginRunAnswer,
    /// In words, such as `used 20 ms of CPU, the limit is 20 ms`.
    words: String,
    /// A short name that does not change, for counting: `denied`, `cpu`, `trap` …
    kind: String,
}

impl From<&RunOutcome> for PluginRunOutcome {
    fn from(outcome: &RunOutcome) -> Self {
        Self { answer: outcome.answer.into(), words: outcome.words.clone(), kind: outcome.kind.clone() }
    }
}

/// One call of a plugin. Of one that was told of what who asks may not see it is said that it was, how it ended and what it used.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub(crate) struct PluginRun {
    /// The id, `run_…`; ids sort as the runs began.
    id: ID,
    /// The installed plugin, `pin_…`.
    plugin_id: ID,
    /// The code that ran: the hash of its bytes.
    digest: String,
    /// The version of it.
    plugin_version: String,
    /// What it was called for.
    task: PluginTask,
    /// What it was about, in words, such as `issue.created` or the name of a schedule.
    about: String,
    /// Whether what it said counted.
    mode: PluginRunMode,
    /// When it began.
    at: DateTime,
    /// Which attempt at the same thing it was, from 1.
    attempt: u32,
    /// What came of it.
    outcome: PluginRunOutcome,
    /// The issue that it was about.
    issue_id: Option<ID>,
    /// What it used of each budget.
    shares: Vec<PluginRunShare>,
    /// What it logged.
    logs: Vec<PluginLog>,
    /// Lines that are left out, for they were over the budget of one run.
    logs_dropped: u32,
    /// How many changes and requests it staged.
    staged: u32,
    /// The request that led to it: found in the server's log under this id.
    trace_id: String,
    /// Whether its input is kept, so that it can be done again: of the last 100 at most. Of runs that are alike others and logged
    /// nothing, one a minute of each task can.
    replayable: bool,
    /// Details as JSON: the fields of a denial, the edits of an amendment.
    detail: Option<String>,
    #[graphql(skip)]
    record: (RunId, mortise_engine::id::InstallationId, Option<IssueId>),
}

impl From<&RunRecord> for PluginRun {
    fn from(run: &RunRecord) -> Self {
        Self {
            id: scalar::global(run.id),
            plugin_id: scalar::global(run.installation),
            digest: run.digest.to_string(),
            plugin_version: run.version.clone(),
            task: run.task.into(),
            about: run.about.clone(),
            mode: run.mode.into(),
            at: DateTime(run.at),
            attempt: run.attempt,
            outcome: (&run.outcome).into(),
            issue_id: run.issue.map(scalar::global),
            shares: run.used.iter().map(Into::into).collect(),
            logs: run.logs.iter().map(Into::into).collect(),
            logs_dropped: run.logs_dropped,
            staged: run.staged,
            trace_id: run.request.to_string(),
            replayable: run.replayable,
            detail: run.detail.clone(),
            record: (run.id, run.installation, run.issue),
        }
    }
}

#[ComplexObject]
impl PluginRun {
    /// The issue that it was about, as it is now; null when who asks may not see it.
    async fn issue(&self, ctx: &Context<'_>) -> Result<Option<Row<IssueNode>>> {
        let snapshot = Asked::of(ctx)?.snapshot;
        let Some(id) = self.record.2 else { return Ok(None) };
        let found = snapshot.rows(snapshot.reader().issue(&IssueRef::Id(id))).await?;
        Ok(found.map(IssueNode::now).map(Row))
    }

    /// All that it was called for and told, as JSON: `mortise plugin replay` does it again elsewhere. Null when that is not kept,
    /// and when who asks may not see all of it.
    async fn recording(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.replayable {
            return Ok(None);
        }
        let asked = Asked::of(ctx)?;
        asked.snapshot.charge(RECORDING_UNITS)?;
        let (run, plugin, _) = self.record;
        let input = plugins(ctx)?.run_input(&asked.snapshot.viewer().principal, plugin, run).await?;
        let mut told = serde_json::to_value(&input).map_err(Error::internal)?;
        if let Some(told) = told.as_object_mut() {
            // Whoever does it again elsewhere sees whether it is with the same code.
            told.insert("digest".to_owned(), self.digest.clone().into());
        }
        let text = told.to_string();
        asked.snapshot.settle(RECORDING_UNITS, text.len() / 1_024 + QUESTION_UNITS)?;
        Ok(Some(text))
    }
}

/// The runs of one hour together.
#[derive(Clone, SimpleObject)]
pub(crate) struct PluginRunTotals {
    /// The beginning of the hour.
    hour: DateTime,
    /// All runs.
    runs: u64,
    /// Those that denied.
    denied: u64,
    /// Those that amended or narrowed.
    amended: u64,
    /// Those that failed or were stopped, and those that wanted done what was refused.
    failed: u64,
    /// Those for which there was no room.
    not_run: u64,
    /// CPU time of all together, in microseconds.
    cpu_us: u64,
    /// The most CPU time of one, in microseconds.
    cpu_us_max: u64,
}

impl From<&RunTotals> for PluginRunTotals {
    fn from(of: &RunTotals) -> Self {
        Self {
            hour: DateTime(of.hour),
            runs: of.runs,
            denied: of.denied,
            amended: of.amended,
            failed: of.failed,
            not_run: of.not_run,
            cpu_us: of.cpu_us,
            cpu_us_max: of.cpu_us_max,
        }
    }
}

/// Which runs are wanted. What is not said asks nothing.
#[derive(InputObject)]
pub(crate) struct PluginRunFilter {
    /// Called for one of these.
    tasks: Option<Vec<PluginTask>>,
    /// With one of these outcomes.
    answers: Option<Vec<PluginRunAnswer>>,
    /// In this mode.
    mode: Option<PluginRunMode>,
    /// About this issue: global id, `iss_…`.
    issue_id: Option<ID>,
    /// Begun at this moment or later.
    since: Option<DateTime>,
    /// Whether it logged something.
    logged: Option<bool>,
}

impl PluginRunFilter {
    /// As the service takes it.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for an id that cannot be read.
    pub(crate) fn read(self) -> mortise_engine::Result<RunFilter> {
        Ok(RunFilter {
            tasks: self.tasks.map(|tasks| tasks.into_iter().map(Into::into).collect()),
            answers: self.answers.map(|answers| answers.into_iter().map(Into::into).collect()),
            mode: self.mode.map(Into::into),
            issue: self.issue_id.map(|id| scalar::id("filter.issueId", &id)).transpose()?,
            since: self.since.map(|since| since.0),
            logged: self.logged,
        })
    }
}

/// A page of runs, newest first.
pub(crate) struct PluginRunConnection {
    page: RunPage,
    is_first: bool,
}

impl PluginRunConnection {
    pub(crate) const fn new(page: RunPage, is_first: bool) -> Self {
        Self { page, is_first }
    }
}

/// A page of runs, newest first, and how many there were.
#[Object]
impl PluginRunConnection {
    /// The runs.
    async fn nodes(&self) -> Vec<PluginRun> {
        self.page.runs.iter().map(Into::into).collect()
    }

    /// Where the page lies.
    async fn page_info(&self) -> Row<PageInfo<Snapshot>> {
        let cursor = |run: Option<&RunRecord>| run.map(|run| run.id.to_string());
        let ends = (cursor(self.page.runs.first()), cursor(self.page.runs.last()));
        Row(PageInfo::new((!self.is_first, self.page.more), ends))
    }

    /// How many there were, by hour, newest first, of the last two days. Those that are not kept any more are counted, too.
    async fn totals(&self) -> Vec<PluginRunTotals> {
        self.page.totals.iter().map(Into::into).collect()
    }

    /// Records that were dropped because more came at once than could be written, since the server was started.
    async fn dropped(&self) -> u64 {
        self.page.dropped
    }
}

/// Queries about runs.
#[derive(Default)]
pub(crate) struct PluginRunQuery;

#[Object]
impl PluginRunQuery {
    /// One run of a plugin. For admins.
    async fn plugin_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plugin: global id, `pin_…`.")] id: ID,
        #[graphql(desc = "The run: `run_…`.")] run: String,
    ) -> Result<PluginRun> {
        let asked = Asked::of(ctx)?;
        let (id, run) = (scalar::id("id", &id)?, run_id(&run)?);
        asked.snapshot.charge(RUN_UNITS)?;
        let found = plugins(ctx)?.run(&asked.snapshot.viewer().principal, id, run).await?;
        Ok((&found).into())
    }
}

/// The run that an argument names.
///
/// # Errors
///
/// `INVALID_INPUT` for a text that is none.
pub(crate) fn run_id(text: &str) -> mortise_engine::Result<RunId> {
    text.parse().map_err(|error: Error| error.with_field("run"))
}
