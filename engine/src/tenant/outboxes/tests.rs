//! Whose turn it is.

use super::*;
use std::sync::atomic::{AtomicI64, Ordering};

/// Outboxes at a time that moves when told.
struct Timed {
    outboxes: Arc<Outboxes>,
    now: Arc<AtomicI64>,
    clock: Clock,
}

impl Timed {
    fn new() -> Self {
        let now = Arc::new(AtomicI64::new(1_000));
        let clock = Clock::from_fn({
            let now = now.clone();
            move || Timestamp::from_millis(now.load(Ordering::SeqCst))
        });
        Self { outboxes: Arc::default(), now, clock }
    }

    async fn turn(&self) -> Turn {
        tokio::time::timeout(Duration::from_secs(10), self.outboxes.turn(&self.clock)).await.unwrap()
    }

    /// The next turn, if it is somebody's now.
    fn turn_now(&self) -> Option<TenantId> {
        let taken = self.outboxes.lines.lock().take(self.clock.now());
        taken.ok().map(|(tenant, ..)| tenant)
    }
}

#[tokio::test]
async fn tenants_take_turns_however_much_one_has() {
    let timed = Timed::new();
    let (large, small) = (TenantId::generate(), TenantId::generate());
    for _ in 0..100 {
        timed.outboxes.ring(large);
    }
    timed.outboxes.ring(small);
    let mut order = Vec::new();
    for _ in 0..4 {
        let turn = timed.turn().await;
        order.push(turn.tenant());
        turn.go_on_after(MailId::generate());
    }
    assert_eq!(order, [large, small, large, small]);
}

#[tokio::test]
async fn what_is_written_during_the_last_look_is_not_forgotten() {
    let timed = Timed::new();
    let tenant = TenantId::generate();
    timed.outboxes.ring(tenant);
    let turn = timed.turn().await;
    timed.outboxes.ring(tenant);
    turn.finish();
    let again = timed.turn().await;
    assert_eq!((again.tenant(), again.after()), (tenant, None));
    again.finish();
    assert_eq!(timed.turn_now(), None);
    assert!(timed.outboxes.lines.lock().tenants.is_empty(), "a tenant without mail takes no room");
}

#[tokio::test]
async fn a_message_that_waits_keeps_nobody_and_a_new_one_waits_for_no_old_one() {
    let timed = Timed::new();
    let tenant = TenantId::generate();
    timed.outboxes.ring(tenant);
    let mut turn = timed.turn().await;
    turn.not_before(Timestamp::from_millis(5_000));
    turn.go_on_after(MailId::generate());
    timed.turn().await.finish();
    assert_eq!(timed.turn_now(), None);
    timed.outboxes.ring(tenant);
    let mut turn = timed.turn().await;
    turn.not_before(Timestamp::from_millis(5_000));
    turn.finish();
    assert_eq!(timed.turn_now(), None);
    timed.now.store(5_000, Ordering::SeqCst);
    assert_eq!(timed.turn_now(), Some(tenant));
}

#[tokio::test]
async fn a_turn_that_is_dropped_comes_again_at_the_same_place() {
    let timed = Timed::new();
    let mail = MailId::generate();
    timed.outboxes.ring(TenantId::generate());
    timed.turn().await.go_on_after(mail);
    drop(timed.turn().await);
    assert_eq!(timed.turn().await.after(), Some(mail));
}
