//! Payloads: small ones written for these tests, and GitHub's own examples where they are at hand.

use crate::link::{Plan, Target};
use crate::settings::Settings;
use crate::{pull_request, push};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

fn settings() -> Settings {
    Settings::default()
}

fn pull(action: &str, merged: bool, draft: bool) -> Json {
    json!({
        "action": action, "number": 7,
        "pull_request": {
            "number": 7, "title": "ENG-1: Sign in @all", "body": "Fixes ENG-2. Like ENG-3.",
            "html_url": "https://github.com/acme/web/pull/7", "draft": draft, "merged": merged,
            "head": { "ref": "ana/eng-4-sign-in" }, "user": { "login": "ana" },
        },
        "repository": { "full_name": "acme/web", "default_branch": "main" },
    })
}

fn of_pull(payload: &Json, settings: &Settings) -> Option<Plan> {
    pull_request::take(settings, &pull_request::read(payload.to_string().as_bytes()).unwrap())
}

/// Keys with what becomes of them.
fn targets(plan: Option<Plan>) -> String {
    let Some(plan) = plan else { return "nothing".to_owned() };
    plan.targets().map(|(key, target)| format!("{key} {target:?}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_pull_request_moves_what_it_is_about_and_links_what_it_mentions() {
    for (action, merged, draft, expected) in [
        ("opened", false, false, "ENG-4 Open, ENG-1 Open, ENG-2 Open, ENG-3 None"),
        ("opened", false, true, "ENG-4 Branch, ENG-1 Branch, ENG-2 Branch, ENG-3 None"),
        ("ready_for_review", false, false, "ENG-4 Open, ENG-1 Open, ENG-2 Open, ENG-3 None"),
        ("edited", false, false, "ENG-4 None, ENG-1 None, ENG-2 None, ENG-3 None"),
        ("closed", true, false, "ENG-4 Merge, ENG-1 Merge, ENG-2 Merge, ENG-3 None"),
        ("closed", false, false, "nothing"),
        ("labeled", false, false, "nothing"),
    ] {
        let plan = of_pull(&pull(action, merged, draft), &settings());
        assert_eq!(targets(plan), expected, "{action}");
    }
    let careful = Settings { merge_needs_word: true, ..settings() };
    let plan = of_pull(&pull("closed", true, false), &careful);
    assert_eq!(targets(plan), "ENG-4 None, ENG-1 None, ENG-2 Merge, ENG-3 None");
}

#[test]
fn another_repository_is_not_taken() {
    let only = Settings { repositories: vec!["acme/api".to_owned()], ..settings() };
    assert_eq!(of_pull(&pull("opened", false, false), &only), None);
}

fn pushed(reference: &str, message: &str) -> Json {
    json!({
        "ref": reference, "deleted": false, "compare": "https://github.com/acme/web/compare/a...b",
        "commits": [
            { "id": "0123456789abcdef", "message": message, "url": "https://github.com/acme/web/commit/0123456",
              "distinct": true, "author": { "name": "Ana" } },
            { "id": "fedcba9876543210", "message": "ENG-9 came earlier", "url": "https://github.com/x", "distinct": false,
              "author": { "name": null } },
        ],
        "repository": { "full_name": "acme/web", "default_branch": "main" },
    })
}

#[test]
fn a_push_moves_by_where_it_goes() {
    for (reference, message, expected) in [
        ("refs/heads/main", "Sign in\n\nFixes ENG-1, see ENG-2", "ENG-1 Merge, ENG-2 None"),
        ("refs/heads/eng-3-x", "Fixes ENG-1", "ENG-1 Branch, ENG-3 Branch"),
        ("refs/heads/eng-3-x", "typo", "ENG-3 Branch"),
        ("refs/tags/v1", "Fixes ENG-1", "nothing"),
        ("refs/heads/main", "typo", "nothing"),
    ] {
        let push = push::read(pushed(reference, message).to_string().as_bytes()).unwrap();
        assert_eq!(targets(push::take(&settings(), &push)), expected, "{reference} {message}");
    }
}

#[test]
fn fields_that_are_missing_or_new_are_no_trouble() {
    for payload in ["{}", r#"{"pull_request":{"title":"x","new":[1]},"installation":{"id":1}}"#] {
        assert_eq!(of_pull(&serde_json::from_str(payload).unwrap(), &settings()), None);
        assert_eq!(push::take(&settings(), &push::read(payload.as_bytes()).unwrap()), None);
    }
    assert!(push::read(b"payload=%7B").is_err() && push::read(b"").is_err());
}

/// GitHub's own example payloads of an event.
fn examples(event: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("payloads").join(event);
    let found: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(found.len() >= 4, "{found:?}");
    found
}

#[test]
fn githubs_own_pull_requests_are_read() {
    for path in examples("pull_request") {
        let text = std::fs::read_to_string(&path).unwrap();
        let event = pull_request::read(text.as_bytes()).unwrap();
        let pull = &event.pull_request;
        let is_whole = pull.number > 0 && !pull.title.is_empty() && pull.html_url.starts_with("https://");
        assert!(
            is_whole && !pull.head.reference.is_empty() && event.repository.full_name.contains('/'),
            "{path:?}"
        );
        // They name no issues of ours; one that did would be found.
        assert_eq!(pull_request::take(&settings(), &event), None, "{path:?}");
        let mut payload: Json = serde_json::from_str(&text).unwrap();
        payload["pull_request"]["title"] = "ENG-1".into();
        payload["action"] = "opened".into();
        payload["pull_request"]["draft"] = false.into();
        assert_eq!(targets(of_pull(&payload, &settings())), "ENG-1 Open", "{path:?}");
    }
}

#[test]
fn githubs_own_pushes_are_read() {
    for path in examples("push") {
        let text = std::fs::read_to_string(&path).unwrap();
        let push = push::read(text.as_bytes()).unwrap();
        assert!(push.reference.starts_with("refs/") && push.repository.full_name.contains('/'), "{path:?}");
        assert_eq!(push::take(&settings(), &push), None, "{path:?}");
        let mut payload: Json = serde_json::from_str(&text).unwrap();
        payload["ref"] = "refs/heads/eng-1-x".into();
        payload["deleted"] = false.into();
        let push = push::read(payload.to_string().as_bytes()).unwrap();
        assert_eq!(targets(push::take(&settings(), &push)), "ENG-1 Branch", "{path:?}");
    }
}

#[test]
fn the_further_target_counts() {
    let mut plan = Plan::new("pull/1".to_owned(), "acme/web");
    plan.add("ENG-1", Target::Open);
    plan.add("ENG-1", Target::None);
    plan.add("ENG-1", Target::Merge);
    assert_eq!(targets(Some(plan)), "ENG-1 Merge");
}
