use super::*;

const ANA: Target<'static> = Target { company: "acme", account: "ana@acme.test" };

fn source(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

fn guesses() -> Guesses {
    Guesses::of_passwords([7; 32])
}

/// Tries until it must wait, as often as it may; answers how often and how long the wait is.
fn until_refused(guesses: &Guesses, source: Option<IpAddr>, now_ms: i64) -> (u32, Duration) {
    for tries in 0..1_000 {
        if let Err(Wait(wait)) = guesses.begin(&ANA, source, false, now_ms) {
            return (tries, wait);
        }
    }
    panic!("never refused");
}

#[test]
fn who_fails_waits_longer_each_time_and_never_longer_than_a_quarter_of_an_hour() {
    let guesses = guesses();
    assert_eq!(until_refused(&guesses, source(1), 0), (5, Duration::from_secs(1)));
    let mut now = 0;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let Wait(wait) = guesses.begin(&ANA, source(1), false, now).unwrap_err();
        now += wait.as_millis() as i64;
        waits.push(wait.as_secs());
        let _ = guesses.begin(&ANA, source(1), false, now).unwrap();
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
}

#[test]
fn ten_thousand_guesses_from_one_place_get_nowhere_and_lock_nobody_out() {
    let guesses = guesses();
    let tried = (0..10_000).filter(|now| guesses.begin(&ANA, source(1), false, *now).is_ok()).count();
    // Ten seconds: five at once, then after 1, 2 and 4 seconds.
    assert_eq!(tried, 8);
    assert!(guesses.begin(&ANA, source(2), false, 10_000).is_ok(), "from elsewhere she gets in");
}

#[test]
fn an_account_under_attack_from_everywhere_is_slowed_but_open_where_its_owner_has_been() {
    let guesses = guesses();
    let tried = (0..200_u8).filter(|at| guesses.begin(&ANA, source(*at), false, 0).is_ok()).count();
    assert_eq!(tried, 100);
    let Wait(wait) = guesses.begin(&ANA, source(201), false, 0).unwrap_err();
    assert!(wait <= Duration::from_secs(60), "{wait:?}");
    assert!(guesses.begin(&ANA, source(202), true, 0).is_ok());
}

#[test]
fn a_right_try_is_given_back_and_forgets_the_failures_before_it() {
    let guesses = guesses();
    for _ in 0..4 {
        let _ = guesses.begin(&ANA, source(1), false, 0).unwrap();
    }
    let right = guesses.begin(&ANA, source(1), false, 0).unwrap();
    guesses.succeeded(&right);
    assert_eq!(until_refused(&guesses, source(1), 0).0, 5);
}

#[test]
fn signing_in_to_an_account_of_ones_own_does_not_make_a_source_innocent() {
    let guesses = guesses();
    let own = Target { company: "acme", account: "mallory@acme.test" };
    let mut failed = 0;
    for n in 0..200 {
        let account = format!("victim{n}@acme.test");
        failed += i32::from(guesses.begin(&Target { account: &account, ..ANA }, source(1), false, 0).is_ok());
        if let Ok(right) = guesses.begin(&own, source(1), false, 0) {
            guesses.succeeded(&right);
        }
    }
    assert_eq!(failed, 50);
}

#[test]
fn the_case_of_a_name_and_the_host_part_of_an_ipv6_address_make_no_new_ones() {
    let guesses = guesses();
    let shouted = Target { company: "ACME ", account: " Ana@ACME.test" };
    for host in 1..=5_u16 {
        let from = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
        let _ = guesses.begin(if host % 2 == 0 { &ANA } else { &shouted }, Some(from), false, 0).unwrap();
    }
    assert!(guesses.begin(&ANA, Some(IpAddr::from([0x2001, 0xdb8, 0, 1, 9, 9, 9, 9])), false, 0).is_err());
    assert!(guesses.begin(&ANA, Some(IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1])), false, 0).is_ok());
}

#[test]
fn where_nobody_knows_the_source_only_the_account_counts() {
    let guesses = guesses();
    assert_eq!(until_refused(&guesses, None, 0), (100, Duration::from_secs(1)));
    let bob = Target { account: "bob@acme.test", ..ANA };
    assert!(guesses.begin(&bob, None, false, 0).is_ok());
}

#[test]
fn failures_are_forgotten_in_time() {
    let guesses = guesses();
    assert_eq!(until_refused(&guesses, source(1), 0).0, 5);
    let hours = 60 * MINUTE_MS;
    assert_eq!(until_refused(&guesses, source(1), 3 * hours).0, 5);
}

#[test]
fn many_names_take_no_more_memory_and_slow_down_nobody_else() {
    let guesses = guesses();
    let before = guesses.tables.lock().pairs.rows.each_ref().map(Vec::len);
    for n in 0..20_000_u32 {
        let account = format!("{n}@acme.test");
        let _ = guesses.begin(
            &Target { account: &account, ..ANA },
            Some(IpAddr::from(n.to_be_bytes())),
            false,
            0,
        );
    }
    assert_eq!(guesses.tables.lock().pairs.rows.each_ref().map(Vec::len), before);
    assert!(guesses.begin(&ANA, source(1), true, 0).is_ok());
}

#[test]
fn a_typo_every_few_minutes_from_one_office_keeps_nobody_waiting() {
    let guesses = guesses();
    for n in 0..1_000_i64 {
        let account = format!("{n}@acme.test");
        let target = Target { account: &account, ..ANA };
        assert!(guesses.begin(&target, source(1), false, n * 14 * MINUTE_MS).is_ok(), "typo {n}");
    }
}

#[test]
fn new_failures_do_not_put_off_the_forgetting_of_old_ones() {
    let guesses = guesses();
    for n in 0..40 {
        let account = format!("{n}@acme.test");
        let _ = guesses.begin(&Target { account: &account, ..ANA }, source(1), false, 0).unwrap();
    }
    // Forty in a minute, and then one a quarter of an hour for as long as it takes to forget them: the last alone is left.
    for n in 1..=8 {
        let account = format!("later{n}@acme.test");
        let at = n * 15 * MINUTE_MS;
        let _ = guesses.begin(&Target { account: &account, ..ANA }, source(1), false, at).unwrap();
    }
    let mut more = 0;
    while guesses
        .begin(&Target { account: &format!("x{more}"), ..ANA }, source(1), false, 120 * MINUTE_MS)
        .is_ok()
    {
        more += 1;
    }
    assert_eq!(more, 50 - 1);
}

#[test]
fn a_try_that_was_withdrawn_has_cost_nothing() {
    let guesses = guesses();
    for _ in 0..3 {
        let _ = guesses.begin(&ANA, source(1), false, 0).unwrap();
    }
    for _ in 0..200 {
        let tried = guesses.begin(&ANA, source(1), false, 0).unwrap();
        guesses.withdrawn(&tried);
    }
    assert_eq!(until_refused(&guesses, source(1), 0).0, 2, "what failed before still counts");
}

#[test]
fn asking_first_says_what_trying_would_and_charges_nothing() {
    let guesses = guesses();
    for _ in 0..100 {
        assert!(guesses.ask(&ANA, source(1), 0).is_ok());
    }
    assert_eq!(until_refused(&guesses, source(1), 0), (5, Duration::from_secs(1)));
    assert_eq!(guesses.ask(&ANA, source(1), 0), Err(Wait(Duration::from_secs(1))));
    assert!(guesses.ask(&ANA, source(2), 0).is_ok());
}
