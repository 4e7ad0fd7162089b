//! The world a command decides in: who asks, the small tables, and the rows it named. It does not move meanwhile.

use super::{Circumstances, IssueRef};
use crate::access::{Policy, Scope};
use crate::context::OpContext;
use crate::directory::Directory;
use crate::entitlement::Entitlements;
use crate::error::{Error, Result};
use crate::filter::Link;
use crate::id::{CommentId, IssueId, TeamId};
use crate::limits::Limits;
use crate::model::{Comment, Issue, RelationKind, Tenant};
use crate::time::{CalendarDate, Timestamp};
use crate::workflow::{Flow, InTheWay, Mover, Situation, Surroundings};
use jiff::tz::TimeZone;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What can be asked about all issues without reading their rows. Writes that wait to become durable count.
pub trait IssueIndex {
    /// The issue with this number in the team.
    fn find(&self, team: TeamId, number: u32) -> Option<IssueId>;
    /// Whether there is an issue with this id, deleted ones included.
    fn contains(&self, id: IssueId) -> bool;
    /// The issue this one is a part of.
    fn parent_of(&self, id: IssueId) -> Option<IssueId>;
    /// Whether this scope lets an issue be seen that is there, deleted ones included.
    fn shows(&self, scope: &Scope, id: IssueId) -> bool;
    /// The issues that are a part of this one, deleted ones included.
    fn parts_of(&self, id: IssueId) -> Vec<IssueId>;
    /// The other ends of the relations of this kind that are stored with an issue; `reversed`: of those that lead to it.
    /// Deleted issues are included, and `reversed` alone says which end is meant, for relations without direction too.
    fn related(&self, id: IssueId, link: Link) -> Vec<IssueId>;
    /// Whether this issue is neither deleted nor in a closed state.
    fn is_open(&self, id: IssueId) -> bool;
    /// The highest number the team has ever given.
    fn max_number(&self, team: TeamId) -> u32;
}

/// The state of a tenant as one decision sees it.
pub struct World<'a> {
    /// Who asks, and how.
    pub cx: &'a OpContext,
    /// What they may do.
    pub policy: &'a Policy,
    /// The tenant.
    pub tenant: &'a Tenant,
    /// Its small tables, as the asker sees them.
    pub directory: &'a Directory,
    /// The bounds.
    pub limits: &'a Limits,
    /// What the company may have. What a change adds is counted after the decision, for every command alike.
    pub entitled: Entitlements<'a>,
    /// Now.
    pub now: Timestamp,
    pub(crate) circumstances: &'a Circumstances,
    pub(crate) scope: &'a Scope,
    pub(crate) index: &'a dyn IssueIndex,
    pub(crate) issues: FxHashMap<IssueId, Arc<Issue>>,
    pub(crate) comments: Comments,
}

/// The comments that a command named.
#[derive(Clone, Default)]
pub(crate) struct Comments {
    seen: FxHashMap<CommentId, Arc<Comment>>,
    /// The ids of all that there are, seen or not: none of them can be given to a new one.
    taken: FxHashSet<CommentId>,
}

impl Comments {
    /// The comment with this id, if the asker sees it.
    pub(crate) fn get(&self, id: CommentId) -> Option<&Arc<Comment>> {
        self.seen.get(&id)
    }

    /// A comment that was made, or changed, before the next part of the same request.
    pub(crate) fn add(&mut self, comment: Arc<Comment>) {
        self.taken.insert(comment.id);
        self.seen.insert(comment.id, comment);
    }

    /// Whether a comment has this id, though the asker may not see it.
    pub(crate) fn has(&self, id: CommentId) -> bool {
        self.taken.contains(&id)
    }
}

/// What of the rows that a command named the asker sees. The rest is to them as if it were not there.
pub(crate) fn seen_by(
    scope: &Scope,
    issues: impl IntoIterator<Item = Arc<Issue>>,
    comments: impl IntoIterator<Item = Arc<Comment>>,
) -> (FxHashMap<IssueId, Arc<Issue>>, Comments) {
    let seen = issues.into_iter().filter(|issue| scope.sees(issue));
    let issues: FxHashMap<_, _> = seen.map(|issue| (issue.id, issue)).collect();
    let mut found = Comments::default();
    for comment in comments {
        found.taken.insert(comment.id);
        if issues.contains_key(&comment.issue) {
            found.seen.insert(comment.id, comment);
        }
    }
    (issues, found)
}

