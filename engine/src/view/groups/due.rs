//! How soon an issue is due, as people say it: overdue, today, this week. Days and weeks are those of who asks.

use crate::filter::{Anchor, Compare, DateField, Day, Moment, Offset, Test, Unit};
use crate::model::words;

words! {
    /// How soon an issue is due. A week begins on Monday.
    DueBucket {
        /// Before today, whether or not it is done.
        0 Overdue = "OVERDUE",
        /// Today.
        1 Today = "TODAY",
        /// Later this week.
        2 ThisWeek = "THIS_WEEK",
        /// In the week after this.
        3 NextWeek = "NEXT_WEEK",
        /// Later than that.
        4 Later = "LATER",
        /// Not at a certain day.
        5 None = "NONE",
    }
}

impl DueBucket {
    /// The test of the days that lie in it. It is relative, so that the list stays the same from day to day.
    pub(super) fn test(self) -> Test {
        let days = match self {
            Self::Overdue => Compare::Lt(day(Anchor::Now, 0)),
            Self::Today => Compare::Eq(day(Anchor::Now, 0)),
            Self::ThisWeek => Compare::Between(day(Anchor::Now, 1), day(Anchor::EndOf(Unit::Week), 0)),
            Self::NextWeek => {
                Compare::Between(day(Anchor::StartOf(Unit::Week), 7), day(Anchor::EndOf(Unit::Week), 7))
            }
            Self::Later => Compare::Gt(day(Anchor::EndOf(Unit::Week), 7)),
            Self::None => Compare::Null(true),
        };
        Test::Date(DateField::Due, days)
    }
}

fn day(anchor: Anchor, days_on: u32) -> Day {
    Day::Relative(Moment { anchor, offset: Offset::new(false, 0, days_on, 0).unwrap_or(Offset::NONE) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Asking;
    use crate::time::CalendarDate;

    #[test]
    fn every_day_lies_in_just_one_bucket_on_every_day_of_the_week() {
        for today in 20_000..20_007 {
            let asking = Asking::at(crate::time::Timestamp::from_millis(today * 86_400_000 + 3_600_000));
            for due in today - 20..today + 40 {
                let due = CalendarDate::from_days(due as i32);
                let holds = |bucket: &DueBucket| match bucket.test() {
                    Test::Date(_, days) => days.map(|day| day.settle(&asking)).passes(Some(&due)),
                    _ => false,
                };
                let found: Vec<_> = DueBucket::ALL.iter().filter(|bucket| holds(bucket)).collect();
                assert_eq!(found.len(), 1, "{due} of {today}: {found:?}");
            }
        }
    }
}
