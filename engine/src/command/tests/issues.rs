//! Numbers, parents, assignees, labels; deleting and restoring.

use super::why;
use super::world::Company;
use crate::command::IssueRef;
use crate::command::issue::{CreateIssue, DeleteIssue, IssuePatch, RestoreIssue, UpdateIssue, UpdateIssues};
use crate::command::label::{CreateLabel, DeleteLabel};
use crate::command::member::UpdateMember;
use crate::command::team::{CreateTeam, UpdateTeam};
use crate::error::ErrorCode;
use crate::event::Subject;
use crate::id::{IssueId, LabelId, MemberId};
use crate::model::MemberStatus;

fn under(parent: IssueId) -> IssuePatch {
    IssuePatch { parent: Some(Some(parent.into())), ..IssuePatch::default() }
}

#[test]
fn numbers_are_dense_and_a_deleted_issue_keeps_its_own() {
    let mut company = Company::new();
    let numbers: Vec<u32> = (0..3)
        .map(|_| {
            let id = company.create(company.uli, "Any");
            company.run(company.uli, DeleteIssue { issue: id.into(), if_version: None }).unwrap();
            company.issue(id).number
        })
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn an_issue_is_never_a_part_of_itself_or_of_its_own_parts() {
    let mut company = Company::new();
    let [a, b, c] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    company.update(b, under(a)).unwrap();
    company.update(c, under(b)).unwrap();
    for parent in [a, b, c] {
        let error = company.update(a, under(parent)).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("parentId")));
    }
}

#[test]
fn issues_nest_as_deep_as_the_limit_and_no_deeper() {
    let mut company = Company::new();
    let mut above = company.create(company.uli, "Level 1");
    for _ in 1..company.limits.parent_depth_max {
        let below = company.create(company.uli, "Another level");
        company.update(below, under(above)).unwrap();
        above = below;
    }
    let below = company.create(company.uli, "One too many");
    let error = company.update(below, under(above)).unwrap_err();
    assert_eq!(error.message(), "issues nest at most 8 levels deep");
}

#[test]
fn an_issue_with_parts_does_not_slip_below_the_limit() {
    let mut company = Company::new();
    let [top, middle, whole, part] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    company.limits.parent_depth_max = 3;
    company.update(middle, under(top)).unwrap();
    company.update(part, under(whole)).unwrap();
    let error = company.update(whole, under(middle)).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("parentId")));
    company.update(whole, under(top)).unwrap();
}

#[test]
fn a_deleted_issue_is_no_parent() {
    let mut company = Company::new();
    let [a, b] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    company.run(company.uli, DeleteIssue { issue: a.into(), if_version: None }).unwrap();
    assert_eq!(why(&company.update(b, under(a)).unwrap_err()), (ErrorCode::NotFound, Some("parentId")));
}

#[test]
fn only_active_members_are_given_work_and_those_who_have_it_keep_it() {
    let mut company = Company::new();
    let assign =
        |members: &[MemberId]| IssuePatch { assignees: Some(members.to_vec()), ..IssuePatch::default() };
    let issue = company.create(company.uli, "Any");
    company.update(issue, assign(&[company.ute, company.uli, company.ute])).unwrap();
    assert_eq!(company.issue(issue).assignees, [company.ute, company.uli], "each once, in the given order");

    let status = Some(MemberStatus::Suspended);
    let suspend = UpdateMember {
        member: company.ute,
        if_version: None,
        name: None,
        role: None,
        status,
        locale: None,
        time_zone: None,
    };
    company.run(company.sue, suspend).unwrap();
    company.update(issue, assign(&[company.uli, company.ute])).unwrap();
    let other = company.create(company.uli, "Another");
    for stranger in [company.ute, MemberId::generate()] {
        let error = company.update(other, assign(&[stranger])).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::NotFound, Some("assigneeIds")));
    }
}

