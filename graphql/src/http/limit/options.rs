//! The numbers of the limits. How much a company may is no such number: it comes with its [`Account`](super::Account).

use std::num::NonZeroU32;

use super::prices::Prices;

/// How requests are limited. What a company has bought comes from the [`Authenticator`](crate::http::Authenticator).
#[derive(Debug, Clone)]
pub struct RateLimits {
    /// Whether bursts, work and addresses are limited at all, and requests of one account at work. Default: yes. Off, where
    /// something in front does it; calls of the day are counted nevertheless, and strangers at work are bounded.
    pub on: bool,
    /// Points that an address may use at once before anybody has signed in, for each of the four purposes below. Default:
    /// 6,000.
    pub address_points: NonZeroU32,
    /// Points that an address gets back in a second, for each purpose. Default: 100.
    pub address_points_per_second: NonZeroU32,
    /// As many addresses have the points of an IPv6 network of 48 bits, and those of all together whose address is not
    /// known. Default: 100.
    pub addresses_of_many: NonZeroU32,
    /// Points of a request without credentials. Default: 2, so that an address asks 3,000 times at once and then 50 times a
    /// second.
    pub stranger_points: NonZeroU32,
    /// Points of a field that proves who asks, such as one that signs in. Default: 100, so that an address signs in 60
    /// times at once and then once a second.
    pub proving_points: NonZeroU32,
    /// Points of a field that exchanges one token for another: nobody guesses those. Default: 10, so that an address
    /// refreshes 600 sessions at once and then ten a second.
    pub refreshing_points: NonZeroU32,
    /// Points of credentials that do not hold. Default: 20, so that an address shows 300 of them at once and then five a
    /// second. When they are spent nothing is looked at that is costly and did not hold lately.
    pub bad_credentials_points: NonZeroU32,
    /// Addresses that are remembered at once, at 50 bytes for each purpose. Default: 100,000. Those that come when it is
    /// full share what one of them may.
    pub addresses_max: usize,
    /// Accounts that are remembered at once, at 300 bytes each. Default: 100,000.
    pub accounts_max: usize,
    /// Requests of one account at work at once; beyond it 429. Default: 128, an eighth of
    /// [`in_flight_max`](crate::http::HttpLimits::in_flight_max), so that no company takes all places.
    pub at_work_per_account_max: u32,
    /// Requests of one address at work at once while nobody knows who asks; beyond it 429. Default: 32.
    pub at_work_per_address_max: u32,
    /// Requests of all addresses together at work at once while nobody knows who asks; beyond it 503. Default: 256, a
    /// quarter of [`in_flight_max`](crate::http::HttpLimits::in_flight_max), so that strangers who send slowly do not take
    /// the places of those who are known.
    pub strangers_at_work_max: u32,
    /// Seconds of its rate that an account's budget of work holds. Default: 20.
    pub budget_seconds: u32,
    /// Points of work of a mutation's root field, beside what it answers with; for each thing of the list `ids`, where it takes
    /// one. Default: 10.
    pub mutation_points: u64,
    /// Points of work of a request that is not valid. Default: 10.
    pub invalid_points: u64,
    /// What the schema's fields cost beside what they show. Default: nothing. They are not the operator's to choose: the API
    /// sets its own, whatever stands here.
    pub prices: Prices,
}

/// A number that is not zero.
const fn number(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            on: true,
            address_points: number(6_000),
            address_points_per_second: number(100),
            addresses_of_many: number(100),
            stranger_points: number(2),
            proving_points: number(100),
            refreshing_points: number(10),
            bad_credentials_points: number(20),
            addresses_max: 100_000,
            accounts_max: 100_000,
            at_work_per_account_max: 128,
            at_work_per_address_max: 32,
            strangers_at_work_max: 256,
            budget_seconds: 20,
            mutation_points: 10,
            invalid_points: 10,
            prices: Prices::default(),
        }
    }
}

impl RateLimits {
    /// No limits but those of the day.
    #[must_use]
    pub fn off() -> Self {
        Self { on: false, ..Self::default() }
    }
}
