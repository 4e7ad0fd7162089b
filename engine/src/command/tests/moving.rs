//! Rules of moves: what guards refuse, what effects bring about, and that no way to another state goes around them.

use super::why;
use super::workflows::{content, keyed, premium, publish, step};
use super::world::Company;
use crate::command::comment::CreateComment;
use crate::command::issue::{CreateIssue, CreateRelation, IssuePatch, UpdateIssue, UpdateIssues};
use crate::command::label::{CreateLabel, DeleteLabel};
use crate::command::member::RemoveMember;
use crate::command::team::{SetTeamMember, UpdateTeam};
use crate::error::ErrorCode;
use crate::filter::Link;
use crate::id::{IssueId, LabelId, MemberId};
use crate::model::{
    Assignee, Effect, Guard, Party, Priority, RelationKind, RequiredField, Resolution, Role, StateCategory,
    TeamRole,
};

/// A company whose moves to Testing take what is said and bring about what is said.
fn ruled(guards: Vec<Guard>, effects: Vec<Effect>) -> Company {
    let mut company = premium();
    publish_rules(&mut company, guards, effects);
    company
}

fn publish_rules(company: &mut Company, guards: Vec<Guard>, effects: Vec<Effect>) {
    let mut content = content();
    content.transitions[0].guards = guards;
    content.transitions[0].effects = effects;
    publish(company, content);
}

fn to_testing(company: &Company) -> IssuePatch {
    IssuePatch { state: Some(keyed(company, "testing")), ..IssuePatch::default() }
}

/// Moves an issue to Testing; why it was refused, in the words behind the colon.
#[track_caller]
fn refusal(company: &mut Company, who: MemberId, issue: IssueId) -> Option<String> {
    let patch = to_testing(company);
    match company.run(who, UpdateIssue::new(issue.into(), patch)) {
        Ok(_) => None,
        Err(error) => {
            assert_eq!(why(&error), (ErrorCode::Rejected, Some("stateId")), "{error}");
            Some(error.message().split_once(": ").unwrap().1.to_owned())
        }
    }
}

fn closed(company: &Company) -> IssuePatch {
    IssuePatch { state: Some(keyed(company, "closed")), ..IssuePatch::default() }
}

#[test]
fn a_role_guard_lets_its_roles_pass_and_no_others() {
    let mut company = ruled(vec![Guard::Role(vec![Role::Admin])], vec![]);
    let issue = company.create(company.uli, "Any");
    let (uli, sue, ada) = (company.uli, company.sue, company.ada);
    let why = Some("it takes one of the roles ADMIN".to_owned());
    assert_eq!(refusal(&mut company, uli, issue), why);
    assert_eq!(refusal(&mut company, sue, issue), why, "a role is a role, not the rights it has");
    assert_eq!(refusal(&mut company, ada, issue), None);
}

#[test]
fn an_actor_guard_asks_who_somebody_is_to_the_issue() {
    let mut company = ruled(vec![Guard::Actor(vec![Party::Assignee])], vec![]);
    let issue = company.create(company.uli, "Any");
    let (uli, ute) = (company.uli, company.ute);
    assert_eq!(refusal(&mut company, uli, issue).unwrap(), "only who works on it may do that");
    company.update(issue, IssuePatch { assignees: Some(vec![ute]), ..IssuePatch::default() }).unwrap();
    assert_eq!(refusal(&mut company, ute, issue), None);
    publish_rules(&mut company, vec![Guard::Actor(vec![Party::Creator])], vec![]);
    let own = company.create(company.uli, "Own");
    assert_eq!(refusal(&mut company, ute, own).unwrap(), "only who made it may do that");
    assert_eq!(refusal(&mut company, uli, own), None);
}

#[test]
fn the_embedding_program_is_nobody_to_an_issue() {
    let mut company = ruled(vec![Guard::Actor(vec![Party::Creator, Party::Assignee])], vec![]);
    let issue = company.create(company.uli, "Any");
    let patch = to_testing(&company);
    let error = company.run_as_system(UpdateIssue::new(issue.into(), patch)).unwrap_err();
    assert!(error.message().ends_with("only who works on it or made it may do that"), "{error}");
}

