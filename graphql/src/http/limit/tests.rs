//! The limits as sentences, at a time that stands still until it is moved.

use std::sync::atomic::AtomicU64;

use governor::state::StateStore as _;
use http::{StatusCode, header};

use super::*;

const SECOND: u64 = 1_000_000_000;

/// A limiter and the hand of its clock.
struct Still {
    limiter: Limiter,
    hand: Arc<AtomicU64>,
}

impl Still {
    fn with(change: impl FnOnce(&mut RateLimits)) -> Self {
        let mut options = RateLimits::default();
        change(&mut options);
        let hand = Arc::new(AtomicU64::new(SECOND));
        let read = Arc::clone(&hand);
        let limiter = Limiter::new(options, Ticks::from_fn(move || read.load(Ordering::Relaxed)));
        Self { limiter, hand }
    }

    fn new() -> Self {
        Self::with(|_| {})
    }

    fn wait(&self, nanos: u64) {
        self.hand.fetch_add(nanos, Ordering::Relaxed);
    }

    /// Asks so often at once, and answers how often it was let in.
    fn ask(&self, account: Account, times: u32) -> u32 {
        (0..times).map(|_| u32::from(self.limiter.enter(Some(account)).is_ok())).sum()
    }
}

fn company(key: u64, burst: u32, cost: u32) -> Account {
    Account { key, burst_per_second: NonZeroU32::new(burst), cost_per_second: NonZeroU32::new(cost) }
}

