//! One tenant in memory: its writer, its view, and what readers may see.
//!
//! Decisions are made one after another under the writer's lock. A decided change is handed to the store at once and
//! the writer is free for the next, which sees it through the overlay; the asker is answered, and readers see it, when
//! it is durable. When a change turns out not to be durable, the whole tenant is dropped from memory and loaded
//! again: everything that waited is answered `UNAVAILABLE`. The write path itself is in `write`. This module knows
//! neither GraphQL nor other tenants.

mod batch;
mod bell;
mod chain;
mod checkpoint;
mod hooks;
mod idempotency;
mod index;
mod indexing;
mod key_uses;
mod load;
mod news;
mod outbox_count;
mod outboxes;
mod past;
mod plugins;
mod read;
mod room;
mod row_cache;
mod search;
mod security;
mod sessions;
mod sweep;
mod tail;
mod write;
mod writer;

pub(crate) use batch::put_plugin_record;
pub(crate) use bell::Bell;
pub use bell::PluginBell;
pub(crate) use chain::{Allowance, Bound};
pub(crate) use checkpoint::Checkpoints;
pub(crate) use indexing::IndexQueue;
pub(crate) use load::{directory as load_directory, each, in_background, view as load_view};
pub(crate) use news::{News, NewsOf};
pub(crate) use outboxes::{Outboxes, Turn, waiting_mail};
pub(crate) use past::{PastView, PastViews, Texts, UNDOING};
pub(crate) use plugins::{
    digest_of, forget_entries as forget_plugin_entries, forget_parts as forget_plugin_parts, plugin_bytes,
    write_plugin_bytes,
};
pub(crate) use row_cache::{Life, RowCache, Thread};
pub(crate) use search::TextQuestion;
pub(crate) use security::{Security, Wanted, event_of as security_event_of, kept as security_kept};
pub(crate) use sessions::Sessions;

use crate::command::time_zone;
use crate::directory::Directory;
use crate::draft::{RowWrite, UserError};
use crate::entitlement::{IssueCount, Tiers};
use crate::error::{Error, Result};
use crate::event::{Event, Subject};
use crate::hooks::Hooks;
use crate::id::{ApiKeyId, IssueId};
use crate::identity::ApiKeyRecord;
use crate::limits::Limits;
use crate::model::{Seq, Tenant};
use crate::rows::{self, ApiKeyRow};
use crate::storage::TenantStore;
use crate::time::{Clock, Timestamp};
use crate::view::{CursorKey, View};
use jiff::tz::TimeZone;
use parking_lot::{Mutex, RwLock};
use past::PastLine;
use quick_cache::sync::Cache;
use search::TenantSearch;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use tokio::sync::{Semaphore, watch};
use write::Waiting;
use writer::Writer;

/// API keys whose records are kept in memory, per tenant.
const API_KEYS_CACHED: usize = 1_000;

/// Bytes of a tenant in memory beside its view and its small tables, about.
const OWN_BYTES: usize = 8 * 1024;

/// What a command did.
#[derive(Debug, Clone, Default)]
pub struct Committed {
    /// The place in the log that the answer is true at.
    pub seq: Seq,
    /// What the answer speaks of, in the order of the request.
    pub subjects: Vec<Subject>,
    /// The parts that were refused, beside those that went through.
    pub errors: Vec<UserError>,
    /// The events it wrote; for a rehearsal, those it would have written. None for a repeated request.
    pub events: Vec<Event>,
    /// The rows as they became; for a rehearsal, as they would have become. None for a repeated request.
    pub rows: Vec<RowWrite>,
    /// The request had been made before with the same key, and this is its answer again.
    pub replayed: bool,
}

impl Committed {
    /// The first issue the answer speaks of.
    #[must_use]
    pub fn issue(&self) -> Option<IssueId> {
        self.subjects.iter().find_map(|s| if let Subject::Issue(id) = s { Some(*id) } else { None })
    }
}

/// What all tenants of an engine share.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    /// What each tier includes.
    pub(crate) tiers: Tiers,
    pub(crate) rows: RowCache,
    /// The folder in which each tenant has its search index.
    pub(crate) index_folder: PathBuf,
    /// The tenants whose search index lies behind.
    pub(crate) index_queue: Arc<IndexQueue>,
    /// The tenants that have mail waiting.
    pub(crate) outboxes: Arc<Outboxes>,
    /// The tenants that have news for plugins that act.
    pub(crate) bell: Arc<Bell>,
    pub(crate) past: PastViews,
    pub(crate) checkpoints: Checkpoints,
    /// Who answers for plugins, once somebody does.
    pub(crate) hooks: OnceLock<Arc<dyn Hooks>>,
    pub(crate) security: Security,
}

