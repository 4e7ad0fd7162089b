//! Requests to the outside between the contract's values and those of the guarded sender, and what a failure is to a guest.

use super::Given;
use crate::automation::rows::{self, Out};
use crate::destination::HostPattern;
use crate::host::wit::http::{HeaderValue, Method, Request, Response};
use crate::host::wit::{Error, FieldError, Quota};
use crate::manifest::hosts_of;
use crate::outgoing::{
    self, Grant, HeaderText, HostPolicy, OutgoingAnswer, OutgoingBounds, OutgoingRequest, SendError,
};
use mortise_engine::PluginRoom;
use mortise_engine::model::Installation;
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A guest tries again after so many milliseconds when nothing came back.
const AGAIN_MS: u32 = 5_000;

/// What a company lets this installation do outside. Its secrets go to the hosts that they are bound to, or to all that were
/// granted, and to no others.
pub(crate) fn grant_of(installation: &Installation) -> Grant {
    // As they were entered: a default of the manifest is no grant.
    let settings = serde_json::from_str(&installation.settings).unwrap_or_default();
    let hosts = hosts_of(&installation.granted.http, &settings);
    let granted = |name: &&String| installation.granted.secrets.contains(*name);
    let secrets = installation.secrets.iter().filter(granted);
    let bound = |name: &String| match installation.hosts_of(name) {
        Some(bound) => bound.iter().filter_map(|host| host.parse().ok()).collect(),
        None => hosts.clone(),
    };
    let secrets = secrets.map(|name| (name.clone(), bound(name))).collect();
    Grant { hosts, secrets }
}

/// As the sender takes it.
pub(crate) fn outgoing(request: &Request) -> OutgoingRequest {
    let text = |value: &HeaderValue| match value {
        HeaderValue::Text(text) => HeaderText::Text(text.clone()),
        HeaderValue::Secret(value) => {
            HeaderText::Secret { prefix: value.prefix.clone(), secret: value.secret.clone() }
        }
    };
    OutgoingRequest {
        method: method(request.method),
        url: request.url.clone(),
        headers: request.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        body: request.body.clone(),
        timeout: request.timeout_ms.map(|millis| Duration::from_millis(millis.into())),
    }
}

/// Names of the secrets that a request uses.
pub(crate) fn secrets_in(request: &Request) -> impl Iterator<Item = &str> {
    request.headers.iter().filter_map(|(_, value)| match value {
        HeaderValue::Secret(value) => Some(value.secret.as_str()),
        HeaderValue::Text(_) => None,
    })
}

/// As the guest is told it.
fn told(answer: OutgoingAnswer, body_bytes: usize) -> Response {
    let OutgoingAnswer { status, headers, mut body, body_truncated } = answer;
    let longer = body.len() > body_bytes;
    body.truncate(body_bytes);
    Response { status, headers, body, body_truncated: body_truncated || longer }
}

/// Why nothing came back, as the guest is told it.
fn failure(error: &SendError) -> Error {
    match error {
        SendError::Refused(refusal) => refused(refusal),
        SendError::Busy | SendError::Outbound(_) => Error::Unavailable(AGAIN_MS),
    }
}

/// Why a request is not sent, as the guest is told it.
fn refused(refusal: &outgoing::Refusal) -> Error {
    use outgoing::Refusal;
    let invalid =
        |key: &str| Error::Invalid(vec![FieldError { key: key.to_owned(), message: refusal.to_string() }]);
    match refusal {
        Refusal::HostNotGranted { .. }
        | Refusal::SecretNotGranted { .. }
        | Refusal::SecretNotBound { .. } => Error::Denied(refusal.to_string()),
        Refusal::Url { .. } => invalid("url"),
        Refusal::Header { .. } => invalid("headers"),
        Refusal::TooLarge { .. } => invalid("body"),
    }
}

