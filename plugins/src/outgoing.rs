//! A plugin's request to the outside: held against what the company granted, then carried by the guarded sender.
//!
//! A plugin names a secret and never holds it: the host puts it in, and only towards hosts that the secret is bound to. It
//! does not know who grants, where secrets are kept, nor which address a name has: the sender judges that.

mod headers;
mod held;
mod lanes;
mod masked;

use crate::destination::{HostPattern, host_name};
use crate::host::Places;
use http::{HeaderName, HeaderValue, Request, Uri};
use mortise_engine::id::TenantId;
use mortise_outbound::{Longer, Outbound, OutboundBounds, OutboundError};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

pub(crate) use held::{Held, Hold};
pub(crate) use lanes::{Lanes, LanesFull};

/// Calls that hold a place while they wait: of one company, and of all that share places.
const HELD_EACH: usize = 4;
const HELD_ALL: usize = 24;

/// Bytes of an address.
const URL_BYTES_MAX: usize = 8 * 1024;

/// The header that a host tells attempts at the same request by.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How a request asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
    /// HEAD.
    Head,
}

/// The value of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeaderText {
    /// This text.
    Text(String),
    /// `prefix`, followed by the secret of this name.
    Secret {
        /// What stands before it, such as `Bearer `.
        prefix: String,
        /// The secret's name.
        secret: String,
    },
}

/// What a plugin wants to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutgoingRequest {
    /// How.
    pub(crate) method: Method,
    /// Where to: a whole address with `https`.
    pub(crate) url: String,
    /// Its headers, in order.
    pub(crate) headers: Vec<(String, HeaderText)>,
    /// Its body.
    pub(crate) body: Option<Vec<u8>>,
    /// The longest it may take; none: as long as the bounds allow.
    pub(crate) timeout: Option<Duration>,
}

/// What a company lets one installation do outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Hosts that requests may go to.
    pub(crate) hosts: Vec<HostPattern>,
    /// Secrets that may be used, with the hosts that each may be sent to.
    pub(crate) secrets: Vec<(String, Vec<HostPattern>)>,
}

/// How far requests go, whatever was granted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct HostPolicy {
    /// Plain HTTP, and other ports than 443. For tests and plugins under development; the sender must allow private addresses
    /// as well. Default: no.
    pub(crate) private_networks: bool,
}

/// How large requests and answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutgoingBounds {
    /// Bytes of a request's body. Default: 256 KiB.
    pub(crate) body_bytes: usize,
    /// Headers of a request, and of an answer. Default: 50.
    pub(crate) headers: usize,
    /// Bytes of the names and values of those together. Default: 16 KiB.
    pub(crate) header_bytes: usize,
    /// Bytes of an answer's body that are read; what is beyond is cut. Default: 1 MiB.
    pub(crate) answer_bytes: usize,
    /// The longest that a request takes, its waiting for a lane included. Default: 10 seconds.
    pub(crate) time: Duration,
}

impl Default for OutgoingBounds {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            headers: 50,
            header_bytes: 16 * 1024,
            answer_bytes: 1024 * 1024,
            time: Duration::from_secs(10),
        }
    }
}

/// Why a request is not sent. The words are for the plugin's author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Nobody granted the host.
    #[error(
        "requests to `{host}` are not granted: name it under `http` in the manifest, and have the company grant it"
    )]
    HostNotGranted {
        /// The host.
        host: String,
    },
    /// The address is none that requests go to.
    #[error("the address cannot be used: {why}")]
    Url {
        /// Why, and what to write.
        why: String,
    },
    /// A header is not for plugins to set, or no header at all.
    #[error("the header `{name}` {why}")]
    Header {
        /// Its name, as far as it is shown.
        name: String,
        /// Why not.
        why: &'static str,
    },
    /// There is no such secret, or it was not granted.
    #[error(
        "the secret `{secret}` is not granted or not entered: name it under `secrets` in the manifest, and have the company enter it"
    )]
    SecretNotGranted {
        /// Its name, as far as it is shown.
        secret: String,
    },
    /// The secret may not go there.
    #[error("the secret `{secret}` is not bound to `{host}`: the company says which hosts it may be sent to")]
    SecretNotBound {
        /// Its name.
        secret: String,
        /// The host.
        host: String,
    },
    /// Something is larger than it may be.
    #[error("the {what} may have {max} at most")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How much, in its unit.
        max: usize,
    },
}

