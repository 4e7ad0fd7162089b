use super::connect::{Connector, Resolve, Resolved};
use super::*;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum::routing::{get, post};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

mod trust;

/// A server on this machine, and how many connections it has taken.
async fn server() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = seen.clone();
    let router = Router::new()
        .route("/", get(async |headers: HeaderMap| headers["host"].to_str().unwrap().to_owned()))
        .route("/echo", post(async |body: String| body))
        .route("/away", get(async || Redirect::temporary("/secret")))
        .route("/secret", get(async || "secret"))
        .route("/large", get(async || "x".repeat(OutboundBounds::default().answer_bytes + 1)))
        .route("/loud", axum::routing::any(loud))
        .route("/fails", get(async || StatusCode::INTERNAL_SERVER_ERROR))
        .layer(axum::middleware::from_fn(
            move |request: axum::extract::Request, next: axum::middleware::Next| {
                counted.fetch_add(1, Ordering::SeqCst);
                next.run(request)
            },
        ));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, seen)
}

/// Says how it was asked: the method, one header of the request, and the body's length.
async fn loud(method: http::Method, headers: HeaderMap, body: String) -> (HeaderMap, String) {
    let mut answered = HeaderMap::new();
    answered
        .insert("x-answered", headers.get("x-asked").unwrap_or(&HeaderValue::from_static("none")).clone());
    (answered, format!("{method} {}", body.len()))
}

/// Says that every name has these addresses.
struct Says(Vec<SocketAddr>);

