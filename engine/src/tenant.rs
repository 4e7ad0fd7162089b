//! One tenant in memory: its writer, its view, and what readers may see.
//!
//! Decisions are made one after another under the writer's lock. A decided change is handed to the store at once and
//! the writer is free for the next, which sees it through the overlay; the asker is answered, and readers see it, when
//! it is durable. When a change turns out not to be durable, the whole tenant is dropped from memory and loaded
//! again: everything that waited is answered `UNAVAILABLE`. This module knows neither GraphQL nor other tenants.

mod batch;
mod idempotency;
mod load;
mod read;
mod row_cache;
mod sweep;
mod writer;

pub(crate) use load::{directory as load_directory, each, view as load_view};
pub(crate) use row_cache::RowCache;

use crate::access::Policy;
use crate::command::{Command, IssueRef, World};
use crate::context::OpContext;
use crate::directory::Directory;
use crate::draft::{Draft, RowWrite, SideRecord, Stamp, Stamped, UserError};
use crate::error::{Error, Result};
use crate::event::{Event, Subject};
use crate::id::{ApiKeyId, CommentId, IssueId, SessionId};
use crate::identity::ApiKeyRecord;
use crate::limits::Limits;
use crate::model::{Comment, Issue, Seq, Tenant};
use crate::rows::{self, ApiKeyRow, IdempotencyRecord};
use crate::storage::{CommitOutcome, HeadCondition, TenantStore};
use crate::time::{Clock, Timestamp};
use crate::view::{CursorKey, View};
use idempotency::Ticket;
use parking_lot::{Mutex, RwLock};
use quick_cache::sync::Cache;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Semaphore, watch};
use writer::{PendingIndex, Writer};

/// API keys whose records are kept in memory, per tenant.
const API_KEYS_CACHED: usize = 1_000;

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
    pub(crate) rows: RowCache,
}

/// See the module.
pub(crate) struct LiveTenant {
    shared: Arc<Shared>,
    record: Arc<Tenant>,
    store: TenantStore,
    writer: tokio::sync::Mutex<Writer>,
    room: Semaphore,
    waiting: Mutex<VecDeque<Waiting>>,
    visible: RwLock<Visible>,
    applied: watch::Sender<Seq>,
    ended: Mutex<FxHashMap<SessionId, Timestamp>>,
    keys: Cache<ApiKeyId, ApiKeyRecord>,
    sessions: tokio::sync::Mutex<()>,
    cursors: CursorKey,
    broken: AtomicBool,
}

/// What readers see: all that is durable.
struct Visible {
    view: View,
    directory: Arc<Directory>,
}

impl LiveTenant {
    /// Loads a tenant from its store.
    pub(crate) async fn load(
        shared: Arc<Shared>,
        record: Arc<Tenant>,
        store: TenantStore,
    ) -> Result<Arc<Self>> {
        let loaded = load::load(&store, shared.clock.now()).await?;
        let cursor_secret = store.derive_key("mortise cursors 1");
        Ok(Arc::new(Self {
            record,
            store,
            writer: tokio::sync::Mutex::new(loaded.writer),
            room: Semaphore::new(shared.limits.pending_writes_max),
            waiting: Mutex::default(),
            visible: RwLock::new(Visible { view: loaded.view, directory: loaded.directory }),
            applied: watch::Sender::new(loaded.head),
            ended: Mutex::new(loaded.ended),
            keys: Cache::new(API_KEYS_CACHED),
            sessions: tokio::sync::Mutex::default(),
            cursors: CursorKey::new(cursor_secret),
            broken: AtomicBool::new(false),
            shared,
        }))
    }

    /// Whether a write was lost, so that this tenant must be loaded again.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// The tenant's record.
    pub(crate) fn record(&self) -> Arc<Tenant> {
        self.record.clone()
    }

    /// The store of this tenant.
    pub(crate) const fn store(&self) -> &TenantStore {
        &self.store
    }

