//! Sweeps over a company whose clocks run.

use crate::Plugin;
use mortise_sdk::fake::{self, Command, state};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

/// An issue made at nine on Monday, the 26th of January.
fn issue() -> Issue {
    Issue {
        priority: Priority::High,
        created_at: "2026-01-26T09:00:00.000Z".to_owned(),
        state: state("todo", Category::Unstarted),
        ..fake::issue("ENG-1")
    }
}

fn settings(more: Json) -> Json {
    let mut settings = json!({
        "policies": [{ "only": { "priorities": ["high"] }, "response-hours": 2, "resolution-hours": 10 }],
        "paused-states": ["waiting"],
    });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    settings
}

fn host(settings: Json, issue: Issue) -> fake::Host {
    let labels = vec![LabelRef { id: "lbl_late".to_owned(), name: "late".to_owned() }];
    let team = Team { labels, ..fake::team("ENG", vec![state("todo", Category::Unstarted)]) };
    fake::Host::new().settings(settings).team(team).member(fake::member("duty")).issue(issue)
}

fn sweep(host: &fake::Installed, at: &str) -> Vec<String> {
    host.set_now(&format!("2026-01-{at}:00.000Z"));
    host.clear();
    Plugin::on_schedule(&fake::call(), fake::tick("clocks")).unwrap();
    let said = host.commands().into_iter().map(|command| match command {
        Command::AddComment { body, .. } => body,
        Command::UpdateIssue { edits, expect, .. } => format!("{edits:?} {expect:?}"),
        other => format!("{other:?}"),
    });
    said.collect()
}

fn none() -> Vec<String> {
    Vec::new()
}

#[test]
fn each_step_is_taken_once_and_at_its_time() {
    let host = host(settings(json!({})), issue()).install();
    assert_eq!(sweep(&host, "26T10:35"), none());
    assert_eq!(
        sweep(&host, "26T10:36"),
        ["Time runs short: a first answer is due within 2 h; 24 min are left."]
    );
    assert_eq!(sweep(&host, "26T10:41"), none());
    assert_eq!(sweep(&host, "26T11:05"), ["Too late: a first answer was due within 2 h, 5 min ago."]);
    assert_eq!(sweep(&host, "26T11:10"), none());
    assert_eq!(sweep(&host, "26T17:00"), ["Time runs short: a solution is due within 10 h; 2 h are left."]);
    assert_eq!(sweep(&host, "26T19:30"), ["Too late: a solution was due within 10 h, 30 min ago."]);
    assert_eq!(sweep(&host, "30T19:30"), none());
    assert_eq!(host.queries(), ["is:open ((priority:high)) sort:created"]);
}

#[test]
fn what_was_missed_is_one_step_not_two() {
    let host = host(settings(json!({})), issue()).install();
    let steps = sweep(&host, "28T09:00");
    assert!(steps.len() == 2 && steps.iter().all(|step| step.starts_with("Too late")), "{steps:?}");
    assert_eq!(sweep(&host, "28T09:05"), none());
}

#[test]
fn a_breach_labels_helps_and_presses_without_shortening_its_own_time() {
    let breach = json!({ "comment": false, "label": "late", "assign": "duty", "raise-priority": true });
    let more = json!({ "on-breach": breach, "on-warning": { "comment": false }, "policies": [
        { "only": { "priorities": ["high"] }, "response-hours": 2, "resolution-hours": 10 },
        { "only": { "priorities": ["critical"] }, "resolution-hours": 3 },
    ] });
    let before = issue();
    let first = host(settings(more.clone()), before.clone()).install();
    let edits = r#"[Edit::AddLabel("lbl_late"), Edit::SetAssignees(["usr_duty"]), Edit::SetPriority(Priority::Critical)] Some("1")"#;
    assert_eq!(sweep(&first, "26T11:05"), [edits]);
    let record = first.kv("clock/ENG-1").unwrap();
    drop(first);
    let raised = Issue { priority: Priority::Critical, ..before };
    let host = host(settings(more), raised).kv("clock/ENG-1", record).install();
    assert_eq!(
        sweep(&host, "26T13:00"),
        none(),
        "three hours for critical ones are over, its own ten are not"
    );
    assert_eq!(sweep(&host, "26T19:01").len(), 1);
}

#[test]
fn labels_and_people_that_are_not_there_are_left_out() {
    let breach = json!({ "on-breach": { "comment": true, "label": "gone", "assign": "nobody" } });
    let host = host(settings(breach), issue()).install();
    assert_eq!(sweep(&host, "26T11:00"), ["Too late: a first answer was due within 2 h, 0 min ago."]);
    assert_eq!(host.logs().len(), 2);
}