#[test]
fn fields_are_looked_at_as_the_same_change_leaves_them_and_all_that_lack_are_told() {
    let mut company = ruled(vec![Guard::Fields(RequiredField::ALL.to_vec())], vec![]);
    let issue = company.create(company.uli, "Any");
    let uli = company.uli;
    let told = refusal(&mut company, uli, issue).unwrap();
    assert_eq!(told.split("; ").count(), RequiredField::ALL.len(), "{told}");
    assert!(told.contains("it has no estimate") && told.contains("nobody works on it"), "{told}");
    let label = CreateLabel { id: None, name: "ui".into(), color: None, description: None, team: None };
    company.run(company.ada, label).unwrap();
    let label = company.directory.label_by_name(None, "ui").unwrap().id;
    let parent = company.create(company.uli, "Whole");
    let filled = IssuePatch {
        description: Some(Some("What to do".into())),
        priority: Some(Priority::Low),
        assignees: Some(vec![company.ute]),
        labels: Some(vec![label]),
        parent: Some(Some(parent.into())),
        estimate: Some(Some(3)),
        start_date: Some(Some("2026-02-01".parse().unwrap())),
        due_date: Some(Some("2026-03-01".parse().unwrap())),
        ..to_testing(&company)
    };
    company.update(issue, filled).unwrap();
    // And what is taken away in the change is not there.
    let second = company.create(company.uli, "Second");
    let emptied = IssuePatch { estimate: Some(None), ..to_testing(&company) };
    assert!(company.update(second, emptied).unwrap_err().message().contains("it has no estimate"));
}

#[test]
fn open_blockers_and_open_parts_stand_in_the_way_until_they_are_closed_or_deleted() {
    let mut company = ruled(vec![Guard::NoOpenBlockers, Guard::NoOpenChildren], vec![]);
    let [issue, blocker, other, part] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    for blocker in [blocker, other] {
        let relation = CreateRelation {
            issue: blocker.into(),
            link: Link { kind: RelationKind::Blocks, reversed: false },
            other: issue.into(),
            if_version: None,
            close: false,
        };
        company.run(company.uli, relation).unwrap();
    }
    company.update(part, IssuePatch { parent: Some(Some(issue.into())), ..IssuePatch::default() }).unwrap();
    let uli = company.uli;
    let told = refusal(&mut company, uli, issue).unwrap();
    assert_eq!(told, "2 blocking issues are open; 1 sub-issue is open");
    let done = closed(&company);
    company.update(blocker, done.clone()).unwrap();
    let delete = crate::command::issue::DeleteIssue { issue: other.into(), if_version: None };
    company.run(company.ada, delete).unwrap();
    assert_eq!(refusal(&mut company, uli, issue).unwrap(), "1 sub-issue is open");
    company.update(part, done).unwrap();
    assert_eq!(refusal(&mut company, uli, issue), None);
}

#[test]
fn an_issue_stays_in_its_state_for_as_long_as_it_takes() {
    let mut company = ruled(vec![Guard::TimeInState { at_least_ms: 60_000 }], vec![]);
    let issue = company.create(company.uli, "Any");
    let uli = company.uli;
    let told = refusal(&mut company, uli, issue).unwrap();
    assert_eq!(told, "it stays in its state for PT1M at least, PT59S more");
    company.wait_ms(57_999);
    assert!(refusal(&mut company, uli, issue).is_some());
    assert_eq!(refusal(&mut company, uli, issue), None);
}

#[test]
fn effects_join_the_change_that_moves_the_issue() {
    let mut company = premium();
    company.tenant.time_zone = Some("Pacific/Kiritimati".into());
    let label = |company: &mut Company, name: &str| -> LabelId {
        let create = CreateLabel { id: None, name: name.into(), color: None, description: None, team: None };
        company.run(company.ada, create).unwrap();
        company.directory.label_by_name(None, name).unwrap().id
    };
    let (added, removed) = (label(&mut company, "in test"), label(&mut company, "new"));
    let effects = vec![
        Effect::Priority(Priority::High),
        Effect::Estimate(Some(8)),
        Effect::DueIn(Some(7)),
        Effect::Assign(Assignee::Actor),
        Effect::AddLabel(added),
        Effect::RemoveLabel(removed),
        Effect::Comment("Tested by **me**".into()),
    ];
    publish_rules(&mut company, vec![], effects);
    let issue = company.create(company.uli, "Any");
    let labelled = IssuePatch { labels: Some(vec![removed]), ..IssuePatch::default() };
    company.update(issue, labelled).unwrap();
    // 11:00 at Greenwich is the next day already where the company is.
    company.now = "2026-02-10T11:00:00Z".parse().unwrap();
    let patch = IssuePatch { priority: Some(Priority::Low), ..to_testing(&company) };
    let done = company.update(issue, patch).unwrap();
    assert_eq!(done.names(), ["issue.updated", "comment.created"]);
    let row = company.issue(issue);
    assert_eq!((row.priority, row.estimate), (Priority::High, Some(8)), "effects come last");
    assert_eq!(row.due_date.unwrap().to_string(), "2026-02-18");
    assert_eq!((row.assignees.clone(), row.labels.clone()), (vec![company.uli], vec![added]));
    let comment = company.comment(done.comment());
    assert_eq!((comment.author, comment.body.as_str()), (company.uli, "Tested by **me**"));
    assert_eq!(row.comment_count, 1);
}

