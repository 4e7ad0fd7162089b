//! Plugins in the write path, played by a script: who is asked, in which order, and what answers and failures mean.

mod order;
mod refusals;
mod stages;

use super::World;
use crate::command::comment::CreateComment;
use crate::command::issue::{CreateIssue, IssuePatch, UpdateIssue, UpdateIssues};
use crate::command::plugin::InstallPlugin;
use crate::command::staged::{Staged, Step};
use crate::context::{OpContext, Principal};
use crate::draft::PluginRecord;
use crate::engine::Engine;
use crate::error::ErrorCode;
use crate::event::{Origin, PluginActor};
use crate::hooks::{Denial, HookFailure, Hooks, Proposal, Question};
use crate::id::{InstallationId, IssueId, StateId};
use crate::limits::Limits;
use crate::model::{
    Digest, HookPoint, Installation, Issue, OnFailure, PluginCode, PluginHooks, PluginMode, PluginOrigin,
    Priority, StateCategory, WorkflowState,
};
use parking_lot::Mutex;
use std::sync::Arc;

type Amends = Box<dyn Fn(&str, &Proposal) -> Result<IssuePatch, HookFailure> + Send + Sync>;
type Denies = Box<dyn Fn(&str, &Proposal) -> Result<Option<Denial>, HookFailure> + Send + Sync>;

/// Plugins that say what a test tells them to.
struct Script {
    amends: Amends,
    denies: Denies,
    asked: Mutex<Vec<String>>,
    /// Whether each question was part of a rehearsal.
    rehearsed: Mutex<Vec<bool>>,
    /// Plugins of this name never answer.
    silent: Mutex<Option<&'static str>>,
}

impl Script {
    fn new() -> Self {
        Self {
            amends: Box::new(|_, _| Ok(IssuePatch::default())),
            denies: Box::new(|_, _| Ok(None)),
            asked: Mutex::default(),
            rehearsed: Mutex::default(),
            silent: Mutex::default(),
        }
    }

    fn amending(
        mut self,
        amends: impl Fn(&str, &Proposal) -> Result<IssuePatch, HookFailure> + Send + Sync + 'static,
    ) -> Self {
        self.amends = Box::new(amends);
        self
    }

    fn denying(
        mut self,
        denies: impl Fn(&str, &Proposal) -> Result<Option<Denial>, HookFailure> + Send + Sync + 'static,
    ) -> Self {
        self.denies = Box::new(denies);
        self
    }

