//! Headers: which of them a plugin may set, with the secrets put in, and what it is told of an answer's.
//!
//! Those that belong to the connection are the sender's. It does not know where a request goes beyond its host's name.

use super::{Grant, HeaderText, OutgoingBounds, Refusal, SecretOf};
use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

/// Names that belong to the connection, to a proxy, or to the sender.
const FORBIDDEN: [&str; 14] = [
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "date",
];

/// What forbidden names begin with.
const FORBIDDEN_BEGINNINGS: [&str; 3] = ["proxy-", "x-forwarded-", "sec-"];

/// The headers of a request towards this host.
pub(super) fn read(
    headers: &[(String, HeaderText)],
    grant: &Grant,
    host: &str,
    bounds: &OutgoingBounds,
    secret_of: SecretOf<'_>,
) -> Result<HeaderMap, Refusal> {
    if headers.len() > bounds.headers {
        return Err(Refusal::TooLarge { what: "request, in headers,", max: bounds.headers });
    }
    let (mut read, mut bytes) = (HeaderMap::new(), 0_usize);
    for (name, text) in headers {
        let refuse = |why| Refusal::Header { name: shown(name), why };
        let known =
            HeaderName::try_from(name.as_str()).map_err(|_| refuse("has no name that a header has"))?;
        if is_forbidden(known.as_str()) {
            return Err(refuse("is set by the host, or belongs to the connection: leave it out"));
        }
        let value = match text {
            HeaderText::Text(text) => HeaderValue::from_str(text),
            HeaderText::Secret { prefix, secret } => {
                let value = with_secret(prefix, secret, grant, host, secret_of)?;
                HeaderValue::from_str(&value).map(|mut value| {
                    value.set_sensitive(true);
                    value
                })
            }
        };
        let value = value.map_err(|_| refuse("holds what a header cannot, such as a line break"))?;
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
        if bytes > bounds.header_bytes {
            return Err(Refusal::TooLarge { what: "headers, in bytes,", max: bounds.header_bytes });
        }
        read.append(known, value);
    }
    Ok(read)
}

/// The prefix with the secret behind it, if it may go to this host.
fn with_secret(
    prefix: &str,
    secret: &str,
    grant: &Grant,
    host: &str,
    secret_of: SecretOf<'_>,
) -> Result<Zeroizing<String>, Refusal> {
    let unknown = || Refusal::SecretNotGranted { secret: shown(secret) };
    let (name, bound) = grant.secrets.iter().find(|(name, _)| name == secret).ok_or_else(unknown)?;
    if !bound.iter().any(|pattern| pattern.matches(host)) {
        return Err(Refusal::SecretNotBound { secret: name.clone(), host: host.to_owned() });
    }
    let value = secret_of(name).ok_or_else(unknown)?;
    Ok(Zeroizing::new(format!("{prefix}{}", value.as_str())))
}

fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.contains(&name) || FORBIDDEN_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// The headers of an answer as a plugin is told them, as far as the bounds go.
pub(super) fn told(headers: &HeaderMap, bounds: &OutgoingBounds) -> Vec<(String, String)> {
    let mut bytes = 0_usize;
    let texts = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)));
    texts
        .take(bounds.headers)
        .take_while(|(name, value)| {
            bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
            bytes <= bounds.header_bytes
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A name as far as it is shown, without what a terminal would obey.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}
