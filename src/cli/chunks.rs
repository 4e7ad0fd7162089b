//! Bodies of HTTP messages that come bit by bit: one that is made as it is sent, and reading any.
//!
//! It does not know what is in them.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::mpsc;

/// A part of a body, or why there are no more.
pub(super) type Chunk = io::Result<Bytes>;

/// A body of what comes out of a queue, which ends when nobody holds its other end.
#[derive(Debug)]
pub(super) struct Chunks {
    from: mpsc::Receiver<Chunk>,
    bytes: Option<u64>,
}

impl Chunks {
    /// A body of unknown length.
    pub(super) const fn new(from: mpsc::Receiver<Chunk>) -> Self {
        Self { from, bytes: None }
    }

    /// A body of so many bytes.
    pub(super) const fn of(bytes: u64, from: mpsc::Receiver<Chunk>) -> Self {
        Self { from, bytes: Some(bytes) }
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.from.poll_recv(cx).map(|next| next.map(|chunk| chunk.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes.map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// The next bytes of a body; none at its end.
pub(super) async fn next<B>(body: &mut B) -> Option<Result<Bytes, B::Error>>
where
    B: Body<Data = Bytes> + Unpin,
{
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await? {
            Ok(frame) => match frame.into_data() {
                Ok(bytes) => return Some(Ok(bytes)),
                // Fields behind the body say nothing to us.
                Err(_) => continue,
            },
            Err(error) => return Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_what_was_put_in_and_ends_when_nobody_puts_in_more() {
        let (to, from) = mpsc::channel(2);
        let mut body = Chunks::of(2, from);
        assert_eq!(body.size_hint().exact(), Some(2));
        for part in ["a", "b"] {
            to.send(Ok(Bytes::from(part))).await.unwrap();
        }
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "a");
        drop(to);
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "b");
        assert!(next(&mut body).await.is_none());
    }
}
