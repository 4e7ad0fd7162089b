//! Who is spoken to over TLS: whoever shows a certificate for the name that was asked for, which a trusted authority has signed.
//!
//! The certificates are those that the tests of mail were given. No operating system knows their authority.

use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// The authority, and what it signed: a certificate for `localhost`, and one for `other.example` with the same key.
const AUTHORITY: &[u8] = include_bytes!("../../../tests/smtp-server/ca.pem");
const LOCALHOST: &[u8] = include_bytes!("../../../tests/smtp-server/cert.pem");
const OTHER: &[u8] = include_bytes!("../../../tests/smtp-server/other.pem");
const KEY: &[u8] = include_bytes!("../../../tests/smtp-server/key.pem");

/// A server that shows this certificate, and how many requests it has read.
async fn showing(certificate: &[u8]) -> (SocketAddr, Arc<AtomicUsize>) {
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let read = Arc::new(AtomicUsize::new(0));
    let counted = read.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(answered(&acceptor, stream, &counted).await);
        }
    });
    (address, read)
}

async fn answered(acceptor: &TlsAcceptor, stream: TcpStream, read: &AtomicUsize) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    // Whoever hangs up after the handshake has sent nothing.
    if stream.read(&mut [0; 4096]).await? > 0 {
        read.fetch_add(1, Ordering::SeqCst);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret").await?;
    stream.shutdown().await
}

/// A sender that trusts the authority of these tests, and finds every name at this address.
fn trusting(address: SocketAddr) -> Outbound {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(AUTHORITY).unwrap()).unwrap();
    through(Connector::trusting(HOME, Says(vec![address]), roots))
}

#[tokio::test]
async fn a_certificate_of_an_authority_that_nobody_trusts_is_refused_before_anything_is_said() {
    let (address, read) = showing(LOCALHOST).await;
    let url = format!("https://localhost:{}/", address.port());
    let error = resolving(HOME, &[address]).fetch(&url).await.unwrap_err();
    assert!(matches!(error, OutboundError::Failed { .. }), "{error:?}");
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert_eq!(read.load(Ordering::SeqCst), 0, "no request was sent");
    assert_eq!(trusting(address).fetch(&url).await.unwrap(), b"secret", "whoever trusts it is answered");
    assert_eq!(read.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (address, read) = showing(OTHER).await;
    let port = address.port();
    let error = trusting(address).fetch(&format!("https://localhost:{port}/")).await.unwrap_err();
    assert!(error.to_string().contains("not valid for name"), "{error}");
    assert_eq!(read.load(Ordering::SeqCst), 0, "no request was sent");
    let named = trusting(address).fetch(&format!("https://other.example:{port}/")).await;
    assert_eq!(named.unwrap(), b"secret");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_told_nothing() {
    let (address, seen) = server().await;
    let error = trusting(address).fetch(&format!("https://localhost:{}/", address.port())).await.unwrap_err();
    assert!(matches!(error, OutboundError::Failed { .. }), "{error:?}");
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}
