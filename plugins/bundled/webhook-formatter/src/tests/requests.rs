//! Requests that leave, and settings that are refused.

use crate::Plugin;
use mortise_sdk::fake::{self, state};
use mortise_sdk::host::http::{HeaderValue, Method, Request};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

fn host(more: Json) -> fake::Installed {
    let mut settings = json!({ "url": "https://ntfy.sh/x" });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fake::Host::new().settings(settings).secret("signing-key", "key").secret("authorization", "t").install()
}

fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    let found = request.headers().iter().find(|(key, _)| key == name);
    match found {
        Some((_, HeaderValue::Text(text))) => text,
        Some((_, HeaderValue::Secret(secret))) => secret.prefix.as_str(),
        None => "none",
    }
}

fn body(request: &Request) -> Json {
    serde_json::from_slice(request.content().unwrap()).unwrap()
}

#[test]
fn without_a_template_everything_is_sent() {
    let host = host(json!({}));
    let change = |key: &str| Change {
        key: key.to_owned(),
        before: Some(Value::Text("a".to_owned())),
        after: Some(Value::Number(2.0)),
    };
    let issue = Issue { state: state("done", Category::Completed), ..fake::issue("ENG-1") };
    Plugin::on_event(&fake::call(), fake::updated(issue, vec![change("labels"), change("state")])).unwrap();
    let sent = body(&host.enqueued()[0]);
    assert_eq!(sent["event"], "issue.completed");
    let names = ["issue.completed", "issue.transitioned", "issue.labeled", "issue.updated"];
    assert_eq!(sent["events"], json!(names));
    assert_eq!(sent["changes"][0], json!({ "key": "labels", "before": "a", "after": 2.0 }));
    assert_eq!((&sent["issue"]["key"], &sent["actor"]["name"]), (&json!("ENG-1"), &json!("Ada")));
    assert_eq!(header(&host.enqueued()[0], "content-type"), "application/json");
}

#[test]
fn requests_are_made_as_settings_say() {
    let host = host(json!({
        "method": "put", "content-type": "text/plain", "template": "{{actor.name}}: {{comment.body}}",
        "headers": [{ "name": "X-Title", "value": "Mortise" }], "authorization": "Bearer", "signature": "plain",
    }));
    let comment = fake::comment("ENG-1", "usr_bo", "hi \"there\"");
    Plugin::on_event(&fake::call(), fake::commented(fake::issue("ENG-1"), comment)).unwrap();
    let request = host.enqueued().remove(0);
    assert_eq!((request.method(), request.url()), (Method::Put, "https://ntfy.sh/x"));
    assert_eq!(request.content().unwrap(), b"Ada: hi \"there\"");
    assert_eq!((header(&request, "x-title"), header(&request, "authorization")), ("Mortise", "Bearer "));
    let tag = header(&request, "x-mortise-signature-256");
    assert!(tag.starts_with("sha256=") && tag.len() == 7 + 64, "{tag}");
}

#[test]
fn a_standard_signature_has_its_three_headers() {
    let host = host(json!({ "signature": "standard", "template": "{}" }));
    Plugin::on_event(&fake::call(), fake::created(fake::issue("ENG-1"))).unwrap();
    let request = host.enqueued().remove(0);
    assert_eq!(
        (header(&request, "webhook-id"), header(&request, "webhook-timestamp")),
        ("inv_1", "1769850000")
    );
    // HMAC-SHA256 of `inv_1.1769850000.{}` with the key `key`.
    assert_eq!(header(&request, "webhook-signature"), "v1,iM+TWsqXFoVH3DREfRsrA+t3Xu5fCAVvg9Kqddubi3s=");
}

#[test]
fn what_was_not_chosen_is_not_sent() {
    let chosen = |more: Json, event: Event| {
        let host = host(more);
        Plugin::on_event(&fake::call(), event).unwrap();
        host.enqueued().len()
    };
    let created = || fake::created(fake::issue("ENG-1"));
    assert_eq!(chosen(json!({}), created()), 1);
    assert_eq!(chosen(json!({ "events": ["issue.*"] }), created()), 1);
    assert_eq!(chosen(json!({ "events": ["comment.created"] }), created()), 0);
    assert_eq!(chosen(json!({ "only": { "teams": ["OPS"] } }), created()), 0);
    let secret = || fake::created(Issue { confidential: true, ..fake::issue("ENG-1") });
    assert_eq!(chosen(json!({}), secret()), 0);
    assert_eq!(chosen(json!({ "confidential": true }), secret()), 1);
    let other = || Event::Other(Other { name: "approval.granted".to_owned(), json: "{\"a\":1}".to_owned() });
    assert_eq!(chosen(json!({}), other()), 1);
    assert_eq!(chosen(json!({ "events": ["issue.*"] }), other()), 0);
}

#[test]
fn a_template_that_cannot_work_is_found_when_it_is_entered() {
    let entered = |more: Json| {
        let _host = host(more);
        Plugin::on_lifecycle(&fake::call(), Step::SettingsChanged)
    };
    assert!(entered(json!({})).is_ok());
    assert!(entered(json!({ "template": r#"{"a":"{{issue.title}}"}"# })).is_ok());
    for template in [r#"{"a":{{issue.title}}}"#, r#"{"a":"{{raw issue.title}}"}"#, "{{#if a}}", "no json"] {
        assert!(matches!(entered(json!({ "template": template })), Err(Failure::Permanent(_))), "{template}");
    }
    let own = json!({ "templates": { "issue.created": "{{", "comment.created": "{}" } });
    assert!(entered(own).is_err());
    let text = json!({ "template": "no json", "content-type": "text/plain" });
    assert!(entered(text).is_ok());
}

#[test]
fn a_template_that_fails_at_an_event_is_no_reason_to_try_again() {
    let _host = host(json!({ "template": "{{" }));
    let failure = Plugin::on_event(&fake::call(), fake::created(fake::issue("ENG-1"))).unwrap_err();
    assert!(matches!(failure, Failure::Permanent(_)));
}
