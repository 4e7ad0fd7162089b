//! HTTP/1.1 as far as these tests need it: one request on one connection, or one after another. It knows no GraphQL.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer that takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(120);

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Head and all, as sent.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    /// The value of a header, by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.filter(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// The whole answer, head and all. What tells the time and counts requests is left out: it is no answer to this one.
    pub(crate) fn told(&self) -> String {
        let counts = |line: &&str| {
            let line = line.to_ascii_lowercase();
            !line.starts_with("date:") && !line.starts_with("ratelimit:")
        };
        let head: Vec<_> = self.head.lines().filter(counts).collect();
        format!("{}\n\n{}", head.join("\n"), self.body)
    }
}

/// Sends a request (`POST /graphql`) and waits for its answer.
///
/// # Errors
///
/// `InvalidData` when an answer began and is not whole; anything else when none began.
pub(crate) fn send(
    address: SocketAddr,
    what: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Response> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let close = [&[("connection", "close")], headers].concat();
    stream.write_all(&written(address, what, &close, body))?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let kind = if answer.is_empty() { io::ErrorKind::UnexpectedEof } else { io::ErrorKind::InvalidData };
    parse(&answer).ok_or_else(|| io::Error::new(kind, "the answer does not come, or is cut off"))
}

/// A request as it goes over the wire.
fn written(address: SocketAddr, what: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut request = format!("{what} HTTP/1.1\r\nhost: {address}\r\n").into_bytes();
    for (name, value) in headers {
        request.extend(format!("{name}: {value}\r\n").bytes());
    }
    request.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
    request.extend(body);
    request
}

/// A connection that is kept for many requests, so that none waits for a new one.
pub(crate) struct Line {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

impl Line {
    /// A new connection.
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream: BufReader::new(stream) })
    }

    /// Sends a request and waits for its answer, which says how long it is.
    pub(crate) fn send(&mut self, what: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Response> {
        self.stream.get_mut().write_all(&written(self.address, what, headers, body))?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if self.stream.read_until(b'\n', &mut answer)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length = length.and_then(|length| length.trim().parse().ok());
        let mut body = vec![0; length.ok_or(io::ErrorKind::InvalidData)?];
        self.stream.read_exact(&mut body)?;
        answer.extend(body);
        parse(&answer).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

/// The answer, if it is whole.
fn parse(bytes: &[u8]) -> Option<Response> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let response = Response { status, head: head.to_owned(), body: body.to_owned() };
    if response.header("transfer-encoding") == Some("chunked") {
        return Some(Response { body: whole(body)?, ..response });
    }
    let length: usize = response.header("content-length")?.parse().ok()?;
    (body.len() == length).then_some(response)
}

/// A body that came in chunks, if its last has come.
fn whole(mut rest: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (size, behind) = rest.split_once("\r\n")?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        body.push_str(behind.get(..size)?);
        rest = behind.get(size..)?.strip_prefix("\r\n")?;
        if size == 0 {
            return Some(body);
        }
    }
}
