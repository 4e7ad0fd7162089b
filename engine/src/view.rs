//! One tenant's issues in memory: columns, bitmaps per value, ordered indexes.
//!
//! A filter is bitmap algebra, a count is free, and the common orders are walked rather than sorted. The view is a pure
//! value: it knows no storage, no locks and no text beyond titles. An issue's place in it, its ordinal, means nothing
//! outside.

mod columns;
mod cursor;
mod evaluate;
mod fold;
mod order;
mod page;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
mod validate;

pub use cursor::{CursorKey, query_hash};
pub use fold::fold;
pub use order::Position;
pub use page::{IssuePage, IssueQuery, Page};
pub use validate::validate;

use crate::access::Scope;
use crate::error::Result;
use crate::filter::Filter;
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{Issue, IssueKind, Priority, Resolution, StateCategory};
use crate::time::Timestamp;
use columns::Columns;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::hash::Hash;

/// Differences that a comparison lists.
const DIFFERENCES_MAX: usize = 50;

/// See the module.
#[derive(Debug, Default)]
pub struct View {
    ordinals: FxHashMap<IssueId, u32>,
    rows: Vec<Columns>,
    numbers: FxHashMap<TeamId, FxHashMap<u32, IssueId>>,
    highest: FxHashMap<TeamId, u32>,
    sets: Sets,
    by_created: BTreeSet<(Timestamp, IssueId)>,
    by_updated: BTreeSet<(Timestamp, IssueId)>,
}

/// A bitmap of ordinals for each value that is filtered by.
#[derive(Debug, Default, PartialEq)]
struct Sets {
    all: RoaringBitmap,
    archived: RoaringBitmap,
    deleted: RoaringBitmap,
    team: FxHashMap<TeamId, RoaringBitmap>,
    state: FxHashMap<StateId, RoaringBitmap>,
    category: FxHashMap<StateCategory, RoaringBitmap>,
    kind: FxHashMap<IssueKind, RoaringBitmap>,
    priority: FxHashMap<Priority, RoaringBitmap>,
    resolution: FxHashMap<Resolution, RoaringBitmap>,
    creator: FxHashMap<MemberId, RoaringBitmap>,
    assignee: FxHashMap<MemberId, RoaringBitmap>,
    label: FxHashMap<LabelId, RoaringBitmap>,
    parent: FxHashMap<IssueId, RoaringBitmap>,
}

impl View {
    /// An empty view.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the row of an issue while loading.
    pub fn load_issue(&mut self, issue: &Issue) {
        self.apply(issue);
    }

    /// Says that every row has been taken. Until then nothing may be asked.
    pub fn finish_load(&mut self) {}

    /// Takes the newest row of an issue.
    pub fn apply(&mut self, issue: &Issue) {
        let columns = Columns::of(issue);
        let ordinal = match self.ordinals.get(&issue.id) {
            Some(ordinal) => *ordinal,
            None => self.enter(issue),
        };
        if let Some(old) = self.rows.get_mut(ordinal as usize) {
            let old = std::mem::replace(old, columns);
            self.sets.change(ordinal, &old, false);
            self.by_created.remove(&(old.created_at, old.id));
            self.by_updated.remove(&(old.updated_at, old.id));
        } else {
            self.rows.push(columns);
        }
        if let Some(new) = self.rows.get(ordinal as usize) {
            self.sets.change(ordinal, new, true);
            self.by_created.insert((new.created_at, new.id));
            self.by_updated.insert((new.updated_at, new.id));
        }
    }

    fn enter(&mut self, issue: &Issue) -> u32 {
        let ordinal = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.ordinals.insert(issue.id, ordinal);
        self.numbers.entry(issue.team).or_default().insert(issue.number, issue.id);
        let highest = self.highest.entry(issue.team).or_default();
        *highest = (*highest).max(issue.number);
        ordinal
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
        self.numbers.get(&team).and_then(|numbers| numbers.get(&number)).copied()
    }

    /// Whether there is an issue with this id, deleted ones included.
    #[must_use]
    pub fn contains(&self, id: IssueId) -> bool {
        self.ordinals.contains_key(&id)
    }

    /// The issue this one is a part of.
    #[must_use]
    pub fn parent_of(&self, id: IssueId) -> Option<IssueId> {
        self.row(id).and_then(|row| row.parent)
    }

    /// The version of an issue's row that this view has taken.
    #[must_use]
    pub fn version_of(&self, id: IssueId) -> Option<u64> {
        self.row(id).map(|row| row.version)
    }

    /// The highest number the team has given; deleted issues keep theirs.
    #[must_use]
    pub fn max_number(&self, team: TeamId) -> u32 {
        self.highest.get(&team).copied().unwrap_or_default()
    }

