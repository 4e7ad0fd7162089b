//! Moving issues to the newest version of a workflow: begun by a request, gone on with in batches by a task of its own, and
//! taken up again when a tenant is loaded in which it was interrupted.

use super::{Engine, to_the_end};
use crate::access::Scope;
use crate::command::workflow::{FinishMigration, MigrateIssues, StartMigration};
use crate::context::{OpContext, Principal};
use crate::directory::Directory;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Origin;
use crate::id::{IssueId, StateId, TenantId, WorkflowId};
use crate::model::{Migration, Workflow};
use crate::query::followers;
use crate::tenant::{Committed, LiveTenant};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use tokio::sync::watch;

/// Issues that one batch of the store moves: each is a row and an event, and a batch holds 100 keys.
const PER_BATCH: usize = 40;

/// Times in a row that a batch is tried again when the tenant could not be reached.
const TRIES_MAX: usize = 10;

/// The tenants in which issues are being moved at the moment. Whoever waits for one is told when its sender is dropped.
#[derive(Default)]
pub(super) struct Migrations(Mutex<FxHashMap<TenantId, watch::Sender<()>>>);

/// Whether issues of a company are on their way to another version of a workflow.
pub(super) fn is_under_way(directory: &Directory) -> bool {
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
                        tracing::warn!(tenant.id = %tenant, ?error, "issues could not be moved on; it goes on when the company is next loaded");
                        return;
                    }
                }
                drop(taken);
                // Whoever began something at the very end of the turn found it taken.
                let more =
                    engine.0.tenants.loaded(tenant).is_some_and(|live| is_under_way(&live.directory()));
                turn = if more { Turn::take(&engine, tenant).ok() } else { None };
            }
        });
    }

    async fn migrate_all(&self, tenant: TenantId) -> Result<()> {
        let mut tries = 0;
        loop {
            if self.0.tenants.is_closed() {
                return Err(Error::unavailable("the engine is closing"));
            }
            match self.migrate_some(tenant, tries >= TRIES_MAX).await {
                Ok(Step::Nothing) => return Ok(()),
                Ok(Step::Done) => tries = 0,
                // The small tables may have changed since the issues were chosen.
                Ok(Step::InVain) => tries += 1,
                Err(error) if error.code() == ErrorCode::Unavailable && tries < TRIES_MAX => tries += 1,
                Err(error) => return Err(error),
            }
            tokio::task::yield_now().await;
        }
    }

    /// Moves one batch of what is under way, or says that nothing is left.
    async fn migrate_some(&self, tenant: TenantId, give_up: bool) -> Result<Step> {
        let live = self.live(tenant).await?;
        let directory = live.directory();
        let under_way = directory.workflows().find_map(|w| Some((w, w.migration.as_deref()?)));
        let Some((workflow, migration)) = under_way else { return Ok(Step::Nothing) };
        let issues = next(&live, workflow, migration);
        let cx = OpContext::new(Principal::trusted_system(tenant)).with_origin(Origin::System);
        let workflow = workflow.id;
        if issues.is_empty() || give_up {
            to_the_end(async move { live.execute(&cx, &FinishMigration { workflow }).await }).await?;
            return Ok(Step::Done);
        }
        let batch = MigrateIssues { workflow, issues };
        let done = to_the_end(async move { live.execute(&cx, &batch).await }).await?;
        Ok(if done.events.is_empty() { Step::InVain } else { Step::Done })
    }
}

/// What became of one batch.
enum Step {
    /// Nothing is under way.
    Nothing,
    /// Issues were moved, or a migration ended.
    Done,
    /// None of the issues had to be moved.
    InVain,
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

/// Issues that are still to be moved and of which it is known where to.
fn next(live: &LiveTenant, workflow: &Arc<Workflow>, migration: &Migration) -> Vec<IssueId> {
    let followers = followers(&live.directory(), workflow);
    let mapped = migration.map.iter().map(|step| step.from);
    let states: Vec<StateId> = followers.states.iter().copied().chain(mapped).collect();
    let scope = Scope::system("all issues are moved, whoever may see them");
    live.with_view(&scope, |view| view.first_strays(&view.strays(&followers), &states, PER_BATCH))
}
