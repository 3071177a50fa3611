//! The private-address guard: what a page says must never make us knock at the owner's own doors.
//!
//! It stands in two places. Here every hop's parsed host is judged, because the resolver is not asked for IP literals (measured: ten
//! spellings of loopback went past it). And in [`crate::fetch::resolver`] every answer for a name is judged, and only the addresses
//! that passed are connected to, so a name cannot change its mind between the check and the connection.

use crate::fetch::network::{Network, not_public};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use thiserror::Error;
use url::{Host, Url};

/// Why a URL or an address may not be fetched from.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The address is not a public one, and the owner has not allowed it.
    #[error("{} {what}; if you mean it, write  allow_private = [{line}]  under [fetch]", named(.host, *.address))]
    Private {
        /// The host as it stands in the URL.
        host: String,
        /// The address behind it.
        address: IpAddr,
        /// What that address is.
        what: &'static str,
        /// The networks to allow, as they are written in crawl.toml.
        line: String,
    },
    /// The port belongs to another protocol.
    #[error("port {0} belongs to another protocol than HTTP; only a URL that you name yourself may use it")]
    Port(u16),
    /// The host is sent elsewhere by `hosts`, but for another port.
    #[error(
        "hosts sends {host} to {address}, which does not answer for port {port}; ask without a port, or for that one"
    )]
    OtherPort {
        /// The host.
        host: String,
        /// Where it is sent.
        address: SocketAddr,
        /// The port that was asked for.
        port: u16,
    },
    /// The URL has no host, or is neither http nor https.
    #[error("it is not an http or https URL")]
    NotHttp,
}

/// A host and the address behind it, where it is not one itself.
fn named(host: &str, address: IpAddr) -> String {
    if host.trim_matches(['[', ']']) == address.to_string() {
        return format!("{host} is");
    }
    format!("{host} is {address}:")
}

/// What may be connected to.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    hosts: BTreeMap<String, SocketAddr>,
    allowed: Vec<Network>,
    /// The proxy's own host: named by the owner, so connected to whatever its address, but never as the host of a URL.
    proxy: Option<String>,
}

impl Guard {
    pub(super) fn new(hosts: &BTreeMap<String, SocketAddr>, allowed: &[Network], proxy: Option<String>) -> Self {
        let hosts = hosts.iter().map(|(name, to)| (plain_name(name), *to)).collect();
        Self { hosts, allowed: allowed.to_vec(), proxy }
    }

    /// Judges a URL before anything is sent: its scheme, its port, and its host where that is an address.
    pub(super) fn check(&self, url: &Url, named_by_owner: bool) -> Result<(), Refusal> {
        let (Some(host), Some(port), "http" | "https") = (url.host(), url.port_or_known_default(), url.scheme()) else {
            return Err(Refusal::NotHttp);
        };
        match host {
            Host::Ipv4(address) => self.check_address(&address.to_string(), IpAddr::V4(address))?,
            Host::Ipv6(address) => self.check_address(&format!("[{address}]"), IpAddr::V6(address))?,
            Host::Domain(name) => {
                let name = plain_name(name);
                if let Some(&address) = self.hosts.get(&name) {
                    let fits = url.port().is_none_or(|port| port == address.port());
                    return if fits { Ok(()) } else { Err(Refusal::OtherPort { host: name, address, port }) };
                }
                // RFC 6761: this machine, whatever a resolver says. And the proxy is the owner's to speak to, not a page's.
                if name == "localhost" || name.ends_with(".localhost") || self.is_proxy(&name) {
                    self.check_address(&name, IpAddr::from([127, 0, 0, 1]))?;
                }
            }
        }
        if !named_by_owner && BAD_PORTS.contains(&port) { Err(Refusal::Port(port)) } else { Ok(()) }
    }

    /// Judges one address behind a host.
    pub(super) fn check_address(&self, host: &str, address: IpAddr) -> Result<(), Refusal> {
        let plain = address.to_canonical();
        if self.allowed.iter().any(|network| network.contains(address) || network.contains(plain)) {
            return Ok(());
        }
        let Some(what) = not_public(address) else { return Ok(()) };
        let what = if plain == address { what } else { not_public(plain).unwrap_or(what) };
        let mut networks: Vec<String> = self.allowed.iter().map(|network| format!("\"{network}\"")).collect();
        networks.push(format!("\"{}\"", Network::around(plain)));
        Err(Refusal::Private { host: host.to_owned(), address, what, line: networks.join(", ") })
    }

    /// Where `hosts` sends this name, if anywhere.
    pub(super) fn sent_to(&self, name: &str) -> Option<SocketAddr> {
        self.hosts.get(&plain_name(name)).copied()
    }

    /// Whether this is the proxy's own name.
    pub(super) fn is_proxy(&self, name: &str) -> bool {
        self.proxy.as_deref() == Some(plain_name(name).as_str())
    }
}

fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The ports that browsers refuse, because a request to them could be taken for another protocol (WHATWG Fetch, "port blocking").
const BAD_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];
