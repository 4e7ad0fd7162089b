//! Those that act on what has happened: parent-child-closer, classifier, git-linker.

use crate::office::Office;
use crate::world::until;
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use mortise_engine::command::issue::{CreateIssue, IssuePatch, IssueRef};
use mortise_engine::model::IssueKind;
use mortise_plugins::inbound::{InboundAnswer, InboundRequest};
use mortise_plugins::service::InstallationChange;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parent_closes_with_its_last_child() {
    let office = Office::with("parent-child-closer", json!({})).await;
    let parent = office.issue("Login", |new| new).await;
    let part = |new: CreateIssue| CreateIssue { parent: Some(IssueRef::Id(parent)), ..new };
    let (first, last) = (office.issue("Form", part).await, office.issue("Session", part).await);
    office.move_to(first, "closed", IssuePatch::default()).await.unwrap();
    office.world.settled(&office.company).await;
    assert_eq!(office.state_of(parent).await, "open", "one of two is left");
    office.move_to(last, "closed", IssuePatch::default()).await.unwrap();
    until("the parent", async || office.state_of(parent).await == "closed").await;
    assert_eq!(office.said(parent).await, ["Closed with its last sub-issue, ENG-3."]);

    office.move_to(first, "in_progress", IssuePatch::default()).await.unwrap();
    until("it is reopened", async || office.state_of(parent).await == "in_progress").await;
    office.close().await;
}

/// Closed issues to learn from; some say less than others.
const EXAMPLES: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_issue_is_classified_as_closed_ones_were() {
    let office = Office::with("classifier", json!({})).await;
    for n in 0..EXAMPLES {
        let (kind, title) = match (n % 2, n % 3) {
            (0, 0) => (IssueKind::Bug, "Crash"),
            (0, _) => (IssueKind::Bug, "Crash with a stack trace when paying by card"),
            (_, 0) => (IssueKind::Feature, "Please offer"),
            (_, _) => (IssueKind::Feature, "Please offer a dark theme to everybody"),
        };
        let issue = office.issue(title, |new| CreateIssue { kind: Some(kind), ..new }).await;
        office.move_to(issue, "closed", IssuePatch::default()).await.unwrap();
    }
    office.world.settled(&office.company).await;
    // It learns at night, and anew when its settings change.
    let settings = Some(json!({ "fields": ["kind"] }));
    let change = InstallationChange { settings, ..InstallationChange::default() };
    let id = office.company.puppet.id;
    Box::pin(office.world.plugins.change(office.company.cx(), id, change)).await.unwrap();
    let bug = office.issue("Crash with a stack trace when paying by card", |new| new).await;
    let feature = office.issue("Please offer a dark theme to everybody", |new| new).await;
    for (issue, kind) in [(bug, "kind **bug**"), (feature, "kind **feature**")] {
        until("its suggestion", async || !office.said(issue).await.is_empty()).await;
        let said = office.said(issue).await.remove(0);
        assert!(said.starts_with("Suggested") && said.contains(kind), "{said}");
    }
    assert_eq!(office.world.issue(&office.company, bug).await.kind, IssueKind::Task, "a suggestion, no more");
    office.close().await;
}

/// What GitHub signs with.
const KEY: &str = "It's a Secret to Everybody";

/// A delivery about a pull request, as GitHub makes it, signed with this key.
fn delivery(id: &str, action: &str, merged: bool, key: &str) -> InboundRequest {
    let body = json!({
        "action": action, "number": 7,
        "pull_request": {
            "number": 7, "title": "ENG-1: let people in again", "body": "As seen in ENG-2.", "draft": false,
            "merged": merged, "html_url": "https://github.com/acme/web/pull/7", "user": { "login": "ana" },
            "head": { "ref": "ana/login" },
        },
        "repository": { "full_name": "acme/web", "default_branch": "main" },
    });
    let body = body.to_string().into_bytes();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), &body);
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-github-event", "pull_request".to_owned()),
        ("x-github-delivery", id.to_owned()),
        ("x-hub-signature-256", format!("sha256={}", HEXLOWER.encode(tag.as_ref()))),
    ];
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    InboundRequest { method: "POST".to_owned(), headers, body, ..InboundRequest::default() }
}

fn told(answer: &InboundAnswer) -> (u16, Value) {
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_pull_request_links_its_issues_and_moves_the_one_it_is_for() {
    let office = Office::with("git-linker", json!({})).await;
    office.secret("github-webhook", KEY).await;
    let issue = office.issue("Login fails", |new| new).await;
    let mentioned = office.issue("Nobody gets in", |new| new).await;
    let (plugins, us) = (&office.world.plugins, &office.company.us);
    let path = plugins.inbound_address(us, office.company.puppet.id).await.unwrap();
    let token = path.strip_prefix("/plugins/in/").unwrap();
    let deliver = async |request| Box::pin(plugins.answer_request(token, request)).await;

    let forged = deliver(delivery("d-0", "opened", false, "another")).await;
    assert_eq!(forged.status, 401);
    assert_eq!((office.state_of(issue).await.as_str(), office.said(issue).await.len()), ("open", 0));

    let opened = deliver(delivery("d-1", "opened", false, KEY)).await;
    assert_eq!(told(&opened), (200, json!({ "linked": ["ENG-1", "ENG-2"], "moved": ["ENG-1"] })));
    assert_eq!(office.state_of(issue).await, "in_review");
    assert_eq!(office.state_of(mentioned).await, "open");
    let said = office.said(issue).await;
    assert!(said[0].contains("(https://github.com/acme/web/pull/7)"), "{said:?}");

    let again = deliver(delivery("d-1", "opened", false, KEY)).await;
    assert_eq!(told(&again), (200, json!({ "message": "this delivery was taken before" })));
    let merged = deliver(delivery("d-2", "closed", true, KEY)).await;
    assert_eq!(told(&merged), (200, json!({ "linked": [], "moved": ["ENG-1"] })));
    assert_eq!(office.state_of(issue).await, "closed");
    assert_eq!(office.said(issue).await.len(), 1, "it is said once");
    office.close().await;
}
