//! A mail server, spoken to over SMTP: with TLS, a few connections that are kept for the next message, and an end to every
//! wait.
//!
//! A failure to get as far as being let in, and to be heard as the sender, is nobody's message's fault: then all wait. What is
//! answered behind that is the message's own affair. It does not know what is sent.

mod url;

pub use url::{ParseSmtpUrlError, SmtpUrl};

use super::carrier::{Carrier, CarryError, Parcel};
use async_trait::async_trait;
use lettre::Address;
use lettre::transport::smtp::Error as LettreError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
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

/// Answers that are about us and not about a message, and yet are given to single ones: where others end for good, these are
/// for now (RFC 4954).
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

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
        let (from, to) = (address(&parcel.from)?, address(&parcel.to)?);
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.enter().await?,
        };
        match timeout(self.send_max, self.hand_over(&mut connection, (from, to), &parcel.bytes)).await {
            Ok(Ok(())) => {
                self.keep(connection);
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            // Dropped, the connection closes: nobody knows what the server would say next.
            Err(_) => Err(CarryError::Later("the mail server does not answer in time".to_owned())),
        }
    }
}

impl Smtp {
    /// Says from whom and to whom, and then the message. Who may not send as this sender may send no message at all.
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        (from, to): (Address, Address),
        message: &[u8],
    ) -> Result<(), CarryError> {
        let options = options(connection, &to, message)?;
        let plain = options.is_empty();
        if let Err(error) = connection.command(Mail::new(Some(from.clone()), options)).await {
            let sender = format!("{} takes nothing from {from}: {error}", self.url);
            return Err(if plain { CarryError::Away(sender) } else { judged(&error) });
        }
        connection.command(Rcpt::new(to, Vec::new())).await.map_err(|error| judged(&error))?;
        connection.command(Data).await.map_err(|error| judged(&error))?;
        connection.message(message).await.map_err(|error| judged(&error))?;
        Ok(())
    }
}

fn address(text: &str) -> Result<Address, CarryError> {
    text.parse().map_err(|error| CarryError::Refused(format!("`{text}` is no address: {error}")))
}

/// What a message needs of a server beside what all take.
fn options(
    connection: &AsyncSmtpConnection,
    to: &Address,
    message: &[u8],
) -> Result<Vec<MailParameter>, CarryError> {
    let mut options = Vec::new();
    let takes = |feature| connection.server_info().supports_feature(feature);
    let refused = |what: &str| Err(CarryError::Refused(format!("the mail server does not take {what}")));
    if !AsRef::<str>::as_ref(to).is_ascii() {
        if !takes(Extension::SmtpUtfEight) {
            return refused("addresses in other scripts (SMTPUTF8)");
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !message.is_ascii() {
        if !takes(Extension::EightBitMime) {
            return refused("messages in other scripts (8BITMIME)");
        }
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(options)
}

/// What an answer means for the message.
fn judged(error: &LettreError) -> CarryError {
    let why = error.to_string();
    match error.status().map(u16::from) {
        Some(code @ 500..) if !ABOUT_US.contains(&code) => CarryError::Refused(why),
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
