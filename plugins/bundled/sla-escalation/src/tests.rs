//! Business hours, and the steps that follow from them.

mod steps;

use crate::act::said;
use crate::calendar::Calendar;
use crate::settings::BusinessHours;

fn vienna(holidays: &[&str]) -> Calendar {
    let holidays = holidays.iter().map(|day| (*day).to_owned()).collect();
    Calendar::new(Some(&BusinessHours { holidays, ..BusinessHours::default() }), "Europe/Vienna")
}

fn minutes(calendar: &Calendar, from: &str, to: &str) -> i64 {
    calendar.minutes(&format!("{from}:00.000Z"), &format!("{to}:00.000Z"), i64::MAX)
}

#[test]
fn clocks_run_in_business_hours_only() {
    let calendar = vienna(&["2026-01-06"]);
    // In winter Vienna is an hour ahead: nine o'clock there is eight o'clock here.
    for (from, to, expected, why) in [
        ("2026-01-07T08:00", "2026-01-07T09:30", 90, "inside one day"),
        ("2026-01-07T05:00", "2026-01-07T09:00", 60, "from before it opens"),
        ("2026-01-07T15:00", "2026-01-07T20:00", 60, "until after it closes"),
        ("2026-01-09T15:00", "2026-01-12T09:00", 120, "over a weekend"),
        ("2026-01-05T15:30", "2026-01-07T08:30", 60, "over a holiday"),
        ("2026-01-10T08:00", "2026-01-11T20:00", 0, "on a weekend"),
        ("2026-01-07T09:00", "2026-01-07T08:00", 0, "backwards"),
        ("2026-03-27T08:00", "2026-03-30T07:30", 510, "over the night when clocks go forward"),
        ("2026-10-23T14:00", "2026-10-26T08:30", 90, "over the night when clocks go back"),
    ] {
        assert_eq!(minutes(&calendar, from, to), expected, "{why}");
    }
}

#[test]
fn without_business_hours_clocks_never_stand_still() {
    let calendar = Calendar::new(None, "Europe/Vienna");
    assert_eq!(minutes(&calendar, "2026-01-09T15:00", "2026-01-12T09:00"), 66 * 60);
    assert_eq!(calendar.minutes("never", "2026-01-12T09:00:00.000Z", i64::MAX), 0);
}

#[test]
fn hours_may_last_until_midnight_and_lie_elsewhere() {
    let hours = BusinessHours {
        days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(str::to_owned).to_vec(),
        from: "00:00".to_owned(),
        to: "24:00".to_owned(),
        zone: Some("Asia/Tokyo".to_owned()),
        ..BusinessHours::default()
    };
    let calendar = Calendar::new(Some(&hours), "UTC");
    assert_eq!(minutes(&calendar, "2026-01-01T00:00", "2026-01-03T00:00"), 2 * 24 * 60);
}

#[test]
fn what_is_enough_is_not_counted_much_further() {
    let calendar = vienna(&[]);
    let far = calendar.minutes("2020-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", 600);
    assert!((600..600 + 480).contains(&far), "{far}");
}

#[test]
fn minutes_are_said_as_people_do() {
    assert_eq!([said(5), said(60), said(90), said(0)], ["5 min", "1 h", "1 h 30 min", "0 min"]);
}
