//! What follows from closing and reopening, with a fake host that answers the questions as the query language would.

use crate::Plugin;
use mortise_sdk::fake::{self, Command, state};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

fn doing() -> StateRef {
    state("doing", Category::Started)
}

fn done() -> StateRef {
    state("done", Category::Completed)
}

fn dropped() -> StateRef {
    state("dropped", Category::Canceled)
}

fn issue(key: &str, state: StateRef, parent: Option<&str>) -> Issue {
    Issue { state, parent: parent.map(str::to_owned), ..fake::issue(key) }
}

fn host(settings: Json, issues: Vec<Issue>) -> fake::Installed {
    let team = fake::team("ENG", vec![state("todo", Category::Unstarted), doing(), done(), dropped()]);
    let host = fake::Host::new().settings(settings).team(team).issues(issues);
    host.finding(|filter, issue| {
        let parent = filter.split("id:").nth(1).and_then(|rest| rest.split(')').next());
        let is_open = !bundled_common::is_closed(issue.state.category);
        let wanted =
            if filter.contains("is:open") { is_open } else { issue.state.category == Category::Completed };
        issue.parent.as_deref() == parent && wanted
    })
    .install()
}

/// The event that an issue came from this state to the one it is in.
fn moved(issue: &Issue, from: &StateRef) -> Event {
    let change = Change {
        key: "state".to_owned(),
        before: Some(Value::Reference(from.id.clone())),
        after: Some(Value::Reference(issue.state.id.clone())),
    };
    fake::updated(issue.clone(), vec![change])
}

/// Moves that were staged, as `ENG-1 done`.
fn moves(host: &fake::Installed) -> Vec<String> {
    let moves = host.commands().into_iter().filter_map(|command| match command {
        Command::Transition { id, to } => Some(format!("{id} {to}")),
        _ => None,
    });
    moves.collect()
}

#[test]
fn the_last_child_closes_its_parent_and_says_why() {
    let (child, other) = (issue("ENG-2", done(), Some("ENG-1")), issue("ENG-3", dropped(), Some("ENG-1")));
    let host = host(json!({}), vec![issue("ENG-1", doing(), None), child.clone(), other]);
    Plugin::on_event(&fake::call(), moved(&child, &doing())).unwrap();
    let why = "Closed with its last sub-issue, ENG-2.".to_owned();
    let expected = [
        Command::AddComment { issue: "ENG-1".to_owned(), body: why },
        Command::Transition { id: "ENG-1".to_owned(), to: "done".to_owned() },
    ];
    assert_eq!(host.commands(), expected);
}

#[test]
fn a_chain_of_parents_is_closed_to_the_first_that_has_more_and_reopened() {
    let (task, story) = (issue("ENG-3", done(), Some("ENG-2")), issue("ENG-2", doing(), Some("ENG-1")));
    let epic = issue("ENG-1", doing(), Some("ENG-9"));
    let (top, other) = (issue("ENG-9", doing(), None), issue("ENG-8", doing(), Some("ENG-9")));
    let installed = host(json!({}), vec![task.clone(), story, epic, top, other]);
    Plugin::on_event(&fake::call(), moved(&task, &doing())).unwrap();
    assert_eq!(moves(&installed), ["ENG-2 done", "ENG-1 done"], "the top has another one that is open");
    drop(installed);
    let task = issue("ENG-3", doing(), Some("ENG-2"));
    let above = [issue("ENG-2", done(), Some("ENG-1")), issue("ENG-1", done(), None)];
    let installed = host(json!({}), [vec![task.clone()], above.to_vec()].concat());
    Plugin::on_event(&fake::call(), moved(&task, &done())).unwrap();
    assert_eq!(moves(&installed), ["ENG-2 doing", "ENG-1 doing"]);
}

#[test]
fn a_chain_of_which_all_was_canceled_is_left_or_canceled() {
    let (task, story) = (issue("ENG-3", dropped(), Some("ENG-2")), issue("ENG-2", doing(), Some("ENG-1")));
    let all = vec![task.clone(), story, issue("ENG-1", doing(), None)];
    let installed = host(json!({ "all-canceled": "cancel" }), all);
    Plugin::on_event(&fake::call(), moved(&task, &doing())).unwrap();
    assert_eq!(moves(&installed), ["ENG-2 dropped", "ENG-1 dropped"]);
}

#[test]
fn what_lies_below_the_children_of_a_canceled_parent_is_canceled_too() {
    let epic = issue("ENG-1", dropped(), None);
    let below = [issue("ENG-2", doing(), Some("ENG-1")), issue("ENG-3", doing(), Some("ENG-2"))];
    let installed = host(json!({}), [vec![epic.clone()], below.to_vec()].concat());
    Plugin::on_event(&fake::call(), moved(&epic, &doing())).unwrap();
    assert_eq!(moves(&installed), ["ENG-2 dropped", "ENG-3 dropped"]);
}

#[test]
fn a_parent_waits_for_all_its_children() {
    let (child, open) = (issue("ENG-2", done(), Some("ENG-1")), issue("ENG-3", doing(), Some("ENG-1")));
    let host = host(json!({}), vec![issue("ENG-1", doing(), None), child.clone(), open]);
    Plugin::on_event(&fake::call(), moved(&child, &doing())).unwrap();
    assert!(host.commands().is_empty());
}

