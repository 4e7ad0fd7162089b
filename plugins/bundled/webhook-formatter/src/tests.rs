//! Templates, escapes, requests.

mod requests;

use crate::escape::Form;
use crate::send;
use crate::settings::Settings;
use crate::template::{parse, render};
use serde_json::{Value as Json, json};

fn context() -> Json {
    json!({
        "event": "issue.created",
        "issue": {
            "key": "ENG-1", "title": "Say \"hi\"\n", "labels": [{ "name": "a" }, { "name": "b\\" }], "estimate": 0,
            "parent": null, "assignees": ["x", "y"],
        },
    })
}

fn rendered(template: &str, form: Form) -> Result<String, String> {
    render(&parse(template)?, &context(), form)
}

fn text(template: &str) -> String {
    rendered(template, Form::Text).unwrap()
}

#[test]
fn values_conditions_and_lists() {
    for (template, expected) in [
        ("plain", "plain"),
        ("{{issue.key}} {{ issue.key }}", "ENG-1 ENG-1"),
        ("{{issue.nothing.at.all}}", ""),
        ("{{json issue.labels.0}}", r#"{"name":"a"}"#),
        ("{{json issue.nothing}}", "null"),
        ("{{#if issue.parent}}yes{{else}}no{{/if}}", "no"),
        ("{{#if issue.estimate}}yes{{/if}}", ""),
        ("{{#each issue.labels \", \"}}{{this.name}}{{/each}}", "a, b\\"),
        ("{{#each issue.assignees}}[{{this}}]{{/each}}", "[x][y]"),
        ("{{#each issue.labels}}{{#if this.name}}{{issue.key}}{{/if}}{{/each}}", "ENG-1ENG-1"),
        ("{{#each issue.key}}x{{/each}}", ""),
        ("{{#each issue.assignees \"\\n\"}}{{this}}{{/each}}", "x\ny"),
        ("a } b }} c", "a } b }} c"),
    ] {
        assert_eq!(text(template), expected, "{template}");
    }
}

#[test]
fn mistakes_are_told() {
    for (template, expected) in [
        ("{{issue.key", "a {{ has no }}"),
        ("{{#if a}}x", "{{#if}} has no {{/if}}"),
        ("{{#if a}}x{{/each}}", "{{#if}} has no {{/if}}"),
        ("{{/if}}", "{{/if}} without {{#if}}"),
        ("{{else}}", "{{else}} without {{#if}}"),
        ("{{#each a}}x{{else}}y{{/each}}", "{{#each}} has no {{/each}}"),
        ("{{#with a}}{{/with}}", "{{#with}} is not known: there are if and each"),
        ("{{upper a}}", "{{upper …}} is not known: there are json and raw"),
        ("{{a..b}}", "`a..b` is no name of a value"),
        ("{{}}", "`` is no name of a value"),
        ("{{#each a b}}{{/each}}", "what stands between items stands in quotes"),
    ] {
        assert_eq!(parse(template).unwrap_err(), expected, "{template}");
    }
    let deep = "{{#if a}}".repeat(20);
    assert!(parse(&deep).unwrap_err().contains("deep"));
    assert!(parse(&"{{a}}".repeat(3000)).unwrap_err().contains("pieces"));
    let long = format!("{}{{{{a}}}}", "x".repeat(200_000));
    assert!(rendered(&long, Form::Text).unwrap_err().contains("longer"));
}

#[test]
fn values_are_escaped_for_the_body() {
    let template = "{{issue.title}}";
    assert_eq!(rendered(template, Form::Json).unwrap(), r#"Say \"hi\"\n"#);
    assert_eq!(rendered(template, Form::Urlencoded).unwrap(), "Say%20%22hi%22%0A");
    assert_eq!(rendered("{{raw issue.title}}", Form::Json).unwrap(), "Say \"hi\"\n");
    for (kind, form) in [
        ("application/json; charset=utf-8", Form::Json),
        ("application/vnd.api+json", Form::Json),
        ("application/x-www-form-urlencoded", Form::Urlencoded),
        ("text/plain", Form::Text),
    ] {
        assert_eq!(Form::of(kind), form, "{kind}");
    }
}

#[test]
fn a_body_of_json_is_json() {
    let body = |template: &str| {
        let settings = Settings { template: Some(template.to_owned()), ..Settings::default() };
        send::body(&settings, &["issue.created".to_owned()], &context())
    };
    assert_eq!(body(r#"{"t":"{{issue.title}}"}"#).unwrap(), r#"{"t":"Say \"hi\"\n"}"#);
    assert!(body("{\"t\":{{issue.title}}}").unwrap_err().contains("no JSON"));
    assert!(body(r#"{"t":"{{raw issue.title}}"}"#).unwrap_err().contains("no JSON"));
}

#[test]
fn an_event_has_its_own_template_or_the_common_one() {
    let mut settings = Settings { template: Some("\"common\"".to_owned()), ..Settings::default() };
    settings.templates.insert("issue.completed".to_owned(), "\"own\"".to_owned());
    let body = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        send::body(&settings, &names, &context()).unwrap()
    };
    assert_eq!(body(&["issue.completed", "issue.updated"]), "\"own\"");
    assert_eq!(body(&["issue.updated"]), "\"common\"");
    let all = send::body(&Settings::default(), &[], &context()).unwrap();
    assert_eq!(serde_json::from_str::<Json>(&all).unwrap(), context());
}
