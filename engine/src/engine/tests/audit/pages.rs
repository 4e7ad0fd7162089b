//! Pages of the audit log: cut, bounded, and of a time.

use super::page;
use crate::audit::AuditFilter;
use crate::engine::AuditRequest;
use crate::engine::tests::sign_in::Timed;
use crate::limits::Limits;

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
async fn security_events_are_found_at_once_however_long_the_log_behind_them_is() {
    let limits = Limits { audit_reads_max: 4, ..Limits::default() };
    let timed = Timed::with(|builder| builder.limits(limits)).await;
    timed.sign_in("uwe").await;
    timed.pass(60);
    for _ in 0..9 {
        timed.world.issue(None).await;
    }
    let filter = AuditFilter { kinds: vec!["session.began".into()], ..AuditFilter::default() };
    let request = AuditRequest { filter, first: 10, after: None };
    let page = timed.engine().audit(&timed.cx(timed.ana()), request).await.unwrap();
    assert_eq!(page.entries.len(), 1);
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