    /// The small tables as readers see them.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.visible.read().directory.clone()
    }

    /// The place in the log up to which readers see everything.
    pub(crate) fn applied(&self) -> Seq {
        *self.applied.borrow()
    }

    /// Sessions that ended lately: their access tokens no longer work.
    pub(crate) const fn ended(&self) -> &Mutex<FxHashMap<SessionId, Timestamp>> {
        &self.ended
    }

    /// The write path: see the module. The future may be dropped only where nothing was handed to the store yet, so
    /// the engine runs it as a task of its own.
    pub(crate) async fn execute<C: Command>(&self, cx: &OpContext, command: &C) -> Result<Committed> {
        let _room = self.room.acquire().await.map_err(|_| gone())?;
        let mut writer = self.writer.lock().await;
        if self.is_broken() {
            return Err(gone());
        }
        writer.overlay.forget(self.applied());
        let now = self.shared.clock.now();
        let ticket = Ticket::of(cx, command, &self.shared.limits)?;
        if let Some(ticket) = &ticket {
            let kept = self.shared.limits.idempotency_kept_ms;
            if let Some(record) = ticket.answered(&writer.overlay, &self.store, now, kept).await? {
                drop(writer);
                return self.replay(&record).await;
            }
        }
        let draft = self.decide(cx, command, &writer, now).await?;
        let stamp = Stamp {
            after: writer.head,
            now,
            actor: cx.principal.actor(),
            origin: cx.origin,
            request: cx.request,
        };
        if cx.dry_run || draft.is_empty() {
            let head = writer.head;
            drop(writer);
            return self.answer_unwritten(draft, stamp, head).await;
        }
        let pending = self.hand_over(&mut writer, draft, stamp, ticket).await?;
        drop(writer);
        self.settle(pending).await
    }

    /// Loads what the command names and lets it decide.
    async fn decide<C: Command>(
        &self,
        cx: &OpContext,
        command: &C,
        writer: &Writer,
        now: Timestamp,
    ) -> Result<Draft> {
        let reads = command.reads();
        let issues = self.writers_issues(writer, &reads.issues).await?;
        let (comments, on) = self.writers_comments(writer, &reads.comments).await?;
        let record = self.record();
        let policy = Policy::of(&cx.principal, &record, &writer.directory)?;
        let visible = self.visible.read();
        let world = World {
            cx,
            policy: &policy,
            tenant: &record,
            directory: &writer.directory,
            limits: &self.shared.limits,
            now,
            index: &PendingIndex { view: &visible.view, overlay: &writer.overlay },
            issues: issues.into_iter().chain(on).map(|i| (i.id, i)).collect(),
            comments: comments.into_iter().map(|c| (c.id, c)).collect(),
        };
        command.decide(&world)
    }

    /// The newest rows of the issues named, waiting ones included; those that do not exist are left out.
    async fn writers_issues(&self, writer: &Writer, named: &[IssueRef]) -> Result<Vec<Arc<Issue>>> {
        let mut rows = Vec::with_capacity(named.len());
        for issue in named {
            let id = {
                let visible = self.visible.read();
                let index = PendingIndex { view: &visible.view, overlay: &writer.overlay };
                issue.find(&writer.directory, &index)
            };
            let Some(id) = id else { continue };
            match writer.overlay.issues.get(&id) {
                Some((_, issue)) => rows.push(issue.clone()),
                None => rows.extend(self.stored_issue(id).await?),
            }
        }
        Ok(rows)
    }

    /// The newest rows of the comments named, with their issues.
    async fn writers_comments(
        &self,
        writer: &Writer,
        named: &[CommentId],
    ) -> Result<(Vec<Arc<Comment>>, Vec<Arc<Issue>>)> {
        let (mut comments, mut issues) = (Vec::new(), Vec::new());
        for id in named {
            let comment = match writer.overlay.comments.get(id) {
                Some((_, comment)) => Some(comment.clone()),
                None => self.stored_comment(*id).await?,
            };
            let Some(comment) = comment else { continue };
            issues.extend(self.writers_issues(writer, &[comment.issue.into()]).await?);
            comments.push(comment);
        }
        Ok((comments, issues))
    }

    /// Hands a decided change to the store, in order, and lets the next decision see it.
    async fn hand_over(
        &self,
        writer: &mut Writer,
        draft: Draft,
        stamp: Stamp,
        ticket: Option<Ticket>,
    ) -> Result<Pending> {
        let seq = Seq(stamp.after.0.saturating_add(draft.len() as u64));
        let answer = ticket.map(|t| (t.scope, Arc::new(t.record(&draft, seq, stamp.now))));
        let (subjects, errors) = (draft.subjects().to_vec(), draft.errors().to_vec());
        let records = draft.records().to_vec();
        let stamped = draft.stamp(stamp);
        let by_key = answer.as_ref().map(|(scope, record)| (scope, &**record));
        let head = HeadCondition { epoch: self.epoch(writer).await?, after: stamp.after.0 };
        let (batch, chain) = batch::of(head, &stamped, &records, by_key, writer.chain)?;
        let commit = self.store.seal(batch)?;
        let ticket = self.store.submit_sealed(commit).await;
        writer.advance(&stamped, chain, answer);
        self.waiting.lock().push_back(Waiting { seq, rows: stamped.rows.clone(), records });
        Ok(Pending { seq, ticket, subjects, errors, stamped })
    }

    /// The epoch of this writer. The first write fences out any writer before it.
    async fn epoch(&self, writer: &mut Writer) -> Result<u64> {
        if let Some(epoch) = writer.epoch {
            return Ok(epoch);
        }
        let head = self.store.fence().await?;
        if head.seq != writer.head.0 {
            self.break_down("another writer has written to this tenant");
            return Err(gone());
        }
        writer.epoch = Some(head.epoch);
        Ok(head.epoch)
    }

    /// Waits until a change is durable, makes it visible, and answers.
    async fn settle(&self, pending: Pending) -> Result<Committed> {
        match pending.ticket.await {
            CommitOutcome::Committed { .. } => self.apply_up_to(pending.seq),
            outcome => {
                self.break_down(&format!("a write was lost: {outcome:?}"));
                return Err(gone());
            }
        }
        Ok(Committed {
            seq: pending.seq,
            subjects: pending.subjects,
            errors: pending.errors,
            events: pending.stamped.events,
            rows: pending.stamped.rows,
            replayed: false,
        })
    }

    /// Makes all changes up to this place visible, in order. A durable change means that all before it are durable:
    /// each was written on the condition of the one before.
    fn apply_up_to(&self, seq: Seq) {
        let mut waiting = self.waiting.lock();
        if self.is_broken() {
            return;
        }
        while waiting.front().is_some_and(|change| change.seq <= seq) {
            let Some(change) = waiting.pop_front() else { break };
            let mut visible = self.visible.write();
            for row in change.rows {
                self.apply(&mut visible, row);
            }
            drop(visible);
            for record in change.records {
                if let SideRecord::ApiKey(id, _) = record {
                    self.keys.remove(&id);
                }
            }
            self.applied.send_replace(change.seq);
        }
    }

    fn apply(&self, visible: &mut Visible, row: RowWrite) {
        let tenant = self.store.tenant();
        match row {
            RowWrite::Issue { after, .. } => {
                visible.view.apply(&after);
                self.shared.rows.put_issue(tenant, after);
            }
            RowWrite::Comment { after, .. } => self.shared.rows.drop_thread(tenant, after.issue),
            RowWrite::Directory(row) => Arc::make_mut(&mut visible.directory).apply(row),
        }
    }

    /// Gives up on this tenant's memory: it is loaded again, from what is durable.
    fn break_down(&self, why: &str) {
        if !self.broken.swap(true, Ordering::AcqRel) {
            tracing::error!(tenant.id = %self.store.tenant(), why, "tenant dropped from memory");
        }
        self.waiting.lock().clear();
        self.shared.rows.drop_tenant(self.store.tenant());
        // Whoever waits for a place that will never be reached wakes up and sees that all is broken.
        self.applied.send_modify(|_| {});
    }

    /// The answer to a request that was answered before.
    async fn replay(&self, record: &IdempotencyRecord) -> Result<Committed> {
        self.wait_for(record.seq).await?;
        Ok(Committed {
            seq: record.seq,
            subjects: record.subjects.clone(),
            errors: record.errors.clone(),
            replayed: true,
            ..Committed::default()
        })
    }

    /// The answer to a request that changes nothing, or is a rehearsal.
    async fn answer_unwritten(&self, draft: Draft, stamp: Stamp, head: Seq) -> Result<Committed> {
        self.wait_for(head).await?;
        let (subjects, errors) = (draft.subjects().to_vec(), draft.errors().to_vec());
        let stamped = draft.stamp(stamp);
        Ok(Committed {
            seq: head,
            subjects,
            errors,
            events: stamped.events,
            rows: stamped.rows,
            replayed: false,
        })
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
        self.sessions.lock().await
    }

    /// The key that this tenant's cursors are sealed with.
    pub(crate) const fn cursor_key(&self) -> &CursorKey {
        &self.cursors
    }

    /// Stops writing while `work` runs, once all that was accepted is visible.
    pub(crate) async fn quiet<T>(&self, work: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
        let writer = self.writer.lock().await;
        self.wait_for(writer.head).await?;
        work().await
    }

    /// Waits until readers see everything up to this place.
    pub(crate) async fn wait_for(&self, seq: Seq) -> Result<()> {
        let mut applied = self.applied.subscribe();
        let reached = applied.wait_for(|at| *at >= seq || self.is_broken()).await;
        if reached.is_err() || self.is_broken() {
            return Err(gone());
        }
        Ok(())
    }
}

/// A change that readers do not see yet.
struct Waiting {
    seq: Seq,
    rows: Vec<RowWrite>,
    records: Vec<SideRecord>,
}

/// A change on its way to the disk.
struct Pending {
    seq: Seq,
    ticket: crate::storage::Ticket,
    subjects: Vec<Subject>,
    errors: Vec<UserError>,
    stamped: Stamped,
}

/// The outcome of a write is not known, or the tenant is being loaded again.
fn gone() -> Error {
    Error::unavailable(
        "the change may or may not have been saved; ask again with the same idempotency key in a moment",
    )
}
