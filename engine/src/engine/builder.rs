//! Opening an engine: what can be chosen, and the order in which things are opened.

use super::sign_in::Guards;
use super::tenants::Tenants;
use super::undertakings::Undertakings;
use super::{Engine, Inner, keeper, noting};
use crate::command::branding::fit;
use crate::entitlement::Tiers;
use crate::error::{Error, Result};
use crate::identity::{AccessTokens, ExternalIssuer, PasswordHasher, SigningKeys};
use crate::limits::Limits;
use crate::model::{Branding, Home, Housing};
use crate::platform::Platform;
use crate::storage::{
    DataFolder, FolderOptions, KeyRing, MasterKey, MasterKeySource, Place, StoreKind, StoreOptions, Stores,
    open_store,
};
use crate::tenant::{Checkpoints, PastViews, RowCache, Security, Shared};
use crate::time::Clock;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The name of an installation in its tokens, unless another is given.
const ISSUER_DEFAULT: &str = "mortise";

/// Search indexes that are written at once. Each takes a thread and some tens of megabytes meanwhile.
const INDEXERS: usize = 2;

/// Links for new passwords that are on their way into the outbox at once; further ones are left out.
pub(super) const RESETS_AT_ONCE: usize = 64;

/// Stores that can be open at least: a tenant that moves is in two all the while, and leaves two for others.
const OPEN_MIN: usize = 4;

/// The tasks that bring search indexes up to date; they end with the engine.
pub(super) struct Indexers(Vec<tokio::task::AbortHandle>);

impl Indexers {
    /// Ends them.
    pub(super) fn stop(&self) {
        self.0.iter().for_each(tokio::task::AbortHandle::abort);
    }
}

impl Drop for Indexers {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What can be chosen about an engine. Every choice has a default that suits a small server.
#[derive(Debug, Clone)]
pub struct EngineBuilder {
    data: PathBuf,
    store: Option<StoreKind>,
    limits: Limits,
    tiers: Tiers,
    clock: Clock,
    master_key: Option<MasterKeySource>,
    issuer: String,
    issuers: Vec<Arc<ExternalIssuer>>,
    store_options: StoreOptions,
    housing: Housing,
    lock_wait: Duration,
    branding: Box<Branding>,
}

impl EngineBuilder {
    pub(super) fn new(data: PathBuf) -> Self {
        Self {
            data,
            store: None,
            limits: Limits::default(),
            tiers: Tiers::default(),
            clock: Clock::system(),
            master_key: None,
            issuer: ISSUER_DEFAULT.to_owned(),
            issuers: Vec::new(),
            store_options: StoreOptions::default(),
            housing: Housing::default(),
            lock_wait: FolderOptions::default().lock_wait,
            branding: Box::default(),
        }
    }

    /// The storage backend. A folder keeps the one it was made with, which is also the default for it; a new folder is
    /// made for sled.
    #[must_use]
    pub fn store(mut self, kind: StoreKind) -> Self {
        self.store = Some(kind);
        self
    }

    /// Other bounds than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Another price list than the product's own: what each tier includes.
    #[must_use]
    pub fn tiers(mut self, tiers: Tiers) -> Self {
        self.tiers = tiers;
        self
    }

    /// Another clock than the computer's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Where the master key comes from; a file in the data folder unless said.
    #[must_use]
    pub fn master_key(mut self, source: MasterKeySource) -> Self {
        self.master_key = Some(source);
        self
    }

    /// The name of this installation in its tokens, such as its public URL.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = issuer.into();
        self
    }

    /// Believes the tokens of this issuer too: a vendor's own sign-in. Whom they name must be a member already. The engine's
    /// own name is no name for another.
    #[must_use]
    pub fn external_issuer(mut self, issuer: ExternalIssuer) -> Self {
        self.issuers.push(Arc::new(issuer));
        self
    }

    /// Where tenants of each tier live. Those that live elsewhere already stay until they are moved.
    #[must_use]
    pub fn housing(mut self, housing: Housing) -> Self {
        self.housing = housing;
        self
    }

    /// Memory for cached blocks of each store that tenants share, in bytes: 64 MiB unless said. A store of one tenant
    /// takes a quarter of it. All stores that may be open at once, [`Limits::stores_open_max`], may take it each.
    #[must_use]
    pub const fn store_cache_bytes(mut self, bytes: u64) -> Self {
        self.store_options.cache_bytes = bytes;
        self
    }

    /// Memory for rows that each store that tenants share has not put into a file of their own yet, in bytes: 64 MiB unless
    /// said. A store of one tenant takes a quarter of it. Only fjall asks, and only when a store is made.
    #[must_use]
    pub const fn store_write_buffer_bytes(mut self, bytes: u64) -> Self {
        self.store_options.write_buffer_bytes = bytes;
        self
    }

    /// How long to wait for another process to let go of the folder: ten seconds unless said.
    #[must_use]
    pub const fn lock_wait(mut self, wait: Duration) -> Self {
        self.lock_wait = wait;
        self
    }

    /// The look of letters and pages of all companies that have none of their own: the embedding program's brand. What it
    /// does not say is built in.
    #[must_use]
    pub fn branding(mut self, branding: Branding) -> Self {
        self.branding = Box::new(branding);
        self
    }

