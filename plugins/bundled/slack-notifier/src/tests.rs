//! Messages, and what Slack's answers mean.

use crate::Plugin;
use crate::answer::thread;
use crate::message::escape;
use mortise_sdk::fake::{self, state};
use mortise_sdk::host::http::{HeaderValue, Request};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

#[test]
fn nobody_is_mentioned_through_a_text() {
    assert_eq!(escape("<!channel> <@U1> a&b"), "&lt;!channel&gt; &lt;@U1&gt; a&amp;b");
}

#[test]
fn answers_are_read_inside() {
    assert_eq!(thread(200, br#"{"ok":true,"ts":"1.2"}"#).unwrap(), Some("1.2".to_owned()));
    for (status, body) in
        [(429, ""), (503, ""), (200, "<html>"), (200, r#"{"ok":false,"error":"ratelimited"}"#)]
    {
        let failure = thread(status, body.as_bytes()).unwrap_err();
        assert!(matches!(failure, Failure::Retry(_)), "{status} {body}");
    }
    for (status, body, says) in [
        (403, "", "403"),
        (302, "", "302"),
        (200, r#"{"ok":false,"error":"invalid_auth"}"#, "slack-token"),
        (200, r#"{"ok":false,"error":"not_in_channel"}"#, "invite"),
        (200, r#"{"ok":false}"#, "no reason"),
    ] {
        let failure = thread(status, body.as_bytes()).unwrap_err();
        assert!(matches!(&failure, Failure::Permanent(text) if text.contains(says)), "{failure:?}");
    }
}

fn routes() -> Json {
    json!({ "link": "https://i.example.com/{{key}}", "routes": [
        { "channel": "C1", "only": { "priorities": ["critical"] }, "events": ["issue.*"] },
        { "channel": "C2", "events": ["issue.created", "issue.completed", "comment.created"] },
    ] })
}

fn slack(body: &'static str) -> fake::Host {
    fake::Host::new()
        .settings(routes())
        .secret("slack-token", "xoxb-1")
        .outside(move |_| fake::response(200, body))
}

const TAKEN: &str = r#"{"ok":true,"ts":"171.5"}"#;

fn body(request: &Request) -> Json {
    serde_json::from_slice(request.content().unwrap()).unwrap()
}

fn moved(issue: Issue) -> Event {
    fake::updated(issue, vec![Change { key: "state".to_owned(), before: None, after: None }])
}

#[test]
fn the_first_message_begins_a_thread_and_the_others_follow_in_it() {
    let host = slack(TAKEN).install();
    let issue =
        Issue { title: "<!channel> & co".to_owned(), description: "a\nb".to_owned(), ..fake::issue("ENG-1") };
    Plugin::on_event(&fake::call(), fake::created(issue.clone())).unwrap();
    let sent = host.sent();
    let first = body(&sent[0]);
    assert_eq!((first["channel"].as_str(), first.get("thread_ts")), (Some("C2"), None));
    let shown = first["blocks"][0]["text"]["text"].as_str().unwrap();
    assert_eq!(shown, "*Ada* created <https://i.example.com/ENG-1|ENG-1 &lt;!channel&gt; &amp; co>");
    assert_eq!(first["blocks"][1]["text"]["text"], "> a\n> b");
    assert_eq!(host.kv("thread/C2/ENG-1").unwrap(), b"171.5");
    let secret = sent[0].headers().iter().any(|(name, value)| {
        name == "authorization" && matches!(value, HeaderValue::Secret(it) if it.prefix == "Bearer " && it.secret == "slack-token")
    });
    assert!(secret, "{:?}", sent[0].headers());
    host.clear();
    let done = Issue { state: state("done", Category::Completed), ..issue.clone() };
    Plugin::on_event(&fake::call(), moved(done)).unwrap();
    let comment = fake::comment("ENG-1", "usr_bo", "see <https://evil.example.com|here>");
    Plugin::on_event(&fake::call(), fake::commented(issue, comment)).unwrap();
    let bodies: Vec<Json> = host.enqueued().iter().map(body).collect();
    assert!(host.sent().is_empty() && bodies.len() == 2);
    assert!(bodies.iter().all(|body| body["thread_ts"] == "171.5"));
    assert!(bodies[0]["text"].as_str().unwrap().contains("moved to *done*:"));
    assert_eq!(bodies[1]["blocks"][1]["text"]["text"], "> see &lt;https://evil.example.com|here&gt;");
}

#[test]
fn routes_say_what_is_told_where() {
    let told = |event: Event| {
        let host = slack(TAKEN).install();
        Plugin::on_event(&fake::call(), event).unwrap();
        host.sent()
            .first()
            .map_or("nowhere".to_owned(), |request| body(request)["channel"].as_str().unwrap().to_owned())
    };
    let issue = fake::issue("ENG-1");
    let critical = Issue { priority: Priority::Critical, ..issue.clone() };
    assert_eq!(told(fake::created(issue.clone())), "C2");
    assert_eq!(told(fake::created(critical.clone())), "C1");
    assert_eq!(told(moved(issue.clone())), "nowhere");
    assert_eq!(told(moved(critical.clone())), "C1");
    assert_eq!(told(fake::created(Issue { confidential: true, ..critical })), "nowhere");
}

#[test]
fn a_refusal_leaves_no_thread_and_is_tried_again_only_if_that_helps() {
    for (answer, is_retried) in [
        (r#"{"ok":false,"error":"ratelimited"}"#, true),
        (r#"{"ok":false,"error":"channel_not_found"}"#, false),
    ] {
        let host = slack(answer).install();
        let failure = Plugin::on_event(&fake::call(), fake::created(fake::issue("ENG-1"))).unwrap_err();
        assert_eq!(matches!(failure, Failure::Retry(_)), is_retried, "{failure:?}");
        assert!(host.kv_keys().is_empty());
    }
}

#[test]
fn a_dry_run_sends_nothing_at_once() {
    let host = slack(TAKEN).install();
    let call = Call { mode: RunMode::DryRun, ..fake::call() };
    Plugin::on_event(&call, fake::created(fake::issue("ENG-1"))).unwrap();
    assert_eq!((host.sent().len(), host.enqueued().len()), (0, 1));
}

#[test]
fn a_webhook_needs_its_path_and_has_no_threads() {
    let mut settings = routes();
    settings["via"] = "webhook".into();
    let event = || fake::created(fake::issue("ENG-1"));
    let host = fake::Host::new().settings(settings.clone()).install();
    assert!(matches!(Plugin::on_event(&fake::call(), event()), Err(Failure::Permanent(_))));
    drop(host);
    settings["webhook-path"] = "/services/T/B/x".into();
    let host = fake::Host::new().settings(settings).install();
    Plugin::on_event(&fake::call(), event()).unwrap();
    let enqueued = host.enqueued();
    assert_eq!(enqueued[0].url(), "https://hooks.slack.com/services/T/B/x");
    assert!(enqueued[0].headers().iter().all(|(name, _)| name == "content-type"));
}

#[test]
fn long_texts_are_cut() {
    let host = slack(TAKEN).install();
    let long = Issue { title: "x".repeat(5000), description: "y".repeat(100_000), ..fake::issue("ENG-1") };
    Plugin::on_event(&fake::call(), fake::created(long)).unwrap();
    let body = body(&host.sent()[0]);
    let longest = body["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|block| block["text"]["text"].as_str())
        .map(str::len)
        .max();
    assert!(longest.unwrap() < 3000, "{longest:?}");
}

#[test]
fn facts_name_people_and_labels() {
    let host = slack(TAKEN).member(fake::member("ana")).install();
    let labels = vec![LabelRef { id: "l".to_owned(), name: "a<b".to_owned() }];
    let issue = Issue {
        assignees: ["usr_ana", "usr_gone", "3", "4", "5"].map(str::to_owned).to_vec(),
        labels,
        priority: Priority::High,
        due_date: Some("2026-02-01".to_owned()),
        ..fake::issue("ENG-1")
    };
    Plugin::on_event(&fake::call(), fake::created(issue)).unwrap();
    let facts = body(&host.sent()[0])["blocks"][1]["elements"][0]["text"].as_str().unwrap().to_owned();
    assert_eq!(facts, "backlog  ·  task  ·  high  ·  due 2026-02-01  ·  ana, 2 more  ·  a&lt;b");
}
