//! Parsing of the texts that commands take: names, titles, bodies, colours, keys.

use crate::error::{Error, Result};
use crate::limits::Limits;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A one-line text: trimmed, 1 to `max` characters, no control characters.
pub(crate) fn line(field: &str, what: &str, text: &str, max: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(field, format!("{what} is empty: give it 1 to {max} characters")));
    }
    let length = text.chars().count();
    if length > max {
        return Err(Error::invalid(
            field,
            format!("{what} has {length} characters: at most {max} are allowed"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, format!("{what} holds a line break or another control character")));
    }
    Ok(text.to_owned())
}

/// The name of a tenant or of somebody who runs the platform.
pub(crate) fn name(field: &str, what: &str, text: &str, limits: &Limits) -> Result<String> {
    line(field, what, text, limits.name_chars_max)
}

/// A text of several lines of at most `max` bytes; an empty one is none. NUL is refused.
pub(crate) fn body(field: &str, what: &str, text: Option<&str>, max: usize) -> Result<Option<String>> {
    let Some(text) = text.filter(|t| !t.trim().is_empty()) else { return Ok(None) };
    if text.len() > max {
        let length = text.len();
        return Err(Error::invalid(field, format!("{what} has {length} bytes: at most {max} are allowed")));
    }
    if text.contains('\0') {
        return Err(Error::invalid(field, format!("{what} holds a NUL character")));
    }
    Ok(Some(text.to_owned()))
}

/// A colour as `#rrggbb`, in lower case.
pub(super) fn color(field: &str, text: &str) -> Result<String> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(Error::invalid(field, "a colour is written as #rrggbb, such as #5e6ad2"))
}

/// A team's key: 2 to 7 of A–Z and 0–9, a letter first; lower case is raised.
pub(super) fn team_key(field: &str, text: &str) -> Result<String> {
    let key = text.trim().to_ascii_uppercase();
    let shape = (2..=7).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && key.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
    if shape {
        return Ok(key);
    }
    Err(Error::invalid(field, "a team key has 2 to 7 letters A to Z and digits, a letter first, such as ENG"))
}

/// A time zone of the IANA database, by its name in any case; the zones that came with the program are those there are.
pub(crate) fn time_zone(field: &str, name: &str) -> Result<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name.trim()).ok().filter(|zone| !zone.is_unknown());
    zone.ok_or_else(|| {
        Error::invalid(
            field,
            "there is no such time zone: name one as the IANA does, such as Europe/Berlin or UTC",
        )
    })
}

/// A language and place, as BCP 47 writes them: `de`, `de-CH`, `zh-Hant-TW`. Only its shape is checked.
pub(super) fn locale(field: &str, tag: &str) -> Result<String> {
    /// Characters of a tag, as long as RFC 5646 §4.4.1 asks to make room for.
    const CHARS_MAX: usize = 35;
    let tag = tag.trim();
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let shape = tag.len() <= CHARS_MAX
        && (2..=8).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if shape {
        return Ok(tag.to_owned());
    }
    Err(Error::invalid(field, "this is no language tag: write it as de or de-CH"))
}

/// An e-mail address, in lower case. Only its shape is checked: whether it works, a message tells.
pub(crate) fn email(field: &str, text: &str) -> Result<String> {
    let address = text.trim().to_lowercase();
    let shape = address.len() <= 254
        && !address.chars().any(|c| c.is_whitespace() || c.is_control())
        && address.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
        });
    if shape {
        return Ok(address);
    }
    Err(Error::invalid(field, "this is not an e-mail address: write it as name@example.com"))
}
