//! Signing in, staying signed in, signing out.

use serde_json::{Value, json};

use crate::world::{ACME, AGENT, Answer, Client, OTHER, PASSWORD, World, email};

const VIEWER: &str = "{ viewer { name } }";

fn is_signed_in(client: &Client) -> bool {
    let answer = client.ask(VIEWER, json!({}));
    match answer.code() {
        None => true,
        Some(code) => {
            assert_eq!((answer.status, code), (401, "UNAUTHENTICATED"), "{}", answer.text);
            false
        }
    }
}

/// Exchanges a refresh token, as a client of that name.
fn refresh(client: &Client, token: &str, agent: &str) -> Answer {
    let document = "mutation($token: String!) {
        tokenRefresh(refreshToken: $token) { accessToken refreshToken expiresAt }
    }";
    client.as_agent(agent).ask(document, json!({ "token": token }))
}

/// An answer without what names the request.
fn without_request(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    for error in body["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"].as_object_mut().unwrap().remove("requestId");
    }
    body
}

#[test]
fn whoever_cannot_sign_in_is_not_told_why() {
    let world = World::new();
    let nobody = world.nobody();
    let ana = email("ana");
    let refusal = nobody.ask_to_sign_in("acme", &ana, "not her password");
    assert_eq!((refusal.status, refusal.code()), (401, Some("UNAUTHENTICATED")), "{}", refusal.text);
    for (tenant, email, password) in [
        ("acme", email("nobody").as_str(), PASSWORD),
        ("nowhere", &ana, PASSWORD),
        ("other", &ana, PASSWORD),
        ("acme", "not an address", PASSWORD),
        ("", "", ""),
        ("acme", &ana, &"x".repeat(5_000)),
    ] {
        let other = nobody.ask_to_sign_in(tenant, email, password);
        assert_eq!(without_request(&other), without_request(&refusal), "{tenant} {email}");
    }
}

#[test]
fn a_refresh_token_works_once_and_shown_again_it_ends_the_session() {
    let world = World::new();
    let ana = world.client("ana");
    let first = ana.refresh_token.clone().unwrap();
    let tokens = refresh(&ana, &first, AGENT);
    let tokens = tokens.data()["tokenRefresh"].clone();
    let second = tokens["refreshToken"].as_str().unwrap();
    let later = ana.with_token(ACME, tokens["accessToken"].as_str().unwrap());
    assert_ne!(first, second);
    assert!(is_signed_in(&ana) && is_signed_in(&later));

    assert_eq!(refresh(&ana, &first, "a thief").code(), Some("UNAUTHENTICATED"));
    assert_eq!(refresh(&ana, second, AGENT).code(), Some("UNAUTHENTICATED"));
    assert!(!is_signed_in(&ana) && !is_signed_in(&later));
    assert!(is_signed_in(&world.client("ana")), "her other sessions go on");
}

#[test]
fn signing_out_ends_the_access_token_at_once_and_for_good() {
    let mut world = World::new();
    let (here, there, other) = (world.client("ana"), world.client("ana"), world.client("ana"));
    let sign_out = "mutation { signOut { success } }";
    assert_eq!(here.ask(sign_out, json!({})).data()["signOut"]["success"], true);
    let by_token = "mutation($token: String) { signOut(refreshToken: $token) { success } }";
    let token = there.refresh_token.clone();
    assert_eq!(world.nobody().ask(by_token, json!({ "token": token })).data()["signOut"]["success"], true);
    assert!(!is_signed_in(&here) && !is_signed_in(&there) && is_signed_in(&other));
    assert_eq!(refresh(&here, &here.refresh_token.clone().unwrap(), AGENT).code(), Some("UNAUTHENTICATED"));

    world.stop();
    world.start();
    let again = |client: &Client| client.at(&world.nobody());
    assert!(!is_signed_in(&again(&here)) && !is_signed_in(&again(&there)) && is_signed_in(&again(&other)));
}

#[test]
fn a_changed_role_or_password_acts_at_once() {
    let world = World::new();
    let (ana, uwe) = (world.client("ana"), world.client("uwe"));
    let id = ana.id_of("members", "uwe");
    let suspend = |status: &str| {
        ana.change("memberUpdate", json!({ "id": id, "input": { "status": status } })).payload().clone()
    };
    suspend("SUSPENDED");
    assert!(!is_signed_in(&uwe));
    let refused = world.nobody().ask_to_sign_in("acme", &email("uwe"), PASSWORD);
    assert_eq!(refused.code(), Some("UNAUTHENTICATED"));
    suspend("ACTIVE");
    assert!(is_signed_in(&world.client("uwe")));
}

#[test]
fn the_same_address_at_two_companies_is_two_people() {
    let world = World::new();
    let zoe = world.client("zoe");
    let input = json!({ "email": email("ana"), "name": "another ana", "role": "USER", "password": "not the same at all" });
    zoe.change("memberCreate", json!({ "input": input })).payload();
    let there = world.nobody().sign_in(OTHER, &email("ana"), "not the same at all");
    assert_eq!(there.ask(VIEWER, json!({})).data()["viewer"]["name"], "another ana");
    assert_eq!(world.client("ana").ask(VIEWER, json!({})).data()["viewer"]["name"], "ana");
    assert_eq!(
        world.nobody().ask_to_sign_in("other", &email("ana"), PASSWORD).code(),
        Some("UNAUTHENTICATED")
    );
}

#[test]
fn forged_and_broken_tokens_are_nobodys() {
    let world = World::new();
    let ana = world.client("ana");
    let token = ana.token.clone().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let flipped = |part: &str| {
        let last = if part.ends_with('A') { 'B' } else { 'A' };
        format!("{}{last}", &part[..part.len() - 1])
    };
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    for forged in [
        String::new(),
        "x".to_owned(),
        "iss_live_".to_owned(),
        "..".to_owned(),
        "x".repeat(8_000),
        format!("{token}x"),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{none}.{}.", parts[1]),
        format!("{}.{}.{}", flipped(parts[0]), parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], flipped(parts[1]), parts[2]),
        format!("{}.{}.{}{}", parts[0], parts[1], "AAAA", &parts[2][4..]),
        ana.refresh_token.clone().unwrap(),
    ] {
        let client = ana.with_token(ACME, &forged);
        assert!(!is_signed_in(&client), "{forged}");
    }
}
