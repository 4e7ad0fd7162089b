//! Issues moved to the newest version of a workflow, step by step as the engine does it.

use super::why;
use super::workflows::{content, keyed, made, premium, publish, save};
use super::world::Company;
use crate::command::issue::{DeleteIssue, IssuePatch};
use crate::command::team::UpdateTeam;
use crate::command::workflow::{
    CancelMigration, CreateWorkflow, FinishMigration, MigrateIssues, PublishWorkflow, StartMigration,
    StrayCounts,
};
use crate::error::ErrorCode;
use crate::event::EventBody;
use crate::id::{IssueId, StateId};
use crate::model::{Resolution, StateCategory, StateMapping};

/// So many issues, all in states that the newest version has.
fn some(total: u64) -> StrayCounts {
    StrayCounts { total, missing: Vec::new() }
}

/// Moves all issues, as the engine does.
fn migrate(company: &mut Company, map: &[(&str, &str)], issues: &[IssueId]) {
    let map =
        map.iter().map(|(from, to)| StateMapping { from: keyed(company, from), to: keyed(company, to) });
    let (workflow, map) = (company.workflow, map.collect());
    let start = StartMigration { workflow, if_version: None, map, strays: some(issues.len() as u64) };
    company.run(company.ada, start).unwrap();
    company.run_as_system(MigrateIssues { workflow, issues: issues.to_vec() }).unwrap();
    let finish = finish(company);
    company.run_as_system(finish).unwrap();
}

/// The end of what is under way.
fn finish(company: &Company) -> FinishMigration {
    let workflow = company.directory.workflow(company.workflow).unwrap();
    let started_at = workflow.migration.as_ref().map_or(company.now, |migration| migration.started_at);
    FinishMigration { workflow: company.workflow, started_at, left: 0 }
}

#[test]
fn moved_issues_follow_the_newest_version_in_the_states_that_the_map_says() {
    let mut company = premium();
    let [stays, review, closed] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    for (issue, state) in [(review, "In Review"), (closed, "Closed")] {
        let state = Some(company.state(state));
        company.update(issue, IssuePatch { state, ..IssuePatch::default() }).unwrap();
    }
    let before = company.issue(closed).clone();
    publish(&mut company, content());
    let published = company.directory.workflow(company.workflow).unwrap().published;
    migrate(&mut company, &[("in_review", "testing")], &[stays, review, closed]);
    for issue in [stays, review, closed] {
        assert_eq!(company.issue(issue).workflow_version, published);
    }
    assert_eq!(company.issue(review).state, keyed(&company, "testing"));
    assert!(company.issue(review).started_at.is_some());
    let after = company.issue(closed);
    assert_eq!((after.state, after.completed_at), (before.state, before.completed_at), "it did not move");
    assert!(company.directory.workflow(company.workflow).unwrap().migration.is_none());
}

#[test]
fn moving_is_a_fact_in_the_history_in_the_name_of_who_began_it() {
    let mut company = premium();
    let issue = company.create(company.uli, "Any");
    publish(&mut company, content());
    let workflow = company.workflow;
    let start = StartMigration { workflow, if_version: None, map: Vec::new(), strays: some(1) };
    assert_eq!(company.run(company.ada, start).unwrap().names(), ["workflow.migrating"]);
    let done = company.run_as_system(MigrateIssues { workflow, issues: vec![issue] }).unwrap();
    assert_eq!(done.names(), ["issue.migrated"]);
    assert_eq!(done.events[0].actor.member(), Some(company.ada));
    let again = company.run_as_system(MigrateIssues { workflow, issues: vec![issue] }).unwrap();
    assert_eq!(again.events.len(), 0, "what is there stays");
    let end = finish(&company);
    let another = FinishMigration { started_at: company.now, ..end.clone() };
    assert_eq!(company.run_as_system(another).unwrap().events.len(), 0, "one that began at another time");
    assert_eq!(company.run_as_system(end.clone()).unwrap().names(), ["workflow.migrated"]);
    assert_eq!(company.run_as_system(end).unwrap().events.len(), 0);
    assert!(matches!(done.events[0].body, Some(EventBody::IssueUpdated { .. })));
}

#[test]
fn an_issue_that_is_closed_by_being_moved_gets_a_resolution_and_one_that_is_opened_loses_it() {
    let mut company = premium();
    let [to_close, to_open] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    let closed = Some(company.state("Closed"));
    company.update(to_open, IssuePatch { state: closed, ..IssuePatch::default() }).unwrap();
    publish(&mut company, content());
    migrate(&mut company, &[("closed", "testing"), ("open", "closed")], &[to_close, to_open]);
    let row = company.issue(to_close);
    assert_eq!((row.category, row.resolution), (StateCategory::Completed, Some(Resolution::Done)));
    let row = company.issue(to_open);
    assert_eq!((row.category, row.resolution, row.completed_at), (StateCategory::Started, None, None));
}

