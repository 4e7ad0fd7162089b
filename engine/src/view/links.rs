//! Links: which issue names which as what it is a part of, or is related to, so that they are found from both ends.
//!
//! Made from the rows, and from nothing else: what a row names lies in its columns by id; here it lies by ordinal, under
//! the one that is named. An issue that nobody names and that names nobody takes nothing. A row may name an issue that is
//! not there (yet): that link waits.

use super::columns::{Columns, Row};
use super::index::ById;
use super::pairs::Pairs;
use super::sorted::Sorted;
use crate::id::IssueId;
use crate::model::{Relation, RelationKind};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// What one issue names another as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// What it is a part of.
    Parent,
    /// The other end of a relation.
    Related(RelationKind),
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Links {
    /// The one that is named, and the one that names it.
    parents: Pairs,
    /// The same for each kind of relation.
    relations: [Pairs; RelationKind::ALL.len()],
    /// What names an issue that is not there.
    waiting: FxHashMap<IssueId, BTreeSet<(Named, u32)>>,
}

impl Links {
    /// The links of all rows. The index of ids is walked beside what is named, in the order of ids.
    pub(super) fn of(columns: &Columns, by_id: &Sorted<ById>) -> Self {
        let mut all = Vec::new();
        for from in columns.parent.there() | columns.relations.there() {
            let (parent, relations) = (columns.parent.get(from as usize), columns.relations(from as usize));
            all.extend(named(parent.copied(), relations).map(|(as_what, id)| (id, as_what, from)));
        }
        all.sort_unstable();
        let mut there = by_id.iter().filter_map(|at| Some((columns.id_at(at)?, at))).peekable();
        let (mut links, mut pairs) = (Self::default(), Vec::new());
        for (id, as_what, from) in all {
            while there.next_if(|(other, _)| *other < id).is_some() {}
            match there.peek().filter(|(other, _)| *other == id) {
                Some((_, to)) => pairs.push((as_what, *to, from)),
                None => links.put(from, as_what, id, None),
            }
        }
        pairs.sort_unstable();
        for pairs in pairs.chunk_by(|one, other| one.0 == other.0) {
            let of = pairs.first().map(|(as_what, ..)| *as_what);
            // A set that is made of all at once is made much faster than one by one.
            of.into_iter().for_each(|as_what| {
                *links.pairs_mut(as_what) = pairs.iter().map(|(_, to, from)| (*to, *from)).collect();
            });
        }
        links
    }

    /// Takes a new issue: what named it before it was there finds it now.
    pub(super) fn arrive(&mut self, id: IssueId, ordinal: u32) {
        for (as_what, from) in self.waiting.remove(&id).into_iter().flatten() {
            self.put(from, as_what, id, Some(ordinal));
        }
    }

    /// Takes the row of an issue, and the row it had before.
    pub(super) fn change(
        &mut self,
        from: u32,
        old: Option<&Row>,
        new: &Row,
        ordinal: impl Fn(IssueId) -> Option<u32>,
    ) {
        if old.is_some_and(|old| old.parent == new.parent && old.relations == new.relations) {
            return;
        }
        for (as_what, id) in old.into_iter().flat_map(named_by) {
            match ordinal(id) {
                Some(to) => self.pairs_mut(as_what).remove((to, from)),
                None => self.forget(from, as_what, id),
            }
        }
        named_by(new).for_each(|(as_what, id)| self.put(from, as_what, id, ordinal(id)));
    }

    fn put(&mut self, from: u32, as_what: Named, id: IssueId, to: Option<u32>) {
        match to {
            Some(to) => self.pairs_mut(as_what).insert((to, from)),
            None => drop(self.waiting.entry(id).or_default().insert((as_what, from))),
        }
    }

    fn forget(&mut self, from: u32, as_what: Named, id: IssueId) {
        let Some(waiting) = self.waiting.get_mut(&id) else { return };
        waiting.remove(&(as_what, from));
        if waiting.is_empty() {
            self.waiting.remove(&id);
        }
    }

    /// All links of one kind: the one that is named, and the one that names it, in order.
    pub(super) const fn pairs(&self, as_what: Named) -> &Pairs {
        match as_what {
            Named::Parent => &self.parents,
            Named::Related(kind) => {
                let [blocks, duplicates, relates, precedes] = &self.relations;
                match kind {
                    RelationKind::Blocks => blocks,
                    RelationKind::Duplicates => duplicates,
                    RelationKind::Relates => relates,
                    RelationKind::Precedes => precedes,
                }
            }
        }
    }

    fn pairs_mut(&mut self, as_what: Named) -> &mut Pairs {
        match as_what {
            Named::Parent => &mut self.parents,
            Named::Related(kind) => {
                let [blocks, duplicates, relates, precedes] = &mut self.relations;
                match kind {
                    RelationKind::Blocks => blocks,
                    RelationKind::Duplicates => duplicates,
                    RelationKind::Relates => relates,
                    RelationKind::Precedes => precedes,
                }
            }
        }
    }

    /// The issues that name this one.
    pub(super) fn naming(&self, as_what: Named, to: u32) -> impl Iterator<Item = u32> + '_ {
        self.pairs(as_what).of(to)
    }

    /// Bytes of memory, estimated.
    pub(super) fn memory_bytes(&self) -> usize {
        /// Bytes of a link that waits.
        const WAITING: usize = 128;
        let links = self.relations.iter().chain([&self.parents]).map(Pairs::memory_bytes);
        links.sum::<usize>() + self.waiting.values().map(BTreeSet::len).sum::<usize>() * WAITING
    }
}

fn named_by(row: &Row) -> impl Iterator<Item = (Named, IssueId)> + '_ {
    named(row.parent.0, row.relations.0.as_deref().unwrap_or_default())
}

fn named(parent: Option<IssueId>, relations: &[Relation]) -> impl Iterator<Item = (Named, IssueId)> + '_ {
    let parent = parent.into_iter().map(|id| (Named::Parent, id));
    parent.chain(relations.iter().map(|relation| (Named::Related(relation.kind), relation.to)))
}
