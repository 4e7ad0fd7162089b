//! Live queries: an event comes in, and it is said which issues enter a list, leave it, or change in it, without asking
//! the list again.
//!
//! An event is about one issue; where the filter looks at the issues around it, those near the changed one are looked at
//! too. What an event cannot tell is a [`LiveChange::Reset`]: a renamed label under a filter by name, an event that was
//! missed. Time alone moves issues as well ("due this week"), and no event says so: [`LiveQuery::next_check_at`] says when
//! to call [`LiveQuery::check`]. This module sends nothing to anybody.

mod drift;
mod reach;

use super::Reader;
use super::prepare::Wish;
use crate::access::Scope;
use crate::error::{Error, Result};
use crate::event::{Event, Subject};
use crate::filter::Filter;
use crate::id::IssueId;
use crate::model::Seq;
use crate::tenant::Life;
use crate::time::Timestamp;
use crate::view;
use drift::Drift;
use reach::Reach;
use roaring::RoaringBitmap;

/// What a live query says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveChange {
    /// The issue passes now, and did not before.
    Entered(IssueId),
    /// The issue does not pass any more.
    Left(IssueId),
    /// The issue passes as before, and something about it changed.
    Changed(IssueId),
    /// The list was asked again and may be another in any way: read it anew.
    Reset,
}

/// A list that is kept up with events.
#[derive(Debug)]
pub struct LiveQuery {
    filter: Filter,
    reach: Reach,
    drift: Drift,
    /// The load of the tenant whose ordinals these are.
    life: Life,
    members: RoaringBitmap,
    /// What its reader saw when it was asked last.
    scope: Scope,
    /// Events up to here have been taken.
    place: Seq,
}

impl LiveQuery {
    /// The list of the issues that pass a filter now. The next event to [`take`](Self::take) is the one behind
    /// [`place`](Self::place).
    ///
    /// # Errors
    ///
    /// As [`Reader::count`]; `INVALID_INPUT` for a reader of the past, where nothing changes.
    pub async fn new(reader: &Reader, filter: Filter) -> Result<Self> {
        if reader.moment.is_some() {
            return Err(Error::invalid("at", "the past does not change: ask without `at`"));
        }
        view::validate(&filter, reader.limits())?;
        let (reach, drift) = (Reach::of(&filter), Drift::of(&filter));
        let (life, place) = (reader.live.life(), reader.seq());
        let members = members(reader, &filter).await?;
        Ok(Self { filter, reach, drift, life, members, scope: reader.scope.clone(), place })
    }

    /// The event up to which all have been taken.
    #[must_use]
    pub const fn place(&self) -> Seq {
        self.place
    }

    /// How many issues are in the list.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.members.len()
    }

    /// Whether no issue is in the list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The issues in the list, in no order that means anything.
    #[must_use]
    pub fn issues(&self, reader: &Reader) -> Vec<IssueId> {
        reader
            .with_present(&reader.scope, |view| self.members.iter().filter_map(|at| view.id_of(at)).collect())
    }

    /// Takes the next event of the log, of whatever kind, and says what follows from it. It is judged by what is there now:
    /// when more events have come meanwhile, an issue may be said to have changed once more when they are taken. The small
    /// tables and the party's rights are seen as they are now; when those say that other things are seen, the list is asked
    /// again.
    ///
    /// Events that were taken already are passed over. After an error the list may be behind: take the event again.
    ///
    /// # Errors
    ///
    /// As [`Reader::count`].
    pub async fn take(&mut self, reader: &Reader, event: &Event) -> Result<Vec<LiveChange>> {
        if event.seq <= self.place {
            return Ok(Vec::new());
        }
        reader.live.wait_for(event.seq).await?;
        let reader = &reader.refreshed();
        let missed = event.seq > self.place.next();
        let other = reader.live.life() != self.life || reader.scope != self.scope;
        if missed || other || self.reach.is_reset_by(event) {
            return self.reset(reader, event.seq).await;
        }
        let Subject::Issue(issue) = event.subject else {
            self.place = event.seq;
            return Ok(Vec::new());
        };
        let Some(near) = self.reach.of_event(reader, issue, event) else {
            return self.reset(reader, event.seq).await;
        };
        let passing = passing(reader, &self.filter, &near).await?;
        self.place = event.seq;
        let changes = reader.with_present(&reader.scope, |view| {
            let of = |at: u32| {
                let id = view.id_of(at)?;
                match (self.members.contains(at), passing.contains(at)) {
                    (false, true) => Some(LiveChange::Entered(id)),
                    (true, false) => Some(LiveChange::Left(id)),
                    (true, true) if id == issue => Some(LiveChange::Changed(id)),
                    _ => None,
                }
            };
            near.iter().filter_map(of).collect()
        });
        self.members = &(&self.members - &near) | &passing;
        Ok(changes)
    }

    /// When time alone may have moved issues, if it can: call [`check`](Self::check) then. To the minute for times that are
    /// counted from now, at the end of the day for those counted in days.
    #[must_use]
    pub fn next_check_at(&self, reader: &Reader) -> Option<Timestamp> {
        self.drift.next_check_at(&reader.asking())
    }

    /// Asks the list again and says which issues time has moved in or out; [`LiveChange::Reset`] instead when they are many.
    ///
    /// # Errors
    ///
    /// As [`Reader::count`].
    pub async fn check(&mut self, reader: &Reader) -> Result<Vec<LiveChange>> {
        if reader.live.life() != self.life || reader.refreshed().scope != self.scope {
            return self.reset(reader, reader.seq()).await;
        }
        let fresh = members(&reader.refreshed(), &self.filter).await?;
        let moved = &fresh ^ &self.members;
        self.members = fresh;
        if moved.len() > reader.limits().live_neighbours_max as u64 {
            return Ok(vec![LiveChange::Reset]);
        }
        Ok(reader.with_present(&reader.scope, |view| {
            let entered = |at: u32| self.members.contains(at);
            let change = |at, id| if entered(at) { LiveChange::Entered(id) } else { LiveChange::Left(id) };
            moved.iter().filter_map(|at| view.id_of(at).map(|id| change(at, id))).collect()
        }))
    }

    async fn reset(&mut self, reader: &Reader, place: Seq) -> Result<Vec<LiveChange>> {
        let reader = &reader.refreshed();
        self.members = members(reader, &self.filter).await?;
        (self.life, self.place, self.scope) = (reader.live.life(), place, reader.scope.clone());
        Ok(vec![LiveChange::Reset])
    }
}

/// All issues that pass.
async fn members(reader: &Reader, filter: &Filter) -> Result<RoaringBitmap> {
    let prepared = reader.prepare(filter).await?;
    let question = prepared.question(&reader.directory);
    Ok(reader.with_view(prepared.seen(), |view, sight| view.select(sight, &question)))
}

/// Those of a few issues that pass.
async fn passing(reader: &Reader, filter: &Filter, few: &RoaringBitmap) -> Result<RoaringBitmap> {
    let wish = Wish { within: Some(few), ..Wish::default() };
    let prepared = reader.prepare_for(filter, wish).await?;
    let question = prepared.question(&reader.directory);
    Ok(reader.with_view(prepared.seen(), |view, sight| {
        few.iter().filter(|at| view.passes(sight, &question, *at)).collect()
    }))
}