#[test]
fn one_thing_at_a_time_is_moved_and_nothing_is_published_meanwhile() {
    let mut company = premium();
    let issue = company.create(company.uli, "Any");
    publish(&mut company, content());
    let (ada, workflow) = (company.ada, company.workflow);
    let start = || StartMigration { workflow, if_version: None, map: Vec::new(), strays: some(1) };
    company.run(ada, start()).unwrap();
    assert_eq!(company.run(ada, start()).unwrap_err().code(), ErrorCode::Conflict);
    let mut renamed = content();
    renamed.states[0].name = "Waiting".into();
    save(&mut company, renamed).unwrap();
    let publish = PublishWorkflow { workflow, if_version: None };
    assert_eq!(company.run(ada, publish).unwrap_err().code(), ErrorCode::Conflict);
    // An issue that the workflow is no longer for stays where it is.
    let own = made(&company.run(ada, CreateWorkflow::named("Other")).unwrap());
    company.run(ada, UpdateTeam { workflow: Some(own), ..UpdateTeam::of(company.team) }).unwrap();
    let done = company.run_as_system(MigrateIssues { workflow, issues: vec![issue] }).unwrap();
    assert_eq!(done.events.len(), 0);
}

#[test]
fn what_is_called_off_leaves_the_issues_where_they_are_and_the_way_free() {
    let mut company = premium();
    let [moved, stays] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    publish(&mut company, content());
    let (ada, workflow) = (company.ada, company.workflow);
    let start = || StartMigration { workflow, if_version: None, map: Vec::new(), strays: some(2) };
    company.run(ada, start()).unwrap();
    company.run_as_system(MigrateIssues { workflow, issues: vec![moved] }).unwrap();
    let cancel = |if_version| CancelMigration { workflow, if_version };
    let by_uli = company.run(company.uli, cancel(None)).unwrap_err();
    assert_eq!(by_uli.code(), ErrorCode::Forbidden);
    assert_eq!(company.run(ada, cancel(Some(1))).unwrap_err().code(), ErrorCode::Conflict);
    let ended = company.run(company.sue, cancel(None)).unwrap();
    assert_eq!(ended.names(), ["workflow.migration_canceled"]);
    assert_eq!(ended.events[0].actor.member(), Some(company.sue), "who called it off, not who began it");
    assert_eq!(company.run(ada, cancel(None)).unwrap().events.len(), 0);
    let late = company.run_as_system(MigrateIssues { workflow, issues: vec![stays] }).unwrap();
    assert_eq!(late.events.len(), 0, "a batch that was on its way moves nothing");
    assert!(company.issue(moved).workflow_version.is_some());
    assert_eq!(company.issue(stays).workflow_version, None);
    company.run(ada, start()).unwrap();
}

#[test]
fn a_map_speaks_of_states_that_are_there_each_once() {
    let mut company = premium();
    publish(&mut company, content());
    let (open, review) = (keyed(&company, "open"), keyed(&company, "in_review"));
    let cases = [
        (vec![(StateId::generate(), open)], ErrorCode::NotFound, "stateMap[0].from"),
        (vec![(review, review)], ErrorCode::InvalidInput, "stateMap[0].to"),
        (vec![(review, open), (review, open)], ErrorCode::InvalidInput, "stateMap[1].from"),
    ];
    for (map, code, field) in cases {
        let map = map.into_iter().map(|(from, to)| StateMapping { from, to }).collect();
        let start = StartMigration { workflow: company.workflow, if_version: None, map, strays: some(1) };
        assert_eq!(why(&company.run(company.ada, start).unwrap_err()), (code, Some(field)));
    }
    let nobody =
        StartMigration { workflow: company.workflow, if_version: None, map: Vec::new(), strays: some(0) };
    assert_eq!(company.run(company.ada, nobody).unwrap().events.len(), 0, "nothing to move, nothing said");
}

#[test]
fn a_map_leaves_no_issue_behind_in_a_state_that_is_gone() {
    let mut company = premium();
    publish(&mut company, content());
    let (review, testing) = (keyed(&company, "in_review"), keyed(&company, "testing"));
    let strays = StrayCounts { total: 9, missing: vec![(review, 7)] };
    let start =
        |map| StartMigration { workflow: company.workflow, if_version: None, map, strays: strays.clone() };
    let (lost, mapped) = (start(Vec::new()), start(vec![StateMapping { from: review, to: testing }]));
    let error = company.run(company.ada, lost).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("stateMap")));
    assert!(error.message().starts_with("7 issues are in `In Review`"), "{error}");
    company.run(company.ada, mapped).unwrap();
}

#[test]
fn deleted_issues_are_moved_too_and_come_back_in_a_state_that_is_there() {
    let mut company = premium();
    let issue = company.create(company.uli, "Any");
    let review = Some(company.state("In Review"));
    company.update(issue, IssuePatch { state: review, ..IssuePatch::default() }).unwrap();
    company.run(company.ada, DeleteIssue { issue: issue.into(), if_version: None }).unwrap();
    publish(&mut company, content());
    migrate(&mut company, &[("in_review", "testing")], &[issue]);
    let restore = crate::command::issue::RestoreIssue { issue: issue.into() };
    company.run(company.ada, restore).unwrap();
    assert_eq!(company.issue(issue).state, keyed(&company, "testing"));
}
