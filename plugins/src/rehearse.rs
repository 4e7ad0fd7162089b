//! What an automation would do: it is called as ever, what it stages is decided and not done, and nothing goes outside.

use crate::answers::staging::{KvChange, Staged};
use crate::automation::errand::{Errand, app_principal, invocation_of};
use crate::automation::steps;
use crate::automation::told::{is_timely, told};
use crate::convert::{self, Bounds, Sight};
use crate::host::{Answer, Task, wit};
use crate::service::{Plugins, RunId, RunLog, RunOutcome, RunShare};
use mortise_engine::command::issue::IssueRef;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::directory::Directory;
use mortise_engine::event::{Actor, Event, EventBody, IssueChange, Origin, Subject};
use mortise_engine::id::{InstallationId, IssueId};
use mortise_engine::model::{Installation, Issue};
use mortise_engine::query::Reader;
use mortise_engine::{Engine, Error, Result};
use std::sync::Arc;
use uuid::Uuid;

/// Events of an issue that are looked through for one of a name.
const LOOKED_THROUGH_MAX: usize = 250;

/// What an automation is to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rehearse {
    /// The newest event of this name about this issue, such as `issue.transitioned`; without a name, the newest of those that
    /// it acts on. Of its own doing it is told nothing, here neither.
    Event(IssueRef, Option<String>),
    /// What an earlier run was called for, with what there is now to read.
    Run(RunId),
    /// A time of this schedule.
    Schedule(String),
}

/// What it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// What came of the call.
    pub outcome: RunOutcome,
    /// What it would change, in order.
    pub changes: Vec<RehearsedChange>,
    /// Why all of that would be refused, if it would.
    pub refused: Option<String>,
    /// Keys of its memory that it would set, and those that it would delete (false).
    pub memory: Vec<(String, bool)>,
    /// Requests that it would have sent later: method and address.
    pub requests: Vec<String>,
    /// What it used of each budget.
    pub used: Vec<RunShare>,
    /// What it logged.
    pub logs: Vec<RunLog>,
}

/// One change of one issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RehearsedChange {
    /// What it is called, such as `issue.transitioned`, `comment.created`.
    pub event: String,
    /// The issue.
    pub issue: Option<IssueId>,
    /// Its key; for one that would be made, that which it would get.
    pub key: String,
    /// What would become of its fields.
    pub fields: Vec<FieldChange>,
}

/// What one field is, and what it would be; in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field, such as `title`.
    pub field: String,
    /// What it is; none when there is nothing.
    pub before: Option<String>,
    /// What it would be.
    pub after: Option<String>,
}

impl Plugins {
    /// Has an automation act without any effect. Nothing is written but the record of the run.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND` for what is not there or not to be seen by both the plugin and
    /// who asks, `ENTITLEMENT_EXCEEDED` for a plugin that the company may not have any more, `REJECTED` for a version that was
    /// withdrawn and is not run, and for a run that cannot be done again; `UNAVAILABLE`.
    pub async fn rehearse(
        &self,
        principal: &Principal,
        id: InstallationId,
        what: Rehearse,
    ) -> Result<Rehearsal> {
        let (engine, installation, _) = self.managed_installation(principal, id).await?;
        let asker = engine.reader(principal).await?;
        self.expect_may_run(asker.tenant(), installation.origin, installation.digest)?;
        let app = app_principal(principal.tenant(), &installation, 1, principal.member());
        let sight = Sight::of(engine.reader(&app).await?).with_asker(asker.clone());
        let rehearsed = Box::pin(self.rehearsed(principal, &installation, &sight, what)).await?;
        let (task, issue, about, request, actor) = rehearsed;
        let errand = Errand {
            installation: installation.clone(),
            principal: app,
            sight,
            task,
            invocation: invocation_of(id, &[b"rehearsal", Uuid::now_v7().as_bytes()]),
            attempt: 1,
            mode: wit::RunMode::DryRun,
            actor,
            depth: 0,
            issue,
            about,
            request,
            now: engine.clock().now(),
        };
        let mut returned = Box::pin(self.errand(&errand)).await?;
        let staged = std::mem::take(&mut returned.staged);
        let would = match &returned.outcome {
            Ok(Answer::Done) => Box::pin(would(&engine, &errand, &asker, staged)).await,
            _ => Would::default(),
        };
        let record =
            returned.finished.record().cloned().ok_or_else(|| Error::internal("a run left no record"))?;
        self.note(returned.finished);
        let Would { changes, refused, memory, requests } = would;
        let (outcome, used, logs) = (record.outcome, record.used, record.logs);
        Ok(Rehearsal { outcome, changes, refused, memory, requests, used, logs })
    }

