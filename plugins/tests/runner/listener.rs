//! A server on this machine: it keeps what it was sent, and answers as it was told to.

use crate::world::pause;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it was sent. A connection that says nothing is kept too, as an empty text.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let line =
            self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    }
}

/// What it answers: the status, further lines of the head, the body.
#[derive(Debug, Clone)]
pub(crate) struct Reply(pub(crate) u16, pub(crate) String, pub(crate) String);

/// All that it was sent so far.
pub(crate) type Inbox = Arc<Mutex<Vec<Received>>>;

/// Answers with these, the last again and again. Its port, and what it is sent.
pub(crate) async fn replying(replies: Vec<Reply>) -> (u16, Inbox) {
    replying_after(Duration::ZERO, replies).await
}

/// The same, each so long after it was asked.
pub(crate) async fn replying_after(time: Duration, replies: Vec<Reply>) -> (u16, Inbox) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = Inbox::default();
    let kept = received.clone();
    let mut replies = VecDeque::from(replies);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let whole = request(&mut stream).await;
            kept.lock().push(whole);
            let next = if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() };
            let Reply(status, head, body) = next.unwrap();
            pause(time).await;
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} x\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            drop(stream.write_all(answer.as_bytes()).await);
        }
    });
    (port, received)
}

/// Answers with these statuses and a word. Its address, and what it is sent.
pub(crate) async fn server(statuses: &[u16]) -> (String, Inbox) {
    let reply = |status: &u16| Reply(*status, String::new(), "ok".to_owned());
    let (port, received) = replying(statuses.iter().map(reply).collect()).await;
    (format!("http://localhost:{port}/hook"), received)
}

async fn request(stream: &mut TcpStream) -> Received {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap_or(0);
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let whole = text.len() > head.len();
        let received = Received { head: head.to_owned(), body: body.to_owned() };
        let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
        if read == 0 || (whole && body.len() >= length) {
            return received;
        }
    }
}
