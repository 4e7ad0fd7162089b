//! Over a real connection.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::app;
use crate::http::{HttpLimits, RouterOptions};

async fn served(options: RouterOptions) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app(options).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// Sends bytes, then reads until the other side closes or `enough` says so.
async fn talk(address: SocketAddr, bytes: Vec<u8>, enough: fn(&str) -> bool) -> String {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(&bytes).unwrap();
        let mut text = String::new();
        let mut buffer = [0; 4096];
        while !enough(&text) {
            match stream.read(&mut buffer).unwrap() {
                0 => break,
                read => text.push_str(std::str::from_utf8(&buffer[..read]).unwrap()),
            }
        }
        text
    })
    .await
    .unwrap()
}

fn post(document: &str) -> String {
    let body = format!(r#"{{"query":"{document}"}}"#);
    format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_connection_survives_a_panic_and_serves_on() {
    let address = served(RouterOptions::default()).await;
    let bytes = format!("{}{}", post("{boom}"), post("{hello}")).into_bytes();
    let text = talk(address, bytes, |text| text.contains(r#"{"data":{"hello":"hello"}}"#)).await;
    assert!(text.starts_with("HTTP/1.1 500 ") && text.contains("INTERNAL"), "{text}");
}

#[tokio::test]
async fn a_client_that_sends_too_much_gets_to_read_why() {
    let address = served(RouterOptions::default()).await;
    let size = 8 * 1024 * 1024;
    for (content_type, status) in [("application/json", "413"), ("multipart/form-data", "415")] {
        let mut bytes = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\ncontent-length: {size}\r\n\r\n"
        )
        .into_bytes();
        bytes.resize(bytes.len() + size, b' ');
        let text = talk(address, bytes, |text| text.ends_with("}]}")).await;
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
    }
}

#[tokio::test]
async fn a_client_that_stalls_in_its_body_is_told_so_and_cut_off() {
    let limits = HttpLimits { body_timeout: Duration::from_millis(50), ..HttpLimits::default() };
    let address = served(RouterOptions { limits, ..RouterOptions::default() }).await;
    let bytes =
        b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
            .to_vec();
    let text = talk(address, bytes, |_| false).await;
    assert!(text.starts_with("HTTP/1.1 408 ") && text.contains("INVALID_INPUT"), "{text}");
}