/// Why nothing came back from a request that was good.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// It was not good.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many of the company's requests are on their way.
    #[error("too many requests of this company's plugins are on their way: try again")]
    Busy,
    /// The other side.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
}

impl SendError {
    /// Whether no later attempt is worth it: what is wrong is the request, or where it leads. That counts for a name that
    /// leads into a private network too. What its resolver says may change, but seldom by itself, and meanwhile nobody would hear of
    /// it: who mends the name has the request sent again.
    #[must_use]
    pub(crate) const fn is_lasting(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Outbound(OutboundError::Refused { .. }))
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutgoingAnswer {
    /// The status, such as 200.
    pub(crate) status: u16,
    /// Its headers, as text; those that are none, or that are beyond the bounds, are left out.
    pub(crate) headers: Vec<(String, String)>,
    /// Its body.
    pub(crate) body: Vec<u8>,
    /// There was more of the body.
    pub(crate) body_truncated: bool,
}

/// Tells a secret by its name, at the moment it is used.
pub(crate) type SecretOf<'a> = &'a (dyn Fn(&str) -> Option<Zeroizing<String>> + Sync);

/// Sends requests of plugins; clones share what is on its way.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    outbound: Outbound,
    lanes: Arc<Lanes>,
    held: Arc<Held>,
    policy: HostPolicy,
    bounds: OutgoingBounds,
}

impl Outgoing {
    /// Sends by this sender, whose own bounds and allowances remain the widest.
    #[must_use]
    pub(crate) fn new(outbound: Outbound, lanes: Lanes, policy: HostPolicy, bounds: OutgoingBounds) -> Self {
        let held = Arc::new(Held::new(HELD_EACH, HELD_ALL));
        Self { outbound, lanes: Arc::new(lanes), held, policy, bounds }
    }

    /// The same, with other bounds on calls that hold a place while they wait.
    #[must_use]
    pub(crate) fn holding(self, held: Held) -> Self {
        Self { held: Arc::new(held), ..self }
    }

    /// Room for a call that holds a place of the host while it waits for an answer: to be kept until that is here.
    ///
    /// # Errors
    ///
    /// [`SendError::Busy`], at once.
    pub(crate) fn hold(&self, tenant: TenantId, places: Places) -> Result<Hold, SendError> {
        self.held.hold(tenant, places).ok_or(SendError::Busy)
    }

    /// Whether a request could be sent as things stand; nothing is sent and no secret is read. For requests that are kept
    /// for later.
    ///
    /// # Errors
    ///
    /// [`Refusal`].
    pub(crate) fn check(&self, request: &OutgoingRequest, grant: &Grant) -> Result<(), Refusal> {
        let nothing = |_: &str| Some(Zeroizing::new(String::new()));
        prepared(request, grant, self.policy, &self.bounds, &nothing, None).map(drop)
    }

    /// Sends a request of a tenant's plugin and waits for the answer, whatever its status. With an idempotency key, the
    /// request says it in the header of that name. What the answer repeats of the request's secrets is masked.
    ///
    /// # Errors
    ///
    /// [`SendError`].
    pub(crate) async fn send(
        &self,
        tenant: TenantId,
        request: &OutgoingRequest,
        grant: &Grant,
        secret_of: SecretOf<'_>,
        idempotency_key: Option<&str>,
    ) -> Result<OutgoingAnswer, SendError> {
        let prepared = prepared(request, grant, self.policy, &self.bounds, secret_of, idempotency_key)?;
        let time = request.timeout.unwrap_or(self.bounds.time).min(self.bounds.time);
        let bounds = OutboundBounds { time, answer_bytes: self.bounds.answer_bytes };
        let sent = async {
            let _lane = self.lanes.enter(tenant).await.map_err(|LanesFull| SendError::Busy)?;
            Ok(self.outbound.send_within(prepared, bounds, Longer::Cut).await?)
        };
        let to = || host_of(&request.url).map_or_else(|_| String::new(), |(host, _)| host);
        let late = |_| Err(SendError::Outbound(OutboundError::TimedOut { to: to() }));
        let answer = tokio::time::timeout(time, sent).await.unwrap_or_else(late)?;
        let (head, body) = answer.response.into_parts();
        let answer = OutgoingAnswer {
            status: head.status.as_u16(),
            headers: headers::told(&head.headers, &self.bounds),
            body,
            body_truncated: answer.truncated,
        };
        Ok(masked::masked(answer, &masked::sent(request, secret_of)))
    }
}