    /// What it is called for: the task, the issue and the words for it, the request, and who began it.
    async fn rehearsed(
        &self,
        principal: &Principal,
        installation: &Arc<Installation>,
        sight: &Sight,
        what: Rehearse,
    ) -> Result<(Task, Option<IssueId>, String, Uuid, wit::Actor)> {
        match what {
            Rehearse::Event(issue, name) => {
                let row = sight.app().issue_even_deleted(&issue).await?;
                let not_here = || Error::not_found(&issue);
                let row = row.filter(|row| sight.sees(row.id)).ok_or_else(not_here)?;
                let event = newest(sight, installation, &row, name.as_deref()).await?;
                if !is_timely(&event, &row) {
                    return Err(Error::rejected("the issue is deleted: there is nothing to act on"));
                }
                let issue = sight.issue(&row, Bounds::ONE).await?.ok_or_else(not_here)?;
                let about = format!("{} {}", event_name(&event), issue.key);
                let told = told(sight, &event, issue).ok_or_else(not_here)?;
                let actor = convert::actor(sight, event.actor, event.origin);
                Ok((Task::Event(told), Some(row.id), about, event.request, actor))
            }
            Rehearse::Run(run) => {
                let record = self.run(principal, installation.id, run).await?;
                let input = self.run_input(principal, installation.id, run).await?;
                if let Some(why) = not_rehearsed(&input.task) {
                    return Err(Error::rejected(why));
                }
                let seen = record.issue.is_none_or(|issue| sight.sees(issue));
                if !seen {
                    return Err(Error::not_found(format!("run {run}")));
                }
                Ok((input.task, record.issue, record.about, Uuid::now_v7(), input.call.actor))
            }
            Rehearse::Schedule(schedule) => {
                if !installation.hooks.schedules.contains(&schedule) {
                    return Err(Error::not_found(format!("the schedule `{}`", convert::line(&schedule, 60))));
                }
                let due_at = sight.app().now().to_string();
                let about = format!("schedule {schedule}");
                let task = Task::Tick(wit::Tick { schedule, due_at, missed: 0 });
                let actor = convert::actor(sight, Actor::System, Origin::System);
                Ok((task, None, about, Uuid::now_v7(), actor))
            }
        }
    }
}

/// Why what a run was called for is not rehearsed; none where it is.
const fn not_rehearsed(task: &Task) -> Option<&'static str> {
    match task {
        Task::Event(_) | Task::Tick(_) | Task::Request(_) => None,
        Task::Amend { .. } | Task::Validate { .. } | Task::NextStates { .. } => {
            Some("this run took part in a change: see what it would say by a backtest")
        }
        Task::Lifecycle(_) => Some(
            "this run was told that the plugin was enabled, changed or disabled, which is not rehearsed: do that again, or do the \
             run again from its recording",
        ),
    }
}

