//! One question to one plugin, inside somebody's own request.
//!
//! What the plugin is told is what its app member and whoever asks both see. A plugin of a company that may not have it any
//! more is not asked, nor is one about an issue that its member sees neither as it is nor as it would be: it passes, and a
//! record is kept.

use super::amending::Amending;
use super::calling::{Called, Calling};
use super::known::settings_of;
use super::unanswered::Unanswered;
use super::{Class, Plugins, RunAnswer, RunId, RunOutcome, RunRecord, RunTask, runs::Finished};
use crate::answers::{Hooked, Reading};
use crate::convert::{self, Bounds, Sight};
use crate::host::wit;
use crate::host::{Answer, Code, Task};
use mortise_engine::command::issue::IssuePatch;
use mortise_engine::context::Principal;
use mortise_engine::event::{Actor, Origin, PluginActor};
use mortise_engine::hooks::{Amends, Denial, HookFailure, Proposal, Question};
use mortise_engine::id::{IssueId, StateId, TenantId};
use mortise_engine::model::{HookPoint, Installation, Issue, Tenant, WorkflowState};
use mortise_engine::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// Characters of why a state is closed.
const WHY_CHARS_MAX: usize = 200;

/// Issues that one call is asked about; a longer board is asked about in parts.
const BOARD_PART: usize = 100;

/// All that a question needs beside itself.
struct Asked {
    sight: Sight,
    tenant: Arc<Tenant>,
    code: Code,
    call: Arc<wit::Call>,
    settings: Arc<str>,
    memory_mib: Option<u32>,
}

impl Plugins {
    pub(super) async fn ask_amend(
        &self,
        question: Question<'_>,
        proposal: &Proposal,
    ) -> Result<Amends, HookFailure> {
        let Some(asked) = self.prepare(&question, RunTask::Amend).await? else {
            return Ok(Amends::default());
        };
        let Some((issue, told)) = asked.told(proposal).await? else {
            self.note(not_seen(&question, RunTask::Amend));
            return Ok(Amends::default());
        };
        let task = Task::Amend { issue, proposal: told };
        let (id, about) = about(&asked, proposal);
        let called = self.put(&question, &asked, task, (id, &about)).await;
        let patch = match &called.outcome {
            Ok(Answer::Edits(edits)) => {
                let patch = convert::patch(&asked.sight, proposal.after.team, edits);
                patch.map_err(|error| convert::in_words(&error))
            }
            Ok(_) => Err("it answered something else".to_owned()),
            Err(stopped) => {
                let why = stopped.in_plain_words().to_owned();
                self.note_called(called);
                return Err(HookFailure(why));
            }
        };
        if matches!(&patch, Ok(patch) if *patch == IssuePatch::default()) {
            self.note_called(called);
            return Ok(Amends::default());
        }
        let amending = Amending::of(self.clone(), called.finished().1);
        match patch {
            Ok(patch) => Ok(Amends { patch, refused: Some(Box::new(move |why| amending.refused(why))) }),
            Err(why) => {
                amending.refused(&why);
                Err(HookFailure(format!("what it amends cannot be: {why}")))
            }
        }
    }

    pub(super) async fn ask_validate(
        &self,
        question: Question<'_>,
        proposal: &Proposal,
    ) -> Result<Option<Denial>, HookFailure> {
        let Some(asked) = self.prepare(&question, RunTask::Validate).await? else { return Ok(None) };
        let Some((issue, told)) = asked.told(proposal).await? else {
            self.note(not_seen(&question, RunTask::Validate));
            return Ok(None);
        };
        let task = Task::Validate { issue, proposal: told };
        let (id, about) = about(&asked, proposal);
        let titled;
        let mut called = self.put(&question, &asked, task, (id, &about)).await;
        if called.has_refused() && proposal.point == HookPoint::Create {
            titled = format!("{about}: {}", proposal.after.title);
            called.set_about(&titled);
        }
        let result = match &called.outcome {
            Ok(Answer::Verdict(wit::Verdict::Allow)) => Ok(None),
            Ok(Answer::Verdict(wit::Verdict::Deny(denial))) => Ok(Some(convert::denial(denial))),
            Ok(_) => Err(HookFailure("it answered something else".to_owned())),
            Err(stopped) => Err(HookFailure(stopped.in_plain_words().to_owned())),
        };
        self.note_called(called);
        result
    }

