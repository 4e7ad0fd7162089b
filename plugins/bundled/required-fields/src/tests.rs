//! What is let through, and what is said of the rest.

use crate::Plugin;
use mortise_sdk::fake::{self, state};
use mortise_sdk::prelude::*;
use serde_json::json;

/// The verdict on a move of an issue to `done`, or to another state of a category, in words.
fn moved(issue: &Issue, to: &StateRef) -> String {
    let proposal = fake::transition(issue.state.clone(), to.clone());
    let issue = Issue { state: to.clone(), ..issue.clone() };
    said(Plugin::validate(&fake::call(), &issue, &proposal).unwrap())
}

fn said(verdict: Verdict) -> String {
    match verdict {
        Verdict::Allow => "yes".to_owned(),
        Verdict::Deny(denial) => {
            let fields: Vec<String> = denial.fields.into_iter().map(|field| field.key).collect();
            format!("{} [{}]", denial.message, fields.join(" "))
        }
    }
}

fn done() -> StateRef {
    state("done", Category::Completed)
}

fn doing() -> StateRef {
    state("doing", Category::Started)
}

fn bug() -> Issue {
    Issue { kind: Kind::Bug, ..fake::issue("ENG-1") }
}

#[test]
fn a_state_asks_for_its_fields_and_names_each_that_is_missing() {
    let rules = json!([
        { "fields": ["assignees", "estimate"], "categories": ["started"] },
        { "fields": ["resolution", "comments"], "only": { "kinds": ["bug"] } },
        { "fields": ["estimate", "due-date", "customer"], "states": ["done"], "only": { "labels": ["customer"] } },
    ]);
    let _host = fake::Host::new().settings(json!({ "rules": rules })).install();
    assert_eq!(
        moved(&bug(), &doing()),
        "“doing” needs somebody assigned and an estimate [assignees estimate]"
    );
    assert_eq!(moved(&bug(), &done()), "“done” needs a resolution and a comment [resolution comments]");
    assert_eq!(moved(&fake::issue("ENG-2"), &done()), "yes");
    let full = Issue { resolution: Some("DONE".to_owned()), comment_count: 1, ..bug() };
    assert_eq!(moved(&full, &done()), "yes");
    let label = LabelRef { id: "lbl_1".to_owned(), name: "Customer".to_owned() };
    let customers = Issue { labels: vec![label], ..full };
    assert_eq!(
        moved(&customers, &done()),
        "“done” needs an estimate, a due date and “customer” [estimate due-date customer]"
    );
    let custom = Field { key: "customer".to_owned(), value: Value::Text("ACME".to_owned()) };
    let whole = Issue {
        estimate: Some(3),
        due_date: Some("2026-02-01".to_owned()),
        fields: vec![custom],
        ..customers
    };
    assert_eq!(moved(&whole, &done()), "yes");
}

#[test]
fn a_rule_without_states_is_about_completed_ones_and_may_have_its_own_words() {
    let rules =
        json!([{ "fields": ["estimate", "assignee"], "message": "Not {{state}} without {{fields}}!" }]);
    let _host = fake::Host::new().settings(json!({ "rules": rules })).install();
    let said = moved(&bug(), &done());
    assert_eq!(said, "Not done without an estimate and somebody assigned! [estimate assignees]");
    assert_eq!(moved(&bug(), &state("wont_do", Category::Canceled)), "yes");
}

#[test]
fn an_issue_is_made_in_a_state_only_with_its_fields() {
    let rules = json!([{ "fields": ["priority"], "states": ["backlog"] }]);
    let _host = fake::Host::new().settings(json!({ "rules": rules })).install();
    let made = |issue: &Issue| said(Plugin::validate(&fake::call(), issue, &Proposal::Create).unwrap());
    assert_eq!(made(&bug()), "“backlog” needs a priority [priority]");
    assert_eq!(made(&Issue { priority: Priority::Low, ..bug() }), "yes");
}

#[test]
fn fields_are_kept_only_where_a_rule_says_so() {
    let change =
        |key: &str| Proposal::Update(vec![Change { key: key.to_owned(), before: None, after: None }]);
    let issue = Issue { state: done(), ..bug() };
    let emptied = |keep: bool, key: &str| {
        let rules = json!([{ "fields": ["estimate", "due-date"], "keep": keep }]);
        let _host = fake::Host::new().settings(json!({ "rules": rules })).install();
        said(Plugin::validate(&fake::call(), &issue, &change(key)).unwrap())
    };
    assert_eq!(emptied(true, "estimate"), "“done” needs an estimate [estimate]");
    assert_eq!(emptied(true, "title"), "yes");
    assert_eq!(emptied(false, "estimate"), "yes");
}

#[test]
fn a_board_greys_out_what_cannot_be_entered_yet() {
    let rules = json!([{ "fields": ["resolution", "estimate"] }]);
    let _host = fake::Host::new().settings(json!({ "rules": rules })).install();
    let issues = [bug(), Issue { estimate: Some(1), ..bug() }];
    let candidates = vec![vec![doing(), done()], vec![done()]];
    let next = Plugin::next_states(&fake::call(), &issues, &candidates).unwrap();
    let greyed = NextState::disabled(done(), "“done” needs an estimate");
    // A resolution comes with the move, so it greys out nothing.
    let expected = vec![vec![NextState::enabled(doing()), greyed], vec![NextState::enabled(done())]];
    assert_eq!(next, expected);
}

#[test]
fn comments_and_missing_rules_are_nothing_to_it() {
    let _host = fake::Host::new().install();
    let verdict = Plugin::validate(&fake::call(), &bug(), &Proposal::Comment("hi".to_owned())).unwrap();
    assert_eq!(said(verdict), "yes");
    assert_eq!(moved(&bug(), &done()), "yes");
}
