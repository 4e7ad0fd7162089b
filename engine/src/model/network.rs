//! Networks of the internet: an address and how many of its first bits count.
//!
//! IPv4 is kept as the part of IPv6 that stands for it (`::ffff:0:0/96`), so one comparison does for both, and an IPv4
//! address that arrives written as IPv6 is the same address. It resolves no names.

use std::{fmt, net::IpAddr, net::Ipv6Addr, str::FromStr};

/// Bits before the IPv4 address in its IPv6 form.
const MAPPED_BITS: u8 = 96;

/// A network, or a single address, in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    /// The address, with all bits behind the prefix zero.
    bits: u128,
    /// The bits that count, of 128.
    prefix: u8,
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is no network: write it as 192.0.2.0/24, 2001:db8::/32, or a single address")]
pub struct ParseNetworkError {
    shown: String,
}

impl Network {
    /// The network of the first `prefix` bits of an address, of 32 or 128; none when there are not so many.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let (whole, before) = match address {
            IpAddr::V4(_) => (32, MAPPED_BITS),
            IpAddr::V6(_) => (128, 0),
        };
        (prefix <= whole).then(|| Self::of_bits(bits(address), before.saturating_add(prefix)))
    }

    fn of_bits(bits: u128, prefix: u8) -> Self {
        Self { bits: bits & mask(prefix), prefix }
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        bits(address) & mask(self.prefix) == self.bits
    }
}

/// An address in its IPv6 form.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The first so many bits.
fn mask(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or_default()
}

impl FromStr for Network {
    type Err = ParseNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseNetworkError> {
        let refuse = || ParseNetworkError { shown: text.chars().take(48).collect() };
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| refuse())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            // Only digits: `parse` alone would take a sign.
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map_err(|_| refuse())?
            }
            Some(_) => return Err(refuse()),
            None => whole,
        };
        Self::new(address, prefix).ok_or_else(refuse)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Ipv6Addr::from_bits(self.bits);
        match (address.to_ipv4_mapped(), self.prefix.checked_sub(MAPPED_BITS)) {
            (Some(v4), Some(32)) => write!(f, "{v4}"),
            (Some(v4), Some(prefix)) => write!(f, "{v4}/{prefix}"),
            _ if self.prefix == 128 => write!(f, "{address}"),
            _ => write!(f, "{address}/{}", self.prefix),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<C> minicbor::Encode<C> for Network {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2)?.bytes(&self.bits.to_be_bytes())?.u8(self.prefix)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Network {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let malformed =
            || minicbor::decode::Error::message("a network is an address of 16 bytes and a prefix");
        if d.array()? != Some(2) {
            return Err(malformed());
        }
        let bits = <[u8; 16]>::try_from(d.bytes()?).map_err(|_| malformed())?;
        let prefix = d.u8()?;
        if prefix > 128 {
            return Err(malformed());
        }
        Ok(Self::of_bits(u128::from_be_bytes(bits), prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_its_own_addresses_however_they_are_written() {
        for (of, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.128/25", "192.0.2.255", "192.0.2.127"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "::2"),
            ("::ffff:192.0.2.0/120", "192.0.2.9", "192.0.3.0"),
        ] {
            assert!(network(of).contains(inside.parse().unwrap()), "{of} {inside}");
            assert!(!network(of).contains(outside.parse().unwrap()), "{of} {outside}");
        }
        assert!(network("0.0.0.0/0").contains("203.0.113.9".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("2001:db8::1".parse().unwrap()), "IPv4 is no IPv6");
        assert!(network("::/0").contains("203.0.113.9".parse().unwrap()));
    }

    #[test]
    fn a_network_is_shown_as_it_is_written_without_the_bits_that_do_not_count() {
        for (text, shown) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("192.0.2.7/32", "192.0.2.7"),
            ("2001:DB8::1/32", "2001:db8::/32"),
            ("::1/128", "::1"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            assert_eq!(network(text).to_string(), shown);
            let bytes = minicbor::to_vec(network(text)).unwrap();
            assert_eq!(minicbor::decode::<Network>(&bytes).unwrap(), network(text));
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "::/+8",
            "10.0.0.0/",
            "example.com",
            "10.0.0.0/8/8",
            "010.0.0.0/8",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
