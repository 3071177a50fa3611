//! Why a URL could not be fetched.

use crate::fetch::guard::Refusal;
use crate::model::{Site, Time, UrlError};
use std::time::Duration;
use thiserror::Error;

/// Why there is no capture. A status code is no error: 404 is an answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The fetcher cannot be made from these options.
    #[error("cannot use {what}: {why}")]
    Setup {
        /// Which option, with its value.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The guard does not let it pass.
    #[error("did not fetch {url}: {why}")]
    Refused {
        /// The URL, perhaps of a redirect.
        url: String,
        /// Why.
        why: Refusal,
    },
    /// The name has no address.
    #[error("cannot find the address of {url}: {why}; check the name and the network")]
    Dns {
        /// The URL.
        url: String,
        /// What the resolver said.
        why: String,
    },
    /// The connection could not be made, or broke before an answer.
    #[error("cannot connect for {url}: {why}")]
    Connect {
        /// The URL.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// The proxy did not take us there.
    #[error("the proxy {proxy} did not bring us to {url}: {why}; see proxy under [fetch]")]
    Proxy {
        /// The proxy, without user name and password.
        proxy: String,
        /// The URL.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// The TLS handshake failed.
    #[error("cannot trust the server of {url}: {why}")]
    Tls {
        /// The URL.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// It took too long.
    #[error("gave up on {url} after {} s", after.as_secs_f32())]
    Timeout {
        /// The URL.
        url: String,
        /// The limit.
        after: Duration,
    },
    /// The body came too slowly.
    #[error("gave up on {url}: it sends less than {least} bytes per second (minimum_rate under [fetch])")]
    TooSlow {
        /// The URL.
        url: String,
        /// The limit.
        least: u64,
    },
    /// Something is larger than we take.
    #[error("gave up on {url}: its {what} is larger than {limit} bytes{}", limits(what))]
    TooLarge {
        /// The URL.
        url: String,
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The body unpacks to far more than any honest one.
    #[error("gave up on {url}: its body unpacks to more than {ratio} times its size (ratio_limit under [fetch])")]
    Bomb {
        /// The URL.
        url: String,
        /// The limit.
        ratio: u64,
    },
    /// The body is not what its `Content-Encoding` says.
    #[error("cannot decode the body of {url}: {why}")]
    Decode {
        /// The URL.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// The answer ended before its end.
    #[error("the answer of {url} broke off: {why}")]
    Truncated {
        /// The URL.
        url: String,
        /// How we know.
        why: String,
    },
    /// The answer is not HTTP as we know it.
    #[error("cannot understand the answer of {url}: {why}; check the port, and whether it is http:// or https://")]
    Protocol {
        /// The URL.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// Redirects that lead nowhere.
    #[error("the redirects of {url} lead nowhere: {why}")]
    Redirects {
        /// The URL that was asked for.
        url: String,
        /// What is wrong with them.
        why: String,
    },
    /// A redirect to something that is no URL to visit.
    #[error("{url} redirects to what cannot be visited: {why}")]
    BadRedirect {
        /// The URL that redirected.
        url: String,
        /// Why not.
        why: UrlError,
    },
    /// robots.txt says no.
    #[error(
        "did not fetch {url}: robots.txt of that site asks us not to; robots = \"ignore\" in its [[site]] entry would ask no more"
    )]
    Robots {
        /// The URL.
        url: String,
    },
    /// robots.txt could not be had, which means no for now.
    #[error("did not fetch {url}: its robots.txt cannot be had ({why}), which means no for now")]
    RobotsUnavailable {
        /// The URL.
        url: String,
        /// Why not.
        why: String,
        /// How long to wait before asking again.
        wait: Duration,
    },
    /// The site has to be left alone for longer than it is worth waiting.
    #[error("{site} is left alone until {until}")]
    Paused {
        /// The site.
        site: Site,
        /// Until when.
        until: Time,
        /// How long that is.
        wait: Duration,
    },
}

impl FetchError {
    /// Whether trying again is pointless until somebody changes something.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Setup { .. }
            | Self::Refused { .. }
            | Self::TooLarge { .. }
            | Self::Bomb { .. }
            | Self::Redirects { .. }
            | Self::BadRedirect { .. }
            | Self::Robots { .. } => true,
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::Proxy { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::TooSlow { .. }
            | Self::Decode { .. }
            | Self::Truncated { .. }
            | Self::Protocol { .. }
            | Self::RobotsUnavailable { .. }
            | Self::Paused { .. } => false,
        }
    }

    /// Whether a line in crawl.toml is all that stands between us and the page.
    pub fn is_the_owners(&self) -> bool {
        matches!(self, Self::Robots { .. } | Self::Refused { why: Refusal::Private { .. }, .. })
    }

    /// How long to wait at least before trying again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Paused { wait, .. } | Self::RobotsUnavailable { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// One word for counting.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Setup { .. } => "setup",
            Self::Refused { .. } => "refused",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Proxy { .. } => "proxy",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::TooSlow { .. } => "too_slow",
            Self::TooLarge { .. } => "too_large",
            Self::Bomb { .. } => "bomb",
            Self::Decode { .. } => "decode",
            Self::Truncated { .. } => "truncated",
            Self::Protocol { .. } => "protocol",
            Self::Redirects { .. } | Self::BadRedirect { .. } => "redirects",
            Self::Robots { .. } | Self::RobotsUnavailable { .. } => "robots",
            Self::Paused { .. } => "paused",
        }
    }
}

/// Where the limit of what is too large may be changed.
fn limits(what: &str) -> &'static str {
    if what == "body" { " (page_limit, feed_limit, asset_limit and wire_limit under [fetch])" } else { "" }
}
