//! The politeness key.

use crate::model::CanonicalUrl;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Host;

/// The unit that is paced: the `[[site]]` host that matches, else the registrable domain (eTLD+1), else the IP address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Site(String);

impl Site {
    /// The site of a URL, given the hosts that `[[site]]` entries name: an exact match wins, then the longest suffix.
    pub fn of(url: &CanonicalUrl, named: &[String]) -> Self {
        let host = url.host();
        if let Some(found) = Self::named(host, named) {
            return Self(found.to_owned());
        }
        match url.url().host() {
            Some(Host::Domain(name)) => {
                let domain = psl::domain_str(name.trim_end_matches('.')).unwrap_or(name);
                Self(domain.to_owned())
            }
            _ => Self(host.to_owned()),
        }
    }

    /// Which of the named hosts governs this one, if any.
    pub fn named<'a>(host: &str, named: &'a [String]) -> Option<&'a str> {
        let governs = |name: &&String| {
            host == name.as_str() || host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'))
        };
        named.iter().filter(governs).max_by_key(|name| name.len()).map(String::as_str)
    }

    /// Takes a site that was written before.
    pub fn named_as(text: String) -> Self {
        Self(text)
    }

    /// The site as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Site {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