    /// Opens the engine.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` with what to do: the folder is held by another process, was written by a newer version or for
    /// another store, or its master key does not fit. `INVALID_INPUT` for a look that does not fit, or a table of where
    /// tenants live that makes no sense.
    pub async fn open(self) -> Result<Engine> {
        // Whoever opens an engine need not make room for all that happens meanwhile.
        Box::pin(self.put_together()).await
    }

    async fn put_together(self) -> Result<Engine> {
        let now = self.clock.now();
        self.housing.check()?;
        if self.issuers.iter().any(|other| other.issuer() == self.issuer) {
            let message = "an external issuer has the name of this installation: give one of them another";
            return Err(Error::invalid("issuer", message));
        }
        let issuers = self.issuers.clone();
        let branding = fit(Branding::clone(&self.branding), &self.limits)?;
        let opened = tokio::task::spawn_blocking(move || self.open_files(now.millis()));
        Self::start(opened.await.map_err(Error::internal)??, issuers, branding).await
    }

    /// Puts together what lies open.
    pub(super) async fn start(
        opened: Opened,
        issuers: Vec<Arc<ExternalIssuer>>,
        branding: Branding,
    ) -> Result<Engine> {
        let platform = Box::pin(Platform::open(opened.platform, &opened.keys)).await?;
        for tenant in platform.records_where(|tenant| tenant.plugins_act == Some(true)) {
            opened.shared.bell.mark(tenant.id, true);
        }
        let tenants = Arc::new(Tenants::new(opened.shared.clone(), opened.keys, opened.stores));
        if let Home::Shards { numbers, .. } = &opened.housing.basic {
            // Now, so that what keeps it from opening is told to who opens the engine.
            Box::pin(tenants.stores.enter(Place::Shard(*numbers.start()))).await?;
        }
        keeper::spawn(&tenants);
        let Opened { folder, shared, tokens, passwords, housing, .. } = opened;
        let queue = &shared.index_queue;
        let indexers = (0..INDEXERS).map(|_| tokio::spawn(queue.clone().work()).abort_handle()).collect();
        let indexers = Indexers(indexers);
        let guards = Guards::new()?;
        let resets = Arc::new(tokio::sync::Semaphore::new(RESETS_AT_ONCE));
        let jobs = super::jobs::Runner::default();
        let migrations = super::migrate::Migrations::default();
        let undertakings = Undertakings::new(platform.doubted.clone());
        let parts = Inner {
            shared,
            platform,
            tenants,
            tokens,
            passwords,
            guards,
            issuers,
            resets,
            branding,
            looked_for_mail: AtomicBool::new(false),
            folder,
            indexers,
            jobs,
            housing,
            undertakings,
            migrations,
        };
        let engine = Engine(Arc::new(parts));
        noting::keep(&engine);
        engine.take_up();
        engine.take_up_looks();
        Ok(engine)
    }

    /// All that blocks: files and stores.
    pub(super) fn open_files(self, now_ms: i64) -> Result<Opened> {
        let kind = self.store.or_else(|| DataFolder::kind_of(&self.data)).unwrap_or(StoreKind::Sled);
        let folder = DataFolder::open(&self.data, &FolderOptions { kind, lock_wait: self.lock_wait })?;
        let source = self.master_key.unwrap_or_else(|| MasterKeySource::File(folder.master_key()));
        let keys = KeyRing::new(folder.tenant_keys(), MasterKey::load(&source)?);
        let small =
            StoreOptions { cache_bytes: self.store_options.cache_bytes / 8, ..self.store_options.clone() };
        let platform = open_store(kind, &folder.platform(), &small)?;
        let stores = Stores::new(&folder, &self.store_options, self.limits.stores_open_max.max(OPEN_MIN));
        let signing = SigningKeys::open(&folder.keys().join("signing"), now_ms).map_err(Error::internal)?;
        let tokens = AccessTokens::new(&self.issuer, signing);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let passwords = PasswordHasher::new(cores).map_err(Error::internal)?;
        let rows = RowCache::new(self.limits.row_cache_bytes);
        let past = PastViews::new(&self.limits, cores);
        let shared = Arc::new(Shared {
            clock: self.clock,
            limits: self.limits,
            tiers: self.tiers,
            past,
            rows,
            index_folder: folder.indexes(),
            index_queue: Arc::default(),
            outboxes: Arc::default(),
            bell: Arc::default(),
            checkpoints: Checkpoints::new(folder.views()),
            hooks: std::sync::OnceLock::new(),
            security: Security::default(),
        });
        let housing = self.housing;
        Ok(Opened { folder, keys, platform, stores, tokens, passwords, shared, housing })
    }
}

/// What lies open before the engine is put together.
pub(super) struct Opened {
    folder: DataFolder,
    keys: KeyRing,
    pub(super) platform: Arc<dyn crate::storage::Store>,
    pub(super) stores: Stores,
    tokens: AccessTokens,
    passwords: PasswordHasher,
    shared: Arc<Shared>,
    housing: Housing,
}
