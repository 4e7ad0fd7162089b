//! How issues stand to each other: stored once, seen from both ends, never in a circle.

use super::why;
use super::world::{Company, Done};
use crate::command::issue::{
    CreateRelation, DeleteIssue, DeleteRelation, IssuePatch, RestoreIssue, UpdateIssue,
};
use crate::command::team::{CreateTeam, UpdateTeam};
use crate::command::workflow::UpdateWorkflow;
use crate::error::{ErrorCode, Result};
use crate::event::{EventBody, IssueChange, Subject};
use crate::filter::Link;
use crate::id::IssueId;
use crate::model::RelationKind::{Blocks, Duplicates, Precedes, Relates};
use crate::model::{Relation, RelationKind, Resolution, StateCategory, WorkflowMode};
use proptest::prelude::*;

fn seen(kind: RelationKind) -> Link {
    Link { kind, reversed: false }
}

fn from_behind(kind: RelationKind) -> Link {
    Link { kind, reversed: true }
}

fn relation(issue: IssueId, link: Link, other: IssueId) -> CreateRelation {
    CreateRelation { issue: issue.into(), link, other: other.into(), if_version: None, close: false }
}

fn relate(company: &mut Company, issue: IssueId, link: Link, other: IssueId) -> Result<Done> {
    company.run(company.uli, relation(issue, link, other))
}

fn part(company: &mut Company, issue: IssueId, link: Link, other: IssueId) -> Result<Done> {
    company.run(company.uli, DeleteRelation { issue: issue.into(), link, other: other.into() })
}

/// A company with so many issues, in order of id.
fn with_issues<const N: usize>() -> (Company, [IssueId; N]) {
    let mut company = Company::new();
    let issues = std::array::from_fn(|_| company.create(company.uli, "Any"));
    (company, issues)
}

#[test]
fn a_relation_is_stored_once_from_whichever_end_it_is_said() {
    let (mut company, [a, b]) = with_issues();
    relate(&mut company, a, seen(Blocks), b).unwrap();
    let again = relate(&mut company, b, from_behind(Blocks), a).unwrap();
    assert_eq!((again.events.len(), again.subjects), (0, vec![Subject::Issue(b), Subject::Issue(a)]));
    assert_eq!(company.issue(a).relations, [Relation { kind: Blocks, to: b }]);
    assert_eq!(company.issue(b).relations, []);
    let back = part(&mut company, b, from_behind(Blocks), a).unwrap();
    assert_eq!((back.events.len(), company.issue(a).relations.len()), (2, 0));
}

#[test]
fn relating_has_no_direction() {
    let (mut company, [a, b, c]) = with_issues();
    let (first, second) = (a.min(b), a.max(b));
    for (issue, link, other) in [(second, seen(Relates), first), (first, from_behind(Relates), second)] {
        relate(&mut company, issue, link, other).unwrap();
        assert_eq!(company.issue(first).relations, [Relation { kind: Relates, to: second }]);
    }
    relate(&mut company, a, seen(Relates), c).unwrap();
    relate(&mut company, b, seen(Relates), c).unwrap();
    part(&mut company, second, from_behind(Relates), first).unwrap();
    assert!(!company.issue(first).relations.contains(&Relation { kind: Relates, to: second }));
}

#[test]
fn both_issues_have_it_in_their_history() {
    let (mut company, [a, b]) = with_issues();
    let versions = [company.issue(a).version, company.issue(b).version];
    let done = relate(&mut company, b, from_behind(Blocks), a).unwrap();
    assert_eq!(done.names(), ["issue.related", "issue.related"]);
    assert_eq!([company.issue(a).version, company.issue(b).version], versions.map(|version| version + 1));
    part(&mut company, a, seen(Blocks), b).unwrap();
    let told = |event: &crate::event::Event| match &event.body {
        Some(EventBody::IssueUpdated { changes }) => changes.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(done.events[0].subject, Subject::Issue(a));
    assert!(matches!(told(&done.events[0]).as_slice(), [IssueChange::Relations(c)] if c.to.len() == 1));
    assert_eq!(done.events[1].subject, Subject::Issue(b));
    assert_eq!(told(&done.events[1]), [IssueChange::Referenced { by: a, kind: Blocks, added: true }]);
}

#[test]
fn an_issue_has_no_relation_to_itself() {
    let (mut company, [a]) = with_issues();
    for kind in RelationKind::ALL {
        let error = relate(&mut company, a, seen(*kind), a).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("relatedIssueId")));
    }
}

