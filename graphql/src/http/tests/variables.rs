//! Variables: their types, defaults, absence, on first sight of a document and later.

use axum::Router;
use serde_json::{Value, json};

use super::{Answer, app, post};
use crate::http::RouterOptions;

async fn with(app: &Router, document: &str, variables: Value) -> Answer {
    post(app, json!({ "query": document, "variables": variables })).await
}

#[tokio::test]
async fn a_bad_variable_gets_the_same_answer_on_every_sight_of_its_document() {
    const PAINT: &str = "query($v: Paint!){paint(paint: $v)}";
    const NESTED: &str = "query($v: Colour!){paint(paint: {colour: $v})}";
    const KEY: &str = "query($v: Key!){key(key: $v)}";
    let good = json!({ "colour": "RED" });
    for (document, fits, bad) in [
        ("query($v: Colour){colour(colour: $v)}", json!("RED"), json!("BLUE")),
        ("query($v: Colour){colour(colour: $v)}", json!("RED"), json!(7)),
        ("mutation($v: Colour!){colour(colour: $v)}", json!("RED"), json!("BLUE")),
        ("mutation($v: Colour!){colour(colour: $v)}", json!("RED"), json!(null)),
        ("query($v: Int){issues(first: $v){number}}", json!(1), json!("1")),
        ("query($v: Int){issues(first: $v){number}}", json!(1), json!(1.5)),
        ("query($v: Int){issues(first: $v){number}}", json!(1), json!(9_000_000_000_i64)),
        ("query($v: String!){fail(code: $v)}", json!("CONFLICT"), json!(["CONFLICT"])),
        (PAINT, good.clone(), json!({ "colour": "BLUE" })),
        (PAINT, good.clone(), json!({ "colour": null })),
        (PAINT, good.clone(), json!({})),
        (PAINT, good.clone(), json!({ "colour": "RED", "gloss": 1 })),
        (PAINT, good.clone(), json!("RED")),
        (PAINT, good.clone(), json!([good])),
        (PAINT, good.clone(), json!({ "colour": "RED", "under": { "colour": "RED", "coats": true } })),
        (NESTED, json!("RED"), json!("BLUE")),
        (KEY, json!({ "number": 7 }), json!({ "number": 7, "id": "x" })),
        (KEY, json!({ "id": "x" }), json!({ "id": null })),
    ] {
        let app = app(RouterOptions::default());
        let first = with(&app, document, json!({ "v": bad })).await;
        first.assert_refused(400, "INVALID_INPUT");
        let fitting = with(&app, document, json!({ "v": fits })).await;
        assert_ne!(fitting.code(), "INVALID_INPUT", "{document}: {}", fitting.text);
        let later = with(&app, document, json!({ "v": bad })).await;
        later.assert_refused(400, "INVALID_INPUT");
        let strip = |answer: &Answer| {
            let mut json = answer.json();
            json["errors"][0]["extensions"]["requestId"].take();
            json
        };
        assert_eq!(strip(&first), strip(&later), "{document} with {bad}");
    }
}

#[tokio::test]
async fn objects_nested_beyond_the_bound_are_refused_in_literals_and_variables_and_both_together() {
    let app = app(RouterOptions::default());
    let literal =
        |levels: usize| (0..levels).fold("null".to_owned(), |p, _| format!("{{colour:RED,under:{p}}}"));
    let json = |levels: usize| (0..levels).fold(Value::Null, |p, _| json!({ "colour": "RED", "under": p }));
    let document = "query($v: Paint){paint(paint: $v)}";
    let mixed = "query($v: Paint){paint(paint: {colour: RED, under: {colour: RED, under: $v}})}";
    with(&app, &format!("{{paint(paint: {})}}", literal(41)), json!({}))
        .await
        .assert_refused(400, "TOO_COSTLY");
    with(&app, document, json!({ "v": json(41) })).await.assert_refused(400, "TOO_COSTLY");
    with(&app, document, json!({ "v": json(100) })).await.assert_refused(400, "TOO_COSTLY");
    with(&app, mixed, json!({ "v": json(39) })).await.assert_refused(400, "TOO_COSTLY");
    for (document, variables) in [
        (format!("{{paint(paint: {})}}", literal(40)), json!({})),
        (document.to_owned(), json!({ "v": json(40) })),
        (mixed.to_owned(), json!({ "v": json(38) })),
    ] {
        assert_eq!(with(&app, &document, variables).await.status, 200, "{document}");
    }
}

