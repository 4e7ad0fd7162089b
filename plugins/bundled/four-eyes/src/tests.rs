//! Who may pass what.

use crate::Plugin;
use mortise_sdk::fake::{self, state};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

fn review() -> StateRef {
    state("in_review", Category::Started)
}

fn done() -> StateRef {
    state("done", Category::Completed)
}

/// A host whose history says that these issues were submitted by whoever asks.
fn host(settings: Json, submitted: &'static [&'static str]) -> fake::Host {
    let states = vec![state("doing", Category::Started), review(), done()];
    let qa = Team { id: "team_qa".to_owned(), ..fake::team("QA", Vec::new()) };
    fake::Host::new().settings(settings).team(fake::team("ENG", states)).team(qa).finding(
        move |filter, issue| {
            // As the query language would: by the id that is asked for, and by the history.
            filter.contains(&issue.key) && submitted.contains(&issue.key.as_str())
        },
    )
}

fn call(who: &str, teams: &[&str]) -> Call {
    let mut call = fake::call();
    call.actor.id = format!("usr_{who}");
    call.actor.teams = teams.iter().map(|team| (*team).to_owned()).collect();
    call
}

fn anas() -> Issue {
    Issue {
        assignees: vec!["usr_ana".to_owned()],
        creator: "usr_cy".to_owned(),
        state: review(),
        ..fake::issue("ENG-1")
    }
}

fn passes(call: &Call, issue: &Issue, changes: Vec<Change>) -> Verdict {
    let proposal = Proposal::Transition(Transition { from: issue.state.clone(), to: done(), changes });
    Plugin::validate(call, &Issue { state: done(), ..issue.clone() }, &proposal).unwrap()
}

fn may(call: &Call, issue: &Issue) -> bool {
    !passes(call, issue, Vec::new()).is_denial()
}

#[test]
fn whoever_is_assigned_does_not_pass_it() {
    let host = host(json!({}), &[]).issue(anas()).install();
    assert!(!may(&call("ana", &[]), &anas()));
    assert!(may(&call("bo", &[]), &anas()));
    assert!(may(&call("cy", &[]), &anas()), "the creator counts only where settings say so");
    let Verdict::Deny(denial) = passes(&call("ana", &[]), &anas(), Vec::new()) else { panic!("passed") };
    assert!(denial.message.contains("ask somebody else") && denial.fields[0].key == "state", "{denial:?}");
    assert!(host.commands().is_empty());
}

#[test]
fn letting_go_of_it_in_the_same_step_does_not_help() {
    let _host = host(json!({}), &[]).install();
    let let_go = Change {
        key: "assignees".to_owned(),
        before: Some(Value::References(vec!["usr_ana".to_owned()])),
        after: Some(Value::References(Vec::new())),
    };
    let free = Issue { assignees: Vec::new(), ..anas() };
    assert!(passes(&call("ana", &[]), &free, vec![let_go.clone()]).is_denial());
    assert!(!passes(&call("bo", &[]), &free, vec![let_go]).is_denial());
}

#[test]
fn whoever_submitted_it_does_not_pass_it() {
    let free = Issue { assignees: Vec::new(), ..anas() };
    let host = host(json!({}), &["ENG-1"]).issue(free.clone()).install();
    assert!(!may(&call("ana", &[]), &free));
    assert_eq!(host.queries(), ["id:ENG-1 (changed:(state to:in_review by:usr_ana))"]);
}

#[test]
fn the_past_counts_only_if_it_is_asked_for() {
    let free = Issue { assignees: Vec::new(), ..anas() };
    let ask = |workers: Json| {
        let host = host(json!({ "workers": workers }), &["ENG-1"]).issue(free.clone()).install();
        (may(&call("ana", &[]), &free), host.queries())
    };
    assert_eq!(ask(json!(["assignees"])), (true, Vec::new()));
    assert_eq!(
        ask(json!(["past-assignees", "submitter"])),
        (
            false,
            vec!["id:ENG-1 (was:(assignee=usr_ana) OR changed:(state to:in_review by:usr_ana))".to_owned()]
        )
    );
    assert_eq!(ask(json!(["creator"])), (true, Vec::new()));
}

#[test]
fn only_members_of_certain_teams_or_roles_may() {
    let settings = json!({ "approver-teams": ["QA", "GONE"], "approver-roles": ["ADMIN"] });
    let _host = host(settings, &[]).issue(anas()).install();
    assert!(!may(&call("bo", &["team_eng"]), &anas()));
    assert!(may(&call("bo", &["team_qa"]), &anas()));
    assert!(!may(&call("ana", &["team_qa"]), &anas()), "a member of the team who did the work");
    let mut admin = call("bo", &[]);
    admin.actor.role = "ADMIN".to_owned();
    assert!(may(&admin, &anas()));
}

#[test]
fn what_no_person_does_is_not_asked() {
    let _host = host(json!({}), &[]).install();
    let by = |kind: ActorKind| {
        let mut call = call("ana", &[]);
        call.actor.kind = kind;
        may(&call, &anas())
    };
    assert!(by(ActorKind::Importer) && by(ActorKind::System) && by(ActorKind::Operator));
    assert!(!by(ActorKind::Plugin) && !by(ActorKind::ApiKey) && !by(ActorKind::Unknown));
    let _host = host(json!({ "plugins-pass": true }), &[]).install();
    assert!(by(ActorKind::Plugin));
}

#[test]
fn other_issues_and_other_moves_are_free() {
    let settings = json!({ "only": { "kinds": ["bug"] } });
    let _host = host(settings, &[]).issue(anas()).install();
    assert!(may(&call("ana", &[]), &anas()));
    assert!(!may(&call("ana", &[]), &Issue { kind: Kind::Bug, ..anas() }));
    let closed = Issue { kind: Kind::Bug, state: state("released", Category::Completed), ..anas() };
    assert!(may(&call("ana", &[]), &closed), "it was passed before");
}

#[test]
fn nobody_makes_an_issue_that_is_done_by_themselves() {
    let _host = host(json!({}), &[]).install();
    let made = Issue { state: done(), id: String::new(), key: String::new(), ..anas() };
    assert!(Plugin::validate(&call("ana", &[]), &made, &Proposal::Create).unwrap().is_denial());
    assert!(!Plugin::validate(&call("bo", &[]), &made, &Proposal::Create).unwrap().is_denial());
}

#[test]
fn a_board_is_looked_up_in_one_question() {
    let free = |key: &str| Issue { assignees: Vec::new(), state: review(), ..fake::issue(key) };
    let issues = [anas(), free("ENG-2"), free("ENG-3"), Issue { state: done(), ..free("ENG-4") }];
    let host = host(json!({}), &["ENG-2"]).issues(issues.clone()).install();
    let candidates = vec![vec![state("doing", Category::Started), done()]; 4];
    let next = Plugin::next_states(&call("ana", &[]), &issues, &candidates).unwrap();
    let open: Vec<Vec<bool>> =
        next.iter().map(|states| states.iter().map(|state| state.enabled).collect()).collect();
    assert_eq!(open, [[true, false], [true, false], [true, true], [true, true]]);
    assert_eq!(host.queries().len(), 1);
}
