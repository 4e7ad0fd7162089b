//! Going through issues and their histories, asking the plugin about each step.

use super::finding::{BacktestEffect, BacktestFinding, amend};
use super::jobs::{FINDINGS_MAX, UnderWay};
use super::past::Past;
use crate::answers::{Hooked, Reading};
use crate::convert::{self, Bounds, Sight};
use crate::host::{Answer, Budget, Code, Stopped, Task, wit};
use crate::service::{Class, LazyRoom, Plugins, Spent, settings_of};
use mortise_engine::event::{Actor, Event};
use mortise_engine::filter::{Filter, Sort, SortKey};
use mortise_engine::hooks::Proposal;
use mortise_engine::model::{Installation, Issue, Seq};
use mortise_engine::query::{IssuePageRequest, Reader, Window};
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, Error, Result};
use std::sync::Arc;
use std::time::Duration;

/// Issues of one page.
const PAGE: usize = 100;
/// Issues that are looked at in one backtest.
const ISSUES_MAX: u64 = 100_000;
/// Events of one issue; of one with more the oldest are left out, and so is all that depends on them.
const EVENTS_MAX: usize = 5_000;
/// A plugin that fails at the first so many questions fails at all of them.
const FAILURES_FIRST_MAX: u64 = 20;
/// How long one waits for room.
const BUSY_WAIT: Duration = Duration::from_millis(200);
/// Times that one waits for it, for one question.
const BUSY_MAX: u32 = 50;

/// See the module.
pub(super) struct Walk {
    plugins: Plugins,
    engine: Engine,
    asker: Reader,
    sight: Sight,
    installation: Arc<Installation>,
    settings: Arc<str>,
    memory_mib: Option<u32>,
    code: Code,
    job: UnderWay,
}

impl Walk {
    pub(super) fn new(
        plugins: Plugins,
        engine: Engine,
        (asker, app): (Reader, Reader),
        installation: Arc<Installation>,
        code: Code,
        job: UnderWay,
    ) -> Self {
        let known = asker.plugin_code(installation.digest).and_then(|code| plugins.0.known.of(&code).ok());
        let memory_mib = known.as_ref().and_then(|known| known.manifest.memory_mib);
        let settings = settings_of(known.as_ref(), &installation);
        let sight = Sight::of(app).with_asker(asker.clone());
        Self { plugins, engine, asker, sight, installation, settings, memory_mib, code, job }
    }

    /// The whole backtest.
    pub(super) async fn go(self, filter: Filter, since: Option<Timestamp>) {
        let outcome = Box::pin(self.issues(filter, since)).await;
        if let Err(error) = &outcome {
            tracing::info!(?error, "a backtest ends early");
        }
        self.job.end(outcome, self.engine.clock().now());
    }

    async fn issues(&self, filter: Filter, since: Option<Timestamp>) -> Result<()> {
        let sort = vec![Sort { key: SortKey::Created, descending: false, nulls_first: false }];
        let mut after = None;
        loop {
            self.expect_may_run()?;
            let window = Window::First(PAGE, after.take());
            let request = IssuePageRequest { filter: filter.clone(), sort: sort.clone(), window };
            let list = Box::pin(self.asker.issues(&request)).await?;
            self.job.state.lock().issues_total = list.total.min(ISSUES_MAX);
            for issue in &list.issues {
                if self.job.is_canceled() {
                    return Ok(());
                }
                if self.sight.sees(issue.id) && self.installation.concerns(issue.team) {
                    Box::pin(self.issue(issue, since)).await?;
                }
                let mut state = self.job.state.lock();
                state.issues_done += 1;
                if state.issues_done >= ISSUES_MAX {
                    return Ok(());
                }
            }
            after = list.issues.len().checked_sub(1).and_then(|last| list.cursors.of(last));
            if !list.has_next || after.is_none() {
                return Ok(());
            }
        }
    }

    /// Refuses to go on with what the company may not have any more, or what was stopped since this began.
    fn expect_may_run(&self) -> Result<()> {
        let Installation { origin, digest, .. } = *self.installation;
        self.plugins.expect_may_run(self.asker.refreshed().tenant(), origin, digest)
    }