    pub(super) async fn ask_next_states(
        &self,
        question: Question<'_>,
        issues: &[(Arc<Issue>, Vec<&WorkflowState>)],
    ) -> Result<Vec<Vec<(StateId, String)>>, HookFailure> {
        let mut closed: Vec<Vec<(StateId, String)>> = issues.iter().map(|_| Vec::new()).collect();
        let Some(asked) = self.prepare(&question, RunTask::NextStates).await? else { return Ok(closed) };
        for (part, closed) in issues.chunks(BOARD_PART).zip(closed.chunks_mut(BOARD_PART)) {
            self.ask_part(&question, &asked, part, closed).await?;
        }
        Ok(closed)
    }

    /// Asks about a part of a board. Issues that may not be told of are left out, and nothing is closed for them.
    async fn ask_part(
        &self,
        question: &Question<'_>,
        asked: &Asked,
        issues: &[(Arc<Issue>, Vec<&WorkflowState>)],
        closed: &mut [Vec<(StateId, String)>],
    ) -> Result<(), HookFailure> {
        let (mut told, mut candidates, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (issue, states)) in issues.iter().enumerate() {
            let seen = asked.sight.issue(issue, Bounds::LISTED).await.map_err(failed)?;
            if let Some(seen) = seen {
                told.push(seen);
                candidates.push(states.iter().map(|state| convert::state_ref(state)).collect());
                places.push(place);
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        let one = issues.first().filter(|_| issues.len() == 1).map(|(issue, _)| issue.id);
        let about = format!("the next states of {} issues", told.len());
        let task = Task::NextStates { issues: told, candidates };
        let called = self.put(question, asked, task, (one, &about)).await;
        let result = match &called.outcome {
            Ok(Answer::NextStates(lists)) => {
                for (place, list) in places.iter().zip(lists) {
                    let candidates =
                        issues.get(*place).map(|(_, states)| states.as_slice()).unwrap_or_default();
                    if let Some(closed) = closed.get_mut(*place) {
                        *closed = closed_of(list, candidates);
                    }
                }
                Ok(())
            }
            Ok(_) => Err(HookFailure("it answered something else".to_owned())),
            Err(stopped) => Err(HookFailure(stopped.in_plain_words().to_owned())),
        };
        self.note_called(called);
        result
    }

    /// What a question needs; none when the plugin is not asked.
    async fn prepare(&self, question: &Question<'_>, task: RunTask) -> Result<Option<Asked>, HookFailure> {
        let installation = question.installation;
        let tenant = question.principal.tenant();
        let prepared = async {
            let engine = self.engine()?;
            if !engine.plugins_allowed(tenant).allows(installation.origin) {
                return Ok(None);
            }
            if let Some(why) = self.0.catalogue.stopped(installation) {
                return Err(mortise_engine::Error::rejected(why));
            }
            let app = engine.reader(&app_principal(question.principal, installation)).await?;
            let asker = engine.reader(question.principal).await?;
            let code = self.load_soon(tenant, installation.digest).await?;
            let known = app.directory().plugin_code(installation.digest);
            let known = known.map(|code| self.0.known.of(code)).transpose()?;
            let settings = settings_of(known.as_ref(), installation);
            let memory_mib = known.and_then(|known| known.manifest.memory_mib);
            let tenant = app.tenant().clone();
            let sight = Sight::of(app).with_asker(asker);
            let call = Arc::new(call(question, task, &tenant, &sight));
            Ok(Some(Asked { sight, tenant, code, call, settings, memory_mib }))
        };
        match prepared.await {
            Ok(Some(asked)) => Ok(Some(asked)),
            Ok(None) => {
                let why = "not asked: the company's tier does not include plugins from there any more";
                self.note(not_run(question, task, "not_entitled", why));
                Ok(None)
            }
            Err(error) => {
                let error: mortise_engine::Error = error;
                self.note(not_run(question, task, "host", error.message()));
                Err(HookFailure(error.message().to_owned()))
            }
        }
    }

    /// Puts it to the guest; `about` is the issue, and all in words.
    async fn put<'c>(
        &self,
        question: &'c Question<'_>,
        asked: &'c Asked,
        task: Task,
        (issue, about): (Option<IssueId>, &'c str),
    ) -> Called<'c> {
        let (task, installation) = (Arc::new(task), question.installation);
        let tenant = question.principal.tenant();
        let class = if matches!(*task, Task::NextStates { .. }) { Class::Board } else { Class::Workflow };
        let calling = Calling {
            tenant,
            installation,
            code: &asked.code,
            version: &installation.code_version,
            class,
            memory_mib: asked.memory_mib,
            call: asked.call.clone(),
            request: question.request,
            now: question.now,
            issue,
            about,
        };
        let reading = Reading::new(installation.clone(), asked.sight.clone(), Bounds::WORKFLOW);
        let room = LazyRoom { plugins: self.clone(), tenant, installation: installation.id };
        let mut answers = Hooked::new(reading, room, asked.settings.clone(), question.now);
        let limit = self.limit_of(&asked.tenant);
        let unanswered = || {
            let mut finished = not_run(question, super::calling::task_of(&task), "unanswered", "");
            (finished.record.issue, finished.record.about) = (issue, about.to_owned());
            finished.record.sight = super::RunSight::of(&task, &crate::host::Recording::default(), issue);
            finished
        };
        let waiting = Unanswered::until_answered(self, unanswered);
        let called = self.call(calling, Arc::clone(&task), limit, &mut answers).await;
        waiting.answered();
        called
    }
}

/// The room of an installation, opened when a guest first asks for it.
pub(crate) struct LazyRoom {
    pub(crate) plugins: Plugins,
    pub(crate) tenant: mortise_engine::id::TenantId,
    pub(crate) installation: mortise_engine::id::InstallationId,
}

impl LazyRoom {
    /// The room.
    ///
    /// # Errors
    ///
    /// As [`Engine::plugin_room`](mortise_engine::Engine::plugin_room).
    pub(crate) async fn open(&self) -> mortise_engine::Result<mortise_engine::PluginRoom> {
        self.plugins.engine()?.plugin_room(self.tenant, self.installation).await
    }
}

impl Asked {
    /// The issue as the proposal would leave it, and the proposal; none when the plugin may not be told of it.
    async fn told(&self, proposal: &Proposal) -> Result<Option<(wit::Issue, wit::Proposal)>, HookFailure> {
        let description = proposal.description.as_deref();
        let (before, after) = (proposal.before.as_ref(), &proposal.after);
        let issue =
            self.sight.proposed(before, after, description, Bounds::WORKFLOW).await.map_err(failed)?;
        Ok(issue.map(|issue| (issue, convert::proposal(&self.sight, proposal))))
    }
}

fn failed(error: mortise_engine::Error) -> HookFailure {
    tracing::warn!(?error, "a plugin cannot be told what it is asked about");
    HookFailure("what it is asked about cannot be read at the moment".to_owned())
}

/// The app member of an installation, on the way that leads from whoever asks.
fn app_principal(asker: &Principal, installation: &Installation) -> Principal {
    let depth = depth_of(asker.actor()).saturating_add(1);
    let by = PluginActor {
        installation: installation.id,
        member: installation.member,
        depth,
        behalf: asker.member(),
    };
    Principal::trusted_plugin(asker.tenant(), by)
}

const fn depth_of(actor: Actor) -> u8 {
    match actor {
        Actor::Plugin(by) => by.depth,
        _ => 0,
    }
}

/// Whether what it says counts.
fn mode(question: &Question<'_>, task: RunTask) -> wit::RunMode {
    // What a board shows writes nothing in any case.
    let rehearsal = question.rehearsal && task != RunTask::NextStates;
    match (rehearsal, question.installation.counts()) {
        (true, _) => wit::RunMode::DryRun,
        (false, true) => wit::RunMode::Live,
        (false, false) => wit::RunMode::Shadow,
    }
}

fn call(question: &Question<'_>, task: RunTask, tenant: &Tenant, sight: &Sight) -> wit::Call {
    let installation = question.installation;
    let actor = question.principal.actor();
    wit::Call {
        company: tenant.id.to_string(),
        installation: installation.id.to_string(),
        plugin_version: installation.code_version.to_string(),
        invocation: question.request.to_string(),
        attempt: 1,
        mode: mode(question, task),
        actor: convert::actor(sight, actor, Origin::Api),
        depth: depth_of(actor),
        now: question.now.to_string(),
        time_zone: tenant.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
    }
}

/// The issue and the words for what a proposal is about. One that is being made is not named: whoever reads this later may not see it
/// any more.
fn about(asked: &Asked, proposal: &Proposal) -> (Option<IssueId>, String) {
    let directory = asked.sight.directory();
    let issue = &proposal.after;
    let team = directory.team(issue.team).map(|team| team.key.as_str()).unwrap_or_default();
    let key = format!("{team}-{}", issue.number);
    let state = |id| directory.state(id).map(|state| state.name.clone()).unwrap_or_default();
    let words = match proposal.point {
        HookPoint::Create => format!("a new issue in {team}"),
        HookPoint::Update => format!("a change of {key}"),
        HookPoint::Comment => format!("a comment on {key}"),
        HookPoint::Transition => {
            let from = proposal.before.as_ref().map(|before| state(before.state)).unwrap_or_default();
            format!("{key}: {from} → {}", state(issue.state))
        }
    };
    (proposal.before.as_ref().map(|before| before.id), words)
}

/// The states of a list that are closed, of those that were asked about.
fn closed_of(list: &[wit::NextState], candidates: &[&WorkflowState]) -> Vec<(StateId, String)> {
    let closed = list.iter().filter(|state| !state.enabled);
    let named = closed.filter_map(|next| {
        let state = candidates.iter().find(|state| state.id.to_string() == next.state.id)?;
        let why = next.why_not.as_deref().map(|why| convert::line(why, WHY_CHARS_MAX)).unwrap_or_default();
        Some((state.id, why))
    });
    named.collect()
}

/// The record of a question about an issue that the plugin may not be told of. It says nothing of that issue.
fn not_seen(question: &Question<'_>, task: RunTask) -> Finished {
    let why = "not asked: its member does not see the issue";
    not_run(question, task, "not_seen", why)
}

/// The record of a question that was not put.
fn not_run(question: &Question<'_>, task: RunTask, kind: &str, why: &str) -> Finished {
    let (tenant, asked) = (question.principal.tenant(), (question.request, question.now));
    let mut finished = not_called(tenant, question.installation, task, asked, (kind, why));
    finished.record.mode = super::calling::mode_of(mode(question, task));
    finished
}

/// The record of a call that was not made: of a request at a time, with a short name for why and the words for it.
pub(crate) fn not_called(
    tenant: TenantId,
    installation: &Installation,
    task: RunTask,
    (request, now): (Uuid, Timestamp),
    (kind, why): (&str, &str),
) -> Finished {
    let record = RunRecord {
        id: RunId::generate(),
        installation: installation.id,
        digest: installation.digest,
        version: installation.code_version.to_string(),
        task,
        mode: if installation.counts() { super::RunMode::Live } else { super::RunMode::Shadow },
        at: now,
        attempt: 1,
        outcome: RunOutcome {
            answer: RunAnswer::NotRun,
            words: convert::line(why, 500),
            kind: kind.to_owned(),
        },
        issue: None,
        about: String::new(),
        used: Vec::new(),
        logs: Vec::new(),
        logs_dropped: 0,
        request,
        staged: 0,
        replayable: false,
        detail: None,
        sight: super::RunSight::default(),
    };
    Finished { tenant, record, input: None }
}