    async fn note(&self, what: &str, question: Question<'_>, proposal: &Proposal) {
        let name = &question.installation.name;
        self.asked.lock().push(format!("{what} {name} {}", proposal.point));
        self.rehearsed.lock().push(question.rehearsal);
        let silent = *self.silent.lock() == Some(name);
        if silent {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait::async_trait]
impl Hooks for Script {
    async fn amend(
        &self,
        question: Question<'_>,
        proposal: &Proposal,
    ) -> Result<crate::hooks::Amends, HookFailure> {
        self.note("amend", question, proposal).await;
        (self.amends)(&question.installation.name, proposal).map(Into::into)
    }

    async fn validate(
        &self,
        question: Question<'_>,
        proposal: &Proposal,
    ) -> Result<Option<Denial>, HookFailure> {
        self.note("validate", question, proposal).await;
        (self.denies)(&question.installation.name, proposal)
    }

    async fn next_states(
        &self,
        _: Question<'_>,
        issues: &[(Arc<Issue>, Vec<&WorkflowState>)],
    ) -> Result<Vec<Vec<(StateId, String)>>, HookFailure> {
        self.asked.lock().push(format!("next states of {}", issues.len()));
        let closed = |state: &&&WorkflowState| state.category == StateCategory::Completed;
        Ok(issues
            .iter()
            .map(|(_, states)| states.iter().filter(closed).map(|s| (s.id, "not today".to_owned())).collect())
            .collect())
    }
}

fn no(message: &str) -> Result<Option<Denial>, HookFailure> {
    Ok(Some(Denial { message: message.into(), fields: vec![("estimate".into(), "is missing".into())] }))
}

fn all_points() -> PluginHooks {
    let points = || vec![HookPoint::Create, HookPoint::Update, HookPoint::Transition, HookPoint::Comment];
    PluginHooks { amend: points(), validate: points(), next_states: true, ..PluginHooks::default() }
}

async fn install(world: &World, name: &str, change: impl FnOnce(&mut InstallPlugin)) -> InstallationId {
    let bytes: Arc<[u8]> = name.as_bytes().into();
    let code = PluginCode {
        digest: Digest::of(&bytes),
        plugin: format!("test.{name}").into(),
        name: name.into(),
        version: "1.0.0".into(),
        origin: PluginOrigin::Own,
        bytes: bytes.len() as u64,
        manifest: Arc::default(),
        hooks: all_points().into(),
        permissions: Arc::default(),
        uploader: None,
        uploaded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        removed_at: None,
    };
    world.engine.upload_plugin(world.cx(), code, bytes.clone()).await.unwrap();
    let mut command = InstallPlugin { enable: true, ..InstallPlugin::of(Digest::of(&bytes)) };
    change(&mut command);
    world.engine.install_plugin(world.cx(), command).await.unwrap().installation().unwrap()
}

async fn played(script: Script) -> (tempfile::TempDir, World, Arc<Script>) {
    played_within(script, Limits::default()).await
}

async fn played_within(script: Script, limits: Limits) -> (tempfile::TempDir, World, Arc<Script>) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found_by(Engine::builder(folder.path()).limits(limits)).await;
    let script = Arc::new(script);
    assert!(world.engine.set_hooks(script.clone()));
    (folder, world, script)
}

async fn made(world: &World, command: CreateIssue) -> Arc<Issue> {
    let id = world.engine.execute(world.cx(), command).await.unwrap().issue().unwrap();
    issue(&world.engine, world, id).await
}

async fn issue(engine: &Engine, world: &World, id: IssueId) -> Arc<Issue> {
    let us = Principal::trusted_system(world.founded.tenant.id);
    engine.reader(&us).await.unwrap().issues_by_id(&[id]).await.unwrap().remove(0).unwrap()
}

fn new(world: &World) -> CreateIssue {
    CreateIssue { title: "One".into(), ..CreateIssue::in_team(world.team) }
}

fn priority(priority: Priority) -> IssuePatch {
    IssuePatch { priority: Some(priority), ..IssuePatch::default() }
}

async fn done_state(world: &World) -> StateId {
    let us = Principal::trusted_system(world.founded.tenant.id);
    let reader = world.engine.reader(&us).await.unwrap();
    let directory = reader.directory();
    let workflow = directory.workflows().next().unwrap().clone();
    workflow.first_of(StateCategory::Completed).unwrap().id
}

#[tokio::test]
async fn amendments_are_in_the_fact_and_each_plugin_sees_those_before_it() {
    let script = Script::new().amending(|name, proposal| match (name, proposal.point) {
        ("first", HookPoint::Create) => Ok(priority(Priority::High)),
        ("second", HookPoint::Create) => {
            assert_eq!(proposal.after.priority, Priority::High, "it sees what the first amended");
            Ok(IssuePatch { estimate: Some(Some(3)), ..IssuePatch::default() })
        }
        _ => Ok(IssuePatch::default()),
    });
    let (_folder, world, script) = played(script).await;
    install(&world, "second", |command| command.order = Some(2)).await;
    install(&world, "first", |command| command.order = Some(1)).await;
    let done = world.engine.execute(world.cx(), new(&world)).await.unwrap();
    assert_eq!(done.events.len(), 1, "one fact");
    let made = issue(&world.engine, &world, done.issue().unwrap()).await;
    assert_eq!((made.priority, made.estimate), (Priority::High, Some(3)));
    let asked =
        ["amend first CREATE", "amend second CREATE", "validate first CREATE", "validate second CREATE"];
    assert_eq!(*script.asked.lock(), asked);
    assert!(world.engine.check(world.founded.tenant.id).await.unwrap().is_clean());
}

#[tokio::test]
async fn a_denial_names_every_field_and_nothing_is_written() {
    let script = Script::new().denying(|_, proposal| match proposal.point {
        HookPoint::Transition => no("say how large it was"),
        _ => Ok(None),
    });
    let (_folder, world, _) = played(script).await;
    install(&world, "one", |_| {}).await;
    let before = made(&world, new(&world)).await;
    let patch = IssuePatch { state: Some(done_state(&world).await), ..IssuePatch::default() };
    let command = UpdateIssue::new(before.id.into(), patch.clone());
    let refused = world.engine.execute(world.cx(), command).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected);
    assert_eq!(refused.message(), "say how large it was");
    assert_eq!(refused.fields(), [("estimate".to_owned(), "is missing".to_owned())]);
    assert_eq!(issue(&world.engine, &world, before.id).await.version, before.version);
    // A bulk change goes on without those that were denied.
    let other = made(&world, new(&world)).await;
    let bulk = UpdateIssues {
        issues: vec![before.id.into(), other.id.into()],
        patch,
        atomic: false,
        request_size: 2,
        first_index: 0,
    };
    let done = world.engine.execute(world.cx(), bulk).await.unwrap();
    let said: Vec<_> =
        done.errors.iter().map(|e| (e.index.unwrap(), e.field.as_deref(), &*e.message)).collect();
    let each = |index| [(index, None, "say how large it was"), (index, Some("estimate"), "is missing")];
    assert_eq!(said, [each(0), each(1)].concat(), "each says why, and what is wrong with which field");
    assert!(done.events.is_empty());
}