#[test]
fn a_label_of_another_team_or_a_deleted_one_does_not_fit() {
    let mut company = Company::new();
    let team = CreateTeam {
        id: None,
        key: "ops".into(),
        name: "Ops".into(),
        description: None,
        workflow: None,
        private: false,
    };
    company.run(company.ada, team).unwrap();
    let ops = company.directory.team_by_key("OPS").unwrap().id;
    let [foreign, gone] = [Some(ops), None].map(|team| {
        let id = LabelId::generate();
        let name = format!("label {id}");
        let label = CreateLabel { id: Some(id), name, color: None, description: None, team };
        company.run(company.ada, label).unwrap();
        id
    });
    let labelled = |label| IssuePatch { added_labels: vec![label], ..IssuePatch::default() };
    let [kept, issue] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    company.update(kept, labelled(gone)).unwrap();
    company.run(company.ada, DeleteLabel { label: gone }).unwrap();

    for label in [foreign, gone, LabelId::generate()] {
        let error = company.update(issue, labelled(label)).unwrap_err();
        assert_eq!(why(&error), (ErrorCode::NotFound, Some("labelIds")));
    }
    assert_eq!(company.issue(kept).labels, [gone], "issues keep a label that is deleted");
}

#[test]
fn what_is_added_is_there_even_when_the_whole_list_is_said_too() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    company
        .update(issue, IssuePatch { assignees: Some(vec![company.ute]), ..IssuePatch::default() })
        .unwrap();
    let patch = IssuePatch {
        assignees: Some(vec![company.uli]),
        added_assignees: vec![company.ute],
        ..IssuePatch::default()
    };
    company.update(issue, patch).unwrap();
    assert_eq!(company.issue(issue).assignees, [company.uli, company.ute]);
}

#[test]
fn an_update_that_changes_nothing_writes_nothing_and_still_answers() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Same");
    let before = company.issue(issue).clone();
    let patch = IssuePatch { title: Some(" Same ".into()), archived: Some(false), ..IssuePatch::default() };
    let done = company.update(issue, patch).unwrap();
    assert_eq!((done.subjects, done.events.len()), (vec![Subject::Issue(issue)], 0));
    assert_eq!(*company.issue(issue), before);
}

#[test]
fn a_change_of_what_has_changed_meanwhile_is_a_conflict() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let patch = || IssuePatch { title: Some("Another".into()), ..IssuePatch::default() };
    let update = UpdateIssue { if_version: Some(1), ..UpdateIssue::new(IssueRef::Id(issue), patch()) };
    company.run(company.uli, update.clone()).unwrap();
    let error = company.run(company.ute, update).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Conflict, Some("ifVersion")));
}

#[test]
fn the_issues_of_an_archived_team_can_be_read_only() {
    let mut company = Company::new();
    let [issue, gone] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    company.run(company.ada, DeleteIssue { issue: gone.into(), if_version: None }).unwrap();
    let archive = UpdateTeam { archived: Some(true), ..UpdateTeam::of(company.team) };
    company.run(company.ada, archive).unwrap();
    let patch = IssuePatch { title: Some("Another".into()), ..IssuePatch::default() };
    let refusals = [
        company.run(company.ada, CreateIssue { title: "New".into(), ..CreateIssue::in_team(company.team) }),
        company.update(issue, patch),
        company.run(company.ada, DeleteIssue { issue: issue.into(), if_version: None }),
        company.run(company.ada, RestoreIssue { issue: gone.into() }),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap_err().code(), ErrorCode::Rejected);
    }
}

#[test]
fn a_bulk_change_is_all_or_nothing_when_asked_and_says_what_failed_otherwise() {
    let mut company = Company::new();
    let issue = company.create(company.uli, "Any");
    let stranger = IssueId::generate();
    let bulk = |atomic| UpdateIssues {
        issues: vec![issue.into(), stranger.into(), issue.into()],
        patch: IssuePatch { estimate: Some(Some(3)), ..IssuePatch::default() },
        atomic,
        request_size: 3,
        first_index: 0,
    };
    let error = company.run(company.uli, bulk(true)).unwrap_err();
    assert!(error.message().starts_with("item 1: "), "{error}");
    assert_eq!(company.issue(issue).estimate, None);

    let done = company.run(company.uli, bulk(false)).unwrap();
    let refused: Vec<_> = done.errors.iter().map(|e| (e.error_code(), e.index)).collect();
    assert_eq!(refused, [(ErrorCode::NotFound, Some(1)), (ErrorCode::InvalidInput, Some(2))]);
    assert_eq!((company.issue(issue).estimate, done.names()), (Some(3), vec!["issue.estimated"]));
}
