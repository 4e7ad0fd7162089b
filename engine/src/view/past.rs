//! Tests of what was true once: answered, or narrowed, from what issues have and what they had and moved away from.

use super::evaluate::Evaluation;
use super::family::Family;
use super::keys::Tested;
use crate::filter::{PastChange, Was};
use roaring::RoaringBitmap;
use std::hash::Hash;

/// Whether an issue always has exactly one value of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Has {
    AlwaysOne,
    AnyNumber,
}

impl Evaluation<'_> {
    /// The issues that had a value that passes, once or still; a change passes for none.
    pub(super) fn had(&self, change: &PastChange) -> RoaringBitmap {
        if change.is_had() { self.ever(change) } else { RoaringBitmap::new() }
    }

    /// The issues that may pass a test of their past: all that pass are among them.
    pub(super) fn ever(&self, change: &PastChange) -> RoaringBitmap {
        use Has::{AlwaysOne, AnyNumber};
        let sets = &self.view.sets;
        match change {
            PastChange::State(was) => self.once(&sets.state, &sets.past_state, was, AlwaysOne),
            PastChange::Category(was) => self.once(&sets.category, &sets.past_category, was, AlwaysOne),
            PastChange::Priority(was) => self.once(&sets.priority, &sets.past_priority, was, AlwaysOne),
            PastChange::Kind(was) => self.once(&sets.kind, &sets.past_kind, was, AlwaysOne),
            PastChange::Resolution(was) => self.once(&sets.resolution, &sets.past_resolution, was, AnyNumber),
            PastChange::Assignee(was) => self.once(&sets.assignee, &sets.past_assignee, was, AnyNumber),
            PastChange::Label(was) => self.once(&sets.label, &sets.past_label, was, AnyNumber),
        }
    }

    fn once<K: Copy + Eq + Hash, T: Tested<K>>(
        &self,
        present: &Family<K>,
        past: &Family<K>,
        was: &Was<T>,
        has: Has,
    ) -> RoaringBitmap {
        let left = |test: &T| past.passing(test.ready(&self.q));
        let had = |test: &T| left(test) | present.passing(test.ready(&self.q));
        match was {
            Was::Had(test) => had(test),
            // What changed was left, and is remembered.
            Was::Changed { from, to } if has == Has::AlwaysOne => {
                let from = from.as_ref().map_or_else(|| past.any(), left);
                to.as_ref().map_or_else(|| from.clone(), |to| had(to) & &from)
            }
            // Here one may come from nothing, which is not remembered, and leave for nothing.
            Was::Changed { from, to } => {
                let any = || past.any() | present.any();
                let from = match from {
                    Some(test) if !test.passes_missing() => left(test),
                    _ => any(),
                };
                match to {
                    None => from,
                    Some(test) if test.passes_missing() => (had(test) | past.any()) & from,
                    Some(test) => had(test) & from,
                }
            }
        }
    }
}