#[test]
fn what_an_effect_cannot_do_any_more_is_passed_over() {
    let mut company = premium();
    let create = CreateLabel { id: None, name: "old".into(), color: None, description: None, team: None };
    company.run(company.ada, create).unwrap();
    let label = company.directory.label_by_name(None, "old").unwrap().id;
    let ute = company.ute;
    let effects = vec![Effect::AddLabel(label), Effect::Assign(Assignee::Member(ute))];
    publish_rules(&mut company, vec![], effects);
    company.run(company.ada, DeleteLabel { label }).unwrap();
    company.run(company.sue, RemoveMember { member: ute }).unwrap();
    let issue = company.create(company.uli, "Any");
    let uli = company.uli;
    assert_eq!(refusal(&mut company, uli, issue), None);
    assert_eq!((company.issue(issue).labels.len(), company.issue(issue).assignees.len()), (0, 0));
}

#[test]
fn an_issue_that_is_full_moves_on_without_another_label_or_comment() {
    let mut company = premium();
    company.limits.labels_max = 1;
    company.limits.comments_per_issue_max = 1;
    let mut labels = Vec::new();
    for name in ["one", "two"] {
        let create = CreateLabel { id: None, name: name.into(), color: None, description: None, team: None };
        company.run(company.ada, create).unwrap();
        labels.push(company.directory.label_by_name(None, name).unwrap().id);
    }
    publish_rules(&mut company, vec![], vec![Effect::AddLabel(labels[1])]);
    let issue = company.create(company.uli, "Any");
    company.update(issue, IssuePatch { labels: Some(vec![labels[0]]), ..IssuePatch::default() }).unwrap();
    let uli = company.uli;
    assert_eq!(refusal(&mut company, uli, issue), None);
    assert_eq!(company.issue(issue).labels, [labels[0]]);
    publish_rules(&mut company, vec![], vec![Effect::Comment("Moved".into())]);
    let issue = company.create(company.uli, "Any");
    let comment = CreateComment { id: None, issue: issue.into(), body: "One".into(), parent: None };
    company.run(company.uli, comment).unwrap();
    assert_eq!(refusal(&mut company, uli, issue), None);
    let row = company.issue(issue);
    assert_eq!((row.category, row.comment_count), (StateCategory::Started, 1));
}

#[test]
fn an_effect_gives_nobody_work_in_a_private_team_that_they_do_not_belong_to() {
    let mut company = premium();
    let uli = company.uli;
    let outsider = Effect::Assign(Assignee::Member(company.ute));
    publish_rules(&mut company, vec![], vec![Effect::Assign(Assignee::Actor), outsider]);
    let (team, role) = (company.team, Some(TeamRole::Member));
    company.run(company.sue, SetTeamMember { team, member: uli, role, if_version: None }).unwrap();
    company.run(company.sue, UpdateTeam { private: Some(true), ..UpdateTeam::of(team) }).unwrap();
    let issue = company.create(uli, "Any");
    assert_eq!(refusal(&mut company, uli, issue), None);
    assert_eq!(company.issue(issue).assignees, [uli]);
}

#[test]
fn a_reason_counts_only_what_who_asks_may_see() {
    let mut company = ruled(vec![Guard::NoOpenBlockers, Guard::NoOpenChildren], vec![]);
    let (uli, ute) = (company.uli, company.ute);
    let [issue, seen, part] = std::array::from_fn(|_| company.create(uli, "Any"));
    let secrets: [IssueId; 2] = std::array::from_fn(|_| company.create(ute, "Secret"));
    for blocker in [seen, secrets[0], secrets[1]] {
        let relation = CreateRelation {
            issue: blocker.into(),
            link: Link { kind: RelationKind::Blocks, reversed: false },
            other: issue.into(),
            if_version: None,
            close: false,
        };
        company.run(ute, relation).unwrap();
    }
    let below = IssuePatch { parent: Some(Some(issue.into())), ..IssuePatch::default() };
    company.run(ute, UpdateIssue::new(part.into(), below)).unwrap();
    for secret in [secrets[0], secrets[1]] {
        let hide = IssuePatch { confidential: Some(true), ..IssuePatch::default() };
        company.run(ute, UpdateIssue::new(secret.into(), hide)).unwrap();
    }
    let told = refusal(&mut company, uli, issue).unwrap();
    assert_eq!(told, "1 blocking issue is open; 1 sub-issue is open");
    let told = refusal(&mut company, ute, issue).unwrap();
    assert_eq!(told, "3 blocking issues are open; 1 sub-issue is open");
    let done = closed(&company);
    company.update(seen, done.clone()).unwrap();
    company.update(part, done).unwrap();
    assert_eq!(refusal(&mut company, uli, issue).unwrap(), "it is blocked by what you may not see");
}

