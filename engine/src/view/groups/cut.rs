//! Cutting a list by a field: which values its issues have, and the issues of some of those values.
//!
//! A list may have thousands of values of which few are shown: finding out which there are makes nothing of each. It does
//! not know in which order groups stand.

use super::{Cut, DueBucket, GroupKey, List};
use crate::filter::GroupBy;
use crate::view::View;
use crate::view::columns::Columns;
use crate::view::evaluate::Evaluation;
use crate::view::family::Family;
use crate::view::items::{Tag, code};
use crate::view::links::Named;
use crate::view::marks::{Asked, Marks};
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::hash::Hash;

/// A field that a list is cut by.
pub(super) enum Field<'a> {
    /// One whose values have codes.
    Values(Values<'a>),
    /// What issues are parts of.
    Parents {
        view: &'a View,
        /// Those with parts in the list, in order of ordinal.
        parents: Vec<u32>,
        /// The issues of the list that are parts of nothing.
        without: RoaringBitmap,
    },
    /// One of few values, by which the list is cut already.
    Cut(Vec<Cut>),
}

/// The values of a field.
pub(super) struct Values<'a> {
    /// The issues with each, in the list or not, by its code.
    sets: Vec<(GroupKey, &'a RoaringBitmap)>,
    codes: Codes<'a>,
    /// The issues with no value.
    without: Option<(GroupKey, &'a RoaringBitmap)>,
}

impl View {
    /// The field, for the issues of a list.
    pub(super) fn field(&self, list: &List<'_>, by: GroupBy) -> Field<'_> {
        let (sets, columns, nowhere) = (&self.sets, &self.columns, Codes::Nowhere);
        Field::Values(match by {
            GroupBy::State => Values::of(&sets.state, Codes::One(&columns.state), GroupKey::State),
            GroupBy::Category => Values::of(&sets.category, nowhere, GroupKey::Category),
            GroupBy::Assignee => {
                let codes = Codes::Items(columns, Tag::Assignee);
                let values = Values::of(&sets.assignee, codes, |id| GroupKey::Assignee(Some(id)));
                values.and_without(&sets.assignees, GroupKey::Assignee(None))
            }
            GroupBy::Label => {
                let codes = Codes::Items(columns, Tag::Label);
                let values = Values::of(&sets.label, codes, |id| GroupKey::Label(Some(id)));
                values.and_without(&sets.labels, GroupKey::Label(None))
            }
            GroupBy::Priority => Values::of(&sets.priority, nowhere, GroupKey::Priority),
            GroupBy::Kind => Values::of(&sets.kind, nowhere, GroupKey::Kind),
            GroupBy::Team => Values::of(&sets.team, Codes::One(&columns.team), GroupKey::Team),
            GroupBy::Creator => Values::of(&sets.creator, Codes::One(&columns.creator), GroupKey::Creator),
            GroupBy::Parent => return self.parents(list),
            GroupBy::Due => {
                let evaluation = Evaluation::of(self, list.sight, list.question);
                let cut =
                    |due: &DueBucket| (GroupKey::Due(*due), evaluation.test(&due.test(), list.matching));
                return Field::Cut(DueBucket::ALL.iter().map(cut).collect());
            }
        })
    }

    fn parents(&self, List { sight, matching, .. }: &List<'_>) -> Field<'_> {
        let (mut parents, mut parts) = (Vec::new(), Marks::default());
        let pairs = self.links.pairs(Named::Parent);
        let among = Asked::of(matching, pairs.len());
        for (parent, part) in pairs.iter() {
            if !among.has(part) || self.sets.deleted.contains(parent) || sight.hides(parent) {
                continue;
            }
            parts.mark(part);
            if parents.last() != Some(&parent) {
                parents.push(parent);
            }
        }
        Field::Parents { view: self, parents, without: *matching - RoaringBitmap::from(parts) }
    }
}

impl<'a> Field<'a> {
    /// The groups that a list has issues in, in no order; so many at most.
    pub(super) fn keys(&self, matching: &RoaringBitmap, most: usize) -> Vec<GroupKey> {
        match self {
            Self::Values(values) => values.keys(matching, most),
            Self::Parents { view, parents, without } => {
                let with = parents.iter().filter_map(|parent| view.id_of(*parent)).map(Some);
                let without = (!without.is_empty()).then_some(None);
                with.chain(without).map(GroupKey::Parent).take(most).collect()
            }
            Self::Cut(cuts) => {
                cuts.iter().filter(|(_, issues)| !issues.is_empty()).map(|(key, _)| *key).take(most).collect()
            }
        }
    }

    /// What cuts a list, and each part of it, into these groups.
    pub(super) fn cutter(self, matching: &RoaringBitmap, keys: Vec<GroupKey>) -> Cutter<'a> {
        let whole = |sets| Cutter { sets, codes: Codes::Nowhere, places: Vec::new() };
        match self {
            Self::Values(values) => values.cutter(keys),
            Self::Parents { view, without, .. } => {
                let pairs = view.links.pairs(Named::Parent);
                let parts = |parent| {
                    let parts = pairs.of(parent).filter(|part| matching.contains(*part));
                    // Those of one parent come in order, so this cannot fail.
                    RoaringBitmap::from_sorted_iter(parts).unwrap_or_default()
                };
                let set = |key: &GroupKey| match key {
                    GroupKey::Parent(Some(id)) => view.ordinal_of(*id).map(parts).unwrap_or_default(),
                    _ => without.clone(),
                };
                whole(keys.into_iter().map(|key| (key, Cow::Owned(set(&key)))).collect())
            }
            Self::Cut(cuts) => {
                let mut cuts: FxHashMap<_, _> = cuts.into_iter().collect();
                let set = |key| (key, Cow::Owned(cuts.remove(&key).unwrap_or_default()));
                whole(keys.into_iter().map(set).collect())
            }
        }
    }
}

impl<'a> Values<'a> {
    fn of<K: Copy + Eq + Hash>(family: &'a Family<K>, codes: Codes<'a>, key: impl Fn(K) -> GroupKey) -> Self {
        let sets = family.iter().map(|(value, issues)| (key(*value), issues)).collect();
        Self { sets, codes, without: None }
    }

    /// With the group of the issues that have no value.
    fn and_without(self, counts: &'a Family<u32>, key: GroupKey) -> Self {
        Self { without: counts.of(&0).map(|issues| (key, issues)), ..self }
    }

    fn keys(&self, matching: &RoaringBitmap, most: usize) -> Vec<GroupKey> {
        let is_there = |(_, issues): &&(GroupKey, &RoaringBitmap)| !issues.is_disjoint(matching);
        let without = self.without.iter().filter(is_there).map(|(key, _)| *key);
        if !self.codes.are_read_faster(matching, self.sets.len()) {
            return self
                .sets
                .iter()
                .filter(is_there)
                .map(|(key, _)| *key)
                .chain(without)
                .take(most)
                .collect();
        }
        let mut there = vec![false; self.sets.len()];
        for at in matching {
            self.codes.each(at as usize, |code| there.get_mut(code).into_iter().for_each(|it| *it = true));
        }
        let with = self.sets.iter().zip(there).filter_map(|((key, _), there)| there.then_some(*key));
        with.chain(without).take(most).collect()
    }

    fn cutter(self, keys: Vec<GroupKey>) -> Cutter<'a> {
        let asked: FxHashMap<_, _> = keys.iter().enumerate().map(|(place, key)| (*key, place)).collect();
        let mut sets: Vec<_> = keys.into_iter().map(|key| (key, Cow::default())).collect();
        let mut put = |key: &GroupKey, issues: &'a RoaringBitmap| {
            let place = asked.get(key).copied()?;
            sets.get_mut(place)?.1 = Cow::Borrowed(issues);
            Some(place)
        };
        if let Some((key, issues)) = self.without {
            put(&key, issues);
        }
        let places = self.sets.into_iter().map(|(key, issues)| put(&key, issues)).collect();
        Cutter { sets, codes: self.codes, places }
    }
}

