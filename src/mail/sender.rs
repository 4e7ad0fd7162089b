//! Whom messages come from.

use super::address;
use lettre::Address;
use lettre::message::Mailbox;
use mortise_engine::letter::Line;
use std::str::FromStr;

/// A name and an address, as `Name <address>` or the address alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    name: Option<Line>,
    address: Address,
}

/// Why a text is no sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no sender: write `Name <name@example.com>` or `name@example.com`")]
pub struct ParseSenderError(String);

impl FromStr for Sender {
    type Err = ParseSenderError;

    fn from_str(text: &str) -> Result<Self, ParseSenderError> {
        let refuse = || ParseSenderError(text.chars().take(100).collect());
        let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => (Line::of(name.trim().trim_matches('"')), address),
            None => (Line::of(""), text.trim()),
        };
        let address = address::read(address.trim()).map_err(|_| refuse())?;
        Ok(Self { name: Some(name).filter(|name| !name.is_empty()), address })
    }
}

impl Sender {
    /// The address.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The domain of the address.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.domain()
    }

    /// This sender under another name, if there is one.
    pub(super) fn mailbox(&self, name: Option<&Line>) -> Mailbox {
        let name = name.filter(|name| !name.is_empty()).or(self.name.as_ref());
        Mailbox::new(name.map(|name| name.as_str().to_owned()), self.address.clone())
    }
}
