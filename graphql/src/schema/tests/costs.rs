//! What requests are reckoned at, held to what they take; and the names by which fields are known, held to the schema.

use super::world::World;
use crate::ExternalAuthenticator;
use crate::http::RouterOptions;
use crate::schema::costs::{
    ARGUMENT_POINTS, FIELD_POINTS, LIST_ROWS, PROVING_FIELDS, REFRESHING_FIELDS, ROW_POINTS,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Request, header};
use mortise_engine::model::Tier;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tower::ServiceExt as _;

/// The whole server, at which the super admin asks.
fn app(world: &World) -> Router {
    let ada = world.ada.principal.clone();
    let door = ExternalAuthenticator::new(move |_: &http::request::Parts| Some(ada.clone()));
    crate::router_with(world.engine.clone(), door, Registry::default(), RouterOptions::default())
}

/// What a document was reckoned at, and what it took.
async fn cost(app: &Router, document: &str, variables: Value) -> (u64, u64) {
    let body = json!({ "query": document, "variables": variables }).to_string();
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    let answer = app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let answer = to_bytes(answer.into_body(), 64 << 20).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    // The plugins of a server that runs none are reckoned all the same.
    let refused = answer.pointer("/errors/0/message").and_then(Value::as_str).unwrap_or_default();
    assert!(
        answer.get("errors").is_none() || refused == "this server runs no plugins",
        "{document}: {answer}"
    );
    let cost = &answer["extensions"]["cost"];
    (cost["requestedQueryCost"].as_u64().unwrap(), cost["actualQueryCost"].as_u64().unwrap())
}

#[tokio::test]
async fn nothing_is_reckoned_at_less_than_a_tenth_of_what_it_takes() {
    let world = World::of_tier(Tier::Platinum).await;
    let long = "long ".repeat(64 * 1024 / 5);
    let issue = world.issue("Long", json!({ "description": long })).await["id"].clone();
    for _ in 0..3 {
        let input = json!({ "issueId": issue, "body": long });
        world.change("commentCreate(input: $input) { #", "CommentCreateInput", input).await;
    }
    for n in 0..60 {
        let change = "mutation($id: ID!, $title: String!) {
            issueUpdate(id: $id, input: { title: $title }) { success } }";
        world.ask(change, json!({ "id": issue, "title": format!("Long {n}") })).await;
    }
    let app = app(&world);
    let ids: Vec<&Value> = std::iter::repeat_n(&issue, 250).collect();
    for (document, variables) in [
        (
            "query($ids: [ID!]!) { a: nodes(ids: $ids) { id } b: nodes(ids: $ids) { id } }",
            json!({"ids": ids}),
        ),
        ("{ issues { nodes { description } } }", json!({})),
        ("query($id: ID!) { issue(id: $id) { description } }", json!({"id": issue})),
        ("query($id: ID!) { issue(id: $id) { comments(first: 3) { nodes { id } } } }", json!({"id": issue})),
        (
            "query($id: ID!) { issue(id: $id) { history(first: 1) { edges { cursor } } } }",
            json!({"id": issue}),
        ),
        ("{ issues(first: 5, at: { syncCursor: \"5\" }) { nodes { title } } }", json!({})),
        ("{ search(text: \"long\", first: 5) { hits { nodes { score } } } }", json!({})),
        ("{ auditEvents(first: 5) { edges { cursor } } }", json!({})),
    ] {
        let (reckoned, took) = cost(&app, document, variables).await;
        assert!(took <= 10 * reckoned, "{document}: {took}, reckoned at {reckoned}");
    }
}

#[tokio::test]
async fn a_page_of_the_audit_log_is_reckoned_at_no_less_than_a_tenth_of_what_it_may_take() {
    let world = World::of_tier(Tier::Platinum).await;
    let document = "{ auditEvents(first: 1, filter: { kinds: [\"nothing\"] }) { edges { cursor } } }";
    let (reckoned, _) = cost(&app(&world), document, json!({})).await;
    let most = world.engine.limits().audit_reads_max as u64 / 10;
    assert!(most <= 10 * reckoned, "{most}, reckoned at {reckoned}");
}

#[tokio::test]
async fn a_change_of_many_issues_costs_as_many_changes() {
    let world = World::of_tier(Tier::Platinum).await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(world.issue(&format!("Issue {n}"), json!({})).await["id"].clone());
    }
    let change = "mutation($ids: [ID!]!, $mode: BatchMode!) {
        issueBatchUpdate(ids: $ids, input: { priority: HIGH }, mode: $mode) { success } }";
    for mode in ["ATOMIC", "BEST_EFFORT"] {
        let (reckoned, took) = cost(&app(&world), change, json!({ "ids": ids, "mode": mode })).await;
        assert!(reckoned >= 200 && took >= 200, "{mode}: {took}, reckoned at {reckoned}");
    }
}

