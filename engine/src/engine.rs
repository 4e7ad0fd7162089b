//! The engine: the one thing an embedding program holds.
//!
//! [`Engine::execute`] is the write path and [`Engine::reader`] the read path; everything else opens, finds and closes.
//! Read this file first. It knows tenants and stores, and nothing of HTTP or GraphQL.

mod api_keys;
mod asker;
mod audit;
mod authenticate;
mod branding;
mod builder;
mod bulk;
mod colleagues;
mod entitlements;
mod erasing;
mod first_admin;
mod founding;
mod hooks;
mod importing;
mod invitations;
mod jobs;
mod keeper;
mod leaving;
mod lifecycle;
mod mail;
mod migrate;
mod named_request;
mod noting;
mod operators;
mod people;
mod placement;
mod plugins;
mod providers;
mod provision;
mod records;
mod reset;
mod second_factor;
mod sessions;
mod settings;
mod sign_in;
mod sold;
mod tenants;
mod undertakings;
mod visits;
mod ways_in;

#[cfg(test)]
mod tests;

pub use api_keys::{ApiKey, NewApiKey};
pub use audit::{AuditExport, AuditPage, AuditRequest, ExportOptions};
pub use authenticate::Authenticated;
pub use builder::EngineBuilder;
pub use colleagues::{ColleagueChange, NewColleague};
pub use entitlements::{CallsToday, Entitlement};
pub use erasing::{ErasureReport, Remains};
pub use first_admin::AdminInvitation;
pub use founding::Founded;
pub use importing::Importer;
pub use invitations::{INVITATION_TEMPLATE, Joined, NewInvitation};
pub use jobs::ANNOUNCEMENT_TEMPLATE;
pub use lifecycle::{Closing, GRACE_DAYS_DEFAULT, Suspension};
pub use mail::WaitingMail;
pub use operators::NewPlatformKey;
pub use people::NewPassword;
pub use placement::{Destination, Moved};
pub use plugins::{PluginRoom, PluginsAllowed};
pub use providers::{ProviderAccess, Vouched};
pub use provision::Provisioned;
pub use reset::RESET_TEMPLATE;
pub use second_factor::{Enrolled, Enrolling, NewSecret};
pub use sessions::{Client, Session, Tokens};
pub use sign_in::{Challenge, ChallengeKind, SignIn, SignedIn};
pub use tenants::MemoryUse;
pub use visits::NewVisit;

use crate::access::Policy;
use crate::check::CheckReport;
use crate::command::Command;
use crate::context::{OpContext, Principal};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Origin;
use crate::follower::Follower;
use crate::id::TenantId;
use crate::identity::{AccessTokens, ExternalIssuer, PasswordHasher};
use crate::limits::Limits;
use crate::model::{Branding, Housing};
use crate::platform::Platform;
use crate::query::Reader;
use crate::storage::{DataFolder, SpoolWriter};
use crate::tenant::{Committed, LiveTenant, Shared, Wanted};
use crate::time::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tenants::Tenants;
use tracing::Instrument;

