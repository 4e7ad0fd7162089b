//! Who is asking.

use std::{any::TypeId, num::NonZeroU32, time::Duration};

use async_trait::async_trait;
use http::{Request, header, request::Parts};

use super::{app_for, posting, send};
use crate::http::{AuthFailure, Authenticator, Prepare, RequestInfo, RouterOptions};

/// Knows one token, and some words that fail in other ways.
struct OneToken;

#[async_trait]
impl Authenticator for OneToken {
    type Identity = String;

    async fn authenticate(&self, parts: &Parts) -> Result<Option<String>, AuthFailure> {
        match parts.headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap()) {
            None => Ok(None),
            Some("Bearer ana") => Ok(Some("ana".into())),
            Some("Bearer busy") => Err(AuthFailure::RateLimited(Duration::from_secs(7))),
            Some("Bearer down") => Err(AuthFailure::Unavailable),
            Some("Bearer old") => Err(AuthFailure::ExpiredToken),
            Some(_) => Err(AuthFailure::InvalidToken),
        }
    }
}

#[tokio::test]
async fn resolvers_learn_who_is_asking() {
    let app = app_for(OneToken, RouterOptions::default());
    let body = r#"{"query":"{whoami}"}"#;
    let request = posting().header(header::AUTHORIZATION, "Bearer ana").body(body.into()).unwrap();
    assert_eq!(send(&app, request).await.text, r#"{"data":{"whoami":"ana"}}"#);
    assert_eq!(send(&app, posting().body(body.into()).unwrap()).await.text, r#"{"data":{"whoami":null}}"#);
}

#[tokio::test]
async fn a_bad_token_is_401_before_anything_is_parsed() {
    let app = app_for(OneToken, RouterOptions::default());
    for accept in ["application/json", "application/graphql-response+json", "*/*"] {
        let request = Request::post("/graphql")
            .header(header::AUTHORIZATION, "Bearer forged")
            .header(header::ACCEPT, accept)
            .body("not even JSON".into())
            .unwrap();
        let answer = send(&app, request).await;
        answer.assert_refused(401, "UNAUTHENTICATED");
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer error=\"invalid_token\"");
    }
}

#[tokio::test]
async fn an_authenticator_may_ask_to_wait() {
    let app = app_for(OneToken, RouterOptions::default());
    for (token, status, code, wait) in [("busy", 429, "RATE_LIMITED", "7"), ("down", 503, "UNAVAILABLE", "1")]
    {
        let request =
            posting().header(header::AUTHORIZATION, format!("Bearer {token}")).body("{}".into()).unwrap();
        let answer = send(&app, request).await;
        answer.assert_refused(status, code);
        assert_eq!(answer.header(header::RETRY_AFTER), wait);
    }
}

#[tokio::test]
async fn a_token_whose_time_is_over_is_no_guess() {
    let mut options = RouterOptions::default();
    options.rate_limits.addresses_of_many = NonZeroU32::MIN;
    options.rate_limits.address_points_per_second = NonZeroU32::MIN;
    options.rate_limits.address_points = options.rate_limits.bad_credentials_points;
    let app = app_for(OneToken, options);
    for (token, status) in [("old", 401), ("old", 401), ("ana", 200), ("forged", 401), ("forged", 429)] {
        let request = posting().header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = send(&app, request.body(r#"{"query":"{whoami}"}"#.into()).unwrap()).await;
        assert_eq!(answer.status, status, "{token}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_program_may_add_data_to_each_request() {
    let prepare = Prepare::new(|request| {
        assert!(request.data.contains_key(&TypeId::of::<RequestInfo>()));
        request.data(String::from("prepared"))
    });
    let app = app_for(OneToken, RouterOptions { prepare: Some(prepare), ..RouterOptions::default() });
    let request = posting().body(r#"{"query":"{whoami}"}"#.into()).unwrap();
    assert_eq!(send(&app, request).await.text, r#"{"data":{"whoami":"prepared"}}"#);
}