/// See the module.
pub(crate) struct LiveTenant {
    /// This very value, for work that goes on without holding it.
    me: Weak<Self>,
    shared: Arc<Shared>,
    /// What tells this load of the tenant from any other in the shared cache.
    life: Life,
    record: RwLock<Known>,
    store: TenantStore,
    writer: tokio::sync::Mutex<Writer>,
    /// What the writer counts: see [`Writer::issues`].
    issues: Arc<Mutex<IssueCount>>,
    room: Semaphore,
    waiting: Mutex<VecDeque<Waiting>>,
    visible: RwLock<Visible>,
    applied: watch::Sender<Seq>,
    /// For who follows the tenant from one load to the next.
    news: News,
    /// The place of the newest checkpoint; zero when there is none.
    saved: AtomicU64,
    /// Held while a checkpoint is written.
    saving: tokio::sync::Mutex<()>,
    sessions: Mutex<Sessions>,
    sessions_turn: tokio::sync::Mutex<()>,
    proofs_turn: tokio::sync::Mutex<()>,
    look_turn: tokio::sync::Mutex<()>,
    plugins_turn: tokio::sync::Mutex<()>,
    keys: Cache<ApiKeyId, ApiKeyRecord>,
    key_uses: key_uses::KeyUses,
    desk: Arc<security::Desk>,
    /// Who waits for views of the past.
    past_line: PastLine,
    cursors: CursorKey,
    search: TenantSearch,
    broken: AtomicBool,
    /// It is being erased: whoever still holds it is told nothing.
    gone: AtomicBool,
}

/// The tenant's record, and what follows from it.
struct Known {
    record: Arc<Tenant>,
    zone: TimeZone,
}

impl Known {
    fn of(record: Arc<Tenant>) -> Self {
        let named = record.time_zone.as_deref().map(|name| time_zone("timeZone", name));
        let zone = named.transpose().unwrap_or_else(|error| {
            tracing::warn!(tenant.id = %record.id, ?error, "this version does not know the time zone: days begin as in UTC");
            None
        });
        Self { record, zone: zone.unwrap_or(TimeZone::UTC) }
    }
}

/// What readers see: all that is durable.
struct Visible {
    view: View,
    directory: Arc<Directory>,
    /// The place in the log that both are at.
    seq: Seq,
}

impl LiveTenant {
    /// Loads a tenant from its store. With `take_over`, whoever wrote to it before can write no more from here on:
    /// needed where an earlier load may still have changes on their way.
    pub(crate) async fn load(
        shared: Arc<Shared>,
        record: Arc<Tenant>,
        store: TenantStore,
        news: News,
        take_over: bool,
    ) -> Result<Arc<Self>> {
        let checkpoint = shared.checkpoints.path(store.tenant());
        let loaded = load::load(&store, checkpoint, shared.clock.now(), take_over).await?;
        news.reached(loaded.head);
        if loaded.has_mail {
            shared.outboxes.ring(record.id);
        }
        let cursor_secret = store.derive_key("mortise cursors 1");
        let index_folder = shared.index_folder.join(record.id.uuid().to_string());
        let desk = shared.security.desk(record.id);
        Ok(Arc::new_cyclic(|me| Self {
            me: me.clone(),
            life: shared.rows.begin(),
            search: TenantSearch::new(index_folder, loaded.head),
            record: RwLock::new(Known::of(record)),
            store,
            issues: loaded.writer.issues.clone(),
            writer: tokio::sync::Mutex::new(loaded.writer),
            room: Semaphore::new(shared.limits.pending_writes_max),
            waiting: Mutex::default(),
            visible: RwLock::new(Visible {
                view: loaded.view,
                directory: loaded.directory,
                seq: loaded.head,
            }),
            applied: watch::Sender::new(loaded.head),
            news,
            saved: AtomicU64::new(loaded.saved.0),
            saving: tokio::sync::Mutex::default(),
            sessions: Mutex::new(loaded.sessions),
            sessions_turn: tokio::sync::Mutex::default(),
            proofs_turn: tokio::sync::Mutex::default(),
            look_turn: tokio::sync::Mutex::default(),
            plugins_turn: tokio::sync::Mutex::default(),
            keys: Cache::new(API_KEYS_CACHED),
            key_uses: key_uses::KeyUses::default(),
            desk,
            past_line: PastLine::default(),
            cursors: CursorKey::new(cursor_secret),
            broken: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            shared,
        }))
    }

    /// What tells this load of the tenant from any other: ordinals of its view mean something in this load alone.
    pub(crate) const fn life(&self) -> Life {
        self.life
    }

    /// Whether a write was lost, so that this tenant must be loaded again.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Refuses who asks a tenant that is being erased.
    pub(crate) fn expect_not_gone(&self) -> Result<()> {
        if self.gone.load(Ordering::Acquire) {
            return Err(Error::unavailable("this company is not here any more"));
        }
        Ok(())
    }

