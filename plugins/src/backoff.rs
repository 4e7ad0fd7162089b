//! When something that failed is tried again: soon at first, then with growing delays, then no more.
//!
//! Chance comes in as a value, and so any delay can be computed again. It does not know what is tried.

use std::time::Duration;

/// Delays after the first, second, … attempt, in seconds.
const DELAYS: [u32; 8] = [10, 30, 2 * 60, 10 * 60, 30 * 60, 3600, 3 * 3600, 6 * 3600];

/// How long to wait after the attempt of this number (from 1) has failed; none when it was the last.
///
/// `chance` moves the delay by at most a tenth either way, so that what failed together does not come back together:
/// 0 is a tenth less, `u32::MAX` a tenth more.
#[must_use]
pub(crate) fn delay_after(attempt: u32, chance: u32) -> Option<Duration> {
    let place = usize::try_from(attempt.checked_sub(1)?).ok()?;
    let seconds = *DELAYS.get(place)?;
    let millis = u64::from(seconds) * 1000;
    // From 900 to 1100 thousandths.
    let thousandths = 900 + (u64::from(chance) * 200) / u64::from(u32::MAX);
    Some(Duration::from_millis(millis * thousandths / 1000))
}

/// The longest that [`delay_after`] has anybody wait after the attempt of this number.
#[must_use]
pub(crate) fn longest_after(attempt: u32) -> Duration {
    delay_after(attempt, u32::MAX).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn delays_grow_and_end() {
        let middle = u32::MAX / 2 + 1;
        let delays: Vec<u64> = (1..).map_while(|n| delay_after(n, middle)).map(|d| d.as_secs()).collect();
        assert_eq!(delays, [10, 30, 120, 600, 1800, 3600, 10_800, 21_600]);
        for never in [0, 9, 10, u32::MAX] {
            assert_eq!(delay_after(never, middle), None);
        }
    }

    #[test]
    fn the_ends_of_chance_are_a_tenth_apart_from_the_delay() {
        assert_eq!(delay_after(1, 0), Some(Duration::from_secs(9)));
        assert_eq!(delay_after(1, u32::MAX), Some(Duration::from_secs(11)));
    }

    proptest! {
        #[test]
        fn no_chance_moves_a_delay_by_more_than_a_tenth(attempt in 1..=8_u32, chance: u32) {
            let delay = delay_after(attempt, chance).unwrap().as_millis();
            let plain = u128::from(DELAYS[attempt as usize - 1]) * 1000;
            prop_assert!(delay * 10 >= plain * 9 && delay * 10 <= plain * 11);
        }
    }
}
