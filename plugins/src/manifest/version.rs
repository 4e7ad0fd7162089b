//! Versions: of a plugin, and of the contract that it was made for.

use std::fmt;
use std::str::FromStr;

/// The version of a plugin: three numbers. What comes before a release is for authors, and is not installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Differs where something breaks.
    pub major: u32,
    /// Grows with what is new.
    pub minor: u32,
    /// Grows with what is mended.
    pub patch: u32,
}

/// The version of the contract between plugin and host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contract {
    /// Differs where something breaks.
    pub major: u32,
    /// Grows with what is new.
    pub minor: u32,
}

/// Why a text is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseVersionError(String);

impl Contract {
    /// The newest that this host keeps.
    pub const NEWEST: Self = Self { major: 1, minor: 0 };
}

impl FromStr for Version {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        match numbers(text).as_deref() {
            Some(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            _ => Err(ParseVersionError("write three numbers, such as `1.0.0`".to_owned())),
        }
    }
}

impl FromStr for Contract {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let Some(&[major, minor]) = numbers(text).as_deref() else {
            return Err(ParseVersionError("write two numbers, such as `1.0`".to_owned()));
        };
        let (asked, newest) = (Self { major, minor }, Self::NEWEST);
        if major != newest.major || minor > newest.minor {
            let message =
                format!("this host keeps {newest}, not {asked}: build with the SDK of that version");
            return Err(ParseVersionError(message));
        }
        Ok(asked)
    }
}

/// Numbers with dots between, each in its one way to be written.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let number = |part: &str| {
        let plain = part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit());
        (plain && (part == "0" || !part.starts_with('0'))).then(|| part.parse().ok()).flatten()
    };
    text.split('.').take(4).map(number).collect()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers_are() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("1.2.10") > version("1.2.9") && version("1.10.0") > version("1.9.99"));
        assert_eq!(version("0.0.0").to_string(), "0.0.0");
        for text in [
            "",
            "1",
            "1.0",
            "1.0.0.0",
            "1.0.0-rc",
            "v1.0.0",
            "01.0.0",
            "1.+0.0",
            "1..0",
            "1.0.9999999",
            "1.0.0 ",
        ] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_contract_that_this_host_does_not_keep_is_refused() {
        assert_eq!("1.0".parse(), Ok(Contract::NEWEST));
        for text in ["1.1", "2.0", "0.9"] {
            let error = text.parse::<Contract>().unwrap_err().to_string();
            assert!(error.contains("this host keeps 1.0"), "{error}");
        }
        for text in ["1", "1.0.0", "", "one"] {
            assert!(text.parse::<Contract>().unwrap_err().to_string().contains("two numbers"), "{text}");
        }
    }
}