#[test]
fn blocking_and_preceding_make_no_circle() {
    let (mut company, [a, b, c]) = with_issues();
    for kind in [Blocks, Precedes] {
        relate(&mut company, a, seen(kind), b).unwrap();
        relate(&mut company, b, seen(kind), c).unwrap();
        for (issue, link, other) in [(b, seen(kind), a), (c, seen(kind), a), (a, from_behind(kind), c)] {
            let error = relate(&mut company, issue, link, other).unwrap_err();
            assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("relatedIssueId")));
        }
        relate(&mut company, a, seen(kind), c).unwrap();
    }
    let error = relate(&mut company, c, seen(Blocks), a).unwrap_err();
    let expected = "cannot say that ENG-3 blocks ENG-1: ENG-1 blocks ENG-3 already, itself or through others";
    assert_eq!(error.message(), expected);
}

#[test]
fn a_deleted_issue_still_closes_a_circle() {
    let (mut company, [a, b, c]) = with_issues();
    relate(&mut company, a, seen(Blocks), b).unwrap();
    relate(&mut company, b, seen(Blocks), c).unwrap();
    company.run(company.ada, DeleteIssue { issue: b.into(), if_version: None }).unwrap();
    let error = relate(&mut company, c, seen(Blocks), a).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    company.run(company.ada, RestoreIssue { issue: b.into() }).unwrap();
}

#[test]
fn a_deleted_issue_is_not_related_anew_and_its_relations_can_be_taken_back() {
    let (mut company, [a, b, c]) = with_issues();
    relate(&mut company, a, seen(Blocks), b).unwrap();
    company.run(company.ada, DeleteIssue { issue: b.into(), if_version: None }).unwrap();
    let error = relate(&mut company, c, seen(Blocks), b).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::NotFound, Some("relatedIssueId")));
    assert_eq!(relate(&mut company, b, seen(Blocks), c).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(company.issue(a).relations.len(), 1, "it is kept");
    part(&mut company, a, seen(Blocks), b).unwrap();
    assert_eq!(company.issue(a).relations, []);
}

#[test]
fn a_relation_that_is_not_there_cannot_be_taken_back() {
    let (mut company, [a, b]) = with_issues();
    relate(&mut company, a, seen(Blocks), b).unwrap();
    for (issue, link, other) in [(b, seen(Blocks), a), (a, seen(Precedes), b)] {
        let error = part(&mut company, issue, link, other).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::NotFound, Some("relatedIssueId")));
    }
    let error = part(&mut company, b, seen(Blocks), a).unwrap_err();
    assert_eq!(error.message(), "the relation `ENG-2 blocks ENG-1` was not found");
}

fn duplicate(company: &mut Company, issue: IssueId, of: IssueId) -> Result<Done> {
    company.run(company.uli, CreateRelation { close: true, ..relation(issue, seen(Duplicates), of) })
}

#[test]
fn a_duplicate_is_closed_in_the_same_change_and_stays_closed() {
    let (mut company, [a, b]) = with_issues();
    let done = duplicate(&mut company, a, b).unwrap();
    assert_eq!(done.names(), ["issue.updated", "issue.related"]);
    let row = company.issue(a);
    assert_eq!((row.category, row.resolution), (StateCategory::Completed, Some(Resolution::Duplicate)));
    assert_eq!(company.issue(b).category, StateCategory::Unstarted);
    part(&mut company, a, seen(Duplicates), b).unwrap();
    assert_eq!(company.issue(a).resolution, Some(Resolution::Duplicate));
}

#[test]
fn a_duplicate_goes_to_a_canceled_state_where_there_is_one() {
    let (mut company, [a, b]) = with_issues();
    let mut workflow = (**company.directory.workflow(company.workflow).unwrap()).clone();
    let canceled = crate::id::StateId::generate();
    workflow.states.push(crate::model::WorkflowState {
        id: canceled,
        name: "Dropped".into(),
        category: StateCategory::Canceled,
        color: "#8a8f98".into(),
        key: None,
        wip_limit: None,
    });
    company.directory.apply(crate::directory::DirectoryRow::Workflow(workflow.into()));
    duplicate(&mut company, a, b).unwrap();
    assert_eq!(
        (company.issue(a).state, company.issue(a).resolution),
        (canceled, Some(Resolution::Duplicate))
    );
}

