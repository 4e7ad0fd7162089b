//! How a view of the past is made: from a copy of the present one, page by page back through the log.
//!
//! While a page is undone the next is read. A row is read when the first event about its issue is met, and taken into the
//! view once the last that is to be undone is. Who waits for the view, and how long it is kept, is not known here.

use super::super::chain::Allowance;
use super::super::load::in_background;
use super::line::Turn;
use super::{LiveTenant, PastView, Rewind, Texts, UNDOING};
use crate::access::Scope;
use crate::error::{Error, Result};
use crate::event::{Event, Subject};
use crate::id::IssueId;
use crate::log::LogRecord;
use crate::model::{Issue, Past, Seq};
use crate::rows;
use crate::storage::decode;
use crate::time::Timestamp;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Log records read at once: between two reads other work gets its turn.
const LOG_PAGE: u64 = 256;

/// A view of the past while it is made.
struct Making {
    past: PastView,
    place: Seq,
    /// Issues that have been met and have more to undo.
    rewinding: FxHashMap<IssueId, Rewind>,
}

impl LiveTenant {
    /// The view as it was at a place of the log.
    pub(super) async fn make_view_at(
        self: &Arc<Self>,
        scope: &Scope,
        place: Seq,
        turn: Turn,
    ) -> Result<PastView> {
        let turn = Arc::new(turn);
        let (live, copying) = (self.clone(), turn.clone());
        // A copy of a large view takes a while; no write becomes visible meanwhile.
        let copy = in_background(move || {
            let _turn = copying;
            let visible = live.visible.read();
            Ok((visible.view.clone(), visible.seq))
        });
        let (view, head) = copy.await?;
        self.bound(head, place)?;
        let past = PastView { view, later: RoaringBitmap::new() };
        let mut making = Box::new(Making { past, place, rewinding: FxHashMap::default() });
        let mut allowance = Allowance::new(&UNDOING, self.shared.limits.past_events_max);
        let mut events = self.events_between(place, head.next()).await?;
        while let Some(oldest) = events.last().map(|event| event.seq) {
            let undone = self.undo_page(scope, making, events, head, &mut allowance);
            (making, events) = tokio::try_join!(undone, self.events_between(place, oldest))?;
        }
        Ok(making.past)
    }

    /// Events behind a place and in front of another, newest first: the newest few of them, none when there are none.
    async fn events_between(&self, place: Seq, before: Seq) -> Result<Vec<Event>> {
        let left = before.0.saturating_sub(1).saturating_sub(place.0);
        let limit = usize::try_from(left.min(LOG_PAGE)).unwrap_or(usize::MAX);
        if limit == 0 {
            return Ok(Vec::new());
        }
        let records = self.store.changes_before(before.0, limit).await?;
        if records.is_empty() {
            return Err(Error::internal(format!("there is no event before {before}")));
        }
        in_background(move || records.iter().map(|(_, bytes)| decode::<LogRecord>(bytes)?.event()).collect())
            .await
    }

    async fn undo_page(
        &self,
        scope: &Scope,
        mut making: Box<Making>,
        events: Vec<Event>,
        head: Seq,
        allowance: &mut Allowance,
    ) -> Result<Box<Making>> {
        let met = self.met(scope, making.unmet(&events), head, allowance).await?;
        let undone = in_background(move || {
            making.rewinding.extend(met.into_iter().map(|row| (row.id, Rewind::of(row))));
            let open = making.undo(&events);
            Ok((making, open))
        });
        let (mut making, mut open) = undone.await?;
        self.fill_in(scope, &mut open, Texts::LeftOut, allowance).await?;
        open.into_iter().for_each(|rewind| making.take(rewind));
        Ok(making)
    }

    /// The rows of issues that are met for the first time, without their texts. A row that has become newer than the view
    /// is taken back to where the view was.
    async fn met(
        &self,
        scope: &Scope,
        ids: Vec<IssueId>,
        head: Seq,
        allowance: &mut Allowance,
    ) -> Result<Vec<Issue>> {
        let mut rows = self.passing_rows(&ids).await?;
        self.take_back(scope, &mut rows, head, allowance).await?;
        let lean = |row| Issue { description: None, ..Arc::unwrap_or_clone(row) };
        Ok(rows.into_iter().flatten().map(lean).collect())
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

impl Making {
    /// The issues that these events speak of for the first time.
    fn unmet(&self, events: &[Event]) -> Vec<IssueId> {
        let about = events.iter().filter_map(|event| match event.subject {
            Subject::Issue(id) => Some(id),
            _ => None,
        });
        let mut new: Vec<_> = about.filter(|id| !self.rewinding.contains_key(id)).collect();
        new.sort_unstable();
        new.dedup();
        new
    }

    /// Undoes a page of events. What is done is taken into the view, but for what events have left open.
    fn undo(&mut self, events: &[Event]) -> Vec<Rewind> {
        let mut open = Vec::new();
        for event in events {
            let Subject::Issue(id) = event.subject else { continue };
            let Some(rewind) = self.rewinding.get_mut(&id) else { continue };
            if rewind.undo(event, self.place).is_continue() {
                continue;
            }
            match self.rewinding.remove(&id) {
                Some(rewind) if rewind.is_open(Texts::LeftOut) => open.push(rewind),
                Some(rewind) => self.take(rewind),
                None => {}
            }
        }
        open
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
