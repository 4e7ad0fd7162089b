//! Requests that go out to addresses which others have chosen: a company's identity provider, a vendor's keys.
//!
//! A name is resolved once, every address that it has is judged, and the connection goes to a judged one: a name that means
//! something else the next time gains nothing. Addresses that are not public are refused unless the operator allows them.
//! No redirect is followed, no proxy of the environment is used, and what comes back has a bound and a deadline. It does not
//! know what is asked for.

mod address;
mod connect;

use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

pub use address::is_public;
use connect::{Connector, Speak};

/// Bytes of the head of an answer, and headers in it.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 100;

/// Requests on their way at once; further ones wait, and their waiting counts as their time.
const AT_ONCE: usize = 256;

/// What the operator allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Addresses of this machine and of private networks, other ports than 443, and plain HTTP there. For tests, and for
    /// identity providers inside the operator's own network. Default: no.
    pub private_addresses: bool,
}

/// How much of a request's other side is borne.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboundBounds {
    /// The longest that a request may take, with all that belongs to it. Default: 10 seconds.
    pub time: Duration,
    /// The largest answer that is read, in bytes. Default: 256 KiB.
    pub answer_bytes: usize,
}

impl Default for OutboundBounds {
    fn default() -> Self {
        Self { time: Duration::from_secs(10), answer_bytes: 256 * 1024 }
    }
}

/// What becomes of an answer that is longer than is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Longer {
    /// It is an error: half a document is none.
    Refused,
    /// It is cut, and the answer says so.
    Cut,
}

/// What came back: status, headers and as much of the body as is read.
#[derive(Debug)]
pub struct Answer {
    /// The answer.
    pub response: Response<Vec<u8>>,
    /// More of its body was sent than is here. Only with [`Longer::Cut`].
    pub truncated: bool,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// It is no address that requests go to.
    #[error("cannot send a request to `{to}`: {why}")]
    Refused {
        /// The host.
        to: String,
        /// Why not.
        why: &'static str,
    },
    /// The other side cannot be reached, or does not speak as it should.
    #[error("cannot reach `{to}`: {why}")]
    Failed {
        /// The host.
        to: String,
        /// What happened.
        why: String,
    },
    /// It takes too long.
    #[error("`{to}` does not answer in time")]
    TimedOut {
        /// The host.
        to: String,
    },
}

/// Sends requests; clones share what is on its way.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    connector: Connector,
    room: Semaphore,
    bounds: OutboundBounds,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbound")
    }
}

impl Outbound {
    /// A sender that goes as far as is allowed, and trusts the certificates that the operating system does. Reads files:
    /// call it at start.
    #[must_use]
    pub fn new(allowed: Allowed) -> Self {
        Self::within(allowed, OutboundBounds::default())
    }

