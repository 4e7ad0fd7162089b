//! Moving issues to the newest version of a workflow: begun by a request, gone on with in batches by a task of its own, and
//! taken up again when a tenant is loaded in which it was interrupted.

use super::{Engine, to_the_end};
use crate::access::Scope;
use crate::command::Command;
use crate::command::issue::PER_BATCH;
use crate::command::workflow::{FinishMigration, MigrateIssues, StartMigration};
use crate::context::{OpContext, Principal};
use crate::directory::Directory;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Origin;
use crate::id::{IssueId, StateId, TenantId, WorkflowId};
use crate::model::{Migration, Workflow};
use crate::query::followers;
use crate::tenant::{Committed, LiveTenant};
use crate::time::Timestamp;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Between two batches the company's own changes have the disk to themselves for so long.
const PAUSE: Duration = Duration::from_millis(5);

/// How long a batch waits for the search index to come nearer, before it looks again whether the engine is being closed.
const INDEX_WAIT: Duration = Duration::from_secs(2);

/// Such waits in a row before it goes on whatever the index does.
const INDEX_WAITS_MAX: u32 = 15;

/// Times in a row that a batch is tried again when the tenant could not be reached.
const TRIES_MAX: u32 = 10;

/// The wait before the first of these; it doubles each time.
const WAIT_MIN: Duration = Duration::from_millis(20);

/// The longest of these waits.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Times in a row that issues are chosen anew when none of those chosen had to be moved: the small tables may have changed
/// since. Then each is looked at by itself.
const VAIN_MAX: u32 = 10;

/// Issues that cannot be moved and are left where they are. With more of them a migration stands still.
const LEFT_MAX: usize = 1_000;

/// The tenants in which issues are being moved at the moment. Whoever waits for one is told when its sender is dropped.
#[derive(Default)]
pub(super) struct Migrations(Mutex<FxHashMap<TenantId, watch::Sender<()>>>);

/// Whether issues of a company are on their way to another version of a workflow.
fn is_under_way(directory: &Directory) -> bool {
    directory.workflows().any(|workflow| workflow.migration.is_some())
}

impl Engine {
    /// Begins to move issues to the newest version of a workflow, and sees to it that they arrive: the answer does not wait
    /// for that, [`Engine::migrated`] does. Interrupted, it goes on when the tenant is next loaded, and when this is asked
    /// again.
    ///
    /// # Errors
    ///
    /// As the command; `INVALID_INPUT` when issues are in states that the newest version lacks and the map does not speak
    /// of.
    pub async fn migrate_workflow(&self, cx: OpContext, mut command: StartMigration) -> Result<Committed> {
        let (tenant, rehearsal) = (cx.principal.tenant(), cx.dry_run);
        command.strays = self.reader(&cx.principal).await?.migration_plan(command.workflow)?.counts();
        let done = self.execute(cx, command).await;
        if !rehearsal {
            self.go_on_migrating(tenant);
        }
        done
    }

    /// Waits until no issues of a tenant are being moved to another version of this workflow.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a tenant that is not there, `FORBIDDEN` for one that is suspended, `UNAVAILABLE` when it cannot
    /// be loaded or was loaded again meanwhile: ask again.
    pub async fn migrated(&self, tenant: TenantId, workflow: WorkflowId) -> Result<()> {
        loop {
            let live = self.live(tenant).await?;
            if live.directory().workflow(workflow).is_none_or(|w| w.migration.is_none()) {
                return Ok(());
            }
            if !live.record().is_active() {
                return Err(Error::forbidden("move issues of a company that is not in use at present"));
            }
            match Turn::take(self, tenant) {
                Ok(turn) => to_the_end(async move { turn.engine.migrate_all(tenant).await }).await?,
                // An error says that the turn is over: that is what is waited for.
                Err(mut busy) => while busy.changed().await.is_ok() {},
            }
        }
    }

    /// Goes on with what is under way in a tenant, unless somebody does already.
    pub(super) fn go_on_migrating(&self, tenant: TenantId) {
        let Ok(first) = Turn::take(self, tenant) else { return };
        let engine = self.clone();
        tokio::spawn(async move {
            let mut turn = Some(first);
            while let Some(taken) = turn.take() {
                match engine.migrate_all(tenant).await {
                    Ok(()) => {}
                    Err(_) if engine.0.tenants.is_closed() => return,
                    Err(error) => {
                        tracing::warn!(tenant.id = %tenant, ?error, "issues could not be moved on; it goes on when the company is next loaded, or when that is asked for again");
                        return;
                    }
                }
                drop(taken);
                // Whoever began something at the very end of the turn, or opened the company again, found it taken.
                let more = engine.0.tenants.loaded(tenant).is_some_and(|live| goes_on(&live));
                turn = if more { Turn::take(&engine, tenant).ok() } else { None };
            }
        });
    }

