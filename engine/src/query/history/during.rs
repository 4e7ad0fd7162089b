//! Whether something that lasted met a moment that passes a test.

use crate::filter::Compare;
use crate::time::Timestamp;

/// A stretch of time, in whole milliseconds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    first: Timestamp,
    last: Timestamp,
}

impl Stretch {
    /// From one moment to just before another, or up to now. Whatever the ends say, the first moment is in it.
    pub(super) fn of(first: Timestamp, until: Option<Timestamp>, now: Timestamp) -> Self {
        Self { first, last: until.map_or(now, |until| until.plus_millis(-1)).max(first) }
    }

    /// Whether a moment of it passes.
    pub(super) fn meets(self, during: &Compare<Timestamp>) -> bool {
        let Self { first, last } = self;
        let holds = |at: &Timestamp| (first..=last).contains(at);
        match during {
            Compare::Eq(at) => holds(at),
            Compare::Neq(at) => first != last || first != *at,
            Compare::In(list) => list.iter().any(holds),
            Compare::Nin(list) => {
                let mut inside: Vec<_> = list.iter().filter(|at| holds(at)).collect();
                inside.sort_unstable();
                inside.dedup();
                let moments = i128::from(last.millis()) - i128::from(first.millis()) + 1;
                (inside.len() as i128) < moments
            }
            Compare::Lt(limit) => first < *limit,
            Compare::Lte(limit) => first <= *limit,
            Compare::Gt(limit) => last > *limit,
            Compare::Gte(limit) => last >= *limit,
            Compare::Between(low, high) => low <= high && first <= *high && *low <= last,
            Compare::Null(missing) => !missing,
        }
    }
}

/// The first moment that can pass; none when there is no such bound.
pub(in crate::query) fn since(during: &Compare<Timestamp>) -> Option<Timestamp> {
    match during {
        Compare::Eq(at) | Compare::Gte(at) | Compare::Between(at, _) => Some(*at),
        Compare::Gt(at) => Some(at.plus_millis(1)),
        Compare::In(list) => Some(list.iter().min().copied().unwrap_or(Timestamp::from_millis(i64::MAX))),
        Compare::Neq(_) | Compare::Nin(_) | Compare::Lt(_) | Compare::Lte(_) | Compare::Null(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn moment() -> impl Strategy<Value = Timestamp> + Clone {
        (0..12_i64).prop_map(at)
    }

    fn during() -> impl Strategy<Value = Compare<Timestamp>> {
        let list = || prop::collection::vec(moment(), 0..6);
        prop_oneof![
            moment().prop_map(Compare::Eq),
            moment().prop_map(Compare::Neq),
            list().prop_map(Compare::In),
            list().prop_map(Compare::Nin),
            moment().prop_map(Compare::Lt),
            moment().prop_map(Compare::Lte),
            moment().prop_map(Compare::Gt),
            moment().prop_map(Compare::Gte),
            (moment(), moment()).prop_map(|(low, high)| Compare::Between(low, high)),
            any::<bool>().prop_map(Compare::Null),
        ]
    }

    proptest! {
        #[test]
        fn a_stretch_meets_a_test_exactly_when_one_of_its_moments_passes(
            first in moment(), until in prop::option::of(moment()), now in moment(), during in during(),
        ) {
            let stretch = Stretch::of(first, until, now);
            let last = until.map_or(now.millis(), |until| until.millis() - 1).max(first.millis());
            let expected = (first.millis()..=last).any(|moment| during.passes(Some(&at(moment))));
            prop_assert_eq!(stretch.meets(&during), expected);
        }

        #[test]
        fn no_moment_before_the_bound_passes(during in during(), moment in moment()) {
            prop_assert!(since(&during).is_none_or(|since| moment >= since) || !during.passes(Some(&moment)));
        }
    }
}