    /// One issue's history.
    async fn issue(&self, issue: &Arc<Issue>, since: Option<Timestamp>) -> Result<()> {
        if since.is_some_and(|since| issue.updated_at < since) {
            return Ok(());
        }
        let mut past = Past::new();
        for event in self.history(issue).await? {
            let Some(proposal) = past.take(&event) else { continue };
            if since.is_none_or(|since| event.at >= since) {
                Box::pin(self.ask(&event, proposal)).await?;
            }
            if self.job.is_canceled() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The events about an issue, oldest first.
    async fn history(&self, issue: &Issue) -> Result<Vec<Event>> {
        let (mut events, mut before) = (Vec::new(), None::<Seq>);
        loop {
            let page = self.sight.app().history(issue, before, PAGE).await?;
            let previous = page.last().and_then(|event| event.previous);
            events.extend(page);
            before = previous;
            if before.is_none() || events.len() >= EVENTS_MAX {
                break;
            }
        }
        events.reverse();
        Ok(events)
    }

    /// Asks about one step, as somebody was about to do it.
    async fn ask(&self, event: &Event, proposal: Proposal) -> Result<()> {
        let (amends, validates) = {
            let asked = &self.installation;
            (asked.amends(proposal.point), asked.validates(proposal.point))
        };
        // None is asked about its own changes.
        let is_own = matches!(event.actor, Actor::Plugin(by) if by.installation == self.installation.id);
        if is_own || !(amends || validates) {
            return Ok(());
        }
        let description = proposal.description.as_deref();
        let seen =
            self.sight.proposed(proposal.before.as_ref(), &proposal.after, description, Bounds::WORKFLOW);
        let Some(mut issue) = seen.await? else { return Ok(()) };
        let told = convert::proposal(&self.sight, &proposal);
        self.job.state.lock().asked += 1;
        if amends {
            let task = Task::Amend { issue: issue.clone(), proposal: told.clone() };
            match self.put(event, task).await {
                Ok(Answer::Edits(edits)) => {
                    let changed = amend(&mut issue, &edits);
                    if !changed.is_empty() {
                        let names: Vec<_> = changed.iter().map(|(key, _)| key.as_str()).collect();
                        let message = format!("sets {}", names.join(", "));
                        self.found(event, &proposal, BacktestEffect::Amended, (message, changed))?;
                    }
                }
                other => return self.failed(event, &proposal, other),
            }
        }
        if validates {
            match self.put(event, Task::Validate { issue, proposal: told }).await {
                Ok(Answer::Verdict(wit::Verdict::Allow)) => {}
                Ok(Answer::Verdict(wit::Verdict::Deny(denial))) => {
                    let denial = convert::denial(&denial);
                    let said = (denial.message, denial.fields);
                    self.found(event, &proposal, BacktestEffect::Denied, said)?;
                }
                other => return self.failed(event, &proposal, other),
            }
        }
        Ok(())
    }

    fn failed(
        &self,
        event: &Event,
        proposal: &Proposal,
        outcome: std::result::Result<Answer, Stopped>,
    ) -> Result<()> {
        if self.job.is_canceled() {
            return Ok(());
        }
        let why =
            outcome.err().map_or_else(|| "it answered something else".to_owned(), |why| why.to_string());
        self.found(event, proposal, BacktestEffect::Failed, (why, Vec::new()))?;
        let state = self.job.state.lock();
        if state.failed >= FAILURES_FIRST_MAX && state.failed >= state.asked {
            return Err(Error::rejected("the plugin fails at everything: its findings say how"));
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands in a chain of questions")]
    fn found(
        &self,
        event: &Event,
        proposal: &Proposal,
        effect: BacktestEffect,
        (message, fields): (String, Vec<(String, String)>),
    ) -> Result<()> {
        let row = &proposal.after;
        let finding = BacktestFinding {
            issue: row.id,
            key: self.sight.directory().identifier(row.team, row.number),
            at: event.at,
            seq: event.seq,
            by: event.actor.member(),
            event: event
                .body
                .as_ref()
                .map(mortise_engine::event::EventBody::name)
                .unwrap_or_default()
                .to_owned(),
            effect,
            message: convert::line(&message, 500),
            fields,
        };
        let mut findings = self.job.findings.lock();
        if findings.len() < FINDINGS_MAX {
            findings.push(finding);
        }
        let listed = findings.len() as u64;
        drop(findings);
        let mut state = self.job.state.lock();
        state.listed = listed;
        match effect {
            BacktestEffect::Denied => state.denied += 1,
            BacktestEffect::Amended => state.amended += 1,
            BacktestEffect::Failed => state.failed += 1,
        }
        Ok(())
    }

    /// One question. It waits for CPU time and for room.
    async fn put(&self, event: &Event, task: Task) -> std::result::Result<Answer, Stopped> {
        let tenant = self.sight.app().tenant();
        let limit = self.plugins.limit_of(tenant);
        let rate = limit.cpu_rate(Class::Automation);
        let budget = limit.budget_for(Class::Workflow, self.memory_mib);
        let task = Arc::new(task);
        let mut busy = 0;
        loop {
            if self.job.is_canceled() {
                return Ok(Answer::Done);
            }
            let may = self.plugins.0.cpu.lock().may_begin(tenant.id, Class::Automation, rate);
            if let Err(spent) = may {
                self.job.pause(spent.wait.clamp(BUSY_WAIT, Duration::from_secs(5))).await;
                continue;
            }
            let spent = Spent::of(&self.plugins, tenant.id, Class::Automation, rate);
            match Box::pin(self.put_once(event, task.clone(), &budget, spent)).await {
                Err(Stopped::Busy { .. }) if busy < BUSY_MAX => {
                    busy += 1;
                    self.job.pause(BUSY_WAIT).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// The same, where there is CPU time for it.
    async fn put_once(
        &self,
        event: &Event,
        task: Arc<Task>,
        budget: &Budget,
        spent: Spent<'_>,
    ) -> std::result::Result<Answer, Stopped> {
        let (mut answers, call) = (self.answers(event.at), Arc::new(self.call(event)));
        let host = self.plugins.host();
        let run = Box::pin(host.run_metered(&self.code, task, call, budget, &mut answers, spent.meters()));
        let run = run.await;
        run.outcome
    }

    fn answers(&self, now: Timestamp) -> Hooked {
        let reading = Reading::new(self.installation.clone(), self.sight.clone(), Bounds::WORKFLOW);
        let (plugins, tenant) = (self.plugins.clone(), self.sight.app().tenant().id);
        let room = LazyRoom { plugins, tenant, installation: self.installation.id };
        Hooked::new(reading, room, self.settings.clone(), now)
    }

    fn call(&self, event: &Event) -> wit::Call {
        let tenant = self.sight.app().tenant();
        wit::Call {
            company: tenant.id.to_string(),
            installation: self.installation.id.to_string(),
            plugin_version: self.installation.code_version.to_string(),
            invocation: event.request.to_string(),
            attempt: 1,
            mode: wit::RunMode::DryRun,
            actor: convert::actor(&self.sight, event.actor, event.origin),
            depth: 0,
            now: event.at.to_string(),
            time_zone: tenant.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        }
    }
}
