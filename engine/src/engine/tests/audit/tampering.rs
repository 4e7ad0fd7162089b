//! Tampering at random with the records of a real engine; and, through the store itself, with rows that its own key seals.

use crate::audit::tests::{ALL, Chains, Chances, Tampering, tamper};
use crate::engine::tests::sign_in::Timed;
use crate::log::{LogRecord, SecurityRecord};
use crate::model::{Seq, Tier};
use crate::rows::{self, SecurityRow};
use crate::storage::{Batch, CommitOutcome, Scan, decode};
use crate::tenant::{security_event_of, security_kept};

/// How many times the chains are tampered with.
fn times() -> usize {
    if std::env::var("MORTISE_PROVE").is_ok_and(|set| set == "1") { 10_000 } else { 1_000 }
}

/// A company in which something happens on some days; some of its security events are sealed, and the first gone.
async fn lived(people: &[&str]) -> Timed {
    let timed = Timed::new().await;
    // The tier that keeps security events for the shortest time.
    timed.engine().set_tier(timed.world.cx(), Tier::Basic).await.unwrap();
    for name in people {
        timed.member(name).await;
    }
    for day in 0..4 {
        for name in people {
            timed.sign_in(name).await;
            timed.try_sign_in(name, "wrong", Some([192, 0, 2, day].into())).await.unwrap_err();
            timed.pass(600);
        }
        timed.world.issue(Some("a text".into())).await;
        let tenant = timed.world.founded.tenant.id;
        let (_, _) = timed.engine().audit_head(&timed.cx(timed.ana())).await.unwrap();
        timed.pass(9 * 24 * 60 * 60);
        timed.engine().live(tenant).await.unwrap().sweep().await.unwrap();
    }
    timed.sign_in(people[0]).await;
    timed
}

