//! A tenant from its checkpoint is the tenant from its rows, whatever was written while and after it was made; and a file
//! that is not the tenant's own, whole and of this log is of no use.

use super::{World, cx};
use crate::command::comment::CreateComment;
use crate::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use crate::command::label::CreateLabel;
use crate::context::OpContext;
use crate::engine::{Engine, MemoryUse, keeper};
use crate::error::ErrorCode;
use crate::id::IssueId;
use crate::model::{Priority, Seq};
use crate::platform::NewTenant;
use crate::storage::StoreKind;
use crate::tenant::LiveTenant;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

impl World {
    async fn issues(&self, count: usize) -> Vec<IssueId> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.issue(None).await);
        }
        ids
    }

    async fn change(&self, issue: IssueId, title: &str) {
        let patch =
            IssuePatch { title: Some(title.into()), priority: Some(Priority::High), ..IssuePatch::default() };
        self.engine.execute(self.cx(), UpdateIssue::new(issue.into(), patch)).await.unwrap();
    }

    async fn live(&self) -> Arc<LiveTenant> {
        self.engine.live(self.founded.tenant.id).await.unwrap()
    }

    fn checkpoint(&self) -> PathBuf {
        self.engine.0.shared.checkpoints.path(self.founded.tenant.id)
    }

    /// The same world without what was in memory, and without a checkpoint of what came last: as after a power cut.
    async fn again(self, folder: &Path) -> Self {
        let Self { engine, founded, team } = self;
        drop(engine);
        Self { engine: reopened(folder).await, founded, team }
    }

    /// What the check says, and the place of the checkpoint that was used.
    async fn checked(&self) -> Seq {
        let report = self.engine.check(self.founded.tenant.id).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        self.live().await.saved()
    }
}

async fn reopened(folder: &Path) -> Engine {
    Engine::builder(folder).store(StoreKind::Fjall).open().await.unwrap()
}

