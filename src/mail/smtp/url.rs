//! Which mail server, how it is spoken to, and as whom: one address.

use std::fmt;
use std::str::FromStr;

/// How a connection is kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS before anything is said that matters; without it nothing is sent.
    StartTls,
    /// None.
    Open,
}

/// The address of a mail server: `smtps://user:password@host:465` (TLS), `smtp://…:587` (TLS by STARTTLS, or nothing is
/// sent), `smtp://host:25?tls=none` (in the clear). A password is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    pub(super) security: Security,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) credentials: Option<(String, String)>,
}

/// Why a text is no address of a mail server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no address of a mail server: {0}; write smtps://USER:PASSWORD@HOST:465")]
pub struct ParseSmtpUrlError(&'static str);

impl FromStr for SmtpUrl {
    type Err = ParseSmtpUrlError;

    fn from_str(text: &str) -> Result<Self, ParseSmtpUrlError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(ParseSmtpUrlError("it has no scheme"))?;
        let (rest, option) = rest.split_once('?').map_or((rest, None), |(rest, option)| (rest, Some(option)));
        let (security, usual_port) = match (scheme, option) {
            ("smtps", None) => (Security::Tls, 465),
            ("smtp", None | Some("tls=starttls")) => (Security::StartTls, 587),
            ("smtp", Some("tls=none")) => (Security::Open, 25),
            ("smtp" | "smtps", Some(_)) => return Err(ParseSmtpUrlError("`?tls=none` is the only option")),
            _ => return Err(ParseSmtpUrlError("its scheme is smtps or smtp")),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (who, place) = rest.rsplit_once('@').map_or((None, rest), |(who, place)| (Some(who), place));
        let (host, port) =
            place_of(place, usual_port).ok_or(ParseSmtpUrlError("its host or port is none"))?;
        let credentials = who.map(credentials).transpose()?;
        if security == Security::Open && credentials.is_some() && !is_this_machine(&host) {
            let why = "a password would go in the clear to another machine: use smtps, or smtp with STARTTLS";
            return Err(ParseSmtpUrlError(why));
        }
        Ok(Self { security, host, port, credentials })
    }
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.security == Security::Tls { "smtps" } else { "smtp" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "{scheme}://{host}:{}", self.port)
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn place_of(place: &str, usual_port: u16) -> Option<(String, u16)> {
    let (host, port) = match place.strip_prefix('[') {
        Some(inner) => {
            let (host, behind) = inner.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, behind.strip_prefix(':').or_else(|| behind.is_empty().then_some(""))?)
        }
        None => place.split_once(':').unwrap_or((place, "")),
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_');
    let port = if port.is_empty() { usual_port } else { port.parse().ok().filter(|port| *port != 0)? };
    (!host.is_empty() && host.bytes().all(fits)).then(|| (host.to_owned(), port))
}

fn credentials(who: &str) -> Result<(String, String), ParseSmtpUrlError> {
    let (user, password) =
        who.split_once(':').ok_or(ParseSmtpUrlError("it names a user without a password"))?;
    let why = "a user or password has a `%` that is none: write `%25` for it";
    let decode = |text: &str| decoded(text).filter(|text| !text.is_empty()).ok_or(ParseSmtpUrlError(why));
    Ok((decode(user)?, decode(password)?))
}

/// A text whose odd characters are written as `%40`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
        rest = after.get(2..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<SmtpUrl, ParseSmtpUrlError> {
        text.parse()
    }

    #[test]
    fn an_address_says_how_where_and_as_whom() {
        let full = url("smtps://us%40er:p%3Aa%2525@mail.example.com:4650/").unwrap();
        assert_eq!((full.security, full.host.as_str(), full.port), (Security::Tls, "mail.example.com", 4650));
        assert_eq!(full.credentials, Some(("us@er".to_owned(), "p:a%25".to_owned())));
        assert_eq!(format!("{full:?}"), "smtps://mail.example.com:4650", "no password is shown");
        let starttls = url("smtp://mail.example.com").unwrap();
        assert_eq!((starttls.security, starttls.port, starttls.credentials), (Security::StartTls, 587, None));
        let local = url("smtp://a:b@[::1]?tls=none").unwrap();
        assert_eq!((local.security, local.host.as_str(), local.port), (Security::Open, "::1", 25));
        assert_eq!(local.to_string(), "smtp://[::1]:25");
    }

    #[test]
    fn a_password_is_not_sent_in_the_clear_to_another_machine() {
        let refused = url("smtp://a:b@mail.example.com?tls=none").unwrap_err();
        assert!(refused.to_string().contains("in the clear"), "{refused}");
        assert!(url("smtp://mail.example.com?tls=none").is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "mail.example.com",
            "http://mail.example.com",
            "smtps://",
            "smtps://host:0",
            "smtps://host:x",
            "smtps://host?tls=none",
            "smtp://host?tls=perhaps",
            "smtps://user@host",
            "smtps://u:%zz@host",
            "smtps://ho st",
            "smtps://[::1",
            "smtps://[host]:25",
        ] {
            assert!(url(text).is_err(), "{text}");
        }
    }
}
