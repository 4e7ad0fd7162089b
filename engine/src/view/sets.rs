//! The bitmaps: for each value that is filtered by, the ordinals of the issues that have it.
//!
//! A line in the list below is all that a new group needs beside what [`Sets::change`] does with it, to be saved with the
//! view too.

use super::bitmaps::Bitmaps;
use super::columns::Row;
use super::family::Family;
use super::items::{self, Tag, code};
use super::origin::Origin;
use super::source::Source;
use crate::id::{LabelId, MemberId, StateId, TeamId, WorkflowVersionId};
use crate::model::{IssueKind, Priority, Resolution, StateCategory};
use roaring::RoaringBitmap;
use std::hash::Hash;
use std::io;

/// Declares the groups of bitmaps.
macro_rules! sets {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// See the module.
        #[derive(Debug, Clone, Default)]
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
                let groups: &[&dyn Bitmaps] = &[$(&self.$field),*];
                let next = groups.get(group)?.save(code, to);
                Some(next.map_or((group + 1, 0), |code| (group, code)))
            }

            /// Reads what was saved, leaving out ordinals from `end` on.
            pub(super) fn load(end: u32, from: &mut Source<'_>) -> io::Result<Self> {
                Ok(Self { $($field: Bitmaps::load(end, from)?,)* })
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
    described: RoaringBitmap,
    team: Family<TeamId>,
    state: Family<StateId>,
    workflow_version: Family<WorkflowVersionId>,
    category: Family<StateCategory>,
    kind: Family<IssueKind>,
    priority: Family<Priority>,
    resolution: Family<Resolution>,
    creator: Family<MemberId>,
    assignee: Family<MemberId>,
    label: Family<LabelId>,
    /// How many assignees.
    assignees: Family<u32>,
    /// How many labels.
    labels: Family<u32>,
    /// The bits of the estimate: a sum is made of how many issues have each.
    estimate: Family<u8>,
    /// Who has comments on it.
    commenter: Family<MemberId>,
    /// Where it was imported from.
    source: Family<Origin>,
    past_state: Family<StateId>,
    past_category: Family<StateCategory>,
    past_priority: Family<Priority>,
    past_kind: Family<IssueKind>,
    past_resolution: Family<Resolution>,
    past_assignee: Family<MemberId>,
    past_label: Family<LabelId>,
    /// Who is named to see it, where it is confidential; every confidential issue is under the nobody of all zeros too.
    audience: Family<MemberId>,
    /// Where moves lead that approval was asked for.
    approval: Family<StateId>,
    /// Pairs of letters of the folded title: see [`grams`](super::grams).
    grams: Family<u8>,
}

impl Sets {
    /// Takes the row of an issue, and the row it had before. Only what changed is touched; the pairs of letters are not.
    pub(super) fn change(&mut self, ordinal: u32, old: Option<&Row>, new: &Row) {
        let (archived, deleted) = (new.archived_at.0.is_some(), new.deleted_at.0.is_some());
        self.all.insert(ordinal);
        put(&mut self.archived, ordinal, archived);
        put(&mut self.deleted, ordinal, deleted);
        put(&mut self.live, ordinal, !archived && !deleted);
        put(&mut self.described, ordinal, new.described);
        one(&mut self.team, ordinal, old.map(|o| o.team), Some(new.team));
        one(&mut self.state, ordinal, old.map(|o| o.state), Some(new.state));
        let version = old.and_then(|o| o.workflow_version.0);
        one(&mut self.workflow_version, ordinal, version, new.workflow_version.0);
        one(&mut self.creator, ordinal, old.map(|o| o.creator), Some(new.creator));
        word(&mut self.category, ordinal, old.map(|o| o.category), Some(new.category));
        word(&mut self.kind, ordinal, old.map(|o| o.kind), Some(new.kind));
        word(&mut self.priority, ordinal, old.map(|o| o.priority), Some(new.priority));
        word(&mut self.resolution, ordinal, old.and_then(|o| o.resolution), new.resolution);
        self.change_estimate(ordinal, old.and_then(|o| o.estimate.0), new.estimate.0);
        self.change_items(ordinal, old.map_or(&[], |o| &o.items), &new.items, old.is_none());
    }

    fn change_estimate(&mut self, ordinal: u32, old: Option<u32>, new: Option<u32>) {
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        for bit in (0..32_u8).filter(|bit| (old ^ new) >> bit & 1 == 1) {
            let code = self.estimate.code(bit);
            if new >> bit & 1 == 1 {
                self.estimate.enter(code, ordinal);
            } else {
                self.estimate.leave(code, ordinal);
            }
        }
    }

    fn change_items(&mut self, ordinal: u32, old: &[u32], new: &[u32], is_new: bool) {
        let count = |items, tag| u32::try_from(items::of(items, tag).len()).unwrap_or(u32::MAX);
        let before = |tag| (!is_new).then(|| count(old, tag));
        word(&mut self.assignees, ordinal, before(Tag::Assignee), Some(count(new, Tag::Assignee)));
        word(&mut self.labels, ordinal, before(Tag::Label), Some(count(new, Tag::Label)));
        if old == new {
            return;
        }
        self.change_lists(ordinal, old, new);
    }
}

/// Declares which family the items of each kind belong to.
macro_rules! items {
    ($($tag:ident: $family:ident,)*) => {
        impl Sets {
            /// The kinds of items, in order: their numbers are in the saved items.
            pub(super) const ITEMS: &'static str = concat!($(stringify!($tag), ":", stringify!($family), ";"),*);

            fn change_lists(&mut self, ordinal: u32, old: &[u32], new: &[u32]) {
                let of = |tag| (items::of(old, tag), items::of(new, tag));
                $(list(&mut self.$family, ordinal, of(Tag::$tag));)*
            }

            /// The item that other sets' item is here; none when its value is unknown here.
            pub(super) fn recode(&self, item: u32, from: &Self) -> Option<u32> {
                match Tag::of(item)? {
                    $(Tag::$tag => {
                        self.$family.recode(code(item), &from.$family).map(|code| Tag::$tag.item(code))
                    })*
                }
            }
        }
    };
}

items! {
    Assignee: assignee,
    Label: label,
    Commenter: commenter,
    Source: source,
    PastState: past_state,
    PastCategory: past_category,
    PastPriority: past_priority,
    PastKind: past_kind,
    PastResolution: past_resolution,
    PastAssignee: past_assignee,
    PastLabel: past_label,
    Audience: audience,
    Approval: approval,
}

fn put(set: &mut RoaringBitmap, ordinal: u32, enter: bool) {
    if enter {
        set.insert(ordinal);
    } else {
        set.remove(ordinal);
    }
}

fn one<K: Copy + Eq + Hash>(family: &mut Family<K>, ordinal: u32, old: Option<u32>, new: Option<u32>) {
    if old != new {
        old.into_iter().for_each(|code| family.leave(code, ordinal));
        new.into_iter().for_each(|code| family.enter(code, ordinal));
    }
}

fn word<K: Copy + Eq + Hash>(family: &mut Family<K>, ordinal: u32, old: Option<K>, new: Option<K>) {
    if old != new {
        let (old, new) = (old.map(|key| family.code(key)), new.map(|key| family.code(key)));
        one(family, ordinal, old, new);
    }
}

fn list<K: Copy + Eq + Hash>(family: &mut Family<K>, ordinal: u32, (old, new): (&[u32], &[u32])) {
    if old != new {
        old.iter().for_each(|item| family.leave(code(*item), ordinal));
        new.iter().for_each(|item| family.enter(code(*item), ordinal));
    }
}
