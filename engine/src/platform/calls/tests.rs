//! The counting of calls on a real store, with the end of the process before any moment.

use super::*;
use crate::storage::{DataKey, StoreKind, StoreOptions, open_store};

const DAY: i64 = 20_000;

/// A folder, and the key of what is in it.
struct Place {
    folder: tempfile::TempDir,
    key: DataKey,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), key: DataKey::generate().unwrap() }
    }

    /// The counter as a process finds it that starts here.
    fn start(&self) -> Process {
        let backend = open_store(StoreKind::Fjall, self.folder.path(), &StoreOptions::default()).unwrap();
        let platform = TenantId::from_uuid(uuid::Uuid::nil());
        let store = TenantStore::new(backend.clone(), platform, self.key.clone());
        Process { calls: Arc::new(Calls::new(store)), backend }
    }
}

struct Process {
    calls: Arc<Calls>,
    backend: Arc<dyn crate::storage::Store>,
}

impl Process {
    /// Ends without a word, as a kill does, once nothing is on its way to the disk.
    async fn die(self) {
        while Arc::strong_count(&self.calls) > 1 {
            tokio::task::yield_now().await;
        }
        self.backend.close().await;
    }

    async fn stop(self) {
        self.calls.close().await;
        self.backend.close().await;
    }