#[test]
fn an_answer_stops_the_first_clock() {
    let answered = |host: &fake::Installed| {
        let steps = sweep(host, "26T13:00");
        assert_eq!(steps, none());
    };
    // Told by an event.
    let first = host(settings(json!({})), issue()).install();
    let comment = fake::comment("ENG-1", "usr_bo", "on it");
    Plugin::on_event(&fake::call(), fake::commented(issue(), comment.clone())).unwrap();
    answered(&first);
    drop(first);
    // Found among the comments.
    let commented = Issue { comment_count: 1, ..issue() };
    let second = host(settings(json!({})), commented).comment(comment.clone()).install();
    answered(&second);
    drop(second);
    // Work has started.
    let started = Issue { state: state("doing", Category::Started), ..issue() };
    answered(&host(settings(json!({})), started).install());
    // The creator's own words are no answer, nor are a plugin's.
    let host = host(settings(json!({})), issue()).install();
    let own = fake::comment("ENG-1", "usr_ada", "hello?");
    Plugin::on_event(&fake::call(), fake::commented(issue(), own)).unwrap();
    let mut plugin = fake::call();
    plugin.actor.kind = ActorKind::Plugin;
    Plugin::on_event(&plugin, fake::commented(issue(), comment)).unwrap();
    assert_eq!(sweep(&host, "26T13:00").len(), 1);
}

#[test]
fn its_own_comments_are_no_answers() {
    let first = host(settings(json!({})), issue()).install();
    assert_eq!(sweep(&first, "26T10:40").len(), 1);
    let (record, own) = (first.kv("clock/ENG-1").unwrap(), "cmt_new1");
    drop(first);
    let ours = Comment { id: own.to_owned(), ..fake::comment("ENG-1", "usr_app", "Time runs short") };
    let commented = Issue { comment_count: 1, ..issue() };
    let host = host(settings(json!({})), commented).kv("clock/ENG-1", record).comment(ours).install();
    assert_eq!(sweep(&host, "26T11:05").len(), 1);
}

#[test]
fn clocks_stand_still_while_somebody_else_has_to_act() {
    let waiting = |since: &str| Issue {
        state: state("waiting", Category::Started),
        in_state_since: format!("2026-01-26T{since}:00.000Z"),
        ..issue()
    };
    let event = |issue: Issue| {
        let change = Change { key: "state".to_owned(), before: None, after: None };
        Plugin::on_event(&fake::call(), fake::updated(issue, vec![change])).unwrap();
    };
    let first = host(settings(json!({})), waiting("12:00")).install();
    event(waiting("12:00"));
    assert_eq!(sweep(&first, "27T20:00"), none());
    // Back at work at 20:00: eight of 35 hours count, so the ninth begins.
    let back = Issue {
        state: state("doing", Category::Started),
        in_state_since: "2026-01-27T20:00:00.000Z".to_owned(),
        ..issue()
    };
    event(back.clone());
    let record = first.kv("clock/ENG-1").unwrap();
    drop(first);
    let host = host(settings(json!({})), back).kv("clock/ENG-1", record).install();
    assert_eq!(sweep(&host, "28T00:59"), none());
    assert_eq!(sweep(&host, "28T01:00"), ["Time runs short: a solution is due within 10 h; 2 h are left."]);
    assert_eq!(sweep(&host, "28T03:00").len(), 1);
}

#[test]
fn a_pause_that_no_event_told_of_is_seen_at_the_sweep() {
    let waiting = Issue {
        state: state("waiting", Category::Started),
        in_state_since: "2026-01-26T12:00:00.000Z".to_owned(),
        ..issue()
    };
    let host = host(settings(json!({})), waiting).install();
    assert_eq!(sweep(&host, "29T12:00"), none());
}

#[test]
fn issues_that_no_policy_is_for_have_no_clocks() {
    let low = Issue { priority: Priority::Low, ..issue() };
    let host = host(settings(json!({})), low.clone()).install();
    assert_eq!(sweep(&host, "29T12:00"), none());
    Plugin::on_event(&fake::call(), fake::commented(low, fake::comment("ENG-1", "usr_bo", "hi"))).unwrap();
    assert!(host.kv_keys().is_empty());
}

#[test]
fn one_sweep_does_so_much_and_the_next_goes_on() {
    let many = (0..120).map(|at| Issue { key: format!("ENG-{at}"), id: format!("ENG-{at}"), ..issue() });
    let host = host(settings(json!({})), Issue { priority: Priority::Low, ..issue() }).issues(many).install();
    let steps: Vec<usize> = (0..12).map(|_| sweep(&host, "26T12:00").len()).collect();
    assert!(steps.iter().all(|steps| *steps <= 11), "{steps:?}");
    assert_eq!(steps.iter().sum::<usize>(), 120, "{steps:?}");
}

#[test]
fn a_place_that_is_not_good_any_more_is_given_up() {
    let host = host(settings(json!({})), issue()).kv("cursor", "iss_gone").install();
    sweep(&host, "26T10:00");
    assert_eq!(host.kv("cursor"), None);
}
