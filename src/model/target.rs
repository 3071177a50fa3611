//! What is due for a visit, and how far a feed reaches.

use crate::model::{CanonicalUrl, Digest, Key, Rel, Time};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a feed, as crawl.toml gives it (or its URL where it gives none).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeedName(pub String);

impl fmt::Display for FeedName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Which outlinks of a feed are followed, and how deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// How many steps of past issues, and of other links within the account, to follow from an article of the feed; 0 follows none.
    pub past_issues: u8,
    /// Whether albums are followed.
    pub albums: bool,
    /// The most articles to reach by following from this feed, in all.
    pub max_articles: u32,
}

impl Default for Follow {
    /// No past issues, no albums; a ceiling of 200 (judgement: a polite day on WeChat is 600 pages).
    fn default() -> Self {
        Self { past_issues: 0, albums: false, max_articles: 200 }
    }
}

/// What a target is visited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A feed's own URL: polled.
    Feed,
    /// An article's page.
    Article,
    /// A picture, audio or video.
    Asset,
    /// A list of articles that is no feed by itself: an album, a further page of one, the owner's back-end.
    List,
}

/// A canonical URL due for a visit, with where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What to fetch.
    pub url: CanonicalUrl,
    /// What for.
    pub kind: TargetKind,
    /// The feed on whose behalf.
    pub feed: FeedName,
    /// How the page it was found on leads to it.
    pub rel: Rel,
    /// The page it was found on; `None` for a feed's own URL.
    pub via: Option<CanonicalUrl>,
    /// How many past-issue steps from the feed.
    pub depth: u8,
    /// Not to be visited before this instant.
    pub not_before: Time,
    /// The article held that this looks at again, for edits and deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck: Option<Key>,
    /// What the feed said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<EntryHint>,
}

impl Target {
    /// What makes two targets the same one: the article's key where the URL tells it, the URL otherwise; an asset is its URL, without
    /// a signature that expires.
    /// Looking again at an article is one target, whichever of its URLs it goes by.
    pub fn identity(&self) -> String {
        if let Some(key) = &self.recheck {
            return format!("recheck:{key}");
        }
        match self.kind {
            TargetKind::Article => Key::of_url(&self.url).to_string(),
            TargetKind::Feed => format!("feed:{}", self.url),
            TargetKind::Asset => format!("asset:{}", self.url.lasting()),
            TargetKind::List => format!("list:{}", self.url),
        }
    }

    /// Whether a feed named this page as one of its entries.
    pub fn is_entry(&self) -> bool {
        self.rel == Rel::Entry && self.via.is_some()
    }

    /// Whether the owner asked for this very page by name: only what is left pending makes it known to anybody else.
    pub fn is_asked_for(&self) -> bool {
        self.kind == TargetKind::Article && self.via.is_none() && self.recheck.is_none()
    }

    /// Whether this article was reached by following, so that it counts towards the feed's `max_articles`.
    pub fn is_followed(&self) -> bool {
        self.kind == TargetKind::Article && matches!(self.rel, Rel::PastIssue | Rel::Album | Rel::Reference)
    }

    /// Whether this is asked anew however often it was asked before: a list of a feed's own (one that is followed is read once), or an
    /// article that is to be looked at again.
    pub fn is_asked_anew(&self) -> bool {
        self.kind == TargetKind::List && self.rel == Rel::Entry || self.recheck.is_some()
    }
}

/// A pointer to the feed entry that led here, with what the entry said: kept with the visit, so that the capture can be
/// understood again later with the same answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryHint {
    /// The entry's id within its feed.
    pub entry: Option<String>,
    /// The entry's title.
    pub title: Option<String>,
    /// The entry's author.
    pub author: Option<String>,
    /// When the entry was published.
    pub published: Option<Time>,
    /// The payload of the feed that held the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<Digest>,
    /// Which of its entries it was, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
}
