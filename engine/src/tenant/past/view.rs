//! The view of an earlier place of the log: a copy of the present one, with everything since undone.
//!
//! Making one reads the log from its end back to the place, so the newest few are kept for the pages that follow.
//! Issues that were made later cannot be taken out of a view. They stay in it as blanks, deleted and belonging to
//! nothing, and whoever asks leaves them out: see [`PastView::later`].

use super::super::chain::Allowance;
use super::super::row_cache::Life;
use super::{LiveTenant, Rewind, UNDOING};
use crate::access::Scope;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, Subject};
use crate::id::IssueId;
use crate::limits::Limits;
use crate::log::LogRecord;
use crate::model::{Issue, Past, Seq};
use crate::rows;
use crate::storage::decode;
use crate::time::Timestamp;
use crate::view::View;
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Log records read at once: between two reads other work gets its turn.
const LOG_PAGE: u64 = 256;

/// Views of the past that are made at once, all tenants together: each is a whole view in memory.
const MADE_AT_ONCE: usize = 2;

/// See the module.
#[derive(Debug)]
pub(crate) struct PastView {
    /// The view. What issues once had, beyond what they had then, is as it is now: the past of the past is read from the
    /// log.
    pub(crate) view: View,
    /// The ordinals of issues that were made later.
    pub(crate) later: RoaringBitmap,
}

/// The newest views of the past, all tenants together, bounded in number and in bytes; the newest is kept whatever its
/// size.
pub(crate) struct PastViews {
    kept: Mutex<VecDeque<Kept>>,
    room: Semaphore,
    count_max: usize,
    bytes_max: usize,
}

struct Kept {
    life: Life,
    place: Seq,
    bytes: usize,
    view: Arc<PastView>,
}

impl PastViews {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            kept: Mutex::default(),
            room: Semaphore::new(MADE_AT_ONCE),
            count_max: limits.past_views_max,
            bytes_max: limits.past_views_bytes,
        }
    }

    fn find(&self, life: Life, place: Seq) -> Option<Arc<PastView>> {
        let kept = self.kept.lock();
        kept.iter().find(|kept| (kept.life, kept.place) == (life, place)).map(|kept| kept.view.clone())
    }

    fn keep(&self, life: Life, place: Seq, view: &Arc<PastView>) {
        let bytes = view.view.memory_bytes();
        let mut kept = self.kept.lock();
        kept.push_back(Kept { life, place, bytes, view: view.clone() });
        let mut total: usize = kept.iter().map(|kept| kept.bytes).sum();
        while kept.len() > 1 && (kept.len() > self.count_max || total > self.bytes_max) {
            total -= kept.pop_front().map_or(0, |oldest| oldest.bytes);
        }
    }

    /// Forgets everything of one load of a tenant.
    pub(crate) fn end(&self, life: Life) {
        self.kept.lock().retain(|kept| kept.life != life);
    }

    async fn room(&self) -> Result<SemaphorePermit<'_>> {
        self.room.acquire().await.map_err(Error::internal)
    }
}

impl LiveTenant {
    /// The view as it was at a place of the log.
    ///
    /// # Errors
    ///
    /// `TOO_COSTLY` when more has happened since than may be undone.
    pub(crate) async fn view_at(self: &Arc<Self>, scope: &Scope, place: Seq) -> Result<Arc<PastView>> {
        let views = &self.shared.past;
        if let Some(view) = views.find(self.life, place) {
            return Ok(view);
        }
        // Pages of one list that are asked for at once wait for the same view.
        let _turn = self.past_turn.lock().await;
        if let Some(view) = views.find(self.life, place) {
            return Ok(view);
        }
        let _room = views.room().await?;
        let view = Arc::new(self.make_view_at(scope, place).await?);
        views.keep(self.life, place, &view);
        Ok(view)
    }

    async fn make_view_at(self: &Arc<Self>, scope: &Scope, place: Seq) -> Result<PastView> {
        self.bound(self.applied(), place)?;
        let live = self.clone();
        // A copy of a large view takes a while; no write becomes visible meanwhile.
        let copy = tokio::task::spawn_blocking(move || {
            let visible = live.visible.read();
            (visible.view.clone(), visible.seq)
        });
        let (view, head) = copy.await.map_err(Error::internal)?;
        self.bound(head, place)?;
        let allowance = Allowance::new(&UNDOING, self.shared.limits.past_events_max);
        let past = PastView { view, later: RoaringBitmap::new() };
        let mut making =
            Making { live: self, scope, place, past, rewinding: FxHashMap::default(), allowance };
        making.undo_from(head).await?;
        Ok(making.past)
    }

