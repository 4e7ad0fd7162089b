//! The engine as an embedding program uses it, on the real stores.
#![expect(clippy::unwrap_used, reason = "free functions of a test file may panic too")]
use mortise_engine::command::IssueRef;
use mortise_engine::command::comment::CreateComment;
use mortise_engine::command::issue::{CreateIssue, DeleteIssue, IssuePatch, RestoreIssue, UpdateIssue};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::filter::{Compare, Filter, Test};
use mortise_engine::id::TeamId;
use mortise_engine::model::{Priority, StateCategory};
use mortise_engine::query::{IssuePageRequest, Window};
use mortise_engine::storage::StoreKind;
use mortise_engine::{Engine, ErrorCode, NewTenant};
use std::path::Path;

struct World {
    engine: Engine,
    us: Principal,
    team: TeamId,
}

impl World {
    async fn open(folder: &Path, kind: StoreKind) -> Self {
        let engine = Engine::builder(folder).store(kind).open().await.unwrap();
        let founded = match engine.tenant_by_slug("acme") {
            Some(tenant) => tenant.id,
            None => {
                engine.create_tenant(NewTenant::new("acme", "Acme").with_team("ENG")).await.unwrap().tenant.id
            }
        };
        let us = Principal::trusted_system(founded);
        let team = engine.reader(&us).await.unwrap().directory().team_by_key("ENG").unwrap().id;
        Self { engine, us, team }
    }

    fn cx(&self) -> OpContext {
        OpContext::new(self.us.clone())
    }

    async fn create(&self, title: &str) -> IssueRef {
        let command = CreateIssue { title: title.into(), ..CreateIssue::in_team(self.team) };
        self.engine.execute(self.cx(), command).await.unwrap().issue().unwrap().into()
    }

    async fn close(self) {
        let report = self.engine.check(self.us.tenant()).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        self.engine.close().await;
    }
}

macro_rules! on_both_stores {
    ($($name:ident: $body:expr;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sled() {
                let folder = tempfile::tempdir().unwrap();
                $body(folder.path(), StoreKind::Sled).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_fjall() {
                let folder = tempfile::tempdir().unwrap();
                $body(folder.path(), StoreKind::Fjall).await;
            }
        }
    )*};
}

on_both_stores! {
    what_was_written_is_there_after_reopening: reopening;
    sixty_four_writers_get_dense_numbers: dense_numbers;
    an_idempotency_key_has_effect_once: idempotency;
    a_life_of_an_issue_leaves_its_history: history;
    a_rehearsal_writes_nothing: rehearsal;
    a_change_that_changes_nothing_keeps_its_answer: nothing_changed;
}

