//! Deliveries, from the request to what becomes of issues.

use crate::Plugin;
use data_encoding::HEXLOWER;
use mortise_sdk::fake::{self, Command, state};
use mortise_sdk::host::secrets::{Digest, hmac};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

fn review() -> StateRef {
    state("in_review", Category::Started)
}

fn host(settings: Json, state_of_issue: StateRef) -> fake::Installed {
    let states = vec![state("todo", Category::Unstarted), review(), state("done", Category::Completed)];
    let issue = Issue { state: state_of_issue, ..fake::issue("ENG-1") };
    let host = fake::Host::new().settings(settings).secret("github-webhook", "s3cret");
    host.team(fake::team("ENG", states)).issue(issue).install()
}

fn todo() -> StateRef {
    state("todo", Category::Unstarted)
}

fn opened(title: &str) -> Json {
    json!({
        "action": "opened", "number": 7,
        "pull_request": {
            "number": 7, "title": title, "html_url": "https://github.com/acme/web/pull/7", "user": { "login": "ana" },
        },
        "repository": { "full_name": "acme/web" },
    })
}

/// A delivery as GitHub makes it.
fn delivery(event: &str, id: &str, payload: &Json) -> InboundRequest {
    let body = payload.to_string();
    let tag = HEXLOWER.encode(&hmac("github-webhook", Digest::Sha256, body.as_bytes()).unwrap());
    let headers = [
        ("Content-Type", "application/json"),
        ("X-GitHub-Event", event),
        ("X-GitHub-Delivery", id),
        ("X-Hub-Signature-256", &format!("sha256={tag}")),
    ];
    fake::inbound(&headers, body)
}

