//! Signing in by a provider, from the first page to the tokens: against a certified provider that runs on this machine, and
//! against one of our own that lies.

mod certified;
mod cookies;
mod lying;

use super::*;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use mortise_engine::command::provider::CreateProvider;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::event::Subject;
use mortise_engine::id::{MemberId, ProviderId, TenantId};
use mortise_engine::{Client, Engine, FirstAdmin, NewTenant};
use mortise_outbound::Outbound;
use std::collections::BTreeMap;
use tempfile::TempDir;
use tower::ServiceExt as _;

const PUBLIC: &str = "http://tracker.acme.test";
const HOME: &str = "http://app.acme.test/welcome";
const CLIENT: &str = "mortise";
/// What the front end keeps.
const VERIFIER: &str = "a-secret-of-the-front-end-of-43-to-128-characters";
const SECRET: &str = "a secret between us and the provider";

/// A company whose people come by a provider: Uwe is a member already.
struct Company {
    engine: Engine,
    router: Router,
    tenant: TenantId,
    uwe: MemberId,
    provider: ProviderId,
    _folder: TempDir,
}

impl Company {
    async fn new(issuer: &str, creates_members: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::builder(folder.path()).open().await.unwrap();
        let admin = FirstAdmin { email: "uwe@acme.test".into(), name: "Uwe".into(), password: None };
        let founded = engine.create_tenant(NewTenant::new("acme", "Acme").with_admin(admin)).await.unwrap();
        let create = CreateProvider {
            name: "Corporate".into(),
            issuer: issuer.into(),
            client_id: CLIENT.into(),
            client_secret: Some(SECRET.into()),
            domains: vec!["acme.test".into()],
            domain_claim: None,
            creates_members,
        };
        let us = OpContext::new(Principal::trusted_system(founded.tenant.id));
        let done = engine.execute(us, create).await.unwrap();
        let Some(Subject::Provider(provider)) = done.subjects.first().copied() else { panic!("no provider") };
        let options = OidcOptions {
            return_to: Some(HOME.into()),
            allowed: Allowed { private_addresses: true },
            ..OidcOptions::new(format!("{PUBLIC}/"))
        };
        let router = routes(engine.clone(), &options, Vec::new());
        let (tenant, uwe) = (founded.tenant.id, founded.admin.unwrap());
        Self { engine, router, tenant, uwe, provider, _folder: folder }
    }

    /// One of our own pages, as a browser with this cookie sees it.
    async fn page(&self, path: &str, cookie: Option<&str>) -> Response {
        let mut request = Request::get(path);
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, format!("other=1; {cookie}"));
        }
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// The page at which a browser begins.
    fn start_path(&self) -> String {
        let challenge = challenge_of(VERIFIER).unwrap();
        format!("/oidc/start?tenant=acme&provider={}&challenge={challenge}", self.provider)
    }

    /// Begins: where the browser is sent, and the cookie that it carries.
    async fn start(&self) -> (String, String) {
        let page = self.page(&self.start_path(), None).await;
        let set = page.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(set.contains("HttpOnly; SameSite=Lax"), "{set}");
        (location(&page), set.split(';').next().unwrap().to_owned())
    }

    /// Whom the token speaks for that a browser was sent home with.
    async fn member(&self, home: &str) -> MemberId {
        let token = home.strip_prefix(&format!("{HOME}#sign_in_token=")).unwrap_or_else(|| panic!("{home}"));
        let other = challenge_of(&VERIFIER.replace('a', "b")).unwrap();
        let stolen = self.engine.fetch_tokens(token, &other, Client::default()).await;
        assert!(stolen.is_err(), "the token alone is worth nothing");
        let challenge = challenge_of(VERIFIER).unwrap();
        let tokens = self.engine.fetch_tokens(token, &challenge, Client::default()).await.unwrap();
        let found = self.engine.authenticate(tokens.access.expose()).await.unwrap();
        assert_eq!(found.principal.tenant(), self.tenant);
        found.principal.member().unwrap()
    }
}

/// Where a page sends the browser.
fn location(page: &Response) -> String {
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
    page.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// The refusal that a browser was sent home with.
fn refusal(home: &str) -> &str {
    home.strip_prefix(&format!("{HOME}#sign_in_error=")).unwrap_or_else(|| panic!("{home}"))
}

/// A browser at the provider: it keeps cookies and follows redirects until it is sent back to us.
struct Browser {
    outbound: Outbound,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        Self { outbound: Outbound::new(Allowed { private_addresses: true }), cookies: BTreeMap::new() }
    }

    /// The path and query of our own page that it ends at.
    async fn follow(&mut self, from: &str) -> String {
        let mut at = openidconnect::url::Url::parse(from).unwrap();
        for _ in 0..10 {
            if let Some(back) = at.as_str().strip_prefix(PUBLIC) {
                return back.to_owned();
            }
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = Request::get(at.as_str())
                .header(header::COOKIE, cookies.join("; "))
                .body(Vec::new())
                .unwrap();
            let page = self.outbound.send(request).await.unwrap();
            for set in page.headers().get_all(header::SET_COOKIE) {
                let pair = set.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let Some(next) = page.headers().get(header::LOCATION) else {
                panic!("{} {at}: {}", page.status(), String::from_utf8_lossy(page.body()));
            };
            at = at.join(next.to_str().unwrap()).unwrap();
        }
        panic!("it goes round in circles: {at}");
    }
}
