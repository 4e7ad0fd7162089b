//! Issues that become another kind of work, where that kind has a workflow of its own.

use super::why;
use super::workflows::{content, made, premium};
use super::world::Company;
use crate::command::issue::IssuePatch;
use crate::command::team::UpdateTeam;
use crate::command::workflow::CreateWorkflow;
use crate::error::ErrorCode;
use crate::id::{StateId, WorkflowId};
use crate::model::{ApprovalRule, Effect, IssueKind, KindWorkflow, Role};
use crate::workflow::Flow;

/// A company whose bugs are closed by a move of their own workflow that an admin approves, from its second state.
fn strict_bugs() -> (Company, WorkflowId) {
    let mut company = premium();
    let mut bugs = content();
    bugs.transitions[1].approvals = Some(ApprovalRule { count: 1, roles: vec![Role::Admin] });
    bugs.transitions[0].effects = vec![Effect::Comment("In test".into())];
    let bugs = CreateWorkflow { content: Some(bugs), ..CreateWorkflow::named("Bugs") };
    let bugs = made(&company.run(company.ada, bugs).unwrap());
    let by_kind = Some(vec![KindWorkflow { kind: IssueKind::Bug, workflow: bugs }]);
    company.run(company.ada, UpdateTeam { by_kind, ..UpdateTeam::of(company.team) }).unwrap();
    (company, bugs)
}

fn as_bug(state: Option<StateId>) -> IssuePatch {
    IssuePatch { kind: Some(IssueKind::Bug), state, ..IssuePatch::default() }
}

#[test]
fn a_change_of_type_is_no_way_around_the_workflow_of_that_type() {
    let (mut company, bugs) = strict_bugs();
    let task = company.create(company.uli, "Any");
    let close = IssuePatch { state: Some(company.state("Closed")), ..IssuePatch::default() };
    company.update(task, close).unwrap();
    let error = company.update(task, as_bug(None)).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Rejected, Some("type")));
    assert!(error.message().contains("`Bugs`") && error.message().contains("no such move"), "{error}");
    assert_eq!(company.issue(task).kind, IssueKind::Task);
    // In the first state it begins as every bug does.
    let states = company.directory.workflow(bugs).unwrap().states.clone();
    company.update(task, as_bug(Some(states[0].id))).unwrap();
    let row = company.issue(task);
    assert_eq!((row.kind, row.state, row.resolution), (IssueKind::Bug, states[0].id, None));
    assert_eq!(Flow::of(&company.directory, row).unwrap().workflow().id, bugs);
    let closed = IssuePatch { state: Some(states[2].id), ..IssuePatch::default() };
    assert_eq!(company.update(task, closed).unwrap_err().code(), ErrorCode::Rejected);
}

#[test]
fn an_issue_of_another_type_enters_the_state_like_its_own_by_the_rules() {
    let (mut company, bugs) = strict_bugs();
    let states = company.directory.workflow(bugs).unwrap().states.clone();
    let [open, begun] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    let begin = IssuePatch { state: Some(company.state("In Progress")), ..IssuePatch::default() };
    company.update(begun, begin).unwrap();
    company.update(open, as_bug(None)).unwrap();
    assert_eq!(company.issue(open).state, states[0].id);
    let done = company.update(begun, as_bug(None)).unwrap();
    assert_eq!(company.issue(begun).state, states[1].id);
    assert_eq!(done.names(), ["issue.updated", "comment.created"], "what follows from that move follows");
    // And back: what tasks follow lets any move pass.
    let task = IssuePatch { kind: Some(IssueKind::Task), ..IssuePatch::default() };
    company.update(begun, task).unwrap();
    assert_eq!(company.issue(begun).state, company.state("In Progress"));
    // Kinds that follow the same workflow change as they always did.
    let feature = IssuePatch { kind: Some(IssueKind::Feature), ..IssuePatch::default() };
    assert_eq!(company.update(begun, feature).unwrap().names(), ["issue.updated"]);
}
