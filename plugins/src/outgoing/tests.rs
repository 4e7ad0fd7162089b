use super::*;
use mortise_outbound::Allowed;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

fn grant() -> Grant {
    let hosts = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<_>>();
    Grant {
        hosts: hosts(&["api.example.com", "*.example.org", "localhost"]),
        secrets: vec![
            ("token".to_owned(), hosts(&["api.example.com", "localhost"])),
            ("unbound".to_owned(), Vec::new()),
        ],
    }
}

fn secret_of(name: &str) -> Option<Zeroizing<String>> {
    matches!(name, "token" | "unbound" | "other").then(|| Zeroizing::new("s3cret".to_owned()))
}

fn request(method: Method, url: &str) -> OutgoingRequest {
    OutgoingRequest { method, url: url.to_owned(), headers: Vec::new(), body: None, timeout: None }
}

fn with(name: &str, value: HeaderText) -> OutgoingRequest {
    let headers = vec![(name.to_owned(), value)];
    OutgoingRequest { headers, ..request(Method::Post, "https://api.example.com/hook") }
}

fn text(text: &str) -> HeaderText {
    HeaderText::Text(text.to_owned())
}

fn secret(prefix: &str, secret: &str) -> HeaderText {
    HeaderText::Secret { prefix: prefix.to_owned(), secret: secret.to_owned() }
}

fn prepare(request: &OutgoingRequest) -> Result<Request<Vec<u8>>, Refusal> {
    prepared(request, &grant(), HostPolicy::default(), &OutgoingBounds::default(), &secret_of, None)
}

#[test]
fn a_request_goes_where_it_is_granted() {
    for url in [
        "https://api.example.com",
        "https://api.example.com/a?b=c",
        "https://API.Example.com/",
        "https://api.example.com:443/",
        "https://a.b.example.org/",
    ] {
        assert!(prepare(&request(Method::Get, url)).is_ok(), "{url}");
    }
    for url in ["https://example.org/", "https://example.com/", "https://api.example.com.evil.net/"] {
        let refusal = prepare(&request(Method::Get, url)).unwrap_err();
        assert!(matches!(refusal, Refusal::HostNotGranted { .. }), "{url}: {refusal}");
    }
}

#[test]
fn an_address_that_could_mean_something_else_is_refused() {
    let anywhere = Grant { hosts: vec!["*.example.com".parse().unwrap()], ..Grant::default() };
    for (url, why) in [
        ("http://api.example.com/", "only https"),
        ("ftp://api.example.com/", "only https"),
        ("https://api.example.com:8443/", "port 443"),
        ("https://api.example.com:/", "port"),
        ("https://api.example.com:99999/", "port"),
        ("https://user@api.example.com/", "user"),
        ("https://user:password@api.example.com/", "user"),
        ("https://evil.net@api.example.com/", "user"),
        ("https://api.example.com./", "no name"),
        ("https://api.example.com\\@evil.net/", ""),
        ("https://api.example.com#@evil.net/", "fragment"),
        ("https://127.0.0.1/", "address"),
        ("https://[::1]/", "address"),
        ("https://2130706433/", "address"),
        ("https://0x7f.1/", "address"),
        ("/path", "whole address"),
        ("//api.example.com/", ""),
        ("api.example.com", "whole address|only https"),
        ("https:///path", ""),
        ("", ""),
        ("https://api.example.com/\r\nhost: evil", ""),
        ("https://api.example.com/a b", ""),
        ("https://bücher.example.com/", ""),
        (" https://api.example.com/", ""),
    ] {
        let prepared = prepared(
            &request(Method::Get, url),
            &anywhere,
            HostPolicy::default(),
            &OutgoingBounds::default(),
            &secret_of,
            None,
        );
        let refusal = prepared.unwrap_err();
        assert!(matches!(refusal, Refusal::Url { .. }), "{url}: {refusal}");
        assert!(why.split('|').any(|why| refusal.to_string().contains(why)), "{url}: {refusal}");
    }
}

