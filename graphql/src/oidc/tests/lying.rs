//! Against a provider that says what it should not: another issuer, another audience, another nonce, an old token, a
//! signature by nobody, by another, or by the secret that we share.

use super::*;
use axum::extract::State;
use axum::http::Uri;
use axum::routing::{get, post};
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreHmacKey, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
};
use openidconnect::{AccessToken, JsonWebKeyId, PrivateSigningKey as _};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;

/// The example key of RFC 8410 §10.3, and another one. Neither is a secret.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
const OTHER: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n-----END PRIVATE KEY-----";

/// What the provider says falsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    Nothing,
    Issuer,
    DiscoveredIssuer,
    Audience,
    MoreAudiences,
    Nonce,
    NoNonce,
    Expired,
    SignedByAnother,
    SignedByTheSecret,
    Unsigned,
    NoIdToken,
    AccessToken,
}

pub(super) struct Liar {
    pub(super) issuer: String,
    told: Arc<Mutex<Told>>,
}

struct Told {
    lie: Lie,
    nonce: String,
}

impl Liar {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Told { lie: Lie::Nothing, nonce: String::new() }));
        let state = (issuer.clone(), told.clone());
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(async || document(&json!({"keys": [key(KEY).as_verification_key()]}))))
            .route("/token", post(token))
            .with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, told }
    }
}

type Shared = State<(String, Arc<Mutex<Told>>)>;

fn key(pem: &str) -> CoreEdDsaPrivateSigningKey {
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(pem, Some(JsonWebKeyId::new("one".into()))).unwrap()
}

/// A JSON document as an answer.
fn document(json: &Value) -> ([(header::HeaderName, &'static str); 1], String) {
    ([(header::CONTENT_TYPE, "application/json")], json.to_string())
}

async fn describe(State((issuer, told)): Shared) -> impl axum::response::IntoResponse {
    let named = if told.lock().lie == Lie::DiscoveredIssuer { "http://evil.test" } else { issuer.as_str() };
    document(&json!({
        "issuer": named,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

async fn token(State((issuer, told)): Shared) -> impl axum::response::IntoResponse {
    let (lie, nonce) = {
        let told = told.lock();
        (told.lie, told.nonce.clone())
    };
    let access = AccessToken::new("access".into());
    let mut answer = json!({"access_token": "access", "token_type": "Bearer"});
    if lie == Lie::AccessToken {
        answer["access_token"] = json!("another");
    }
    if lie != Lie::NoIdToken {
        answer["id_token"] = json!(id_token(&issuer, lie, &nonce, &access));
    }
    document(&answer)
}

fn id_token(issuer: &str, lie: Lie, nonce: &str, access: &AccessToken) -> String {
    let issuer = if lie == Lie::Issuer { "http://evil.test" } else { issuer };
    let audiences = match lie {
        Lie::Audience => vec!["somebody else"],
        Lie::MoreAudiences => vec![CLIENT, "somebody else"],
        _ => vec![CLIENT],
    };
    let nonce = match lie {
        Lie::Nonce => Some("another"),
        Lie::NoNonce => None,
        _ => Some(nonce),
    };
    let (issued, expires) = if lie == Lie::Expired { (1_000, 2_000) } else { (1_700_000_000, 2_100_000_000) };
    let mut claims = json!({
        "iss": issuer, "aud": audiences, "sub": "42", "iat": issued, "exp": expires,
        "email": "uwe@acme.test", "email_verified": true,
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    let claims: CoreIdTokenClaims = serde_json::from_value(claims).unwrap();
    let signed = match lie {
        Lie::SignedByAnother => {
            CoreIdToken::new(claims, &key(OTHER), CoreJwsSigningAlgorithm::EdDsa, Some(access), None)
        }
        Lie::SignedByTheSecret => {
            let secret = CoreHmacKey::new(SECRET.as_bytes());
            CoreIdToken::new(claims, &secret, CoreJwsSigningAlgorithm::HmacSha256, Some(access), None)
        }
        _ => CoreIdToken::new(claims, &key(KEY), CoreJwsSigningAlgorithm::EdDsa, Some(access), None),
    };
    let text = signed.unwrap().to_string();
    if lie != Lie::Unsigned {
        return text;
    }
    let payload = text.split('.').nth(1).unwrap();
    let header = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#);
    format!("{header}.{payload}.")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_provider_says_falsely_lets_anybody_in() {
    for lie in [
        Lie::Issuer,
        Lie::DiscoveredIssuer,
        Lie::Audience,
        Lie::MoreAudiences,
        Lie::Nonce,
        Lie::NoNonce,
        Lie::Expired,
        Lie::SignedByAnother,
        Lie::SignedByTheSecret,
        Lie::Unsigned,
        Lie::NoIdToken,
        Lie::AccessToken,
        Lie::Nothing,
    ] {
        let liar = Liar::start().await;
        liar.told.lock().lie = lie;
        let company = Company::new(&liar.issuer, true).await;
        let begun = company.page(&company.start_path(), None).await;
        let to = location(&begun);
        if lie == Lie::DiscoveredIssuer {
            assert_eq!(refusal(&to), "provider_unavailable");
            continue;
        }
        let cookie =
            begun.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let uri: Uri = to.parse().unwrap();
        let sent: BTreeMap<_, _> =
            openidconnect::url::form_urlencoded::parse(uri.query().unwrap().as_bytes())
                .into_owned()
                .collect();
        liar.told.lock().nonce = sent["nonce"].clone();
        let back = format!("/oidc/callback?code=x&state={}", sent["state"]);
        let home = location(&company.page(&back, Some(&cookie)).await);
        if lie == Lie::Nothing {
            assert_eq!(company.member(&home).await, company.uwe);
        } else {
            assert_eq!(refusal(&home), "provider_unavailable", "{lie:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_in_a_private_network_is_not_spoken_to_unless_the_operator_allows_it() {
    let liar = Liar::start().await;
    let company = Company::new(&liar.issuer, true).await;
    let options = OidcOptions { return_to: Some(HOME.into()), ..OidcOptions::new(PUBLIC) };
    let strict = Company { router: routes(company.engine.clone(), &options, Vec::new()), ..company };
    assert_eq!(refusal(&location(&strict.page(&strict.start_path(), None).await)), "provider_unavailable");
}