    /// Goes on with what is under way in a tenant that may be worked in again.
    pub(super) fn take_up_migration(&self, live: &LiveTenant) {
        if goes_on(live) {
            self.go_on_migrating(live.record().id);
        }
    }

    async fn migrate_all(&self, tenant: TenantId) -> Result<()> {
        let mut tries = Tries::default();
        loop {
            if self.0.tenants.is_closed() {
                return Err(Error::unavailable("the engine is closing"));
            }
            let step = self.migrate_some(tenant, &mut tries).await;
            let Some(wait) = tries.after(step)? else { return Ok(()) };
            #[expect(clippy::disallowed_methods, reason = "nothing tells when others have had their turn")]
            tokio::time::sleep(wait).await;
        }
    }

    /// Moves one batch of what is under way, or says that nothing is left.
    async fn migrate_some(&self, tenant: TenantId, tries: &mut Tries) -> Result<Step> {
        let live = self.live(tenant).await?;
        if !live.record().is_active() {
            return Ok(Step::Nothing);
        }
        // Others write too, and wait for an index that is far behind: this work is in less of a hurry.
        if tries.waited < INDEX_WAITS_MAX
            && tokio::time::timeout(INDEX_WAIT, live.index_comes_near()).await.is_err()
        {
            return Ok(Step::Waits);
        }
        let directory = live.directory();
        let under_way = directory.workflows().filter_map(|w| Some((w, w.migration.as_deref()?)));
        let under_way = under_way.min_by_key(|(workflow, _)| workflow.id);
        let Some((workflow, migration)) = under_way else { return Ok(Step::Nothing) };
        let (id, started_at) = (workflow.id, migration.started_at);
        tries.of(id, started_at);
        let issues = next(&live, workflow, migration, &tries.left);
        if issues.is_empty() {
            let left = tries.left.len() as u64;
            run(&live, FinishMigration { workflow: id, started_at, left }).await?;
            return Ok(Step::Done);
        }
        if tries.in_vain >= VAIN_MAX {
            return move_each(&live, id, &issues, tries).await;
        }
        match run(&live, MigrateIssues { workflow: id, issues: issues.clone() }).await {
            Ok(0) => Ok(Step::InVain),
            Ok(_) => Ok(Step::Done),
            // One of them is at fault; the others are moved.
            Err(error) if error.code() == ErrorCode::Internal => move_each(&live, id, &issues, tries).await,
            Err(error) => Err(error),
        }
    }
}

/// Whether issues are to be moved here, and may be.
fn goes_on(live: &LiveTenant) -> bool {
    live.record().is_active() && is_under_way(&live.directory())
}

/// Lets the engine itself do something; answers how many things happened.
async fn run<C: Command>(live: &Arc<LiveTenant>, command: C) -> Result<usize> {
    let (live, tenant) = (live.clone(), live.record().id);
    let cx = OpContext::new(Principal::trusted_system(tenant)).with_origin(Origin::System);
    let done = to_the_end(async move { live.execute(&cx, &command).await }).await?;
    Ok(done.events.len())
}

/// Moves issues one by one, and notes those that cannot be moved.
async fn move_each(
    live: &Arc<LiveTenant>,
    workflow: WorkflowId,
    issues: &[IssueId],
    tries: &mut Tries,
) -> Result<Step> {
    for issue in issues {
        let why = match run(live, MigrateIssues { workflow, issues: vec![*issue] }).await {
            Ok(0) => None,
            Ok(_) => continue,
            Err(error) if error.code() == ErrorCode::Internal => Some(error),
            Err(error) => return Err(error),
        };
        if tries.left.len() >= LEFT_MAX {
            let message = format!("more than {LEFT_MAX} issues cannot be moved to the newest version");
            return Err(why.unwrap_or_else(|| Error::internal(message)));
        }
        tracing::warn!(tenant.id = %live.record().id, issue.id = %issue, error = ?why, "an issue could not be moved to the newest version of its workflow, and is left where it is");
        tries.left.insert(*issue);
    }
    Ok(Step::Done)
}