#[test]
fn headers_of_the_connection_are_not_for_plugins() {
    for name in [
        "Host",
        "connection",
        "Content-Length",
        "transfer-encoding",
        "TE",
        "Trailer",
        "upgrade",
        "Keep-Alive",
        "Proxy-Authorization",
        "proxy-connection",
        "X-Forwarded-For",
        "User-Agent",
        "Expect",
        "bad name",
        "",
        "a:b",
        "a\r\nb",
    ] {
        let refusal = prepare(&with(name, text("x"))).unwrap_err();
        assert!(matches!(refusal, Refusal::Header { .. }), "{name:?}: {refusal}");
        assert!(!refusal.to_string().contains('\n'));
    }
    for value in ["a\r\nhost: evil", "a\nb", "\0"] {
        assert!(matches!(prepare(&with("x-a", text(value))), Err(Refusal::Header { .. })), "{value:?}");
    }
    let prepared = prepare(&with("Content-Type", text("application/json"))).unwrap();
    assert_eq!(prepared.headers()["content-type"], "application/json");
}

#[test]
fn a_secret_goes_only_where_it_is_bound() {
    let prepared = prepare(&with("authorization", secret("Bearer ", "token"))).unwrap();
    let value = &prepared.headers()["authorization"];
    assert_eq!(value, "Bearer s3cret");
    assert!(value.is_sensitive());
    assert!(!format!("{prepared:?}").contains("s3cret"));
    let elsewhere = OutgoingRequest {
        url: "https://a.example.org/".to_owned(),
        ..with("authorization", secret("Bearer ", "token"))
    };
    let bound =
        |secret: &str, host: &str| Refusal::SecretNotBound { secret: secret.into(), host: host.into() };
    assert_eq!(prepare(&elsewhere).unwrap_err(), bound("token", "a.example.org"));
    let refusal = prepare(&with("authorization", secret("", "unbound"))).unwrap_err();
    assert_eq!(refusal, bound("unbound", "api.example.com"), "bound to nothing is bound to nowhere");
    for unknown in ["other", "nowhere", ""] {
        let refusal = prepare(&with("authorization", secret("", unknown))).unwrap_err();
        assert!(matches!(refusal, Refusal::SecretNotGranted { .. }), "{unknown}: {refusal}");
    }
    let forbidden = prepare(&with("proxy-authorization", secret("", "token"))).unwrap_err();
    assert!(matches!(forbidden, Refusal::Header { .. }));
    let split = prepare(&with("authorization", secret("a\r\nb: ", "token"))).unwrap_err();
    assert!(!split.to_string().contains("s3cret"), "{split}");
}

#[test]
fn everything_has_a_size() {
    let bounds = OutgoingBounds::default();
    let body = |bytes: usize| OutgoingRequest {
        body: Some(vec![0; bytes]),
        ..request(Method::Post, "https://api.example.com/")
    };
    assert!(prepare(&body(bounds.body_bytes)).is_ok());
    assert!(matches!(prepare(&body(bounds.body_bytes + 1)), Err(Refusal::TooLarge { .. })));
    let long = format!("https://api.example.com/{}", "a".repeat(URL_BYTES_MAX));
    assert!(matches!(prepare(&request(Method::Get, &long)), Err(Refusal::TooLarge { .. })));
    assert!(matches!(prepare(&with("x-a", text(&"a".repeat(20_000)))), Err(Refusal::TooLarge { .. })));
    let many = (0..=bounds.headers).map(|n| (format!("x-{n}"), text("a"))).collect();
    let many = OutgoingRequest { headers: many, ..request(Method::Get, "https://api.example.com/") };
    assert!(matches!(prepare(&many), Err(Refusal::TooLarge { .. })));
    let with_body = OutgoingRequest { method: Method::Get, ..body(1) };
    assert!(prepare(&with_body).unwrap_err().to_string().contains("no body"));
}

#[test]
fn the_hosts_key_takes_the_place_of_a_plugins() {
    let request = with("Idempotency-Key", text("mine"));
    let bounds = OutgoingBounds::default();
    let prepared =
        |key| prepared(&request, &grant(), HostPolicy::default(), &bounds, &secret_of, key).unwrap();
    assert_eq!(prepared(None).headers()["idempotency-key"], "mine");
    let keys: Vec<_> = prepared(Some("run-1")).headers().get_all("idempotency-key").iter().cloned().collect();
    assert_eq!(keys, ["run-1"]);
}

