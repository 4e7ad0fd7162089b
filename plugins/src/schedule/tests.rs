use super::*;
use proptest::prelude::*;

fn cron(text: &str) -> Cron {
    Cron::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next times, on the clocks of a zone.
fn next(text: &str, zone_name: &str, after: &str, count: usize) -> Vec<String> {
    let (cron, zone) = (cron(text), zone(zone_name).unwrap());
    let mut now = at(after);
    let mut found = Vec::new();
    for _ in 0..count {
        let Some(next) = cron.next_after(now, &zone) else { break };
        assert!(next > now);
        found.push(zone.to_offset(next).to_datetime(next).strftime("%a %Y-%m-%d %H:%M").to_string());
        now = next;
    }
    found
}

#[track_caller]
fn check(text: &str, after: &str, expected: &[&str]) {
    assert_eq!(next(text, "UTC", after, expected.len()), expected, "{text}");
}

#[test]
fn the_next_times_are_those_of_the_fields() {
    check("* * * * *", "2026-01-01T00:00:00Z", &["Thu 2026-01-01 00:01", "Thu 2026-01-01 00:02"]);
    check("* * * * *", "2026-01-01T00:00:59.999Z", &["Thu 2026-01-01 00:01"]);
    check("0 9 * * 1-5", "2026-01-02T09:00:00Z", &["Mon 2026-01-05 09:00", "Tue 2026-01-06 09:00"]);
    check("0 9 * * MON-FRI", "2026-01-02T08:59:59Z", &["Fri 2026-01-02 09:00", "Mon 2026-01-05 09:00"]);
    check("*/20 8-10/2 * * *", "2026-01-01T08:30:00Z", &["Thu 2026-01-01 08:40", "Thu 2026-01-01 10:00"]);
    check("5,10 0 1 jan,JUL *", "2026-01-01T00:05:00Z", &["Thu 2026-01-01 00:10", "Wed 2026-07-01 00:05"]);
    check("59 23 31 12 *", "2026-12-31T23:59:00Z", &["Fri 2027-12-31 23:59"]);
    check("0 0 29 2 *", "2026-01-01T00:00:00Z", &["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00"]);
    check("0 0 29 2 *", "2096-03-01T00:00:00Z", &["Fri 2104-02-29 00:00"]);
    check("0 0 31 * *", "2026-01-31T00:00:00Z", &["Tue 2026-03-31 00:00", "Sun 2026-05-31 00:00"]);
    check("0 0 * * 7", "2026-01-01T00:00:00Z", &["Sun 2026-01-04 00:00", "Sun 2026-01-11 00:00"]);
    check("0 0 * * sat-sun", "2026-01-01T00:00:00Z", &["Sat 2026-01-03 00:00", "Sun 2026-01-04 00:00"]);
    check(
        "0 0 * * 5-7",
        "2026-01-01T00:00:00Z",
        &["Fri 2026-01-02 00:00", "Sat 2026-01-03 00:00", "Sun 2026-01-04 00:00"],
    );
}

#[test]
fn when_both_kinds_of_days_are_limited_either_is_enough() {
    check("0 0 13 * FRI", "2026-02-06T12:00:00Z", &["Fri 2026-02-13 00:00", "Fri 2026-02-20 00:00"]);
    check("0 0 10 * FRI", "2026-02-06T12:00:00Z", &["Tue 2026-02-10 00:00", "Fri 2026-02-13 00:00"]);
    check("0 0 */2 * FRI", "2026-02-06T12:00:00Z", &["Fri 2026-02-13 00:00", "Fri 2026-02-27 00:00"]);
    check("0 0 30 2 MON", "2026-02-24T00:00:00Z", &["Mon 2027-02-01 00:00"]);
}

#[test]
fn words_stand_for_common_schedules() {
    for (word, fields) in WORDS {
        assert_eq!(
            next(word, "UTC", "2026-05-05T05:05:00Z", 3),
            next(fields, "UTC", "2026-05-05T05:05:00Z", 3)
        );
    }
    assert_eq!(cron(" @Daily ").to_string(), "@Daily");
}

#[test]
fn what_is_no_schedule_is_refused_with_its_field() {
    for (text, why) in [
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("* * * * * *", "five fields"),
        ("@reboot", "five fields"),
        ("60 * * * *", "minute `60` is not 0 to 59"),
        ("* 24 * * *", "hour `24` is not 0 to 23"),
        ("* * 0 * *", "day of the month `0`"),
        ("* * 32 * *", "day of the month"),
        ("* * * 13 *", "month `13` is not 1 to 12, a name such as `JAN`"),
        ("* * * * 8", "day of the week `8`"),
        ("* * * * MOON", "day of the week `MOON`"),
        ("JAN * * * *", "minute `JAN`"),
        ("1,,2 * * * *", "minute"),
        ("5-1 * * * *", "runs backwards"),
        ("5/10 * * * *", "without a range: write `5-59/…`"),
        ("*/0 * * * *", "step"),
        ("*/60 * * * *", "step"),
        ("*/ * * * *", "step"),
        ("1-2-3 * * * *", "minute"),
        ("+1 * * * *", "minute"),
        ("-1 * * * *", "minute"),
        ("99999999999 * * * *", "minute"),
        ("** * * * *", "minute"),
        ("0 0 30 2 *", "never be due"),
        ("0 0 31 4,6,9,11 *", "never be due"),
        ("0 0 31 2-2 */2", "never be due"),
    ] {
        let error = Cron::parse(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
    assert!(Cron::parse(&format!("{} * * * *", "0,".repeat(100) + "0")).is_err());
}

#[test]
fn a_local_time_that_is_skipped_is_due_once_after_the_gap() {
    let vienna = |text, after, count| next(text, "Europe/Vienna", after, count);
    let before = "2026-03-28T12:00:00Z";
    assert_eq!(
        vienna("30 2 * * *", before, 3),
        ["Sun 2026-03-29 03:00", "Mon 2026-03-30 02:30", "Tue 2026-03-31 02:30"]
    );
    assert_eq!(vienna("*/15 2 * * *", before, 2), ["Sun 2026-03-29 03:00", "Mon 2026-03-30 02:00"]);
    assert_eq!(vienna("0 2,3 * * *", before, 2), ["Sun 2026-03-29 03:00", "Mon 2026-03-30 02:00"]);
    assert_eq!(
        vienna("0 1-4 * * *", "2026-03-29T00:00:00Z", 3),
        ["Sun 2026-03-29 03:00", "Sun 2026-03-29 04:00", "Mon 2026-03-30 01:00"]
    );
    // A whole day was left out.
    assert_eq!(
        next("0 12 * * *", "Pacific/Apia", "2011-12-29T20:00:00Z", 3),
        ["Thu 2011-12-29 12:00", "Sat 2011-12-31 00:00", "Sat 2011-12-31 12:00"]
    );
}

#[test]
fn a_local_time_that_is_repeated_is_due_once() {
    let vienna = |text, after, count| next(text, "Europe/Vienna", after, count);
    let before = "2026-10-24T12:00:00Z";
    assert_eq!(vienna("30 2 * * *", before, 2), ["Sun 2026-10-25 02:30", "Mon 2026-10-26 02:30"]);
    let zone = zone("Europe/Vienna").unwrap();
    let first = cron("30 2 * * *").next_after(at(before), &zone).unwrap();
    assert_eq!(first, at("2026-10-25T00:30:00Z"), "the first of the two");
    // In the hour that comes again, what it repeats has been.
    let again = at("2026-10-25T01:15:00Z");
    assert_eq!(cron("* * * * *").next_after(again, &zone), Some(at("2026-10-25T02:00:00Z")));
    assert_eq!(
        next("0 0 * * *", "America/Havana", "2026-10-31T12:00:00Z", 2),
        ["Sun 2026-11-01 00:00", "Mon 2026-11-02 00:00"]
    );
}

#[test]
fn the_newest_due_time_is_told_with_how_many_were_missed() {
    let utc = TimeZone::UTC;
    let due = |text: &str, last: &str, now: &str| cron(text).due(at(last), at(now), &utc);
    let told = |due_at: &str, missed| Some(Due { due_at: at(due_at), missed });
    assert_eq!(due("0 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:59:59Z"), None);
    assert_eq!(
        due("0 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
        told("2026-01-01T01:00:00Z", 0)
    );
    assert_eq!(
        due("0 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T05:30:00Z"),
        told("2026-01-01T05:00:00Z", 4)
    );
    assert_eq!(
        due("* * * * *", "2020-01-01T00:00:00Z", "2026-01-01T05:30:10Z"),
        told("2026-01-01T05:30:00Z", MISSED_MAX)
    );
    assert_eq!(
        due("* 0 1 1 *", "2024-06-01T00:00:00Z", "2026-05-01T00:00:00Z"),
        told("2026-01-01T00:59:00Z", 119)
    );
    assert_eq!(due("@daily", "2026-01-05T00:00:00Z", "2026-01-01T00:00:00Z"), None, "a clock that went back");
}

#[test]
fn the_ends_of_the_calendar_are_no_trap() {
    for zone in [TimeZone::UTC, zone("Pacific/Kiritimati").unwrap(), zone("America/Adak").unwrap()] {
        assert_eq!(cron("* * * * *").next_after(Timestamp::MAX, &zone), None);
        assert!(cron("@yearly").next_after(Timestamp::MIN, &zone).is_some());
        assert!(cron("@hourly").due(Timestamp::MIN, Timestamp::MAX, &zone).is_some());
    }
    assert!(zone("Europe/Wien").is_none() && zone("").is_none() && zone("../etc").is_none());
}

/// Whether a moment, at the full minute, is due by the words of the documentation, looked at without any cleverness: the
/// clock shows a fitting time for the first time, or it has just jumped over one.
fn is_due(cron: &Cron, zone: &TimeZone, moment: Timestamp) -> bool {
    let minute = SignedDuration::from_mins(1);
    let local = zone.to_datetime(moment);
    let before = zone.to_datetime(moment - minute);
    let fits = |time: DateTime| {
        has(cron.minutes, time.minute() as u32)
            && has(cron.hours, time.hour() as u32)
            && has(cron.months, time.month() as u32)
            && cron.fits_day(time.date())
    };
    let shown_before = (1..=180).any(|ago| zone.to_datetime(moment - minute * ago) == local);
    let mut jumped = before + minute;
    let mut jumped_over = false;
    while jumped < local {
        jumped_over |= fits(jumped);
        jumped += minute;
    }
    jumped_over || (fits(local) && !shown_before)
}

const ZONES: [(&str, &str); 8] = [
    ("UTC", "2026-02-28T00:00:00Z"),
    ("Europe/Vienna", "2026-03-28T20:00:00Z"),
    ("Europe/Vienna", "2026-10-24T20:00:00Z"),
    ("America/New_York", "2026-03-08T03:00:00Z"),
    ("America/New_York", "2026-11-01T03:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T10:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T10:00:00Z"),
    ("Asia/Kathmandu", "2026-12-31T12:00:00Z"),
];

fn field(most: u32, least: u32) -> impl Strategy<Value = String> {
    let number = least..=most;
    prop_oneof![
        2 => Just("*".to_owned()),
        2 => number.clone().prop_map(|n| n.to_string()),
        1 => (1..=most).prop_map(|step| format!("*/{step}")),
        1 => (number.clone(), number.clone()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (number.clone(), number).prop_map(|(a, b)| format!("{a},{b}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_next_times_are_those_that_a_walk_finds(
        minute in field(59, 0),
        hour in field(4, 0),
        day in prop_oneof![3 => Just("*".to_owned()), 1 => field(31, 1)],
        month in prop_oneof![5 => Just("*".to_owned()), 1 => field(12, 1)],
        weekday in prop_oneof![3 => Just("*".to_owned()), 1 => field(6, 0)],
        (zone_name, start) in prop::sample::select(ZONES.to_vec()),
    ) {
        let Ok(cron) = Cron::parse(&format!("{minute} {hour} {day} {month} {weekday}")) else { return Ok(()) };
        let (zone, start) = (zone(zone_name).unwrap(), at(start));
        let minutes = 20 * 60;
        let walked: Vec<Timestamp> = (1..=minutes)
            .map(|n| start + SignedDuration::from_mins(n))
            .filter(|moment| is_due(&cron, &zone, *moment))
            .collect();
        let end = start + SignedDuration::from_mins(minutes);
        let mut found = Vec::new();
        let mut now = start;
        while let Some(next) = cron.next_after(now, &zone).filter(|next| *next <= end) {
            found.push(next);
            now = next;
        }
        prop_assert_eq!(&found, &walked, "{} in {}", cron, zone_name);
        let due = cron.due(start, end, &zone).map(|due| (due.due_at, due.missed as usize));
        let expected = walked.last().map(|last| (*last, (walked.len() - 1).min(MISSED_MAX as usize)));
        prop_assert_eq!(due, expected);
    }

    #[test]
    fn no_text_panics(text in r"[*/,@A-Za-z0-9 -]{0,40}") {
        if let Ok(cron) = Cron::parse(&text) {
            let zone = zone("Australia/Lord_Howe").unwrap();
            let next = cron.next_after(at("2026-04-04T10:00:00Z"), &zone);
            prop_assert!(next.is_some());
        }
    }
}
