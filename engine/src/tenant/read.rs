//! Reading rows: from the cache, else from the store, and never newer than what readers may see.

use super::LiveTenant;
use super::row_cache::Thread;
use crate::access::Scope;
use crate::command::IssueRef;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::{CommentId, IssueId, TeamId};
use crate::log::LogRecord;
use crate::model::{Comment, Issue, Seq};
use crate::rows::{self, CommentPlace, LongText};
use crate::storage::Scan;
use crate::view::View;
use std::sync::Arc;

/// An issue with at most so many comments has them cached as a whole.
const THREAD_CACHED_MAX: u32 = 100;

/// Times a description is read again when it was changed while it was read.
const TORN_READS_MAX: usize = 3;

impl LiveTenant {
    /// Calls `ask` with the view as readers see it. The view is locked meanwhile: ask, do not compute.
    pub(crate) fn with_view<T>(&self, _: &Scope, ask: impl FnOnce(&View) -> T) -> T {
        ask(&self.visible.read().view)
    }

    /// The id behind an issue's name.
    pub(crate) fn find_issue(&self, scope: &Scope, issue: &IssueRef) -> Option<IssueId> {
        let directory = self.directory();
        self.with_view(scope, |view| {
            let found = match issue {
                IssueRef::Id(id) => Some(*id),
                IssueRef::Key(key, number) => {
                    directory.team_by_key(key).map(|t| t.id).and_then(|team: TeamId| view.find(team, *number))
                }
            };
            found.filter(|id| view.shows(scope, *id))
        })
    }

    /// The cached row of an issue: for the check.
    pub(crate) fn cached_issue(&self, id: IssueId) -> Option<Arc<Issue>> {
        self.shared.rows.issue(self.life, id)
    }

    /// The cached comments of an issue: for the check.
    pub(crate) fn cached_thread(&self, id: IssueId) -> Option<Thread> {
        self.shared.rows.peek_thread(self.life, id)
    }

    /// The newest durable row of an issue, deleted ones included.
    pub(super) async fn stored_issue(&self, id: IssueId) -> Result<Option<Arc<Issue>>> {
        if let Some(issue) = self.shared.rows.issue(self.life, id) {
            return Ok(Some(issue));
        }
        self.settled(id).await
    }

    /// The row of an issue from the store, once it is durable. So is then whatever was read of the issue's texts and
    /// comments before: a change of those changes the row too, in the same batch.
    async fn settled(&self, id: IssueId) -> Result<Option<Arc<Issue>>> {
        let Some(issue) = self.store.get::<Issue>(&rows::issue(id)).await? else { return Ok(None) };
        self.admit(Arc::new(issue)).await.map(Some)
    }

    /// Lets readers have a row that was read from the store, once it is visible, and caches it if it is the newest.
    async fn admit(&self, issue: Arc<Issue>) -> Result<Arc<Issue>> {
        self.wait_for(issue.last_event).await?;
        // While the view is locked no newer row can come in, neither there nor into the cache.
        let visible = self.visible.read();
        if visible.view.version_of(issue.id) == Some(issue.version) && !self.is_broken() {
            self.shared.rows.put_issue(self.life, issue.clone());
        }
        Ok(issue)
    }

    /// The rows of these issues, in their order, deleted ones included; those not there, or hidden, are none.
    pub(crate) async fn issues(&self, scope: &Scope, ids: &[IssueId]) -> Result<Vec<Option<Arc<Issue>>>> {
        let mut found = self.all_issues(ids).await?;
        if !scope.is_everything() {
            found.iter_mut().for_each(|row| *row = row.take().filter(|issue| scope.sees(issue)));
        }
        Ok(found)
    }

    async fn all_issues(&self, ids: &[IssueId]) -> Result<Vec<Option<Arc<Issue>>>> {
        let mut found: Vec<_> = ids.iter().map(|id| self.shared.rows.issue(self.life, *id)).collect();
        let missing: Vec<_> =
            ids.iter().zip(&found).filter(|(_, row)| row.is_none()).map(|(id, _)| rows::issue(*id)).collect();
        if missing.is_empty() {
            return Ok(found);
        }
        let mut stored = self.store.get_many::<Issue>(&missing).await?.into_iter();
        for row in found.iter_mut().filter(|row| row.is_none()) {
            if let Some(issue) = stored.next().flatten() {
                *row = Some(self.admit(Arc::new(issue)).await?);
            }
        }
        Ok(found)
    }

    /// The whole description of an issue; a newer one than its row speaks of, when it was changed since.
    pub(crate) async fn description(&self, issue: &Issue) -> Result<Option<String>> {
        if !issue.has_long_description() {
            return Ok(issue.description.clone());
        }
        for _ in 0..TORN_READS_MAX {
            let text = self.store.get::<LongText>(&rows::long_text(issue.id)).await?;
            let Some(now) = self.settled(issue.id).await? else { return Ok(None) };
            if !now.has_long_description() {
                return Ok(now.description.clone());
            }
            if let Some(text) = text.filter(|t| t.text.len() == now.description_bytes as usize) {
                return Ok(Some(text.text));
            }
        }
        let message = "the description could not be read: it changes all the time; ask again in a moment";
        Err(Error::unavailable(message).with_source(format!("issue {}", issue.id)))
    }

