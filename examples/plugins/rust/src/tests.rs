//! The plugin against the fake host: plain `cargo test`, no server and no WebAssembly.

use super::*;
use mortise_sdk::fake;
use serde_json::json;

fn verdict(issue: &Issue) -> Verdict {
    EstimateGate::validate(&fake::call(), issue, &fake::completed(issue)).unwrap()
}

#[test]
fn an_issue_without_estimate_is_not_completed() {
    let _host = fake::Host::new().install();
    let expected = Verdict::deny("ENG-1 is not done: estimate is missing").at("estimate", "is missing");
    assert_eq!(verdict(&fake::issue("ENG-1")), expected);
}

#[test]
fn nor_is_one_created_completed() {
    let _host = fake::Host::new().install();
    let done = fake::state("done", Category::Completed);
    let issue = Issue { key: String::new(), state: done, ..fake::issue("ENG-1") };
    let verdict = EstimateGate::validate(&fake::call(), &issue, &Proposal::Create).unwrap();
    let expected = Verdict::deny("this issue is not done: estimate is missing").at("estimate", "is missing");
    assert_eq!(verdict, expected);
}

#[test]
fn an_issue_with_an_estimate_is() {
    let _host = fake::Host::new().install();
    assert_eq!(verdict(&Issue { estimate: Some(3), ..fake::issue("ENG-1") }), Verdict::allow());
}

#[test]
fn a_company_may_ask_for_other_fields() {
    let _host = fake::Host::new().settings(json!({ "required": ["assignees", "due-date"] })).install();
    let expected = Verdict::deny("ENG-1 is not done: assignees, due-date are missing")
        .at("assignees", "is missing")
        .at("due-date", "is missing");
    assert_eq!(verdict(&fake::issue("ENG-1")), expected);
}

#[test]
fn other_proposals_are_not_its_affair() {
    let _host = fake::Host::new().install();
    let issue = fake::issue("ENG-1");
    let starts = fake::transition(issue.state.clone(), fake::state("doing", Category::Started));
    for proposal in [Proposal::Create, Proposal::Comment("hello".to_owned()), starts] {
        assert_eq!(EstimateGate::validate(&fake::call(), &issue, &proposal).unwrap(), Verdict::allow());
    }
}

#[test]
fn a_whole_board_is_narrowed_at_once() {
    let _host = fake::Host::new().install();
    let (doing, done) = (fake::state("doing", Category::Started), fake::state("done", Category::Completed));
    let issues = [fake::issue("ENG-1"), Issue { estimate: Some(1), ..fake::issue("ENG-2") }];
    let candidates = [vec![doing.clone(), done.clone()], vec![done.clone()]];
    let answer = EstimateGate::next_states(&fake::call(), &issues, &candidates).unwrap();
    let expected = [
        vec![NextState::enabled(doing), NextState::disabled(done.clone(), "estimate is missing")],
        vec![NextState::enabled(done)],
    ];
    assert_eq!(answer, expected);
}