#[test]
fn a_parent_whose_children_were_all_canceled_is_left_or_canceled() {
    let child = issue("ENG-2", dropped(), Some("ENG-1"));
    for (settings, expected) in
        [(json!({}), vec![]), (json!({ "all-canceled": "cancel" }), vec!["ENG-1 dropped"])]
    {
        let host = host(settings, vec![issue("ENG-1", doing(), None), child.clone()]);
        Plugin::on_event(&fake::call(), moved(&child, &doing())).unwrap();
        assert_eq!(moves(&host), expected);
    }
}

#[test]
fn canceling_a_parent_cancels_its_open_children() {
    let parent = issue("ENG-1", dropped(), None);
    let children = [issue("ENG-2", doing(), Some("ENG-1")), issue("ENG-3", done(), Some("ENG-1"))];
    let all = |settings: Json| {
        let host = host(settings, [vec![parent.clone()], children.to_vec()].concat());
        Plugin::on_event(&fake::call(), moved(&parent, &doing())).unwrap();
        moves(&host)
    };
    assert_eq!(all(json!({})), ["ENG-2 dropped"]);
    assert_eq!(all(json!({ "cancel-children": false })), [""; 0]);
}

#[test]
fn completing_a_parent_completes_its_children_only_if_asked_to() {
    let parent = issue("ENG-1", done(), None);
    let child = issue("ENG-2", doing(), Some("ENG-1"));
    for (settings, expected) in
        [(json!({}), vec![]), (json!({ "complete-children": true }), vec!["ENG-2 done"])]
    {
        let host = host(settings, vec![parent.clone(), child.clone()]);
        Plugin::on_event(&fake::call(), moved(&parent, &doing())).unwrap();
        assert_eq!(moves(&host), expected);
    }
}

#[test]
fn reopening_a_child_reopens_its_parent() {
    let child = issue("ENG-2", doing(), Some("ENG-1"));
    for (parent, settings, expected) in [
        (done(), json!({}), vec!["ENG-1 doing"]),
        (done(), json!({ "reopened-state": "todo", "comment": false }), vec!["ENG-1 todo"]),
        (done(), json!({ "reopened-state": "no such state" }), vec!["ENG-1 doing"]),
        (done(), json!({ "reopen-parent": "never" }), vec![]),
        (dropped(), json!({}), vec![]),
        (dropped(), json!({ "reopen-parent": "closed" }), vec!["ENG-1 doing"]),
        (doing(), json!({}), vec![]),
    ] {
        let host = host(settings.clone(), vec![issue("ENG-1", parent, None), child.clone()]);
        Plugin::on_event(&fake::call(), moved(&child, &done())).unwrap();
        assert_eq!(moves(&host), expected, "{settings}");
    }
}

#[test]
fn a_move_between_open_states_means_nothing() {
    let child = issue("ENG-2", doing(), Some("ENG-1"));
    let host = host(json!({}), vec![issue("ENG-1", done(), None), child.clone()]);
    Plugin::on_event(&fake::call(), moved(&child, &state("todo", Category::Unstarted))).unwrap();
    assert!(host.commands().is_empty());
}

#[test]
fn only_such_issues_are_moved_as_settings_name() {
    let child = issue("ENG-2", done(), Some("ENG-1"));
    let host =
        host(json!({ "only": { "kinds": ["epic"] } }), vec![issue("ENG-1", doing(), None), child.clone()]);
    Plugin::on_event(&fake::call(), moved(&child, &doing())).unwrap();
    assert!(host.commands().is_empty());
}

#[test]
fn an_event_of_yesterday_and_a_long_chain_do_nothing() {
    let child = issue("ENG-2", done(), Some("ENG-1"));
    let reopened = Issue { state: doing(), ..child.clone() };
    let host_late = host(json!({}), vec![issue("ENG-1", doing(), None), reopened]);
    Plugin::on_event(&fake::call(), moved(&child, &doing())).unwrap();
    assert!(host_late.commands().is_empty());
    drop(host_late);
    let host = host(json!({}), vec![issue("ENG-1", doing(), None), child.clone()]);
    Plugin::on_event(&Call { depth: 7, ..fake::call() }, moved(&child, &doing())).unwrap();
    assert!(host.commands().is_empty() && host.logs().len() == 1);
}

#[test]
fn many_children_stay_within_what_one_call_may_do() {
    let parent = issue("ENG-1", dropped(), None);
    let done = |number: u32| {
        let children = (2..2 + number).map(|at| issue(&format!("ENG-{at}"), doing(), Some("ENG-1")));
        let host = host(json!({}), std::iter::once(parent.clone()).chain(children).collect());
        Plugin::on_event(&fake::call(), moved(&parent, &doing())).unwrap();
        (host.commands().len(), moves(&host).len(), host.logs().len())
    };
    assert_eq!(done(10), (20, 10, 0), "each with a comment");
    assert_eq!(done(11), (11, 11, 0), "there is no room for comments");
    assert_eq!(done(200), (37, 37, 1));
}

#[test]
fn a_parent_that_is_gone_or_an_issue_that_is_gone_is_no_trouble() {
    let child = issue("ENG-2", done(), Some("ENG-1"));
    let host_without_parent = host(json!({}), vec![child.clone()]);
    Plugin::on_event(&fake::call(), moved(&child, &doing())).unwrap();
    assert!(host_without_parent.commands().is_empty());
    drop(host_without_parent);
    let host = host(json!({}), Vec::new());
    Plugin::on_event(&fake::call(), moved(&child, &doing())).unwrap();
    assert!(host.commands().is_empty());
}
