//! The platform: which tenants there are, and who operates them. A store and a key of its own.
//!
//! All tenants' records are in memory; a change is durable before it is seen. This module knows nothing of what is
//! inside a tenant.

mod calls;
mod deals;
mod find;
mod jobs;
mod keys;

pub use calls::LEASE as CALLS_LEASE;
pub(crate) use calls::{CallKind, Calls, Charge};
use deals::Deals;
pub use find::{TenantFilter, TenantSelection};
pub(crate) use jobs::{Jobs, NewJob, PART};
pub(crate) use keys::Keys;

use crate::error::{Error, Result};
use crate::id::{RootId, TenantId};
use crate::identity::PasswordHash;
use crate::model::{Home, Placement, SearchLanguage, Tenant, Tier};
use crate::rows::{self, RootOperator, tag};
use crate::storage::{Batch, CommitOutcome, KeyRing, Store, TenantStore};
use crate::tenant::each;
use crate::time::Timestamp;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{MutexGuard, Notify};

/// The platform's own store is the space of the tenant whose id is all zeros, which no tenant ever has.
const PLATFORM: TenantId = TenantId::from_uuid(uuid::Uuid::nil());

/// What is needed to found a tenant.
#[derive(Debug)]
pub struct NewTenant {
    /// The name people type at sign-in: 2 to 40 of a–z, 0–9 and `-`.
    pub slug: String,
    /// How it is shown.
    pub name: String,
    /// What it has bought.
    pub tier: Tier,
    /// The first super admin: address, name, and password if one is set at once.
    pub admin: Option<FirstAdmin>,
    /// The key of a first team.
    pub team: Option<String>,
    /// The language that most of its texts will be in; English unless said.
    pub language: Option<SearchLanguage>,
    /// Where its days and weeks begin, as the IANA names the zone; UTC unless said.
    pub time_zone: Option<String>,
    /// Where in the world its data is to lie, in the platform's own words: 1 to 40 of a–z, 0–9 and `-`.
    pub region: Option<String>,
    /// Where its data lies: where tenants of this tier live, those of its own unless said.
    pub home: Option<Tier>,
    /// Where its data lies, to the store; where there is room in its home unless said.
    pub placement: Option<Placement>,
}

/// What can be changed about a tenant's name, language and place. What is not said stays; an inner none takes the value away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantSettings {
    /// The version that the tenant's record was read at; another one is a conflict.
    pub if_version: Option<u64>,
    /// How it is shown.
    pub name: Option<String>,
    /// The language that most of its texts are in.
    pub language: Option<Option<SearchLanguage>>,
    /// Where its days and weeks begin, as the IANA names the zone.
    pub time_zone: Option<Option<String>>,
    /// Where in the world its data is to lie, in the platform's own words.
    pub region: Option<Option<String>>,
}

/// The first super admin of a tenant.
#[derive(Debug)]
pub struct FirstAdmin {
    /// The address they sign in with.
    pub email: String,
    /// How they are shown.
    pub name: String,
    /// Their password; without one they cannot sign in yet.
    pub password: Option<crate::identity::Password>,
}

impl NewTenant {
    /// A tenant of the basic tier with nobody in it.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            slug: slug.into(),
            name: name.into(),
            tier: Tier::Basic,
            admin: None,
            team: None,
            language: None,
            time_zone: None,
            region: None,
            home: None,
            placement: None,
        }
    }

    /// With a first team that has this key.
    #[must_use]
    pub fn with_team(mut self, key: impl Into<String>) -> Self {
        self.team = Some(key.into());
        self
    }

    /// With a first super admin.
    #[must_use]
    pub fn with_admin(mut self, admin: FirstAdmin) -> Self {
        self.admin = Some(admin);
        self
    }

    /// With texts in this language.
    #[must_use]
    pub const fn with_language(mut self, language: SearchLanguage) -> Self {
        self.language = Some(language);
        self
    }

    /// In this time zone, such as `Europe/Berlin`.
    #[must_use]
    pub fn with_time_zone(mut self, zone: impl Into<String>) -> Self {
        self.time_zone = Some(zone.into());
        self
    }

    /// With its data in this place, whatever its tier.
    #[must_use]
    pub fn with_placement(mut self, placement: Placement) -> Self {
        self.placement = Some(placement);
        self
    }

    /// Of this tier.
    #[must_use]
    pub const fn with_tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }
}

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

#[derive(Default)]
struct Index {
    by_id: FxHashMap<TenantId, Arc<Tenant>>,
    by_slug: BTreeMap<String, TenantId>,
    /// By the request that founded it.
    by_founding: FxHashMap<[u8; 32], TenantId>,
    /// Domains that were seen to be a tenant's own.
    by_domain: FxHashMap<String, TenantId>,
}

impl Index {
    async fn read(store: &TenantStore) -> Result<Self> {
        let mut index = Self::default();
        each::<Tenant>(store, tag::TENANT, |tenant| index.take(Arc::new(tenant))).await?;
        Ok(index)
    }

    /// The tenants of which this index knows something else than another, with their records.
    fn differing_from(&self, other: &Self) -> Vec<(TenantId, Option<Arc<Tenant>>)> {
        let changed = self.by_id.iter().filter(|(id, tenant)| other.by_id.get(id) != Some(tenant));
        let gone = other.by_id.keys().filter(|id| !self.by_id.contains_key(id));
        let changed = changed.map(|(id, tenant)| (*id, Some(tenant.clone())));
        changed.chain(gone.map(|id| (*id, None))).collect()
    }

    fn take(&mut self, tenant: Arc<Tenant>) {
        self.by_slug.insert(tenant.slug.clone(), tenant.id);
        if let Some(scope) = tenant.founding.as_ref().and_then(|founding| founding.scope) {
            self.by_founding.insert(*scope, tenant.id);
        }
        if let Some(before) = self.by_id.get(&tenant.id).and_then(|before| own_domain(before)) {
            self.by_domain.remove(before);
        }
        if let Some(domain) = own_domain(&tenant) {
            self.by_domain.insert(domain.to_owned(), tenant.id);
        }
        self.by_id.insert(tenant.id, tenant);
    }
}

/// The domain that leads to a tenant.
fn own_domain(tenant: &Tenant) -> Option<&str> {
    let domain = tenant.branding.as_ref().and_then(|own| own.domain.as_ref());
    domain.filter(|domain| domain.verified_at.is_some()).map(|domain| domain.name.as_str())
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
        let mut index = self.tenants.write();
        index.by_id.remove(&tenant.id);
        index.by_slug.remove(&tenant.slug);
        index.by_domain.retain(|_, id| *id != tenant.id);
        index.by_founding.retain(|_, id| *id != tenant.id);
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
