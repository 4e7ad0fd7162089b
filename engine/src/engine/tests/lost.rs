//! Between the store and the answer: what nobody may see yet, what must not be told, who may no longer write.

use super::gate::{Answers, Gate};
use super::{World, cx};
use crate::access::Scope;
use crate::command::comment::CreateComment;
use crate::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use crate::context::OpContext;
use crate::engine::Founded;
use crate::error::{Error, ErrorCode};
use crate::id::{CommentId, IssueId, TeamId};
use crate::limits::Limits;
use crate::rows;
use crate::storage::{KeyRing, MasterKey, MasterKeySource, StoreKind, StoreOptions, TenantStore, open_store};
use crate::tenant::{Checkpoints, LiveTenant, News, PastViews, RowCache, Security, Shared};
use crate::time::Clock;
use std::sync::Arc;
use std::time::Duration;

/// A tenant behind a gate, with one issue that has a long description.
pub(super) struct Gated {
    pub(super) gate: Arc<Gate>,
    pub(super) shared: Arc<Shared>,
    pub(super) store: TenantStore,
    pub(super) founded: Founded,
    team: TeamId,
    issue: IssueId,
    _folder: tempfile::TempDir,
}

impl Gated {
    pub(super) async fn new() -> Self {
        Self::limited(Limits::default()).await
    }

    pub(super) async fn limited(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::found(folder.path()).await;
        let issue = world.issue(Some("first ".repeat(1_000))).await;
        let World { engine, founded, team } = world;
        engine.close().await;
        let source = MasterKeySource::File(engine.0.folder.master_key());
        let keys = KeyRing::new(engine.0.folder.tenant_keys(), MasterKey::load(&source).unwrap());
        let (kind, shard) = (StoreKind::Fjall, engine.0.folder.shard(0));
        let gate = Gate::around(open_store(kind, &shard, &StoreOptions::default()).unwrap());
        let tenant = founded.tenant.id;
        let store = TenantStore::new(gate.clone(), tenant, keys.open(tenant).await.unwrap());
        let shared = Shared {
            clock: Clock::system(),
            limits,
            tiers: crate::entitlement::Tiers::default(),
            rows: RowCache::new(Limits::default().row_cache_bytes),
            past: PastViews::new(&Limits::default(), 2),
            index_folder: engine.0.folder.indexes(),
            index_queue: Arc::default(),
            outboxes: Arc::default(),
            bell: Arc::default(),
            checkpoints: Checkpoints::new(engine.0.folder.views()),
            hooks: std::sync::OnceLock::new(),
            security: Security::default(),
        };
        Self { gate, shared: Arc::new(shared), store, founded, team, issue, _folder: folder }
    }

    pub(super) async fn load(&self, take_over: bool) -> Arc<LiveTenant> {
        let record = self.founded.tenant.clone();
        let (shared, store) = (self.shared.clone(), self.store.clone());
        LiveTenant::load(shared, record, store, News::default(), take_over).await.unwrap()
    }

    pub(super) fn cx(&self) -> OpContext {
        cx(&self.founded)
    }

    pub(super) fn create(&self, title: &str) -> CreateIssue {
        CreateIssue { title: title.into(), ..CreateIssue::in_team(self.team) }
    }

    fn comment(&self, id: CommentId) -> CreateComment {
        CreateComment { id: Some(id), issue: self.issue.into(), body: "Soon.".into(), parent: None }
    }
}

/// Whether it does not come to an end for now.
pub(super) async fn waits<T>(work: impl Future<Output = T>) -> bool {
    tokio::time::timeout(Duration::from_millis(100), work).await.is_err()
}

pub(super) async fn until<F: Future<Output = bool>>(there: impl Fn() -> F) {
    for _ in 0..500 {
        if there().await {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "a pause between two looks at the store")]
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come");
}

