//! What a feed says: feedparser's well-known vocabulary, the shape that `parse-feed` prints.
//!
//! What nearly every feed has is a typed field; the rest goes by feedparser's name into `more`. Each time stands twice: as an
//! instant (ISO 8601 in UTC), and as it was written, under the name with `_raw`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// A parsed feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedDocument {
    /// Why nothing could be read; `null` where something was.
    pub error: Option<String>,
    /// Whether the feed is malformed.
    pub bozo: bool,
    /// What is wrong with it, for people: line, defect, advice.
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

/// What a feed says of itself, and an entry of the feed it comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedInfo {
    /// The title.
    pub title: Option<String>,
    /// The title's type, language and base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_detail: Option<TextDetail>,
    /// The site's page, absolute.
    pub link: Option<String>,
    /// Every link, in document order.
    pub links: Vec<FeedLink>,
    /// The feed's id.
    pub id: Option<String>,
    /// The subtitle or description.
    pub subtitle: Option<String>,
    /// The subtitle's type, language and base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle_detail: Option<TextDetail>,
    /// When it changed last, ISO 8601 in UTC.
    pub updated: Option<String>,
    /// The same as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_raw: Option<String>,
    /// When it was published, ISO 8601 in UTC.
    pub published: Option<String>,
    /// The same as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_raw: Option<String>,
    /// The language, as a BCP 47 tag.
    pub language: Option<String>,
    /// The author, as written.
    pub author: Option<String>,
    /// The author's name, address and page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_detail: Option<FeedPerson>,
    /// All authors.
    pub authors: Vec<FeedPerson>,
    /// Contributors.
    pub contributors: Vec<FeedPerson>,
    /// Categories.
    pub tags: Vec<FeedTag>,
    /// The picture that stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<FeedImage>,
    /// The copyright line.
    pub rights: Option<String>,
    /// Its type, language and base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights_detail: Option<TextDetail>,
    /// The program that wrote it.
    pub generator: Option<String>,
    /// How many minutes it may be kept, as written.
    pub ttl: Option<String>,
    /// Everything else, by feedparser's names.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// One entry of a feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedEntry {
    /// The title: plain text or markup, as `title_detail` says.
    pub title: Option<String>,
    /// The title's type, language and base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_detail: Option<TextDetail>,
    /// The page it leads to, absolute.
    pub link: Option<String>,
    /// Every link, in document order.
    pub links: Vec<FeedLink>,
    /// The entry's id (guid).
    pub id: Option<String>,
    /// Whether its id is also the page it leads to.
    pub guidislink: bool,
    /// The summary as given.
    pub summary: Option<String>,
    /// The summary's type, language and base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary_detail: Option<TextDetail>,
    /// The full contents.
    pub content: Vec<FeedContent>,
    /// When it was published, ISO 8601 in UTC.
    pub published: Option<String>,
    /// The same as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_raw: Option<String>,
    /// When it changed last, ISO 8601 in UTC.
    pub updated: Option<String>,
    /// The same as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_raw: Option<String>,
    /// The author, as written.
    pub author: Option<String>,
    /// The author's name, address and page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_detail: Option<FeedPerson>,
    /// All authors.
    pub authors: Vec<FeedPerson>,
    /// Contributors.
    pub contributors: Vec<FeedPerson>,
    /// Categories.
    pub tags: Vec<FeedTag>,
    /// Files that belong to it.
    pub enclosures: Vec<FeedEnclosure>,
    /// The page with its comments.
    pub comments: Option<String>,
    /// The feed it was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<FeedInfo>>,
    /// The picture that stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<FeedImage>,
    /// The copyright line.
    pub rights: Option<String>,
    /// Its type, language and base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights_detail: Option<TextDetail>,
    /// Everything else, by feedparser's names.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What kind of text a text is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextDetail {
    /// `text/plain`, `text/html`, `application/xhtml+xml`, …
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// Its language.
    pub language: Option<Arc<str>>,
    /// What its relative links are relative to.
    pub base: Option<Arc<str>>,
}

/// A content of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedContent {
    /// The content: text or markup, as its type says; raw, never to be shown without being made safe.
    pub value: String,
    /// Its type, language and base.
    #[serde(flatten)]
    pub detail: TextDetail,
    /// Where it is, if it is not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src: Option<String>,
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedLink {
    /// How it is related: `alternate`, `self`, `via`, `next`, `hub`, …
    pub rel: Cow<'static, str>,
    /// The media type that it claims.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Cow<'static, str>>,
    /// Where it leads, absolute where that can be known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its target's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hreflang: Option<String>,
    /// Its target's length in bytes, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<String>,
    /// Whatever else it says (`thr_count`, …).
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A file that belongs to an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedEnclosure {
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// The media type that it claims.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its length in bytes, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<String>,
    /// Whatever else it says (`title`, `duration`, …).
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedPerson {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// A category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedTag {
    /// The category itself.
    pub term: Option<String>,
    /// What system of categories it belongs to.
    pub scheme: Option<String>,
    /// What it is called for people.
    pub label: Option<String>,
}

/// A picture that stands for a feed or an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedImage {
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The page it leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Its description, width and height, where given.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}