/// A world with thirty issues and a checkpoint of them; how far it goes.
async fn saved(folder: &Path) -> (World, Vec<IssueId>, Seq) {
    let world = World::found(folder).await;
    let issues = world.issues(30).await;
    world.live().await.save_checkpoint().await.unwrap();
    let at = world.live().await.applied();
    (world, issues, at)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_tenant_is_saved_when_it_leaves_and_opens_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let issues = world.issues(30).await;
    world.change(issues[3], "Größe").await;
    let at = world.live().await.applied();
    assert!(!world.checkpoint().exists());
    assert!(world.engine.unload(world.founded.tenant.id).await.unwrap());
    assert_eq!(world.engine.memory(), MemoryUse { tenants: 0, bytes: 0 });
    assert_eq!(world.checked().await, at);

    world.engine.close().await;
    let world = world.again(folder.path()).await;
    assert_eq!(world.checked().await, at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_tenant_has_no_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    world.issues(3).await;
    assert!(world.engine.unload(world.founded.tenant.id).await.unwrap());
    world.engine.close().await;
    assert!(!world.checkpoint().exists());
    assert_eq!(world.again(folder.path()).await.checked().await, Seq(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_after_the_checkpoint_is_read_from_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (world, issues, at) = saved(folder.path()).await;
    world.change(issues[0], "changed").await;
    world.change(issues[0], "changed again").await;
    let write = CreateComment { id: None, issue: issues[1].into(), body: "Yes.".into(), parent: None };
    world.engine.execute(world.cx(), write).await.unwrap();
    let label = CreateLabel { id: None, name: "ui".into(), color: None, description: None, team: None };
    world.engine.execute(world.cx(), label).await.unwrap();
    let new = world.issues(3).await;
    world.change(new[1], "new and changed").await;

    let world = world.again(folder.path()).await;
    assert_eq!(world.checked().await, at);
    let numbers = world.live().await.with_view(&crate::access::Scope::system("a test"), |view| {
        (view.len(), view.max_number(world.team), view.version_of(issues[0]))
    });
    assert_eq!(numbers, (33, 33, Some(3)));
    world.issues(1).await;
    world.checked().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_that_lies_far_back_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (world, issues, _) = saved(folder.path()).await;
    for round in 0..31 {
        world.change(issues[0], &format!("round {round}")).await;
    }
    assert_eq!(world.again(folder.path()).await.checked().await, Seq(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_is_written_when_much_has_changed_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    let issues = world.issues(30).await;
    let (tenants, live) = (&world.engine.0.tenants, world.live().await);
    keeper::save(tenants).await;
    let at = live.applied();
    assert_eq!(live.saved(), at);
    for issue in &issues[..15] {
        world.change(*issue, "a little").await;
        keeper::save(tenants).await;
        assert_eq!(live.saved(), at);
    }
    world.change(issues[0], "much").await;
    keeper::save(tenants).await;
    assert_eq!(live.saved(), live.applied());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_as_it_was_written_is_passed_over_and_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, _, at) = saved(folder.path()).await;
    let path = world.checkpoint();
    let whole = std::fs::read(&path).unwrap();
    let flipped = |place: usize| {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        bytes
    };
    let broken = [
        flipped(0),
        flipped(40),
        flipped(whole.len() / 2),
        flipped(whole.len() - 1),
        whole[..whole.len() - 1].to_vec(),
        whole[..30].to_vec(),
        Vec::new(),
        [whole.as_slice(), b"more"].concat(),
    ];
    for (case, bytes) in broken.iter().enumerate() {
        std::fs::write(&path, bytes).unwrap();
        world = world.again(folder.path()).await;
        assert_eq!(world.checked().await, Seq(0), "case {case}");
    }
    assert!(world.engine.unload(world.founded.tenant.id).await.unwrap());
    assert_eq!(world.checked().await, at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_that_cannot_be_written_keeps_no_tenant_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::found(folder.path()).await;
    world.issues(30).await;
    std::fs::remove_dir(world.checkpoint().parent().unwrap()).unwrap();
    let refused = world.engine.unload(world.founded.tenant.id).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    assert_eq!(world.engine.memory().tenants, 0);
    assert_eq!(world.checked().await, Seq(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_of_another_tenant_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let (world, ..) = saved(folder.path()).await;
    let new = NewTenant::new("beta", "Beta").with_team("ENG");
    let other = world.engine.create_tenant(new).await.unwrap();
    for _ in 0..30 {
        let command = CreateIssue { title: "Two".into(), ..CreateIssue::in_team(other.team.unwrap()) };
        world.engine.execute(OpContext::new(cx(&other).principal), command).await.unwrap();
    }
    assert!(world.engine.unload(other.tenant.id).await.unwrap());
    std::fs::copy(world.checkpoint(), world.engine.0.shared.checkpoints.path(other.tenant.id)).unwrap();
    let live = world.engine.live(other.tenant.id).await.unwrap();
    assert_eq!(live.saved(), Seq(0));
    drop(live);
    let report = world.engine.check(other.tenant.id).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
}

/// Copies a folder with all in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
            std::fs::set_permissions(to, entry.metadata().unwrap().permissions()).unwrap();
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_of_another_course_of_events_is_passed_over() {
    let (folder, restored) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (world, issues, _) = saved(folder.path()).await;
    world.engine.close().await;
    copy(folder.path(), restored.path());

    // The same number of events in both, and not the same ones.
    let world = world.again(folder.path()).await;
    world.change(issues[0], "here").await;
    world.live().await.save_checkpoint().await.unwrap();
    let (newer, founded, team) = (world.checkpoint(), world.founded.clone(), world.team);
    let other = World { engine: reopened(restored.path()).await, founded, team };
    other.change(issues[0], "there").await;
    let at = other.live().await.applied();
    std::fs::copy(newer, other.checkpoint()).unwrap();
    let other = other.again(restored.path()).await;
    assert_eq!(other.checked().await, Seq(0));
    // A log that ends before the checkpoint does is another course too.
    world.change(issues[0], "further").await;
    world.live().await.save_checkpoint().await.unwrap();
    assert_eq!(world.live().await.saved(), at.next());
    std::fs::copy(world.checkpoint(), other.checkpoint()).unwrap();
    assert_eq!(other.again(restored.path()).await.checked().await, Seq(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_go_on_while_checkpoints_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::found(folder.path()).await;
    for round in 0..4 {
        let issues = world.issues(40).await;
        let (live, written) = (world.live().await, AtomicBool::new(false));
        let writers = async {
            for (at, issue) in issues.iter().enumerate() {
                world.change(*issue, &format!("{round}: {at}")).await;
                world.issues(1).await;
            }
            written.store(true, Ordering::Relaxed);
        };
        let saves = async {
            while !written.load(Ordering::Relaxed) {
                live.save_checkpoint().await.unwrap();
            }
        };
        tokio::join!(writers, saves);
        let at = live.saved();
        drop(live);
        world = world.again(folder.path()).await;
        assert_eq!(world.checked().await, at);
    }
    let left = std::fs::read_dir(world.checkpoint().parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "only the checkpoint itself");
}
