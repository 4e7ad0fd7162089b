//! The tracker as a part of another product: its router under `/tracker` of that product's own axum server, behind that
//! product's own sign-in. `cargo run --example axum_nested`, then, as the last line printed says:
//!
//! ```sh
//! curl http://127.0.0.1:4100/tracker/graphql -H 'cookie: session=s-ada' -H 'content-type: application/json' \
//!     -d '{"query": "{ viewer { name } issues(first: 5) { nodes { title } } }"}'
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to whoever runs it")]

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use mortise::command::member::AddMember;
use mortise::context::{OpContext, Principal};
use mortise::event::Subject;
use mortise::graphql::http::RouterOptions;
use mortise::graphql::{ExternalAuthenticator, router_with};
use mortise::id::MemberId;
use mortise::model::Role;
use mortise::{Engine, NewTenant};

/// The product's own sessions: what its cookie holds, and whom of the tracker that stands for.
type Sessions = Arc<HashMap<&'static str, Principal>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let engine = Engine::builder(std::env::temp_dir().join("mortise-nested")).open().await?;
    let tenant = match engine.tenant_by_slug("acme") {
        Some(tenant) => tenant.id,
        None => engine.create_tenant(NewTenant::new("acme", "Acme").with_team("ENG")).await?.tenant.id,
    };
    let us = Principal::trusted_system(tenant);
    let ada = match engine.reader(&us).await?.directory().member_by_email("ada@acme.example") {
        Some(member) => member.id,
        None => add(&engine, &us).await?,
    };

    // The product knows who asks, so nobody signs in to the tracker: the tracker is told.
    let sessions: Sessions = Arc::new(HashMap::from([("s-ada", Principal::trusted_member(tenant, ada))]));
    let known = ExternalAuthenticator::new(|parts: &Parts| parts.extensions.get::<Principal>().cloned());
    let options = RouterOptions { graphiql: false, metrics: false, ..RouterOptions::default() };
    let tracker = router_with(engine.clone(), known, Default::default(), options);

    let product = Router::new()
        .route("/", get(async || "the product; its tracker is at /tracker/graphql"))
        .nest("/tracker", tracker)
        .layer(middleware::from_fn_with_state(sessions, sign_in));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4100").await?;
    println!("http://{}/tracker/graphql, with the cookie session=s-ada", listener.local_addr()?);
    axum::serve(listener, product).with_graceful_shutdown(interrupted()).await?;
    engine.close().await;
    Ok(())
}

/// The product's own sign-in: a cookie names a session, and whoever it is of travels with the request.
async fn sign_in(State(sessions): State<Sessions>, mut request: Request, next: Next) -> Response {
    let cookies = request.headers().get(COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
    let session = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("session="));
    if let Some(principal) = session.and_then(|session| sessions.get(session)).cloned() {
        request.extensions_mut().insert(principal);
    }
    next.run(request).await
}

/// A member without a password: the product signs them in.
async fn add(engine: &Engine, us: &Principal) -> anyhow::Result<MemberId> {
    let (email, name) = ("ada@acme.example".to_owned(), "Ada".to_owned());
    let ada = AddMember { id: None, email, name, role: Role::Admin, password_hash: None };
    let done = engine.execute(OpContext::new(us.clone()), ada).await?;
    let id = done.subjects.iter().find_map(|s| if let Subject::Member(id) = s { Some(*id) } else { None });
    id.ok_or_else(|| anyhow::anyhow!("no member was added"))
}

async fn interrupted() {
    // Without the signal it runs until it is killed.
    let _ = tokio::signal::ctrl_c().await;
}
