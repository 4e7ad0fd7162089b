//! Workflows of one's own: made, published, followed by teams and kinds of issues, and issues moved to newer ones.

mod drafts;

use super::why;
use super::world::Company;
use crate::command::issue::{CreateIssue, IssuePatch};
use crate::command::team::{CreateTeam, UpdateTeam};
use crate::command::workflow::{
    CreateWorkflow, DiscardWorkflowDraft, NewState, NewTransition, PublishWorkflow, SaveWorkflowDraft,
    StartMigration, StrayCounts, WorkflowContent,
};
use crate::error::ErrorCode;
use crate::event::Subject;
use crate::id::{IssueId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use crate::model::{IssueKind, KindWorkflow, StateCategory, Tier, VersionStatus};
use crate::workflow::Flow;

/// A company that may have workflows of its own.
pub(super) fn premium() -> Company {
    let mut company = Company::new();
    company.tenant.tier = Tier::Premium;
    company
}

pub(super) fn state(key: &str, category: StateCategory) -> NewState {
    let name = key.replace('_', " ");
    NewState { key: key.into(), name, category, color: None, wip_limit: None }
}

pub(super) fn step(from: Option<&str>, to: &str) -> NewTransition {
    let (from, to) = (from.map(str::to_owned), to.to_owned());
    NewTransition { name: None, from, to, guards: Vec::new(), effects: Vec::new(), approvals: None }
}

/// Open, Testing, Closed: what the seed's workflow has, and not what it lacks.
pub(super) fn content() -> WorkflowContent {
    WorkflowContent {
        states: vec![
            state("open", StateCategory::Unstarted),
            state("testing", StateCategory::Started),
            state("closed", StateCategory::Completed),
        ],
        initial: "open".into(),
        transitions: vec![step(Some("open"), "testing"), step(Some("testing"), "closed"), step(None, "open")],
    }
}

pub(super) fn save(
    company: &mut Company,
    content: WorkflowContent,
) -> crate::error::Result<super::world::Done> {
    let save = SaveWorkflowDraft { workflow: company.workflow, if_version: None, content };
    company.run(company.ada, save)
}

/// Publishes a version that says this.
pub(super) fn publish(company: &mut Company, content: WorkflowContent) {
    save(company, content).unwrap();
    let publish = PublishWorkflow { workflow: company.workflow, if_version: None };
    company.run(company.ada, publish).unwrap();
}

/// The state of the workflow's newest version, or of an earlier one, with this key.
pub(super) fn keyed(company: &Company, key: &str) -> StateId {
    let workflow = company.directory.workflow(company.workflow).unwrap();
    workflow.all_states().find(|state| state.key() == key).unwrap().id
}

pub(super) fn made(done: &super::world::Done) -> WorkflowId {
    let named =
        done.subjects.iter().find_map(|s| if let Subject::Workflow(id) = s { Some(*id) } else { None });
    named.unwrap()
}

#[test]
fn a_basic_company_keeps_the_workflow_it_began_with() {
    let mut company = Company::new();
    company.tenant.tier = Tier::Basic;
    let (ada, workflow) = (company.ada, company.workflow);
    let own = || CreateWorkflow::named("Ours");
    for refused in [
        company.run(ada, own()),
        save(&mut company, content()),
        company.run(ada, PublishWorkflow { workflow, if_version: None }),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.code(), ErrorCode::EntitlementExceeded);
        assert!(error.message().ends_with("not included in the tier BASIC; PREMIUM includes it"), "{error}");
    }
    company.tenant.tier = Tier::Premium;
    let own = made(&company.run(ada, own()).unwrap());
    publish(&mut company, content());
    company.tenant.tier = Tier::Basic;
    let refused = company.run(ada, UpdateTeam { workflow: Some(own), ..UpdateTeam::of(company.team) });
    assert_eq!(refused.unwrap_err().code(), ErrorCode::EntitlementExceeded);
    // What it had when it bought less goes on.
    company.create(company.uli, "Any");
    company.run(ada, DiscardWorkflowDraft { workflow, if_version: None }).unwrap();
}

#[test]
fn a_version_that_is_published_is_what_new_issues_follow_and_old_ones_do_not() {
    let mut company = premium();
    let old = company.create(company.uli, "Old");
    publish(&mut company, content());
    let new = company.create(company.uli, "New");
    assert_eq!(company.issue(old).workflow_version, None);
    let published = company.directory.workflow(company.workflow).unwrap().published;
    assert!(published.is_some() && company.issue(new).workflow_version == published);
    let testing = IssuePatch { state: Some(keyed(&company, "testing")), ..IssuePatch::default() };
    let review = IssuePatch { state: Some(keyed(&company, "in_review")), ..IssuePatch::default() };
    assert_eq!(why(&company.update(old, testing.clone()).unwrap_err()).0, ErrorCode::InvalidInput);
    assert_eq!(why(&company.update(new, review.clone()).unwrap_err()).0, ErrorCode::InvalidInput);
    company.update(new, testing).unwrap();
    company.update(old, review).unwrap();
}

