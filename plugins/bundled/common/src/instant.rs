//! Instants as the contract writes them: `2026-01-31T09:00:00.000Z`. No time zones: those need a database.

/// Minutes from one instant to another, rounded down; 0 when one of them cannot be read.
#[must_use]
pub fn minutes_between(from: &str, to: &str) -> i64 {
    match (seconds(from), seconds(to)) {
        (Some(from), Some(to)) => (to - from).div_euclid(60),
        _ => 0,
    }
}

/// Seconds since 1970 of an instant.
#[must_use]
pub fn seconds(instant: &str) -> Option<i64> {
    let (date, time) = instant.split_once('T')?;
    let time = time.strip_suffix('Z')?;
    let mut date = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (time.next()?.parse::<i64>().ok()?, time.next()?.parse::<i64>().ok()?);
    let second = time.next()?.split('.').next()?.parse::<i64>().ok()?;
    Some(days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since 1970 in the calendar that is counted back to before it was used, as March is the first month of a year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_counted_from_1970() {
        assert_eq!(seconds("1970-01-01T00:00:00.000Z"), Some(0));
        assert_eq!(seconds("2026-01-31T09:00:00.000Z"), Some(1_769_850_000));
        assert_eq!(seconds("2024-02-29T23:59:59Z"), Some(1_709_251_199));
        assert_eq!(seconds("yesterday"), None);
    }

    #[test]
    fn minutes_pass() {
        assert_eq!(minutes_between("2026-01-31T23:59:00.000Z", "2026-02-01T00:01:00.000Z"), 2);
        assert_eq!(minutes_between("2026-01-31T09:00:00.000Z", "2026-01-31T08:59:59.999Z"), -1);
    }
}
