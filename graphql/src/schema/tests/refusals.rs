//! Bad input and strangers: always a typed answer.

use super::world::World;
use crate::{Snapshot, Viewer};
use async_graphql::Request;
use mortise_engine::NewTenant;
use mortise_engine::context::Principal;
use mortise_engine::id::IssueId;
use serde_json::json;

#[tokio::test]
async fn nobody_may_ask_anything_but_to_sign_in() {
    let world = World::new().await;
    for document in [
        "{ viewer { id } }",
        "{ issues { totalCount } }",
        "{ node(id: \"x\") { id } }",
        "mutation { issueDelete(id: \"ENG-1\") { success } }",
        "mutation { signOut { success } }",
    ] {
        assert_eq!(world.code(None, document, json!({})).await, "UNAUTHENTICATED", "{document}");
    }
    assert!(world.execute(None, "{ __typename __schema { queryType { name } } }", json!({})).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_read_is_invalid_and_names_its_field() {
    let world = World::new().await;
    for document in [
        "{ issue(id: \"nonsense\") { id } }",
        "{ node(id: \"nonsense\") { id } }",
        "{ member(id: \"iss_00000000000000000000000000\") { id } }",
        "{ issues(first: 0) { totalCount } }",
        "{ issues(first: -1) { totalCount } }",
        "{ issues(first: 251) { totalCount } }",
        "{ issues(first: 1, last: 1) { totalCount } }",
        "{ issues(after: \"nonsense\") { totalCount } }",
        "{ issues(filter: {team: {id: {eq: \"ENG\"}}}) { totalCount } }",
        "{ issues(filter: {estimate: {between: [1]}}) { totalCount } }",
        "{ labels(after: \"nonsense\") { totalCount } }",
        "mutation { issueUpdate(id: \"?\", input: {}) { success } }",
        "mutation { issueCreate(input: {teamId: \"ENG\", title: \"x\"}) { success } }",
        "mutation { issueBatchUpdate(ids: [\"ENG-1\", \"?\"], input: {}) { success } }",
    ] {
        assert_eq!(world.code(Some(&world.ada), document, json!({})).await, "INVALID_INPUT", "{document}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_another_companys_look_alike() {
    let world = World::new().await;
    let mine = world.issue("Secret", json!({})).await;
    let other = world.engine.create_tenant(NewTenant::new("rival", "Rival").with_team("ENG")).await.unwrap();
    let rival = Viewer::external(Principal::trusted_system(other.tenant.id));
    assert_ne!(other.tenant.id, world.tenant);
    let missing = json!(IssueId::generate().to_string());
    for document in [
        "query($id: ID!) { issue(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }",
        "mutation($id: ID!) { issueUpdate(id: $id, input: {title: \"x\"}) { success issue { id } userErrors { code field } } }",
    ] {
        let ask = async |id: &serde_json::Value| world.ask_as(&rival, document, json!({"id": id})).await;
        assert_eq!(ask(&mine["id"]).await, ask(&missing).await);
    }
}

#[tokio::test]
async fn lists_in_lists_end_at_the_budget_of_a_request() {
    let world = World::new().await;
    for _ in 0..30 {
        world.issue("One", json!({})).await;
    }
    let level = |inner: &str| format!("issues {{ nodes {{ id team {{ {inner} }} }} }}");
    let document = format!("{{ {} }}", level(&level(&level("id"))).replace("{ id team { id } }", "{ id }"));
    let few = world
        .execute(Some(&world.ada), "{ issues { nodes { team { issues { nodes { id } } } } } }", json!({}))
        .await;
    assert!(few.is_ok(), "{:?}", few.errors);
    assert_eq!(world.code(Some(&world.ada), &document, json!({})).await, "TOO_COSTLY");
}

#[tokio::test]
async fn a_schema_without_an_engine_fails_as_internal() {
    let world = World::new().await;
    let snapshot = Snapshot::take(&world.engine, world.ada.clone()).await.unwrap();
    let bare = crate::schema::bare().finish();
    let response = bare.execute(Request::new("{ viewer { id } }").data(snapshot)).await;
    assert!(format!("{:?}", response.errors).contains("INTERNAL"), "{:?}", response.errors);
}

#[tokio::test]
async fn lists_nested_to_the_limit_of_depth_do_not_use_up_the_stack() {
    let world = World::new().await;
    world.issue("One", json!({})).await;
    let mut document = "id".to_owned();
    for _ in 0..6 {
        document = format!("issues {{ nodes {{ id team {{ {document} }} }} }}");
    }
    for lean in [false, true] {
        let answer = world.bytes(&format!("{{ {document} }}"), json!({}), lean).await;
        assert!(answer.starts_with("{\"data\":{\"issues\""), "{answer}");
    }
}

#[tokio::test]
async fn filters_nested_to_the_limit_of_objects_are_refused_and_do_not_use_up_the_stack() {
    let world = World::new().await;
    let chain = |fields: [&str; 2]| {
        (0..38).fold("{number: {eq: 1}}".to_owned(), |inner, level| {
            format!("{{{}: {inner}}}", fields[(level + 1) % 2])
        })
    };
    for fields in [["not", "parent"], ["children", "some"], ["blocks", "blockedBy"]] {
        let literal = format!("{{ issues(filter: {}) {{ totalCount }} }}", chain(fields));
        assert_eq!(world.code(Some(&world.ada), &literal, json!({})).await, "TOO_COSTLY", "{literal}");
    }
}
