//! What is written of what was noted, and when.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + seconds * 1000)
}

fn failure(host: u32) -> SecurityNote {
    let client = Client { address: Some(IpAddr::V4(host.into())), ..Client::default() };
    SecurityNote::new(SecurityKind::SignInFailed).from(&client)
}

fn given(notes: &mut Notes, wanted: Wanted, second: i64) -> Vec<u32> {
    let fresh = notes.give(wanted, at(second), &Limits::default(), 1_000);
    fresh.into_iter().map(|given| given.count).collect()
}

#[test]
fn the_first_is_written_at_once_and_the_next_are_counted_for_longer_and_longer() {
    let (mut notes, limits) = (Notes::default(), Limits::default());
    let mut rows = Vec::new();
    for second in 0..3_600 {
        notes.take(failure(7), at(second), &limits);
        rows.extend(given(&mut notes, Wanted::Due, second));
    }
    rows.extend(given(&mut notes, Wanted::Last, 3_600));
    assert_eq!(rows.first(), Some(&1));
    assert_eq!(rows.iter().sum::<u32>(), 3_600, "none is lost");
    assert!(rows.len() <= 12, "{rows:?}");
}

#[test]
fn an_attack_from_everywhere_writes_a_bounded_number_on_a_day() {
    let (mut notes, limits) = (Notes::default(), Limits::default());
    let mut rows = Vec::new();
    for second in 0..20_000_u32 {
        for host in 0..10 {
            notes.take(failure(second * 10 + host), at(second.into()), &limits);
        }
        rows.extend(given(&mut notes, Wanted::Now, second.into()));
    }
    rows.extend(given(&mut notes, Wanted::Last, 20_000));
    assert_eq!(rows.iter().sum::<u32>(), 200_000, "all are counted");
    assert!(rows.len() < limits.audit_noted_per_day_max + 50, "{}", rows.len());
    assert!(notes.noted.len() <= limits.audit_noted_max, "{}", notes.noted.len());
}

#[test]
fn a_use_is_noted_once_on_a_day_from_a_place() {
    let (mut notes, limits) = (Notes::default(), Limits::default());
    let key = Actor::Root(crate::id::RootId::generate());
    let used = |notes: &mut Notes, host: u32, second: i64| {
        let client = Client { address: Some(IpAddr::V4(host.into())), ..Client::default() };
        notes.take_use((SecurityKind::KeyUsed, key), None, &client, at(second), &limits);
    };
    for (second, host) in [(0, 1), (1, 1), (2, 2), (60, 1)] {
        used(&mut notes, host, second);
    }
    assert_eq!(given(&mut notes, Wanted::Now, 61), [1, 1]);
    used(&mut notes, 1, 86_400);
    assert_eq!(given(&mut notes, Wanted::Now, 86_401), [1]);
    for host in 2..=1_000 {
        used(&mut notes, host, 86_402);
    }
    let told = given(&mut notes, Wanted::Last, 86_403);
    assert_eq!((told.len(), told.iter().sum::<u32>()), (PLACES_MAX, 999), "the rest is counted as one");
}

#[test]
fn a_second_visit_of_an_operator_is_told_on_the_same_day_whatever_keys_do() {
    let (mut notes, limits) = (Notes::default(), Limits { audit_noted_per_day_max: 0, ..Limits::default() });
    let operator = Actor::Root(crate::id::RootId::generate());
    for _ in 0..2 {
        let visit = Some(Subject::Session(crate::id::SessionId::generate()));
        let used = (SecurityKind::VisitUsed, operator);
        notes.take_use(used, visit, &Client::default(), at(0), &limits);
        notes.take_use(used, visit, &Client::default(), at(1), &limits);
    }
    let told = notes.give(Wanted::Due, at(2), &limits, 10);
    assert_eq!(told.iter().filter(|given| given.sort.is_some()).count(), 2);
}

#[test]
fn what_could_not_be_written_is_noted_as_it_was() {
    let (mut notes, limits) = (Notes::default(), Limits::default());
    notes.take(failure(1), at(0), &limits);
    let fresh = notes.give(Wanted::Due, at(0), &limits, 10);
    notes.take(failure(1), at(1), &limits);
    notes.take_back(fresh, at(1), &limits);
    let again = notes.give(Wanted::Due, at(1), &limits, 10);
    let (_, body) = again[0].event();
    assert_eq!((again.len(), body.count, body.since), (1, 2, at(0)));
    assert_eq!(body.address.as_deref(), Some("0.0.0.1"), "from where is still known");
    assert_eq!(notes.written.values().sum::<usize>(), 1, "it was written once");
}