    /// The tenant's record.
    pub(crate) fn record(&self) -> Arc<Tenant> {
        self.record.read().record.clone()
    }

    /// Takes a newer record of the tenant.
    pub(crate) fn take_record(&self, record: Arc<Tenant>) {
        let mut known = self.record.write();
        if known.record.version < record.version {
            *known = Known::of(record);
        }
    }

    /// Where the tenant's days and weeks begin.
    pub(crate) fn zone(&self) -> TimeZone {
        self.record.read().zone.clone()
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// The bounds of the engine.
    pub(crate) fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// The store of this tenant.
    pub(crate) const fn store(&self) -> &TenantStore {
        &self.store
    }

    /// The small tables as readers of everything see them.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.visible.read().directory.clone()
    }

    /// The place in the log up to which readers see everything.
    pub(crate) fn applied(&self) -> Seq {
        *self.applied.borrow()
    }

    /// What becomes known of the tenant, also after it has left memory and come back.
    pub(crate) fn news(&self) -> NewsOf {
        self.news.follow()
    }

    /// Whether nothing is on its way: whoever holds the only handle to such a tenant may drop it.
    pub(crate) fn is_still(&mut self) -> bool {
        let head = self.writer.get_mut().head;
        self.waiting.get_mut().is_empty() && head == *self.applied.borrow()
    }

    /// Bytes of memory it takes, estimated. Looks at the whole view: it takes milliseconds for a large one.
    pub(crate) fn memory_bytes(&self) -> usize {
        let visible = self.visible.read();
        OWN_BYTES + visible.view.memory_bytes() + visible.directory.memory_bytes()
    }

    /// Which sessions are open, and which ended lately: their access tokens no longer work.
    pub(crate) const fn sessions(&self) -> &Mutex<Sessions> {
        &self.sessions
    }

    /// The record of an API key, from memory when it was used lately.
    pub(crate) async fn api_key(&self, id: ApiKeyId) -> Result<Option<ApiKeyRecord>> {
        let place = match self.keys.get_value_or_guard_async(&id).await {
            Ok(record) => return Ok(Some(record)),
            Err(place) => place,
        };
        let Some(row) = self.store.get::<ApiKeyRow>(&rows::api_key(id)).await? else { return Ok(None) };
        // A key that is revoked meanwhile takes the place away.
        let _ = place.insert(row.record.clone());
        Ok(Some(row.record))
    }

    /// The turn to change a session: sessions are rows without a log, read and written one after another.
    pub(crate) async fn sessions_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.sessions_turn.lock().await
    }

    /// The turn to use up a one-time token or a code of a second factor, so that none is good twice. Whoever needs a turn
    /// at sessions too takes this one first.
    pub(crate) async fn proofs_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.proofs_turn.lock().await
    }

    /// The turn to change how the tenant shows itself: its log says so first, its record with the platform follows.
    pub(crate) async fn look_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.look_turn.lock().await
    }

    /// Who answers for plugins.
    pub(crate) fn hooks(&self) -> Option<&Arc<dyn Hooks>> {
        self.shared.hooks.get()
    }

    /// The key that this tenant's cursors are sealed with.
    pub(crate) const fn cursor_key(&self) -> &CursorKey {
        &self.cursors
    }

    /// Stops writing while `work` runs, once all that was accepted is visible.
    pub(crate) async fn quiet<T>(&self, work: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
        self.quiet_counted(async |_| work().await).await
    }

    /// As [`quiet`](Self::quiet), for work that looks at how many issues are counted.
    pub(crate) async fn quiet_counted<T>(
        &self,
        work: impl AsyncFnOnce(&IssueCount) -> Result<T>,
    ) -> Result<T> {
        let writer = self.writer.lock().await;
        self.wait_for(writer.head).await?;
        let counted = writer.issues.lock().clone();
        work(&counted).await
    }

    /// How many issues count against what the company may have; those that are about to become durable do.
    pub(crate) fn issues_counted(&self) -> u64 {
        self.issues.lock().at(self.now())
    }

    /// Waits until readers see everything up to this place.
    pub(crate) async fn wait_for(&self, seq: Seq) -> Result<()> {
        let mut applied = self.applied.subscribe();
        let reached = applied.wait_for(|at| *at >= seq || self.is_broken()).await;
        if reached.is_err() || self.is_broken() {
            return Err(reloading());
        }
        Ok(())
    }
}

impl Drop for LiveTenant {
    fn drop(&mut self) {
        self.shared.rows.end(self.life);
        self.shared.past.end(self.life);
    }
}

/// Nothing was done: the tenant is about to be loaded again.
fn reloading() -> Error {
    Error::unavailable("the company is being loaded again; nothing was changed, ask again in a moment")
}