fn take(request: InboundRequest) -> (u16, Json) {
    let response = Plugin::on_request(&fake::call(), request).unwrap();
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

#[test]
fn a_pull_request_is_linked_and_moves_its_issue() {
    let host = host(json!({}), todo());
    let answer = take(delivery("pull_request", "d-1", &opened("ENG-1: hi @all [x](y)")));
    assert_eq!(answer, (200, json!({ "linked": ["ENG-1"], "moved": ["ENG-1"] })));
    let text = "Pull request [acme/web\\#7](https://github.com/acme/web/pull/7): ENG-1: hi \\@all \\[x\\]\\(y\\), by ana";
    let expected = [
        Command::AddComment { issue: "ENG-1".to_owned(), body: text.to_owned() },
        Command::Transition { id: "ENG-1".to_owned(), to: "in_review".to_owned() },
    ];
    assert_eq!(host.commands(), expected);
}

#[test]
fn nothing_is_read_without_a_good_signature() {
    let host = host(json!({}), todo());
    let good = delivery("pull_request", "d-1", &opened("ENG-1"));
    let with = |name: &str, value: Option<&str>| {
        let mut request = good.clone();
        request.headers.retain(|(key, _)| key != name);
        request.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        take(request).0
    };
    let signature = "X-Hub-Signature-256";
    for bad in [
        None,
        Some(""),
        Some("sha256="),
        Some("sha256=zz"),
        Some("sha1=00"),
        Some(&*format!("sha256={:064}", 0)),
    ] {
        assert_eq!(with(signature, bad), 401, "{bad:?}");
    }
    let mut changed = good.clone();
    changed.body.push(b' ');
    assert_eq!(take(changed).0, 401);
    assert!(host.commands().is_empty() && host.kv_keys().is_empty());
    assert_eq!(with("none", None), 200);
}

#[test]
fn a_delivery_that_comes_twice_is_taken_once() {
    let host = host(json!({}), todo());
    let request = || delivery("pull_request", "d-1", &opened("ENG-1"));
    take(request());
    host.clear();
    assert_eq!(take(request()), (200, json!({ "message": "this delivery was taken before" })));
    assert!(host.commands().is_empty());
    // Another delivery about the same pull request does not say it again.
    assert_eq!(take(delivery("pull_request", "d-2", &opened("ENG-1"))).1["linked"], json!([]));
}

#[test]
fn closed_issues_and_those_that_are_there_stay() {
    for (from, moved) in [
        (todo(), json!(["ENG-1"])),
        (review(), json!([])),
        (state("done", Category::Completed), json!([])),
        (state("dropped", Category::Canceled), json!([])),
    ] {
        let _host = host(json!({}), from.clone());
        let answer = take(delivery("pull_request", "d-1", &opened("ENG-1")));
        assert_eq!(answer.1["moved"], moved, "{from:?}");
    }
}

#[test]
fn a_push_to_a_branch_does_not_take_an_issue_back() {
    let push = json!({
        "ref": "refs/heads/eng-1-x", "commits": [], "repository": { "full_name": "acme/web", "default_branch": "main" },
    });
    for (from, moved) in [(todo(), json!(["ENG-1"])), (review(), json!([]))] {
        let _host = host(json!({ "on-branch": "in_review" }), from);
        assert_eq!(take(delivery("push", "d-1", &push)).1["moved"], moved);
    }
}

#[test]
fn commits_are_listed_once_for_each_push() {
    let commit = |at: usize| {
        json!({
            "id": format!("{at:040}"), "message": format!("ENG-1 part {at}\n\nmore"), "distinct": true,
            "url": format!("https://github.com/acme/web/commit/{at}"), "author": { "name": "Ana" },
        })
    };
    let push = json!({
        "ref": "refs/heads/main", "compare": "https://github.com/acme/web/compare/a", "commits": (1..8).map(commit).collect::<Vec<_>>(),
        "repository": { "full_name": "acme/web", "default_branch": "main" },
    });
    let host = host(json!({}), todo());
    assert_eq!(take(delivery("push", "d-1", &push)).1, json!({ "linked": ["ENG-1"], "moved": [] }));
    let Some(Command::AddComment { body, .. }) = host.commands().pop() else { panic!("no comment") };
    assert!(body.starts_with("7 commits on main in acme/web:\n- [0000000](https://github.com/acme/web/commit/1) ENG-1 part 1, Ana"), "{body}");
    assert!(
        body.ends_with("[all of them](https://github.com/acme/web/compare/a)") && body.lines().count() == 7
    );
}

#[test]
fn settings_narrow_what_is_taken() {
    let taken = |settings: Json| {
        let _host = host(settings, todo());
        take(delivery("pull_request", "d-1", &opened("ENG-1"))).1
    };
    assert_eq!(taken(json!({ "repositories": ["acme/api"] })), json!({ "message": "nothing to do" }));
    assert_eq!(taken(json!({ "teams": ["OPS"] })), json!({ "linked": [], "moved": [] }));
    assert_eq!(taken(json!({ "comment": false })), json!({ "linked": [], "moved": ["ENG-1"] }));
    assert_eq!(taken(json!({ "on-open": "" })), json!({ "linked": ["ENG-1"], "moved": [] }));
    assert_eq!(taken(json!({ "on-open": "no such state" })), json!({ "linked": ["ENG-1"], "moved": [] }));
}

#[test]
fn keys_that_are_none_of_ours_are_passed_over() {
    let host = host(json!({}), todo());
    let answer = take(delivery("pull_request", "d-1", &opened("UTF-8, OPS-5 and ENG-1")));
    assert_eq!(answer.1, json!({ "linked": ["ENG-1"], "moved": ["ENG-1"] }));
    assert_eq!(host.commands().len(), 2);
}

#[test]
fn other_requests_are_answered_and_do_nothing() {
    let host = host(json!({}), todo());
    assert_eq!(take(delivery("ping", "d-1", &json!({ "zen": "x" }))), (200, json!({ "message": "pong" })));
    assert_eq!(take(delivery("issues", "d-2", &json!({}))).0, 202);
    assert_eq!(take(delivery("pull_request", "d-3", &json!("text"))).0, 400);
    let get = InboundRequest { method: "GET".to_owned(), ..delivery("ping", "d-4", &json!({})) };
    assert_eq!(take(get).0, 405);
    let mut form = delivery("push", "d-5", &json!({}));
    form.headers[0].1 = "application/x-www-form-urlencoded".to_owned();
    assert_eq!(take(form).0, 415);
    assert!(host.commands().is_empty() && host.kv_keys().is_empty());
}

#[test]
fn a_delivery_touches_at_most_twenty_issues() {
    let states = vec![todo(), review()];
    let issues = (1..60).map(|at| Issue { state: todo(), ..fake::issue(&format!("ENG-{at}")) });
    let host =
        fake::Host::new().secret("github-webhook", "s3cret").team(fake::team("ENG", states)).issues(issues);
    let host = host.install();
    let body: String = (1..60).map(|at| format!("fixes ENG-{at} ")).collect();
    let mut payload = opened("many");
    payload["pull_request"]["body"] = body.into();
    take(delivery("pull_request", "d-1", &payload));
    assert_eq!(host.commands().len(), 40);
}