    /// The same, within other bounds: for a server that is trusted.
    #[must_use]
    pub fn within(allowed: Allowed, bounds: OutboundBounds) -> Self {
        let (connector, room) = (Connector::new(allowed), Semaphore::new(AT_ONCE));
        Self(Arc::new(Inner { connector, room, bounds }))
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// [`OutboundError`].
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, OutboundError> {
        let answer = self.send_within(request, self.0.bounds, Longer::Refused).await?;
        Ok(answer.response)
    }

    /// The same within bounds of its own, of which the sender's remain the widest; any method, with what headers the request
    /// has, except those that belong to the connection: they are set here.
    ///
    /// # Errors
    ///
    /// [`OutboundError`].
    pub async fn send_within(
        &self,
        request: Request<Vec<u8>>,
        bounds: OutboundBounds,
        longer: Longer,
    ) -> Result<Answer, OutboundError> {
        let to = request.uri().host().unwrap_or_default().to_owned();
        let time = bounds.time.min(self.0.bounds.time);
        let bytes = bounds.answer_bytes.min(self.0.bounds.answer_bytes);
        let sent = tokio::time::timeout(time, self.exchange(request, bytes, longer));
        sent.await.unwrap_or(Err(OutboundError::TimedOut { to }))
    }

    /// Fetches a document.
    ///
    /// # Errors
    ///
    /// [`OutboundError`], also for any status but 200.
    pub async fn fetch(&self, uri: &str) -> Result<Vec<u8>, OutboundError> {
        let failed = |why: String| OutboundError::Failed { to: uri.chars().take(200).collect(), why };
        let uri: Uri = uri.parse().map_err(|_| failed("this is no address".to_owned()))?;
        let request = Request::get(uri).header(header::ACCEPT, "application/json").body(Vec::new());
        let answer = self.send(request.map_err(|error| failed(error.to_string()))?).await?;
        match answer.status() {
            http::StatusCode::OK => Ok(answer.into_body()),
            status => Err(failed(format!("it answers {status}"))),
        }
    }

    /// Sends a request whose body comes bit by bit, and answers when the head of the answer is there. Its time bounds the
    /// connecting alone, and nothing bounds the answer: it is for the caller to read, and to stop.
    ///
    /// # Errors
    ///
    /// [`OutboundError`].
    pub async fn begin<B>(&self, request: Request<B>) -> Result<Response<Incoming>, OutboundError>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static,
    {
        let to = request.uri().host().unwrap_or_default().to_owned();
        let connect = tokio::time::timeout(self.0.bounds.time, self.0.connector.connect(request.uri()));
        let stream = connect.await.unwrap_or(Err(OutboundError::TimedOut { to }))?;
        over(stream, request).await
    }

    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
        bytes: usize,
        longer: Longer,
    ) -> Result<Answer, OutboundError> {
        let Inner { connector, room, .. } = &*self.0;
        let to = request.uri().host().unwrap_or_default().to_owned();
        let failed = |why: String| OutboundError::Failed { to: to.clone(), why };
        let _place = room.acquire().await.map_err(|error| failed(error.to_string()))?;
        let stream = connector.connect(request.uri()).await?;
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let (head, body) = over(stream, request).await?.into_parts();
        let (body, truncated) = read(body, bytes).await.map_err(|error| failed(error.to_string()))?;
        if truncated && longer == Longer::Refused {
            return Err(failed(format!("its answer has more than {bytes} bytes")));
        }
        Ok(Answer { response: Response::from_parts(head, body), truncated })
    }
}

/// So many bytes of a body, and whether there are more. What is not read is not waited for.
async fn read(mut body: Incoming, bytes: usize) -> Result<(Vec<u8>, bool), hyper::Error> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let room = bytes.saturating_sub(read.len());
        if data.len() > room {
            read.extend(data.into_iter().take(room));
            return Ok((read, true));
        }
        read.extend_from_slice(&data);
    }
    Ok((read, false))
}

/// Sends a request over a connection that is used for nothing else.
async fn over<B>(
    stream: TokioIo<Box<dyn Speak>>,
    request: Request<B>,
) -> Result<Response<Incoming>, OutboundError>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static,
{
    let to = request.uri().host().unwrap_or_default().to_owned();
    let failed = |error: hyper::Error| OutboundError::Failed { to: to.clone(), why: error.to_string() };
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    let (mut sender, connection) = builder.handshake(stream).await.map_err(failed)?;
    // It ends with the answer, for the connection is used once; or with the sender, which a deadline drops.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    sender.send_request(prepared(request)?).await.map_err(failed)
}

/// The request as it goes over the connection: the path alone, with the host beside it.
fn prepared<B>(request: Request<B>) -> Result<Request<B>, OutboundError> {
    let (mut head, body) = request.into_parts();
    let refused = |why| OutboundError::Refused { to: head.uri.host().unwrap_or_default().to_owned(), why };
    let authority = head.uri.authority().ok_or_else(|| refused("it has no host"))?.as_str();
    let host = HeaderValue::from_str(authority).map_err(|_| refused("its host is no host"))?;
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let path: Uri = path.parse().map_err(|_| refused("its path is no path"))?;
    head.uri = path;
    head.version = http::Version::HTTP_11;
    head.headers.insert(header::HOST, host);
    head.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    head.headers.insert(header::USER_AGENT, HeaderValue::from_static("mortise"));
    Ok(Request::from_parts(head, body))
}

#[cfg(test)]
mod tests;
