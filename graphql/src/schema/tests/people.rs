//! Signing in, and what each role may do.

use super::world::{PASSWORD, World};
use serde_json::json;

const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken expiresAt } }";

#[tokio::test]
async fn a_person_signs_in_refreshes_and_signs_out() {
    let world = World::new().await;
    let input = json!({"input": {"tenant": "acme", "email": "bob@example.com", "password": PASSWORD}});
    let signed_in =
        world.execute(None, SIGN_IN, input).await.into_result().unwrap().data.into_json().unwrap();
    let tokens = &signed_in["signIn"];
    let access = tokens["accessToken"].as_str().unwrap();
    let found = world.engine.authenticate(access).await.unwrap();
    assert_eq!(found.principal, world.bob.principal);

    let refresh =
        "mutation($token: String!) { tokenRefresh(refreshToken: $token) { accessToken refreshToken } }";
    let token = json!({"token": tokens["refreshToken"]});
    let fresh = world.execute(None, refresh, token).await.into_result().unwrap().data.into_json().unwrap();
    let sign_out = "mutation($token: String) { signOut(refreshToken: $token) { success } }";
    let token = json!({"token": fresh["tokenRefresh"]["refreshToken"]});
    let out = world.execute(None, sign_out, token).await.into_result().unwrap().data.into_json().unwrap();
    assert_eq!(out["signOut"]["success"], true);
    assert!(world.engine.authenticate(access).await.is_err(), "the session has ended");
}

#[tokio::test]
async fn signing_in_wrongly_gets_one_answer_whatever_was_wrong() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for (tenant, email, password) in [
        ("acme", "bob@example.com", "not this one"),
        ("acme", "nobody@example.com", PASSWORD),
        ("nowhere", "bob@example.com", PASSWORD),
    ] {
        let input = json!({"input": {"tenant": tenant, "email": email, "password": password}});
        answers.push(format!("{:?}", world.execute(None, SIGN_IN, input).await.errors));
    }
    assert!(answers[0].contains("UNAUTHENTICATED"), "{answers:?}");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn the_viewer_is_who_asks() {
    let world = World::new().await;
    let document = "{ viewer { name email role isMe } tenant { name slug tier } }";
    let seen = world.ask_as(&world.bob, document, json!({})).await;
    assert_eq!(
        seen["viewer"],
        json!({"name": "Bob", "email": "bob@example.com", "role": "USER", "isMe": true})
    );
    assert_eq!(seen["tenant"], json!({"name": "Acme Ltd", "slug": "acme", "tier": "BASIC"}));
}

#[tokio::test]
async fn a_user_is_refused_what_admins_may_and_told_so_before() {
    let world = World::new().await;
    world.issue("One", json!({})).await;
    let document = "mutation {
        teamCreate(input: {key: \"OPS\", name: \"Operations\"}) { team { id } userErrors { code } }
        issueDelete(id: \"ENG-1\") { userErrors { code } } }";
    let done = world.ask_as(&world.bob, document, json!({})).await;
    assert_eq!(done["teamCreate"], json!({"team": null, "userErrors": [{"code": "FORBIDDEN"}]}));
    assert_eq!(done["issueDelete"]["userErrors"], json!([{"code": "FORBIDDEN"}]));
    let can = "{ issue(id: \"ENG-1\") { viewerCan { update delete comment } } }";
    let seen = world.ask_as(&world.bob, can, json!({})).await;
    assert_eq!(seen["issue"]["viewerCan"], json!({"update": true, "delete": false, "comment": true}));
}

#[tokio::test]
async fn members_are_changed_removed_and_given_passwords() {
    let world = World::new().await;
    let bob = world.bob.principal.member().unwrap().to_string();
    let document = "mutation($bob: ID!) {
        memberUpdate(id: $bob, input: {role: ADMIN, name: \"Robert\"}, ifVersion: 1) { member { name role version } }
        memberSetPassword(id: $bob, password: \"another long sentence\") { success userErrors { message } }
        weak: memberSetPassword(id: $bob, password: \"short\") { userErrors { field code } }
        memberRemove(id: $bob) { member { status } } }";
    let done = world.ask(document, json!({"bob": bob})).await;
    assert_eq!(done["memberUpdate"]["member"], json!({"name": "Robert", "role": "ADMIN", "version": 2}));
    assert_eq!(done["memberSetPassword"]["success"], true, "{done}");
    assert_eq!(done["weak"]["userErrors"], json!([{"field": "password", "code": "INVALID_INPUT"}]));
    assert_eq!(done["memberRemove"]["member"]["status"], "REMOVED");
    let active = world.ask("{ members(status: [ACTIVE]) { totalCount nodes { name } } }", json!({})).await;
    assert_eq!(active["members"], json!({"totalCount": 1, "nodes": [{"name": "Ada"}]}));
}
