//! The platform: which tenants there are, and who operates them. A store and a key of its own.
//!
//! All tenants' records are in memory; a change is durable before it is seen. This module knows nothing of what is
//! inside a tenant.

mod calls;
mod deals;
mod find;
mod index;
mod jobs;
mod keys;
mod new_tenant;

pub use calls::LEASE as CALLS_LEASE;
pub(crate) use calls::{CallKind, Calls, Charge};
use deals::Deals;
pub use find::{TenantFilter, TenantSelection};
use index::Index;
pub(crate) use jobs::{Jobs, NewJob, PART};
pub(crate) use keys::Keys;
pub use new_tenant::{FirstAdmin, NewTenant, TenantSettings};

use crate::error::{Error, Result};
use crate::id::{RootId, TenantId};
use crate::identity::PasswordHash;
use crate::model::{Home, Placement, Tenant};
use crate::rows::{self, RootOperator, tag};
use crate::storage::{Batch, CommitOutcome, KeyRing, Store, TenantStore};
use crate::tenant::each;
use crate::time::Timestamp;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{MutexGuard, Notify};

/// The platform's own store is the space of the tenant whose id is all zeros, which no tenant ever has.
const PLATFORM: TenantId = TenantId::from_uuid(uuid::Uuid::nil());

/// See the module.
pub(crate) struct Platform {
    store: TenantStore,
    backend: Arc<dyn Store>,
    tenants: RwLock<Index>,
    /// The keys of its operators.
    pub(crate) keys: Keys,
    /// Changes of many tenants.
    pub(crate) jobs: Jobs,
    /// The calls of the day.
    pub(crate) calls: Arc<Calls>,
    /// It is not known whether a record was saved: the tenants are read again before another is.
    doubtful: AtomicBool,
    /// Told when that becomes so: what was begun with the record is to be taken up.
    pub(crate) doubted: Arc<Notify>,
    /// The turn at the records: held while one is made or changed, so that two tenants never get the same slug and no change
    /// is lost. Most ask [`Platform::records_turn`] for it.
    pub(crate) records: tokio::sync::Mutex<()>,
    /// Held while a domain is said to be a tenant's own, so that it never becomes two tenants'. Taken before `records`.
    pub(crate) domains: tokio::sync::Mutex<()>,
    /// Turns to deal with a tenant; who takes both takes one before `records`.
    pub(crate) deals: Deals,
}

impl Platform {
    /// Opens the platform's store; its key is made on first start.
    pub(crate) async fn open(backend: Arc<dyn Store>, keys: &KeyRing) -> Result<Self> {
        let key = match keys.open(PLATFORM).await {
            Ok(key) => key,
            Err(missing) => match keys.create(PLATFORM).await {
                Ok(key) => key,
                // There is a key and it does not open: that is the error to tell.
                Err(_) => return Err(missing.into()),
            },
        };
        let store = TenantStore::new(backend.clone(), PLATFORM, key);
        let tenants = RwLock::new(Index::read(&store).await?);
        let (keys, jobs) = (Keys::read(&store).await?, Jobs::read(&store).await?);
        let (doubtful, records) = (AtomicBool::new(false), tokio::sync::Mutex::default());
        let calls = Arc::new(Calls::new(store.clone()));
        let (domains, deals) = (tokio::sync::Mutex::default(), Deals::default());
        let doubted = Arc::default();
        Ok(Self { store, backend, tenants, keys, jobs, calls, doubtful, doubted, records, domains, deals })
    }

    /// The record of a tenant; one that is being founded or erased is not there.
    pub(crate) fn tenant(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.record(id).filter(|tenant| tenant.is_there())
    }

    /// The record of a tenant, also of one that is being founded or erased.
    pub(crate) fn record(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.tenants.read().by_id.get(&id).cloned()
    }

    /// The record of the tenant with this slug; one that is being founded or erased is not there.
    pub(crate) fn tenant_by_slug(&self, slug: &str) -> Option<Arc<Tenant>> {
        self.record_by_slug(slug).filter(|tenant| tenant.is_there())
    }

    fn record_by_slug(&self, slug: &str) -> Option<Arc<Tenant>> {
        let index = self.tenants.read();
        index.by_slug.get(&slug.trim().to_ascii_lowercase()).and_then(|id| index.by_id.get(id)).cloned()
    }

    /// The tenant that the request with this hash founded.
    pub(crate) fn tenant_by_founding(&self, scope: &[u8; 32]) -> Option<Arc<Tenant>> {
        let index = self.tenants.read();
        let found = index.by_founding.get(scope).and_then(|id| index.by_id.get(id));
        found.filter(|tenant| tenant.is_there()).cloned()
    }

    /// The tenant that this domain leads to.
    pub(crate) fn tenant_by_domain(&self, domain: &str) -> Option<Arc<Tenant>> {
        let index = self.tenants.read();
        let found = index.by_domain.get(domain).and_then(|id| index.by_id.get(id));
        found.filter(|tenant| tenant.is_there()).cloned()
    }