/// The request as the sender takes it, with the secrets in it.
fn prepared(
    request: &OutgoingRequest,
    grant: &Grant,
    policy: HostPolicy,
    bounds: &OutgoingBounds,
    secret_of: SecretOf<'_>,
    idempotency_key: Option<&str>,
) -> Result<Request<Vec<u8>>, Refusal> {
    let (host, uri) = allowed(request, &grant.hosts, policy, bounds)?;
    let mut prepared = Request::new(request.body.clone().unwrap_or_default());
    *prepared.method_mut() = request.method.into();
    *prepared.uri_mut() = uri;
    *prepared.headers_mut() = headers::read(&request.headers, grant, &host, bounds, secret_of)?;
    if let Some(key) = idempotency_key {
        let value = HeaderValue::from_str(key);
        let value =
            value.map_err(|_| Refusal::Header { name: IDEMPOTENCY_KEY.to_string(), why: "is no text" })?;
        prepared.headers_mut().insert(IDEMPOTENCY_KEY, value);
    }
    Ok(prepared)
}

/// The host and the address of a request that may go there with its body; its headers are not looked at.
pub(crate) fn allowed(
    request: &OutgoingRequest,
    hosts: &[HostPattern],
    policy: HostPolicy,
    bounds: &OutgoingBounds,
) -> Result<(String, Uri), Refusal> {
    let (host, uri) = host_of(&request.url)?;
    check_scheme_and_port(&uri, policy)?;
    if !hosts.iter().any(|granted| granted.matches(&host)) {
        return Err(Refusal::HostNotGranted { host });
    }
    let bytes = request.body.as_ref().map_or(0, Vec::len);
    if bytes > bounds.body_bytes {
        return Err(Refusal::TooLarge { what: "body, in bytes,", max: bounds.body_bytes });
    }
    if matches!(request.method, Method::Get | Method::Head) && bytes > 0 {
        return Err(Refusal::Url { why: "GET and HEAD have no body: use POST".to_owned() });
    }
    Ok((host, uri))
}

/// The host that an address names, as grants are compared with, and the address itself.
pub(crate) fn host_of(url: &str) -> Result<(String, Uri), Refusal> {
    let refuse = |why: &str| Refusal::Url { why: why.to_owned() };
    if url.len() > URL_BYTES_MAX {
        return Err(Refusal::TooLarge { what: "address, in bytes,", max: URL_BYTES_MAX });
    }
    if url.contains('#') {
        return Err(refuse("it has a fragment: leave out what is behind `#`"));
    }
    let uri: Uri = url.parse().map_err(|_| refuse("write `https://host/path`, percent-encoded"))?;
    let authority =
        uri.authority().ok_or_else(|| refuse("it is no whole address: write `https://host/path`"))?;
    if authority.as_str().contains('@') {
        return Err(refuse("it names a user: put that in a header, as a secret"));
    }
    let host = host_name(authority.host()).map_err(|error| refuse(&format!("the host {error}")))?;
    // What is sent and what is compared must be one name.
    if !host.eq_ignore_ascii_case(authority.host()) {
        return Err(refuse(&format!("write its host as `{host}`")));
    }
    Ok((host, uri))
}

fn check_scheme_and_port(uri: &Uri, policy: HostPolicy) -> Result<(), Refusal> {
    let refuse = |why: &str| Err(Refusal::Url { why: why.to_owned() });
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if policy.private_networks => {}
        _ => return refuse("only https is spoken"),
    }
    let behind_host = uri.authority().and_then(|a| a.as_str().strip_prefix(a.host())).unwrap_or_default();
    match uri.port_u16() {
        // A port that is no number, or nothing behind the colon.
        None if !behind_host.is_empty() => refuse("its port is no port"),
        None | Some(443) => Ok(()),
        Some(_) if policy.private_networks => Ok(()),
        Some(_) => refuse("only port 443 is spoken to: leave the port away"),
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
            Method::Head => Self::HEAD,
        }
    }
}

#[cfg(test)]
mod tests;