    async fn charge(&self, tenant: TenantId, limit: Option<u64>, day: i64) -> Charge {
        self.calls.charge(tenant, CallKind::Key, limit, day).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_gives_nothing_back_and_takes_at_most_a_lease() {
    let place = Place::new();
    let tenant = TenantId::generate();
    let mut least = 0;
    for made in [1, 24, 25, 26, 49, 50, 51, 75, 130, 0] {
        let process = place.start();
        let [found, _] = process.calls.made(tenant, DAY).await.unwrap();
        assert!((least..=least + LEASE).contains(&found), "{found} of {least}");
        for n in 1..=made {
            assert_eq!(process.charge(tenant, Some(100_000), DAY).await, Charge::Counted(found + n));
        }
        least = found + made;
        process.die().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orderly_end_gives_back_what_was_not_used() {
    let place = Place::new();
    let tenant = TenantId::generate();
    for run in 0..3 {
        let process = place.start();
        for n in 1..=10 {
            assert_eq!(process.charge(tenant, Some(1_000), DAY).await, Charge::Counted(run * 10 + n));
        }
        process.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_never_pass_the_limit_and_none_is_left_unspent() {
    let place = Place::new();
    let process = Arc::new(place.start());
    let tenant = TenantId::generate();
    let ask = || {
        let process = process.clone();
        async move { process.charge(tenant, Some(333), DAY).await }
    };
    let tasks: Vec<_> = (0..1_000).map(|_| tokio::spawn(ask())).collect();
    let mut counted = 0;
    for task in tasks {
        counted += u32::from(matches!(task.await.unwrap(), Charge::Counted(_)));
    }
    assert_eq!(counted, 333);
    assert_eq!(ask().await, Charge::Spent(333));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_day_begins_at_nothing_and_an_older_one_does_not_come_back() {
    let place = Place::new();
    let process = place.start();
    let (one, other) = (TenantId::generate(), TenantId::generate());
    for tenant in [one, other] {
        assert_eq!(process.charge(tenant, Some(1), DAY).await, Charge::Counted(1));
        assert_eq!(process.charge(tenant, Some(1), DAY).await, Charge::Spent(1));
    }
    assert_eq!(process.charge(one, Some(1), DAY + 1).await, Charge::Counted(1));
    assert_eq!(process.charge(one, Some(1), DAY).await, Charge::Spent(1), "the clock went back");
    assert_eq!(process.calls.meters.read().len(), 1, "who was not there today is forgotten");
    process.die().await;
    let process = place.start();
    assert_eq!(process.charge(one, Some(1), DAY).await, Charge::Spent(1), "also after a restart");
    assert_eq!(process.charge(other, Some(1), DAY + 1).await, Charge::Counted(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_wrong_by_years_takes_no_calls_of_today() {
    let place = Place::new();
    let process = place.start();
    let tenant = TenantId::generate();
    assert_eq!(process.charge(tenant, Some(1), DAY + 3_650).await, Charge::Counted(1));
    assert_eq!(process.charge(tenant, Some(1), DAY).await, Charge::Counted(1));
    process.die().await;
    let process = place.start();
    assert_eq!(process.charge(tenant, Some(1), DAY).await, Charge::Spent(1), "what is stored is of today");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_it_is_closed_no_call_is_counted_any_more() {
    let place = Place::new();
    let process = place.start();
    let tenant = TenantId::generate();
    assert_eq!(process.charge(tenant, Some(1_000), DAY).await, Charge::Counted(1));
    process.calls.close().await;
    assert!(process.calls.charge(tenant, CallKind::Key, Some(1_000), DAY).await.is_err());
    process.die().await;
    assert_eq!(place.start().calls.made(tenant, DAY).await.unwrap(), [1, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_and_sessions_are_counted_apart_and_without_a_limit_nobody_waits() {
    let place = Place::new();
    let process = place.start();
    let tenant = TenantId::generate();
    for n in 1..=3 * LEASE_UNLIMITED {
        assert_eq!(process.charge(tenant, None, DAY).await, Charge::Counted(n));
    }
    let session = process.calls.charge(tenant, CallKind::Session, Some(7), DAY).await.unwrap();
    assert_eq!(session, Charge::Counted(1));
    assert_eq!(process.calls.made(tenant, DAY).await.unwrap(), [3 * LEASE_UNLIMITED, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_from_when_there_was_no_limit_is_given_up_when_one_comes() {
    let place = Place::new();
    let process = place.start();
    let tenant = TenantId::generate();
    // The second kind has a long lease too, and keeps it.
    process.calls.charge(tenant, CallKind::Session, None, DAY).await.unwrap();
    for n in 1..=LEASE_UNLIMITED / 2 {
        assert_eq!(process.charge(tenant, None, DAY).await, Charge::Counted(n));
    }
    while Arc::strong_count(&process.calls) > 1 {
        tokio::task::yield_now().await;
    }
    let made = LEASE_UNLIMITED / 2 + 1;
    assert_eq!(process.charge(tenant, Some(100_000), DAY).await, Charge::Counted(made));
    process.die().await;
    let [found, _] = place.start().calls.made(tenant, DAY).await.unwrap();
    assert!((made..made + LEASE).contains(&found), "{found} of {made}: a kill takes at most a lease");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_limits_of_one_count_are_both_kept() {
    let place = Place::new();
    let process = place.start();
    let tenant = TenantId::generate();
    for n in 1..=95 {
        let limit = if n % 2 == 0 { 100 } else { 95 };
        assert_eq!(process.charge(tenant, Some(limit), DAY).await, Charge::Counted(n));
    }
    assert_eq!(process.charge(tenant, Some(95), DAY).await, Charge::Spent(95));
    for n in 96..=100 {
        assert_eq!(process.charge(tenant, Some(100), DAY).await, Charge::Counted(n));
        assert_eq!(process.charge(tenant, Some(95), DAY).await, Charge::Spent(n));
    }
    assert_eq!(process.charge(tenant, Some(100), DAY).await, Charge::Spent(100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_was_on_its_way_is_not_written_for_a_company_that_is_no_more() {
    let place = Place::new();
    let process = place.start();
    let tenant = TenantId::generate();
    assert_eq!(process.charge(tenant, Some(100), DAY).await, Charge::Counted(1));
    let renewing = process.calls.meter(tenant, DAY);
    process.calls.forget(tenant).await;
    let mut batch = Batch::new();
    batch.delete(rows::calls(tenant));
    assert!(matches!(process.calls.store.commit(batch).await, CommitOutcome::Committed { .. }));
    process.calls.lease(&renewing, tenant, CallKind::Key, Some(100), DAY).await.unwrap_err();
    assert!(process.calls.store.get::<CallsRow>(&rows::calls(tenant)).await.unwrap().is_none());
}
