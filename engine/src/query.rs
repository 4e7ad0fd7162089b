//! Queries: what one party sees of one tenant.
//!
//! A [`Reader`] holds the party's policy and scope, and every read goes through it. It sees everything that has been
//! acknowledged. It knows no GraphQL: a page is asked for with positions, and cursors are sealed with the tenant's own
//! key.

mod issues;

pub use issues::{Cursors, IssueList, IssuePageRequest, Window};

use crate::access::{Policy, Scope};
use crate::command::IssueRef;
use crate::directory::Directory;
use crate::error::Result;
use crate::event::Event;
use crate::id::{CommentId, IssueId};
use crate::limits::Limits;
use crate::model::{Comment, Issue, Member, Seq, Tenant};
use crate::tenant::LiveTenant;
use std::sync::Arc;

/// One party's view of one tenant, made by [`Engine::reader`](crate::Engine::reader) for one request. While it is held,
/// the tenant stays in memory.
#[derive(Clone)]
pub struct Reader {
    live: Arc<LiveTenant>,
    policy: Policy,
    scope: Scope,
    directory: Arc<Directory>,
    tenant: Arc<Tenant>,
    limits: Limits,
}

impl Reader {
    pub(crate) fn new(live: Arc<LiveTenant>, policy: Policy, limits: Limits) -> Self {
        let (directory, tenant, scope) = (live.directory(), live.record(), policy.scope());
        Self { live, policy, scope, directory, tenant, limits }
    }

    /// The tenant's record.
    #[must_use]
    pub const fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    /// What this party may do.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The member who asks; none for the embedding program itself.
    #[must_use]
    pub fn viewer(&self) -> Option<&Arc<Member>> {
        self.policy.member().and_then(|id| self.directory.member(id))
    }

    /// The small tables: members, teams, labels, workflows, as they were when this reader was made.
    #[must_use]
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// This reader, seeing the small tables as they are now: for the answer to a change.
    #[must_use]
    pub fn refreshed(&self) -> Self {
        Self { directory: self.live.directory(), tenant: self.live.record(), ..self.clone() }
    }

    /// The bounds of the engine.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The place in the log up to which this reader sees everything.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.live.applied()
    }

    /// An issue by id or key; none when there is none or it is deleted.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn issue(&self, issue: &IssueRef) -> Result<Option<Arc<Issue>>> {
        Ok(self.issue_even_deleted(issue).await?.filter(|i| i.deleted_at.is_none()))
    }

    /// An issue by id or key, though it be deleted.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn issue_even_deleted(&self, issue: &IssueRef) -> Result<Option<Arc<Issue>>> {
        let Some(id) = self.live.find_issue(&self.scope, issue) else { return Ok(None) };
        Ok(self.live.issues(&self.scope, &[id]).await?.pop().flatten())
    }

    /// Issues by id, in their order, deleted ones left out as none.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn issues_by_id(&self, ids: &[IssueId]) -> Result<Vec<Option<Arc<Issue>>>> {
        let mut rows = self.live.issues(&self.scope, ids).await?;
        for row in &mut rows {
            *row = row.take().filter(|issue| issue.deleted_at.is_none());
        }
        Ok(rows)
    }

    /// The whole description of an issue: one read of the store when it is long.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn description(&self, issue: &Issue) -> Result<Option<String>> {
        self.live.description(issue).await
    }

    /// A comment; none when there is none or it, or its issue, is deleted.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn comment(&self, id: CommentId) -> Result<Option<Arc<Comment>>> {
        let comment = self.live.comment(&self.scope, id).await?.filter(|c| c.deleted_at.is_none());
        let Some(comment) = comment else { return Ok(None) };
        let on = self.issue(&IssueRef::Id(comment.issue)).await?;
        Ok(on.map(|_| comment))
    }

    /// A comment, though it be deleted: its text is gone then.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn comment_even_deleted(&self, id: CommentId) -> Result<Option<Arc<Comment>>> {
        self.live.comment(&self.scope, id).await
    }

    /// The comments of an issue behind `after`, in the order they were written, at most `limit`; and whether there are
    /// more.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn comments(
        &self,
        issue: &Issue,
        after: Option<CommentId>,
        limit: usize,
    ) -> Result<(Vec<Arc<Comment>>, bool)> {
        let limit = limit.min(self.limits.page_size_max);
        self.live.comments(&self.scope, issue, after, limit).await
    }

    /// The events about an issue, newest first: those at `before` and older (none: from the newest on), at most
    /// `limit`. The next page starts at the `previous` of the last event.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn history(&self, issue: &Issue, before: Option<Seq>, limit: usize) -> Result<Vec<Event>> {
        let from = before.unwrap_or(issue.last_event);
        self.live.history(&self.scope, from, limit.min(self.limits.page_size_max)).await
    }

    /// Events of the whole tenant behind a place of its log, in order, at most `limit`.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for those who may not read the audit log, `UNAVAILABLE` when the store cannot be read.
    pub async fn events(&self, after: Seq, limit: usize) -> Result<Vec<Event>> {
        self.policy.authorize(crate::access::Action::ReadAudit, (), None)?;
        self.live.events(after, limit.min(self.limits.page_size_max)).await
    }
}
