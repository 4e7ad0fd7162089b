use super::*;
use mortise_outbound::{Allowed, OutboundBounds};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

fn rsa(bytes: &[u8]) -> CoreJsonWebKey {
    let n = BASE64URL_NOPAD.encode(bytes);
    serde_json::from_value(serde_json::json!({ "kty": "RSA", "n": n, "e": "AQAB", "use": "sig" })).unwrap()
}

#[test]
fn a_key_that_is_too_short_is_no_key() {
    let (short, padded) = (rsa(&[0xff; 128]), rsa(&[&[0; 128][..], &[0xff; 128]].concat()));
    let (nearly, long) = (rsa(&[&[0x7f][..], &[0xff; 255]].concat()), rsa(&[0xff; 256]));
    let kept = strong(&JsonWebKeySet::new(vec![short, padded, nearly, long.clone()])).unwrap();
    assert_eq!(kept.keys(), &vec![long]);
    assert_eq!([bits_of(&[]), bits_of(&[0]), bits_of(&[1]), bits_of(&[0, 0x80, 0])], [0, 0, 1, 16]);
}

/// A provider that takes connections and says nothing. Each costs those who ask as much time as failures are believed.
struct Silent {
    issuer: String,
    clients: Clients,
    clock: Clock,
    now: Arc<AtomicI64>,
    asked: Arc<AtomicUsize>,
    /// Told of each connection.
    taken: Arc<Notify>,
}

impl Silent {
    async fn new(patience: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let (now, asked, taken) = (Arc::new(AtomicI64::new(0)), Arc::default(), Arc::new(Notify::new()));
        tokio::spawn(keep(listener, (now.clone(), Arc::clone(&asked), taken.clone())));
        let read = now.clone();
        let clock = Clock::from_fn(move || Timestamp::from_millis(read.load(Ordering::SeqCst)));
        let bounds = OutboundBounds { time: patience, ..OutboundBounds::default() };
        let outbound = Outbound::within(Allowed { private_addresses: true }, bounds);
        let redirect = RedirectUrl::new("http://tracker.acme.test/oidc/callback".into()).unwrap();
        Self { issuer, clients: Clients::new(outbound, redirect), clock, now, asked, taken }
    }

    async fn ask(&self) -> NoClient {
        self.clients.description(&self.issuer, &self.clock).await.unwrap_err()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Takes connections and keeps them.
async fn keep(listener: TcpListener, (now, asked, taken): (Arc<AtomicI64>, Arc<AtomicUsize>, Arc<Notify>)) {
    let mut kept: Vec<TcpStream> = Vec::new();
    while let Ok((stream, _)) = listener.accept().await {
        kept.push(stream);
        asked.fetch_add(1, Ordering::SeqCst);
        now.fetch_add(FAILED_MS, Ordering::SeqCst);
        taken.notify_one();
    }
}

/// What comes of a future when it is looked at once.
async fn looked_at<T>(future: &mut Pin<Box<impl Future<Output = T>>>) -> Option<T> {
    let once = std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
    if let Poll::Ready(done) = once { Some(done) } else { None }
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_believed_to_be_silent_from_the_end_of_its_time_on() {
    let silent = Silent::new(Duration::from_millis(100)).await;
    for _ in 0..3 {
        assert!(matches!(silent.ask().await, NoClient::Lately(_)));
        assert_eq!(silent.asked(), 1);
    }
    silent.now.fetch_add(FAILED_MS, Ordering::SeqCst);
    silent.ask().await;
    assert_eq!(silent.asked(), 2, "after that it is asked again");
}

#[tokio::test]
async fn a_browser_that_goes_away_leaves_what_it_asked_to_those_behind_it() {
    let silent = Silent::new(Duration::from_secs(1)).await;
    let mut first = Box::pin(silent.ask());
    assert!(looked_at(&mut first).await.is_none());
    silent.taken.notified().await;
    drop(first);
    assert!(matches!(silent.ask().await, NoClient::Lately(_)));
    assert_eq!(silent.asked(), 1);
}

#[tokio::test]
async fn so_many_wait_for_a_provider_that_says_nothing_and_no_more() {
    let silent = Silent::new(Duration::from_secs(60)).await;
    let mut waiting: Vec<_> = (0..WAITING_MAX).map(|_| Box::pin(silent.ask())).collect();
    for one in &mut waiting {
        assert!(looked_at(one).await.is_none());
    }
    let further = looked_at(&mut Box::pin(silent.ask())).await;
    assert!(matches!(further, Some(NoClient::Busy)), "{further:?}");
    drop(waiting);
    assert!(looked_at(&mut Box::pin(silent.ask())).await.is_none(), "who goes away leaves their place");
}