    /// All tenants, by slug; those that are being founded or erased are not there.
    pub(crate) fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.records_where(Tenant::is_there)
    }

    /// The records of these tenants, by slug, also of those that are being founded or erased.
    pub(crate) fn records_where(&self, wanted: impl Fn(&Tenant) -> bool) -> Vec<Arc<Tenant>> {
        let tenants = self.tenants.read();
        let by_slug = tenants.by_slug.values().filter_map(|id| tenants.by_id.get(id));
        by_slug.filter(|tenant| wanted(tenant)).cloned().collect()
    }

    /// A place for one more tenant in such a home.
    pub(crate) fn place_in(&self, home: &Home) -> Placement {
        let mut tenants_in = FxHashMap::<u16, usize>::default();
        for tenant in self.tenants.read().by_id.values() {
            if let Placement::Shard(number) = tenant.placement {
                *tenants_in.entry(number).or_default() += 1;
            }
        }
        home.place(|number| tenants_in.get(&number).copied().unwrap_or_default())
    }

    /// A slug that is well formed and free. Asked while holding `records`.
    pub(crate) async fn free_slug(&self, slug: &str) -> Result<String> {
        let slug = slug.trim().to_ascii_lowercase();
        let shape = (2..=40).contains(&slug.len())
            && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !slug.starts_with('-')
            && !slug.ends_with('-');
        if !shape {
            let rule = "a slug has 2 to 40 letters a to z, digits and hyphens, such as acme-labs";
            return Err(Error::invalid("slug", rule));
        }
        self.read_again_if_doubtful().await?;
        match self.record_by_slug(&slug) {
            None => Ok(slug),
            Some(taken) if taken.is_there() => {
                Err(Error::conflict(format!("there is a tenant `{slug}` already")).with_field("slug"))
            }
            // Nobody is to take that for final: it is free in a moment.
            Some(_) => {
                let message =
                    format!("the tenant `{slug}` is being removed: found the next when that is done");
                Err(Error::unavailable(message).with_field("slug"))
            }
        }
    }

    /// Whether it is not known if a record was saved.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful.load(Ordering::Acquire)
    }

    /// The turn at the records, for who is about to change one: what is in memory is what was saved.
    pub(crate) async fn records_turn(&self) -> Result<MutexGuard<'_, ()>> {
        let turn = self.records.lock().await;
        self.read_again_if_doubtful().await?;
        Ok(turn)
    }

    /// Reads the tenants again when it is not known whether a record was saved. What is news is written once more before
    /// anybody sees it: read after a failed sync, it may stand in memory alone, and a power cut would bring back the record
    /// of before. Asked while holding `records`.
    pub(crate) async fn read_again_if_doubtful(&self) -> Result<()> {
        if self.is_doubtful() {
            let index = Index::read(&self.store).await?;
            let news = index.differing_from(&self.tenants.read());
            for (id, record) in news {
                let mut batch = Batch::new();
                match record {
                    Some(record) => batch.put(rows::tenant(id), &*record)?,
                    None => batch.delete(rows::tenant(id)),
                }
                self.commit(batch).await?;
            }
            *self.tenants.write() = index;
            self.doubtful.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// Writes a tenant's record, then shows it.
    pub(crate) async fn save_tenant(&self, tenant: Tenant) -> Result<Arc<Tenant>> {
        let mut batch = Batch::new();
        batch.put(rows::tenant(tenant.id), &tenant)?;
        self.commit(batch).await?;
        let tenant = Arc::new(tenant);
        self.tenants.write().take(tenant.clone());
        Ok(tenant)
    }

    /// Removes a tenant's record: its slug is free from then on. Asked while holding `records`.
    pub(crate) async fn remove_tenant(&self, tenant: &Tenant) -> Result<()> {
        let mut batch = Batch::new();
        batch.delete(rows::tenant(tenant.id));
        // What a lease left is not written back.
        self.calls.forget(tenant.id).await;
        batch.delete(rows::calls(tenant.id));
        self.commit(batch).await?;
        self.tenants.write().forget(tenant);
        Ok(())
    }

    /// Makes an operator of the platform. Their address is unique.
    pub(crate) async fn create_root(
        &self,
        email: String,
        name: String,
        password: PasswordHash,
        now: Timestamp,
    ) -> Result<RootId> {
        let _turn = self.records.lock().await;
        let mut taken = false;
        each::<RootOperator>(&self.store, tag::ROOT, |root| taken |= root.email == email).await?;
        if taken {
            return Err(
                Error::conflict(format!("there is a root operator {email} already")).with_field("email")
            );
        }
        let id = RootId::generate();
        let password = password.as_phc().to_owned();
        let mut batch = Batch::new();
        batch.put(rows::root(id), &RootOperator { id, email, name, password, created_at: now })?;
        self.commit(batch).await?;
        Ok(id)
    }

    /// An operator of the platform.
    pub(crate) async fn root(&self, id: RootId) -> Result<Option<RootOperator>> {
        Ok(self.store.get::<RootOperator>(&rows::root(id)).await?)
    }

    /// The operator of the platform with this address.
    pub(crate) async fn root_by_email(&self, email: &str) -> Result<Option<RootOperator>> {
        let mut found = None;
        each::<RootOperator>(&self.store, tag::ROOT, |root| {
            if root.email.eq_ignore_ascii_case(email.trim()) {
                found = Some(root);
            }
        })
        .await?;
        Ok(found)
    }

    pub(crate) async fn ready(&self) -> Result<()> {
        self.store.head().await.map(drop).map_err(Error::from)
    }

    pub(crate) async fn close(&self) {
        self.calls.close().await;
        self.backend.close().await;
    }

    async fn commit(&self, batch: Batch) -> Result<()> {
        match self.store.commit(batch).await {
            CommitOutcome::Committed { .. } => Ok(()),
            CommitOutcome::Refused(error) => Err(error.into()),
            outcome => {
                self.doubtful.store(true, Ordering::Release);
                self.doubted.notify_one();
                let message = "the platform's record may or may not have been saved; look and try again";
                Err(Error::unavailable(message).with_source(format!("{outcome:?}")))
            }
        }
    }
}
