//! Where requests of plugins may go: names of hosts, as a manifest asks for them and a company grants them.
//!
//! A name is normalised as the internet does (IDNA), so that two ways to write one host are one. It resolves nothing:
//! whether an address may be reached is judged when a request goes out.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Bytes of a host's name (RFC 1035), and of what is looked at before it is normalised.
const NAME_BYTES_MAX: usize = 253;

/// The one name without a dot. It leads somewhere only where the operator lets requests into private networks.
const LOCALHOST: &str = "localhost";

/// One host, or all below one: `hooks.slack.com`, `*.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPattern {
    below: bool,
    /// In lower case and ASCII.
    name: String,
}

/// Why a text names no host that requests of plugins go to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` {why}")]
pub struct HostError {
    shown: String,
    why: &'static str,
}

impl HostPattern {
    /// Whether a host is meant. `host` is a name as [`host_name`] gives it; `*.example.com` means what is below
    /// `example.com`, at any depth, and not `example.com` itself.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        if !self.below {
            return host == self.name;
        }
        host.strip_suffix(self.name.as_str())
            .and_then(|before| before.strip_suffix('.'))
            .is_some_and(|label| !label.is_empty())
    }

    /// Whether this means every host that `other` means.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        self == other || (self.below && self.matches(&other.name))
    }
}

impl FromStr for HostPattern {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let Some(name) = text.strip_prefix("*.") else {
            return Ok(Self { below: false, name: host_name(text)? });
        };
        // A wide dot is a dot too.
        if !name.contains(['.', '。', '．', '｡']) {
            return Err(error(text, "means half of the internet: put two names at least behind `*.`"));
        }
        Ok(Self { below: true, name: host_name(name)? })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.name)
    }
}

/// The name of a host as it is compared: in lower case, in ASCII, without a port, and no address.
///
/// # Errors
///
/// [`HostError`], with what to write instead.
pub fn host_name(text: &str) -> Result<String, HostError> {
    let refuse = |why| Err(error(text, why));
    if text.is_empty() || text.len() > NAME_BYTES_MAX {
        return refuse("is no name of a host: it has 1 to 253 bytes");
    }
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() {
        return refuse("is an address: name the host");
    }
    if text.contains(['/', '@', '?', '#']) {
        return refuse("is more than a host: write `example.com`, without scheme, user and path");
    }
    if text.contains(':') {
        return refuse("has a port: requests go to 443 alone, leave it away");
    }
    if text.contains('*') {
        return refuse("has a star inside: only `*.` in front means all below a host");
    }
    let Ok(name) = idna::domain_to_ascii_strict(text) else {
        return refuse("is no name of a host");
    };
    match name.rsplit_once('.') {
        Some((_, last)) if is_number(last) => refuse("is an address: name the host"),
        None if is_number(&name) => refuse("is an address: name the host"),
        None if name != LOCALHOST => {
            refuse("is a single word: write the host's whole name, `hooks.example.com`")
        }
        _ => Ok(name),
    }
}

/// Whether a label would make its host an IPv4 address to some readers: `127.1`, `0x7f000001`.
fn is_number(label: &str) -> bool {
    let hexadecimal =
        label.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    hexadecimal || label.bytes().all(|b| b.is_ascii_digit())
}

fn error(text: &str, why: &'static str) -> HostError {
    HostError { shown: text.chars().take(80).collect(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> HostPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_pattern_means_one_host_or_all_below_one() {
        for (text, host, meant) in [
            ("hooks.slack.com", "hooks.slack.com", true),
            ("hooks.slack.com", "slack.com", false),
            ("hooks.slack.com", "a.hooks.slack.com", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.example.com", "badexample.com", false),
            ("*.example.com", "a.example.com.evil.org", false),
            ("localhost", "localhost", true),
        ] {
            assert_eq!(pattern(text).matches(host), meant, "{text} {host}");
        }
    }

    #[test]
    fn a_pattern_includes_narrower_ones() {
        for (wide, narrow, included) in [
            ("*.example.com", "*.example.com", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "*.a.example.com", true),
            ("*.a.example.com", "*.example.com", false),
            ("*.example.com", "example.com", false),
            ("a.example.com", "*.a.example.com", false),
        ] {
            assert_eq!(pattern(wide).includes(&pattern(narrow)), included, "{wide} {narrow}");
        }
    }

    #[test]
    fn two_ways_to_write_a_host_are_one() {
        for (text, shown) in [
            ("Hooks.Slack.COM", "hooks.slack.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("*.BÜCHER.example", "*.xn--bcher-kva.example"),
            ("example。com", "example.com"),
            ("a1.2b.example", "a1.2b.example"),
        ] {
            assert_eq!(pattern(text).to_string(), shown);
            assert_eq!(pattern(shown), pattern(text));
        }
    }

    #[test]
    fn what_names_no_host_is_refused_with_a_way_out() {
        for (text, why) in [
            ("", "1 to 253"),
            ("com", "single word"),
            ("*.com", "two names"),
            ("*.localhost", "two names"),
            ("*", "star"),
            ("a.*.com", "star"),
            ("*.*.com", "star"),
            ("127.0.0.1", "address"),
            ("[::1]", "address"),
            ("::1", "address"),
            ("127.1", "address"),
            ("2130706433", "address"),
            ("0x7f000001", "address"),
            ("1.2.3.0x4", "address"),
            ("example.com:8443", "port"),
            ("https://example.com", "without scheme"),
            ("user@example.com", "without scheme"),
            ("example.com/path", "without scheme"),
            ("exa mple.com", "no name"),
            ("a..example.com", "no name"),
            ("example.com.", "no name"),
            ("-a.example.com", "no name"),
            ("xn--a.example.com", "no name"),
        ] {
            let error = text.parse::<HostPattern>().unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!("a".repeat(300).parse::<HostPattern>().is_err());
        let long = format!("{}.example.com", "a".repeat(64));
        assert!(long.parse::<HostPattern>().is_err());
    }
}