    /// The newest row of a comment in the store. It may not be durable yet: the writer has such rows in its overlay, and
    /// readers ask [`LiveTenant::comment`].
    pub(super) async fn stored_comment(&self, id: CommentId) -> Result<Option<Arc<Comment>>> {
        let Some(place) = self.store.get::<CommentPlace>(&rows::comment_place(id)).await? else {
            return Ok(None);
        };
        Ok(self.store.get::<Comment>(&rows::comment(place.issue, id)).await?.map(Arc::new))
    }

    /// A comment on an issue that can be seen, deleted ones included.
    pub(crate) async fn comment(&self, scope: &Scope, id: CommentId) -> Result<Option<Arc<Comment>>> {
        let Some(comment) = self.stored_comment(id).await? else { return Ok(None) };
        let on = self.settled(comment.issue).await?;
        Ok(Some(comment).filter(|_| on.is_none_or(|issue| scope.sees(&issue))))
    }

    /// The comments of an issue, in the order they were written, deleted ones left out: all of them when they are few,
    /// else those behind `after`, at most `limit`, and whether there are more.
    pub(crate) async fn comments(
        &self,
        _: &Scope,
        issue: &Issue,
        after: Option<CommentId>,
        limit: usize,
    ) -> Result<(Vec<Arc<Comment>>, bool)> {
        let few = issue.comment_count <= THREAD_CACHED_MAX;
        let thread = if few { self.thread(issue.id).await? } else { None };
        let Some(thread) = thread else { return self.durable_comments(issue.id, after, limit).await };
        let start = after.map_or(0, |after| thread.partition_point(|c| c.id <= after));
        let rest = thread.get(start..).unwrap_or_default();
        Ok((rest.iter().take(limit).cloned().collect(), rest.len() > limit))
    }

    /// All comments of an issue that has few, from the cache; none when they turn out to be many.
    async fn thread(&self, issue: IssueId) -> Result<Option<Thread>> {
        let place = match self.shared.rows.thread(self.life, issue).await {
            Ok(thread) => return Ok(Some(thread)),
            Err(place) => place,
        };
        let (comments, more) = self.durable_comments(issue, None, 2 * THREAD_CACHED_MAX as usize).await?;
        if more {
            return Ok(None);
        }
        let thread: Thread = comments.into();
        // A comment written meanwhile takes the place away.
        let _ = place.insert(thread.clone());
        Ok(Some(thread))
    }

    async fn durable_comments(
        &self,
        issue: IssueId,
        after: Option<CommentId>,
        limit: usize,
    ) -> Result<(Vec<Arc<Comment>>, bool)> {
        let found = self.scan_comments(issue, after, limit).await?;
        self.settled(issue).await?;
        Ok(found)
    }

    async fn scan_comments(
        &self,
        issue: IssueId,
        after: Option<CommentId>,
        limit: usize,
    ) -> Result<(Vec<Arc<Comment>>, bool)> {
        let mut scan = Scan::prefix(&rows::comments_of(issue)).limit(limit.saturating_add(1));
        if let Some(after) = after {
            scan = scan.after(&rows::comment(issue, after));
        }
        let mut comments = Vec::new();
        loop {
            let page = self.store.scan::<Comment>(scan.clone()).await?;
            let last = page.entries.last().map(|(key, _)| key.clone());
            comments.extend(
                page.entries.into_iter().map(|(_, c)| c).filter(|c| c.deleted_at.is_none()).map(Arc::new),
            );
            if comments.len() > limit {
                comments.truncate(limit);
                return Ok((comments, true));
            }
            match last {
                Some(last) if page.more => scan = scan.after(&last),
                _ => return Ok((comments, false)),
            }
        }
    }

    /// The events about an issue, newest first, from `from` on: its history, along the chain of its events.
    pub(crate) async fn history(&self, _: &Scope, from: Seq, limit: usize) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        let mut at = (from != Seq::default()).then_some(from);
        while let Some(seq) = at.filter(|_| events.len() < limit) {
            let Some(event) = self.event(seq).await? else { break };
            at = event.previous;
            events.push(event);
        }
        Ok(events)
    }

    async fn event(&self, seq: Seq) -> Result<Option<Event>> {
        Ok(self.events(Seq(seq.0.saturating_sub(1)), 1).await?.pop().filter(|event| event.seq == seq))
    }

    /// Events behind a place in the log, in order.
    pub(crate) async fn events(&self, after: Seq, limit: usize) -> Result<Vec<Event>> {
        let records = self.store.changes(after.0, limit).await?;
        records.iter().map(|(_, bytes)| crate::storage::decode::<LogRecord>(bytes)?.event()).collect()
    }
}
