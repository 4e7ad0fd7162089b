//! What is written down of who got in, and who did not.

use super::{of_kind, page};
use crate::audit::{AuditActor, AuditFilter};
use crate::command::label::CreateLabel;
use crate::context::Client;
use crate::engine::tests::PASSWORD;
use crate::engine::tests::sign_in::resets::link;
use crate::engine::tests::sign_in::{Timed, corporate};
use crate::engine::{AuditRequest, NewApiKey, NewVisit, SignIn, Vouched};
use crate::entitlement::Tiers;
use crate::error::ErrorCode;
use crate::event::{Actor, Subject};
use crate::identity::Password;
use crate::limits::Limits;
use crate::model::{EntitlementKey, EntitlementValue, KeyScope, Tier};
use crate::time::Timestamp;
use std::net::IpAddr;
use uuid::Uuid;

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

fn address(host: u8) -> Option<IpAddr> {
    Some([192, 0, 2, host].into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_and_out_and_failing_to_are_written_down_with_who_and_from_where() {
    let timed = Timed::new().await;
    let request = Uuid::now_v7();
    let client = Client { agent: "a browser".into(), address: address(7), request: Some(request) };
    let sign_in = |email: &str, password: &str| SignIn {
        tenant: "acme".into(),
        email: email.into(),
        password: Password::new(password.into()),
        client: client.clone(),
    };
    timed.engine().sign_in(sign_in("uwe@acme.test", PASSWORD)).await.unwrap();
    for email in ["uwe@acme.test", "uwe@acme.test", "my secret passphrase"] {
        timed.engine().sign_in(sign_in(email, "wrong")).await.unwrap_err();
    }
    let began = of_kind(&timed, "session.began").await.remove(0);
    assert_eq!((began.actor, began.request), (Some(Actor::Member(timed.uwe)), Some(request)));
    assert_eq!((began.address.as_deref(), began.agent.as_deref()), (Some("192.0.2.7"), Some("a browser")));
    let failed = of_kind(&timed, "sign_in").await;
    let mut told: Vec<_> = failed.iter().map(|entry| (entry.subject, entry.count)).collect();
    told.sort_by_key(|(subject, _)| subject.is_none());
    assert_eq!(told, [(Some(Subject::Member(timed.uwe)), 2), (None, 1)]);
    assert!(failed.iter().all(|entry| entry.actor.is_none() && entry.request == Some(request)));
    let all = format!("{:?}", page(&timed, timed.ana(), AuditFilter::default()).await.unwrap());
    assert!(!all.contains("my secret passphrase"), "what was typed may be a password in the wrong field");
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_says_why() {
    let timed = Timed::new().await;
    let (one, other) = (timed.sign_in("uwe").await, timed.sign_in("uwe").await);
    timed.engine().sign_out(one.refresh.expose(), "a browser").await.unwrap();
    timed.engine().refresh(other.refresh.expose(), "a browser").await.unwrap();
    timed.pass(60);
    timed.engine().refresh(other.refresh.expose(), "a thief").await.unwrap_err();
    let kinds: Vec<_> = of_kind(&timed, "session").await.iter().map(|e| (e.kind, e.actor)).collect();
    let uwe = Some(Actor::Member(timed.uwe));
    let told =
        [("session.stolen", None), ("session.ended", uwe), ("session.began", uwe), ("session.began", uwe)];
    assert_eq!(kinds, told);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_super_admins_read_the_audit_log_and_who_tried_stands_in_it() {
    let timed = Timed::new().await;
    let refused = page(&timed, timed.uwe, AuditFilter::default()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let label = CreateLabel { id: None, name: "ui".into(), color: None, description: None, team: None };
    timed.engine().execute(timed.cx(timed.uwe), label).await.unwrap_err();
    let mut told: Vec<_> = of_kind(&timed, "action.refused").await;
    told.sort_by(|a, b| a.details[0].to.cmp(&b.details[0].to));
    let words: Vec<_> = told.iter().map(|entry| entry.details[0].to.as_deref().unwrap()).collect();
    assert_eq!(words, ["ReadAudit", "labelCreate"]);
    assert!(
        told.iter().all(|entry| entry.actor == Some(Actor::Member(timed.uwe)) && entry.request.is_some())
    );
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_told_when_they_are_used_first_on_a_day_and_when_they_are_refused() {
    let timed = Timed::new().await;
    let new = NewApiKey { scope: KeyScope::Read, ..NewApiKey::new(timed.uwe, "ci") };
    let (done, secret) = timed.engine().create_api_key(timed.cx(timed.uwe), new).await.unwrap();
    for _ in 0..50 {
        timed.engine().authenticate_from(secret.expose(), address(1)).await.unwrap();
    }
    timed.engine().authenticate_from(secret.expose(), address(2)).await.unwrap();
    let Some(Subject::Key(id)) = done.subjects.first().copied() else { panic!("no key") };
    timed.engine().revoke_api_key(timed.cx(timed.uwe), id).await.unwrap();
    timed.engine().authenticate_from(secret.expose(), address(1)).await.unwrap_err();
    let told = of_kind(&timed, "key").await;
    let mut kinds: Vec<_> = told.iter().map(|entry| entry.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["key.created", "key.refused", "key.revoked", "key.used", "key.used"]);
    let by_key = AuditFilter { actor: Some(AuditActor::Key(id)), ..AuditFilter::default() };
    assert_eq!(page(&timed, timed.ana(), by_key).await.unwrap().len(), 2);
    let from = AuditFilter { address: Some("192.0.2.2/32".parse().unwrap()), ..AuditFilter::default() };
    assert_eq!(page(&timed, timed.ana(), from).await.unwrap().len(), 1);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_that_is_over_is_told_when_it_is_shown_and_a_link_is_no_visit() {
    let timed = Timed::new().await;
    let link = link(&timed, "uwe@acme.test").await;
    timed.engine().authenticate(&link).await.unwrap_err();
    let password = Password::new("an operators passphrase".into());
    let root = timed.engine().create_root("root@platform.test", "Rolf", password).await.unwrap();
    let tenant = timed.world.founded.tenant.id;
    let reason = "They asked us why a search finds nothing".to_owned();
    let new = NewVisit { tenant, reason, scope: KeyScope::Read, minutes: 30 };
    let (visit, token) = timed.engine().begin_visit(root, new).await.unwrap();
    timed.pass(30 * 60);
    timed.engine().authenticate(token.expose()).await.unwrap_err();
    let told = of_kind(&timed, "visit.refused").await;
    let about: Vec<_> = told.iter().map(|entry| entry.subject).collect();
    assert_eq!(about, [Some(Subject::Session(visit.id))]);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_the_whole_list_cut_and_their_cursors_open_nowhere_else() {
    let timed = Timed::new().await;
    for _ in 0..3 {
        timed.sign_in("uwe").await;
        timed.pass(60);
    }
    let whole = page(&timed, timed.ana(), AuditFilter::default()).await.unwrap();
    assert!(whole.windows(2).all(|two| two[0].at >= two[1].at), "the newest first");
    let (mut cut, mut after) = (Vec::new(), None);
    loop {
        let request = AuditRequest { first: 3, after: after.take(), ..AuditRequest::default() };
        let page = timed.engine().audit(&timed.cx(timed.ana()), request).await.unwrap();
        cut.extend(page.entries);
        let Some(next) = page.next else { break };
        let other = AuditFilter { kinds: vec!["session".into()], ..AuditFilter::default() };
        let elsewhere = AuditRequest { filter: other, first: 3, after: Some(next.clone()) };
        let refused = timed.engine().audit(&timed.cx(timed.ana()), elsewhere).await.unwrap_err();
        assert_eq!(refused.field(), Some("after"));
        after = Some(next);
    }
    assert_eq!(cut, whole);
    for first in [0, 251] {
        let request = AuditRequest { first, ..AuditRequest::default() };
        let refused = timed.engine().audit(&timed.cx(timed.ana()), request).await.unwrap_err();
        assert_eq!(refused.field(), Some("first"));
    }
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_looks_at_its_bound_goes_on_in_the_next() {
    let limits = Limits { audit_reads_max: 4, ..Limits::default() };
    let timed = Timed::with(|builder| builder.limits(limits)).await;
    timed.sign_in("uwe").await;
    let filter = AuditFilter { kinds: vec!["tenant.provisioned".into()], ..AuditFilter::default() };
    let (mut found, mut after, mut pages) = (0, None, 0);
    loop {
        let request = AuditRequest { filter: filter.clone(), first: 10, after: after.take() };
        let page = timed.engine().audit(&timed.cx(timed.ana()), request).await.unwrap();
        (found, pages) = (found + page.entries.len(), pages + 1);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(found, 1);
    assert!(pages > 1, "{pages}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_and_to_are_found_wherever_they_lie() {
    let timed = Timed::new().await;
    let mut moments = Vec::new();
    for _ in 0..6 {
        moments.push(crate::time::Timestamp::from_millis(timed.now()));
        timed.sign_in("uwe").await;
        timed.pass(24 * 60 * 60);
    }
    for (from, to) in [(0, 6), (0, 1), (2, 4), (5, 6), (3, 3)] {
        let filter = AuditFilter {
            kinds: vec!["session.began".into()],
            from: Some(moments[from]),
            to: moments.get(to).copied(),
            ..AuditFilter::default()
        };
        let found = page(&timed, timed.ana(), filter).await.unwrap();
        assert_eq!(found.len(), to - from, "{from} to {to}");
    }
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
    const DAY: i64 = 24 * 60 * 60;
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
    const DAY: i64 = 24 * 60 * 60;
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
    const DAY: i64 = 24 * 60 * 60;
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
    const DAY: i64 = 24 * 60 * 60;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_the_log_itself_and_may_not_stands_in_the_audit_log() {
    let timed = Timed::new().await;
    let reader = timed.engine().reader(&timed.principal(timed.uwe)).await.unwrap();
    let refused = reader.events(crate::model::Seq(0), 10).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let told = of_kind(&timed, "action.refused").await.remove(0);
    assert_eq!(told.actor, Some(Actor::Member(timed.uwe)));
    assert_eq!(told.details[0].to.as_deref(), Some("ReadAudit"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_while_the_audit_log_is_read_takes_nothing_with_them() {
    let timed = Timed::new().await;
    timed.try_sign_in("uwe", "wrong", address(9)).await.unwrap_err();
    let request = AuditRequest { first: 10, ..AuditRequest::default() };
    let cx = timed.cx(timed.ana());
    let mut asked = Box::pin(timed.engine().audit(&cx, request));
    std::future::poll_fn(|cx| {
        let _ = asked.as_mut().poll(cx);
        std::task::Poll::Ready(())
    })
    .await;
    drop(asked);
    let failed = of_kind(&timed, "sign_in.failed").await;
    assert_eq!(failed.iter().map(|entry| entry.count).sum::<u32>(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_uses_what_and_which_request_it_was_is_told_of_every_way_in_and_out() {
    let timed = Timed::new().await;
    let client = Client { agent: "a browser".into(), address: address(7), request: Some(Uuid::now_v7()) };
    let engine = timed.engine();
    let sign_in = async || {
        let (tenant, email) = ("acme".into(), "uwe@acme.test".into());
        let password = Password::new(PASSWORD.into());
        engine.sign_in(SignIn { tenant, email, password, client: client.clone() }).await.unwrap()
    };
    let crate::engine::SignedIn::Tokens(tokens) = sign_in().await else { panic!() };
    let session = engine.authenticate(tokens.access.expose()).await.unwrap().session.unwrap();
    engine.sign_out_session(&timed.principal(timed.uwe), session, client.clone()).await.unwrap();
    engine.refresh(tokens.refresh.expose(), client.clone()).await.unwrap_err();
    let crate::engine::SignedIn::Tokens(tokens) = sign_in().await else { panic!() };
    engine.sign_out(tokens.refresh.expose(), client.clone()).await.unwrap();
    let wrong = Password::new("not the password".into());
    engine.disable_second_factor(timed.cx(timed.uwe), wrong, client.clone()).await.unwrap_err();
    let done = engine.execute(timed.cx(timed.ana()), corporate()).await.unwrap();
    let Some(Subject::Provider(provider)) = done.subjects.first().copied() else { panic!("no provider") };
    let stranger = Vouched {
        subject: "42".into(),
        verified_email: Some("eve@evil.test".into()),
        name: None,
        domain: None,
        challenge: String::new(),
    };
    let tenant = timed.world.founded.tenant.id;
    engine.sign_in_by_provider(tenant, provider, stranger, client.clone()).await.unwrap_err();
    for kind in ["session.began", "session.ended", "session.refused", "password.failed", "sign_in.failed"] {
        let told = of_kind(&timed, kind).await;
        assert!(!told.is_empty(), "{kind}");
        for entry in told {
            let is = (entry.address.as_deref(), entry.agent.as_deref(), entry.request);
            assert_eq!(is, (Some("192.0.2.7"), Some("a browser"), client.request), "{kind}");
        }
    }
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_counts_what_was_looked_at_and_holds_no_texts() {
    let timed = Timed::new().await;
    for _ in 0..5 {
        timed.world.issue(Some("a long text ".repeat(1_000))).await;
    }
    let filter = AuditFilter { kinds: vec!["nothing.like_this".into()], ..AuditFilter::default() };
    let request = AuditRequest { filter, first: 10, after: None };
    let page = timed.engine().audit(&timed.cx(timed.ana()), request).await.unwrap();
    assert!(page.entries.is_empty() && page.read > 5, "{}", page.read);
    let shown = super::page(&timed, timed.ana(), AuditFilter::default()).await.unwrap();
    assert!(shown.iter().all(|entry| entry.record.is_none()));
}
