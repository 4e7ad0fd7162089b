//! What is known about a request before anyone reads it: its id, where it comes from, when it came.
//!
//! It does not know the caller; that is the authenticator's word.

use std::{
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use mortise_engine::Client;
use mortise_engine::model::Network;
use uuid::Uuid;

/// The header that names a request, both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest request id taken over from a client, in bytes.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Longest part of a user agent that is kept, in bytes.
const USER_AGENT_BYTES_MAX: usize = 256;

/// The circumstances of one request. Resolvers find it in the request's data.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Names the request in answers and logs: the client's `x-request-id` if it is up to 64 letters, digits, `.`, `_`
    /// or `-`, else a fresh UUIDv7.
    pub request_id: String,
    /// The other end of the connection, where the server that runs the router tells (axum's `ConnectInfo`). Behind
    /// a proxy this is the proxy.
    pub peer: Option<SocketAddr>,
    /// The address the request comes from: the peer's, or, where the peer is a proxy that is trusted, the one it names.
    /// None where the proxy's word cannot be read: then nobody is taken for the proxy itself.
    pub address: Option<IpAddr>,
    /// The client's description of itself: its first 256 bytes, as it claims.
    pub user_agent: Option<String>,
    /// When the head of the request had been read.
    pub received_at: Instant,
}

impl RequestInfo {
    pub(crate) fn of(parts: &Parts, proxies: &[Network]) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        Self {
            request_id: parts
                .headers
                .get(REQUEST_ID)
                .and_then(|value| value.to_str().ok())
                .filter(|id| is_sane(id))
                .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned),
            peer,
            address: peer.and_then(|peer| address_behind(proxies, peer.ip(), &parts.headers)),
            user_agent: parts
                .headers
                .get(header::USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .map(|agent| agent.chars().take(USER_AGENT_BYTES_MAX).collect()),
            received_at: Instant::now(),
        }
    }

    /// What asks, as far as it says and can be seen.
    pub(crate) fn client(&self) -> Client {
        Client {
            agent: self.user_agent.clone().unwrap_or_default(),
            address: self.address,
            request: Uuid::parse_str(&self.request_id).ok(),
        }
    }

    /// The id as a header value. It always is one: see [`is_sane`].
    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.request_id).unwrap_or(HeaderValue::from_static("unprintable"))
    }
}

/// Proxies that may stand in a row before us.
const PROXIES_MAX: usize = 8;

/// The header in which each proxy names whom it speaks for, behind those that were there before it.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a request comes from. Only what a trusted proxy wrote is believed: the list is read from its end, and
/// the first address that is no such proxy is the client's, whatever stands before it. None when that is no address.
fn address_behind(proxies: &[Network], peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    let is_proxy = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    let mut address = peer.to_canonical();
    let lists: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    let mut named = lists.iter().rev().flat_map(|list| list.as_bytes().rsplit(|byte| *byte == b','));
    for _ in 0..PROXIES_MAX {
        if !is_proxy(address) {
            return Some(address);
        }
        // At its end stands the one that named nobody before it.
        let Some(name) = named.next() else { return Some(address) };
        address = read_address(name)?.to_canonical();
    }
    (!is_proxy(address)).then_some(address)
}

/// An address as proxies write it, some with the port.
fn read_address(name: &[u8]) -> Option<IpAddr> {
    let name = std::str::from_utf8(name).ok()?.trim();
    name.parse().ok().or_else(|| name.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// Whether a client's id may be repeated into logs, headers and answers.
fn is_sane(id: &str) -> bool {
    (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, forwarded: &[&[u8]], expected: Option<&str>) {
        let proxies: Vec<Network> = ["10.0.0.0/8", "2001:db8::/32"].map(|text| text.parse().unwrap()).into();
        let mut headers = HeaderMap::new();
        for list in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(list).unwrap());
        }
        let address = address_behind(&proxies, peer.parse().unwrap(), &headers);
        let expected = expected.map(|address| address.parse::<IpAddr>().unwrap());
        assert_eq!(address, expected, "{peer} {forwarded:?}");
    }

    #[test]
    fn only_what_a_trusted_proxy_wrote_is_believed() {
        check("203.0.113.9", &[], Some("203.0.113.9"));
        check("203.0.113.9", &[b"192.0.2.1"], Some("203.0.113.9"));
        check("10.0.0.1", &[], Some("10.0.0.1"));
        check("10.0.0.1", &[b"192.0.2.1"], Some("192.0.2.1"));
        check("10.0.0.1", &[b"192.0.2.1:4711"], Some("192.0.2.1"));
        check("10.0.0.1", &[b"198.51.100.1, 192.0.2.1, 10.9.9.9"], Some("192.0.2.1"));
        check("10.0.0.1", &[b"198.51.100.1", b"192.0.2.1, 2001:db8::7"], Some("192.0.2.1"));
        check("10.0.0.1", &[b"\xff, 192.0.2.1"], Some("192.0.2.1"));
        check("::ffff:10.0.0.1", &[b"192.0.2.1"], Some("192.0.2.1"));
    }

    #[test]
    fn nobody_is_taken_for_a_proxy_whose_word_cannot_be_read() {
        check("10.0.0.1", &[b"192.0.2.1, unknown"], None);
        check("10.0.0.1", &[b"\xff"], None);
        check("10.0.0.1", &[b""], None);
        check(
            "10.0.0.1",
            &[b"192.0.2.1, 10.1.1.1, 10.1.1.1, 10.1.1.1, 10.1.1.1, 10.1.1.1, 10.1.1.1, 10.1.1.1, 10.1.1.1"],
            None,
        );
    }
}
