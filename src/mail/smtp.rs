//! A mail server, spoken to over SMTP: with TLS, a few connections that are kept for the next message, and an end to every
//! wait.
//!
//! A failure to get as far as being let in is nobody's message's fault: then all wait. It does not know what is sent.

mod url;

pub use url::{ParseSmtpUrlError, SmtpUrl};

use super::carrier::{Carrier, CarryError, Parcel};
use async_trait::async_trait;
use lettre::address::Envelope;
use lettre::transport::smtp::Error as LettreError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use parking_lot::Mutex;
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Security;

/// The longest that it may take to be let in: to connect, to agree on TLS, to prove who one is.
const ENTER_MAX: Duration = Duration::from_secs(20);
/// The longest that a server may take with one message.
const SEND_MAX: Duration = Duration::from_secs(90);
/// A connection that was unused for so long is not used again.
const IDLE_MAX: Duration = Duration::from_secs(20);
/// Connections that are kept for the next message.
const KEPT_MAX: usize = 8;

/// Answers that are about us and not about a message: what we may not do now, we may not do with the next one either
/// (RFC 5321, RFC 4954).
const ABOUT_US: [u16; 7] = [421, 432, 454, 530, 534, 535, 538];

/// See the module.
pub struct Smtp {
    url: SmtpUrl,
    tls: Option<TlsParameters>,
    hello: ClientId,
    kept: Mutex<Vec<Kept>>,
    enter_max: Duration,
    send_max: Duration,
}

/// A connection that waits for the next message.
struct Kept {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Why a mail server cannot be spoken to as it was said.
#[derive(Debug, thiserror::Error)]
#[error("TLS to the mail server cannot be set up: {0}")]
pub struct SmtpError(String);

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Smtp {
    /// The server at this address. It is trusted by the certificates that the operating system trusts, and by those of
    /// `authorities` (PEM). `hello` is the name that one says at the door: a domain of one's own. Reads files: call it at
    /// start.
    ///
    /// # Errors
    ///
    /// [`SmtpError`]: the certificates cannot be used.
    pub fn new(url: SmtpUrl, authorities: Option<&[u8]>, hello: &str) -> Result<Self, SmtpError> {
        let tls = match url.security {
            Security::Open => None,
            Security::Tls | Security::StartTls => Some(tls(&url.host, authorities)?),
        };
        let hello = ClientId::Domain(hello.to_owned());
        Ok(Self { url, tls, hello, kept: Mutex::default(), enter_max: ENTER_MAX, send_max: SEND_MAX })
    }

    /// With other ends to its waits: to be let in, and for one message.
    #[must_use]
    pub const fn patience(mut self, enter: Duration, send: Duration) -> Self {
        (self.enter_max, self.send_max) = (enter, send);
        self
    }

    /// A connection that is let in.
    async fn enter(&self) -> Result<AsyncSmtpConnection, CarryError> {
        let away = |why: &dyn fmt::Display| CarryError::Away(format!("{} lets nobody in: {why}", self.url));
        match timeout(self.enter_max, self.knock()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(away(&error)),
            Err(_) => Err(away(&"it does not answer in time")),
        }
    }

    async fn knock(&self) -> Result<AsyncSmtpConnection, LettreError> {
        let place = (self.url.host.as_str(), self.url.port);
        let at_once = self.tls.clone().filter(|_| self.url.security == Security::Tls);
        let connected = AsyncSmtpConnection::connect_tokio1(place, None, &self.hello, at_once, None);
        let mut connection = connected.await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.url.security == Security::StartTls) {
            connection.starttls(tls, &self.hello).await?;
        }
        if let Some((user, password)) = &self.url.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    /// A connection that was kept and still works.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let Kept { mut connection, since } = self.kept.lock().pop()?;
            let fresh = since.elapsed() < IDLE_MAX;
            if fresh && timeout(self.enter_max, connection.test_connected()).await == Ok(true) {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.kept.lock();
        if kept.len() < KEPT_MAX {
            kept.push(Kept { connection, since: Instant::now() });
        }
    }
}

#[async_trait]
impl Carrier for Smtp {
    async fn carry(&self, parcel: &Parcel) -> Result<(), CarryError> {
        let envelope = envelope(parcel).map_err(CarryError::Refused)?;
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.enter().await?,
        };
        match timeout(self.send_max, connection.send(&envelope, &parcel.bytes)).await {
            Ok(Ok(_)) => {
                self.keep(connection);
                Ok(())
            }
            Ok(Err(error)) => Err(judged(&error)),
            // Dropped, the connection closes: nobody knows what the server would say next.
            Err(_) => Err(CarryError::Later("the mail server does not answer in time".to_owned())),
        }
    }
}

fn envelope(parcel: &Parcel) -> Result<Envelope, String> {
    let address = |text: &str| text.parse().map_err(|error| format!("`{text}` is no address: {error}"));
    Envelope::new(Some(address(&parcel.from)?), vec![address(&parcel.to)?]).map_err(|error| error.to_string())
}

/// What an answer means for the message.
fn judged(error: &LettreError) -> CarryError {
    let why = error.to_string();
    match error.status().map(u16::from) {
        Some(code) if ABOUT_US.contains(&code) => CarryError::Away(why),
        Some(500..) => CarryError::Refused(why),
        // An address that this server cannot write.
        None if error.is_client() => CarryError::Refused(why),
        _ => CarryError::Later(why),
    }
}

/// TLS 1.2 and 1.3 for a server of this name.
fn tls(host: &str, authorities: Option<&[u8]>) -> Result<TlsParameters, SmtpError> {
    let fault = |error: LettreError| SmtpError(error.to_string());
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = authorities {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(fault)?);
    }
    builder.build_rustls().map_err(fault)
}
