//! What a feed says: feedparser's well-known vocabulary, the shape that `parse-feed` prints.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A parsed feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedDocument {
    /// Why nothing could be read; `null` where something was.
    pub error: Option<String>,
    /// Whether the feed is malformed.
    pub bozo: bool,
    /// What is wrong with it, for people.
    pub problems: Vec<String>,
    /// `rss20`, `atom10`, `json11`, …; empty where unknown.
    pub version: String,
    /// The charset it was read in.
    pub encoding: String,
    /// The feed itself.
    pub feed: FeedInfo,
    /// Its entries, in document order.
    pub entries: Vec<FeedEntry>,
}

/// The feed's own fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedInfo {
    /// The title.
    pub title: Option<String>,
    /// The site's page.
    pub link: Option<String>,
    /// The feed's id.
    pub id: Option<String>,
    /// The subtitle or description.
    pub subtitle: Option<String>,
    /// When it changed last, ISO 8601 in UTC.
    pub updated: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// Everything else, by feedparser's names.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// One entry of a feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedEntry {
    /// The title, plain text.
    pub title: Option<String>,
    /// The page it leads to, absolute.
    pub link: Option<String>,
    /// The entry's id (guid).
    pub id: Option<String>,
    /// The summary as given.
    pub summary: Option<String>,
    /// The full contents, each `{"value", "type", "language", "base"}`.
    pub content: Vec<Value>,
    /// When it was published, ISO 8601 in UTC.
    pub published: Option<String>,
    /// When it changed last, ISO 8601 in UTC.
    pub updated: Option<String>,
    /// The author's name.
    pub author: Option<String>,
    /// Everything else, by feedparser's names.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}
