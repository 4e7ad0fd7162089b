use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::time::{Duration, Instant};

fn schema(schema: Value) -> Schema {
    Schema::new(&schema).unwrap()
}

/// A schema whose one property is this.
fn of_one(property: Value) -> Value {
    json!({ "type": "object", "properties": { "x": property } })
}

fn all() -> Schema {
    schema(json!({
        "type": "object",
        "title": "Reminders",
        "required": ["channel"],
        "additionalProperties": false,
        "properties": {
            "channel": {
                "type": "string", "description": "Where to write.",
                "minLength": 2, "maxLength": 5, "pattern": "^#[a-z]+$",
            },
            "days": { "type": "integer", "minimum": 1, "maximum": 30, "default": 7 },
            "ratio": { "type": "number", "default": 0.5, "description": "How much." },
            "quiet": { "type": "boolean" },
            "kind": { "enum": ["bug", "task"], "default": "bug" },
            "names": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "type": "string" } },
            "mail": {
                "type": "object",
                "properties": { "at": { "type": "string", "default": "09:00" }, "to": { "type": "string" } },
            },
        },
    }))
}

#[test]
fn settings_that_fit_pass() {
    let schema = all();
    for settings in [
        json!({ "channel": "#abc" }),
        json!({ "channel": "#abc", "days": 30, "ratio": -1.5, "quiet": false, "kind": "task", "names": ["a"] }),
        json!({ "channel": "#abc", "mail": {} }),
    ] {
        assert_eq!(schema.check(&settings), Ok(()), "{settings}");
    }
}

#[test]
fn each_thing_that_is_wrong_is_named_where_it_is() {
    let schema = all();
    for (settings, path, message) in [
        (json!({}), "channel", "is missing (string): Where to write."),
        (json!({ "channel": "#abc", "chanel": 1 }), "chanel", "is none of the settings"),
        (json!({ "channel": "#" }), "channel", "is shorter than 2 characters"),
        (json!({ "channel": "#abcdef" }), "channel", "is longer than 5 characters"),
        (json!({ "channel": "abc" }), "channel", "does not match \"^#[a-z]+$\""),
        (json!({ "channel": 4 }), "channel", "is not of type \"string\""),
        (json!({ "channel": "#abc", "days": 0 }), "days", "is less than the minimum of 1"),
        (json!({ "channel": "#abc", "days": 31 }), "days", "is greater than the maximum of 30"),
        (json!({ "channel": "#abc", "days": 1.5 }), "days", "is not of type \"integer\""),
        (json!({ "channel": "#abc", "kind": "epic" }), "kind", "is not one of \"bug\" or \"task\""),
        (json!({ "channel": "#abc", "names": [] }), "names", "has less than 1 item"),
        (json!({ "channel": "#abc", "names": ["a", 5] }), "names.1", "is not of type \"string\""),
        (json!({ "channel": "#abc", "mail": { "to": null } }), "mail.to", "is not of type \"string\""),
        (json!([]), "", "is not of type \"object\""),
        (json!(null), "", "is not of type \"object\""),
    ] {
        let errors = schema.check(&settings).unwrap_err();
        assert!(
            errors.iter().any(|e| e.path == path && e.message.contains(message)),
            "{settings}: {errors:?}"
        );
    }
    let errors = schema.check(&json!({ "days": 0, "more": 1, "most": 2 })).unwrap_err();
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["channel", "days", "more", "most"], "all at once, in order");
}

#[test]
fn what_may_be_chosen_is_named_up_to_a_number() {
    let said = |choices: Vec<String>| {
        let errors = schema(of_one(json!({ "enum": choices }))).check(&json!({ "x": 0 })).unwrap_err();
        errors[0].message.clone()
    };
    let some = |number: usize| (0..number).map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(said(some(1)), "is not one of \"0\"");
    assert!(said(some(20)).ends_with("\"18\" or \"19\""), "{}", said(some(20)));
    assert!(said(some(25)).ends_with("\"18\", \"19\" or 5 others"), "{}", said(some(25)));
    assert!(said(vec!["x".repeat(100)]).len() < 60);
}

#[test]
fn an_error_does_not_hold_the_value() {
    let errors = all().check(&json!({ "channel": "secret-value" })).unwrap_err();
    assert!(!format!("{errors:?}").contains("secret-value"), "{errors:?}");
}

#[test]
fn defaults_stand_where_nothing_was_said() {
    let schema = all();
    let filled = schema.with_defaults(json!({ "channel": "#abc", "days": 3, "mail": { "to": "ana" } }));
    let expected = json!({
        "channel": "#abc", "days": 3, "ratio": 0.5, "kind": "bug", "mail": { "to": "ana", "at": "09:00" },
    });
    assert_eq!(filled, expected);
    assert_eq!(schema.check(&filled), Ok(()));
    let nested = super::Schema::new(&json!({
        "type": "object",
        "properties": { "a": { "type": "object", "default": {}, "properties": { "b": { "default": 1 } } } },
    }));
    assert_eq!(nested.unwrap().with_defaults(none()), json!({ "a": { "b": 1 } }));
    assert_eq!(schema.with_defaults(json!("no object")), json!("no object"));
}