    /// Issues, deleted ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no issues.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes of memory it takes, estimated.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        /// Bytes per issue of the maps from ids and numbers, and of the two ordered indexes.
        const INDEXES: usize = 24 + 28 + 2 * 32;
        let rows: usize = self.rows.iter().map(Columns::memory_bytes).sum();
        rows + self.rows.len() * INDEXES + self.sets.memory_bytes()
    }

    /// What differs between this view and one that was loaded afresh.
    #[must_use]
    pub fn compare(&self, fresh: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        for row in &self.rows {
            if fresh.row(row.id) != Some(row) {
                differences.push(format!("issue {} differs from its stored row", row.id));
            }
        }
        if self.rows.len() != fresh.rows.len() {
            differences.push(format!("it holds {} issues, {} are stored", self.rows.len(), fresh.rows.len()));
        }
        let mut rebuilt = Sets::default();
        for (ordinal, row) in (0..).zip(&self.rows) {
            rebuilt.change(ordinal, row, true);
        }
        if rebuilt != self.sets.without_empty() {
            differences.push("its bitmaps differ from its rows".to_owned());
        }
        if self.by_created != fresh.by_created || self.by_updated != fresh.by_updated {
            differences.push("its ordered indexes differ from the stored rows".to_owned());
        }
        if self.numbers != fresh.numbers || self.highest != fresh.highest {
            differences.push("its numbers differ from the stored rows".to_owned());
        }
        differences.truncate(DIFFERENCES_MAX);
        differences
    }

    fn row(&self, id: IssueId) -> Option<&Columns> {
        self.ordinals.get(&id).and_then(|ordinal| self.rows.get(*ordinal as usize))
    }
}

impl Sets {
    /// Enters or takes out an issue under each of its values.
    fn change(&mut self, ordinal: u32, row: &Columns, enter: bool) {
        set(&mut self.all, ordinal, enter);
        set(&mut self.archived, ordinal, enter && row.archived_at.is_some());
        set(&mut self.deleted, ordinal, enter && row.deleted);
        put(&mut self.team, row.team, ordinal, enter);
        put(&mut self.state, row.state, ordinal, enter);
        put(&mut self.category, row.category, ordinal, enter);
        put(&mut self.kind, row.kind, ordinal, enter);
        put(&mut self.priority, row.priority, ordinal, enter);
        put(&mut self.creator, row.creator, ordinal, enter);
        row.resolution.into_iter().for_each(|r| put(&mut self.resolution, r, ordinal, enter));
        row.parent.into_iter().for_each(|p| put(&mut self.parent, p, ordinal, enter));
        row.assignees.iter().for_each(|a| put(&mut self.assignee, *a, ordinal, enter));
        row.labels.iter().for_each(|l| put(&mut self.label, *l, ordinal, enter));
    }

    fn memory_bytes(&self) -> usize {
        fn of<K>(map: &FxHashMap<K, RoaringBitmap>) -> usize {
            map.values().map(|set| size_of::<K>() + 48 + set.serialized_size()).sum()
        }
        of(&self.team)
            + of(&self.state)
            + of(&self.category)
            + of(&self.kind)
            + of(&self.priority)
            + of(&self.resolution)
            + of(&self.creator)
            + of(&self.assignee)
            + of(&self.label)
            + of(&self.parent)
            + self.all.serialized_size()
    }

    /// These sets without values that no issue has any more.
    fn without_empty(&self) -> Self {
        fn of<K: Clone + Eq + Hash>(map: &FxHashMap<K, RoaringBitmap>) -> FxHashMap<K, RoaringBitmap> {
            map.iter().filter(|(_, set)| !set.is_empty()).map(|(k, set)| (k.clone(), set.clone())).collect()
        }
        Self {
            all: self.all.clone(),
            archived: self.archived.clone(),
            deleted: self.deleted.clone(),
            team: of(&self.team),
            state: of(&self.state),
            category: of(&self.category),
            kind: of(&self.kind),
            priority: of(&self.priority),
            resolution: of(&self.resolution),
            creator: of(&self.creator),
            assignee: of(&self.assignee),
            label: of(&self.label),
            parent: of(&self.parent),
        }
    }
}

fn put<K: Eq + Hash>(map: &mut FxHashMap<K, RoaringBitmap>, key: K, ordinal: u32, enter: bool) {
    set(map.entry(key).or_default(), ordinal, enter);
}

fn set(bitmap: &mut RoaringBitmap, ordinal: u32, enter: bool) {
    if enter {
        bitmap.insert(ordinal);
    } else {
        bitmap.remove(ordinal);
    }
}
