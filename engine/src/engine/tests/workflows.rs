//! Issues on their way to a newer version of their workflow: thousands of them, through interruptions, while others work.

mod rules;

use super::World;
use crate::command::issue::CreateIssue;
use crate::command::workflow::{
    NewState, NewTransition, PublishWorkflow, SaveWorkflowDraft, StartMigration, StrayCounts, WorkflowContent,
};
use crate::context::{Operator, Principal};
use crate::engine::{Engine, Suspension};
use crate::error::ErrorCode;
use crate::event::EventBody;
use crate::filter::{Filter, StateTest, Test, TextOperator, TextTest};
use crate::id::{IssueId, StateId, TenantId, WorkflowId};
use crate::limits::Limits;
use crate::model::{Guard, Issue, StateCategory, StateMapping, Tier};
use crate::platform::{FirstAdmin, NewTenant};
use crate::query::Reader;
use crate::rows::{self, LongText};
use crate::storage::{Batch, CommitOutcome, StoreKind};
use crate::workflow::Flow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn state(key: &str, category: StateCategory) -> NewState {
    NewState { key: key.into(), name: key.to_uppercase(), category, color: None, wip_limit: None }
}

fn step(from: &str, to: &str, guards: Vec<Guard>) -> NewTransition {
    let (from, to) = (Some(from.to_owned()), to.to_owned());
    NewTransition { name: None, from, to, guards, effects: Vec::new(), approvals: None }
}

/// So many issues, all in states that the newest version has.
fn some(total: u64) -> StrayCounts {
    StrayCounts { total, missing: Vec::new() }
}

/// Open, Done, and a state for each of these numbers between.
fn content(between: usize) -> WorkflowContent {
    let mut states = vec![state("open", StateCategory::Unstarted)];
    states.extend((0..between).map(|n| state(&format!("step_{n}"), StateCategory::Started)));
    states.push(state("done", StateCategory::Completed));
    WorkflowContent { states, initial: "open".into(), transitions: Vec::new() }
}

/// A Premium company with one workflow.
struct Company {
    world: World,
    workflow: WorkflowId,
}

impl Company {
    async fn found(folder: &Path) -> Self {
        Self::found_with(folder, Limits::default()).await
    }

    async fn found_with(folder: &Path, limits: Limits) -> Self {
        let engine = Engine::builder(folder).store(StoreKind::Fjall).limits(limits).open().await.unwrap();
        let admin = FirstAdmin { email: "ana@acme.test".into(), name: "Ana".into(), password: None };
        let new = NewTenant::new("acme", "Acme").with_team("ENG").with_admin(admin).with_tier(Tier::Premium);
        let founded = engine.create_tenant(new).await.unwrap();
        let team = founded.team.unwrap();
        let world = World { engine, founded, team };
        let workflow = reader(&world).await.directory().workflow_of(team).unwrap().id;
        Self { world, workflow }
    }

    fn tenant(&self) -> TenantId {
        self.world.founded.tenant.id
    }

    async fn issues(&self, number: usize, state: Option<StateId>) -> Vec<IssueId> {
        let mut made = Vec::with_capacity(number);
        for n in 0..number {
            let title = format!("Issue {n}");
            let command = CreateIssue { title, state, ..CreateIssue::in_team(self.world.team) };
            made.push(self.world.engine.execute(self.world.cx(), command).await.unwrap().issue().unwrap());
        }
        made
    }

    async fn publish(&self, content: WorkflowContent) {
        let (engine, workflow) = (&self.world.engine, self.workflow);
        let save = SaveWorkflowDraft { workflow, if_version: None, content };
        engine.execute(self.world.cx(), save).await.unwrap();
        let publish = PublishWorkflow { workflow, if_version: None };
        engine.execute(self.world.cx(), publish).await.unwrap();
    }

    async fn state(&self, key: &str) -> StateId {
        let reader = reader(&self.world).await;
        let workflow = reader.directory().workflow(self.workflow).unwrap();
        workflow.all_states().find(|state| state.key() == key).unwrap().id
    }

    fn start(&self, map: &[(StateId, StateId)]) -> StartMigration {
        let map = map.iter().map(|(from, to)| StateMapping { from: *from, to: *to }).collect();
        StartMigration { workflow: self.workflow, if_version: None, map, strays: StrayCounts::default() }
    }

    /// Waits until these issues follow the newest version, and does nothing for it.
    async fn arrive(&self, ids: &[IssueId]) {
        let arrive = async {
            while !all_follow_the_newest(self, ids).await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), arrive).await.unwrap();
    }

    async fn end(self) {
        let report = self.world.engine.check(self.tenant()).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        self.world.engine.close().await;
    }
}

async fn reader(world: &World) -> Reader {
    world.engine.reader(&Principal::trusted_system(world.founded.tenant.id)).await.unwrap()
}

async fn rows(world: &World, ids: &[IssueId]) -> Vec<Arc<Issue>> {
    reader(world).await.issues_by_id(ids).await.unwrap().into_iter().map(Option::unwrap).collect()
}

