//! Who is let in at the doors of a whole server while somebody at the same address guesses.

use super::world::{PASSWORD, World};
use crate::http::RouterOptions;
use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use std::num::NonZeroU32;
use tower::ServiceExt as _;

/// A server at which all who come have one address, and it has points for three guesses.
fn app(world: &World) -> Router {
    let mut options = RouterOptions::default();
    options.rate_limits.addresses_of_many = NonZeroU32::MIN;
    options.rate_limits.address_points_per_second = NonZeroU32::MIN;
    options.rate_limits.address_points = NonZeroU32::new(300).unwrap();
    options.rate_limits.bad_credentials_points = NonZeroU32::new(100).unwrap();
    crate::router(world.engine.clone(), options)
}

async fn status(app: &Router, request: http::request::Builder, token: &str, body: &str) -> StatusCode {
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = request.header(header::CONTENT_TYPE, "application/json");
    app.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap().status()
}

async fn ask(app: &Router, token: &str) -> StatusCode {
    status(app, Request::post("/graphql"), token, r#"{"query":"{ viewer { name } }"}"#).await
}

async fn text(world: &World, document: &str, variables: Value, pointer: &str) -> String {
    let answer = world.execute(Some(&world.bob), document, variables).await.into_result().unwrap();
    answer.data.into_json().unwrap().pointer(pointer).unwrap().as_str().unwrap().to_owned()
}

async fn fresh_token(world: &World) -> String {
    let sign_in = "mutation($password: String!) {
        signIn(input: {tenant: \"acme\", email: \"bob@example.com\", password: $password}) { accessToken } }";
    text(world, sign_in, json!({"password": PASSWORD}), "/signIn/accessToken").await
}

async fn fresh_key(world: &World) -> String {
    let make = "mutation { apiKeyCreate(input: {name: \"ci\", scope: READ}) { secret } }";
    text(world, make, json!({}), "/apiKeyCreate/secret").await
}

#[tokio::test]
async fn a_token_that_was_just_given_out_is_let_in_while_somebody_guesses_without_pause() {
    let world = World::new().await;
    let (app, known, fresh) = (app(&world), fresh_key(&world).await, fresh_key(&world).await);
    assert_eq!(ask(&app, &known).await, StatusCode::OK);
    let forged = fresh_key(&world).await.replace(|c: char| c.is_ascii_digit(), "7");
    let guess = async || {
        for _ in 0..10 {
            if ask(&app, &forged).await == StatusCode::TOO_MANY_REQUESTS {
                return;
            }
        }
        panic!("nobody stops who guesses");
    };
    guess().await;
    for _ in 0..5 {
        guess().await;
        let token = fresh_token(&world).await;
        assert_eq!(ask(&app, &token).await, StatusCode::OK);
    }
    assert_eq!(ask(&app, &known).await, StatusCode::OK, "it held lately");
    assert_eq!(ask(&app, &fresh).await, StatusCode::TOO_MANY_REQUESTS, "a new key waits");
}

#[tokio::test]
async fn keys_are_not_guessed_at_the_export_of_the_audit_log_as_often_as_one_likes() {
    let world = World::new().await;
    let app = app(&world);
    let forged = fresh_key(&world).await.replace(|c: char| c.is_ascii_digit(), "7");
    let mut seen = Vec::new();
    for _ in 0..10 {
        seen.push(status(&app, Request::get("/audit/export"), &forged, "").await);
    }
    assert_eq!(seen.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count(), 3, "{seen:?}");
    assert_eq!(seen.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
}
