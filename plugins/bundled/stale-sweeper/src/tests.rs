//! Runs of the sweeper, day after day.

use crate::Plugin;
use mortise_sdk::fake::{self, Command, state};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

fn issue(key: &str) -> Issue {
    fake::issue(key)
}

fn host(settings: Json, issues: Vec<Issue>) -> fake::Host {
    let states = vec![state("backlog", Category::Backlog), state("dropped", Category::Canceled)];
    let labels = vec![LabelRef { id: "lbl_stale".to_owned(), name: "Stale".to_owned() }];
    fake::Host::new().settings(settings).team(Team { labels, ..fake::team("ENG", states) }).issues(issues)
}

fn reminded(host: fake::Host, issue: &str, at: &str, comments: u32) -> fake::Host {
    host.kv(&format!("reminded/{issue}"), json!({ "at": at, "comments": comments }).to_string())
}

fn run() {
    Plugin::on_schedule(&fake::call(), fake::tick("sweep")).unwrap();
}

/// What was staged, in short.
fn staged(host: &fake::Installed) -> Vec<String> {
    let shown = host.commands().into_iter().map(|command| match command {
        Command::Transition { id, to } => format!("{id} to {to}"),
        Command::AddComment { issue, .. } => format!("{issue} comment"),
        Command::UpdateIssue { id, edits, expect } => format!("{id} {edits:?} {expect:?}"),
        other => format!("{other:?}"),
    });
    shown.collect()
}

#[test]
fn the_longest_untouched_are_reminded_of() {
    let settings = json!({
        "after-days": 90, "label": "stale", "only": { "teams": ["ENG"] },
        "exempt": { "labels": ["road map"], "priorities": ["critical"], "teams": ["OPS"], "kinds": ["epic"] },
    });
    let critical = Issue { priority: Priority::Critical, ..issue("ENG-2") };
    let host = host(settings, vec![issue("ENG-1"), critical]).install();
    run();
    let label = r#"ENG-1 [Edit::AddLabel("lbl_stale")] Some("1")"#;
    assert_eq!(staged(&host), [label, "ENG-1 comment"]);
    assert_eq!(host.kv_keys(), ["reminded/ENG-1"]);
    let query = "is:open updated<-90d category:triage,backlog,unstarted,started -type:epic -priority:critical \
        -label:\"road map\" -team:OPS team:ENG sort:updated";
    assert_eq!(host.queries(), [query]);
    let Some(Command::AddComment { body, .. }) = host.commands().pop() else { panic!("no comment") };
    assert!(body.contains("90 days") && body.contains("14 days"), "{body}");
}

#[test]
fn nobody_is_reminded_twice() {
    let host =
        reminded(host(json!({}), vec![issue("ENG-1")]), "ENG-1", "2026-01-30T12:00:00.000Z", 0).install();
    run();
    assert_eq!(staged(&host), [""; 0]);
}

#[test]
fn who_does_not_react_is_closed() {
    // Reminded of two weeks ago; the reminder itself was the last change.
    let at = "2026-01-17T06:00:00.000Z";
    let quiet =
        Issue { updated_at: "2026-01-17T06:00:03.000Z".to_owned(), comment_count: 1, ..issue("ENG-1") };
    let host = reminded(host(json!({}), vec![quiet]), "ENG-1", at, 0).finding(|_, _| false).install();
    run();
    assert_eq!(staged(&host), ["ENG-1 comment", "ENG-1 to dropped"]);
    assert_eq!(host.kv_keys(), [""; 0]);
}

#[test]
fn it_waits_until_it_is_time() {
    let at = "2026-01-20T06:00:00.000Z";
    let quiet = Issue { updated_at: at.to_owned(), comment_count: 1, ..issue("ENG-1") };
    let host = reminded(host(json!({}), vec![quiet]), "ENG-1", at, 0).finding(|_, _| false).install();
    run();
    assert_eq!((staged(&host).len(), host.kv_keys().len()), (0, 1));
}

#[test]
fn any_reaction_keeps_an_issue_open() {
    let at = "2026-01-10T06:00:00.000Z";
    let labels = vec![LabelRef { id: "lbl_stale".to_owned(), name: "Stale".to_owned() }];
    let quiet = Issue { updated_at: at.to_owned(), comment_count: 1, labels, ..issue("ENG-1") };
    let unlabel = r#"ENG-1 [Edit::RemoveLabel("lbl_stale")] None"#;
    for (touched, expected, why) in [
        (
            Issue { updated_at: "2026-01-20T06:00:00.000Z".to_owned(), ..quiet.clone() },
            vec![unlabel],
            "edited",
        ),
        (Issue { comment_count: 2, ..quiet.clone() }, vec![unlabel], "commented at once"),
        (Issue { state: state("done", Category::Completed), ..quiet.clone() }, vec![], "closed"),
        (Issue { priority: Priority::Critical, ..quiet.clone() }, vec![unlabel], "spared by now"),
    ] {
        let host = host(json!({ "label": "stale" }), vec![touched]);
        let host = reminded(host, "ENG-1", at, 0).finding(|_, _| false).install();
        run();
        assert_eq!(staged(&host), expected, "{why}");
        assert_eq!(host.kv_keys(), [""; 0], "{why}");
    }
}

#[test]
fn without_closing_it_only_reminds() {
    let at = "2026-01-10T06:00:00.000Z";
    let quiet = Issue { updated_at: at.to_owned(), comment_count: 1, ..issue("ENG-1") };
    let host = reminded(host(json!({ "close": false }), vec![quiet]), "ENG-1", at, 0)
        .finding(|_, _| false)
        .install();
    run();
    assert_eq!((staged(&host).len(), host.kv_keys().len()), (0, 0));
}

#[test]
fn an_issue_that_is_gone_is_forgotten() {
    let host = reminded(host(json!({}), vec![]), "ENG-9", "2026-01-10T06:00:00.000Z", 0).install();
    run();
    assert_eq!(host.kv_keys(), [""; 0]);
}

#[test]
fn one_run_changes_so_many_and_fewer_after_a_failure() {
    let many = || (1..=60).map(|at| issue(&format!("ENG-{at}"))).collect::<Vec<_>>();
    let on = |attempt: u32, settings: Json| {
        let host = host(settings, many()).install();
        Plugin::on_schedule(&Call { attempt, ..fake::call() }, fake::tick("sweep")).unwrap();
        staged(&host).len()
    };
    assert_eq!(
        [on(1, json!({})), on(2, json!({})), on(9, json!({}))],
        [12, 10, 1],
        "no more than one commit holds"
    );
    assert_eq!(on(1, json!({ "per-run": 30, "label": "Stale" })), 24);
}

#[test]
fn more_entries_than_one_run_looks_at_are_looked_at_by_the_next() {
    let mut host = host(json!({}), vec![]).finding(|_, _| false);
    for at in 0..450 {
        host = reminded(host, &format!("ENG-{at:04}"), "2026-01-30T06:00:00.000Z", 0);
    }
    let host = host.install();
    run();
    assert!(host.kv("cursor").is_some(), "it goes on from there");
    assert_eq!(host.kv_keys().len(), 450 - 22 + 1, "so many are forgotten in one commit");
    for _ in 0..40 {
        run();
    }
    assert_eq!(host.kv_keys(), [""; 0]);
}
