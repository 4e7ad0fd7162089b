//! Queries: what one party sees of one tenant.
//!
//! A [`Reader`] holds the party's policy and scope, and every read goes through it. It sees everything that has been
//! acknowledged; taken to a moment of the past with [`Reader::at`], it sees what was there then. It knows no GraphQL: a
//! page is asked for with positions, and cursors are sealed with the tenant's own key.

mod flows;
mod groups;
mod history;
mod issues;
mod language;
mod live;
mod look_up;
mod next_states;
mod past;
mod plugins;
mod prepare;
mod relations;
mod seen;
mod texts;
mod veil;
mod views;
mod zone;

pub(crate) use flows::followers;
pub use flows::{MigrationPlan, MigrationStep};
pub use groups::{Facet, GroupedList, GroupsRequest, ListGroup};
pub use issues::{Cursors, IssueList, IssuePageRequest, Window};
pub use live::{LiveChange, LiveQuery};
pub use next_states::Forbidden;
pub use past::Past;
pub use texts::{Like, Marked, MarkedText, Similar, TextMarks, TextPlace};

use crate::access::{Action, Policy, Scope};
use crate::command::IssueRef;
use crate::context::Client;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::event::{Actor, Event, Subject};
use crate::id::{CommentId, IssueId};
use crate::limits::Limits;
use crate::model::{Comment, Issue, Member, Seq, Tenant};
use crate::tenant::{LiveTenant, Texts};
use jiff::tz::TimeZone;
use past::Moment;
use std::sync::Arc;

/// Pages of the log that one request reads at most in search of events that a party sees.
const PAGES_PASSED_MAX: usize = 40;

/// One party's view of one tenant, made by [`Engine::reader`](crate::Engine::reader) for one request. While it is held,
/// the tenant stays in memory.
#[derive(Clone)]
pub struct Reader {
    live: Arc<LiveTenant>,
    actor: Actor,
    policy: Policy,
    scope: Scope,
    /// The small tables, of which `directory` is what this party sees.
    whole: Arc<Directory>,
    directory: Arc<Directory>,
    tenant: Arc<Tenant>,
    /// Where days and weeks begin for who asks, as they or their request say; none: where they do for the company.
    zone: Option<TimeZone>,
    /// The moment of the past that it sees; none: it sees the present.
    moment: Option<Moment>,
}

impl Reader {
    pub(crate) fn new(live: Arc<LiveTenant>, actor: Actor, policy: Policy) -> Self {
        let (whole, tenant) = (live.directory(), live.record());
        let scope = policy.scope(&whole);
        let directory = scope.of_directory(&whole);
        let own_zone = policy.member().and_then(|id| directory.member(id)?.time_zone.as_deref());
        let zone = own_zone.and_then(|name| crate::command::time_zone("timeZone", name).ok());
        Self { live, actor, policy, scope, whole, directory, tenant, zone, moment: None }
    }

    /// This reader, for somebody whose days and weeks begin as they do in this time zone; in that of the member who asks, or
    /// else the company's, unless said.
    #[must_use]
    pub fn in_zone(&self, zone: TimeZone) -> Self {
        Self { zone: Some(zone), ..self.clone() }
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

    /// The small tables: members, teams, labels, workflows, as they were when this reader was made. Private teams that the
    /// party does not belong to are not in them, nor what is theirs.
    #[must_use]
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// This reader, seeing the small tables, and its own rights in them, as they are now: for the answer to a change.
    #[must_use]
    pub fn refreshed(&self) -> Self {
        let (whole, tenant) = (self.live.directory(), self.live.record());
        if Arc::ptr_eq(&whole, &self.whole) {
            return Self { tenant, ..self.clone() };
        }
        let policy = self.policy.renewed(&whole);
        let scope = policy.scope(&whole);
        let directory = scope.of_directory(&whole);
        Self { policy, scope, whole, directory, tenant, ..self.clone() }
    }

    /// The tenant, for all that is answered with an error when it is being erased.
    fn live(&self) -> Result<&Arc<LiveTenant>> {
        self.live.expect_not_gone()?;
        Ok(&self.live)
    }

    /// The bounds of the engine.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.live.limits()
    }

