//! The write path of one tenant: load, decide, hand over to the store, make visible, answer.

use super::idempotency::Ticket;
use super::outbox_count::mails_of;
use super::writer::{PendingIndex, Writer};
use super::{Committed, LiveTenant, Visible, batch, reloading, room};
use crate::access::Policy;
use crate::command::{Circumstances, Command, IssueRef, Reads, World, seen_by};
use crate::context::OpContext;
use crate::draft::{Draft, RowWrite, SideRecord, Stamp, Stamped, UserError};
use crate::entitlement::Entitlements;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Subject;
use crate::id::CommentId;
use crate::identity::Holder;
use crate::model::{Comment, Issue, Seq};
use crate::rows::{IdempotencyRecord, SessionRow};
use crate::storage::{CommitOutcome, HeadCondition};
use crate::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A tenant that left memory for a lost write is looked at for mail after this, in milliseconds.
const MAIL_LOOKED_FOR_AFTER_MS: i64 = 60 * 1000;

impl LiveTenant {
    /// The write path: see the module. Dropped after the change was handed to the store, it gives the tenant up, so the
    /// engine runs it as a task of its own.
    pub(crate) async fn execute<C: Command>(&self, cx: &OpContext, command: &C) -> Result<Committed> {
        let done = self.run(cx, command).await;
        let refused = match &done {
            Ok(done) => done.errors.iter().any(|error| error.error_code() == ErrorCode::Forbidden),
            Err(error) => error.code() == ErrorCode::Forbidden,
        };
        if refused {
            self.note_refusal(cx, command.operation());
        }
        done
    }

    async fn run<C: Command>(&self, cx: &OpContext, command: &C) -> Result<Committed> {
        let ticket = Ticket::of(cx, command, &self.shared.limits)?;
        if !cx.dry_run {
            self.search.tail.room(self.tail_max(), || self.is_broken()).await;
        }
        let _room = self.room.acquire().await.map_err(|_| reloading())?;
        let mut writer = self.writer.lock().await;
        if self.is_broken() {
            return Err(reloading());
        }
        writer.overlay.forget(self.applied());
        let now = self.shared.clock.now();
        if let Some(ticket) = &ticket {
            let kept = self.shared.limits.idempotency_kept_ms;
            if let Some(record) = ticket.answered(&writer.overlay, &self.store, now, kept).await? {
                drop(writer);
                return self.replay(&record).await;
            }
        }
        writer.issues.lock().forget(now);
        let draft = match self.asked(cx, &writer, now)? {
            // Apart, so that who has no plugins pays nothing for them.
            Some(asked) => Box::pin(self.decide_together(cx, command, &writer, &asked)).await?,
            None => self.decide(cx, command, &writer, now).await?,
        };
        let stamp = Stamp {
            after: writer.head,
            now,
            actor: cx.principal.actor(),
            origin: cx.origin,
            request: cx.request,
        };
        if cx.dry_run || (draft.is_empty() && ticket.is_none()) {
            let head = writer.head;
            drop(writer);
            return self.answer_unwritten(draft, stamp, head).await;
        }
        let changes_nothing = draft.is_empty();
        let pending = self.hand_over(&mut writer, draft, stamp, ticket).await?;
        if changes_nothing {
            // Only the answer is kept, at a place that may be visible already: it must be stored before the next asks.
            return self.settle(pending).await;
        }
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
        let loaded = self.load_named(writer, command.reads()).await?;
        self.decide_once(cx, command, writer, now, &loaded, &Circumstances::default())
    }

    /// The rows that a command needs.
    pub(super) async fn load_named(&self, writer: &Writer, reads: Reads) -> Result<Loaded> {
        let mut issues = self.writers_issues(writer, &reads.issues).await?;
        let (comments, on) = self.writers_comments(writer, &reads.comments).await?;
        issues.extend(on);
        Ok(Loaded { issues, comments })
    }