/// The newest event about an issue that is wanted, of those that the plugin is called for: not of its own doing, nor of an import.
async fn newest(
    sight: &Sight,
    installation: &Installation,
    row: &Arc<Issue>,
    name: Option<&str>,
) -> Result<Event> {
    if installation.hooks.events.is_empty() {
        return Err(Error::rejected(
            "this plugin acts on no events: what it says to a change is told by a dry run of the change, or by a backtest",
        ));
    }
    let events = sight.app().history(row, None, LOOKED_THROUGH_MAX).await?;
    let wanted = |event: &Event| {
        let Some(body) = event.body.as_ref().filter(|_| is_told_of(installation, event)) else {
            return false;
        };
        let of_changes = match body {
            EventBody::IssueUpdated { changes } => changes.iter().map(IssueChange::event_name).collect(),
            _ => Vec::new(),
        };
        let mut names = std::iter::once(body.name()).chain(of_changes);
        match name {
            Some(name) => names.any(|known| known == name),
            None => names.any(|known| installation.hooks.acts_on(known)),
        }
    };
    let none = || Error::not_found("such an event about the issue, of others' doing than the plugin's,");
    events.into_iter().find(wanted).ok_or_else(none)
}

/// Whether a plugin is called for events like this one, by who did it.
fn is_told_of(installation: &Installation, event: &Event) -> bool {
    let own = matches!(event.actor, Actor::Plugin(by) if by.installation == installation.id);
    !own && event.origin != Origin::Import
}

fn event_name(event: &Event) -> &'static str {
    event.body.as_ref().map(EventBody::name).unwrap_or_default()
}

/// What would come of what was staged.
#[derive(Default)]
struct Would {
    changes: Vec<RehearsedChange>,
    refused: Option<String>,
    memory: Vec<KvChange>,
    requests: Vec<String>,
}

async fn would(engine: &Engine, errand: &Errand, asker: &Reader, staged: Staged) -> Would {
    let (memory, requests) =
        (staged.kv.changes(), staged.out.iter().map(crate::automation::about_request).collect());
    let mut would = Would { memory, requests, ..Would::default() };
    if staged.steps.is_empty() {
        return would;
    }
    let mut cx = OpContext::new(errand.principal.clone()).with_origin(Origin::Plugin).with_dry_run(true);
    cx.request = errand.request;
    match steps::execute(engine, cx, errand.installation.version, staged.steps, Vec::new()).await {
        Err(error) => would.refused = Some(error.message().to_owned()),
        Ok(done) => {
            let rows: Vec<_> = done
                .rows
                .iter()
                .filter_map(|row| match row {
                    mortise_engine::draft::RowWrite::Issue { after, .. } => Some(after.clone()),
                    _ => None,
                })
                .collect();
            // Of an issue that the asker does not see they are not told.
            let new = |id: IssueId| asker.sees(id) || done.events.iter().any(|e| is_birth(e, id));
            for event in &done.events {
                let Subject::Issue(id) = event.subject else { continue };
                if new(id) {
                    let row = rows.iter().find(|row| row.id == id);
                    would.changes.extend(changed(errand.sight.directory(), event, id, row));
                }
            }
        }
    }
    would
}

fn is_birth(event: &Event, id: IssueId) -> bool {
    event.subject == Subject::Issue(id) && matches!(event.body, Some(EventBody::IssueCreated { .. }))
}

/// One event as a change in words.
fn changed(
    directory: &Directory,
    event: &Event,
    id: IssueId,
    row: Option<&Arc<Issue>>,
) -> Option<RehearsedChange> {
    let key = row.map(|row| directory.identifier(row.team, row.number)).unwrap_or_default();
    let fields = match event.body.as_ref()? {
        EventBody::IssueCreated { issue, description } => made(directory, issue, description.as_deref()),
        EventBody::IssueUpdated { changes } => changes.iter().filter_map(|c| field(directory, c)).collect(),
        EventBody::CommentCreated { comment } => vec![new_field("comment", &comment.body)],
        _ => Vec::new(),
    };
    Some(RehearsedChange { event: event_name(event).to_owned(), issue: Some(id), key, fields })
}