    /// The place in the log up to which this reader sees everything.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.moment.map_or_else(|| self.live.applied(), |moment| moment.place)
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
        let Some(id) = self.live()?.find_issue(&self.scope, issue) else { return Ok(None) };
        Ok(self.rows(&[id]).await?.pop().flatten())
    }

    /// Issues by id, in their order, deleted ones left out as none.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn issues_by_id(&self, ids: &[IssueId]) -> Result<Vec<Option<Arc<Issue>>>> {
        let mut rows = self.rows(ids).await?;
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
        if self.moment.is_none() {
            return self.live()?.description(issue).await;
        }
        Box::pin(self.live()?.description_at(&self.scope, issue, &mut self.allowance_to_undo())).await
    }

    /// A comment; none when there is none or it, or its issue, is deleted.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn comment(&self, id: CommentId) -> Result<Option<Arc<Comment>>> {
        let Some(comment) = self.live()?.comment(&self.scope, id).await? else { return Ok(None) };
        let Some(on) = self.issue(&IssueRef::Id(comment.issue)).await? else { return Ok(None) };
        if self.moment.is_some() {
            return Ok(self.thread_then(&on).await?.into_iter().find(|comment| comment.id == id));
        }
        Ok(Some(comment).filter(|comment| comment.deleted_at.is_none()))
    }

    /// A comment as it is now, though it be deleted: its text is gone then.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn comment_even_deleted(&self, id: CommentId) -> Result<Option<Arc<Comment>>> {
        self.live()?.comment(&self.scope, id).await
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
        let limit = limit.min(self.limits().page_size_max);
        if self.moment.is_none() {
            return self.live()?.comments(&self.scope, issue, after, limit).await;
        }
        let mut comments = self.thread_then(issue).await?;
        comments.retain(|comment| after.is_none_or(|after| comment.id > after));
        let more = comments.len() > limit;
        comments.truncate(limit);
        Ok((comments, more))
    }

    /// The comments of an issue at the moment that this reader sees.
    async fn thread_then(&self, issue: &Issue) -> Result<Vec<Arc<Comment>>> {
        let mut allowance = self.allowance_to_undo();
        Box::pin(self.live()?.comments_at(&self.scope, issue, Texts::Whole, &mut allowance)).await
    }

    /// The events about an issue, newest first: those at `before` and older (none: from the newest on), at most
    /// `limit`. The next page starts at the `previous` of the last event.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the store cannot be read.
    pub async fn history(&self, issue: &Issue, before: Option<Seq>, limit: usize) -> Result<Vec<Event>> {
        // What lies behind the moment that is seen leads to this issue no more than to another.
        let seen = |before: &Seq| self.moment.is_none_or(|moment| *before <= moment.place);
        let from = before.filter(seen).unwrap_or(issue.last_event);
        let mut events =
            self.live()?.history(&self.scope, from, limit.min(self.limits().page_size_max)).await?;
        if !self.sees(issue.id) || events.iter().any(|event| event.subject != Subject::Issue(issue.id)) {
            // The place came from elsewhere, or the issue was hidden meanwhile.
            return Err(Error::invalid("after", "`after` is not a cursor of this list"));
        }
        self.veil_history(&mut events);
        Ok(events)
    }

    /// Events of the whole tenant behind a place of its log, in order, at most `limit`. What private views of others hold
    /// is left out, and so is all that is about issues and teams that this party does not see.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for those who may not read the audit log, `UNAVAILABLE` when the store cannot be read. `INVALID_INPUT` when
    /// so much that follows is hidden from them that one request does not reach the next that they see.
    pub async fn events(&self, after: Seq, limit: usize) -> Result<Vec<Event>> {
        let what = Action::ReadAudit;
        let refused = |_: &Error| self.live.note_refused(self.actor, &Client::default(), what.name());
        self.policy.authorize(what, (), None).inspect_err(refused)?;
        let limit = limit.min(self.limits().page_size_max);
        let (mut shown, mut after) = (Vec::new(), after);
        // What is left out must not look like the end.
        for _ in 0..PAGES_PASSED_MAX {
            let left = usize::try_from(self.seq().0.saturating_sub(after.0)).unwrap_or(usize::MAX);
            let events = self.live()?.events(after, limit.min(left)).await?;
            let Some(last) = events.last() else { return Ok(shown) };
            after = last.seq;
            shown.append(&mut self.seen_events(events));
            if shown.len() >= limit {
                shown.truncate(limit);
                return Ok(shown);
            }
        }
        if shown.is_empty() {
            let message = format!("nothing up to event {after} is for you to see: ask for what follows it");
            return Err(Error::invalid("after", message));
        }
        Ok(shown)
    }
}