    /// Refuses to undo too much.
    fn bound(&self, head: Seq, place: Seq) -> Result<()> {
        let (since, max) = (head.0.saturating_sub(place.0), self.shared.limits.past_events_max);
        if since <= max {
            return Ok(());
        }
        let message = format!(
            "since then {since} events have happened, and at most {max} can be undone for a list (the limit \
             `past_events_max`): ask for a later time, or for single issues"
        );
        Err(Error::new(ErrorCode::TooCostly, message).with_field("at"))
    }

    /// The rows of these issues as readers may see them, without a place in the cache: they are many and soon forgotten.
    async fn passing_rows(&self, ids: &[IssueId]) -> Result<Vec<Option<Arc<Issue>>>> {
        let mut found: Vec<_> = ids.iter().map(|id| self.cached_issue(*id)).collect();
        let missing = ids.iter().zip(&found).filter(|(_, row)| row.is_none());
        let missing: Vec<_> = missing.map(|(id, _)| rows::issue(*id)).collect();
        let mut stored = self.store.get_many::<Issue>(&missing).await?.into_iter();
        for row in found.iter_mut().filter(|row| row.is_none()) {
            if let Some(issue) = stored.next().flatten() {
                self.wait_for(issue.last_event).await?;
                *row = Some(Arc::new(issue));
            }
        }
        Ok(found)
    }
}

/// A view of the past while it is made.
struct Making<'a> {
    live: &'a LiveTenant,
    scope: &'a Scope,
    place: Seq,
    past: PastView,
    /// Issues that have been met and have more to undo.
    rewinding: FxHashMap<IssueId, Rewind>,
    allowance: Allowance,
}

impl Making<'_> {
    /// Undoes everything between the place and the end of the log that the view was at.
    async fn undo_from(&mut self, head: Seq) -> Result<()> {
        let mut before = head.next();
        while before > self.place.next() {
            let left = before.0.saturating_sub(1).saturating_sub(self.place.0);
            let limit = usize::try_from(left.min(LOG_PAGE)).unwrap_or(usize::MAX);
            let records = self.live.store.changes_before(before.0, limit).await?;
            let Some((first, _)) = records.last() else {
                return Err(Error::internal(format!("there is no event before {before}")));
            };
            before = Seq(*first);
            let events: Result<Vec<_>> =
                records.iter().map(|(_, bytes)| decode::<LogRecord>(bytes)?.event()).collect();
            self.undo_page(&events?, head).await?;
        }
        Ok(())
    }

    async fn undo_page(&mut self, events: &[Event], head: Seq) -> Result<()> {
        self.meet(events, head).await?;
        let mut done = Vec::new();
        for event in events {
            let Subject::Issue(id) = event.subject else { continue };
            let Some(rewind) = self.rewinding.get_mut(&id) else { continue };
            if rewind.undo(event, self.place).is_break() {
                done.extend(self.rewinding.remove(&id));
            }
        }
        self.live.fill_in(self.scope, &mut done, &mut self.allowance).await?;
        for rewind in done {
            self.take(rewind);
        }
        Ok(())
    }

    /// Reads the rows of issues that these events speak of for the first time. A row that has become newer than the view
    /// is taken back to where the view was.
    async fn meet(&mut self, events: &[Event], head: Seq) -> Result<()> {
        let mut new: Vec<IssueId> = events
            .iter()
            .filter_map(|event| if let Subject::Issue(id) = event.subject { Some(id) } else { None })
            .filter(|id| !self.rewinding.contains_key(id))
            .collect();
        new.sort_unstable();
        new.dedup();
        let mut rows = self.live.passing_rows(&new).await?;
        self.live.take_back(self.scope, &mut rows, head, &mut self.allowance).await?;
        self.rewinding.extend(rows.iter().flatten().map(|row| (row.id, Rewind::of(row))));
        Ok(())
    }

    fn take(&mut self, rewind: Rewind) {
        let id = rewind.row.id;
        self.past.view.apply(&if rewind.later { blank(rewind.row) } else { rewind.row });
        if rewind.later {
            self.past.later.extend(self.past.view.ordinal_of(id));
        }
    }
}

/// What stands in a view for an issue that was not made yet: it belongs to nothing, and nothing of it can be found.
fn blank(issue: Issue) -> Issue {
    Issue {
        title: String::new(),
        assignees: Vec::new(),
        labels: Vec::new(),
        parent: None,
        relations: Vec::new(),
        commenters: Vec::new(),
        comment_count: 0,
        past: Past::default(),
        description: None,
        description_bytes: 0,
        deleted_at: Some(Timestamp::default()),
        ..issue
    }
}
