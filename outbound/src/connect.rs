//! From a host's name to a connection with one of its judged addresses.
//!
//! It does not know HTTP.

use super::address::is_public;
use super::{Allowed, OutboundError};
use http::Uri;
use hyper_util::rt::TokioIo;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Addresses of one name that are looked at.
const ADDRESSES_MAX: usize = 16;

/// Something to speak over.
pub(super) trait Speak: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Speak for T {}

/// The addresses of a name.
pub(super) type Resolved<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Tells the addresses of a name.
pub(super) trait Resolve: Send + Sync {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolved<'a>;
}

/// The operating system's own resolver.
struct System;

impl Resolve for System {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolved<'a> {
        Box::pin(
            async move { Ok(tokio::net::lookup_host((host, port)).await?.take(ADDRESSES_MAX).collect()) },
        )
    }
}

pub(super) struct Connector {
    allowed: Allowed,
    tls: Option<Arc<ClientConfig>>,
    resolver: Box<dyn Resolve>,
}

impl Connector {
    pub(super) fn new(allowed: Allowed) -> Self {
        Self { allowed, tls: tls(), resolver: Box::new(System) }
    }

    #[cfg(test)]
    pub(super) fn resolving(allowed: Allowed, resolver: impl Resolve + 'static) -> Self {
        Self { allowed, tls: tls(), resolver: Box::new(resolver) }
    }

    /// One that trusts these authorities, and not those of the operating system.
    #[cfg(test)]
    pub(super) fn trusting(allowed: Allowed, resolver: impl Resolve + 'static, roots: RootCertStore) -> Self {
        Self { allowed, tls: speaking(roots), resolver: Box::new(resolver) }
    }

    /// A connection to whom an address names.
    pub(super) async fn connect(&self, uri: &Uri) -> Result<TokioIo<Box<dyn Speak>>, OutboundError> {
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let refused = |why| OutboundError::Refused { to: host.to_owned(), why };
        let failed = |why: String| OutboundError::Failed { to: host.to_owned(), why };
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if self.allowed.private_addresses => false,
            _ => return Err(refused("only https is spoken")),
        };
        if host.is_empty() || uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(refused("it names no host, or a user"));
        }
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        if port != 443 && !self.allowed.private_addresses {
            return Err(refused("only port 443 is spoken to"));
        }
        let addresses = self.judged(host, port).await?;
        let stream = first_of(&addresses).await.map_err(|error| failed(error.to_string()))?;
        let stream: Box<dyn Speak> = if secure {
            let tls = self.tls.clone().ok_or_else(|| failed("there is no TLS on this machine".to_owned()))?;
            let name = ServerName::try_from(host.to_owned()).map_err(|_| refused("its host is no name"))?;
            let secured = TlsConnector::from(tls).connect(name, stream).await;
            Box::new(secured.map_err(|error| failed(error.to_string()))?)
        } else {
            Box::new(stream)
        };
        Ok(TokioIo::new(stream))
    }

    /// The addresses of a host; all of them may be spoken to, or none is.
    async fn judged(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
        let failed = |why: String| OutboundError::Failed { to: host.to_owned(), why };
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => self.resolver.resolve(host, port).await.map_err(|error| failed(error.to_string()))?,
        };
        let allowed = |address: &SocketAddr| self.allowed.private_addresses || is_public(address.ip());
        if addresses.is_empty() {
            return Err(failed("the name has no address".to_owned()));
        }
        if !addresses.iter().all(allowed) {
            let why = "it lies in a private network, where requests of others do not go";
            return Err(OutboundError::Refused { to: host.to_owned(), why });
        }
        Ok(addresses)
    }
}

/// A connection to the first of these addresses that takes one.
async fn first_of(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::AddrNotAvailable, "there is no address");
    for address in addresses.iter().take(ADDRESSES_MAX) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// TLS 1.2 and 1.3 with the certificates that the operating system trusts, by the library that our own tokens are signed with.
fn tls() -> Option<Arc<ClientConfig>> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        tracing::warn!(errors = ?found.errors, "the operating system trusts no certificates; nothing secure can be reached");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    speaking(roots)
}

/// The same with certificates that these authorities vouch for.
fn speaking(roots: RootCertStore) -> Option<Arc<ClientConfig>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some(Arc::new(config))
}
