//! Cutting a list by a field: the issues of each value that any of them has.

use super::{Cut, DueBucket, GroupKey};
use crate::filter::GroupBy;
use crate::view::evaluate::Evaluation;
use crate::view::family::Family;
use crate::view::links::Named;
use crate::view::marks::Asked;
use crate::view::{Question, View};
use roaring::RoaringBitmap;
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
        let mut cuts = match by {
            GroupBy::State => values(&sets.state, matching, bound, GroupKey::State),
            GroupBy::Category => values(&sets.category, matching, bound, GroupKey::Category),
            GroupBy::Assignee => {
                let mut cuts = values(&sets.assignee, matching, bound, |id| GroupKey::Assignee(Some(id)));
                cuts.extend(without(&sets.assignees, matching, GroupKey::Assignee(None)));
                cuts
            }
            GroupBy::Label => {
                let mut cuts = values(&sets.label, matching, bound, |id| GroupKey::Label(Some(id)));
                cuts.extend(without(&sets.labels, matching, GroupKey::Label(None)));
                cuts
            }
            GroupBy::Priority => values(&sets.priority, matching, bound, GroupKey::Priority),
            GroupBy::Kind => values(&sets.kind, matching, bound, GroupKey::Kind),
            GroupBy::Team => values(&sets.team, matching, bound, GroupKey::Team),
            GroupBy::Creator => values(&sets.creator, matching, bound, GroupKey::Creator),
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

/// The issues with each value, of so many values at most.
fn values<K: Copy + Eq + Hash>(
    family: &Family<K>,
    matching: &RoaringBitmap,
    bound: usize,
    key: impl Fn(K) -> GroupKey,
) -> Vec<Cut> {
    let cuts = family.iter().map(|(value, issues)| (key(*value), issues & matching));
    cuts.filter(|(_, issues)| !issues.is_empty()).take(bound).collect()
}

/// The issues with no value.
fn without(counts: &Family<u32>, matching: &RoaringBitmap, key: GroupKey) -> Option<Cut> {
    counts.of(&0).map(|issues| (key, issues & matching))
}
