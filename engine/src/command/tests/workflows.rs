//! Workflows of one's own: made, drafted, published, followed by teams and kinds of issues, and issues moved to newer ones.

use super::why;
use super::world::Company;
use crate::command::issue::{CreateIssue, IssuePatch};
use crate::command::label::CreateLabel;
use crate::command::team::{CreateTeam, UpdateTeam};
use crate::command::workflow::{
    CreateWorkflow, DiscardWorkflowDraft, NewState, NewTransition, PublishWorkflow, SaveWorkflowDraft,
    StartMigration, StrayCounts, UpdateWorkflow, WorkflowContent,
};
use crate::error::ErrorCode;
use crate::event::Subject;
use crate::id::{IssueId, LabelId, StateId, TeamId, WorkflowId, WorkflowVersionId};
use crate::model::{
    ApprovalRule, Effect, IssueKind, KindWorkflow, Role, StateCategory, Tier, VersionStatus, WorkflowMode,
};
use crate::workflow::{Flow, ProblemCode, problems_of_draft};

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

fn strict(company: &mut Company) {
    let mode = Some(WorkflowMode::Strict);
    let update = UpdateWorkflow { workflow: company.workflow, if_version: None, name: None, mode };
    company.run(company.ada, update).unwrap();
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
fn a_draft_may_be_unfinished_and_says_what_keeps_it_from_being_published() {
    let mut company = premium();
    strict(&mut company);
    let mut lost = content();
    lost.states.push(state("limbo", StateCategory::Started));
    lost.transitions.push(step(Some("open"), "limbo"));
    lost.transitions.retain(|step| step.from.is_some());
    lost.transitions[1].effects.push(Effect::AddLabel(LabelId::generate()));
    save(&mut company, lost).unwrap();
    let workflow = company.directory.workflow(company.workflow).unwrap();
    let draft = company.directory.draft_of(company.workflow).unwrap();
    let found = problems_of_draft(draft, workflow, &company.directory);
    let codes: Vec<_> = found.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::NoEnd, ProblemCode::MissingLabel]);
    let error = company
        .run(company.ada, PublishWorkflow { workflow: company.workflow, if_version: None })
        .unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("states")));
    assert!(error.message().contains("no closed state can be reached from `limbo`"), "{error}");
    assert!(company.directory.workflow(company.workflow).unwrap().published.is_none());
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
fn a_draft_that_is_not_well_formed_is_refused_where_it_is_wrong() {
    type Spoil = fn(&mut WorkflowContent);
    let mut company = premium();
    let cases: [(&str, Spoil); 15] = [
        ("states", |c| c.states.clear()),
        ("states", |c| c.states = (0..51).map(|n| state(&format!("s{n}"), StateCategory::Started)).collect()),
        ("states[1].key", |c| c.states[1].key = "open".into()),
        ("states[1].key", |c| c.states[1].key = "In Review".into()),
        ("states[1].name", |c| c.states[1].name = "OPEN".into()),
        ("states[2].name", |c| c.states[2].name = " ".into()),
        ("states[0].color", |c| c.states[0].color = Some("red".into())),
        ("states[0].wipLimit", |c| c.states[0].wip_limit = Some(0)),
        ("initial", |c| c.initial = "nowhere".into()),
        ("transitions[0].to", |c| c.transitions[0].to = "nowhere".into()),
        ("transitions[0].to", |c| c.transitions[0].to = "open".into()),
        ("transitions[3].to", |c| c.transitions.push(step(None, "open"))),
        ("transitions[0].guards", |c| c.transitions[0].guards = vec![crate::model::Guard::Role(vec![])]),
        ("transitions[0].guards", |c| {
            c.transitions[0].guards = vec![crate::model::Guard::NoOpenChildren; 2];
        }),
        ("transitions[0].effects", |c| {
            c.transitions[0].effects = vec![Effect::Comment("a".into()), Effect::Comment("b".into())];
        }),
    ];
    for (field, spoil) in cases {
        let mut spoiled = content();
        spoil(&mut spoiled);
        let error = save(&mut company, spoiled).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some(field)), "{error}");
    }
}

