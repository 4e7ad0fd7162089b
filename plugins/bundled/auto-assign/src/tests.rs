//! Whose turn it is, and who gets what.

use crate::Plugin;
use crate::rota::turn;
use crate::settings::{Rota, Settings};
use mortise_sdk::fake::{self, state};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

fn rota(handover: &str, days: i32) -> Rota {
    Rota { handover: handover.to_owned(), days, ..Rota::default() }
}

#[test]
fn duty_changes_hands_where_the_company_is() {
    // The anchor is Monday, 2026-01-05. In March Vienna's clocks go forward.
    for (now, zone, number) in [
        ("2026-01-05T07:59:00.000Z", "Europe/Vienna", -1),
        ("2026-01-05T08:00:00.000Z", "Europe/Vienna", 0),
        ("2026-01-12T07:59:59.000Z", "Europe/Vienna", 0),
        ("2026-01-12T08:00:00.000Z", "Europe/Vienna", 1),
        ("2026-03-30T06:59:59.000Z", "Europe/Vienna", 11),
        ("2026-03-30T07:00:00.000Z", "Europe/Vienna", 12),
        ("2026-01-12T08:00:00.000Z", "America/New_York", 0),
        ("2026-01-12T14:00:00.000Z", "America/New_York", 1),
        ("2026-01-12T09:00:00.000Z", "no such zone", 1),
        ("2025-12-29T12:00:00.000Z", "UTC", -1),
    ] {
        assert_eq!(turn(&rota("09:00", 7), now, zone).number, number, "{now} {zone}");
    }
    let own = Rota { zone: Some("Asia/Tokyo".to_owned()), ..rota("09:00", 7) };
    assert_eq!(turn(&own, "2026-01-12T00:00:00.000Z", "UTC").number, 1);
}

#[test]
fn turns_go_round_and_reach_back() {
    let begins = |now: &str| turn(&rota("00:00", 7), now, "UTC").begins(3);
    assert_eq!(begins("2026-01-05T00:00:00.000Z"), 0);
    assert_eq!(begins("2026-01-19T00:00:00.000Z"), 2);
    assert_eq!(begins("2026-01-26T00:00:00.000Z"), 0);
    assert_eq!(begins("2026-01-04T23:00:00.000Z"), 2);
    assert_eq!(turn(&rota("00:00", 1), "2026-01-08T05:00:00.000Z", "UTC").begins(2), 1);
}

#[test]
fn days_away_include_both_ends() {
    let settings: Settings = serde_json::from_value(json!({
        "away": [{ "who": "Bo", "from": "2026-03-02", "to": "2026-03-03" }, { "who": "ana", "from": "x", "to": "y" }],
    }))
    .unwrap();
    let away = |who: &str, day: &str| settings.is_away(who, day.parse().unwrap());
    assert!(away("bo", "2026-03-02") && away("BO", "2026-03-03"));
    assert!(!away("bo", "2026-03-01") && !away("bo", "2026-03-04") && !away("ana", "2026-03-02"));
}

/// A host with three people, of whom Cy has left; it is the second turn.
fn host(settings: Json) -> fake::Host {
    let gone = Member { active: false, ..fake::member("cy") };
    let host = fake::Host::new()
        .settings(settings)
        .member(fake::member("ana"))
        .member(fake::member("bo"))
        .member(gone);
    host.now("2026-01-13T12:00:00.000Z")
}

/// Who gets an issue that is made, or nobody.
fn assigned(issue: &Issue, proposal: &Proposal) -> String {
    match Plugin::amend(&fake::call(), issue, proposal).unwrap().as_slice() {
        [] => "nobody".to_owned(),
        [Edit::SetAssignees(people)] => people.join(" "),
        other => format!("{other:?}"),
    }
}

fn made(issue: &Issue) -> String {
    assigned(issue, &Proposal::Create)
}

