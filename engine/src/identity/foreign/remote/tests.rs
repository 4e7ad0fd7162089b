use super::*;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use parking_lot::Mutex as SyncMutex;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// An issuer somewhere else: its present keys, and how often it was asked for them.
#[derive(Debug, Clone, Default)]
struct Issuer(Arc<Inside>);

#[derive(Debug, Default)]
struct Inside {
    keys: SyncMutex<Vec<serde_json::Value>>,
    asked: AtomicUsize,
    down: std::sync::atomic::AtomicBool,
    /// While somebody holds it, a fetch hangs.
    gate: tokio::sync::Mutex<()>,
}

#[async_trait]
impl JwksSource for Issuer {
    async fn fetch(&self) -> Result<Vec<u8>, JwksUnavailable> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let _open = self.0.gate.lock().await;
        if self.0.down.load(Ordering::SeqCst) {
            return Err(JwksUnavailable("it is down".to_owned()));
        }
        Ok(json!({ "keys": *self.0.keys.lock() }).to_string().into_bytes())
    }
}

impl Issuer {
    /// A new key; what it signs.
    fn key(&self, kid: &str) -> impl Fn() -> String + use<> {
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        self.0.keys.lock().push(json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x}));
        let header = BASE64URL_NOPAD.encode(json!({"alg": "EdDSA", "kid": kid}).to_string().as_bytes());
        move || {
            let signed = format!("{header}.{}", BASE64URL_NOPAD.encode(b"{}"));
            let signature = BASE64URL_NOPAD.encode(pair.sign(signed.as_bytes()).as_ref());
            format!("{signed}.{signature}")
        }
    }

    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

/// What a future answers without waiting.
fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

const T: i64 = 1_000_000_000;