#[test]
fn only_a_duplicate_is_closed_and_only_when_asked() {
    let (mut company, [a, b, c]) = with_issues();
    company.run(company.uli, CreateRelation { close: true, ..relation(a, seen(Blocks), b) }).unwrap();
    relate(&mut company, a, seen(Duplicates), b).unwrap();
    assert_eq!(company.issue(a).category, StateCategory::Unstarted);
    // Said from the other end, it is the other issue that is the duplicate.
    let said = CreateRelation { close: true, ..relation(b, from_behind(Duplicates), c) };
    company.run(company.uli, said).unwrap();
    assert_eq!(company.issue(c).resolution, Some(Resolution::Duplicate));
    assert_eq!(company.issue(b).resolution, None);
}

#[test]
fn a_closed_issue_that_turns_out_to_be_a_duplicate_stays_in_its_state() {
    let (mut company, [a, b]) = with_issues();
    let closed = company.state("Closed");
    company.update(a, IssuePatch { state: Some(closed), ..IssuePatch::default() }).unwrap();
    let closed_at = company.now;
    duplicate(&mut company, a, b).unwrap();
    let row = company.issue(a);
    assert_eq!((row.state, row.completed_at), (closed, Some(closed_at)));
    assert_eq!(row.resolution, Some(Resolution::Duplicate));
}

#[test]
fn a_duplicate_that_the_workflow_lets_not_close_is_refused_as_a_whole() {
    let (mut company, [a, b]) = with_issues();
    let mut workflow = (**company.directory.workflow(company.workflow).unwrap()).clone();
    let (open, closed) = (company.state("Open"), company.state("Closed"));
    workflow.transitions.retain(|step| (step.from, step.to) != (Some(open), closed));
    workflow.mode = WorkflowMode::Strict;
    company.directory.apply(crate::directory::DirectoryRow::Workflow(workflow.into()));
    let error = duplicate(&mut company, a, b).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Rejected, Some("close")));
    assert_eq!(company.issue(a).relations, []);
    relate(&mut company, a, seen(Duplicates), b).unwrap();
    let again = duplicate(&mut company, a, b).unwrap();
    assert_eq!(again.events.len(), 0, "a relation that is there stays as it is");
}

#[test]
fn an_issue_duplicates_one_other_and_never_itself_through_others() {
    let (mut company, [a, b, c]) = with_issues();
    relate(&mut company, a, seen(Duplicates), b).unwrap();
    let error = relate(&mut company, a, seen(Duplicates), c).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("relatedIssueId")));
    relate(&mut company, b, seen(Duplicates), c).unwrap();
    assert_eq!(relate(&mut company, c, seen(Duplicates), a).unwrap_err().code(), ErrorCode::InvalidInput);
    relate(&mut company, a, from_behind(Relates), c).unwrap();
}

#[test]
fn relations_are_counted_at_both_ends() {
    let (mut company, [a, b, c, d]) = with_issues();
    company.limits.relations_max = 2;
    relate(&mut company, a, seen(Blocks), b).unwrap();
    relate(&mut company, c, seen(Precedes), a).unwrap();
    for (issue, other) in [(a, d), (d, a)] {
        let error = relate(&mut company, issue, seen(Relates), other).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("relatedIssueId")));
        assert_eq!(error.message(), "ENG-1 has 2 relations, and an issue has no more");
    }
    relate(&mut company, b, seen(Relates), d).unwrap();
}

#[test]
fn a_search_for_circles_has_an_end() {
    let (mut company, [a, b, c, d, e]) = with_issues();
    for (issue, other) in [(a, b), (b, c), (c, d)] {
        relate(&mut company, issue, seen(Blocks), other).unwrap();
    }
    company.limits.relation_steps_max = 1;
    let error = relate(&mut company, d, seen(Blocks), a).unwrap_err();
    assert!(error.message().starts_with("more than 1 relations follow behind ENG-1"), "{error}");
    // Nothing leads to it, so nothing need be followed.
    relate(&mut company, e, seen(Blocks), a).unwrap();
}