impl<'a> World<'a> {
    /// This world without its rows.
    pub(super) fn alike(&self) -> World<'a> {
        World { issues: FxHashMap::default(), comments: Comments::default(), ..*self }
    }
}

impl World<'_> {
    /// The id behind a reference.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`.
    pub fn resolve(&self, issue: &IssueRef) -> Result<IssueId> {
        issue.find(self.directory, self.index).ok_or_else(|| Error::not_found(issue))
    }

    /// An issue that the command named, deleted ones included.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`.
    pub fn issue_even_deleted(&self, issue: &IssueRef) -> Result<Arc<Issue>> {
        let id = self.resolve(issue)?;
        self.issues.get(&id).cloned().ok_or_else(|| Error::not_found(issue))
    }

    /// An issue that the command named and that is not deleted.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`.
    pub fn issue(&self, issue: &IssueRef) -> Result<Arc<Issue>> {
        self.issue_even_deleted(issue)
            .ok()
            .filter(|i| i.deleted_at.is_none())
            .ok_or_else(|| Error::not_found(issue))
    }

    /// A comment that the command named and that is not deleted, with its issue.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`.
    pub fn comment(&self, id: CommentId) -> Result<(Arc<Issue>, Arc<Comment>)> {
        let missing = || Error::not_found(format!("comment {id}"));
        let comment = self.comments.get(id).filter(|c| c.deleted_at.is_none()).ok_or_else(missing)?;
        let issue = self.issues.get(&comment.issue).filter(|i| i.deleted_at.is_none()).ok_or_else(missing)?;
        Ok((issue.clone(), comment.clone()))
    }

    /// Whether the asker sees an issue that another one leads to, though the command named it not.
    pub(crate) fn sees(&self, id: IssueId) -> bool {
        self.index.shows(self.scope, id)
    }

    /// Refuses when the thing is no longer at the version that the caller read.
    ///
    /// # Errors
    ///
    /// `CONFLICT`, naming both versions.
    pub fn expect_version(&self, what: &str, wanted: Option<u64>, is: u64) -> Result<()> {
        match wanted {
            Some(wanted) if wanted != is => Err(Error::conflict(format!(
                "{what} is at version {is}, not {wanted}: read it again and repeat the change"
            ))
            .with_field("ifVersion")),
            _ => Ok(()),
        }
    }

    /// What an issue follows.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when that is not there.
    pub fn flow(&self, issue: &Issue) -> Result<Flow<'_>> {
        Flow::of(self.directory, issue)
            .ok_or_else(|| Error::internal(format!("what issue {} follows is not there", issue.id)))
    }

    /// Which of these issues are open; of those that the asker does not see it is told only that there are some.
    fn in_the_way(&self, issues: Vec<IssueId>) -> InTheWay {
        let open = issues.into_iter().filter(|id| self.index.is_open(*id));
        InTheWay::of(open, |id| self.sees(id))
    }

    /// What the guards of a move look at, for this issue in the state that it would leave.
    #[must_use]
    pub fn situation<'s>(&'s self, issue: &'s Issue) -> Situation<'s> {
        let mover = Mover { member: self.policy.member(), role: self.policy.role() };
        Situation { issue, mover, now: self.now, directory: self.directory, others: self }
    }

    /// The present day, where the company is.
    #[must_use]
    pub fn today(&self) -> CalendarDate {
        let zone = self.tenant.time_zone.as_deref();
        let zone = zone.and_then(|name| super::time_zone("timeZone", name).ok()).unwrap_or(TimeZone::UTC);
        let now = jiff::Timestamp::from_millisecond(self.now.millis()).unwrap_or_default();
        CalendarDate::of(zone.to_datetime(now).date()).unwrap_or(CalendarDate::from_days(0))
    }
}

impl Surroundings for World<'_> {
    fn open_blockers(&self, issue: IssueId) -> InTheWay {
        let link = Link { kind: RelationKind::Blocks, reversed: true };
        self.in_the_way(self.index.related(issue, link))
    }

    fn open_children(&self, issue: IssueId) -> InTheWay {
        self.in_the_way(self.index.parts_of(issue))
    }
}
