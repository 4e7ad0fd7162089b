//! The bitmaps: for each value that is filtered by, the ordinals of the issues that have it.

use super::cell::Cell;
use super::columns::{NO_CODE, Row};
use super::family::Family;
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{IssueKind, Priority, Resolution, StateCategory};
use roaring::RoaringBitmap;
use std::hash::Hash;

#[derive(Debug, Clone, Default)]
pub(super) struct Sets {
    pub(super) all: RoaringBitmap,
    pub(super) archived: RoaringBitmap,
    pub(super) deleted: RoaringBitmap,
    /// Neither archived nor deleted: what most lists are about.
    pub(super) live: RoaringBitmap,
    pub(super) team: Family<TeamId>,
    pub(super) state: Family<StateId>,
    pub(super) category: Family<StateCategory>,
    pub(super) kind: Family<IssueKind>,
    pub(super) priority: Family<Priority>,
    pub(super) resolution: Family<Resolution>,
    pub(super) creator: Family<MemberId>,
    pub(super) assignee: Family<MemberId>,
    pub(super) label: Family<LabelId>,
    pub(super) parent: Family<IssueId>,
}

impl Sets {
    /// Takes the row of an issue, and the row it had before. Only what changed is touched.
    pub(super) fn change(&mut self, ordinal: u32, old: Option<&Row>, new: &Row) {
        let archived = new.archived_at != i64::MISSING;
        self.all.insert(ordinal);
        put(&mut self.archived, ordinal, archived);
        put(&mut self.deleted, ordinal, new.deleted);
        put(&mut self.live, ordinal, !archived && !new.deleted);
        one(&mut self.team, ordinal, old.map(|o| o.team), Some(new.team));
        one(&mut self.state, ordinal, old.map(|o| o.state), Some(new.state));
        one(&mut self.creator, ordinal, old.map(|o| o.creator), Some(new.creator));
        one(&mut self.parent, ordinal, old.and_then(parent), parent(new));
        word(&mut self.category, ordinal, old.map(|o| o.category), Some(new.category));
        word(&mut self.kind, ordinal, old.map(|o| o.kind), Some(new.kind));
        word(&mut self.priority, ordinal, old.map(|o| o.priority), Some(new.priority));
        word(&mut self.resolution, ordinal, old.and_then(|o| o.resolution), new.resolution);
        let ((assignees, labels), before) = (new.lists(), old.map(Row::lists).unwrap_or_default());
        list(&mut self.assignee, ordinal, before.0, assignees);
        list(&mut self.label, ordinal, before.1, labels);
    }

    /// Sets with the same codes, and no issues.
    pub(super) fn emptied(&self) -> Self {
        Self {
            team: self.team.emptied(),
            state: self.state.emptied(),
            category: self.category.emptied(),
            kind: self.kind.emptied(),
            priority: self.priority.emptied(),
            resolution: self.resolution.emptied(),
            creator: self.creator.emptied(),
            assignee: self.assignee.emptied(),
            label: self.label.emptied(),
            parent: self.parent.emptied(),
            ..Self::default()
        }
    }

    /// Whether both say the same of every value that an issue has.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.all == other.all
            && self.archived == other.archived
            && self.deleted == other.deleted
            && self.live == other.live
            && self.team.agrees(&other.team)
            && self.state.agrees(&other.state)
            && self.category.agrees(&other.category)
            && self.kind.agrees(&other.kind)
            && self.priority.agrees(&other.priority)
            && self.resolution.agrees(&other.resolution)
            && self.creator.agrees(&other.creator)
            && self.assignee.agrees(&other.assignee)
            && self.label.agrees(&other.label)
            && self.parent.agrees(&other.parent)
    }

    /// Bytes of memory, estimated.
    pub(super) fn memory_bytes(&self) -> usize {
        let plain = [&self.all, &self.archived, &self.deleted, &self.live];
        plain.map(RoaringBitmap::serialized_size).iter().sum::<usize>()
            + self.team.memory_bytes()
            + self.state.memory_bytes()
            + self.category.memory_bytes()
            + self.kind.memory_bytes()
            + self.priority.memory_bytes()
            + self.resolution.memory_bytes()
            + self.creator.memory_bytes()
            + self.assignee.memory_bytes()
            + self.label.memory_bytes()
            + self.parent.memory_bytes()
    }
}

fn parent(row: &Row) -> Option<u32> {
    Some(row.parent).filter(|code| *code != NO_CODE)
}

fn put(set: &mut RoaringBitmap, ordinal: u32, enter: bool) {
    if enter {
        set.insert(ordinal);
    } else {
        set.remove(ordinal);
    }
}

fn one<K: Copy + Eq + Hash>(family: &mut Family<K>, ordinal: u32, old: Option<u32>, new: Option<u32>) {
    list(family, ordinal, old.as_slice(), new.as_slice());
}

fn word<K: Copy + Eq + Hash>(family: &mut Family<K>, ordinal: u32, old: Option<K>, new: Option<K>) {
    if old != new {
        let (old, new) = (old.map(|key| family.code(key)), new.map(|key| family.code(key)));
        one(family, ordinal, old, new);
    }
}

fn list<K: Copy + Eq + Hash>(family: &mut Family<K>, ordinal: u32, old: &[u32], new: &[u32]) {
    if old != new {
        old.iter().for_each(|code| family.leave(*code, ordinal));
        new.iter().for_each(|code| family.enter(*code, ordinal));
    }
}