/// What cuts lists into some groups.
pub(super) struct Cutter<'a> {
    /// The groups, in order, with their issues, and others beside those of the list.
    sets: Vec<(GroupKey, Cow<'a, RoaringBitmap>)>,
    codes: Codes<'a>,
    /// The place of the group that the value with each code makes; none when that group is not asked for.
    places: Vec<Option<usize>>,
}

impl Cutter<'_> {
    /// The list of these issues in its groups, in order, empty ones included.
    pub(super) fn cut(&self, issues: &RoaringBitmap) -> Vec<Cut> {
        if !self.codes.are_read_faster(issues, self.sets.len()) {
            return self.sets.iter().map(|(key, set)| (*key, set.as_ref() & issues)).collect();
        }
        let mut found = vec![None; self.sets.len()];
        for place in self.places.iter().flatten() {
            found.get_mut(*place).into_iter().for_each(|of| *of = Some(Vec::new()));
        }
        for at in issues {
            self.codes.each(at as usize, |code| {
                let place = self.places.get(code).copied().flatten();
                let of = place.and_then(|place| found.get_mut(place)?.as_mut());
                of.into_iter().for_each(|of: &mut Vec<u32>| of.push(at));
            });
        }
        let cuts = self.sets.iter().zip(found).map(|((key, set), found)| match found {
            // Those of one value come in order, so this cannot fail.
            Some(found) => (*key, RoaringBitmap::from_sorted_iter(found).unwrap_or_default()),
            // Not a value, but the lack of one.
            None => (*key, set.as_ref() & issues),
        });
        cuts.collect()
    }
}

/// Where the codes of the values of an issue lie.
#[derive(Clone, Copy)]
enum Codes<'a> {
    /// Each has one.
    One(&'a [u32]),
    /// Each has several, or none.
    Items(&'a Columns, Tag),
    /// In the bitmaps alone.
    Nowhere,
}

impl Codes<'_> {
    fn each(self, at: usize, mut see: impl FnMut(usize)) {
        match self {
            Self::One(codes) => codes.get(at).into_iter().for_each(|code| see(*code as usize)),
            Self::Items(columns, tag) => {
                columns.items(at, tag).iter().for_each(|item| see(code(*item) as usize));
            }
            Self::Nowhere => {}
        }
    }

    /// Whether reading the codes of these issues is faster than meeting them with the bitmap of each value.
    fn are_read_faster(self, issues: &RoaringBitmap, values: usize) -> bool {
        /// Codes that are read while one part of a bitmap meets another. (Tests, whose views are small, do both.)
        const CODES: u64 = if cfg!(test) { 8 } else { 64 };
        if matches!(self, Self::Nowhere) {
            return false;
        }
        let parts = u64::from(issues.statistics().n_containers);
        issues.len() <= parts.saturating_mul(CODES).saturating_mul(values as u64)
    }
}
