//! Companies that have mail to send, a mail server of this machine, and a carrier that tells what became of it.

#[path = "../../../tests/world/smtp.rs"]
mod smtp;

pub(super) use smtp::SmtpServer;

use crate::mail::{Carrier, CarryError, Pace, Parcel, Post, Running};
use async_trait::async_trait;
use mortise_engine::command::provider::CreateProvider;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::id::TenantId;
use mortise_engine::{Engine, FirstAdmin, NewTenant};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Nothing takes longer, even on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something that is sure to happen.
pub(super) async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, happens).await.unwrap_or_else(|_| panic!("it never happened that {what}"))
}

/// An engine with a company `acme` and its super admin Ana.
pub(super) struct World {
    pub(super) folder: TempDir,
    pub(super) engine: Engine,
    pub(super) acme: TenantId,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::builder(folder.path()).open().await.unwrap();
        let acme = found(&engine, "acme").await;
        Self { folder, engine, acme }
    }

    /// The same world after its process has ended and begun again.
    pub(super) async fn again(self) -> Self {
        self.engine.close().await;
        let Self { folder, engine, acme } = self;
        drop(engine);
        let engine = Engine::builder(folder.path()).open().await.unwrap();
        Self { folder, engine, acme }
    }

    /// A message to the super admin of a company.
    pub(super) async fn write_to(&self, tenant: TenantId, name: &str) {
        let create = CreateProvider {
            name: name.to_owned(),
            issuer: "https://login.example.com".to_owned(),
            client_id: "mortise".to_owned(),
            client_secret: None,
            domains: vec!["example.com".to_owned()],
            domain_claim: None,
            creates_members: false,
        };
        self.engine.execute(OpContext::new(Principal::trusted_system(tenant)), create).await.unwrap();
    }

    /// A post of this engine, and what becomes of what it brings.
    pub(super) fn post(&self, carrier: impl Carrier) -> (Post, mpsc::Receiver<Told>) {
        let (tell, told) = mpsc::channel(100);
        let sender = "Post <no-reply@example.com>".parse().unwrap();
        let carrier = Telling { carrier: Arc::new(carrier), tell };
        (Post::new(&self.engine, sender, "https://issues.example.com/", carrier).pace(pace()), told)
    }

    /// Waits until no message waits.
    pub(super) async fn sent(&self) {
        let none = async {
            while self.engine.mail_waiting(self.acme).await.unwrap() > 0 {
                tokio::task::yield_now().await;
            }
        };
        soon("all mail is sent", none).await;
    }
}

/// A company with its super admin.
pub(super) async fn found(engine: &Engine, slug: &str) -> TenantId {
    found_with(engine, slug, &format!("ana@{slug}.test")).await
}

/// A company whose super admin has this address.
pub(super) async fn found_with(engine: &Engine, slug: &str, email: &str) -> TenantId {
    let admin = FirstAdmin { email: email.to_owned(), name: "Ana <b>".to_owned(), password: None };
    let new = NewTenant::new(slug, format!("The {slug} company")).with_admin(admin);
    engine.create_tenant(new).await.unwrap().tenant.id
}

/// A pace for tests: no pause is long.
pub(super) fn pace() -> Pace {
    Pace {
        at_once: 1,
        pauses: vec![Duration::from_millis(20), Duration::from_millis(40)],
        away_min: Duration::from_millis(20),
        away_max: Duration::from_millis(100),
        carry_max: Duration::from_secs(60),
        stop_max: Duration::from_secs(10),
    }
}

/// A message that was to be brought, and what the carrier said.
pub(super) type Told = (Parcel, Result<(), CarryError>);

struct Telling {
    carrier: Arc<dyn Carrier>,
    tell: mpsc::Sender<Told>,
}

#[async_trait]
impl Carrier for Telling {
    async fn carry(&self, parcel: &Parcel) -> Result<(), CarryError> {
        let carried = self.carrier.carry(parcel).await;
        // Nobody may listen any more.
        let _ = self.tell.try_send((parcel.clone(), carried.clone()));
        carried
    }
}

/// The next that is told.
pub(super) async fn next(told: &mut mpsc::Receiver<Told>) -> Told {
    soon("a message is tried", told.recv()).await.unwrap()
}

/// Stops a post.
pub(super) async fn stop(running: Running) {
    soon("the post stops", running.stop()).await;
}

/// A port that nobody listens on at the moment.
pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The options of a server with this kind of TLS, for `ana` with the password `p@ss`.
pub(super) fn for_ana(tls: &str) -> Value {
    json!({ "tls": tls, "user": "ana", "password": "p@ss" })
}
