//! People of a vendor who has a sign-in of its own.

use super::Timed;
use crate::audit::AuditFilter;
use crate::command::member::RemoveMember;
use crate::command::service::CreateServiceAccount;
use crate::engine::AuditRequest;
use crate::error::ErrorCode;
use crate::event::Subject;
use crate::identity::{ExternalIssuer, MemberFrom, RemoteKeys, TenantFrom};
use crate::model::Role;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ISSUER: &str = "https://id.vendor.test";

struct Vendor(Ed25519KeyPair);

impl Vendor {
    fn new() -> Self {
        Self(Ed25519KeyPair::generate().unwrap())
    }

    fn issuer(&self, member: MemberFrom) -> ExternalIssuer {
        let x = BASE64URL_NOPAD.encode(self.0.public_key().as_ref());
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x}]});
        let keys = RemoteKeys::fixed(keys.to_string().as_bytes()).unwrap();
        ExternalIssuer::new(ISSUER, "mortise", keys, TenantFrom::Claim("company".into()), member)
    }

    fn token(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "kid": "one", "typ": "JWT"});
        let [header, claims] =
            [&header, claims].map(|part| BASE64URL_NOPAD.encode(part.to_string().as_bytes()));
        let signed = format!("{header}.{claims}");
        format!("{signed}.{}", BASE64URL_NOPAD.encode(self.0.sign(signed.as_bytes()).as_ref()))
    }
}

fn claims(timed: &Timed, company: &str, email: &str) -> Value {
    let now = timed.now() / 1000;
    json!({"iss": ISSUER, "aud": "mortise", "sub": "7", "iat": now, "exp": now + 600, "company": company, "email": email})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendors_token_speaks_for_a_member_for_as_long_as_they_are_one() {
    let vendor = Vendor::new();
    let timed =
        Timed::with(|builder| builder.external_issuer(vendor.issuer(MemberFrom::Email("email".into()))))
            .await;
    let tenant = timed.world.founded.tenant.id.to_string();
    for company in ["acme", tenant.as_str()] {
        let token = vendor.token(&claims(&timed, company, "uwe@acme.test"));
        let found = timed.engine().authenticate(&token).await.unwrap();
        assert_eq!((found.principal, found.session), (timed.principal(timed.uwe), None));
    }
    for (company, email) in [("acme", "nobody@acme.test"), ("nowhere", "uwe@acme.test"), ("acme", "")] {
        let error =
            timed.engine().authenticate(&vendor.token(&claims(&timed, company, email))).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unauthenticated, "{company} {email}");
    }
    let forged = Vendor::new().token(&claims(&timed, "acme", "ana@acme.test"));
    assert!(timed.engine().authenticate(&forged).await.is_err());
    let own = timed.sign_in("uwe").await;
    assert!(timed.is_in(&own).await, "the engine's own tokens are good beside it");

    let token = vendor.token(&claims(&timed, "acme", "uwe@acme.test"));
    timed.engine().execute(timed.cx(timed.ana()), RemoveMember { member: timed.uwe }).await.unwrap();
    assert!(timed.engine().authenticate(&token).await.is_err(), "at once");
    let request = AuditRequest {
        filter: AuditFilter { kinds: vec!["token".into()], ..AuditFilter::default() },
        first: 50,
        after: None,
    };
    let entries = timed.engine().audit(&timed.cx(timed.ana()), request).await.unwrap().entries;
    let mut told = BTreeMap::new();
    for entry in &entries {
        *told.entry((entry.kind, entry.subject.is_some())).or_insert(0) += entry.count;
        assert!(entry.subject.is_none_or(|subject| subject == Subject::Member(timed.uwe)), "{entry:?}");
    }
    let told: Vec<_> = told.into_iter().collect();
    assert_eq!(
        told,
        [(("token.refused", false), 1), (("token.refused", true), 1), (("token.used", true), 1)]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendors_token_speaks_for_no_service_account() {
    let vendor = Vendor::new();
    let issuer = vendor.issuer(MemberFrom::Id("member".into()));
    let timed = Timed::with(|builder| builder.external_issuer(issuer)).await;
    let account = CreateServiceAccount { id: None, name: "Deployer".into(), role: Role::User };
    let done = timed.engine().execute(timed.cx(timed.ana()), account).await.unwrap();
    let Some(Subject::Member(service)) = done.subjects.first().copied() else { panic!("no account") };
    let mut claims = claims(&timed, "acme", "");
    for (member, comes_in) in [(timed.uwe, true), (service, false)] {
        claims["member"] = member.to_string().into();
        assert_eq!(timed.engine().authenticate(&vendor.token(&claims)).await.is_ok(), comes_in);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_an_issuer_that_nobody_trusts_is_no_token() {
    let vendor = Vendor::new();
    let timed = Timed::new().await;
    let token = vendor.token(&claims(&timed, "acme", "uwe@acme.test"));
    assert_eq!(timed.engine().authenticate(&token).await.unwrap_err().code(), ErrorCode::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_issuer_takes_the_engines_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let issuer = Vendor::new().issuer(MemberFrom::Id("sub".into()));
    let opened =
        crate::engine::Engine::builder(folder.path()).issuer(ISSUER).external_issuer(issuer).open().await;
    assert_eq!(opened.map(drop).unwrap_err().code(), ErrorCode::InvalidInput);
}
