//! What the owner can say about fetching.

use crate::fetch::network::Network;
use crate::fetch::rules::SiteRule;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How to fetch. The default is what a crawl.toml without a `[fetch]` section means.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// What we call ourselves where no site rule says otherwise; by default the program's name, version and home.
    pub user_agent: Option<String>,
    /// A proxy for everything but `hosts`: `http://`, `https://`, `socks5://` (names resolved here) or `socks5h://` (names resolved
    /// there). Never taken from the environment. With any but `socks5://` the guard cannot see what a name leads to there.
    pub proxy: Option<String>,
    /// A PEM file of root certificates trusted beside Mozilla's.
    pub ca_file: Option<PathBuf>,
    /// Hosts that are connected to at another address and port, TLS and `Host` staying as they are. They are named by the owner, so
    /// the guard lets them pass, for URLs without a port or with that very port.
    pub hosts: BTreeMap<String, SocketAddr>,
    /// Private networks that may be fetched from; none by default.
    pub allow_private: Vec<Network>,
    /// The longest a connection may take to be made, TLS included: 10 s (judgement).
    pub connect_timeout: Duration,
    /// The longest one request may take, from sending it to the last byte of its answer: 120 s (judgement).
    pub total_timeout: Duration,
    /// The least bytes per second that a body must bring in every `rate_window`: 1,024 (measured: without such a limit a server that
    /// sends one byte every 200 ms is listened to for ever).
    pub minimum_rate: u64,
    /// How long a slow body is watched before its rate is judged: 30 s.
    pub rate_window: Duration,
    /// The largest page after decoding: 16 MiB (WeChat pages are 2.3–4 MB, measured).
    pub page_limit: u64,
    /// The largest feed after decoding: 20 MiB (judgement: a podcast with its whole history has 10).
    pub feed_limit: u64,
    /// The largest asset after decoding: 64 MiB (judgement).
    pub asset_limit: u64,
    /// The largest body on the wire, whatever it is: 64 MiB. A body is never let past the limit of its own kind by much.
    pub wire_limit: u64,
    /// How many times larger than its wire form a body may become, once it is past `ratio_floor`: 100 (judgement; text compresses
    /// 3–20 times, a bomb up to 1,032 times in gzip and far more in brotli and zstd).
    pub ratio_limit: u64,
    /// Below this size the ratio is not asked: 1 MiB.
    pub ratio_floor: u64,
    /// How many redirects are followed: 10 (browsers: 20; judgement).
    pub max_redirects: usize,
    /// How many requests may be under way at once, over all sites: 16.
    pub concurrency: usize,
    /// The least time between two long WeChat links without `chksm`: 30 min (our research: two an hour, because most draw the captcha).
    pub bare_link_delay: Duration,
    /// The least time between two lists of the owner's own back-end: 3 min (our research).
    pub backend_delay: Duration,
    /// The owner's own site rules; a rule for the same host as a compiled-in one takes its place.
    pub sites: Vec<SiteRule>,
}

impl Default for Options {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            user_agent: None,
            proxy: None,
            ca_file: None,
            hosts: BTreeMap::new(),
            allow_private: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(120),
            minimum_rate: 1024,
            rate_window: Duration::from_secs(30),
            page_limit: 16 * MIB,
            feed_limit: 20 * MIB,
            asset_limit: 64 * MIB,
            wire_limit: 64 * MIB,
            ratio_limit: 100,
            ratio_floor: MIB,
            max_redirects: 10,
            concurrency: 16,
            bare_link_delay: Duration::from_secs(30 * 60),
            backend_delay: Duration::from_secs(3 * 60),
            sites: Vec::new(),
        }
    }
}

impl Options {
    /// Whether connections are made as with these other options, so that those that are open can be used on.
    pub(super) fn connects_like(&self, other: &Self) -> bool {
        self.proxy == other.proxy
            && self.ca_file == other.ca_file
            && self.hosts == other.hosts
            && self.allow_private == other.allow_private
            && self.connect_timeout == other.connect_timeout
    }
}