/// Refuses a request that a host with the usual bounds, which lets nothing into private networks, would not send to any of
/// these hosts. For who answers a guest without sending anything; its headers are not looked at.
///
/// # Errors
///
/// As the contract says: [`Error::Invalid`] for what is no request, [`Error::Denied`] for a host that is none of these.
///
/// ```
/// use mortise_plugins::host::wit::http::{Method, Request};
///
/// let hosts = ["hooks.example.com".parse()?];
/// let to = |url: &str| Request {
///     method: Method::Get,
///     url: url.to_owned(),
///     headers: Vec::new(),
///     body: None,
///     timeout_ms: None,
/// };
/// assert!(mortise_plugins::expect_allowed(&to("https://hooks.example.com/a"), &hosts).is_ok());
/// assert!(mortise_plugins::expect_allowed(&to("http://hooks.example.com/a"), &hosts).is_err());
/// # Ok::<(), mortise_plugins::destination::HostError>(())
/// ```
pub fn expect_allowed(request: &Request, hosts: &[HostPattern]) -> Result<(), Error> {
    let (policy, bounds) = (HostPolicy::default(), OutgoingBounds::default());
    outgoing::allowed(&outgoing(request), hosts, policy, &bounds)
        .map(drop)
        .map_err(|refusal| refused(&refusal))
}

const fn method(method: Method) -> outgoing::Method {
    match method {
        Method::Get => outgoing::Method::Get,
        Method::Post => outgoing::Method::Post,
        Method::Put => outgoing::Method::Put,
        Method::Patch => outgoing::Method::Patch,
        Method::Delete => outgoing::Method::Delete,
        Method::Head => outgoing::Method::Head,
    }
}

/// Sends a request now.
///
/// # Errors
///
/// As the contract says.
pub(super) async fn send(given: &Given, request: &Request, answer_bytes: usize) -> Result<Response, Error> {
    let installation = given.reading.installation();
    let values = secrets_of(installation, &given.room, request).await?;
    let secret_of = |name: &str| values.get(name).cloned();
    let (wanted, grant) = (outgoing(request), grant_of(installation));
    let _hold = given.outgoing.hold(given.tenant, given.places).map_err(|error| failure(&error))?;
    let sent = Box::pin(given.outgoing.send(given.tenant, &wanted, &grant, &secret_of, None)).await;
    sent.map(|answer| told(answer, answer_bytes)).map_err(|error| failure(&error))
}

/// A request as it is kept to be sent later; `staged` were staged in this call before it.
///
/// # Errors
///
/// As the contract says; also when too many wait.
pub(super) async fn kept(given: &Given, request: &Request, staged: usize) -> Result<Out, Error> {
    let installation = given.reading.installation();
    let checked = given.outgoing.check(&outgoing(request), &grant_of(installation));
    checked.map_err(|refusal| refused(&refusal))?;
    let counts = given.room.get(rows::COUNTS).await.map_err(|error| crate::convert::for_guest(&error))?;
    let counts = counts.and_then(|bytes| rows::decode::<rows::Counts>(&bytes).ok()).unwrap_or_default();
    if counts.out.saturating_add(staged as u64) >= rows::OUT_MAX {
        return Err(Error::QuotaExceeded(Quota::HttpCalls));
    }
    let request = rows::encode_request(request).map_err(|error| crate::convert::for_guest(&error))?;
    Ok(Out {
        id: Uuid::now_v7(),
        request,
        at: given.now,
        attempts: 0,
        not_before: given.now,
        why: String::new(),
        run: Some(given.run),
        basis: None,
    })
}

/// The secrets that a request names, for the time in which it is sent.
///
/// # Errors
///
/// As [`super::secrets::key`].
pub(crate) async fn secrets_of(
    installation: &Installation,
    room: &PluginRoom,
    request: &Request,
) -> Result<HashMap<String, Zeroizing<String>>, Error> {
    let mut values = HashMap::new();
    for name in secrets_in(request) {
        let value = super::secrets::key(installation, room, name).await?;
        let text = String::from_utf8(value.to_vec()).map_err(|_| Error::NotFound)?;
        values.insert(name.to_owned(), Zeroizing::new(text));
    }
    Ok(values)
}

#[cfg(test)]
mod tests;