async fn reopening(folder: &Path, kind: StoreKind) {
    let world = World::open(folder, kind).await;
    let long = "x".repeat(200 * 1024);
    let command = CreateIssue {
        title: "Kept".into(),
        description: Some(long.clone()),
        ..CreateIssue::in_team(world.team)
    };
    let done = world.engine.execute(world.cx(), command).await.unwrap();
    world.close().await;

    let world = World::open(folder, kind).await;
    let reader = world.engine.reader(&world.us).await.unwrap();
    let issue = reader.issue(&"eng-1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(Some(issue.id), done.issue());
    assert_eq!(reader.description(&issue).await.unwrap(), Some(long));
    world.close().await;
}

async fn dense_numbers(folder: &Path, kind: StoreKind) {
    let world = World::open(folder, kind).await;
    let writers = (0..64).map(|writer| {
        let (engine, cx, team) = (world.engine.clone(), world.cx(), world.team);
        tokio::spawn(async move {
            for n in 0..4 {
                let command = CreateIssue { title: format!("{writer}/{n}"), ..CreateIssue::in_team(team) };
                engine.execute(cx.clone(), command).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let reader = world.engine.reader(&world.us).await.unwrap();
    for number in 1..=256 {
        assert!(reader.issue(&IssueRef::Key("ENG".into(), number)).await.unwrap().is_some(), "{number}");
    }
    assert!(reader.issue(&IssueRef::Key("ENG".into(), 257)).await.unwrap().is_none());
    world.close().await;
}

async fn idempotency(folder: &Path, kind: StoreKind) {
    let world = World::open(folder, kind).await;
    let create = |title: &str| CreateIssue { title: title.into(), ..CreateIssue::in_team(world.team) };
    let cx = || world.cx().with_idempotency_key(Some("k1".into()));
    let (one, two) =
        tokio::join!(world.engine.execute(cx(), create("Once")), world.engine.execute(cx(), create("Once")));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.issue(), one.seq), (two.issue(), two.seq));
    assert!(one.replayed != two.replayed);
    let other = world.engine.execute(cx(), create("Another")).await.unwrap_err();
    assert_eq!(other.code(), ErrorCode::Conflict);
    let reader = world.engine.reader(&world.us).await.unwrap();
    assert_eq!(reader.count(&Filter::everything()).await.unwrap(), 1);
    world.close().await;
}

async fn history(folder: &Path, kind: StoreKind) {
    let world = World::open(folder, kind).await;
    let issue = world.create("Login fails").await;
    let reader = world.engine.reader(&world.us).await.unwrap();
    let workflow = reader.directory().workflow_of(world.team).unwrap().clone();
    let closed = workflow.first_of(StateCategory::Completed).unwrap().id;
    let patch = IssuePatch { state: Some(closed), priority: Some(Priority::High), ..IssuePatch::default() };
    world.engine.execute(world.cx(), UpdateIssue::new(issue.clone(), patch)).await.unwrap();
    let comment = CreateComment { id: None, issue: issue.clone(), body: "Done.".into(), parent: None };
    world.engine.execute(world.cx(), comment).await.unwrap();
    world.engine.execute(world.cx(), DeleteIssue { issue: issue.clone(), if_version: None }).await.unwrap();
    assert!(reader.issue(&issue).await.unwrap().is_none());
    world.engine.execute(world.cx(), RestoreIssue { issue: issue.clone() }).await.unwrap();

    let row = reader.issue(&issue).await.unwrap().unwrap();
    assert_eq!((row.comment_count, row.version), (1, 5));
    assert!(row.completed_at.is_some());
    let events = reader.history(&row, None, 50).await.unwrap();
    let names: Vec<_> = events.iter().map(|e| e.body.as_ref().unwrap().name()).collect();
    assert_eq!(
        names,
        ["issue.restored", "issue.deleted", "comment.created", "issue.updated", "issue.created"]
    );
    let (comments, more) = reader.comments(&row, None, 10).await.unwrap();
    assert_eq!((comments.len(), more), (1, false));

    let open = Filter::Test(Test::Category(Compare::Neq(StateCategory::Completed)));
    let request = IssuePageRequest { filter: open, sort: Vec::new(), window: Window::First(10, None) };
    assert_eq!(reader.issues(&request).await.unwrap().total, 0);
    world.close().await;
}

async fn rehearsal(folder: &Path, kind: StoreKind) {
    let world = World::open(folder, kind).await;
    let before = world.engine.reader(&world.us).await.unwrap().seq();
    let command = CreateIssue { title: "Maybe".into(), ..CreateIssue::in_team(world.team) };
    let done = world.engine.execute(world.cx().with_dry_run(true), command).await.unwrap();
    assert_eq!((done.events.len(), done.seq), (1, before));
    let reader = world.engine.reader(&world.us).await.unwrap();
    assert_eq!((reader.seq(), reader.count(&Filter::everything()).await.unwrap()), (before, 0));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), StoreKind::Sled).await;
    world.create("One").await;
    let mut follower = world.engine.follow(world.us.tenant(), "test").await.unwrap();
    let events = follower.next(100).await.unwrap();
    assert_eq!(events.last().unwrap().body.as_ref().unwrap().name(), "issue.created");
    follower.done(events.last().unwrap().seq).await.unwrap();
    let tenant = world.us.tenant();
    world.close().await;

    let world = World::open(folder.path(), StoreKind::Sled).await;
    let follower = world.engine.follow(tenant, "test").await.unwrap();
    let (events, ()) = tokio::join!(follower.next(100), async { drop(world.create("Two").await) });
    assert_eq!(events.unwrap().len(), 1);
    drop(follower);
    world.close().await;
}

async fn nothing_changed(folder: &Path, kind: StoreKind) {
    let world = World::open(folder, kind).await;
    let issue = world.create("Same").await;
    let cx = || world.cx().with_idempotency_key(Some("k1".into()));
    let rename = |title: &str| {
        let patch = IssuePatch { title: Some(title.into()), ..IssuePatch::default() };
        UpdateIssue::new(issue.clone(), patch)
    };
    let first = world.engine.execute(cx(), rename("Same")).await.unwrap();
    assert!(first.events.is_empty() && !first.replayed);
    world.engine.execute(world.cx(), rename("Other")).await.unwrap();

    let again = world.engine.execute(cx(), rename("Same")).await.unwrap();
    assert!(again.replayed, "it has no effect the second time either");
    assert_eq!((again.seq, again.issue()), (first.seq, first.issue()));
    let other = world.engine.execute(cx(), rename("Third")).await.unwrap_err();
    assert_eq!(other.code(), ErrorCode::Conflict);
    world.close().await;
}
