use std::io::{Read as _, Write as _};
use std::net::TcpStream as Client;
use std::time::Instant;

use axum::routing::get;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::*;

/// Stops when told by the test.
impl Stop for mpsc::Receiver<()> {
    async fn next(&mut self) {
        if self.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

struct Server {
    address: SocketAddr,
    stop: mpsc::Sender<()>,
    /// Told when the slow request has reached its handler.
    reached: mpsc::Receiver<()>,
    /// Lets the slow request be answered.
    release: Option<oneshot::Sender<()>>,
    served: JoinHandle<Drained>,
}

async fn start(limits: Limits) -> Server {
    let (stop, stopped) = mpsc::channel(2);
    let (reach, reached) = mpsc::channel(1);
    let (release, released) = oneshot::channel::<()>();
    let released = Arc::new(tokio::sync::Mutex::new(Some(released)));
    let slow = get(move |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move {
        reach.send(()).await.unwrap();
        if let Some(released) = released.lock().await.take() {
            let _ = released.await;
        }
        format!("to {}", peer.ip())
    });
    let router = Router::new().route("/slow", slow).route("/", get(async || "quick"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move { serve(listener, router, &limits, stopped).await });
    Server { address, stop, reached, release: Some(release), served }
}

fn limits() -> Limits {
    Limits { header_timeout: Duration::from_millis(200), drain: Duration::from_secs(20), connections_max: 8 }
}

/// Sends bytes and reads all that comes until the server closes.
fn exchange(address: SocketAddr, bytes: &'static str) -> JoinHandle<String> {
    tokio::task::spawn_blocking(move || {
        let mut client = Client::connect(address).unwrap();
        client.write_all(bytes.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A connection that is cut may be reset; what came before counts.
        let _ = client.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    })
}

const SLOW: &str = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_accepted_is_answered_after_the_stop() {
    let mut server = start(limits()).await;
    let answer = exchange(server.address, SLOW);
    server.reached.recv().await.unwrap();
    server.stop.send(()).await.unwrap();
    while Client::connect(server.address).is_ok() {
        tokio::task::yield_now().await;
    }
    server.release.take().unwrap().send(()).unwrap();
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("to 127.0.0.1"), "{answer}");
    assert_eq!(server.served.await.unwrap(), Drained::Whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_stop_ends_it_at_once() {
    let mut server = start(limits()).await;
    let _answer = exchange(server.address, SLOW);
    server.reached.recv().await.unwrap();
    server.stop.send(()).await.unwrap();
    server.stop.send(()).await.unwrap();
    assert_eq!(server.served.await.unwrap(), Drained::Cut { connections: 1 });
    drop(server.release);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_slower_than_the_drain_time_is_cut() {
    let mut server = start(Limits { drain: Duration::from_millis(50), ..limits() }).await;
    let _answer = exchange(server.address, SLOW);
    server.reached.recv().await.unwrap();
    server.stop.send(()).await.unwrap();
    assert_eq!(server.served.await.unwrap(), Drained::TimedOut { connections: 1 });
    drop(server.release);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_arrive_in_time_closes_the_connection() {
    let server = start(limits()).await;
    let began = Instant::now();
    exchange(server.address, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(150) && took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_beyond_the_bound_waits_for_room() {
    let mut server = start(Limits { connections_max: 1, ..limits() }).await;
    let slow = exchange(server.address, SLOW);
    server.reached.recv().await.unwrap();
    let quick = exchange(server.address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(!quick.is_finished());
    server.release.take().unwrap().send(()).unwrap();
    assert!(slow.await.unwrap().contains("200"));
    assert!(quick.await.unwrap().ends_with("quick"));
}