#[tokio::test]
async fn a_failure_is_a_refusal_or_passes_and_a_shadow_changes_nothing() {
    let script =
        Script::new()
            .amending(|name, _| {
                if name == "shadow" { Ok(priority(Priority::Critical)) } else { Ok(IssuePatch::default()) }
            })
            .denying(|name, _| match name {
                "shadow" => no("never"),
                _ => Err(HookFailure("it used 20 ms of CPU, the limit is 20 ms".into())),
            });
    let (_folder, world, script) = played(script).await;
    install(&world, "shadow", |command| command.mode = PluginMode::Shadow).await;
    install(&world, "open", |command| command.on_failure = OnFailure::Open).await;
    let made = made(&world, new(&world)).await;
    assert_eq!(made.priority, Priority::None);
    assert!(script.asked.lock().contains(&"validate shadow CREATE".to_owned()), "it is asked all the same");
    install(&world, "closed", |command| command.on_failure = OnFailure::Closed).await;
    let refused = world.engine.execute(world.cx(), new(&world)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected);
    assert!(refused.message().contains("the limit is 20 ms"), "{}", refused.message());
}

#[tokio::test]
async fn an_amendment_that_is_refused_is_a_failure_of_its_plugin() {
    let script = Script::new()
        .amending(|_, _| Ok(IssuePatch { title: Some("x".repeat(100_000)), ..IssuePatch::default() }));
    let (_folder, world, _) = played(script).await;
    install(&world, "one", |command| command.on_failure = OnFailure::Open).await;
    assert_eq!(made(&world, new(&world)).await.title, "One");
}

#[tokio::test]
async fn a_comment_can_be_denied_and_can_change_its_issue() {
    let script = Script::new()
        .amending(|_, proposal| match proposal.comment.as_deref() {
            Some("urgent") => Ok(priority(Priority::Critical)),
            _ => Ok(IssuePatch::default()),
        })
        .denying(|_, proposal| match proposal.comment.as_deref() {
            Some("+1") => no("say something"),
            _ => Ok(None),
        });
    let (_folder, world, _) = played(script).await;
    install(&world, "one", |_| {}).await;
    let about = made(&world, new(&world)).await;
    let say =
        |body: &str| CreateComment { id: None, issue: about.id.into(), body: body.into(), parent: None };
    let refused = world.engine.execute(world.cx(), say("+1")).await.unwrap_err();
    assert_eq!(refused.message(), "say something");
    world.engine.execute(world.cx(), say("urgent")).await.unwrap();
    let now = issue(&world.engine, &world, about.id).await;
    assert_eq!((now.priority, now.comment_count), (Priority::Critical, 1));
    assert!(world.engine.check(world.founded.tenant.id).await.unwrap().is_clean());
}

fn by(world: &World, installation: &Installation, depth: u8) -> OpContext {
    let actor =
        PluginActor { installation: installation.id, member: installation.member, depth, behalf: None };
    OpContext::new(Principal::trusted_plugin(world.founded.tenant.id, actor)).with_origin(Origin::Plugin)
}

async fn installation(world: &World, id: InstallationId) -> Arc<Installation> {
    let us = Principal::trusted_system(world.founded.tenant.id);
    world.engine.reader(&us).await.unwrap().installation(id).unwrap()
}