#[test]
fn none_is_forgotten_when_one_kind_is_over_its_bound_and_a_batch_is_full() {
    let limits = Limits { audit_noted_per_day_max: 5, ..Limits::default() };
    let (mut notes, mut told) = (Notes::default(), 0);
    for host in 0..100 {
        notes.take(failure(host), at(0), &limits);
        let refused = SecurityNote { kind: SecurityKind::ActionRefused, ..failure(host) };
        notes.take(refused, at(0), &limits);
    }
    for second in 1..1_000 {
        let some = notes.give(Wanted::Due, at(second), &limits, 2);
        told += some.iter().map(|given| given.count).sum::<u32>();
    }
    told += given(&mut notes, Wanted::Last, 1_000).iter().sum::<u32>();
    assert_eq!(told, 200);
}

#[test]
fn failures_at_nobody_leave_room_for_those_at_somebody() {
    let limits = Limits { audit_noted_per_day_max: 5, ..Limits::default() };
    let mut notes = Notes::default();
    for host in 0..50 {
        notes.take(failure(host), at(0), &limits);
    }
    notes.give(Wanted::Due, at(0), &limits, 100);
    let member = Subject::Member(crate::id::MemberId::generate());
    notes.take(failure(99).about(Some(member)), at(1), &limits);
    let told = notes.give(Wanted::Due, at(1), &limits, 100);
    assert!(told.iter().any(|given| given.event().1.subject == Some(member)));
}

#[test]
fn those_that_name_somebody_take_the_places_of_those_that_name_nobody() {
    let limits = Limits { audit_noted_max: 5, ..Limits::default() };
    let mut notes = Notes::default();
    for host in 0..50 {
        notes.take(failure(host), at(0), &limits);
    }
    let members: Vec<_> = (0..4).map(|_| Subject::Member(crate::id::MemberId::generate())).collect();
    for member in &members {
        notes.take(failure(99).about(Some(*member)), at(1), &limits);
    }
    assert_eq!(notes.noted.len(), 5);
    let told = notes.give(Wanted::Last, at(2), &limits, 100);
    let named = told.iter().filter_map(|given| given.event().1.subject);
    assert_eq!(named.filter(|subject| members.contains(subject)).count(), 4);
    assert_eq!(told.iter().map(|given| given.count).sum::<u32>(), 54, "none is lost");
}

#[test]
fn a_second_step_that_was_taken_is_not_told_and_one_that_was_not_is() {
    let (mut notes, limits) = (Notes::default(), Limits::default());
    let (taken, stopped) = (crate::id::MemberId::generate(), crate::id::MemberId::generate());
    let asked = |member, host| {
        let note = SecurityNote { kind: SecurityKind::SecondFactorAsked, ..failure(host) };
        note.about(Some(Subject::Member(member)))
    };
    for second in [0, 100, 1_000] {
        notes.take(asked(taken, 1), at(second), &limits);
        assert!(given(&mut notes, Wanted::Due, second + 20).is_empty());
        let from = |host: u32| Some(IpAddr::V4(host.into()));
        notes.withdraw(SecurityKind::SecondFactorAsked, Subject::Member(taken), from(1));
    }
    notes.take(asked(stopped, 2), at(1_000), &limits);
    // They sign in themselves, from elsewhere.
    let elsewhere = Some(IpAddr::V4(3.into()));
    notes.withdraw(SecurityKind::SecondFactorAsked, Subject::Member(stopped), elsewhere);
    assert!(given(&mut notes, Wanted::Due, 1_299).is_empty());
    let told = notes.give(Wanted::Due, at(1_300), &limits, 100);
    let told: Vec<_> = told.iter().map(|given| given.event().1.subject).collect();
    assert_eq!(told, [Some(Subject::Member(stopped))]);
    notes.take(asked(stopped, 2), at(1_301), &limits);
    assert!(given(&mut notes, Wanted::Due, 1_320).is_empty(), "nor is it told at once a second time");
}

#[test]
fn who_looks_often_does_not_make_many_of_one() {
    let (mut notes, limits) = (Notes::default(), Limits::default());
    let mut rows = 0;
    for second in 0..600 {
        notes.take(failure(7), at(second), &limits);
        rows += given(&mut notes, Wanted::Now, second).len();
    }
    assert!(rows <= 8, "{rows}");
}

#[test]
fn a_desk_is_blank_again_on_the_day_after() {
    let (mut notes, limits) = (Notes::default(), Limits::default());
    notes.take(failure(1), at(0), &limits);
    assert!(!notes.is_blank(at(0)));
    notes.give(Wanted::Last, at(0), &limits, 10);
    assert!(!notes.is_blank(at(1)), "it is known what was written today");
    assert!(notes.is_blank(at(86_400)));
}
