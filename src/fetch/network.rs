//! Networks, and which of them are not the public Internet.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A block of addresses, written `192.168.1.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The block of this address and prefix length; bits past the prefix are ignored, a prefix past the address's width is the width.
    pub const fn new(address: IpAddr, prefix: u8) -> Self {
        let width = if address.is_ipv4() { 32 } else { 128 };
        Self { address, prefix: if prefix > width { width } else { prefix } }
    }

    /// Whether the address lies in the block. An IPv4 address never lies in an IPv6 block, nor the other way round.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                (u32::from(ours) ^ u32::from(other)) & mask == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                (u128::from(ours) ^ u128::from(other)) & mask == 0
            }
            _ => false,
        }
    }

    /// The network an owner most likely means when this address was refused: the /24 or /64 of a home network, else the address alone.
    pub(super) fn around(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) if v4.is_private() => {
                let [a, b, c, _] = v4.octets();
                Self::new(IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), 24)
            }
            IpAddr::V6(v6) if v6.is_unique_local() => {
                let high = u128::from(v6) >> 64 << 64;
                Self::new(IpAddr::V6(Ipv6Addr::from(high)), 64)
            }
            _ => Self::new(address, 128),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a network; write it as \"192.168.1.0/24\" or as one address");
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| wrong())?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.trim_start_matches('[').trim_end_matches(']').parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(width);
        if prefix > width { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }
}

/// Why an address is not the public Internet, in words; `None` where it is.
///
/// The blocks are those of the IANA special-purpose registries (RFC 6890 and its successors), multicast, and the deprecated ways to
/// write an IPv4 address as IPv6.
pub(super) fn not_public(address: IpAddr) -> Option<&'static str> {
    if let IpAddr::V6(v6) = address
        && NAT64.contains(address)
    {
        // On an IPv6-only network every public IPv4 host has such an address: what counts is the address inside.
        let [.., a, b, c, d] = v6.octets();
        return not_public(IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
    }
    NOT_PUBLIC.iter().find(|(network, _)| network.contains(address)).map(|(_, what)| *what)
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Network {
    Network::new(IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Network {
    Network::new(IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), prefix)
}

/// The well-known prefix of NAT64 (RFC 6052).
const NAT64: Network = v6(0x64, 0xff9b, 0, 96);

const NOT_PUBLIC: &[(Network, &str)] = &[
    (v4(127, 0, 0, 0, 8), "this machine itself (loopback)"),
    (v4(10, 0, 0, 0, 8), "a private network"),
    (v4(172, 16, 0, 0, 12), "a private network"),
    (v4(192, 168, 0, 0, 16), "a private network"),
    (v4(169, 254, 0, 0, 16), "link-local, where clouds keep their metadata"),
    (v4(100, 64, 0, 0, 10), "a provider's own network (carrier-grade NAT)"),
    (v4(0, 0, 0, 0, 8), "\"this network\", which reaches this machine itself"),
    (v4(192, 0, 0, 0, 24), "reserved for protocols"),
    (v4(192, 0, 2, 0, 24), "reserved for documentation"),
    (v4(192, 88, 99, 0, 24), "a retired 6to4 relay"),
    (v4(198, 18, 0, 0, 15), "reserved for benchmarks"),
    (v4(198, 51, 100, 0, 24), "reserved for documentation"),
    (v4(203, 0, 113, 0, 24), "reserved for documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
    (Network::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 128), "this machine itself (loopback)"),
    // ::ffff:0:0/96 and ::/96: an IPv4 address in IPv6 clothes, by which a check of IPv4 blocks would be walked around.
    (Network::new(IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0)), 96), "an IPv4 address written as IPv6"),
    (v6(0, 0, 0, 96), "an IPv4 address written as IPv6"),
    (v6(0x64, 0xff9b, 1, 48), "a private translation to IPv4"),
    (v6(0x100, 0, 0, 64), "discarded by routers"),
    (v6(0x2001, 0, 0, 23), "reserved for protocols"),
    (v6(0x2001, 0xdb8, 0, 32), "reserved for documentation"),
    (v6(0x3fff, 0, 0, 20), "reserved for documentation"),
    (v6(0x2002, 0, 0, 16), "6to4, which carries an IPv4 address"),
    (v6(0xfc00, 0, 0, 7), "a private network"),
    (v6(0xfe80, 0, 0, 10), "link-local"),
    (v6(0xfec0, 0, 0, 10), "a private network (site-local)"),
    (v6(0xff00, 0, 0, 8), "multicast"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_contain_what_they_should() {
        let home: Network = "192.168.1.0/24".parse().unwrap();
        assert!(home.contains("192.168.1.77".parse().unwrap()) && !home.contains("192.168.2.1".parse().unwrap()));
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("8.8.8.8".parse().unwrap()) && !all.contains("::1".parse().unwrap()));
        assert_eq!("10.1.2.3".parse::<Network>().unwrap().to_string(), "10.1.2.3/32");
        assert_eq!("[fd00::]/8".parse::<Network>().unwrap().to_string(), "fd00::/8");
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_edges_of_every_block_are_known() {
        let public = "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 \
            172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 \
            64:ff9b::808:808 2400:3200::1";
        for address in public.split_whitespace() {
            assert_eq!(not_public(address.parse().unwrap()), None, "{address}");
        }
        let private = "0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.254 \
            169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0 \
            198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::ffff:127.0.0.1 \
            ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 100::1 2001::1 2001:1ff::1 2001:db8::1 2002:7f00:1:: \
            3fff::1 fc00::1 fdff::1 fe80::1 febf::1 fec0::1 ff02::1";
        for address in private.split_whitespace() {
            assert!(not_public(address.parse().unwrap()).is_some(), "{address}");
        }
    }
}