#[test]
fn a_state_keeps_its_id_by_its_key_and_is_found_when_it_is_gone() {
    let mut company = premium();
    let (open, review) = (company.state("Open"), company.state("In Review"));
    let mut renamed = content();
    renamed.states[0].name = "Waiting".into();
    publish(&mut company, renamed);
    assert_eq!(keyed(&company, "open"), open);
    assert_eq!(company.directory.state(open).unwrap().name, "Waiting");
    assert_eq!(company.directory.state(review).unwrap().name, "In Review");
    let workflow = company.directory.workflow(company.workflow).unwrap();
    assert!(workflow.state(review).is_none() && workflow.any_state(review).is_some());
    // Back again under its key, it is the same state.
    let mut back = content();
    back.states.insert(1, state("in_review", StateCategory::Started));
    back.transitions.extend([step(Some("open"), "in_review"), step(Some("in_review"), "closed")]);
    publish(&mut company, back);
    assert_eq!(keyed(&company, "in_review"), review);
    assert!(company.directory.workflow(company.workflow).unwrap().retired.iter().all(|s| s.id != review));
}

#[test]
fn versions_are_kept_as_they_were_published() {
    let mut company = premium();
    publish(&mut company, content());
    let first = WorkflowVersionId::first_of(company.workflow);
    let names = |company: &Company, id| {
        let version = company.directory.version(id).unwrap();
        let names: Vec<_> = version.states.iter().map(|state| state.name.clone()).collect();
        (version.number, version.status, names.join(" "))
    };
    assert_eq!(
        names(&company, first),
        (1, VersionStatus::Published, "Open In Progress In Review Closed".into())
    );
    let second = company.directory.workflow(company.workflow).unwrap().published.unwrap();
    let mut third = content();
    third.states[1].name = "Trying".into();
    publish(&mut company, third);
    assert_eq!(names(&company, second), (2, VersionStatus::Published, "open testing closed".into()));
    let numbers: std::collections::BTreeSet<_> = company.directory.versions().map(|v| v.number).collect();
    assert_eq!(numbers, [1, 2, 3].into());
    assert_eq!(company.directory.newest_number(company.directory.workflow(company.workflow).unwrap()), 3);
}

#[test]
fn what_a_state_means_is_fixed() {
    let mut company = premium();
    let mut other = content();
    other.states[0].category = StateCategory::Backlog;
    save(&mut company, other).unwrap();
    let publish = PublishWorkflow { workflow: company.workflow, if_version: None };
    let error = company.run(company.ada, publish).unwrap_err();
    assert!(error.message().contains("what a state means is fixed"), "{error}");
}

#[test]
fn a_workflow_is_made_with_a_first_version_or_as_a_company_begins() {
    let mut company = premium();
    let own = CreateWorkflow { content: Some(content()), ..CreateWorkflow::named("Ours") };
    let own = made(&company.run(company.ada, own).unwrap());
    let workflow = company.directory.workflow(own).unwrap();
    assert_eq!(
        workflow.states.iter().map(|s| s.key().into_owned()).collect::<Vec<_>>(),
        ["open", "testing", "closed"]
    );
    assert!(workflow.states.iter().all(|state| state.id != company.state("Open")), "states are its own");
    let usual = made(&company.run(company.ada, CreateWorkflow::named("Usual")).unwrap());
    assert_eq!(company.directory.workflow(usual).unwrap().states.len(), 4);
    let mut endless = content();
    endless.states.pop();
    endless.transitions = vec![step(Some("open"), "testing")];
    let endless = CreateWorkflow { content: Some(endless), ..CreateWorkflow::named("Endless") };
    assert_eq!(
        why(&company.run(company.ada, endless).unwrap_err()),
        (ErrorCode::InvalidInput, Some("states"))
    );
}

#[test]
fn an_id_that_is_chosen_is_nobodys_and_no_versions() {
    let mut company = premium();
    publish(&mut company, content());
    let version = company.directory.workflow(company.workflow).unwrap().published.unwrap();
    for taken in [company.workflow, WorkflowId::from_uuid(version.uuid())] {
        let create = CreateWorkflow { id: Some(taken), ..CreateWorkflow::named("Ours") };
        let error = company.run(company.ada, create).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::Conflict, Some("id")), "{error}");
    }
}