#[test]
fn a_draft_is_saved_over_given_up_and_begun_again_in_the_same_row() {
    let mut company = premium();
    let workflow = company.workflow;
    save(&mut company, content()).unwrap();
    assert_eq!(save(&mut company, content()).unwrap().events.len(), 0, "the same again changes nothing");
    let id = company.directory.draft_of(workflow).unwrap().id;
    let stale = SaveWorkflowDraft { workflow, if_version: Some(7), content: content() };
    assert_eq!(company.run(company.ada, stale).unwrap_err().code(), ErrorCode::Conflict);
    let discard = DiscardWorkflowDraft { workflow, if_version: Some(1) };
    assert_eq!(company.run(company.ada, discard.clone()).unwrap().names(), ["workflow.draft_discarded"]);
    assert!(company.directory.draft_of(workflow).is_none());
    let again = DiscardWorkflowDraft { if_version: None, ..discard };
    assert_eq!(company.run(company.ada, again).unwrap().events.len(), 0);
    let publish = PublishWorkflow { workflow, if_version: None };
    assert_eq!(company.run(company.ada, publish).unwrap_err().code(), ErrorCode::Rejected);
    save(&mut company, content()).unwrap();
    assert_eq!(company.directory.draft_of(workflow).unwrap().id, id);
    assert_eq!(company.directory.versions().count(), 1);
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
fn moves_that_are_listed_are_meant_and_rules_that_can_be_avoided_are_told() {
    let mut company = premium();
    let own = CreateWorkflow { content: Some(content()), ..CreateWorkflow::named("Ours") };
    let own = made(&company.run(company.ada, own).unwrap());
    assert_eq!(company.directory.workflow(own).unwrap().mode, WorkflowMode::Strict);
    let mut ruled = content();
    ruled.transitions[1].approvals = Some(ApprovalRule { count: 2, roles: vec![Role::Admin] });
    save(&mut company, ruled.clone()).unwrap();
    let problems = |company: &Company| {
        let draft = company.directory.draft_of(company.workflow).unwrap();
        let workflow = company.directory.workflow(company.workflow).unwrap();
        problems_of_draft(draft, workflow, &company.directory)
    };
    let found = problems(&company);
    assert_eq!(found.iter().map(|p| p.code).collect::<Vec<_>>(), [ProblemCode::RulesAvoided]);
    assert!(found[0].message.contains("`closed` from `open`"), "{found:?}");
    let publish = PublishWorkflow { workflow: company.workflow, if_version: None };
    company.run(company.ada, publish).unwrap();
    ruled.transitions.push(step(None, "closed"));
    save(&mut company, ruled.clone()).unwrap();
    assert_eq!(problems(&company), [], "who lists a move from any state means it");
    ruled.transitions.pop();
    strict(&mut company);
    save(&mut company, ruled).unwrap();
    assert_eq!(problems(&company), [], "in a strict workflow there is no way around");
}

#[test]
fn a_label_that_no_team_of_the_workflow_can_use_is_told() {
    let mut company = premium();
    company.run(company.ada, CreateTeam { name: "Ops".into(), ..CreateTeam::with_key("OPS") }).unwrap();
    let ops = company.directory.team_by_key("OPS").unwrap().id;
    let other = made(&company.run(company.ada, CreateWorkflow::named("Other")).unwrap());
    company.run(company.ada, UpdateTeam { workflow: Some(other), ..UpdateTeam::of(ops) }).unwrap();
    let label = CreateLabel { id: None, name: "ops".into(), color: None, description: None, team: Some(ops) };
    company.run(company.ada, label).unwrap();
    let label = company.directory.label_by_name(Some(ops), "ops").unwrap().id;
    let mut labelled = content();
    labelled.transitions[0].effects = vec![Effect::AddLabel(label)];
    save(&mut company, labelled).unwrap();
    let draft = company.directory.draft_of(company.workflow).unwrap();
    let workflow = company.directory.workflow(company.workflow).unwrap();
    let found = problems_of_draft(draft, workflow, &company.directory);
    assert_eq!(found.iter().map(|p| p.code).collect::<Vec<_>>(), [ProblemCode::UnusableLabel]);
}

#[test]
fn a_draft_is_never_taken_for_the_one_before_it() {
    let mut company = premium();
    let workflow = company.workflow;
    save(&mut company, content()).unwrap();
    let read = company.directory.draft_of(workflow).unwrap().version;
    company.run(company.ada, PublishWorkflow { workflow, if_version: Some(read) }).unwrap();
    let mut next = content();
    next.states[1].name = "Trying".into();
    save(&mut company, next).unwrap();
    let stale = SaveWorkflowDraft { workflow, if_version: Some(read), content: content() };
    assert_eq!(company.run(company.ada, stale).unwrap_err().code(), ErrorCode::Conflict);
    let unseen = PublishWorkflow { workflow, if_version: Some(read) };
    assert_eq!(company.run(company.ada, unseen).unwrap_err().code(), ErrorCode::Conflict);
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
