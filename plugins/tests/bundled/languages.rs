//! One rule, written in Rust, in JavaScript and in Python: a company that has it notices no difference.

use crate::office::Office;
use crate::world::{Company, World, guest};
use mortise_engine::command::issue::IssuePatch;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::IssueId;
use mortise_engine::model::{EntitlementKey, EntitlementValue, Tier};
use mortise_engine::{ErrorCode, NewTenant};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_in_rust_decides() {
    an_issue_is_completed_only_with_what_is_required("estimate-gate-rust").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_in_javascript_decides_alike() {
    an_issue_is_completed_only_with_what_is_required("estimate-gate-js").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_in_python_decides_alike() {
    an_issue_is_completed_only_with_what_is_required("estimate-gate-python").await;
}

async fn an_issue_is_completed_only_with_what_is_required(example: &str) {
    // A compiler that is not optimised itself takes its time for an interpreter.
    let world = World::with(|config| {
        (config.host.compile.cpu, config.host.compile.wall) =
            (Duration::from_secs(120), Duration::from_secs(300));
        config.host.compile_wait = Duration::from_secs(300);
    })
    .await;
    let new = NewTenant::new("acme", "acme").with_team("ENG").with_tier(Tier::Platinum);
    let founded = world.engine.create_tenant(new).await.unwrap();
    let us = Principal::trusted_system(founded.tenant.id);
    // A guest in Python brings its interpreter: it is uploaded where large ones were agreed.
    let words = EntitlementValue::Words(["curated", "own", "large"].map(str::to_owned).into());
    let cx = OpContext::new(us.clone());
    world.engine.override_entitlement(cx, EntitlementKey::Plugins, Some((words, None))).await.unwrap();
    let required = json!({ "required": ["estimate", "description"] });
    let puppet = world.install(&us, guest(example), required).await;
    let company = Company { team: founded.team.unwrap(), us, puppet };
    let office = Office { world, company };

    let issue = office.issue("Login fails", |new| new).await;
    office.move_to(issue, "in_progress", IssuePatch::default()).await.unwrap();
    let error = office.move_to(issue, "closed", IssuePatch::default()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rejected, "{error}");
    assert!(error.message().contains("ENG-1 is not done: estimate, description are missing"), "{error}");
    let fields: Vec<_> = error.fields().iter().map(|(field, why)| (field.as_str(), why.as_str())).collect();
    assert_eq!(fields, [("estimate", "is missing"), ("description", "is missing")]);
    assert_eq!(closing_is_refused(&office, issue).await.unwrap(), "estimate, description are missing");

    let described =
        IssuePatch { description: Some(Some("It says 500.".to_owned())), ..IssuePatch::default() };
    office.move_to(issue, "in_review", described).await.unwrap();
    assert_eq!(closing_is_refused(&office, issue).await.unwrap(), "estimate is missing");
    let estimated = IssuePatch { estimate: Some(Some(3)), ..IssuePatch::default() };
    office.move_to(issue, "closed", estimated).await.unwrap();
    assert_eq!(office.state_of(issue).await, "closed");
    office.close().await;
}

/// Why the rule does not offer to close an issue, if it does not.
async fn closing_is_refused(office: &Office, issue: IssueId) -> Option<String> {
    let closed = office.state("closed").await;
    let row = office.world.issue(&office.company, issue).await;
    let reader = office.world.engine.reader(&office.company.us).await.unwrap();
    let mut of_each = reader.forbidden_moves(reader.directory(), &[row]).await;
    let refused = of_each.pop().unwrap().into_iter().find(|(state, _)| *state == closed);
    refused.map(|(_, reason)| reason.message)
}
