//! Those that take part in a change: required-fields, four-eyes, auto-assign.

use crate::office::Office;
use mortise_engine::ErrorCode;
use mortise_engine::command::issue::{CreateIssue, IssuePatch};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_is_refused_until_the_fields_that_it_requires_are_filled() {
    let rule = json!({ "fields": ["assignees", "estimate"], "categories": ["completed"] });
    let office = Office::with("required-fields", json!({ "rules": [rule] })).await;
    let ana = office.member("ana").await;
    let issue = office.issue("Login fails", |new| new).await;
    office.move_to(issue, "in_progress", IssuePatch::default()).await.unwrap();
    let error = office.move_to(issue, "closed", IssuePatch::default()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected, "{error}");
    assert!(error.message().contains("needs somebody assigned and an estimate"), "{error}");
    let fields: Vec<_> = error.fields().iter().map(|(field, why)| (field.as_str(), why.as_str())).collect();
    let why = "must be filled for \u{201c}Closed\u{201d}";
    assert_eq!(fields, [("assignees", why), ("estimate", why)]);
    assert_eq!(office.state_of(issue).await, "in_progress");

    let filled = IssuePatch { estimate: Some(Some(3)), assignees: Some(vec![ana]), ..IssuePatch::default() };
    office.move_to(issue, "closed", filled).await.unwrap();
    assert_eq!(office.state_of(issue).await, "closed");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_did_the_work_does_not_pass_it_and_somebody_else_does() {
    let office = Office::with("four-eyes", json!({})).await;
    let (ana, bo) = (office.member("ana").await, office.member("bo").await);
    let assigned = office.issue("Login fails", |new| CreateIssue { assignees: vec![ana], ..new }).await;
    let submitted = office.issue("Logout fails", |new| new).await;
    office.move_as(ana, submitted, "in_review").await.unwrap();
    for issue in [assigned, submitted] {
        let error = office.move_as(ana, issue, "closed").await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Rejected, "{error}");
        assert_eq!(error.fields()[0].0, "state", "{error}");
        office.move_as(bo, issue, "closed").await.unwrap();
        assert_eq!(office.state_of(issue).await, "closed");
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_issue_goes_to_whoever_looks_after_its_component() {
    let rules = json!([
        { "only": { "labels": ["payments"] }, "people": ["ana@example.com"], "pick": "first" },
        { "people": ["bo@example.com"], "pick": "first" },
    ]);
    let office = Office::with("auto-assign", json!({ "rules": rules })).await;
    let (ana, bo) = (office.member("ana").await, office.member("bo").await);
    let payments = office.label("payments").await;
    let with = |new: CreateIssue| CreateIssue { labels: vec![payments], ..new };
    let card = office.issue("The card is refused", with).await;
    assert_eq!(office.assignees(card).await, [ana]);
    assert_eq!(office.world.issue(&office.company, card).await.version, 1, "in the same fact");
    let other = office.issue("Login fails", |new| new).await;
    assert_eq!(office.assignees(other).await, [bo]);
    let taken = office.issue("Mine", |new| CreateIssue { assignees: vec![bo], ..with(new) }).await;
    assert_eq!(office.assignees(taken).await, [bo], "whoever was named keeps it");
    office.close().await;
}
