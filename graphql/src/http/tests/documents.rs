//! The guard and the document cache.

use std::fmt::Write;

use async_graphql::parser::parse_query;
use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::{app, ask, post};
use crate::http::{DocumentLimits, ErrorCode, RouterOptions, document_cache::Document, guard};

/// What graphql-js asks in order to learn a schema, with every option on.
const INTROSPECTION: &str = include_str!("introspection.graphql");

fn bomb(levels: usize) -> String {
    let mut text = String::from("{...F0}");
    for level in 0..levels {
        write!(text, " fragment F{level} on Query{{...F{0} ...F{0}}}", level + 1).unwrap();
    }
    write!(text, " fragment F{levels} on Query{{__typename}}").unwrap();
    text
}

fn repeat(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

#[tokio::test]
async fn the_standard_introspection_query_is_answered() {
    let app = app(RouterOptions::default());
    let answer = ask(&app, INTROSPECTION).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.json()["data"]["__schema"]["types"].as_array().unwrap().len() > 5);
}

#[tokio::test]
async fn introspection_can_be_turned_off() {
    let app = app(RouterOptions { introspection: false, ..RouterOptions::default() });
    ask(&app, INTROSPECTION).await.assert_refused(400, "INVALID_INPUT");
    ask(&app, "{...A} fragment A on Query{__type(name:\"Query\"){name}}")
        .await
        .assert_refused(400, "INVALID_INPUT");
    assert_eq!(ask(&app, "{__typename}").await.status, 200);
}

#[tokio::test]
async fn a_document_over_a_limit_is_too_costly() {
    let app = app(RouterOptions::default());
    for document in [
        bomb(14),
        bomb(40),
        format!("{{{}}}", repeat(201, |i| format!("a{i}:hello "))),
        format!("{{{}}}", "hello ".repeat(2001)),
        format!("{{hello {}}}", "@skip(if:false)".repeat(101)),
        format!("query {} {{hello}}", "@a".repeat(101)),
        format!("{{...A}} fragment A on Query {} {{hello}}", "@a".repeat(101)),
        repeat(11, |i| format!("query q{i}{{hello}}")),
        format!("query({}){{hello}}", repeat(101, |i| format!("$v{i}:Int "))),
        format!("{{{}}} fragment A on Query{{hello}}", "...A ".repeat(51)),
        format!("{}__typename{}", "{cycle".repeat(16), "}".repeat(16)),
        format!("{{{}hello{}}}", "...{".repeat(41), "}".repeat(41)),
        format!("{{hello(a:{}{})}}", "[".repeat(8000), "]".repeat(8000)),
        "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}".into(),
        format!("{{hello}}#{}", "x".repeat(16 * 1024)),
    ] {
        let answer = ask(&app, &document).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "TOO_COSTLY"), "{document:.60}");
    }
}

#[tokio::test]
async fn fifty_aliases_and_fourteen_levels_are_ordinary() {
    let app = app(RouterOptions::default());
    let aliases = format!("{{{}}}", repeat(50, |i| format!("a{i}:hello ")));
    assert_eq!(ask(&app, &aliases).await.status, 200);
    let deep = format!("{}{{__typename}}{}", "{cycle".repeat(14), "}".repeat(14));
    assert_eq!(ask(&app, &deep).await.status, 200);
}

#[tokio::test]
async fn a_fragment_that_contains_itself_is_invalid() {
    let app = app(RouterOptions::default());
    for document in [
        "{...A} fragment A on Query{...A}",
        "{...A} fragment A on Query{...B} fragment B on Query{hello ...A}",
        "{hello} fragment A on Query{...B} fragment B on Query{...A}",
    ] {
        ask(&app, document).await.assert_refused(400, "INVALID_INPUT");
    }
}

#[tokio::test]
async fn a_document_that_is_not_valid_stays_refused_and_a_valid_one_stays_valid() {
    let app = app(RouterOptions::default());
    let document = "query A{hello} query B($n:Int!){hello(times:$n)}";
    for _ in 0..3 {
        ask(&app, "{hello nope}").await.assert_refused(400, "INVALID_INPUT");
        let named = |name: &str| json!({ "query": document, "operationName": name, "variables": { "n": 2 } });
        assert_eq!(post(&app, named("A")).await.json()["data"]["hello"], "hello");
        assert_eq!(post(&app, named("B")).await.json()["data"]["hello"], "hello hello");
    }
}

