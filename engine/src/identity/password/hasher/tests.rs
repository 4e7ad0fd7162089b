use super::*;

const STRONG: &str = "purple monkey dishwasher";

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn hasher() -> PasswordHasher {
    PasswordHasher::new(2).unwrap()
}

#[tokio::test]
async fn a_hash_verifies_its_own_password_and_no_other() {
    let hasher = hasher();
    let stored = hasher.hash(password(STRONG)).await.unwrap();
    assert!(stored.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.as_phc());
    let right = hasher.verify(password(STRONG), Some(&stored)).await.unwrap();
    assert_eq!(right, Verdict::Match { needs_rehash: false });
    for wrong in ["", "Purple monkey dishwasher", "purple monkey dishwasher "] {
        assert_eq!(hasher.verify(password(wrong), Some(&stored)).await.unwrap(), Verdict::Mismatch);
    }
}

#[tokio::test]
async fn the_same_password_never_has_the_same_hash_twice() {
    let hasher = hasher();
    assert_ne!(hasher.hash(password(STRONG)).await.unwrap(), hasher.hash(password(STRONG)).await.unwrap());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_both_cost_one_run_at_the_same_cost() {
    let hasher = hasher();
    let stored = hasher.hash(password(STRONG)).await.unwrap();
    let before = hasher.runs();
    assert_eq!(hasher.verify(password("wrong"), Some(&stored)).await.unwrap(), Verdict::Mismatch);
    assert_eq!(hasher.runs(), before + 1);
    assert_eq!(hasher.verify(password("wrong"), None).await.unwrap(), Verdict::Mismatch);
    assert_eq!(hasher.runs(), before + 2);
    let costs = |hash: &PasswordHash| hash.as_phc().split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(costs(&hasher.decoy), costs(&stored));
}

#[tokio::test]
async fn a_hash_of_older_cost_or_variant_matches_and_asks_to_be_renewed() {
    let hasher = hasher();
    for (algorithm, memory, passes) in [
        (Algorithm::Argon2id, 8 * 1024, 1),
        (Algorithm::Argon2i, MEMORY_KIB, PASSES),
        (Algorithm::Argon2id, MEMORY_KIB, 3),
    ] {
        let params = Params::new(memory, passes, 1, None).unwrap();
        let old = Argon2::new(algorithm, Version::V0x13, params);
        let stored = PasswordHash(old.hash_password(STRONG.as_bytes()).unwrap().to_string());
        let verdict = hasher.verify(password(STRONG), Some(&stored)).await.unwrap();
        assert_eq!(verdict, Verdict::Match { needs_rehash: true });
    }
}

#[tokio::test]
async fn an_unusable_stored_hash_is_an_error_and_runs_nothing() {
    let hasher = hasher();
    let salt_and_hash = "c2FsdHNhbHRzYWx0$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY";
    for phc in [
        String::new(),
        "plain text".to_owned(),
        format!("$scrypt$ln=16,r=8,p=1${salt_and_hash}"),
        format!("$argon2id$v=19$m=4194304,t=2,p=1${salt_and_hash}"),
        format!("$argon2id$v=19$m=19456,t=4000000,p=1${salt_and_hash}"),
    ] {
        let stored = PasswordHash(phc);
        assert_eq!(hasher.verify(password(STRONG), Some(&stored)).await, Err(PasswordError::StoredHash));
    }
    assert_eq!(hasher.runs(), 0);
}

#[tokio::test]
async fn a_password_longer_than_any_is_a_mismatch_for_known_and_unknown_alike() {
    let hasher = hasher();
    let long = "a".repeat(1 << 20);
    let stored = hasher.decoy.clone();
    assert_eq!(hasher.verify(password(&long), Some(&stored)).await.unwrap(), Verdict::Mismatch);
    assert_eq!(hasher.verify(password(&long), None).await.unwrap(), Verdict::Mismatch);
    assert_eq!(hasher.runs(), 0);
}

#[tokio::test]
async fn who_finds_the_queue_full_or_waits_too_long_is_told_busy() {
    let wait_max = Duration::from_millis(50);
    let hasher = Arc::new(PasswordHasher { wait_max, ..PasswordHasher::new(1).unwrap() });
    let core = Arc::clone(&hasher.running).acquire_owned().await.unwrap();
    let waiting: Vec<_> = (0..=PASSWORDS_WAITING_MAX)
        .map(|_| {
            let hasher = Arc::clone(&hasher);
            tokio::spawn(async move { hasher.verify(password("wrong"), None).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let one_more = hasher.verify(password("wrong"), None).await;
    assert_eq!(one_more, Err(PasswordError::Busy), "the queue is full");
    for waiter in waiting {
        assert_eq!(waiter.await.unwrap(), Err(PasswordError::Busy), "waited too long");
    }
    assert_eq!(hasher.runs(), 0);
    drop(core);
    assert_eq!(hasher.verify(password("wrong"), None).await, Ok(Verdict::Mismatch), "and then it goes on");
}

#[tokio::test]
async fn a_request_that_gives_up_does_not_free_a_core_still_at_work() {
    let hasher = Arc::new(PasswordHasher::new(1).unwrap());
    let (started, at_work) = std::sync::mpsc::sync_channel(1);
    let (release, released) = std::sync::mpsc::sync_channel::<()>(1);
    let request = {
        let hasher = Arc::clone(&hasher);
        tokio::spawn(async move {
            hasher
                .run(move || {
                    started.send(()).unwrap();
                    released.recv().map_err(failed)
                })
                .await
        })
    };
    tokio::task::spawn_blocking(move || at_work.recv().unwrap()).await.unwrap();
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    assert_eq!(hasher.running.available_permits(), 0);
    release.send(()).unwrap();
}
