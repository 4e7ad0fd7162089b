//! How long what was written down is shown and kept, also where the clock is wrong.

use super::{address, of_kind, page};
use crate::audit::AuditFilter;
use crate::engine::tests::sign_in::Timed;
use crate::entitlement::Tiers;
use crate::model::{EntitlementKey, EntitlementValue, Tier};
use crate::time::Timestamp;

const DAY: i64 = 24 * 60 * 60;

/// How many days back the company may see.
async fn days_kept(timed: &Timed) -> i64 {
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    i64::try_from(live.audit_days(live.now())).unwrap()
}

async fn swept(timed: &Timed) -> crate::audit::AuditReport {
    let tenant = timed.world.founded.tenant.id;
    let live = timed.engine().live(tenant).await.unwrap();
    for _ in 0..3 {
        live.sweep().await.unwrap();
    }
    let report = timed.engine().verify_audit(tenant, Vec::new()).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_older_than_the_tier_shows_is_not_shown_and_security_events_are_not_kept() {
    let timed = Timed::new().await;
    let tenant = timed.world.founded.tenant.id;
    timed.sign_in("uwe").await;
    let kept = days_kept(&timed).await * 24 * 60 * 60;
    timed.pass(kept - 60);
    timed.sign_in("uwe").await;
    assert_eq!(of_kind(&timed, "session").await.len(), 2);
    let events = timed.engine().verify_audit(tenant, Vec::new()).await.unwrap().events;
    timed.pass(120);
    assert_eq!(of_kind(&timed, "session").await.len(), 1, "older than the tier shows");
    assert!(of_kind(&timed, "tenant").await.is_empty());
    let live = timed.engine().live(tenant).await.unwrap();
    live.sweep().await.unwrap();
    live.sweep().await.unwrap();
    let report = timed.engine().verify_audit(tenant, Vec::new()).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    assert_eq!((report.dropped, report.security_events), (1, 1));
    assert_eq!(report.events, events + 1, "the log itself stays, and says once what was dropped");
    timed.pass(2 * kept);
    live.sweep().await.unwrap();
    live.sweep().await.unwrap();
    let report = timed.engine().verify_audit(tenant, Vec::new()).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    assert_eq!((report.dropped, report.security_events), (1, 1), "the newest stays, without what it said");
    timed.pass(1);
    timed.sign_in("uwe").await;
    let entry = of_kind(&timed, "session").await.remove(0);
    assert_eq!(entry.place, crate::audit::AuditPlace::Security(crate::model::Seq(3)));
    drop(live);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_down_is_there_after_the_company_was_loaded_again() {
    let timed = Timed::new().await;
    let tenant = timed.world.founded.tenant.id;
    timed.sign_in("uwe").await;
    timed.try_sign_in("uwe", "wrong", address(9)).await.unwrap_err();
    assert!(timed.engine().unload(tenant).await.unwrap());
    timed.sign_in("uwe").await;
    let kinds: Vec<_> = of_kind(&timed, "s").await;
    assert!(kinds.is_empty(), "a kind is named whole");
    assert_eq!(of_kind(&timed, "session").await.len(), 2);
    assert_eq!(of_kind(&timed, "sign_in").await.len(), 1);
    assert!(timed.engine().verify_audit(tenant, Vec::new()).await.unwrap().is_clean());
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lower_tier_deletes_nothing_that_the_higher_would_have_kept() {
    let timed = Timed::new().await;
    let tier = async |tier| timed.engine().set_tier(timed.world.cx(), tier).await.map(drop).unwrap();
    tier(Tier::Premium).await;
    timed.sign_in("uwe").await;
    swept(&timed).await;
    timed.pass(40 * DAY);
    timed.sign_in("uwe").await;
    tier(Tier::Basic).await;
    assert_eq!(swept(&timed).await.dropped, 0);
    assert_eq!(of_kind(&timed, "session.began").await.len(), 1, "it is not shown");
    timed.pass(200 * DAY);
    assert_eq!(swept(&timed).await.dropped, 0);
    tier(Tier::Premium).await;
    assert_eq!(of_kind(&timed, "session.began").await.len(), 2, "a higher tier shows it again");
    tier(Tier::Basic).await;
    timed.pass(124 * DAY);
    assert_eq!(swept(&timed).await.dropped, 0);
    timed.pass(2 * DAY);
    assert_eq!(swept(&timed).await.dropped, 1, "after the year for which it was to be kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_agreed_about_the_days_of_audit_holds_for_what_is_shown_and_kept() {
    let tiers = Tiers::default()
        .with(Tier::Basic, EntitlementKey::AuditRetentionDays, EntitlementValue::Count(50))
        .and_then(|tiers| {
            tiers.with(Tier::Premium, EntitlementKey::AuditRetentionDays, EntitlementValue::Count(1))
        })
        .unwrap();
    let timed = Timed::with(|builder| builder.tiers(tiers)).await;
    timed.engine().set_tier(timed.world.cx(), Tier::Premium).await.unwrap();
    timed.sign_in("uwe").await;
    timed.pass(2 * DAY);
    timed.sign_in("uwe").await;
    assert_eq!(of_kind(&timed, "session.began").await.len(), 1);
    assert_eq!(swept(&timed).await.dropped, 0, "they are kept for thirty days whatever was bought");
    timed.engine().set_tier(timed.world.cx(), Tier::Basic).await.unwrap();
    timed.pass(47 * DAY);
    assert_eq!(of_kind(&timed, "session.began").await.len(), 2);
    timed.pass(2 * DAY);
    assert_eq!(of_kind(&timed, "session.began").await.len(), 1);
    assert_eq!(swept(&timed).await.dropped, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_wrong_for_a_moment_spoils_nothing_that_comes_after() {
    let timed = Timed::new().await;
    timed.engine().set_tier(timed.world.cx(), Tier::Basic).await.unwrap();
    let begin = Timestamp::from_millis(timed.now());
    timed.sign_in("uwe").await;
    timed.pass(3_650 * DAY);
    timed.sign_in("uwe").await;
    timed.pass(60 - 3_650 * DAY);
    timed.sign_in("uwe").await;
    let epoch = timed.now() / 1000;
    timed.pass(-epoch);
    timed.world.issue(None).await;
    timed.pass(epoch + 60);
    timed.world.issue(None).await;
    let began = of_kind(&timed, "session.began").await;
    let newest = began.iter().max_by_key(|entry| entry.place).unwrap();
    assert!(began.len() == 3 && newest.at.millis() < timed.now(), "the next has its own time: {newest:?}");
    let now = Timestamp::from_millis(timed.now() + 1);
    let between = AuditFilter { from: Some(begin), to: Some(now), ..AuditFilter::default() };
    let found = page(&timed, timed.ana(), between).await.unwrap();
    let count = |kind: &str| found.iter().filter(|entry| entry.kind == kind).count();
    assert_eq!((count("session.began"), count("issue.created")), (2, 1), "{found:#?}");
    timed.pass(2 * DAY);
    swept(&timed).await;
    assert!(of_kind(&timed, "security.sealed").await.len() == 1);
    timed.pass(40 * DAY);
    timed.sign_in("uwe").await;
    assert_eq!(swept(&timed).await.dropped, 3, "those with a time to come go with their neighbours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_down_while_the_clock_is_behind_takes_no_other_security_events_away() {
    // At no time at all, and so far back that it would be gone; as the first of the company, and behind others.
    for (behind, first) in [(None, false), (None, true), (Some(31 * DAY), false)] {
        let timed = Timed::new().await;
        timed.engine().set_tier(timed.world.cx(), Tier::Basic).await.unwrap();
        timed.pass(50 * DAY);
        if !first {
            timed.sign_in("uwe").await;
        }
        let back = behind.unwrap_or(timed.now() / 1000);
        timed.pass(-back);
        timed.try_sign_in("uwe", "wrong", address(9)).await.unwrap_err();
        assert_eq!(of_kind(&timed, "sign_in.failed").await.len(), 1, "it is written down");
        timed.pass(back + 60);
        timed.sign_in("uwe").await;
        assert_eq!(swept(&timed).await.dropped, 0, "{behind:?} {first}");
        timed.pass(40 * DAY);
        timed.sign_in("uwe").await;
        let gone = if first { 2 } else { 3 };
        assert_eq!(swept(&timed).await.dropped, gone, "{behind:?} {first}: it goes with its neighbours");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_wrong_by_hours_makes_no_difference_to_who_verifies() {
    const HOUR: i64 = 60 * 60;
    let timed = Timed::new().await;
    timed.engine().set_tier(timed.world.cx(), Tier::Basic).await.unwrap();
    timed.sign_in("uwe").await;
    timed.pass(24 * HOUR);
    swept(&timed).await;
    // Written after the seal, at a time before it.
    timed.pass(-10 * HOUR);
    timed.sign_in("uwe").await;
    timed.pass(10 * HOUR);
    timed.sign_in("uwe").await;
    timed.pass(30 * 24 * HOUR - 9 * HOUR);
    assert_eq!(swept(&timed).await.dropped, 2);
    // Dropped while the clock was ahead, before events of the right time.
    timed.sign_in("uwe").await;
    timed.pass(11 * HOUR);
    assert_eq!(swept(&timed).await.dropped, 3);
    timed.pass(-11 * HOUR);
    timed.world.issue(None).await;
    swept(&timed).await;
}
