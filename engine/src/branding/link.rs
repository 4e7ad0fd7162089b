//! Addresses that are shown to people: where help is, where a logo lies, under which domain a company comes.

use crate::error::{Error, Result};

/// Bytes of an address.
const URL_BYTES_MAX: usize = 512;

/// Bytes of a domain (RFC 1035), and of one of its labels.
const DOMAIN_BYTES_MAX: usize = 253;
/// See [`DOMAIN_BYTES_MAX`].
const LABEL_BYTES_MAX: usize = 63;

/// An address to be followed by people: a secure page, or an address of mail.
///
/// # Errors
///
/// `INVALID_INPUT` for any other.
pub(crate) fn support_url(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    let mail = text.strip_prefix("mailto:").is_some_and(|address| {
        let parts = address.split_once('@');
        parts.is_some_and(|(name, at)| !name.is_empty() && at.contains('.') && !at.contains('@'))
            && !address.contains(['?', '&', '/', '%'])
    });
    if plain(text) && (mail || is_secure_page(text)) {
        return Ok(text.to_owned());
    }
    let message = "an address of help is https://… or mailto:name@example.com, of at most 512 characters";
    Err(Error::invalid(field, message))
}

/// Whether this is the address of a page over TLS, of a host with a name, without a user.
pub(super) fn is_secure_page(text: &str) -> bool {
    let host =
        text.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    plain(text) && host.is_some_and(|host| host.contains('.') && !host.contains(['@', '\\']))
}

/// Nothing that an address does not hold, in bounds.
fn plain(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\'' | b'`');
    text.len() <= URL_BYTES_MAX && text.bytes().all(fits)
}

/// A domain, in lower case.
///
/// # Errors
///
/// `INVALID_INPUT` for what is none.
pub(crate) fn domain(field: &str, text: &str) -> Result<String> {
    let domain = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_name =
        domain.rsplit('.').next().is_some_and(|last| last.bytes().any(|b| b.is_ascii_alphabetic()));
    if domain.len() <= DOMAIN_BYTES_MAX
        && domain.contains('.')
        && domain.split('.').all(label)
        && last_is_name
    {
        return Ok(domain);
    }
    Err(Error::invalid(field, "a domain is written as issues.example.com, in letters, digits and hyphens"))
}