#[tokio::test]
async fn plugins_are_reckoned_with_the_pages_within_them_and_calls_of_them_as_more_than_a_change() {
    let world = World::of_tier(Tier::Platinum).await;
    let app = app(&world);
    let (all, took) = cost(&app, "{ plugins { runs(first: 100) { nodes { id } } } }", json!({})).await;
    assert!(all >= 50 * 100 && took < 10, "{took}, reckoned at {all}");
    for (document, least) in [
        ("mutation { pluginReplay(run: \"run_00000000000000000000000000\") { same } }", 30),
        ("mutation { pluginEnable(id: \"pin_00000000000000000000000000\") { success } }", 60),
        ("mutation { pluginBacktestStart(input: { digest: \"%\" }) { success } }", 510),
    ] {
        let document = document.replace('%', &"0a".repeat(32));
        let (reckoned, took) = cost(&app, &document, json!({})).await;
        assert!(reckoned >= least && took >= least, "{document}: {took}, reckoned at {reckoned}");
    }
}

/// The type of a field or an argument: the introspection of it, as deep as types here go.
const TYPE: &str = "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

async fn all_types() -> Vec<Value> {
    let document = format!(
        "{{ __schema {{ types {{ kind name enumValues {{ name }} inputFields {{ name {TYPE} }}
            fields {{ name args {{ name {TYPE} }} }} }} }} }}"
    );
    let answer = crate::schema::bare().finish().execute(document).await.into_result().unwrap();
    let mut answer = answer.data.into_json().unwrap();
    serde_json::from_value(answer["__schema"]["types"].take()).unwrap()
}

fn each<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    value[list].as_array().into_iter().flatten()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

#[tokio::test]
async fn every_name_that_is_reckoned_by_is_in_the_schema() {
    let types = all_types().await;
    let fields = || types.iter().flat_map(|of| each(of, "fields"));
    let named: BTreeSet<&str> = fields().map(name).collect();
    for of in FIELD_POINTS.iter().chain(&ROW_POINTS).map(|(of, _)| *of) {
        assert!(named.contains(of), "{of}");
    }
    for (of, _) in LIST_ROWS {
        assert!(named.contains(of), "{of}");
    }
    let arguments: BTreeSet<&str> = fields().flat_map(|field| each(field, "args")).map(name).collect();
    for (of, _) in ARGUMENT_POINTS {
        assert!(arguments.contains(of), "{of}");
    }
    let mutation = types.iter().find(|of| name(of) == "Mutation").unwrap();
    for of in PROVING_FIELDS.iter().chain(&REFRESHING_FIELDS) {
        assert!(each(mutation, "fields").any(|field| name(field) == *of), "{of}");
    }
}

/// A value of this type that its resolver gets to see; whether it means anything does not matter.
fn some(ty: &Value, types: &[Value]) -> Value {
    match ty["kind"].as_str().unwrap() {
        "NON_NULL" => some(&ty["ofType"], types),
        "LIST" => json!([]),
        _ => {
            let of = types.iter().find(|of| name(of) == name(ty)).unwrap();
            match (of["kind"].as_str().unwrap(), name(of)) {
                ("ENUM", _) => of["enumValues"][0]["name"].clone(),
                ("INPUT_OBJECT", _) => {
                    let needed = each(of, "inputFields").filter(|field| field["type"]["kind"] == "NON_NULL");
                    needed.map(|field| (name(field).to_owned(), some(&field["type"], types))).collect()
                }
                (_, "Int") => json!(1),
                (_, "Float") => json!(1.0),
                (_, "Boolean") => json!(false),
                (_, "DateTime") => json!("2026-01-01T00:00:00Z"),
                _ => json!("x"),
            }
        }
    }
}

fn written(ty: &Value) -> String {
    match ty["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", written(&ty["ofType"])),
        "LIST" => format!("[{}]", written(&ty["ofType"])),
        _ => name(ty).to_owned(),
    }
}

#[tokio::test]
async fn whatever_a_request_without_credentials_may_change_takes_points_of_its_address() {
    let world = World::new().await;
    let types = all_types().await;
    let mutation = types.iter().find(|of| name(of) == "Mutation").unwrap();
    let mut open = BTreeSet::new();
    for field in each(mutation, "fields") {
        // Those that may be left out as well, where they are a text: a token can take the place of credentials.
        let texts = ["String", "ID"];
        let given: Vec<&Value> = each(field, "args")
            .filter(|of| {
                of["type"]["kind"] == "NON_NULL"
                    || texts.contains(&of["type"]["name"].as_str().unwrap_or_default())
            })
            .collect();
        let variables: Value =
            given.iter().map(|of| (name(of).to_owned(), some(&of["type"], &types))).collect();
        let declared: String =
            given.iter().map(|of| format!("${}: {} ", name(of), written(&of["type"]))).collect();
        let passed: String = given.iter().map(|of| format!("{0}: ${0} ", name(of))).collect();
        let document = format!("mutation({declared}) {{ {}({passed}) {{ __typename }} }}", name(field));
        let answer = world.execute(None, &document, variables.clone()).await;
        if !answer.errors.iter().any(|error| error.message.starts_with("nobody is signed in")) {
            assert!(
                answer.errors.iter().all(|error| !error.path.is_empty()),
                "{document} {variables}: {:?}",
                answer.errors
            );
            open.insert(name(field));
        }
    }
    assert!(open.contains("signIn") && open.contains("secondFactorConfirm"), "{open:?}");
    let known: BTreeSet<&str> = PROVING_FIELDS.into_iter().chain(REFRESHING_FIELDS).collect();
    let unknown: Vec<_> = open.difference(&known).collect();
    assert!(unknown.is_empty(), "nobody limits {unknown:?}");
}
