//! Moving through states: the dates and the resolution follow from the categories.

use super::why;
use super::world::Company;
use crate::command::issue::{CreateIssue, IssuePatch};
use crate::command::workflow::UpdateWorkflow;
use crate::error::ErrorCode;
use crate::event::Subject;
use crate::id::{IssueId, StateId};
use crate::model::{Resolution, WorkflowMode};

fn to(company: &Company, state: &str) -> IssuePatch {
    IssuePatch { state: Some(company.state(state)), ..IssuePatch::default() }
}

fn go(company: &mut Company, issue: IssueId, state: &str) {
    company.update(issue, to(company, state)).unwrap();
}

fn mode(company: &Company, mode: WorkflowMode) -> UpdateWorkflow {
    UpdateWorkflow { workflow: company.workflow, if_version: None, name: None, mode: Some(mode) }
}

#[test]
fn work_starts_once_and_ends_with_a_date_and_a_resolution() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    go(&mut company, issue, "In Progress");
    let started = company.now;
    go(&mut company, issue, "In Review");
    assert_eq!(company.issue(issue).started_at, Some(started), "the first start counts");
    go(&mut company, issue, "Closed");
    let row = company.issue(issue);
    assert_eq!((row.started_at, row.completed_at), (Some(started), Some(company.now)));
    assert_eq!(row.resolution, Some(Resolution::Done));
}

#[test]
fn a_reopened_issue_starts_anew() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    for state in ["In Progress", "Closed", "Open"] {
        go(&mut company, issue, state);
    }
    let row = company.issue(issue);
    assert_eq!((row.started_at, row.completed_at, row.resolution), (None, None, None));
    assert_eq!(row.reopen_count, 1);
    go(&mut company, issue, "In Progress");
    assert_eq!(company.issue(issue).started_at, Some(company.now));
}

#[test]
fn only_a_closed_issue_has_a_resolution_and_it_can_be_corrected() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let resolve = |resolution| IssuePatch { resolution: Some(resolution), ..IssuePatch::default() };
    let error = company.update(issue, resolve(Resolution::Duplicate)).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("resolution")));
    let close = IssuePatch { resolution: Some(Resolution::WontDo), ..to(&company, "Closed") };
    company.update(issue, close).unwrap();
    let closed_at = company.now;
    company.update(issue, resolve(Resolution::Duplicate)).unwrap();
    let row = company.issue(issue);
    assert_eq!((row.resolution, row.completed_at), (Some(Resolution::Duplicate), Some(closed_at)));
}

#[test]
fn an_issue_made_in_a_closed_state_is_complete_from_the_start() {
    let mut company = Company::new();
    let state = Some(company.state("Closed"));
    let command = CreateIssue { title: "Done before".into(), state, ..CreateIssue::in_team(company.team) };
    let issue = company.run(company.uli, command).unwrap().issue();
    assert_eq!(company.issue(issue).completed_at, Some(company.now));
}

#[test]
fn a_state_of_no_workflow_of_the_team_is_refused() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let patch = IssuePatch { state: Some(StateId::generate()), ..IssuePatch::default() };
    let error = company.update(issue, patch).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("stateId")));
}

#[test]
fn a_strict_workflow_lets_only_its_moves_pass() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    company.run(company.ada, mode(&company, WorkflowMode::Strict)).unwrap();
    let error = company.update(issue, to(&company, "In Review")).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Rejected, Some("stateId")));
    for state in ["In Progress", "In Review", "Closed", "Open"] {
        go(&mut company, issue, state);
    }
}

#[test]
fn a_workflow_that_is_already_so_stays_as_it_is() {
    let mut company = Company::new();
    let done = company.run(company.ada, mode(&company, WorkflowMode::Open)).unwrap();
    assert_eq!((done.subjects, done.events.len()), (vec![Subject::Workflow(company.workflow)], 0));
}
