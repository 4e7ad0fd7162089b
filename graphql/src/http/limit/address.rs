//! Under which number an address is limited.
//!
//! It does not know what an address may, nor how a request's address is told: that is
//! [`RequestInfo::address`](crate::http::RequestInfo).

use std::net::IpAddr;

/// The number under which an address is limited: an IPv4 address by itself, an IPv6 address by its network of 64 bits,
/// because whoever has one address of such a network has all.
pub(super) fn key(address: IpAddr) -> u64 {
    /// Begins the numbers of IPv4 addresses: a part of the IPv6 space that is given to nobody.
    const V4: u64 = 0xffff << 32;
    match address.to_canonical() {
        IpAddr::V4(address) => V4 | u64::from(address.to_bits()),
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or(u64::MAX),
    }
}

/// The number of the IPv6 network of 48 bits that an address lies in: whoever has such a network has 65,536 of those of 64.
pub(super) fn network(address: IpAddr) -> Option<u64> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(u64::try_from(address.to_bits() >> 80).unwrap_or(u64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_64_bits_is_one_and_no_two_families_meet() {
        let key = |text: &str| key(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:1.2.3.4"), key("1.2.3.4"));
        assert_ne!(key("1.2.3.4"), key("1.2.3.5"));
        assert_ne!(key("::1"), key("0.0.0.1"));
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:2:2::1"));
        assert_eq!(network("::ffff:1.2.3.4"), None);
    }
}