async fn all_follow_the_newest(company: &Company, ids: &[IssueId]) -> bool {
    let reader = reader(&company.world).await;
    let newest = reader.directory().workflow(company.workflow).unwrap().newest();
    let rows = rows(&company.world, ids).await;
    rows.iter().all(|row| Flow::of(reader.directory(), row).unwrap().id() == newest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_are_told_beforehand_and_all_issues_arrive_in_batches_while_others_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let review = company.state("in_review").await;
    let [open, reviewed] = [company.issues(90, None).await, company.issues(33, Some(review)).await];
    company.publish(content(1)).await;
    let plan = reader(&company.world).await.migration_plan(company.workflow).unwrap();
    let counts: Vec<_> = plan.states.iter().map(|step| (step.count, step.is_missing)).collect();
    assert_eq!((plan.total, counts), (123, vec![(90, false), (33, true)]));

    let engine = &company.world.engine;
    let lost = engine.migrate_workflow(company.world.cx(), company.start(&[])).await.unwrap_err();
    assert_eq!((lost.code(), lost.field()), (ErrorCode::InvalidInput, Some("stateMap")));
    assert!(lost.message().starts_with("33 issues are in `In Review`"), "{lost}");

    let map = [(review, company.state("step_0").await)];
    let rehearsal = company.world.cx().with_dry_run(true);
    engine.migrate_workflow(rehearsal, company.start(&map)).await.unwrap();
    assert_eq!(reader(&company.world).await.migration_plan(company.workflow).unwrap().total, 123);
    engine.migrate_workflow(company.world.cx(), company.start(&map)).await.unwrap();
    let later = company.issues(10, None).await;
    engine.migrated(company.tenant(), company.workflow).await.unwrap();
    let all: Vec<_> = [open, reviewed.clone(), later].concat();
    assert!(all_follow_the_newest(&company, &all).await);
    let moved = rows(&company.world, &reviewed).await;
    assert!(moved.iter().all(|row| row.state == map[0].1));
    assert_eq!(reader(&company.world).await.migration_plan(company.workflow).unwrap().total, 0);
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_interrupted_goes_on_when_the_engine_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let ids = company.issues(100, None).await;
    company.publish(content(0)).await;
    // Begun, and nobody saw to the rest: as if the machine had stopped there.
    let start = StartMigration { strays: some(100), ..company.start(&[]) };
    company.world.engine.execute(company.world.cx(), start).await.unwrap();
    assert!(!all_follow_the_newest(&company, &ids).await);
    let Company { world: World { engine, founded, team }, workflow } = company;
    engine.close().await;
    drop(engine);

    let engine = Engine::builder(folder.path()).store(StoreKind::Fjall).open().await.unwrap();
    let company = Company { world: World { engine, founded, team }, workflow };
    company.world.engine.migrated(company.tenant(), workflow).await.unwrap();
    assert!(all_follow_the_newest(&company, &ids).await);
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loading_a_company_is_enough_for_its_migration_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let ids = company.issues(50, None).await;
    company.publish(content(0)).await;
    let start = StartMigration { strays: some(50), ..company.start(&[]) };
    company.world.engine.execute(company.world.cx(), start).await.unwrap();
    assert!(company.world.engine.unload(company.tenant()).await.unwrap());
    company.arrive(&ids).await;
    company.world.engine.migrated(company.tenant(), company.workflow).await.unwrap();
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_again_is_refused_and_lets_what_stood_still_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let ids = company.issues(50, None).await;
    company.publish(content(0)).await;
    let engine = &company.world.engine;
    let start = StartMigration { strays: some(50), ..company.start(&[]) };
    engine.execute(company.world.cx(), start).await.unwrap();
    let again = engine.migrate_workflow(company.world.cx(), company.start(&[])).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::Conflict);
    company.arrive(&ids).await;
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_begun_when_another_ends_is_never_left_standing() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let ids = company.issues(3, None).await;
    for between in 0..20 {
        company.publish(content(between)).await;
        company.world.engine.migrate_workflow(company.world.cx(), company.start(&[])).await.unwrap();
        company.arrive(&ids).await;
        // The end of it is written next: the next beginning meets a turn that is being given back.
        let under_way = async || {
            reader(&company.world).await.directory().workflow(company.workflow).unwrap().migration.is_some()
        };
        while under_way().await {
            tokio::task::yield_now().await;
        }
    }
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_that_cannot_be_moved_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let company =
        Company::found_with(folder.path(), Limits { row_cache_bytes: 1, ..Limits::default() }).await;
    let ids = company.issues(50, None).await;
    company.publish(content(0)).await;
    let (engine, tenant) = (&company.world.engine, company.tenant());
    // Where its row should be is something else.
    let mut batch = Batch::new();
    batch.put(rows::issue(ids[3]), &LongText { text: "x".into() }).unwrap();
    let outcome = engine.live(tenant).await.unwrap().store().commit(batch).await;
    assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
    engine.migrate_workflow(company.world.cx(), company.start(&[])).await.unwrap();
    engine.migrated(tenant, company.workflow).await.unwrap();
    let others: Vec<_> = ids.iter().copied().filter(|id| *id != ids[3]).collect();
    assert!(all_follow_the_newest(&company, &others).await);
    assert_eq!(reader(&company.world).await.migration_plan(company.workflow).unwrap().total, 1);
    let live = engine.live(tenant).await.unwrap();
    let event = live.events(crate::model::Seq(live.applied().0 - 1), 1).await.unwrap().remove(0);
    let Some(EventBody::WorkflowSaved { end: Some(end), .. }) = event.body else { panic!("{event:?}") };
    assert_eq!((end.canceled, end.left), (false, 1));
    drop(live);
    company.world.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_is_opened_again_has_its_issues_moved_on() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let ids = company.issues(50, None).await;
    company.publish(content(0)).await;
    let (engine, tenant) = (&company.world.engine, company.tenant());
    let start = StartMigration { strays: some(50), ..company.start(&[]) };
    engine.execute(company.world.cx(), start).await.unwrap();
    let root = Operator::trusted();
    engine.suspend_tenant(&root, tenant, Suspension::default(), None).await.unwrap();
    let held = engine.migrated(tenant, company.workflow).await.unwrap_err();
    assert_eq!(held.code(), ErrorCode::Forbidden);
    engine.resume_tenant(&root, tenant, None).await.unwrap();
    company.arrive(&ids).await;
    engine.migrated(tenant, company.workflow).await.unwrap();
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_leaves_half_of_what_the_index_may_lag_behind_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { search_tail_max: 100, ..Limits::default() };
    let company = Company::found_with(folder.path(), limits).await;
    let ids = company.issues(300, None).await;
    company.publish(content(0)).await;
    let (engine, tenant) = (&company.world.engine, company.tenant());
    engine.migrate_workflow(company.world.cx(), company.start(&[])).await.unwrap();
    let most = async {
        let mut most = 0;
        while engine.live(tenant).await.unwrap().directory().workflows().any(|w| w.migration.is_some()) {
            most = most.max(engine.live(tenant).await.unwrap().index_lag());
            tokio::task::yield_now().await;
        }
        most
    };
    let most = tokio::time::timeout(Duration::from_secs(60), most).await.unwrap();
    assert!(most < 100, "{most} of 100");
    assert!(all_follow_the_newest(&company, &ids).await);
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_planned_before_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let review = company.state("in_review").await;
    company.issues(3, Some(review)).await;
    company.issues(2, None).await;
    let none = reader(&company.world).await.migration_plan_of_draft(company.workflow).unwrap_err();
    assert_eq!(none.code(), ErrorCode::NotFound);
    let save = SaveWorkflowDraft { workflow: company.workflow, if_version: None, content: content(1) };
    company.world.engine.execute(company.world.cx(), save).await.unwrap();
    let before = reader(&company.world).await.migration_plan_of_draft(company.workflow).unwrap();
    let counts: Vec<_> = before.states.iter().map(|step| (step.count, step.is_missing)).collect();
    assert_eq!((before.total, counts), (5, vec![(2, false), (3, true)]));
    let publish = PublishWorkflow { workflow: company.workflow, if_version: None };
    company.world.engine.execute(company.world.cx(), publish).await.unwrap();
    let after = reader(&company.world).await.migration_plan(company.workflow).unwrap();
    assert_eq!(before, after, "what was said of the draft is so of the version");
    company.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_states_are_found_across_versions_and_the_past_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let company = Company::found(folder.path()).await;
    let review = company.state("in_review").await;
    let old = company.issues(2, Some(review)).await;
    let before = reader(&company.world).await.seq();
    company.publish(content(1)).await;
    let new = company.issues(3, Some(company.state("step_0").await)).await;
    let named = |name: &str| -> Filter {
        Test::State(StateTest::Name(TextTest::folded(TextOperator::Eq, name))).into()
    };
    let counts = async |name: &str| reader(&company.world).await.count(&named(name)).await.unwrap();
    assert_eq!([counts("in review").await, counts("step_0").await, counts("open").await], [2, 3, 0]);

    let map = [(review, company.state("step_0").await)];
    company.world.engine.migrate_workflow(company.world.cx(), company.start(&map)).await.unwrap();
    company.world.engine.migrated(company.tenant(), company.workflow).await.unwrap();
    assert_eq!([counts("in review").await, counts("step_0").await], [0, 5]);
    let then = reader(&company.world).await.at(crate::query::Past::Seq(before)).await.unwrap();
    assert_eq!(then.count(&named("in review")).await.unwrap(), 2);
    let row = then.issues_by_id(&old).await.unwrap().remove(0).unwrap();
    assert_eq!((row.state, row.workflow_version), (review, None));
    assert!(then.issues_by_id(&new).await.unwrap().iter().all(Option::is_none));
    company.end().await;
}
