//! A company that closes issues, learns from them, and opens new ones.

use crate::Plugin;
use mortise_sdk::fake::{self, Command, state};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

fn label(name: &str) -> LabelRef {
    LabelRef { id: format!("lbl_{name}"), name: name.to_owned() }
}

/// Closed issues: crashes are critical bugs of the app, wishes are features of the site.
fn closed(count: usize) -> Vec<Issue> {
    let bugs = ["crash on start", "panic while saving", "error after login", "app crash again"];
    let wishes =
        ["please add dark colours", "support for export", "nice option for colours", "add support please"];
    (0..count)
        .map(|at| {
            let is_bug = at % 2 == 0;
            let words = if is_bug { bugs } else { wishes };
            Issue {
                title: words[at / 2 % 4].to_owned(),
                kind: if is_bug { Kind::Bug } else { Kind::Feature },
                priority: if is_bug { Priority::Critical } else { Priority::Low },
                labels: vec![label(if is_bug { "app" } else { "site" })],
                state: state("done", Category::Completed),
                ..fake::issue(&format!("ENG-{at}"))
            }
        })
        .collect()
}

fn host(settings: Json, closed: Vec<Issue>, new: &Issue) -> fake::Installed {
    let team = Team { labels: vec![label("app"), label("site")], ..fake::team("ENG", Vec::new()) };
    let host = fake::Host::new().settings(settings).team(team).issues(closed).issue(new.clone());
    host.finding(|_, issue| issue.state.category == Category::Completed).install()
}

fn new(title: &str) -> Issue {
    Issue { title: title.to_owned(), ..fake::issue("NEW-1") }
}

fn learn() {
    Plugin::on_schedule(&fake::call(), fake::tick("learn")).unwrap();
}

fn open(issue: Issue) {
    Plugin::on_event(&fake::call(), fake::created(issue)).unwrap();
}

#[test]
fn it_says_what_the_company_would_have_said() {
    let issue = new("Crash after login");
    let host = host(json!({}), closed(200), &issue);
    learn();
    assert_eq!(host.queries()[0], "is:closed  sort:-updated");
    open(issue);
    let Some(Command::AddComment { issue, body }) = host.commands().pop() else { panic!("no comment") };
    assert_eq!(issue, "NEW-1");
    for expected in ["kind **bug**", "priority **critical**", "label **app**", "crash"] {
        assert!(body.contains(expected), "{body}");
    }
    assert!(!body.contains("site"), "{body}");
}

#[test]
fn it_fills_only_what_nobody_filled() {
    let issue = Issue { priority: Priority::Low, labels: vec![label("site")], ..new("please add an option") };
    let host = host(json!({ "mode": "apply" }), closed(200), &issue);
    learn();
    open(issue);
    let commands = host.commands();
    let edits = Command::UpdateIssue {
        id: "NEW-1".to_owned(),
        edits: vec![Edit::SetKind(Kind::Feature)],
        expect: Some("1".to_owned()),
    };
    assert_eq!(commands[0], edits);
    assert!(matches!(&commands[1], Command::AddComment { body, .. } if body.starts_with("Filled in")));
}

#[test]
fn settings_say_what_it_speaks_of() {
    let said = |settings: Json| {
        let issue = new("Crash after login");
        let host = host(settings, closed(200), &issue);
        learn();
        open(issue);
        match host.commands().pop() {
            Some(Command::AddComment { body, .. }) => body,
            _ => "nothing".to_owned(),
        }
    };
    let labels = said(json!({ "fields": ["labels"] }));
    assert!(labels.contains("label **app**") && !labels.contains("kind"), "{labels}");
    assert_eq!(said(json!({ "fields": ["labels"], "labels": ["site"] })), "nothing");
    assert_eq!(said(json!({ "only": { "teams": ["OPS"] } })), "nothing");
    assert!(!said(json!({ "open-kind": "bug" })).contains("kind"));
}

#[test]
fn too_few_examples_teach_nothing() {
    let issue = new("Crash after login");
    let host = host(json!({}), closed(49), &issue);
    learn();
    open(issue);
    assert!(host.commands().is_empty() && host.kv_keys().is_empty());
}

#[test]
fn words_that_say_nothing_lead_to_silence() {
    let issue = new("quarterly planning");
    let host = host(json!({}), closed(200), &issue);
    learn();
    open(issue);
    assert!(host.commands().is_empty(), "{:?}", host.commands());
}

#[test]
fn what_few_may_see_is_not_learned() {
    let issue = new("Crash after login");
    let secret = closed(200).into_iter().map(|issue| Issue { confidential: true, ..issue }).collect();
    let host = host(json!({}), secret, &issue);
    learn();
    assert!(host.kv_keys().is_empty());
}

#[test]
fn what_is_imported_is_not_spoken_about() {
    let issue = new("Crash after login");
    let host = host(json!({}), closed(200), &issue);
    learn();
    let mut call = fake::call();
    call.actor.kind = ActorKind::Importer;
    Plugin::on_event(&call, fake::created(issue)).unwrap();
    assert!(host.commands().is_empty());
}

#[test]
fn it_learns_when_it_is_switched_on_and_anew_later() {
    let issue = new("Crash after login");
    let host = host(json!({}), closed(200), &issue);
    Plugin::on_lifecycle(&fake::call(), Step::Enabled).unwrap();
    assert_eq!(host.kv_keys(), ["model/0", "model/head"]);
    // A model of more chunks than the next one leaves none behind.
    learn();
    assert_eq!(host.kv_keys(), ["model/0", "model/head"]);
    Plugin::on_lifecycle(&fake::call(), Step::Disabled).unwrap();
}

#[test]
fn it_reads_no_more_than_settings_say() {
    let issue = new("x");
    let host = host(json!({ "examples": 100 }), closed(1000), &issue);
    learn();
    assert_eq!(host.queries().len(), 2);
}
