//! The identity of an article, however many URLs lead to it.

use crate::model::{CanonicalUrl, Digest};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One article's identity: `wx:{bizuin}:{mid}:{idx}` for WeChat, `wxu:{sha256}` for a WeChat page that has not told its ids
/// yet, `entry:{host}:{hash}` for a feed's entry without a page of its own, otherwise the canonical URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The key of a WeChat article. `bizuin` is the number that `__biz` encodes; `sn`, `chksm` and tokens are no part of it.
    pub fn wechat(bizuin: u64, mid: u64, idx: u32) -> Self {
        Self(format!("wx:{bizuin}:{mid}:{idx}"))
    }

    /// The key that a URL alone tells: a WeChat long link names its ids; any other WeChat link is provisional (`wxu:`);
    /// elsewhere the URL is the identity.
    pub fn of_url(url: &CanonicalUrl) -> Self {
        if let Some((bizuin, mid, idx)) = url.wechat_ids() {
            return Self::wechat(bizuin, mid, idx);
        }
        if let Some(entry) = url.entry() {
            return Self(format!("entry:{}", entry.replace('/', ":")));
        }
        if url.is_wechat() {
            return Self(format!("wxu:{}", Digest::of(url.as_str().as_bytes()).hex()));
        }
        Self(url.as_str().to_owned())
    }

    /// The key as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a key that was written before.
    pub fn from_written(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The number of the WeChat account whose article this is, where the key tells it.
    pub fn bizuin(&self) -> Option<u64> {
        self.0.strip_prefix("wx:")?.split(':').next()?.parse().ok()
    }

    /// Whether this is a WeChat page's stand-in key, to be merged once its ids are known.
    pub fn is_provisional(&self) -> bool {
        self.0.starts_with("wxu:")
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
