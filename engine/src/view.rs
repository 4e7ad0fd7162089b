//! One tenant's issues in memory: columns, bitmaps per value, ordered indexes.
//!
//! A filter is bitmap algebra and scans of single columns, a count is free, and the common orders are walked rather than
//! sorted. The view is a pure value: it knows no storage, no locks and no text beyond titles. An issue's place in it,
//! its ordinal, means nothing outside.

mod cell;
mod columns;
mod compare;
mod cursor;
mod evaluate;
mod family;
mod field;
mod fold;
mod group;
mod index;
mod list_hash;
mod order;
mod packed;
mod page;
mod saved;
mod scan;
mod select;
mod sets;
mod sorted;
mod source;
#[cfg(test)]
mod tests;
mod timeline;
mod validate;

pub use cursor::CursorKey;
pub use fold::fold;
pub use list_hash::query_hash;
pub use order::Position;
pub use page::{IssuePage, IssueQuery, Page};
pub use saved::{Saving, schema_hash};
pub use validate::validate;

use crate::access::Scope;
use crate::error::Result;
use crate::filter::Filter;
use crate::id::{IssueId, TeamId};
use crate::model::Issue;
use columns::{Columns, Row};
use index::{ByCreated, ById, ByNumber, ByUpdated};
use roaring::RoaringBitmap;
use sets::Sets;
use sorted::{Index, Keyed, Sorted};

/// See the module.
#[derive(Debug, Default)]
pub struct View {
    columns: Columns,
    sets: Sets,
    by_id: Sorted<ById>,
    by_number: Sorted<ByNumber>,
    by_created: Sorted<ByCreated>,
    by_updated: Sorted<ByUpdated>,
    /// Whether the indexes but that of ids are built. Before, what they would answer is selected.
    finished: bool,
    /// Issues of which only the id is known: see [`View::doubt`].
    doubted: RoaringBitmap,
}

impl View {
    /// An empty view.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the row of an issue while loading, each once. [`View::finish_load`] comes after the last.
    pub fn load_issue(&mut self, issue: &Issue) {
        self.finished = false;
        let row = Row::of(issue, &mut self.sets);
        self.add(row);
    }

    /// Builds what is quicker built at once. Before it every answer is right, and some are slow.
    pub fn finish_load(&mut self) {
        self.columns.shrink();
        let columns = &self.columns;
        let numbers = columns.team.iter().zip(&columns.number);
        let mut numbers: Vec<_> = numbers.zip(0_u32..).collect();
        numbers.sort_unstable();
        self.by_number = Sorted::of(&numbers.into_iter().map(|(_, at)| at).collect::<Vec<_>>(), columns);
        self.by_created = Sorted::timeline(columns);
        self.by_updated = Sorted::timeline(columns);
        self.finished = true;
    }

    /// Takes the newest row of an issue.
    pub fn apply(&mut self, issue: &Issue) {
        if !self.finished {
            self.finish_load();
        }
        let row = Row::of(issue, &mut self.sets);
        match self.ordinal(issue.id) {
            None => {
                let ordinal = self.add(row);
                self.enter(ordinal);
            }
            Some(ordinal) if self.doubted.remove(ordinal) => {
                self.sets.change(ordinal, None, &row);
                self.columns.set(ordinal as usize, row);
                self.enter(ordinal);
            }
            Some(ordinal) => self.replace(ordinal, row),
        }
    }

    /// Adds a row to all but the indexes that [`View::finish_load`] builds.
    fn add(&mut self, row: Row) -> u32 {
        let ordinal = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        self.sets.change(ordinal, None, &row);
        self.columns.push(row);
        self.by_id.enter(&self.columns, ordinal);
        ordinal
    }

    /// Adds an issue to the indexes that [`View::finish_load`] builds.
    fn enter(&mut self, ordinal: u32) {
        self.by_number.enter(&self.columns, ordinal);
        self.by_created.enter(&self.columns, ordinal);
        self.by_updated.enter(&self.columns, ordinal);
    }

