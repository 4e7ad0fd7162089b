//! Which addresses are public: those that anybody may reach anyway.
//!
//! Everything is refused that the registries of special addresses keep for something else (RFC 6890 and those after it),
//! and so are IPv6 addresses that carry an IPv4 address to a translator: they would reach it from behind. It resolves no
//! names.

use mortise_engine::model::Network;
use std::net::IpAddr;
use std::sync::LazyLock;

/// Of IPv4: this network, private, shared, loopback, link-local (with the metadata services of clouds), protocol
/// assignments, documentation, 6to4 relays, benchmarks, multicast, reserved.
const SPECIAL_V4: [&str; 16] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
];

/// Global unicast, the one part of IPv6 that is public.
const GLOBAL_V6: &str = "2000::/3";

/// Of that part: protocol assignments (with Teredo and ORCHID), documentation, 6to4.
const SPECIAL_V6: [&str; 4] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

static TABLES: LazyLock<[Vec<Network>; 3]> = LazyLock::new(|| {
    let read = |texts: &[&str]| texts.iter().filter_map(|text| text.parse().ok()).collect();
    [read(&SPECIAL_V4), read(&[GLOBAL_V6]), read(&SPECIAL_V6)]
});

/// Whether anybody may reach this address anyway.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    let [special_v4, global_v6, special_v6] = &*TABLES;
    let within = |networks: &[Network], address| networks.iter().any(|network| network.contains(address));
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => !within(special_v4, v4),
        v6 @ IpAddr::V6(_) => within(global_v6, v6) && !within(special_v6, v6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read_whole() {
        let lengths = TABLES.each_ref().map(Vec::len);
        assert_eq!(lengths, [SPECIAL_V4.len(), 1, SPECIAL_V6.len()]);
    }

    #[test]
    fn what_is_kept_for_something_else_is_not_public() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff05::2",
            "5f00::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_anybody_reaches_is_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860::8888",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}
