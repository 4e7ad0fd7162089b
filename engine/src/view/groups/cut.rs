//! Cutting a list by a field: the issues of each value that any of them has.

use super::{Cut, DueBucket, GroupKey};
use crate::filter::GroupBy;
use crate::view::columns::Columns;
use crate::view::evaluate::Evaluation;
use crate::view::family::Family;
use crate::view::items::{Tag, code};
use crate::view::links::Named;
use crate::view::marks::Asked;
use crate::view::{Question, View};
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::hash::Hash;

impl View {
    /// The groups with issues, in no order; none when there are more than `max`.
    pub(super) fn cut(
        &self,
        question: &Question<'_>,
        matching: &RoaringBitmap,
        by: GroupBy,
        max: usize,
    ) -> Option<Vec<Cut>> {
        let sets = &self.sets;
        // One group too many is found out without making all the others.
        let bound = max.saturating_add(1);
        let (columns, nowhere) = (&self.columns, Codes::Nowhere);
        let mut cuts = match by {
            GroupBy::State => {
                values(&sets.state, Codes::One(&columns.state), matching, bound, GroupKey::State)
            }
            GroupBy::Category => values(&sets.category, nowhere, matching, bound, GroupKey::Category),
            GroupBy::Assignee => {
                let codes = Codes::Items(columns, Tag::Assignee);
                let mut cuts =
                    values(&sets.assignee, codes, matching, bound, |id| GroupKey::Assignee(Some(id)));
                cuts.extend(without(&sets.assignees, matching, GroupKey::Assignee(None)));
                cuts
            }
            GroupBy::Label => {
                let codes = Codes::Items(columns, Tag::Label);
                let mut cuts = values(&sets.label, codes, matching, bound, |id| GroupKey::Label(Some(id)));
                cuts.extend(without(&sets.labels, matching, GroupKey::Label(None)));
                cuts
            }
            GroupBy::Priority => values(&sets.priority, nowhere, matching, bound, GroupKey::Priority),
            GroupBy::Kind => values(&sets.kind, nowhere, matching, bound, GroupKey::Kind),
            GroupBy::Team => values(&sets.team, Codes::One(&columns.team), matching, bound, GroupKey::Team),
            GroupBy::Creator => {
                values(&sets.creator, Codes::One(&columns.creator), matching, bound, GroupKey::Creator)
            }
            GroupBy::Parent => self.parents(matching, bound),
            GroupBy::Due => {
                let evaluation = Evaluation::of(self, question);
                let buckets = DueBucket::ALL.iter();
                buckets.map(|due| (GroupKey::Due(*due), evaluation.test(&due.test(), matching))).collect()
            }
        };
        cuts.retain(|(_, issues)| !issues.is_empty());
        (cuts.len() <= max).then_some(cuts)
    }

    /// The parts of a group, by the keys of the lanes that its list is cut into.
    pub(super) fn parts(
        &self,
        question: &Question<'_>,
        issues: &RoaringBitmap,
        by: GroupBy,
        lanes: &[Cut],
    ) -> Vec<Cut> {
        let reads = !matches!(by, GroupBy::Due | GroupBy::Parent) && is_read_faster(issues, lanes.len());
        let cut = reads.then(|| self.cut(question, issues, by, lanes.len())).flatten();
        let Some(mut cut) = cut.map(|cut| cut.into_iter().collect::<FxHashMap<_, _>>()) else {
            return lanes.iter().map(|(key, lane)| (*key, lane & issues)).collect();
        };
        lanes.iter().map(|(key, _)| (*key, cut.remove(key).unwrap_or_default())).collect()
    }

    fn parents(&self, matching: &RoaringBitmap, bound: usize) -> Vec<Cut> {
        let (mut cuts, mut parts) = (Vec::new(), RoaringBitmap::new());
        let pairs = self.links.pairs(Named::Parent);
        let among = Asked::of(matching, pairs.len());
        let mut pairs = pairs.iter().peekable();
        while let Some((parent, _)) = pairs.peek().copied() {
            let mut of = Vec::new();
            while let Some((_, part)) = pairs.next_if(|(next, _)| *next == parent) {
                of.extend(among.has(part).then_some(part));
            }
            if of.is_empty() || self.sets.deleted.contains(parent) {
                continue;
            }
            if cuts.len() >= bound {
                break;
            }
            // Those of one parent come in order, so this cannot fail.
            let of = RoaringBitmap::from_sorted_iter(of).unwrap_or_default();
            parts |= &of;
            cuts.push((GroupKey::Parent(self.id_of(parent)), of));
        }
        cuts.push((GroupKey::Parent(None), matching - parts));
        cuts
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
    fn each(self, at: usize, mut see: impl FnMut(u32)) {
        match self {
            Self::One(codes) => codes.get(at).copied().into_iter().for_each(see),
            Self::Items(columns, tag) => columns.items(at, tag).iter().for_each(|item| see(code(*item))),
            Self::Nowhere => {}
        }
    }
}

/// The issues with each value, of so many values at most.
fn values<K: Copy + Eq + Hash>(
    family: &Family<K>,
    codes: Codes<'_>,
    matching: &RoaringBitmap,
    bound: usize,
    key: impl Fn(K) -> GroupKey,
) -> Vec<Cut> {
    if matches!(codes, Codes::Nowhere) || !is_read_faster(matching, family.len()) {
        let cuts = family.iter().map(|(value, issues)| (key(*value), issues & matching));
        return cuts.filter(|(_, issues)| !issues.is_empty()).take(bound).collect();
    }
    let mut found = vec![Vec::new(); family.len()];
    for at in matching {
        codes.each(at as usize, |code| found.get_mut(code as usize).into_iter().for_each(|of| of.push(at)));
    }
    let cuts = found.into_iter().zip(family.iter()).filter(|(of, _)| !of.is_empty()).take(bound);
    // Those of one value come in order, so this cannot fail.
    cuts.map(|(of, (value, _))| (key(*value), RoaringBitmap::from_sorted_iter(of).unwrap_or_default()))
        .collect()
}

/// Whether reading the codes of these issues is faster than meeting them with the bitmap of each value.
fn is_read_faster(matching: &RoaringBitmap, values: usize) -> bool {
    /// Codes that are read while one part of a bitmap meets another. (Tests, whose views are small, do both.)
    const CODES: u64 = if cfg!(test) { 8 } else { 64 };
    let parts = u64::from(matching.statistics().n_containers);
    matching.len() <= parts.saturating_mul(CODES).saturating_mul(values as u64)
}

/// The issues with no value.
fn without(counts: &Family<u32>, matching: &RoaringBitmap, key: GroupKey) -> Option<Cut> {
    counts.of(&0).map(|issues| (key, issues & matching))
}