    /// Puts a row in the place of the one before.
    fn replace(&mut self, ordinal: u32, row: Row) {
        let Some(old) = self.columns.row(ordinal as usize) else { return };
        let columns = &self.columns;
        let (number, created) = (ByNumber::key(columns, ordinal), ByCreated::key(columns, ordinal));
        let updated = ByUpdated::key(columns, ordinal);
        self.sets.change(ordinal, Some(&old), &row);
        self.columns.set(ordinal as usize, row);
        self.by_number.moved(&self.columns, ordinal, number);
        self.by_created.moved(&self.columns, ordinal, created);
        self.by_updated.moved(&self.columns, ordinal, updated);
    }

    /// Where an issue lies.
    fn ordinal(&self, id: IssueId) -> Option<u32> {
        self.by_id.find(&self.columns, id)
    }

    /// One page of the issues that pass a filter, in order, and how many pass in all.
    ///
    /// # Errors
    ///
    /// None today; a scope may come to refuse.
    pub fn query(&self, scope: &Scope, query: &IssueQuery<'_>) -> Result<IssuePage> {
        Ok(self.page(&self.matching(scope, query.filter), query))
    }

    /// How many issues pass a filter.
    ///
    /// # Errors
    ///
    /// None today; a scope may come to refuse.
    pub fn count(&self, scope: &Scope, filter: &Filter) -> Result<u64> {
        Ok(self.matching(scope, filter).len())
    }

    /// The issue with this number in the team, deleted ones included.
    #[must_use]
    pub fn find(&self, team: TeamId, number: u32) -> Option<IssueId> {
        let (columns, key) = (&self.columns, (self.sets.team.known(&team)?, number));
        let found = if self.finished {
            self.by_number.find(columns, key)
        } else {
            self.sets.all.iter().find(|at| ByNumber::key(columns, *at) == Some(key))
        };
        found.and_then(|at| columns.id_at(at))
    }

    /// Whether there is an issue with this id, deleted ones included.
    #[must_use]
    pub fn contains(&self, id: IssueId) -> bool {
        self.ordinal(id).is_some()
    }

    /// The issue this one is a part of.
    #[must_use]
    pub fn parent_of(&self, id: IssueId) -> Option<IssueId> {
        let ordinal = self.ordinal(id)? as usize;
        self.columns.parent.get(ordinal).and_then(|code| self.sets.parent.key(*code))
    }

    /// The issues that are a part of this one, deleted ones included.
    pub fn parts_of(&self, id: IssueId) -> impl Iterator<Item = IssueId> + '_ {
        let parts = self.sets.parent.of(&id).into_iter().flatten();
        parts.filter_map(|ordinal| self.columns.id_at(ordinal))
    }

    /// The version of an issue's row that this view has taken.
    #[must_use]
    pub fn version_of(&self, id: IssueId) -> Option<u64> {
        let ordinal = self.ordinal(id)? as usize;
        self.columns.version.get(ordinal).copied()
    }

    /// The highest number the team has given; deleted issues keep theirs.
    #[must_use]
    pub fn max_number(&self, team: TeamId) -> u32 {
        let Some(code) = self.sets.team.known(&team) else { return 0 };
        let columns = &self.columns;
        let number = |at: u32| ByNumber::key(columns, at).filter(|key| key.0 == code).map(|key| key.1);
        let highest = if self.finished {
            let end = self.by_number.behind(columns, |key| key <= (code, u32::MAX));
            self.by_number.downward(end).next().and_then(number)
        } else {
            self.sets.all.iter().filter_map(number).max()
        };
        highest.unwrap_or_default()
    }

    /// Issues, deleted ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Issues that are neither archived nor deleted.
    #[must_use]
    pub fn live_len(&self) -> u64 {
        self.sets.live.len()
    }

    /// Whether there are no issues.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.len() == 0
    }

    /// Bytes of memory it takes, estimated.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let indexes: usize = self.indexes().iter().map(|index| index.memory_bytes()).sum();
        size_of::<Self>() + self.columns.memory_bytes() + self.sets.memory_bytes() + indexes
    }

    fn indexes(&self) -> [&dyn Index<Columns>; 4] {
        [&self.by_id, &self.by_number, &self.by_created, &self.by_updated]
    }
}