fn ip(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

#[track_caller]
fn assert_limited(refusal: &Refusal, wait_s: u64) {
    assert_eq!(refusal.status, StatusCode::TOO_MANY_REQUESTS);
    let (_, wait) = refusal.headers.iter().find(|(name, _)| name == header::RETRY_AFTER).unwrap();
    assert_eq!(wait.to_str().unwrap(), wait_s.to_string());
}

#[test]
fn a_burst_is_let_in_and_then_one_request_for_each_part_of_a_second() {
    let still = Still::new();
    let basic = company(1, 10, 500);
    assert_eq!(still.ask(basic, 25), 10);
    still.wait(SECOND / 10);
    assert_eq!(still.ask(basic, 25), 1);
    still.wait(SECOND);
    assert_eq!(still.ask(basic, 25), 10);
    let refusal = still.limiter.enter(Some(basic)).err().unwrap();
    assert_limited(&refusal, 1);
}

#[test]
fn a_company_at_ten_times_its_limit_leaves_the_others_alone() {
    let still = Still::new();
    let (loud, quiet) = (company(1, 10, 500), company(2, 10, 500));
    let (mut let_in, mut refused) = (0, 0);
    for _ in 0..100 {
        still.wait(SECOND / 10);
        let_in += still.ask(loud, 10);
        refused += 1 - still.ask(quiet, 1);
    }
    assert_eq!(refused, 0, "the quiet one stays within its limit");
    assert!((100..=110).contains(&let_in), "the loud one gets what it has bought: {let_in}");
}

#[test]
fn another_tier_is_another_limit_at_once() {
    let still = Still::new();
    assert_eq!(still.ask(company(1, 10, 500), 100), 10);
    assert_eq!(still.ask(company(1, 50, 2_500), 100), 50);
    assert_eq!(still.limiter.0.accounts.len(), 1);
}

#[test]
fn requests_of_a_company_at_once_are_bounded_and_a_place_is_free_when_one_is_answered() {
    let still = Still::with(|options| options.at_work_per_account_max = 3);
    let company = company(1, 1_000, 500);
    let passes: Vec<Pass> = (0..3).map(|_| still.limiter.enter(Some(company)).ok().unwrap()).collect();
    assert_limited(&still.limiter.enter(Some(company)).err().unwrap(), 1);
    drop(passes);
    assert_eq!(still.ask(company, 10), 10, "each is answered before the next");
}

#[test]
fn strangers_at_work_are_bounded_by_address_and_all_together_and_leave_nothing_behind() {
    let still = Still::with(|options| {
        options.at_work_per_address_max = 2;
        options.strangers_at_work_max = 3;
    });
    let enter = |address: &str| still.limiter.stranger(ip(address));
    let first: Vec<Pass> = (0..2).map(|_| enter("203.0.113.7").ok().unwrap()).collect();
    assert_limited(&enter("203.0.113.7").err().unwrap(), 1);
    let other = enter("203.0.113.8").ok().unwrap();
    assert_eq!(enter("203.0.113.9").err().unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(still.limiter.enter(Some(company(1, 10, 500))).is_ok(), "who is known has a place");
    drop((first, other));
    assert_eq!(still.limiter.0.strangers.addresses(), 0);
    assert!(enter("203.0.113.7").is_ok());
}

#[test]
fn requests_of_strangers_that_have_their_place_elsewhere_take_points_and_no_place() {
    let still = Still::with(|options| options.strangers_at_work_max = 0);
    let asks = (0..10_000).filter(|_| still.limiter.asking(ip("203.0.113.7")).is_ok()).count();
    assert_eq!(asks, 3_000);
    assert_limited(&still.limiter.asking(ip("203.0.113.7")).err().unwrap(), 1);
    assert!(still.limiter.asking(ip("203.0.113.8")).is_ok(), "another address has its own");
}

#[test]
fn work_is_taken_before_and_corrected_after() {
    let still = Still::new();
    let pass = still.limiter.enter(Some(company(1, 10, 500))).ok().unwrap();
    let budget = || pass.standing().unwrap().currently_available;
    assert_eq!(budget(), 10_000);
    pass.reserve(8_000).ok().unwrap();
    assert_limited(&pass.reserve(4_000).err().unwrap(), 4);
    pass.settle(8_000, 100);
    assert_eq!(budget(), 9_900);
    assert_eq!(pass.reserve(10_001).err().unwrap().status, StatusCode::BAD_REQUEST);
}

#[test]
fn sign_ins_from_one_address_are_bounded_and_another_address_signs_in() {
    let still = Still::new();
    let attack = ip("203.0.113.7");
    let tries = (0..10_000).filter(|_| still.limiter.proving(attack, 1).is_ok()).count();
    assert_eq!(tries, 60);
    assert_limited(&still.limiter.proving(attack, 1).err().unwrap(), 1);
    assert!(still.limiter.proving(ip("203.0.113.8"), 1).is_ok());
    still.wait(SECOND);
    assert!(still.limiter.proving(attack, 1).is_ok());
    assert!(still.limiter.proving(attack, 1).is_err());
}

#[test]
fn many_sign_ins_in_one_document_are_as_many() {
    let still = Still::new();
    assert!(still.limiter.proving(ip("::1"), 40).is_ok());
    assert_limited(&still.limiter.proving(ip("::1"), 40).err().unwrap(), 20);
    assert_eq!(still.limiter.proving(ip("::1"), 200).err().unwrap().status, StatusCode::BAD_REQUEST);
}

#[test]
fn whoever_has_a_network_of_64_bits_is_one() {
    let still = Still::new();
    let tries = (0..1_000).filter(|n| still.limiter.proving(ip(&format!("2001:db8::{n:x}")), 1).is_ok());
    assert_eq!(tries.count(), 60);
}

#[test]
fn a_limiter_that_is_off_limits_nobody_but_strangers_at_work() {
    let still = Still::with(|options| {
        options.on = false;
        options.at_work_per_address_max = 2;
    });
    assert_eq!(still.ask(company(1, 1, 1), 100), 100);
    assert!((0..100_000).all(|_| still.limiter.stranger(ip("::1")).is_ok()));
    assert!((0..1_000).all(|_| still.limiter.proving(ip("::1"), 1).is_ok()));
    let _passes: Vec<Pass> = (0..2).map(|_| still.limiter.stranger(ip("::1")).ok().unwrap()).collect();
    assert_limited(&still.limiter.stranger(ip("::1")).err().unwrap(), 1);
}

#[test]
fn all_whose_address_is_not_known_share_what_a_hundred_addresses_may() {
    let still = Still::new();
    let tries = (0..10_000).filter(|_| still.limiter.proving(None, 1).is_ok()).count();
    assert_eq!(tries, 60 * 100);
    assert_limited(&still.limiter.proving(None, 1).err().unwrap(), 1);
    assert!(still.limiter.proving(ip("203.0.113.8"), 1).is_ok());
}

#[test]
fn a_network_of_48_bits_is_not_as_many_addresses_as_it_has_networks_of_64() {
    let still = Still::new();
    let from = |n: u32| ip(&format!("2001:db8:0:{n:x}::1"));
    let tries: usize =
        (0..1_000).map(|n| (0..60).filter(|_| still.limiter.proving(from(n), 1).is_ok()).count()).sum();
    assert_eq!(tries, 60 * 100);
    assert!(still.limiter.proving(ip("2001:db8:1::1"), 1).is_ok(), "another network");
}

#[test]
fn an_office_refreshes_its_sessions_while_somebody_in_it_guesses_and_somebody_asks_as_nobody() {
    let still = Still::new();
    let office = ip("203.0.113.7");
    let spend = || {
        while still.limiter.proving(office, 1).is_ok() {}
        while still.limiter.bad_credentials(office, None).is_ok() {}
    };
    spend();
    // As many as 3,000 people refresh in ten minutes, each by a request of its own.
    for second in 0..50 {
        spend();
        for _ in 0..5 {
            assert!(still.limiter.stranger(office).is_ok(), "second {second}");
            assert!(still.limiter.refreshing(office, 1).is_ok(), "second {second}");
        }
        still.wait(SECOND);
    }
    while still.limiter.stranger(office).is_ok() {}
    assert!(still.limiter.proving(office, 1).is_ok(), "points of one purpose are not those of another");
}

#[test]
fn credentials_are_not_looked_at_once_too_many_did_not_hold_but_those_that_held_lately_are() {
    let still = Still::new();
    let (attack, limiter) = (ip("203.0.113.7"), &still.limiter);
    let (good, bad) = (HeaderValue::from_static("Bearer good"), HeaderValue::from_static("Bearer bad"));
    limiter.good_credentials(&good);
    let mut tries = 0;
    while limiter.may_show(attack, &bad).is_ok() {
        tries += 1;
        assert!(limiter.bad_credentials(attack, Some(&bad)).is_ok());
    }
    assert_eq!(tries, 300);
    assert_limited(&limiter.may_show(attack, &bad).err().unwrap(), 1);
    assert!(limiter.may_show(attack, &good).is_ok(), "who works there goes on");
    assert!(limiter.may_show(ip("203.0.113.8"), &bad).is_ok());
    let _ = limiter.bad_credentials(attack, Some(&good));
    assert!(limiter.may_show(attack, &good).is_err(), "it holds no longer");
    still.wait(SECOND);
    assert!(limiter.may_show(attack, &bad).is_ok());
}

#[test]
fn newcomers_find_room_when_those_who_fill_the_store_have_their_points_again() {
    let still = Still::with(|options| options.addresses_max = 1_000);
    let from = |n: u32| ip(&std::net::Ipv4Addr::from(n).to_string());
    for n in 0..20_000 {
        let _ = still.limiter.stranger(from(n));
    }
    // A second later all of them have everything again, and are still remembered.
    still.wait(SECOND);
    let let_in = (100_000..100_500).filter(|n| still.limiter.proving(from(*n), 60).is_ok()).count();
    assert_eq!(let_in, 500, "each has points of its own");
}

#[test]
fn a_million_addresses_take_no_more_room_than_the_bound_and_get_no_more_than_they_may() {
    let still = Still::with(|options| options.addresses_max = 10_000);
    let addresses = &still.limiter.0.addresses;
    let (mut let_in, points) = (0_u64, NonZeroU32::new(6_000).unwrap());
    for n in 0..1_000_000_u64 {
        let_in += u64::from(addresses.take_of(0x2001_0db8_0000_0000 + n, points));
    }
    assert!(addresses.len() <= 10_000, "{}", addresses.len());
    // Those that found no room share what one address may, in each part of the store.
    assert!(let_in <= 10_000 + 16, "{let_in}");
    still.wait(61 * SECOND);
    still.limiter.0.tidy();
    assert_eq!(addresses.len(), 0, "who is quiet for a minute is forgotten");
}

#[test]
fn a_key_that_is_known_keeps_its_time_when_the_store_is_full() {
    let store = store::Capped::new(16, Ticks::from_fn(|| 0));
    let put = |key: u64, time: u64| {
        let key = (key, Purpose::Asking);
        store
            .measure_and_replace(&key, |before| Ok::<_, ()>((before, governor::nanos::Nanos::from(time))))
            .unwrap()
    };
    // The last thousand find no room, so that no part's common time is that of one of the first hundred.
    (0..1_100_u64).for_each(|key| {
        put(key, 7 + key);
    });
    let known =
        (0..100_u64).filter(|key| put(*key, 1) == Some(governor::nanos::Nanos::from(7 + key))).count();
    assert!((1..=16).contains(&known), "{known}");
}

#[test]
fn companies_that_have_everything_again_are_forgotten_and_those_that_owe_are_not() {
    let still = Still::new();
    for key in 0..100 {
        still.ask(company(key, 10, 500), 1);
    }
    let debtor = still.limiter.enter(Some(company(7, 10, 500))).ok().unwrap();
    debtor.settle(0, 40_000);
    drop(debtor);
    still.wait(21 * SECOND);
    still.limiter.0.tidy();
    assert_eq!(still.limiter.0.accounts.len(), 1);
    still.wait(100 * SECOND);
    still.limiter.0.tidy();
    assert_eq!(still.limiter.0.accounts.len(), 0);
}

#[test]
fn more_companies_than_fit_take_no_more_room_than_the_bound() {
    let still = Still::with(|options| options.accounts_max = 10_000);
    let let_in: u32 = (0..200_000).map(|key| still.ask(company(key, 10, 500), 1)).sum();
    assert_eq!((let_in, still.limiter.0.accounts.len()), (10_000, 10_000));
}

#[test]
fn more_companies_than_fit_are_told_to_come_back() {
    let still = Still::with(|options| options.accounts_max = 2);
    assert_eq!((0..3).map(|key| still.ask(company(key, 10, 500), 1)).collect::<Vec<_>>(), [1, 1, 0]);
    still.wait(30 * SECOND);
    assert_eq!(still.ask(company(3, 10, 500), 1), 1);
}

#[test]
fn the_headers_say_what_is_left_and_of_what() {
    let calls = Calls {
        limit: Some(1_000),
        used: 387,
        resets_at_ms: 0,
        resets_in: std::time::Duration::from_secs(30_211),
    };
    let burst = Burst { per_second: 10, remaining: 9 };
    let mut headers = http::HeaderMap::new();
    Standing { burst: Some(burst), calls: Some(calls), ..Standing::default() }.put(&mut headers);
    assert_eq!(headers["ratelimit-policy"], "\"burst\";q=10;w=1, \"daily\";q=1000;w=86400");
    assert_eq!(headers["ratelimit"], "\"burst\";r=9;t=1, \"daily\";r=613;t=30211");
    let mut headers = http::HeaderMap::new();
    let unlimited = Calls { limit: None, ..calls };
    Standing { calls: Some(unlimited), ..Standing::default() }.put(&mut headers);
    assert!(headers.is_empty(), "{headers:?}");
}
