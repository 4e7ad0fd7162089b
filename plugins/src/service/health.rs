//! How well an installation does: how often it failed of late, and when that is too often. It stops nothing.

use mortise_engine::time::Timestamp;

/// Failures in a row that are too many.
pub(crate) const IN_A_ROW_MAX: u32 = 20;

/// The runs that are looked back at; half of them failed is too many.
pub(crate) const LOOKED_BACK: u32 = 200;

/// Runs in a row that went well, after which one that failed too often is well again.
const WELL_AGAIN: u32 = 20;

/// How an installation did of late.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Health {
    /// Runs that failed, or wanted done what was refused, one after the other, up to the newest.
    #[n(0)]
    pub failures_in_a_row: u32,
    /// The newest runs, the latest as the lowest bit of the first: set where it failed.
    #[n(1)]
    recent: [u64; 4],
    /// How many of those there were, at most 200.
    #[n(2)]
    pub runs: u32,
    /// What the last failure was, in words.
    #[n(3)]
    pub last_failure: Option<String>,
    /// When it was.
    #[n(4)]
    pub last_failure_at: Option<Timestamp>,
    /// Since when it fails too often. It was disabled then; of a guard whose failing closes the gate, what it does by itself alone
    /// was stopped, and one that failed as it was asked stays. None again after 20 runs in a row that went well: what comes then
    /// is told anew.
    #[n(5)]
    pub failing_since: Option<Timestamp>,
    /// Why calls are passed by without asking it, in words; such as an entitlement that the company no longer has.
    #[n(6)]
    pub not_asked: Option<String>,
}

impl Health {
    /// Failures among the newest runs, at most 200.
    #[must_use]
    pub fn failures_of_last(&self) -> u32 {
        self.recent.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether it fails too often.
    #[must_use]
    pub fn is_unhealthy(&self) -> bool {
        let many = self.runs >= LOOKED_BACK && self.failures_of_last().saturating_mul(2) >= LOOKED_BACK;
        many || self.failures_in_a_row >= IN_A_ROW_MAX
    }

    /// Why it is to be stopped, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        let last = self.last_failure.as_deref().unwrap_or("no reason is known");
        if self.failures_in_a_row >= IN_A_ROW_MAX {
            format!("it failed {} times in a row; the last time: {last}", self.failures_in_a_row)
        } else {
            format!(
                "it failed {} of the last {} times; the last time: {last}",
                self.failures_of_last(),
                self.runs
            )
        }
    }

    /// Takes in how a run went: with why it failed, where it did.
    pub fn note(&mut self, failure: Option<&str>, at: Timestamp) {
        let mut carry = u64::from(failure.is_some());
        for word in &mut self.recent {
            let out = *word >> 63;
            *word = *word << 1 | carry;
            carry = out;
        }
        // 256 bits are there, and 200 count.
        if let Some(last) = self.recent.last_mut() {
            *last &= (1 << (LOOKED_BACK - 192)) - 1;
        }
        self.runs = self.runs.saturating_add(1).min(LOOKED_BACK);
        match failure {
            None => self.failures_in_a_row = 0,
            Some(why) => {
                self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
                self.last_failure = Some(why.to_owned());
                self.last_failure_at = Some(at);
            }
        }
        if self.is_well_again() {
            self.failing_since = None;
        }
    }

    /// Whether nothing is left of its failing. One that works now and then is not told of each time.
    fn is_well_again(&self) -> bool {
        let last: u64 = (1 << WELL_AGAIN) - 1;
        let well = self.runs >= WELL_AGAIN && self.recent.first().is_some_and(|newest| newest & last == 0);
        well && !self.is_unhealthy()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(runs: &[(u32, bool)]) -> Health {
        let mut health = Health::default();
        for (times, failed) in runs {
            (0..*times).for_each(|n| {
                health.note(failed.then_some("used too much"), Timestamp::from_millis(n.into()));
            });
        }
        health
    }

    #[test]
    fn twenty_failures_in_a_row_are_too_many() {
        assert!(!after(&[(19, true)]).is_unhealthy());
        assert!(!after(&[(19, true), (1, false), (19, true)]).is_unhealthy());
        let health = after(&[(20, true)]);
        assert!(health.is_unhealthy());
        assert_eq!(health.reason(), "it failed 20 times in a row; the last time: used too much");
    }

    #[test]
    fn a_spell_of_failing_ends_with_twenty_runs_that_go_well() {
        let since = Some(Timestamp::from_millis(7));
        let mut health = Health { failing_since: since, ..after(&[(20, true)]) };
        let mut go_on = |times: u32, failed: bool| {
            (0..times).for_each(|_| health.note(failed.then_some("x"), Timestamp::from_millis(9)));
            health.failing_since
        };
        assert_eq!(go_on(19, false), since);
        assert_eq!(go_on(1, true), since, "not yet");
        assert_eq!(go_on(19, false), since);
        assert_eq!(go_on(1, false), None);
        assert_eq!(go_on(19, true), None, "said by who looks at it, and not here");
        let mut health = Health { failing_since: since, ..after(&[(200, true)]) };
        (0..100).for_each(|_| health.note(None, Timestamp::from_millis(9)));
        assert_eq!(health.failing_since, since, "half of the last 200 have failed");
        health.note(None, Timestamp::from_millis(9));
        assert_eq!(health.failing_since, None);
    }

    #[test]
    fn half_of_the_last_two_hundred_are_too_many() {
        let alternating: Vec<(u32, bool)> = (0..200).map(|n| (1, n % 2 == 0)).collect();
        assert!(!after(&alternating[..198]).is_unhealthy(), "too few to tell");
        let health = after(&alternating);
        assert!(health.is_unhealthy());
        assert_eq!(health.failures_of_last(), 100);
        assert!(!after(&[(10, true), (200, false)]).is_unhealthy(), "what was long ago is forgotten");
        assert_eq!(after(&[(10, true), (200, false)]).failures_of_last(), 0);
    }
}