#[test]
fn the_first_rule_that_fits_decides() {
    let rules = json!([
        { "only": { "kinds": ["bug"] }, "people": ["ana", "bo"] },
        { "only": { "labels": ["Payments"] }, "people": ["ana"], "pick": "first" },
    ]);
    let _host = host(json!({ "rules": rules })).install();
    let bug = Issue { kind: Kind::Bug, ..fake::issue("ENG-1") };
    assert_eq!(made(&bug), "usr_bo");
    let label = LabelRef { id: "lbl_1".to_owned(), name: "payments".to_owned() };
    assert_eq!(made(&Issue { labels: vec![label], ..fake::issue("ENG-1") }), "usr_ana");
    assert_eq!(made(&fake::issue("ENG-1")), "nobody");
    assert_eq!(made(&Issue { assignees: vec!["usr_x".to_owned()], ..bug.clone() }), "nobody");
    assert_eq!(made(&Issue { state: state("done", Category::Completed), ..bug }), "nobody");
}

#[test]
fn whoever_is_not_there_is_skipped() {
    let people = |people: Json, more: Json| {
        let mut settings = json!({ "rules": [{ "people": people }] });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let _host = host(settings).install();
        made(&fake::issue("ENG-1"))
    };
    assert_eq!(people(json!(["ana", "cy"]), json!({})), "usr_ana", "Cy is on duty and has left");
    assert_eq!(people(json!(["ana", "never"]), json!({})), "usr_ana", "nobody is called so");
    let away = json!({ "away": [{ "who": "bo", "from": "2026-01-13", "to": "2026-01-13" }] });
    assert_eq!(people(json!(["ana", "bo"]), away.clone()), "usr_ana");
    assert_eq!(people(json!(["bo", "cy"]), away), "nobody");
}

#[test]
fn whoever_has_least_to_do_gets_it() {
    let open = |settings: Json, anas: usize, bos: usize| {
        let many = |who: &str, count: usize| {
            let assignees = vec![format!("usr_{who}")];
            let own = move |at| Issue { assignees: assignees.clone(), ..fake::issue(&format!("ENG-{at}")) };
            (0..count).map(own).collect::<Vec<_>>()
        };
        let host = host(settings).issues(many("ana", anas)).issues(many("bo", bos));
        let host = host.finding(|filter, issue| filter.contains(&issue.assignees[0])).install();
        (made(&fake::issue("ENG-99")), host.queries())
    };
    let rule = |most: Json| json!({ "rules": [{ "people": ["ana", "bo"], "pick": "load", "most": most }] });
    let asked = ["assignee:usr_bo is:open", "assignee:usr_ana is:open"].map(str::to_owned).to_vec();
    assert_eq!(open(rule(Json::Null), 2, 3), ("usr_ana".to_owned(), asked));
    assert_eq!(open(rule(Json::Null), 3, 2).0, "usr_bo");
    assert_eq!(open(rule(Json::Null), 2, 2).0, "usr_bo", "equally much: whoever is on duty");
    assert_eq!(open(rule(json!(3)), 3, 2).0, "usr_bo");
    assert_eq!(open(rule(json!(2)), 3, 2).0, "nobody");
}

#[test]
fn later_changes_count_only_if_settings_say_so() {
    let change = |keys: &[&str]| {
        let change = |key: &&str| Change { key: (*key).to_owned(), before: None, after: None };
        Proposal::Update(keys.iter().map(change).collect())
    };
    let rules = json!([{ "people": ["ana"] }]);
    for (on_change, keys, expected) in [
        (true, vec!["labels"], "usr_ana"),
        (true, vec!["title"], "nobody"),
        (true, vec!["labels", "assignees"], "nobody"),
        (false, vec!["labels"], "nobody"),
    ] {
        let _host = host(json!({ "rules": rules, "on-change": on_change })).install();
        assert_eq!(assigned(&fake::issue("ENG-1"), &change(&keys)), expected, "{keys:?}");
    }
}

#[test]
fn it_stays_within_the_host_calls_of_a_hook() {
    let people: Vec<String> = (0..40).map(|at| format!("p{at}")).collect();
    let mut host = host(json!({ "rules": [{ "people": people, "pick": "load" }] }));
    for person in &people {
        host = host.member(fake::member(person));
    }
    let host = host.install();
    made(&fake::issue("ENG-1"));
    assert_eq!(host.queries().len(), 15);
}