#[test]
fn bulk_moves_that_write_comments_are_few_at_once_or_none() {
    let mut company = ruled(vec![], vec![Effect::Comment("Moved".into())]);
    let issues: Vec<IssueId> = (0..17).map(|_| company.create(company.uli, "Any")).collect();
    let bulk = |company: &Company, number: usize| UpdateIssues {
        issues: issues[..number].iter().map(|id| (*id).into()).collect(),
        patch: to_testing(company),
        atomic: true,
        request_size: 0,
        first_index: 0,
    };
    let many = bulk(&company, 17);
    let error = company.run(company.uli, many).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::InvalidInput, Some("ids")));
    let few = bulk(&company, 16);
    company.run(company.uli, few).unwrap();
}

#[test]
fn guards_hold_in_an_open_workflow_for_the_moves_that_it_lists() {
    let mut company = ruled(vec![Guard::Role(vec![Role::Admin])], vec![]);
    let issue = company.create(company.uli, "Any");
    let uli = company.uli;
    assert!(refusal(&mut company, uli, issue).is_some());
    // Not listed from Open, so nothing is asked.
    let patch = closed(&company);
    company.update(issue, patch).unwrap();
}

#[test]
fn bulk_changes_pass_by_the_same_rules() {
    let mut company = ruled(vec![Guard::Fields(vec![RequiredField::Estimate])], vec![]);
    let [ready, bare] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    company.update(ready, IssuePatch { estimate: Some(Some(1)), ..IssuePatch::default() }).unwrap();
    let bulk = |company: &Company, atomic| UpdateIssues {
        issues: vec![ready.into(), bare.into()],
        patch: to_testing(company),
        atomic,
        request_size: 2,
        first_index: 0,
    };
    let all = bulk(&company, true);
    let error = company.run(company.uli, all).unwrap_err();
    assert_eq!((error.code(), error.item()), (ErrorCode::Rejected, Some(1)));
    let each = bulk(&company, false);
    let done = company.run(company.uli, each).unwrap();
    assert_eq!((done.errors.len(), done.errors[0].index), (1, Some(1)));
    assert_eq!(company.issue(ready).state, keyed(&company, "testing"));
    assert_eq!(company.issue(bare).state, keyed(&company, "open"));
}

#[test]
fn an_issue_cannot_be_made_behind_a_guard_and_effects_follow_when_it_can() {
    let effects = vec![Effect::Assign(Assignee::Creator), Effect::Comment("Begun".into())];
    let mut company = ruled(vec![Guard::Fields(vec![RequiredField::Description])], effects);
    let create = |company: &Company, description: Option<&str>| CreateIssue {
        title: "Any".into(),
        state: Some(keyed(company, "testing")),
        description: description.map(str::to_owned),
        ..CreateIssue::in_team(company.team)
    };
    let bare = create(&company, None);
    let error = company.run(company.uli, bare).unwrap_err();
    assert_eq!(error.message(), "cannot move ENG-1 to `testing`: it has no description");
    let whole = create(&company, Some("What to do"));
    let done = company.run(company.uli, whole).unwrap();
    assert_eq!(done.names(), ["issue.created", "issue.updated", "comment.created"]);
    let row = company.issue(done.issue());
    assert_eq!((row.state, row.assignees.clone()), (keyed(&company, "testing"), vec![company.uli]));
    assert_eq!((row.comment_count, row.started_at), (1, Some(company.now)));
    assert_eq!(row.past.states, [keyed(&company, "open")]);
}

#[test]
fn a_duplicate_is_closed_by_a_move_whose_rules_let_it_pass_and_else_not_at_all() {
    let mut company = premium();
    let mut guarded = content();
    guarded.transitions.push(step(Some("open"), "closed"));
    guarded.transitions[3].guards = vec![Guard::Fields(vec![RequiredField::Estimate])];
    publish(&mut company, guarded);
    let [a, b] = std::array::from_fn(|_| company.create(company.uli, "Any"));
    let duplicates = || CreateRelation {
        issue: a.into(),
        link: Link { kind: RelationKind::Duplicates, reversed: false },
        other: b.into(),
        if_version: None,
        close: true,
    };
    let error = company.run(company.uli, duplicates()).unwrap_err();
    assert_eq!(why(&error), (ErrorCode::Rejected, Some("close")));
    assert!(error.message().contains("as a duplicate: it has no estimate; move it first"), "{error}");
    company.update(a, IssuePatch { estimate: Some(Some(1)), ..IssuePatch::default() }).unwrap();
    company.run(company.uli, duplicates()).unwrap();
    assert_eq!(company.issue(a).resolution, Some(Resolution::Duplicate));
}