#[tokio::test]
async fn a_cost_limit_of_the_schemas_own_is_too_costly() {
    use std::sync::Arc;

    use prometheus_client::registry::Registry;

    use crate::http::{AlwaysReady, HttpMetrics, Nobody, router};

    let mut registry = Registry::default();
    let metrics = HttpMetrics::register(&mut registry);
    let schema = || super::toy::schema().limit_complexity(100);
    let app = router(schema, Nobody, AlwaysReady, metrics, Arc::new(registry), RouterOptions::default());
    let document = "query($n:Int){issues(first:$n){number}}";
    for _ in 0..2 {
        let few = post(&app, json!({ "query": document, "variables": { "n": 50 } })).await;
        assert_eq!(few.status, 200, "{}", few.text);
        let many = post(&app, json!({ "query": document, "variables": { "n": 51 } })).await;
        many.assert_refused(400, "TOO_COSTLY");
    }
    ask(&app, "{issues(first:51){number}}").await.assert_refused(400, "TOO_COSTLY");
}

#[test]
fn the_cache_forgets_documents_beyond_its_bytes() {
    use std::sync::Arc;

    use crate::http::{HttpLimits, document_cache::DocumentCache};

    let limits = HttpLimits { document_cache_bytes_max: 64 * 1024, ..HttpLimits::default() };
    let cache = DocumentCache::new(&limits);
    for number in 0..1000 {
        let text = format!("{{a{number}:hello}}");
        cache.keep(&text, Arc::new(Document::read(&text, &limits.document, true, None).unwrap()));
    }
    assert!((1..=100).contains(&cache.len()), "{}", cache.len());
}

/// A document of fragments that spread, nest and alias each other at random, and whether none can contain itself.
fn fragment_graph() -> impl Strategy<Value = (String, bool)> {
    let item = prop_oneof![
        (0..12_usize).prop_map(|target| format!("...F{target} ")),
        (0..12_usize).prop_map(|target| format!("cycle{{...F{target} ...F{target}}}")),
        (0..12_usize).prop_map(|target| format!("...on Query{{...F{target}}}")),
        (0..5_u8).prop_map(|alias| format!("a{alias}:hello ")),
        Just("hello ".to_owned()),
    ];
    (vec(vec(item, 1..6), 1..12), any::<bool>()).prop_map(|(fragments, acyclic)| {
        let mut text = String::from("{...F0}");
        for (index, items) in fragments.iter().enumerate() {
            let kept: String = items
                .iter()
                .filter(|item| !acyclic || (0..=index).all(|target| !item.contains(&format!("F{target} "))))
                .filter(|item| !acyclic || (0..=index).all(|target| !item.contains(&format!("F{target}}}"))))
                .map(String::as_str)
                .collect();
            let addition = format!(" fragment F{index} on Query{{__typename {kept}}}");
            if text.len() + addition.len() <= 1024 {
                text.push_str(&addition);
            }
        }
        (text, acyclic)
    })
}

/// How many selections the document means, by the definition: `None` for endless or more than `u64`.
fn expanded(document: &str) -> Option<u64> {
    use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

    fn count(document: &ExecutableDocument, set: &SelectionSet, depth: u32) -> Option<u64> {
        if depth > 64 {
            return None;
        }
        set.items.iter().try_fold(0_u64, |sum, selection| {
            let inner = match &selection.node {
                Selection::Field(field) => count(document, &field.node.selection_set.node, depth + 1)?,
                Selection::InlineFragment(inline) => {
                    count(document, &inline.node.selection_set.node, depth + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    match document.fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => count(document, &fragment.node.selection_set.node, depth + 1)?,
                        None => 0,
                    }
                }
            };
            // Enough to know that the guard must refuse.
            let sum = sum + inner + 1;
            if sum > 100_000 { None } else { Some(sum) }
        })
    }
    let document = parse_query(document).unwrap();
    document.operations.iter().try_fold(0, |sum, (_, operation)| {
        Some(sum + count(&document, &operation.node.selection_set.node, 0)?)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_guard_looks_at_no_selection_twice_and_refuses_exactly_what_is_too_large((text, acyclic) in fragment_graph()) {
        let limits = DocumentLimits::default();
        let meant = expanded(&text).filter(|meant| *meant <= limits.selections_max);
        match guard::check(&parse_query(&text).unwrap(), &limits, true) {
            Ok(visited) => {
                prop_assert!(visited <= text.len() as u64, "visited {visited} of {} bytes", text.len());
                prop_assert!(meant.is_some());
            }
            Err(objection) if acyclic => {
                let large = meant.is_none() || text.matches("...F").count() as u64 > u64::from(limits.spreads_max);
                prop_assert!(large || objection.message.contains("aliases"), "{}", objection.message);
                prop_assert_eq!(objection.code, ErrorCode::TooCostly);
            }
            Err(_) => {}
        }
    }
}