/// An issue engine, open on a data folder. Clones are handles to the same engine.
///
/// It needs a tokio runtime to run in, and brings none of its own.
///
/// # Examples
///
/// ```
/// # async fn example() -> mortise_engine::Result<()> {
/// use mortise_engine::{Engine, NewTenant, command::issue::CreateIssue};
/// use mortise_engine::context::{OpContext, Principal};
///
/// let folder = std::env::temp_dir().join("mortise-doc-example");
/// let engine = Engine::builder(folder).open().await?;
/// let founded = engine.create_tenant(NewTenant::new("acme", "Acme Ltd").with_team("ENG")).await?;
/// let us = Principal::trusted_system(founded.tenant.id);
/// let team = founded.team.expect("a first team was asked for");
/// let command = CreateIssue { title: "Login fails".into(), ..CreateIssue::in_team(team) };
/// let done = engine.execute(OpContext::new(us.clone()), command).await?;
/// let issue = engine.reader(&us).await?.issues_by_id(&[done.issue().expect("an issue was made")]).await?;
/// assert!(issue[0].is_some());
/// # engine.close().await;
/// # Ok(())
/// # }
/// # std::fs::remove_dir_all(std::env::temp_dir().join("mortise-doc-example")).ok();
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    platform: Platform,
    tenants: Arc<Tenants>,
    tokens: AccessTokens,
    passwords: PasswordHasher,
    guards: sign_in::Guards,
    issuers: Vec<Arc<ExternalIssuer>>,
    /// Links for new passwords that may be on their way into the outbox at once.
    resets: Arc<tokio::sync::Semaphore>,
    /// The look that the embedding program gives to companies without their own.
    branding: Branding,
    looked_for_mail: AtomicBool,
    folder: DataFolder,
    indexers: builder::Indexers,
    jobs: jobs::Runner,
    housing: Housing,
    undertakings: undertakings::Undertakings,
    migrations: migrate::Migrations,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("folder", &self.0.folder.root()).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine to be opened on this data folder; the folder is made when it is missing.
    #[must_use]
    pub fn builder(data: impl Into<PathBuf>) -> EngineBuilder {
        EngineBuilder::new(data.into())
    }

    /// The write path: who asks may do this, it fits, it is durable, readers see it. Then it answers.
    ///
    /// The change runs as a task of its own: dropping this future does not stop it half way.
    ///
    /// # Errors
    ///
    /// What the command refuses with; `UNAVAILABLE` when it is not known whether the change was saved: repeat it with
    /// the same idempotency key.
    pub async fn execute<C: Command>(&self, cx: OpContext, command: C) -> Result<Committed> {
        let live = self.live(cx.principal.tenant()).await?;
        to_the_end(async move { live.execute(&cx, &command).await }).await
    }

    /// The read path: what this party sees of its tenant.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when the party is no longer there, `FORBIDDEN` when the tenant is suspended, `UNAVAILABLE`
    /// when the tenant cannot be loaded.
    pub async fn reader(&self, principal: &Principal) -> Result<Reader> {
        let live = self.live(principal.tenant()).await?;
        let policy = Policy::of(principal, &live.record(), &live.directory())?;
        Ok(Reader::new(live, principal.actor(), policy))
    }

    /// Recomputes everything derived of a tenant and lists what differs. It changes nothing itself; but a tenant that is loaded
    /// for it goes on with moving issues to another version of a workflow, where that was interrupted.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a tenant that is not there, `UNAVAILABLE` or `INTERNAL` when it cannot be loaded.
    pub async fn check(&self, tenant: TenantId) -> Result<CheckReport> {
        // Between the log and the record of a deal they differ.
        let _deal = self.0.platform.deals.turn(tenant).await;
        crate::check::check(&*self.live(tenant).await?).await
    }

    /// A reader of a tenant's log with a stored place of its own, for work that follows from changes. Two followers of
    /// one name on one tenant would disturb each other.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a name of more than 100 bytes, `UNAVAILABLE` when the tenant cannot be loaded.
    pub async fn follow(&self, tenant: TenantId, name: &str) -> Result<Follower> {
        if name.is_empty() || name.len() > 100 {
            return Err(Error::invalid("name", "a follower's name has 1 to 100 bytes"));
        }
        Follower::open(&*self.live(tenant).await?, name).await
    }

    /// Makes a tenant's search index anew. Searches go on meanwhile and say how far they are complete. `progress` is told
    /// how many issues were taken in, and of how many.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a tenant that is not there, `UNAVAILABLE` when it cannot be loaded or the index not written.
    pub async fn reindex(
        &self,
        tenant: TenantId,
        progress: impl Fn(u64, u64) + Send + Sync + 'static,
    ) -> Result<()> {
        let live = self.live(tenant).await?;
        to_the_end(async move { live.reindex(&progress).await }).await
    }

    /// Waits until a tenant's search index has taken in all that was acknowledged so far.
    ///
    /// # Errors
    ///
    /// As [`Engine::reindex`].
    pub async fn indexed(&self, tenant: TenantId) -> Result<()> {
        let live = self.live(tenant).await?;
        to_the_end(async move { live.bring_index_up().await }).await
    }

    /// The bounds it works within.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.shared.limits
    }

    /// Where it reads the time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.shared.clock
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.folder.root()
    }

    /// A place in the data folder for something large that is read more than once before it is understood; of so many bytes
    /// as far as is known. Blocks.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when there is no room.
    pub fn spool(&self, bytes: u64) -> Result<SpoolWriter> {
        SpoolWriter::create(&self.0.folder.spool(), bytes).map_err(|error| {
            Error::unavailable("there is no room for it at the moment; try again later").with_source(error)
        })
    }

    /// Whether it can take requests. A store of tenants that fails concerns those who live there, and is in the log and in
    /// [`Engine::stores_use`].
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` while the platform's store cannot be read.
    pub async fn ready(&self) -> Result<()> {
        self.0.platform.ready().await
    }

    /// Drops a tenant from memory, as happens to those that nobody uses when memory is short; it is loaded when it is next
    /// asked for. False when it is in use: a request of it is running, or a [`Reader`] of it is held.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the checkpoint of its view cannot be written; it is dropped nevertheless.
    pub async fn unload(&self, tenant: TenantId) -> Result<bool> {
        self.0.tenants.unload(tenant).await
    }

    /// Writes the checkpoint of a tenant's view now, however much or little has changed. Nothing waits for it, and it is
    /// written in time without being asked for: this is for who is about to copy the data folder, or to measure.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the tenant cannot be loaded, or the file cannot be written.
    pub async fn save_checkpoint(&self, tenant: TenantId) -> Result<()> {
        self.live(tenant).await?.save_checkpoint().await
    }

    /// What the tenants in memory take.
    #[must_use]
    pub fn memory(&self) -> MemoryUse {
        self.0.tenants.memory()
    }

    /// Finishes what was accepted, writes the checkpoints of large tenants, and lets go of the data folder.
    pub async fn close(&self) {
        self.0.jobs.close().await;
        self.0.indexers.stop();
        self.0.undertakings.close().await;
        self.write_notes(Wanted::Last).await;
        self.0.tenants.close().await;
        self.0.platform.close().await;
    }

    /// A tenant in memory, loaded when it is not.
    async fn live(&self, id: TenantId) -> Result<Arc<LiveTenant>> {
        // First, so that nobody reaches one that is being erased, though it be in memory.
        let record = self.0.platform.tenant(id).ok_or_else(not_here)?;
        if let Some(live) = self.0.tenants.loaded(id) {
            return Ok(live);
        }
        let engine = self.clone();
        // Whoever asks may not wait so long: what has begun to load is there for the next who asks.
        let load = async move {
            let live = engine.0.tenants.load(record).await?;
            // The record may have been changed while the tenant was loaded.
            live.take_record(engine.0.platform.tenant(id).ok_or_else(not_here)?);
            if live.record().untold.is_some() {
                drop(engine.tell_later(id, Origin::System));
            }
            engine.take_up_migration(&live);
            Ok(live)
        };
        to_the_end(Box::pin(load)).await
    }
}

fn not_here() -> Error {
    Error::new(ErrorCode::Unauthenticated, "this company is not here; sign in again")
}

/// Runs work to its end, though whoever asked for it may not wait for the answer.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work.in_current_span()).await.map_err(Error::internal)?
}
