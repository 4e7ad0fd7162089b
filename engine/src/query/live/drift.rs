//! Whether time alone changes what passes a filter, and how finely.

use crate::filter::{
    Anchor, Asking, CommentTest, Compare, Day, DurationField, Filter, HistoryTest, Moment, Offset, Test,
    Unit, When,
};
use crate::time::Timestamp;
use std::cell::Cell;

/// How long a list whose times are counted from now may lag behind, in milliseconds.
const MINUTE_MS: i64 = 60 * 1000;

/// See the module; the finest of what the filter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Drift {
    /// It does not.
    Never,
    /// When a day ends.
    Daily,
    /// At any moment.
    Always,
}

impl Drift {
    pub(super) fn of(filter: &Filter) -> Self {
        let mut finest = Self::Never;
        filter.each_test(&mut |test| {
            finest = finest.max(Self::of_test(test));
            true
        });
        finest
    }

    fn of_test(test: &Test) -> Self {
        match test {
            Test::Time(_, compare) => Self::of_times(compare),
            Test::Date(_, compare) => finest(compare, |day: &Day| match day {
                Day::On(_) => Self::Never,
                Day::Relative(moment) if moment.anchor == Anchor::Now && moment.offset.has_time() => {
                    Self::Always
                }
                Day::Relative(_) => Self::Daily,
            }),
            Test::Duration(DurationField::Age | DurationField::InState, _) => Self::Always,
            Test::Comments(many) => many.tests().iter().fold(Self::Never, |drift, test| match test {
                CommentTest::Created(compare) => drift.max(Self::of_times(compare)),
                CommentTest::Author(_) => drift,
            }),
            // What an issue has still, it has for longer and longer.
            Test::History(HistoryTest { change, during: Some(_), .. }) if change.is_had() => Self::Always,
            Test::History(HistoryTest { during: Some(during), .. }) => Self::of_times(during),
            _ => Self::Never,
        }
    }

    fn of_times(compare: &Compare<When>) -> Self {
        finest(compare, |when| match when {
            When::At(_) => Self::Never,
            When::Relative(moment) if moment.anchor == Anchor::Now => Self::Always,
            When::Relative(_) => Self::Daily,
        })
    }

    /// When to look again.
    pub(super) fn next_check_at(self, asking: &Asking) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::Always => Some(asking.now.plus_millis(MINUTE_MS)),
            Self::Daily => {
                let tomorrow = Moment {
                    anchor: Anchor::StartOf(Unit::Day),
                    offset: Offset::new(false, 0, 1, 0).unwrap_or_default(),
                };
                Some(When::Relative(tomorrow).settle(asking).max(asking.now.plus_millis(1)))
            }
        }
    }
}

/// The finest drift of the values of a test.
fn finest<T>(compare: &Compare<T>, of: impl Fn(&T) -> Drift) -> Drift {
    let drift = Cell::new(Drift::Never);
    compare.map(|value| drift.set(drift.get().max(of(value))));
    drift.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{DateField, TimeField};

    fn asking() -> Asking {
        Asking::at("2026-11-25T13:30:00Z".parse().unwrap())
    }

    #[track_caller]
    fn check(test: Test, expected: Option<&str>) {
        let filter = Filter::Not(Box::new(Filter::Any(vec![test.into()])));
        let at = Drift::of(&filter).next_check_at(&asking());
        assert_eq!(at.map(|at| at.to_string()).as_deref(), expected, "{filter:?}");
    }

    #[test]
    fn a_list_is_looked_at_again_when_time_can_have_moved_it() {
        let created = |text: &str| Test::Time(TimeField::Created, Compare::Gte(text.parse().unwrap()));
        let due = |text: &str| Test::Date(DateField::Due, Compare::Lt(text.parse().unwrap()));
        check(created("2026-01-01T00:00:00Z"), None);
        check(created("-P2W"), Some("2026-11-25T13:31:00.000Z"));
        check(created("startOfWeek"), Some("2026-11-26T00:00:00.000Z"));
        check(due("2026-01-01"), None);
        check(due("now"), Some("2026-11-26T00:00:00.000Z"));
        check(due("P7D"), Some("2026-11-26T00:00:00.000Z"));
        check(due("PT36H"), Some("2026-11-25T13:31:00.000Z"));
        check(Test::Duration(DurationField::Age, Compare::Null(false)), Some("2026-11-25T13:31:00.000Z"));
        check(Test::Duration(DurationField::Cycle, Compare::Null(false)), None);
    }
}
