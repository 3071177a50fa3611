//! Canonical URLs: the key of a resource.
//!
//! Canonical means: http or https, no fragment, no user info, no tracking parameters, no secrets, and each site's quirks
//! removed, so that one resource has one URL. Making a canonical URL canonical again changes nothing (held by a property test).

use crate::model::{Digest, wechat_url};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use thiserror::Error;
use url::Url;

/// Longest URL we take, in bytes: judgement; browsers and servers commonly stop between 2,000 and 8,192.
const LONGEST: usize = 8 * 1024;

/// The host of entries that have no page of their own.
const ENTRIES: &str = "entry.invalid";

/// Query parameters that only say where a click came from (judgement, from the common trackers' own documentation).
const TRACKING: &[&str] = &[
    "gclid", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "twclid", "igshid", "mc_cid", "mc_eid",
    "_hsenc", "_hsmi", "mkt_tok", "vero_id", "spm", "_ga", "_gl", "wt_mc", "cmpid",
];

/// Why a text is not a URL that we can visit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// The text does not parse as a URL.
    #[error("{text:?} is not a URL: {why}; write it whole, as in https://example.org/article")]
    Malformed {
        /// The text, shortened.
        text: String,
        /// What the parser said.
        why: String,
    },
    /// The scheme is neither http nor https.
    #[error("{text:?} is a {scheme}: link; only http and https can be visited")]
    Scheme {
        /// The text, shortened.
        text: String,
        /// The scheme found.
        scheme: String,
    },
    /// The URL is longer than 8 KiB.
    #[error("a URL of {0} bytes is too long (the limit is 8192)")]
    TooLong(usize),
}

/// A URL that names one resource: parsed, checked and canonical. See the module's text for what that means.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CanonicalUrl(Url);

impl CanonicalUrl {
    /// Reads a URL as found in a page, a feed or a configuration, and makes it canonical.
    ///
    /// # Errors
    /// When the text is no URL, is neither http nor https, or is longer than 8 KiB.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(UrlError::TooLong(text.len()));
        }
        let url = Url::parse(text).map_err(|why| UrlError::Malformed { text: shorten(text), why: why.to_string() })?;
        Self::from_url(url)
    }

    /// Reads a link relative to the page it stands on.
    ///
    /// # Errors
    /// As [`CanonicalUrl::parse`].
    pub fn join(base: &Url, link: &str) -> Result<Self, UrlError> {
        let link = link.trim();
        if link.len() > LONGEST {
            return Err(UrlError::TooLong(link.len()));
        }
        let url = base.join(link).map_err(|why| UrlError::Malformed { text: shorten(link), why: why.to_string() })?;
        Self::from_url(url)
    }

    /// Makes a parsed URL canonical.
    ///
    /// # Errors
    /// When it is neither http nor https, has no host, or is longer than 8 KiB.
    pub fn from_url(url: Url) -> Result<Self, UrlError> {
        if !matches!(url.scheme(), "http" | "https") {
            let scheme = url.scheme().to_owned();
            return Err(UrlError::Scheme { text: shorten(url.as_str()), scheme });
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(UrlError::Malformed { text: shorten(url.as_str()), why: "no host".into() });
        }
        let url = canonical(url);
        if url.as_str().len() > LONGEST {
            return Err(UrlError::TooLong(url.as_str().len()));
        }
        Ok(Self(url))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host, lower case, in punycode where it has to be.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether this is a page of mp.weixin.qq.com.
    pub fn is_wechat(&self) -> bool {
        self.host() == wechat_url::HOST
    }

    /// The WeChat article ids (bizuin, mid, idx) that the URL itself names; a short link names none.
    pub fn wechat_ids(&self) -> Option<(u64, u64, u32)> {
        wechat_url::ids(&self.0)
    }

    /// How likely WeChat answers this form with the page: 3 short link, 2 long with `chksm`, 1 bare long link, 0 other.
    /// Measured by others in 2026: a bare long link mostly lands on the captcha page.
    pub fn wechat_rank(&self) -> u8 {
        wechat_url::rank(&self.0)
    }

    /// Whether this is a picture on one of WeChat's picture hosts.
    pub fn is_wechat_picture(&self) -> bool {
        wechat_url::is_picture(&self.0)
    }

    /// The next form to try where this WeChat picture's original is not to be had: the size that the page itself names, 640 pixels
    /// where it names none or the original.
    pub fn picture_fallback(&self, named: Option<&str>) -> Option<Self> {
        wechat_url::picture_fallback(&self.0, named).map(Self)
    }

    /// Whether this is one of WeChat's or Tencent's pages that play a video: nothing that could be kept as a file.
    pub fn is_player(&self) -> bool {
        self.is_wechat() || matches!(self.host(), "v.qq.com" | "m.v.qq.com" | "y.qq.com")
    }

    /// Whether this is a file on WeChat's own servers, which answer with a page or JSON only when something is wrong.
    pub fn is_wechat_file(&self) -> bool {
        wechat_url::is_picture(&self.0) || wechat_url::FILE_HOSTS.contains(&self.host())
    }

    /// The URL of an entry that has no page of its own: it leads nowhere (RFC 2606), and tells the entries of all feeds apart. `host` is
    /// the feed's, `identity` what the entry is known by there.
    pub fn of_entry(host: &str, identity: &str) -> Self {
        let name: String = Digest::of(identity.as_bytes()).hex().chars().take(24).collect();
        let url = Url::parse(&format!("https://{ENTRIES}/{host}/{name}"));
        Self(url.unwrap_or_else(|_| Url::parse(&format!("https://{ENTRIES}/-/{name}")).expect("letters and digits")))
    }

    /// What follows the host in the URL of an entry that has no page of its own; `None` for any other URL.
    pub fn entry(&self) -> Option<&str> {
        (self.host() == ENTRIES).then(|| self.0.path().trim_start_matches('/'))
    }

    /// The same file's URL without the signature that expires: what WeChat's videos are known by. Anything else as it is.
    #[must_use]
    pub fn lasting(&self) -> Self {
        wechat_url::lasting(&self.0).map_or_else(|| self.clone(), Self)
    }
}