/// A server that answers everything with this, and hands over what it was asked.
async fn server(answer: &'static str) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, heard) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 64 * 1024];
            let length = stream.read(&mut buffer).await.unwrap();
            asked.send(String::from_utf8_lossy(&buffer[..length]).into_owned()).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (port, heard)
}

fn outgoing(each: usize, bounds: OutgoingBounds) -> Outgoing {
    let outbound = Outbound::new(Allowed { private_addresses: true });
    Outgoing::new(outbound, Lanes::new(each, 0, 10), HostPolicy { private_networks: true }, bounds)
}

#[tokio::test]
async fn a_request_is_carried_and_its_answer_told() {
    let (port, mut heard) = server("HTTP/1.1 201 Created\r\nx-a: b\r\ncontent-length: 5\r\n\r\nhello").await;
    let outgoing = outgoing(1, OutgoingBounds { answer_bytes: 3, ..OutgoingBounds::default() });
    let request = OutgoingRequest {
        method: Method::Put,
        url: format!("http://localhost:{port}/path?q=1"),
        headers: vec![("Authorization".to_owned(), secret("Bearer ", "token"))],
        body: Some(b"body".to_vec()),
        timeout: None,
    };
    assert_eq!(outgoing.check(&request, &grant()), Ok(()));
    let tenant = TenantId::generate();
    let answer = outgoing.send(tenant, &request, &grant(), &secret_of, Some("key-1")).await.unwrap();
    assert_eq!(
        (answer.status, answer.body.as_slice(), answer.body_truncated),
        (201, b"hel".as_slice(), true)
    );
    assert!(answer.headers.contains(&("x-a".to_owned(), "b".to_owned())), "{answer:?}");
    let asked = heard.recv().await.unwrap();
    assert!(asked.starts_with("PUT /path?q=1 HTTP/1.1\r\n"), "{asked}");
    for header in [
        format!("host: localhost:{port}"),
        "authorization: Bearer s3cret".to_owned(),
        "idempotency-key: key-1".to_owned(),
        "content-length: 4".to_owned(),
        "connection: close".to_owned(),
    ] {
        assert!(asked.contains(&format!("\r\n{header}\r\n")), "{header}: {asked}");
    }
}

#[tokio::test]
async fn a_tenant_with_all_lanes_taken_is_told_at_once_and_others_are_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let outgoing = outgoing(1, OutgoingBounds::default());
    let tenant = TenantId::generate();
    let request = OutgoingRequest {
        timeout: Some(Duration::from_millis(300)),
        ..request(Method::Get, &format!("http://localhost:{port}/"))
    };
    let grant = grant();
    let send = |tenant| outgoing.send(tenant, &request, &grant, &secret_of, None);
    let (first, second, other) = tokio::join!(send(tenant), send(tenant), send(TenantId::generate()));
    assert!(matches!(first, Err(SendError::Outbound(OutboundError::TimedOut { .. }))), "{first:?}");
    assert!(matches!(second, Err(SendError::Busy)), "{second:?}");
    assert!(!first.unwrap_err().is_lasting() && !second.unwrap_err().is_lasting(), "they are tried again");
    assert!(matches!(other, Err(SendError::Outbound(OutboundError::TimedOut { .. }))), "{other:?}");
    assert_eq!(outgoing.lanes.tenants(), 0);
}

#[tokio::test]
async fn without_the_operators_leave_nothing_reaches_this_machine() {
    let (port, mut heard) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let strict = Outgoing::new(
        Outbound::new(Allowed::default()),
        Lanes::new(1, 0, 1),
        HostPolicy::default(),
        OutgoingBounds::default(),
    );
    for url in [
        format!("http://localhost:{port}/"),
        format!("https://localhost:{port}/"),
        "https://localhost/".to_owned(),
    ] {
        let (request, grant) = (request(Method::Get, &url), grant());
        let sent = strict.send(TenantId::generate(), &request, &grant, &secret_of, None);
        let error = sent.await.unwrap_err();
        let refused =
            matches!(error, SendError::Refused(_) | SendError::Outbound(OutboundError::Refused { .. }));
        assert!(refused && error.is_lasting(), "{url}: {error}");
    }
    assert!(heard.try_recv().is_err());
}