/// What became of one batch.
enum Step {
    /// Nothing is under way, or nothing may be done at present.
    Nothing,
    /// Others go first.
    Waits,
    /// Issues were moved, or are left, or a migration ended.
    Done,
    /// None of the issues had to be moved.
    InVain,
}

/// How often in a row something went wrong, and which issues cannot be moved.
#[derive(Default)]
struct Tries {
    migration: Option<(WorkflowId, Timestamp)>,
    failed: u32,
    in_vain: u32,
    waited: u32,
    left: FxHashSet<IssueId>,
}

impl Tries {
    /// Begins anew with another migration.
    fn of(&mut self, workflow: WorkflowId, started_at: Timestamp) {
        if self.migration != Some((workflow, started_at)) {
            *self = Self { migration: Some((workflow, started_at)), failed: self.failed, ..Self::default() };
        }
    }

    /// How long to wait before the next batch; none when there is nothing more to do. Whatever goes wrong, it never says
    /// that a migration is at its end: that is seen from the issues alone.
    fn after(&mut self, step: Result<Step>) -> Result<Option<Duration>> {
        match step {
            Ok(Step::Nothing) => return Ok(None),
            Ok(Step::Waits) => self.waited = self.waited.saturating_add(1),
            Ok(Step::Done) => (self.failed, self.in_vain, self.waited) = (0, 0, 0),
            Ok(Step::InVain) => (self.failed, self.in_vain) = (0, self.in_vain.saturating_add(1)),
            Err(error) if error.code() == ErrorCode::Unavailable && self.failed < TRIES_MAX => {
                let wait = WAIT_MIN.saturating_mul(1 << self.failed).min(WAIT_MAX);
                self.failed += 1;
                return Ok(Some(wait));
            }
            Err(error) => return Err(error),
        }
        Ok(Some(PAUSE))
    }
}

/// The turn to move issues in a tenant.
struct Turn {
    engine: Engine,
    tenant: TenantId,
}

impl Turn {
    /// The turn, or what to wait on until it is over.
    fn take(engine: &Engine, tenant: TenantId) -> Result<Self, watch::Receiver<()>> {
        match engine.0.migrations.0.lock().entry(tenant) {
            Entry::Occupied(taken) => Err(taken.get().subscribe()),
            Entry::Vacant(free) => {
                free.insert(watch::Sender::new(()));
                Ok(Self { engine: engine.clone(), tenant })
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.engine.0.migrations.0.lock().remove(&self.tenant);
    }
}

/// Issues that are still to be moved and of which it is known where to, those that are left out of it apart.
fn next(
    live: &LiveTenant,
    workflow: &Arc<Workflow>,
    migration: &Migration,
    left: &FxHashSet<IssueId>,
) -> Vec<IssueId> {
    let followers = followers(&live.directory(), workflow);
    let mapped = migration.map.iter().map(|step| step.from);
    let states: Vec<StateId> = followers.states.iter().copied().chain(mapped).collect();
    let scope = Scope::system("all issues are moved, whoever may see them");
    let limit = PER_BATCH.saturating_add(left.len());
    let mut found =
        live.with_view(&scope, |view| view.first_strays(&view.strays(&followers), &states, limit));
    found.retain(|issue| !left.contains(issue));
    found.truncate(PER_BATCH);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_cannot_be_reached_is_waited_for_longer_and_longer_and_ends_nothing() {
        let gone = || Err(Error::unavailable("the disk is full"));
        let mut tries = Tries::default();
        let waits: Vec<_> = (0..TRIES_MAX).map(|_| tries.after(gone()).unwrap().unwrap()).collect();
        assert!(waits.is_sorted() && waits[0] == WAIT_MIN && waits[9] == WAIT_MAX, "{waits:?}");
        assert_eq!(tries.in_vain, 0, "nothing was chosen in vain");
        assert_eq!(tries.after(Ok(Step::Done)).unwrap(), Some(PAUSE), "it goes on where it stood");
        assert_eq!(tries.after(gone()).unwrap(), Some(WAIT_MIN), "and is as patient as before");
        for _ in 1..TRIES_MAX {
            tries.after(gone()).unwrap();
        }
        assert_eq!(tries.after(gone()).unwrap_err().code(), ErrorCode::Unavailable, "told, and not finished");
    }
}