/// Decodes the number inside a `__biz` value (base64 of decimal digits), however its padding was damaged.
pub fn bizuin_of(biz: &str) -> Option<u64> {
    wechat_url::bizuin_of(biz)
}

/// The `__biz` of an account's number, as links write it.
pub fn biz_of(bizuin: u64) -> String {
    wechat_url::biz_of(bizuin)
}

fn canonical(mut url: Url) -> Url {
    let decorated = matches!(url.fragment(), Some("rd" | "wechat_redirect"));
    url.set_fragment(None);
    // Neither call fails: the scheme is http(s) and there is a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if let Some(host) = url.host_str().and_then(|host| host.strip_suffix('.')).map(str::to_owned)
        && !host.is_empty()
    {
        let _ = url.set_host(Some(&host));
    }
    if let Some(next) = wechat_url::canonical(&url) {
        // A redirect wrapper may lead to another host, which has rules of its own.
        return if next.host_str() == url.host_str() { next } else { canonical(next) };
    }
    drop_parameters(&mut url, |name| {
        // `scene` beside a `#wechat_redirect` fragment is WeChat's own decoration, also on mirrors of its pages.
        name.starts_with("utm_") || TRACKING.contains(&name) || (decorated && name == "scene")
    });
    url
}

/// Removes query parameters by name, leaving the rest exactly as written.
pub(crate) fn drop_parameters(url: &mut Url, drop: impl Fn(&str) -> bool) {
    let Some(query) = url.query() else { return };
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !drop(&name(pair))).collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(kept.as_str()));
}

/// The beginning of a text that is no URL, for a message: without the user's name and password that it may hold.
fn shorten(text: &str) -> String {
    let from = text.find("//").map_or(0, |at| at + 2);
    let to = text[from..].find(['/', '?', '#']).map_or(text.len(), |length| from + length);
    let shown = match text[from..to].rfind('@') {
        Some(at) => format!("{}***{}", &text[..from], &text[from + at..]),
        None => text.to_owned(),
    };
    shown.chars().take(200).collect()
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for CanonicalUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.as_str())
    }
}

impl Serialize for CanonicalUrl {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CanonicalUrl {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
