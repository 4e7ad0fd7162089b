//! The bitmaps: for each value that is filtered by, the ordinals of the issues that have it.
//!
//! A line in the list below is all that a new group needs beside what [`Sets::change`] does with it, to be saved with the
//! view too.

use super::cell::Cell;
use super::columns::{NO_CODE, Row};
use super::family::Family;
use super::group::Group;
use super::source::Source;
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{IssueKind, Priority, Resolution, StateCategory};
use roaring::RoaringBitmap;
use std::hash::Hash;
use std::io;

/// Declares the groups of bitmaps.
macro_rules! sets {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// See the module.
        #[derive(Debug, Default)]
        pub(super) struct Sets {
            $($(#[$doc])* pub(super) $field: $type,)*
        }

        impl Sets {
            /// What is in a saved form of them, and how.
            pub(super) const SCHEMA: &'static str = concat!($(stringify!($field), ":", stringify!($type), ";"),*);

            /// Sets with the same codes, and no issues.
            pub(super) fn emptied(&self) -> Self {
                Self { $($field: self.$field.emptied(),)* }
            }

            /// Whether both say the same of every value that an issue has.
            pub(super) fn agrees(&self, other: &Self) -> bool {
                true $(&& self.$field.agrees(&other.$field))*
            }

            /// Forgets these issues.
            pub(super) fn forget(&mut self, ordinals: &RoaringBitmap) {
                $(self.$field.forget(ordinals);)*
            }

            /// Bytes of memory, estimated.
            pub(super) fn memory_bytes(&self) -> usize {
                0 $(+ self.$field.memory_bytes())*
            }

            /// Writes some of them, from a group and one of its codes on; gives where to go on, until there is no more.
            pub(super) fn save(&self, (group, code): (usize, u32), to: &mut Vec<u8>) -> Option<(usize, u32)> {
                let groups: &[&dyn Group] = &[$(&self.$field),*];
                let next = groups.get(group)?.save(code, to);
                Some(next.map_or((group + 1, 0), |code| (group, code)))
            }

            /// Reads what was saved, leaving out ordinals from `end` on.
            pub(super) fn load(end: u32, from: &mut Source<'_>) -> io::Result<Self> {
                Ok(Self { $($field: Group::load(end, from)?,)* })
            }
        }
    };
}

sets! {
    all: RoaringBitmap,
    archived: RoaringBitmap,
    deleted: RoaringBitmap,
    /// Neither archived nor deleted: what most lists are about.
    live: RoaringBitmap,
    team: Family<TeamId>,
    state: Family<StateId>,
    category: Family<StateCategory>,
    kind: Family<IssueKind>,
    priority: Family<Priority>,
    resolution: Family<Resolution>,
    creator: Family<MemberId>,
    assignee: Family<MemberId>,
    label: Family<LabelId>,
    parent: Family<IssueId>,
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