#[test]
fn what_is_outside_the_part_is_refused() {
    for (inner, why) in [
        (json!({ "$ref": "#" }), "`$ref` is not spoken"),
        (json!({ "$ref": "https://example.com/schema" }), "not spoken"),
        (json!({ "$dynamicRef": "#a" }), "not spoken"),
        (json!({ "$schema": "https://example.com" }), "not spoken"),
        (json!({ "$id": "https://example.com" }), "not spoken"),
        (json!({ "anyOf": [] }), "not spoken"),
        (json!({ "not": {} }), "not spoken"),
        (json!({ "uniqueItems": true }), "not spoken"),
        (json!({ "patternProperties": {} }), "not spoken"),
        (json!({ "format": "regex" }), "not spoken"),
        (json!({ "type": ["string", "null"] }), "one of string"),
        (json!({ "type": "null" }), "one of string"),
        (json!({ "enum": [] }), "1 to 500"),
        (json!({ "minLength": -1 }), "from 0"),
        (json!({ "minLength": 1.5 }), "from 0"),
        (json!({ "minimum": "1" }), "a number"),
        (json!({ "items": [{}] }), "a schema"),
        (json!({ "items": true }), "a schema"),
        (json!({ "required": "a" }), "list of at most 500 names"),
        (json!({ "title": 1 }), "a text"),
        (json!(true), "a table of keywords"),
        (json!("string"), "a table of keywords"),
        (json!({ "type": "integer", "default": "7" }), "`default`"),
        (json!({ "items": { "maximum": 3, "default": 4 } }), "`default`"),
    ] {
        let error = Schema::new(&of_one(inner)).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.path.starts_with("settings.x"), "{error}");
    }
    for whole in [json!({}), json!({ "type": "string" }), json!([]), json!({ "properties": {} })] {
        assert_eq!(Schema::new(&whole).unwrap_err().path, "settings");
    }
}

#[test]
fn a_schema_has_bounds() {
    let mut nested = json!({});
    for _ in 1..SCHEMA_DEPTH_MAX {
        nested = json!({ "type": "object", "properties": { "a": nested } });
    }
    assert!(Schema::new(&nested).is_ok());
    let deeper = json!({ "type": "object", "properties": { "a": nested } });
    assert!(Schema::new(&deeper).unwrap_err().to_string().contains("deeper than 8"));
    let long = of_one(json!({ "description": "x".repeat(SCHEMA_BYTES_MAX) }));
    assert!(Schema::new(&long).unwrap_err().to_string().contains("more than 32768 bytes"));
    let many: Map<String, Value> =
        (0..=PATTERNS_MAX).map(|n| (format!("p{n}"), json!({ "pattern": "a" }))).collect();
    let many = json!({ "type": "object", "properties": many });
    assert!(Schema::new(&many).unwrap_err().to_string().contains("more than 50 patterns"));
}

#[test]
fn settings_have_bounds() {
    let any = schema(json!({ "type": "object" }));
    let long = json!({ "a": "x".repeat(SETTINGS_BYTES_MAX) });
    assert!(any.check(&long).unwrap_err()[0].message.contains("more than 65536 bytes"));
    let numbers = schema(of_one(json!({ "type": "array", "items": { "type": "string" } })));
    assert_eq!(numbers.check(&json!({ "x": vec![0; 10_000] })).unwrap_err().len(), ERRORS_MAX);
    let closed =
        schema(json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": false }));
    let many: Map<String, Value> = (0..1000).map(|n| (format!("k{n}"), json!(1))).collect();
    assert_eq!(closed.check(&Value::Object(many)).unwrap_err().len(), ERRORS_MAX);
    let none = schema(json!({ "type": "object", "additionalProperties": false }));
    let errors = none.check(&json!({ "a": 1, "b": 2 })).unwrap_err();
    assert!(errors.len() == 1 && errors[0].message.contains("takes no settings"), "{errors:?}");
}

#[test]
fn patterns_that_one_pass_cannot_match_are_refused() {
    for pattern in [r"(a)\1", "(?=a)b", "(?<!a)b", "(", "a{1000}{1000}", r"(\w{100}){100}"] {
        let error = Schema::new(&of_one(json!({ "type": "string", "pattern": pattern }))).unwrap_err();
        assert_eq!(error.path, "settings.x", "{error}");
        let list = json!({ "type": "array", "items": { "type": "string", "pattern": pattern } });
        assert_eq!(Schema::new(&of_one(list)).unwrap_err().path, "settings.x.items");
    }
    assert!(Schema::new(&of_one(json!({ "pattern": "a".repeat(501) }))).is_err());
}

#[test]
fn no_settings_and_no_pattern_keep_a_thread_for_long() {
    let text = "a".repeat(60_000) + "!";
    for pattern in ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)*(.*)*(.*)*x", r"^(\w+\s?)*$", "(a?){30}a{30}$"]
    {
        let start = Instant::now();
        let schema = schema(of_one(json!({ "type": "string", "pattern": pattern })));
        let _ = schema.check(&json!({ "x": text }));
        assert!(start.elapsed() < Duration::from_secs(10), "{pattern} took {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn no_schema_panics(text in r#"[\[\]{}",:a-z0-9 $]{0,80}"#, name in "[a-zA-Z$]{1,12}") {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let _ = Schema::new(&value);
            let mut inner = Map::new();
            inner.insert(name, value);
            let _ = Schema::new(&of_one(Value::Object(inner)));
        }
    }
}
