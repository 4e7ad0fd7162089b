//! Signing in by all its ways, at a time that the test says.

mod factors;
mod foreign;
mod guessing;
mod keys;
mod mail;
mod providers;
mod redaction;
pub(super) mod resets;
mod sessions;
mod visits;

use super::{PASSWORD, World};
use crate::command::member::AddMember;
use crate::command::provider::CreateProvider;
use crate::context::{OpContext, Principal};
use crate::engine::{Client, Engine, SignIn, SignedIn, Tokens};
use crate::error::{ErrorCode, Result};
use crate::event::Subject;
use crate::id::MemberId;
use crate::identity::Password;
use crate::model::Role;
use crate::rows::{OutboxRow, tag};
use crate::tenant::each;
use crate::time::{Clock, Timestamp};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

/// A provider that vouches for the company's own domain, and makes nobody a member.
pub(super) fn corporate() -> CreateProvider {
    CreateProvider {
        name: "Corporate".into(),
        issuer: "https://login.acme.test".into(),
        client_id: "mortise".into(),
        client_secret: None,
        domains: vec!["acme.test".into()],
        domain_claim: None,
        creates_members: false,
    }
}

/// A company with Ana, its super admin, and Uwe, a user; at a time that moves only when told.
pub(super) struct Timed {
    pub(super) world: World,
    now: Arc<AtomicI64>,
    pub(super) uwe: MemberId,
    folder: TempDir,
}

impl Timed {
    pub(super) async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub(super) async fn with(
        choose: impl FnOnce(crate::engine::EngineBuilder) -> crate::engine::EngineBuilder,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(1_800_000_000_000));
        let clock = Clock::from_fn({
            let now = now.clone();
            move || Timestamp::from_millis(now.load(Ordering::SeqCst))
        });
        let builder = choose(Engine::builder(folder.path()).clock(clock));
        let world = World::found_by(builder).await;
        let mut timed = Self { world, now, uwe: MemberId::generate(), folder };
        timed.uwe = timed.member("uwe").await;
        timed.pass(1);
        timed
    }

    /// A new user with everybody's password.
    pub(super) async fn member(&self, name: &str) -> MemberId {
        let add = AddMember {
            id: None,
            email: format!("{name}@acme.test"),
            name: name.to_owned(),
            role: Role::User,
            password_hash: None,
        };
        let password = Some(Password::new(PASSWORD.to_owned()));
        let done = self.engine().add_member(self.world.cx(), add, password).await.unwrap();
        done.subjects.iter().find_map(|s| if let Subject::Member(id) = s { Some(*id) } else { None }).unwrap()
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.world.engine
    }

    pub(super) fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(super) fn ana(&self) -> MemberId {
        self.world.founded.admin.unwrap()
    }

    pub(super) fn principal(&self, member: MemberId) -> Principal {
        Principal::trusted_member(self.world.founded.tenant.id, member)
    }

    pub(super) fn cx(&self, member: MemberId) -> OpContext {
        OpContext::new(self.principal(member))
    }

    pub(super) async fn try_sign_in(
        &self,
        name: &str,
        password: &str,
        from: Option<IpAddr>,
    ) -> Result<SignedIn> {
        let client = Client { agent: "a browser".to_owned(), address: from, ..Client::default() };
        let (tenant, email) = ("acme".to_owned(), format!("{name}@acme.test"));
        let password = Password::new(password.to_owned());
        self.engine().sign_in(SignIn { tenant, email, password, client }).await
    }

    pub(super) async fn sign_in(&self, name: &str) -> Tokens {
        match self.try_sign_in(name, PASSWORD, None).await.unwrap() {
            SignedIn::Tokens(tokens) => tokens,
            SignedIn::Challenge(challenge) => panic!("{challenge:?}"),
        }
    }

    pub(super) async fn is_in(&self, tokens: &Tokens) -> bool {
        match self.engine().authenticate(tokens.access.expose()).await {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::Unauthenticated);
                false
            }
        }
    }

    /// What waits to be sent.
    pub(super) async fn outbox(&self) -> Vec<OutboxRow> {
        let live = self.engine().live(self.world.founded.tenant.id).await.unwrap();
        let mut mails = Vec::new();
        each::<OutboxRow>(live.store(), tag::OUTBOX, |mail| mails.push(mail)).await.unwrap();
        mails
    }

    /// The names of the newest events, the last first.
    async fn events(&self, count: usize) -> Vec<&'static str> {
        let live = self.engine().live(self.world.founded.tenant.id).await.unwrap();
        let after = live.applied().0.saturating_sub(count as u64);
        let events = live.events(crate::model::Seq(after), count).await.unwrap();
        events.iter().rev().map(|event| event.body.as_ref().unwrap().name()).collect()
    }

    /// Everything derived can be derived again.
    pub(super) async fn check(self) {
        let report = self.engine().check(self.world.founded.tenant.id).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        self.engine().close().await;
        drop(self.folder);
    }
}
