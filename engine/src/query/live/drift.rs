//! Whether time alone changes what passes a filter, and how finely.

use crate::filter::{
    Anchor, Asking, CommentTest, Compare, Day, DurationField, Filter, HistoryTest, Moment, Offset, Test,
    Unit, When,
};
use crate::time::Timestamp;
use std::cell::{Cell, RefCell};

/// How long a list whose times are counted from now may lag behind, in milliseconds.
const MINUTE_MS: i64 = 60 * 1000;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drift {
    pace: Pace,
    /// Moments at which it changes once, beside that.
    moments: Vec<Timestamp>,
}

/// How finely time changes what passes: the finest of what the filter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pace {
    /// It does not.
    Never,
    /// When a day ends.
    Daily,
    /// At any moment.
    Always,
}

impl Drift {
    pub(super) fn of(filter: &Filter) -> Self {
        let mut drift = Self { pace: Pace::Never, moments: Vec::new() };
        filter.each_test(&mut |test| {
            drift.pace = drift.pace.max(Pace::of(test));
            if let Test::History(HistoryTest { change, during: Some(during), .. }) = test
                && change.is_had()
            {
                drift.moments.extend(moments(during));
            }
            true
        });
        drift
    }

    /// When to look again.
    pub(super) fn next_check_at(&self, asking: &Asking) -> Option<Timestamp> {
        let moment = self.moments.iter().copied().filter(|moment| *moment > asking.now).min();
        moment.into_iter().chain(self.pace.next_check_at(asking)).min()
    }
}

impl Pace {
    fn of(test: &Test) -> Self {
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
            Test::Comments(many) => many.tests().iter().fold(Self::Never, |pace, test| match test {
                CommentTest::Created(compare) => pace.max(Self::of_times(compare)),
                CommentTest::Author(_) => pace,
            }),
            // What an issue has still, it has until now, and now meets what moves with it anywhere in a day.
            Test::History(HistoryTest { change, during: Some(during), .. }) if change.is_had() => {
                finest(during, |when| if matches!(when, When::At(_)) { Self::Never } else { Self::Always })
            }
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

    fn next_check_at(self, asking: &Asking) -> Option<Timestamp> {
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

/// When what an issue has still begins to meet the fixed moments of a test: when they are just over.
fn moments(during: &Compare<When>) -> Vec<Timestamp> {
    let found = RefCell::new(Vec::new());
    during.map(|when| {
        if let When::At(at) = when {
            found.borrow_mut().push(at.plus_millis(1));
        }
    });
    found.into_inner()
}

/// The finest pace of the values of a test.
fn finest<T>(compare: &Compare<T>, of: impl Fn(&T) -> Pace) -> Pace {
    let pace = Cell::new(Pace::Never);
    compare.map(|value| pace.set(pace.get().max(of(value))));
    pace.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{DateField, PastChange, TimeField, Was};

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

    #[test]
    fn what_was_had_once_changes_when_the_moment_it_is_asked_of_comes() {
        let had = |during: Compare<&str>| {
            let change = PastChange::Priority(Was::Had(Compare::Null(false)));
            Test::History(HistoryTest {
                change,
                during: Some(during.map(|at| at.parse().unwrap())),
                by: None,
            })
        };
        check(had(Compare::Between("2026-01-01T00:00:00Z", "2026-03-31T23:59:59Z")), None);
        check(had(Compare::Gte("2026-12-01T00:00:00Z")), Some("2026-12-01T00:00:00.001Z"));
        let both = Compare::In(vec!["2026-01-01T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-24T00:00:00Z"]);
        check(had(both), Some("2026-11-30T00:00:00.001Z"));
        check(had(Compare::Lt("startOfDay")), Some("2026-11-25T13:31:00.000Z"));
    }
}