fn made(directory: &Directory, issue: &Issue, description: Option<&str>) -> Vec<FieldChange> {
    let state = directory.state(issue.state).map(|state| state.name.clone()).unwrap_or_default();
    let mut fields = vec![
        new_field("title", &issue.title),
        new_field("kind", issue.kind.as_str()),
        new_field("state", &state),
        new_field("priority", issue.priority.as_str()),
    ];
    fields.extend(description.map(|text| new_field("description", text)));
    if !issue.assignees.is_empty() {
        fields.push(new_field("assignees", &people(directory, &issue.assignees)));
    }
    if !issue.labels.is_empty() {
        fields.push(new_field("labels", &labels(directory, &issue.labels)));
    }
    fields
}

fn new_field(field: &str, after: &str) -> FieldChange {
    FieldChange { field: field.to_owned(), before: None, after: Some(shown(after)) }
}

/// A change of a field in words; none for what only follows from others.
fn field(directory: &Directory, change: &IssueChange) -> Option<FieldChange> {
    let told = |field: &str, before: Option<String>, after: Option<String>| {
        Some(FieldChange { field: field.to_owned(), before, after })
    };
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let state = |id| directory.state(id).map(|state| state.name.clone());
    match change {
        IssueChange::Title(c) => told("title", Some(shown(&c.from)), Some(shown(&c.to))),
        IssueChange::Description { to, .. } => told("description", None, to.as_deref().map(shown)),
        IssueChange::Kind(c) => told("kind", some(c.from.to_string()), some(c.to.to_string())),
        IssueChange::State { state: c, .. } => told("state", state(c.from), state(c.to)),
        IssueChange::Resolution(c) => {
            told("resolution", c.from.map(|r| r.to_string()), c.to.map(|r| r.to_string()))
        }
        IssueChange::Priority(c) => told("priority", some(c.from.to_string()), some(c.to.to_string())),
        IssueChange::Assignees(c) => {
            told("assignees", some(people(directory, &c.from)), some(people(directory, &c.to)))
        }
        IssueChange::Labels(c) => {
            told("labels", some(labels(directory, &c.from)), some(labels(directory, &c.to)))
        }
        IssueChange::Parent(c) => told("parent", c.from.map(|p| p.to_string()), c.to.map(|p| p.to_string())),
        IssueChange::Estimate(c) => {
            told("estimate", c.from.map(|n| n.to_string()), c.to.map(|n| n.to_string()))
        }
        IssueChange::StartDate(c) => {
            told("start-date", c.from.map(|d| d.to_string()), c.to.map(|d| d.to_string()))
        }
        IssueChange::DueDate(c) => {
            told("due-date", c.from.map(|d| d.to_string()), c.to.map(|d| d.to_string()))
        }
        IssueChange::Rank(c) => told("rank", some(c.from.clone()), some(c.to.clone())),
        IssueChange::Archived(c) => {
            told("archived", c.from.map(|at| at.to_string()), c.to.map(|at| at.to_string()))
        }
        IssueChange::Relations(c) => {
            let words = |of: &[mortise_engine::model::Relation]| {
                of.iter().map(|r| format!("{} {}", r.kind, r.to)).collect::<Vec<_>>().join(", ")
            };
            told("relations", some(words(&c.from)), some(words(&c.to)))
        }
        _ => None,
    }
}

fn people(directory: &Directory, ids: &[mortise_engine::id::MemberId]) -> String {
    let name = |id| directory.member(id).map_or_else(|| id.to_string(), |member| member.name.clone());
    ids.iter().map(|id| name(*id)).collect::<Vec<_>>().join(", ")
}

fn labels(directory: &Directory, ids: &[mortise_engine::id::LabelId]) -> String {
    let name = |id| directory.label(id).map_or_else(|| id.to_string(), |label| label.name.clone());
    ids.iter().map(|id| name(*id)).collect::<Vec<_>>().join(", ")
}

/// The beginning of a text.
fn shown(text: &str) -> String {
    convert::text(text, 1_000)
}