#[test]
fn what_a_company_began_with_is_told_by_time_and_not_by_an_id_that_somebody_chose() {
    let mut company = premium();
    let lowest = WorkflowId::from_uuid(uuid::Uuid::from_u128(1));
    let create = CreateWorkflow { id: Some(lowest), ..CreateWorkflow::named("Ours") };
    company.run(company.ada, create).unwrap();
    company.tenant.tier = Tier::Basic;
    let team = |workflow| CreateTeam { workflow, name: "Ops".into(), ..CreateTeam::with_key("OPS") };
    let refused = company.run(company.ada, team(Some(lowest))).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::EntitlementExceeded);
    company.run(company.ada, team(None)).unwrap();
    let made = company.directory.teams().find(|team| team.key == "OPS").unwrap();
    assert_eq!(made.workflow, company.workflow);
}

#[test]
fn limits_of_workflows_name_themselves() {
    let mut company = premium();
    company.limits.workflows_max = 2;
    company.limits.workflow_versions_max = 2;
    company.run(company.ada, CreateWorkflow::named("Two")).unwrap();
    let error = company.run(company.ada, CreateWorkflow::named("Three")).unwrap_err();
    assert!(error.message().contains("at most 2 workflows"), "{error}");
    publish(&mut company, content());
    let error = save(&mut company, content()).unwrap_err();
    assert!(error.message().contains("at most 2 versions"), "{error}");
    company.limits.workflow_versions_max = 10;
    company.limits.workflow_states_ever_max = 6;
    let mut other = content();
    other.states.iter_mut().for_each(|state| state.key.push_str("_2"));
    other.initial.push_str("_2");
    other.transitions.clear();
    save(&mut company, other).unwrap();
    let publish = PublishWorkflow { workflow: company.workflow, if_version: None };
    let error = company.run(company.ada, publish).unwrap_err();
    assert!(error.message().contains("at most 6 states in all its versions"), "{error}");
    company.limits.workflow_bytes_max = 10;
    assert!(save(&mut company, content()).unwrap_err().message().contains("at most 10 are allowed"));
}

#[test]
fn a_team_and_each_kind_of_its_issues_can_follow_a_workflow_of_their_own() {
    let mut company = premium();
    let own = CreateWorkflow { content: Some(content()), ..CreateWorkflow::named("Bugs") };
    let own = made(&company.run(company.ada, own).unwrap());
    let ops = CreateTeam { workflow: Some(own), name: "Ops".into(), ..CreateTeam::with_key("OPS") };
    company.run(company.ada, ops).unwrap();
    let by_kind = Some(vec![KindWorkflow { kind: IssueKind::Bug, workflow: own }]);
    company.run(company.ada, UpdateTeam { by_kind, ..UpdateTeam::of(company.team) }).unwrap();
    let mut create = |kind| {
        let command =
            CreateIssue { title: "Any".into(), kind: Some(kind), ..CreateIssue::in_team(company.team) };
        company.run(company.uli, command).unwrap().issue()
    };
    let (bug, task) = (create(IssueKind::Bug), create(IssueKind::Task));
    let follows = |issue: IssueId| Flow::of(&company.directory, company.issue(issue)).unwrap().workflow().id;
    assert_eq!((follows(bug), follows(task)), (own, company.workflow));
    company.update(task, IssuePatch { kind: Some(IssueKind::Bug), ..IssuePatch::default() }).unwrap();
    assert_eq!(Flow::of(&company.directory, company.issue(task)).unwrap().workflow().id, own);
    let twice = vec![KindWorkflow { kind: IssueKind::Bug, workflow: own }; 2];
    let twice = UpdateTeam { by_kind: Some(twice), ..UpdateTeam::of(company.team) };
    assert_eq!(why(&company.run(company.ada, twice).unwrap_err()).1, Some("typeWorkflows[1]"));
    let nowhere = UpdateTeam { workflow: Some(WorkflowId::generate()), ..UpdateTeam::of(company.team) };
    assert_eq!(company.run(company.ada, nowhere).unwrap_err().code(), ErrorCode::NotFound);
}

#[test]
fn users_manage_no_workflows_of_their_own() {
    let mut company = premium();
    let (uli, workflow) = (company.uli, company.workflow);
    let refused = [
        company.run(uli, CreateWorkflow::named("Ours")),
        company.run(uli, SaveWorkflowDraft { workflow, if_version: None, content: content() }),
        company.run(uli, DiscardWorkflowDraft { workflow, if_version: None }),
        company.run(uli, PublishWorkflow { workflow, if_version: None }),
        company.run(
            uli,
            StartMigration { workflow, if_version: None, map: Vec::new(), strays: StrayCounts::default() },
        ),
        company.run(uli, UpdateTeam { workflow: Some(workflow), ..UpdateTeam::of(TeamId::generate()) }),
    ];
    let codes: Vec<_> = refused.into_iter().map(|refused| refused.unwrap_err().code()).collect();
    assert_eq!(codes[..5], [ErrorCode::Forbidden; 5]);
    assert_eq!(codes[5], ErrorCode::NotFound);
}