const SCOPE: &str = "a test sees all";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reads_a_comment_or_a_text_that_is_not_durable_yet() {
    let gated = Gated::new().await;
    let live = gated.load(false).await;
    let scope = Scope::system(SCOPE);
    let before = live.issues(&scope, &[gated.issue]).await.unwrap().pop().flatten().unwrap();
    let id = CommentId::generate();
    gated.gate.set(Answers::Held);
    let comment = tokio::spawn({
        let (live, cx, command) = (live.clone(), gated.cx(), gated.comment(id));
        async move { live.execute(&cx, &command).await }
    });
    until(async || live.store().get::<rows::CommentPlace>(&rows::comment_place(id)).await.unwrap().is_some())
        .await;
    assert!(waits(live.comment(&scope, id)).await, "a comment by its id");
    assert!(waits(live.comments(&scope, &before, None, 10)).await, "the comments of an issue");
    assert!(waits(live.description(&before)).await, "a text that may have changed");
    assert!(!comment.is_finished());

    gated.gate.set(Answers::Given);
    comment.await.unwrap().unwrap();
    assert!(live.comment(&scope, id).await.unwrap().is_some());
    assert_eq!(live.comments(&scope, &before, None, 10).await.unwrap().0.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_became_short_is_read_by_who_holds_the_older_row() {
    let gated = Gated::new().await;
    let live = gated.load(false).await;
    let scope = Scope::system(SCOPE);
    let before = live.issues(&scope, &[gated.issue]).await.unwrap().pop().flatten().unwrap();
    let patch = IssuePatch { description: Some(Some("short".into())), ..IssuePatch::default() };
    live.execute(&gated.cx(), &UpdateIssue::new(gated.issue.into(), patch)).await.unwrap();
    assert_eq!(live.description(&before).await.unwrap().as_deref(), Some("short"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_behind_a_lost_answer_hears_that_the_outcome_is_unknown() {
    let gated = Gated::new().await;
    let live = gated.load(false).await;
    gated.gate.set(Answers::Held);
    let head = gated.store.head().await.unwrap().seq;
    let asked: Vec<_> = (0..8)
        .map(|n| {
            let (live, cx, command) = (live.clone(), gated.cx(), gated.create(&format!("{n}")));
            tokio::spawn(async move { live.execute(&cx, &command).await })
        })
        .collect();
    until(async || gated.store.head().await.unwrap().seq == head + 8).await;
    gated.gate.set(Answers::Lost);
    for asked in asked {
        assert_eq!(asked.await.unwrap().map(drop).unwrap_err().code(), ErrorCode::Unavailable);
    }
    assert!(live.is_broken());
    gated.gate.set(Answers::Given);
    // The store had them all the time: nobody guessed, and the next load knows.
    let next = gated.load(true).await;
    assert_eq!(next.with_view(&Scope::system(SCOPE), |view| view.len()), 9);
    next.execute(&gated.cx(), &gated.create("after")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_is_left_on_its_way_gives_the_tenant_up() {
    let gated = Gated::new().await;
    let live = gated.load(false).await;
    gated.gate.set(Answers::Held);
    assert!(waits(live.execute(&gated.cx(), &gated.create("left"))).await);
    assert!(live.is_broken());
    gated.gate.set(Answers::Given);
    let next = gated.load(true).await;
    assert_eq!(next.with_view(&Scope::system(SCOPE), |view| view.len()), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_taken_over_writes_no_more() -> Result<(), Error> {
    let gated = Gated::new().await;
    let old = gated.load(false).await;
    old.execute(&gated.cx(), &gated.create("before")).await?;
    let new = gated.load(true).await;
    let late = old.execute(&gated.cx(), &gated.create("late")).await.map(drop).unwrap_err();
    assert_eq!(late.code(), ErrorCode::Unavailable);
    assert!(old.is_broken());
    new.execute(&gated.cx(), &gated.create("after")).await?;
    assert_eq!(new.with_view(&Scope::system(SCOPE), |view| view.len()), 3);
    Ok(())
}