#[tokio::test]
async fn a_required_variable_must_be_sent() {
    let app = app(RouterOptions::default());
    let document = "mutation($v: Colour!){colour(colour: $v)}";
    with(&app, document, json!({})).await.assert_refused(400, "INVALID_INPUT");
    assert_eq!(with(&app, document, json!({ "v": "RED" })).await.status, 200);
    with(&app, document, json!({ "w": "RED" })).await.assert_refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn a_complaint_names_the_place_and_not_the_value() {
    let app = app(RouterOptions::default());
    let value = json!({ "v": { "colour": "RED", "under": { "colour": "hush" } } });
    let answer = with(&app, "query($v: Paint!){paint(paint: $v)}", value).await;
    assert_eq!(
        answer.json()["errors"][0]["message"],
        "cannot use the variables: `$v.under.colour` is not a valid `Colour`"
    );
}

#[tokio::test]
async fn a_default_counts_in_include_and_skip() {
    let app = app(RouterOptions::default());
    let document = "query($d: Boolean = true){a:hello @include(if:$d) b:hello @skip(if:$d)}";
    assert_eq!(with(&app, document, json!({})).await.text, r#"{"data":{"a":"hello"}}"#);
    assert_eq!(with(&app, document, json!({ "d": false })).await.text, r#"{"data":{"b":"hello"}}"#);
    assert_eq!(with(&app, document, json!({})).await.text, r#"{"data":{"a":"hello"}}"#);
}

#[tokio::test]
async fn an_argument_whose_variable_is_not_sent_takes_its_own_default() {
    let app = app(RouterOptions::default());
    let hello = "query($n: Int){...A} fragment A on Query{hello(times: $n)}";
    let issues = "query($n: Int){issues(first: $n){number}}";
    for _ in 0..2 {
        assert_eq!(with(&app, hello, json!({})).await.text, r#"{"data":{"hello":"hello"}}"#);
        assert_eq!(with(&app, hello, json!({ "n": 2 })).await.text, r#"{"data":{"hello":"hello hello"}}"#);
        // Its cost formula reads the variable too.
        let answer = with(&app, issues, json!({})).await;
        assert_eq!(answer.json()["data"]["issues"].as_array().map(Vec::len), Some(50), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_bad_literal_beside_a_variable_is_found_before_anything_runs() {
    let app = app(RouterOptions::default());
    let document = "query($c: Int){paint(paint: {colour: BLUE, coats: $c})}";
    for _ in 0..2 {
        with(&app, document, json!({ "c": 1 })).await.assert_refused(400, "INVALID_INPUT");
    }
}

#[tokio::test]
async fn an_operation_is_not_charged_for_its_neighbours() {
    let app = app(RouterOptions::default());
    let document = "query A{hello} query B($n: Int!){issues(first: $n){number}}";
    for _ in 0..2 {
        let request =
            |name: &str, n: u32| json!({ "query": document, "operationName": name, "variables": { "n": n } });
        assert_eq!(post(&app, json!({ "query": document, "operationName": "A" })).await.status, 200);
        assert_eq!(
            post(&app, request("B", 3)).await.json()["data"]["issues"].as_array().map(Vec::len),
            Some(3)
        );
        post(&app, json!({ "query": document, "operationName": "B" }))
            .await
            .assert_refused(400, "INVALID_INPUT");
    }
}