async fn chains(timed: &Timed) -> Chains {
    let tenant = timed.world.founded.tenant.id;
    let live = timed.engine().live(tenant).await.unwrap();
    let log = live.store().changes(0, 10_000).await.unwrap();
    let rows = live.store().scan::<SecurityRow>(Scan::prefix(&rows::security_events())).await.unwrap();
    Chains {
        tenant,
        log: log.iter().map(|(_, bytes)| decode::<LogRecord>(bytes).unwrap()).collect(),
        security: rows.entries.into_iter().map(|(_, row)| security_event_of(row).unwrap()).collect(),
        kept: security_kept(live.store()).await.unwrap(),
        now: live.now(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tampering_is_found() {
    let (ours, theirs) = (lived(&["ada", "bob"]).await, lived(&["cyd"]).await);
    let (ours, theirs) = (chains(&ours).await, chains(&theirs).await);
    let head = ours.head();
    assert!(ours.kept.dropped.seq > Seq(0) && ours.kept.sealed.seq < head.security.seq, "{:?}", ours.kept);
    let clean = ours.verified(ours.tenant, std::slice::from_ref(&head));
    assert!(clean.is_clean(), "{clean:#?}");
    let mut erased = ours.clone();
    let half = erased.log.len() / 2;
    erased.log[half] = erased.log[half].clone().erase();
    erased.security[1] = erased.security[1].clone().erase();
    let report = erased.verified(ours.tenant, std::slice::from_ref(&head));
    assert_eq!((report.erased, report.differences.len()), (2, 2), "the chain is whole, and both are told");
    let mut chances = Chances(std::env::var("MORTISE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(7));
    let mut done = [0_usize; ALL.len()];
    let mut round = 0;
    // What changed nothing was no tampering.
    while done.iter().sum::<usize>() < times() {
        let how = round % ALL.len();
        round += 1;
        let Some(changed) = tamper(&ours, &theirs, ALL[how], &mut chances) else { continue };
        let report = changed.verified(ours.tenant, std::slice::from_ref(&head));
        assert!(!report.is_clean(), "round {round}: {:?} was not found", ALL[how]);
        done[how] += 1;
    }
    println!("found all: {:?}", ALL.iter().zip(done).collect::<Vec<_>>());
    assert!(done.iter().all(|count| *count > times() / ALL.len() / 4), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_security_event_is_not_erased_unseen_before_its_time_however_old_the_last_seal_is() {
    const DAY: i64 = 24 * 60 * 60;
    let timed = Timed::new().await;
    timed.engine().set_tier(timed.world.cx(), Tier::Basic).await.unwrap();
    timed.sign_in("uwe").await;
    timed.pass(2 * DAY);
    let tenant = timed.world.founded.tenant.id;
    timed.engine().live(tenant).await.unwrap().sweep().await.unwrap();
    timed.pass(40 * DAY);
    timed.sign_in("uwe").await;
    let whole = chains(&timed).await;
    assert!(whole.verified(tenant, &[]).is_clean() && whole.security.len() == 2);
    // Whoever holds the keys says that the first was let go, which is in order, and that nothing is left to say of the last.
    for days in [0, 31, 40] {
        let mut changed = whole.clone();
        changed.erase_newest(days);
        let report = changed.verified(tenant, &[]);
        assert!(!report.is_clean(), "{days} days ahead: {report:#?}");
        changed.now = changed.now.plus_millis(40 * DAY * 1000);
        assert_eq!(changed.verified(tenant, &[]).is_clean(), days >= 31, "by then it was in order");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_head_all_is_found_but_what_was_cut_off_the_end_or_written_anew() {
    let (ours, theirs) = (lived(&["ada", "bob"]).await, lived(&["cyd"]).await);
    let (ours, theirs) = (chains(&ours).await, chains(&theirs).await);
    let mut chances = Chances(11);
    for round in 0..times() {
        let how = ALL[round % ALL.len()];
        let Some(changed) = tamper(&ours, &theirs, how, &mut chances) else { continue };
        let report = changed.verified(ours.tenant, &[]);
        let is_cut = ours.log.starts_with(&changed.log) && ours.security.starts_with(&changed.security);
        let may_pass = is_cut || how == Tampering::Rewrite;
        assert!(may_pass || !report.is_clean(), "round {round}: {how:?} was not found");
    }
    let mut cut = ours.clone();
    let sealed = (ours.kept.sealed.seq.0 - ours.kept.dropped.seq.0) as usize;
    cut.security.truncate(sealed - 1);
    assert!(!cut.verified(ours.tenant, &[]).is_clean(), "the log says how far they had come");
    assert!(!ours.verified(theirs.tenant, &[]).is_clean(), "another company's chains are not ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_to_the_rows_themselves_is_found() {
    let timed = lived(&["ada"]).await;
    let tenant = timed.world.founded.tenant.id;
    let (head, _) = timed.engine().audit_head(&timed.cx(timed.ana())).await.unwrap();
    let live = timed.engine().live(tenant).await.unwrap();
    let all = chains(&timed).await;
    let first = all.kept.dropped.seq.0 + 1;
    let last = first + all.security.len() as u64 - 1;
    let put = async |seq: u64, record: Option<SecurityRecord>| {
        let mut batch = Batch::new();
        match record {
            Some(record) => batch.put(rows::security(Seq(seq)), &SecurityRow::Event(record)).unwrap(),
            None => batch.delete(rows::security(Seq(seq))),
        }
        assert!(matches!(live.store().commit(batch).await, CommitOutcome::Committed { .. }));
    };
    let record = |seq: u64| all.security[(seq - first) as usize].clone();
    for (what, seq, changed) in [
        ("the first goes", first, None),
        ("one in the middle goes", first + 1, None),
        ("the last goes", last, None),
        ("another takes its place", first + 1, Some(record(first + 2))),
        ("one is repeated behind the end", last + 1, Some(record(last))),
    ] {
        put(seq, changed).await;
        let report = timed.engine().verify_audit(tenant, vec![head.clone()]).await.unwrap();
        assert!(!report.is_clean(), "{what}");
        put(seq, (seq <= last).then(|| record(seq))).await;
        let report = timed.engine().verify_audit(tenant, vec![head.clone()]).await.unwrap();
        assert!(report.is_clean(), "{what}, and comes back: {report:#?}");
    }
}