    /// Lets a command decide on rows that were loaded.
    pub(super) fn decide_once<C: Command>(
        &self,
        cx: &OpContext,
        command: &C,
        writer: &Writer,
        now: Timestamp,
        loaded: &Loaded,
        circumstances: &Circumstances,
    ) -> Result<Draft> {
        let record = self.record();
        let policy = Policy::of(&cx.principal, &record, &writer.directory)?;
        let entitled = Entitlements::of(&record, &self.shared.tiers, now);
        let scope = policy.scope(&writer.directory);
        let directory = scope.of_directory(&writer.directory);
        let (issues, comments) = seen_by(&scope, loaded.issues.clone(), loaded.comments.clone());
        let visible = self.visible.read();
        circumstances.begin();
        let world = World {
            cx,
            policy: &policy,
            tenant: &record,
            directory: &directory,
            limits: &self.shared.limits,
            entitled,
            now,
            circumstances,
            scope: &scope,
            index: &PendingIndex { view: &visible.view, overlay: &writer.overlay },
            issues,
            comments,
        };
        let mut draft = command.decide(&world)?;
        for (issue, patch) in circumstances.left() {
            if let Ok(row) = world.issue(&issue.into()) {
                patch.amend_beside(&world, row, &mut draft)?;
            }
        }
        room::admit(&draft, entitled, &writer.issues.lock(), &writer.directory, now)?;
        Ok(draft)
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
    async fn hand_over<'a>(
        &'a self,
        writer: &mut Writer,
        draft: Draft,
        stamp: Stamp,
        ticket: Option<Ticket>,
    ) -> Result<Pending<'a>> {
        let mails = mails_of(draft.records());
        if mails > 0 {
            // Apart, so that changes without mail need no room for it.
            Box::pin(self.room_in_outbox(writer, mails, stamp.now)).await?;
        }
        let seq = Seq(stamp.after.0.saturating_add(draft.len() as u64));
        let answer = ticket.map(|t| (t.scope, Arc::new(t.record(&draft, seq, stamp.now))));
        let (subjects, errors) = (draft.subjects().to_vec(), draft.errors().to_vec());
        let (records, now) = (draft.records().to_vec(), stamp.now);
        let stamped = draft.stamp(stamp);
        if !tells_of_all_issues(&stamped) {
            return Err(Error::internal("a change was to be written of an issue that no event is about"));
        }
        let by_key = answer.as_ref().map(|(scope, record)| (scope, &**record));
        let head = HeadCondition { epoch: self.epoch(writer).await?, after: stamp.after.0 };
        let (batch, chain) = batch::of(head, &stamped, &records, now, by_key, writer.chain)?;
        let commit = self.store.seal(batch)?;
        let unsettled = Unsettled(Some(self));
        let ticket = self.store.submit_sealed(commit).await;
        writer.advance(&stamped, chain, answer);
        writer.outbox.add(mails);
        self.waiting.lock().push_back(Waiting { seq, rows: stamped.rows.clone(), records });
        Ok(Pending { seq, ticket, subjects, errors, stamped, mails, unsettled })
    }

    /// The epoch of this writer. The first write fences out any writer before it.
    async fn epoch(&self, writer: &mut Writer) -> Result<u64> {
        if let Some(epoch) = writer.epoch {
            return Ok(epoch);
        }
        let head = self.store.fence().await?;
        if head.seq != writer.head.0 {
            self.break_down("another writer has written to this tenant");
            return Err(reloading());
        }
        writer.epoch = Some(head.epoch);
        Ok(head.epoch)
    }

    /// Waits until a change is durable, makes it visible, and answers.
    async fn settle(&self, pending: Pending<'_>) -> Result<Committed> {
        match pending.ticket.await {
            CommitOutcome::Committed { .. } => self.apply_up_to(pending.seq)?,
            outcome => {
                self.break_down(&format!("a write was lost: {outcome:?}"));
                return Err(gone());
            }
        }
        pending.unsettled.disarm();
        if pending.mails > 0 {
            // Not before: a change without events has the place of the one before it, and is shown together with that one
            // while it is still on its way itself.
            self.shared.outboxes.ring(self.store.tenant());
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
    /// each was written on the condition of the one before. Whoever is told of a change finds it in the next read, so
    /// one that can no longer be shown here is not answered as done.
    fn apply_up_to(&self, seq: Seq) -> Result<()> {
        let mut waiting = self.waiting.lock();
        if self.is_broken() {
            return Err(gone());
        }
        while waiting.front().is_some_and(|change| change.seq <= seq) {
            let Some(change) = waiting.pop_front() else { break };
            self.search.tail.note(&change.rows, change.seq);
            let mut visible = self.visible.write();
            for row in change.rows {
                self.apply(&mut visible, row);
            }
            visible.seq = change.seq;
            drop(visible);
            for record in change.records {
                self.take_record_of(&record);
            }
            self.applied.send_replace(change.seq);
            self.news.reached(change.seq);
            if self.search.tail.len() > 0 {
                self.enqueue();
            }
        }
        Ok(())
    }

    /// Lets memory know of a record beside the log that has changed.
    fn take_record_of(&self, record: &SideRecord) {
        match record {
            SideRecord::ApiKey(id, _) => {
                self.keys.remove(id);
            }
            // A session comes this way only to its end.
            SideRecord::Session(id, bytes) => {
                let holder = minicbor::decode::<SessionRow>(bytes).ok().map(|row| row.family.holder);
                let member = holder.and_then(Holder::member);
                self.sessions.lock().end(member, *id, self.now());
            }
            _ => {}
        }
    }

    fn apply(&self, visible: &mut Visible, row: RowWrite) {
        match row {
            RowWrite::Issue { after, .. } => {
                visible.view.apply(&after);
                self.shared.rows.put_issue(self.life, after);
            }
            RowWrite::Comment { after, .. } => self.shared.rows.drop_thread(self.life, after.issue),
            RowWrite::Directory(row) => Arc::make_mut(&mut visible.directory).apply(row),
        }
    }

    /// Gives up on this tenant's memory for good, and waits until neither its checkpoint nor its index is being written.
    pub(crate) async fn give_up(&self) {
        self.leave_memory();
        drop(self.saving.lock().await);
        self.close_index().await;
    }

    /// Answers nothing any more: the tenant is being erased.
    pub(crate) fn be_gone(&self) {
        self.gone.store(true, Ordering::Release);
        self.leave_memory();
    }

    /// Gives up on this tenant's memory: it is loaded again, from what is durable.
    fn break_down(&self, why: &str) {
        if self.leave_memory() {
            tracing::error!(tenant.id = %self.store.tenant(), why, "tenant dropped from memory");
            // What was lost may be durable after all, with mail that nobody rings for.
            self.shared
                .outboxes
                .look_at(self.store.tenant(), self.now().plus_millis(MAIL_LOOKED_FOR_AFTER_MS));
        }
    }

    /// False when it had left already.
    fn leave_memory(&self) -> bool {
        if self.broken.swap(true, Ordering::AcqRel) {
            return false;
        }
        self.waiting.lock().clear();
        self.shared.rows.end(self.life);
        self.news.lost();
        // Whoever waits for a place that will never be reached wakes up and sees that all is broken.
        self.applied.send_modify(|_| {});
        self.search.tail.wake();
        true
    }

    /// The answer to a request that was answered before.
    async fn replay(&self, record: &IdempotencyRecord) -> Result<Committed> {
        self.wait_for(record.seq).await.map_err(|_| gone())?;
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
}

/// Whether every issue whose row changes has an event about it. A view from a checkpoint is made good from those events
/// alone: see [`checkpoint`](super::checkpoint).
fn tells_of_all_issues(stamped: &Stamped) -> bool {
    let told = |id| stamped.events.iter().any(|event| event.subject == Subject::Issue(id));
    stamped.rows.iter().all(|row| if let RowWrite::Issue { after, .. } = row { told(after.id) } else { true })
}

/// The rows that a command named.
pub(super) struct Loaded {
    issues: Vec<Arc<Issue>>,
    comments: Vec<Arc<Comment>>,
}

impl Loaded {
    /// Takes further rows in.
    pub(super) fn add(&mut self, other: Self) {
        self.issues.extend(other.issues);
        self.comments.extend(other.comments);
    }
}

/// A change that readers do not see yet.
pub(super) struct Waiting {
    seq: Seq,
    rows: Vec<RowWrite>,
    records: Vec<SideRecord>,
}

impl Waiting {
    /// Messages it carries.
    pub(super) fn mails(&self) -> usize {
        mails_of(&self.records)
    }
}

/// A change on its way to the disk.
struct Pending<'a> {
    seq: Seq,
    ticket: crate::storage::Ticket,
    subjects: Vec<Subject>,
    errors: Vec<UserError>,
    stamped: Stamped,
    /// Messages it carries.
    mails: usize,
    unsettled: Unsettled<'a>,
}

/// Held while a change is on its way. Dropped before the change came to its end (a panic, a runtime that goes down), it
/// gives the tenant up: the change may become durable, and nobody is left to make it visible.
struct Unsettled<'a>(Option<&'a LiveTenant>);

impl Unsettled<'_> {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Unsettled<'_> {
    fn drop(&mut self) {
        if let Some(live) = self.0 {
            live.break_down("a change was left on its way");
        }
    }
}

/// The outcome of a write is not known.
fn gone() -> Error {
    Error::unavailable(
        "the change may or may not have been saved; ask again with the same idempotency key in a moment",
    )
}
