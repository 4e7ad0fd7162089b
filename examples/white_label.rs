//! A vendor's own product with the tracker inside: its own sign-in, its own brand on every page and letter, its own bounds.
//! `cargo run --example white_label` founds two customers, lets one of their people in by the vendor's own token, and says
//! what they see and what mail they get.
//!
//! The vendor's people never sign in here: whatever the vendor's own sign-in proves is believed. A small customer looks as the
//! vendor does; a large one, which has bought the tier for it, has a look of its own.
#![expect(clippy::print_stdout, reason = "an example speaks to whoever runs it")]

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request};
use mortise::command::branding::UpdateBranding;
use mortise::command::provider::CreateProvider;
use mortise::context::{OpContext, Principal};
use mortise::graphql::http::RouterOptions;
use mortise::graphql::{ExternalAuthenticator, router_with};
use mortise::id::TenantId;
use mortise::mail::{MailFolder, Post};
use mortise::model::{BrandColors, Branding, SupportLink, Tier};
use mortise::{Engine, FirstAdmin, Founded, Limits, NewTenant};
use tower::ServiceExt as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let data = std::env::temp_dir().join(format!("mortise-white-label-{}", std::process::id()));
    let said = run(&data).await;
    std::fs::remove_dir_all(&data).ok();
    for line in said? {
        println!("{line}");
    }
    Ok(())
}

/// The brand of the vendor: every customer looks so that has no look of its own.
fn brand() -> Branding {
    let [background, text, accent, accent_text] =
        ["#fffdf8", "#22201c", "#7a2e0e", "#ffffff"].map(str::to_owned);
    let help = SupportLink { label: "Help".to_owned(), url: "https://help.joinery.example".to_owned() };
    Branding {
        product_name: Some("Joinery Desk".to_owned()),
        logo: Some("https://cdn.joinery.example/logo.png".to_owned()),
        colors: Some(BrandColors { background, text, accent, accent_text }),
        support_links: Some(vec![help]),
        sender_name: Some("Joinery Desk".to_owned()),
        powered_by: Some(false),
        ..Branding::default()
    }
}

/// What the program does, in a folder; answers what there is to say.
pub(crate) async fn run(data: &Path) -> anyhow::Result<Vec<String>> {
    let limits = Limits { title_chars_max: 120, page_size_max: 50, ..Limits::default() };
    let engine = Engine::builder(data).branding(brand()).limits(limits).open().await?;
    // With a mail server: `Smtp::new("smtps://…".parse()?, None, "joinery.example")?`.
    let letters = MailFolder::of(&engine);
    let sender = "Joinery Desk <no-reply@joinery.example>".parse()?;
    let post = Post::new(&engine, sender, "https://desk.joinery.example", letters.clone()).start();

    let small = found(&engine, "oak", "Oak & Sons", Tier::Basic).await?;
    let large = found(&engine, "elm", "Elm Group", Tier::Platinum).await?;
    let own = UpdateBranding {
        product_name: Some(Some("Elm Issues".to_owned())),
        reply_to: Some(Some("it@elm.example".to_owned())),
        ..UpdateBranding::default()
    };
    engine.update_branding(us(large.tenant.id), own.clone()).await?;
    let refused = engine.update_branding(us(small.tenant.id), own).await;

    let tracker = tracker(&engine, &[("t-oak", &small), ("t-elm", &large)]);
    let mut said = Vec::new();
    for token in ["t-oak", "t-elm", "t-nobody"] {
        said.push(format!("{token} sees {}", ask(&tracker, token).await?));
    }
    if let Err(error) = refused {
        said.push(format!("Oak & Sons asks for a look of its own: {error}"));
    }
    for customer in [&small, &large] {
        engine.execute(us(customer.tenant.id), staff_provider()).await?;
    }
    said.extend(read(&engine, &letters, &[small.tenant.id, large.tenant.id]).await?);
    post.stop().await;
    engine.close().await;
    Ok(said)
}

/// A customer with its first person.
async fn found(engine: &Engine, slug: &str, name: &str, tier: Tier) -> anyhow::Result<Founded> {
    let admin = FirstAdmin { email: format!("ada@{slug}.example"), name: "Ada".to_owned(), password: None };
    let new = NewTenant::new(slug, name).with_tier(tier).with_team("DESK").with_admin(admin);
    Ok(engine.create_tenant(new).await?)
}

/// The vendor itself, in the name of a customer.
fn us(customer: TenantId) -> OpContext {
    OpContext::new(Principal::trusted_system(customer))
}

/// The tracker behind the vendor's own sign-in: here a table of tokens; in earnest, whatever proves a session. Tokens that are
/// signed by the vendor's issuer need no table: see `EngineBuilder::external_issuer`.
fn tracker(engine: &Engine, sessions: &[(&'static str, &Founded)]) -> Router {
    let known: Vec<_> = sessions
        .iter()
        .filter_map(|(token, founded)| {
            Some((*token, Principal::trusted_member(founded.tenant.id, founded.admin?)))
        })
        .collect();
    let sign_in = ExternalAuthenticator::new(move |parts: &Parts| {
        let token = bearer(&parts.headers)?;
        known.iter().find(|(known, _)| *known == token).map(|(_, principal)| principal.clone())
    });
    let options = RouterOptions { graphiql: false, metrics: false, ..RouterOptions::default() };
    router_with(engine.clone(), sign_in, Default::default(), options)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// What somebody with this token sees of their company and its look.
async fn ask(tracker: &Router, token: &str) -> anyhow::Result<String> {
    let query = r#"{"query": "{ branding { productName poweredBy } viewer { name } tenant { name } }"}"#;
    let request = Request::post("/graphql")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(query))?;
    let answer = tracker.clone().oneshot(request).await?;
    let body = axum::body::to_bytes(answer.into_body(), 64 * 1024).await?;
    let answer: serde_json::Value = serde_json::from_slice(&body)?;
    let part = |path: &str| answer.pointer(path).map(ToString::to_string);
    let refused = part("/errors/0/extensions/code").map(|code| format!("nothing: {code}"));
    Ok(refused.or_else(|| part("/data")).unwrap_or_default())
}

/// Something that people get a letter of.
fn staff_provider() -> CreateProvider {
    CreateProvider {
        name: "Staff directory".to_owned(),
        issuer: "https://login.staff.example".to_owned(),
        client_id: "desk".to_owned(),
        client_secret: None,
        domains: vec!["staff.example".to_owned()],
        domain_claim: None,
        creates_members: false,
    }
}

/// What stands at the head of the letters, once all are written.
async fn read(engine: &Engine, letters: &MailFolder, customers: &[TenantId]) -> anyhow::Result<Vec<String>> {
    for customer in customers {
        while engine.mail_waiting(*customer).await? > 0 {
            tokio::task::yield_now().await;
        }
    }
    let mut heads = Vec::new();
    for customer in customers {
        for entry in std::fs::read_dir(letters.path_of(*customer))? {
            let letter = std::fs::read_to_string(entry?.path())?;
            let of = |name: &str| {
                letter.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned()
            };
            heads.push(format!("a letter: {}; {}; {}", of("From:"), of("To:"), of("Subject:")));
        }
    }
    heads.sort();
    Ok(heads)
}