#[tokio::test]
async fn what_is_staged_happens_together_with_its_records_or_not_at_all() {
    let (_folder, world, script) = played(Script::new()).await;
    let id = install(&world, "one", |_| {}).await;
    let one = installation(&world, id).await;
    let before = made(&world, new(&world)).await;
    script.asked.lock().clear();
    let child = IssueId::generate();
    let steps = vec![
        Step::Create(CreateIssue { id: Some(child), parent: Some(before.id.into()), ..new(&world) }),
        Step::Update(UpdateIssue::new(child.into(), priority(Priority::High))),
        Step::Comment(CreateComment { id: None, issue: child.into(), body: "hello".into(), parent: None }),
        Step::Create(new(&world)),
    ];
    let record = || PluginRecord::Entry(id, b"kv/a".to_vec(), Some(vec![1]));
    let staged = Staged { steps: steps.clone(), records: vec![record()], as_of: None };
    let done = world.engine.execute(by(&world, &one, 1), staged).await.unwrap();
    assert_eq!(done.events.len(), 4);
    let made = issue(&world.engine, &world, child).await;
    assert_eq!((made.parent, made.priority, made.comment_count), (Some(before.id), Priority::High, 1));
    assert!(script.asked.lock().is_empty(), "its own doing is not asked of itself");
    let room = world.engine.plugin_room(world.founded.tenant.id, id).await.unwrap();
    assert_eq!(room.get(b"kv/a").await.unwrap(), Some(vec![1]));
    // One step that is refused, and nothing happens.
    let mut steps = steps;
    steps.push(Step::Update(UpdateIssue::new(IssueId::generate().into(), priority(Priority::Low))));
    steps.remove(0);
    let entry = PluginRecord::Entry(id, b"kv/b".to_vec(), Some(vec![2]));
    let refused =
        world.engine.execute(by(&world, &one, 1), Staged { steps, records: vec![entry], as_of: None }).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(room.get(b"kv/b").await.unwrap(), None);
    // Records alone.
    let records = vec![PluginRecord::Entry(id, b"kv/c".to_vec(), Some(vec![3]))];
    world.engine.execute(by(&world, &one, 1), Staged { steps: vec![], records, as_of: None }).await.unwrap();
    assert_eq!(room.get(b"kv/c").await.unwrap(), Some(vec![3]));
    assert!(world.engine.check(world.founded.tenant.id).await.unwrap().is_clean());
}

#[tokio::test]
async fn steps_of_plugins_come_to_an_end() {
    let (_folder, world, _) = played(Script::new()).await;
    let id = install(&world, "one", |_| {}).await;
    let one = installation(&world, id).await;
    let stage = || Staged { steps: vec![Step::Create(new(&world))], records: vec![], as_of: None };
    world.engine.execute(by(&world, &one, 8), stage()).await.unwrap();
    let refused = world.engine.execute(by(&world, &one, 9), stage()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Rejected);
}

#[tokio::test]
async fn a_whole_list_is_asked_about_at_once() {
    let (_folder, world, script) = played(Script::new()).await;
    install(&world, "one", |_| {}).await;
    let issues = [made(&world, new(&world)).await, made(&world, new(&world)).await];
    let us = Principal::trusted_system(world.founded.tenant.id);
    let reader = world.engine.reader(&us).await.unwrap();
    script.asked.lock().clear();
    let directory = reader.directory().clone();
    let forbidden = reader.forbidden_moves(&directory, &issues).await;
    assert_eq!(*script.asked.lock(), ["next states of 2"]);
    let done = done_state(&world).await;
    for refused in forbidden {
        assert_eq!(refused.iter().map(|(state, _)| *state).collect::<Vec<_>>(), [done]);
    }
}

#[tokio::test]
async fn a_repeated_request_is_answered_without_asking_again() {
    let (_folder, world, script) = played(Script::new()).await;
    install(&world, "one", |_| {}).await;
    let cx = || world.cx().with_idempotency_key(Some("again".to_owned()));
    let first = world.engine.execute(cx(), new(&world)).await.unwrap();
    let asked = script.asked.lock().len();
    let second = world.engine.execute(cx(), new(&world)).await.unwrap();
    assert_eq!(first.issue(), second.issue());
    assert!(second.replayed);
    assert_eq!(script.asked.lock().len(), asked);
}