#[test]
fn whoever_may_change_both_issues_relates_them() {
    let (mut company, [a, b]) = with_issues();
    company.run(company.ute, relation(a, seen(Blocks), b)).unwrap();
    let team = CreateTeam {
        id: None,
        key: "OPS".into(),
        name: "Ops".into(),
        description: None,
        workflow: None,
        private: false,
    };
    company.run(company.ada, team).unwrap();
    let ops = company.directory.team_by_key("OPS").unwrap().id;
    let create = crate::command::issue::CreateIssue {
        title: "Old".into(),
        ..crate::command::issue::CreateIssue::in_team(ops)
    };
    let old = company.run(company.uli, create).unwrap().issue();
    let archive = UpdateTeam { archived: Some(true), ..UpdateTeam::of(ops) };
    company.run(company.ada, archive).unwrap();
    for (issue, other) in [(a, old), (old, a)] {
        assert_eq!(relate(&mut company, issue, seen(Blocks), other).unwrap_err().code(), ErrorCode::Rejected);
    }
}

#[test]
fn a_relation_is_not_said_of_an_issue_that_has_changed_meanwhile() {
    let (mut company, [a, b]) = with_issues();
    let stale = CreateRelation { if_version: Some(7), ..relation(a, seen(Blocks), b) };
    let error = company.run(company.uli, stale).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("ifVersion")));
    company.run(company.uli, CreateRelation { if_version: Some(1), ..relation(a, seen(Blocks), b) }).unwrap();
}

#[test]
fn a_workflow_that_was_made_strict_keeps_relations_as_they_are() {
    let (mut company, [a, b]) = with_issues();
    duplicate(&mut company, a, b).unwrap();
    let strict = UpdateWorkflow {
        workflow: company.workflow,
        if_version: None,
        name: None,
        mode: Some(WorkflowMode::Strict),
    };
    company.run(company.ada, strict).unwrap();
    company.run(company.uli, UpdateIssue::new(a.into(), IssuePatch::default())).unwrap();
    part(&mut company, b, from_behind(Duplicates), a).unwrap();
}

/// One step of a random life of issues.
#[derive(Debug, Clone)]
enum Step {
    Relate(usize, Link, usize, bool),
    Part(usize, Link, usize),
    Delete(usize),
    Restore(usize),
}

const ISSUES: usize = 6;

fn step() -> impl Strategy<Value = Step> {
    let issue = || 0..ISSUES;
    let link = || {
        (prop::sample::select(RelationKind::ALL), any::<bool>())
            .prop_map(|(kind, reversed)| Link { kind, reversed })
    };
    prop_oneof![
        6 => (issue(), link(), issue(), any::<bool>()).prop_map(|(a, link, b, close)| Step::Relate(a, link, b, close)),
        2 => (issue(), link(), issue()).prop_map(|(a, link, b)| Step::Part(a, link, b)),
        1 => issue().prop_map(Step::Delete),
        1 => issue().prop_map(Step::Restore),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The company checks itself after each step; here is checked that what is refused had to be.
    #[test]
    fn no_series_of_relations_makes_a_circle_and_none_is_refused_without_need(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let (mut company, issues) = with_issues::<ISSUES>();
        for step in steps {
            match step {
                Step::Relate(a, link, b, close) => {
                    let (a, b) = (issues[a], issues[b]);
                    let gone = [a, b].iter().any(|id| company.issue(*id).deleted_at.is_some());
                    let (from, to) = if link.reversed { (b, a) } else { (a, b) };
                    let stored = (from.min(to), Relation { kind: Relates, to: from.max(to) });
                    let (from, wanted) =
                        if link.kind == Relates { stored } else { (from, Relation { kind: link.kind, to }) };
                    let there = company.issue(from).relations.contains(&wanted);
                    let circle = link.kind != Relates && company.behind(to, link.kind).contains(&from);
                    let another = link.kind == Duplicates
                        && company.issue(from).relations.iter().any(|r| r.kind == Duplicates);
                    let fits = !gone && a != b && (there || !(circle || another));
                    let done = company.run(company.ada, CreateRelation { close, ..relation(a, link, b) });
                    prop_assert_eq!(done.is_ok(), fits, "{:?}", done);
                    prop_assert_eq!(fits && !there, done.is_ok_and(|done| !done.events.is_empty()));
                }
                Step::Part(a, link, b) => {
                    let part = DeleteRelation { issue: issues[a].into(), link, other: issues[b].into() };
                    let _ = company.run(company.ada, part);
                }
                Step::Delete(a) => {
                    let _ = company.run(company.ada, DeleteIssue { issue: issues[a].into(), if_version: None });
                }
                Step::Restore(a) => {
                    company.run(company.ada, RestoreIssue { issue: issues[a].into() }).unwrap();
                }
            }
        }
    }
}
