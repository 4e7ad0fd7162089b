//! One keep-alive connection that sends finished bytes and finds the body of the answer.
//!
//! It is this small so that the client takes little of the machine it shares with the server: no header map, no copy of
//! the body, no task per connection. It understands what our server sends, a body of a stated length, and nothing else.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

/// Room that is made for what arrives, each time there is none left, in bytes.
const RECEIVE_BYTES: usize = 32 * 1024;

/// The longest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// See the module.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    filled: usize,
}

/// An answer, in the connection's own memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: vec![0; RECEIVE_BYTES], filled: 0 })
    }

    /// Sends a whole request and waits for the whole answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.write(request).await?;
        self.filled = 0;
        let head = loop {
            self.receive().await?;
            let seen = self.received.get(..self.filled).unwrap_or_default();
            if let Some(end) = end_of_head(seen) {
                break Head::of(seen.get(..end).unwrap_or_default())?;
            }
            if self.filled > HEAD_BYTES_MAX {
                return Err(malformed("its head does not end"));
            }
        };
        while self.filled < head.bytes + head.body_bytes {
            self.receive().await?;
        }
        let body = self.received.get(head.bytes..head.bytes + head.body_bytes).unwrap_or_default();
        Ok(Answer { status: head.status, body })
    }

    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> io::Result<()> {
        if self.filled == self.received.len() {
            self.received.resize(self.filled + RECEIVE_BYTES, 0);
        }
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(self.received.get_mut(self.filled..).unwrap_or_default()) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(bytes) => {
                    self.filled += bytes;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

struct Head {
    status: u16,
    /// With the empty line behind it.
    bytes: usize,
    body_bytes: usize,
}

impl Head {
    /// Reads a status line and the one header that matters.
    fn of(head: &[u8]) -> io::Result<Self> {
        let text = std::str::from_utf8(head).map_err(|_| malformed("its head is not text"))?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        Ok(Self {
            status: status.ok_or_else(|| malformed("it has no status"))?,
            bytes: head.len(),
            body_bytes: length.ok_or_else(|| malformed("it does not state the length of its body"))?,
        })
    }
}

fn end_of_head(received: &[u8]) -> Option<usize> {
    received.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn malformed(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("cannot read the answer: {why}"))
}