impl Resolve for Says {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolved<'a> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

fn resolving(allowed: Allowed, addresses: &[SocketAddr]) -> Outbound {
    through(Connector::resolving(allowed, Says(addresses.to_vec())))
}

fn through(connector: Connector) -> Outbound {
    let bounds = OutboundBounds::default();
    Outbound(Arc::new(Inner { connector, room: Semaphore::new(AT_ONCE), bounds }))
}

const HOME: Allowed = Allowed { private_addresses: true };

#[tokio::test]
async fn nothing_reaches_this_machine_however_it_is_named() {
    let (address, seen) = server().await;
    let port = address.port();
    let strict = Outbound::new(Allowed::default());
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "2130706433",
        "0x7f000001",
        "127.1",
    ] {
        for uri in [
            format!("http://{host}:{port}/"),
            format!("https://{host}:{port}/"),
            format!("https://{host}/"),
            format!("https://user@{host}/"),
        ] {
            let OutboundError::Refused { why, .. } = strict.fetch(&uri).await.unwrap_err() else {
                panic!("{uri} was not refused")
            };
            let judged = uri == format!("https://{host}/");
            assert_eq!(why.contains("private network"), judged, "{uri}: {why}");
        }
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn one_private_address_among_others_is_enough_to_refuse_a_name() {
    let public: SocketAddr = "1.1.1.1:443".parse().unwrap();
    for private in
        ["127.0.0.1:443", "10.0.0.1:443", "169.254.169.254:443", "[::1]:443", "[fd00:ec2::254]:443"]
    {
        let names = resolving(Allowed::default(), &[public, private.parse().unwrap()]);
        let error = names.fetch("https://rebinding.example/").await.unwrap_err();
        assert!(matches!(error, OutboundError::Refused { .. }), "{private}: {error}");
    }
    let nowhere = resolving(Allowed::default(), &[]);
    assert!(nowhere.fetch("https://nowhere.example/").await.is_err());
}

#[tokio::test]
async fn only_https_to_its_port_is_spoken() {
    let strict = Outbound::new(Allowed::default());
    for uri in [
        "http://example.com/",
        "https://example.com:8443/",
        "https://example.com:22/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://user:password@example.com/",
        "/path",
        "",
        "not an address",
    ] {
        let error = strict.fetch(uri).await.unwrap_err();
        assert!(!matches!(error, OutboundError::TimedOut { .. }), "{uri}: {error}");
    }
}

#[tokio::test]
async fn where_the_operator_allows_it_a_request_gets_its_answer() {
    let (address, _) = server().await;
    let home = resolving(HOME, &[address]);
    let port = address.port();
    assert_eq!(home.fetch(&format!("http://{address}/")).await.unwrap(), address.to_string().into_bytes());
    let named = home.fetch(&format!("http://inside.example:{port}/")).await.unwrap();
    assert_eq!(named, format!("inside.example:{port}").into_bytes());
    let request = Request::post(format!("http://{address}/echo")).body(b"hello".to_vec()).unwrap();
    assert_eq!(home.send(request).await.unwrap().into_body(), b"hello");
}

#[tokio::test]
async fn redirects_are_not_followed_and_long_answers_not_read() {
    let (address, _) = server().await;
    let home = Outbound::new(HOME);
    let get = |path: &str| Request::get(format!("http://{address}{path}")).body(Vec::new()).unwrap();
    let away = home.send(get("/away")).await.unwrap();
    assert_eq!(away.status(), StatusCode::TEMPORARY_REDIRECT);
    assert!(home.fetch(&format!("http://{address}/away")).await.is_err());
    assert!(home.fetch(&format!("http://{address}/fails")).await.is_err());
    let error = home.send(get("/large")).await.unwrap_err();
    assert!(error.to_string().contains("more than"), "{error}");
}

#[tokio::test]
async fn every_method_carries_its_headers_there_and_back() {
    let (address, _) = server().await;
    let home = Outbound::new(HOME);
    for (method, body) in
        [("GET", ""), ("POST", "abc"), ("PUT", "abcd"), ("PATCH", "a"), ("DELETE", ""), ("HEAD", "")]
    {
        let request = Request::builder().method(method).uri(format!("http://{address}/loud"));
        let request = request.header("x-asked", "yes").body(body.as_bytes().to_vec()).unwrap();
        let answer =
            home.send_within(request, OutboundBounds::default(), Longer::Refused).await.unwrap().response;
        assert_eq!(answer.headers()["x-answered"], "yes", "{method}");
        let expected = if method == "HEAD" { String::new() } else { format!("{method} {}", body.len()) };
        assert_eq!(String::from_utf8(answer.into_body()).unwrap(), expected);
    }
}

#[tokio::test]
async fn a_long_answer_is_cut_where_that_is_asked_for() {
    let (address, _) = server().await;
    let home = Outbound::new(HOME);
    let get = |path: &str| Request::get(format!("http://{address}{path}")).body(Vec::new()).unwrap();
    let cut = |path, answer_bytes| {
        let bounds = OutboundBounds { answer_bytes, ..OutboundBounds::default() };
        home.send_within(get(path), bounds, Longer::Cut)
    };
    let answer = cut("/large", 1000).await.unwrap();
    assert_eq!((answer.response.body().len(), answer.truncated), (1000, true));
    let widest = OutboundBounds::default().answer_bytes;
    let answer = cut("/large", usize::MAX).await.unwrap();
    assert_eq!(
        (answer.response.body().len(), answer.truncated),
        (widest, true),
        "the sender's bound remains"
    );
    let answer = cut("/secret", "secret".len()).await.unwrap();
    assert_eq!((answer.response.body().as_slice(), answer.truncated), (b"secret".as_slice(), false));
    let answer = cut("/secret", 0).await.unwrap();
    assert_eq!((answer.response.body().len(), answer.truncated), (0, true));
}

#[tokio::test]
async fn a_request_has_its_own_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let home = Outbound::new(HOME);
    let request = Request::get(format!("http://{address}/")).body(Vec::new()).unwrap();
    let bounds = OutboundBounds { time: Duration::from_millis(50), ..OutboundBounds::default() };
    let error = home.send_within(request, bounds, Longer::Cut).await.unwrap_err();
    assert!(matches!(error, OutboundError::TimedOut { .. }), "{error}");
}