#[tokio::test]
async fn keys_are_fetched_once_and_a_new_one_when_it_is_first_seen() {
    let issuer = Issuer::default();
    let first = issuer.key("first");
    let keys = RemoteKeys::new(issuer.clone());
    for _ in 0..100 {
        assert!(keys.decode(&first(), T).await.is_ok());
    }
    assert_eq!(issuer.asked(), 1);
    let second = issuer.key("second");
    assert!(keys.decode(&second(), T + FETCH_APART_MS).await.is_ok());
    assert!(keys.decode(&first(), T + FETCH_APART_MS).await.is_ok());
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_flood_of_unknown_names_asks_the_issuer_twice_a_minute() {
    let (issuer, elsewhere) = (Issuer::default(), Issuer::default());
    let good = issuer.key("good");
    let keys = RemoteKeys::new(issuer.clone());
    assert!(keys.decode(&good(), T).await.is_ok());
    for n in 0..10_000 {
        let forged = elsewhere.key(&format!("forged {}", n % 50))();
        let at = T + n * 6; // a minute in all
        assert!(matches!(keys.decode(&forged, at).await, Err(Undecoded::UnknownKey(_))));
    }
    assert!(issuer.asked() <= 3, "{}", issuer.asked());
    assert!(keys.decode(&good(), T + 60_000).await.is_ok());
}

#[tokio::test]
async fn those_who_meet_a_new_key_at_once_share_one_fetch() {
    let issuer = Issuer::default();
    let first = issuer.key("first");
    let keys = Arc::new(RemoteKeys::new(issuer.clone()));
    assert!(keys.decode(&first(), T).await.is_ok());
    let second = issuer.key("second");
    let at = T + FETCH_APART_MS;
    let all = (0..50).map(|_| {
        let (keys, token) = (keys.clone(), second());
        tokio::spawn(async move { keys.decode(&token, at).await.is_ok() })
    });
    for one in all.collect::<Vec<_>>() {
        assert!(one.await.unwrap());
    }
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_key_that_was_taken_out_is_refused_within_ten_minutes() {
    let issuer = Issuer::default();
    let old = issuer.key("old");
    let keys = RemoteKeys::new(issuer.clone());
    assert!(keys.decode(&old(), T).await.is_ok());
    issuer.0.keys.lock().clear();
    let new = issuer.key("new");
    assert!(keys.decode(&new(), T + FRESH_MS).await.is_ok());
    assert_eq!(
        keys.decode(&old(), T + FRESH_MS).await.unwrap_err(),
        Undecoded::UnknownKey(Some("old".into()))
    );
}

#[tokio::test]
async fn an_issuer_that_is_down_is_believed_for_a_day() {
    let issuer = Issuer::default();
    let good = issuer.key("good");
    let keys = RemoteKeys::new(issuer.clone());
    assert!(keys.decode(&good(), T).await.is_ok());
    issuer.0.down.store(true, Ordering::SeqCst);
    assert!(keys.decode(&good(), T + USABLE_MS - 1).await.is_ok());
    assert_eq!(keys.decode(&good(), T + USABLE_MS).await.unwrap_err(), Undecoded::Unavailable);
    issuer.0.down.store(false, Ordering::SeqCst);
    assert!(keys.decode(&good(), T + USABLE_MS + FETCH_APART_MS).await.is_ok());
}

#[tokio::test]
async fn fixed_keys_are_fetched_from_nowhere_and_never_old() {
    let issuer = Issuer::default();
    let good = issuer.key("good");
    let json = json!({ "keys": *issuer.0.keys.lock() }).to_string();
    let keys = RemoteKeys::fixed(json.as_bytes()).unwrap();
    assert!(keys.decode(&good(), T).await.is_ok());
    assert!(keys.decode(&good(), T * 1000).await.is_ok());
    assert!(keys.decode(&issuer.key("other")(), T).await.is_err());
    assert!(RemoteKeys::fixed(br#"{"keys":[]}"#).is_err());
}

#[tokio::test]
async fn a_fetch_outlives_the_request_that_began_it() {
    let issuer = Issuer::default();
    let good = issuer.key("good");
    let keys = RemoteKeys::new(issuer.clone());
    let closed = issuer.0.gate.lock().await;
    let mut first = Box::pin(async { keys.decode(&good(), T).await.is_ok() });
    while issuer.asked() == 0 {
        assert!(poll(&mut first).is_pending());
        tokio::task::yield_now().await;
    }
    drop(first);
    drop(closed);
    assert!(keys.decode(&good(), T).await.is_ok(), "the next one joins it");
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn known_keys_do_not_wait_for_an_issuer_that_hangs() {
    let issuer = Issuer::default();
    let good = issuer.key("good");
    let keys = RemoteKeys::new(issuer.clone());
    assert!(keys.decode(&good(), T).await.is_ok());
    let _closed = issuer.0.gate.lock().await;
    // The first waits for a moment; those after it not even that, though the fetch goes on.
    assert!(keys.decode(&good(), T + FRESH_MS).await.is_ok());
    let mut second = Box::pin(async { keys.decode(&good(), T + FRESH_MS).await.is_ok() });
    assert_eq!(poll(&mut second), Poll::Ready(true));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn an_outage_is_no_refusal() {
    let (issuer, elsewhere) = (Issuer::default(), Issuer::default());
    let good = issuer.key("good");
    let forged = elsewhere.key("forged")();
    let keys = RemoteKeys::new(issuer.clone());
    issuer.0.down.store(true, Ordering::SeqCst);
    assert_eq!(keys.decode(&good(), T).await.unwrap_err(), Undecoded::Unavailable);
    assert_eq!(
        keys.decode(&good(), T + 1).await.unwrap_err(),
        Undecoded::Unavailable,
        "nor when it is not asked"
    );
    issuer.0.down.store(false, Ordering::SeqCst);
    assert!(keys.decode(&good(), T + FETCH_APART_MS).await.is_ok());
    let unknown = Undecoded::UnknownKey(Some("forged".into()));
    assert_eq!(keys.decode(&forged, T + FETCH_APART_MS).await.unwrap_err(), unknown);
    issuer.0.down.store(true, Ordering::SeqCst);
    assert_eq!(keys.decode(&forged, T + 2 * FETCH_APART_MS).await.unwrap_err(), Undecoded::Unavailable);
    assert!(keys.decode(&good(), T + 2 * FETCH_APART_MS).await.is_ok(), "what is known goes on");
}

#[tokio::test]
async fn keys_are_not_used_past_their_day_though_somebody_else_tried_to_fetch_them() {
    let issuer = Issuer::default();
    let good = issuer.key("good");
    let keys = RemoteKeys::new(issuer.clone());
    assert!(keys.decode(&good(), T).await.is_ok());
    issuer.0.down.store(true, Ordering::SeqCst);
    let (one, two) = (good(), good());
    let (one, two) = tokio::join!(keys.decode(&one, T + USABLE_MS), keys.decode(&two, T + USABLE_MS));
    assert_eq!((one.unwrap_err(), two.unwrap_err()), (Undecoded::Unavailable, Undecoded::Unavailable));
    assert_eq!(issuer.asked(), 2);
}
