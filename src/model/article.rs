//! What a page says once it is understood: the shape that `extract --jsonl` and `show --format json` print.

use crate::model::{CanonicalUrl, FeedDocument, Key, Time};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What came of understanding one capture.
#[derive(Clone, Debug, PartialEq)]
pub enum Extracted {
    /// An article, or a page that says why there is none.
    Document(Box<Document>),
    /// A feed: its entries are the outlinks.
    Feed(Box<FeedDocument>),
    /// Bytes that are not text for reading: a picture, audio, video.
    Opaque,
}

/// What a page turned out to be. Everything but `Article` is a fact about the article, the URL, the account — or us (`Blocked`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageStatus {
    /// An article with content.
    Article,
    /// Deleted by its author.
    Deleted,
    /// Removed by the platform: violation, infringement, complaint, law, rumour.
    Violation,
    /// Cannot be viewed for now, or an unknown error of theirs.
    Unavailable,
    /// An article's page that came without its content: to be fetched again, and never stored over something better. In JSON
    /// it is `unavailable`, like everything else that may come right by itself; `reason` tells the difference.
    #[serde(rename(serialize = "unavailable", deserialize = "incomplete"))]
    Incomplete,
    /// The account was closed or blocked.
    AccountClosed,
    /// The account moved to another one.
    AccountMigrated,
    /// Readable only inside WeChat, by followers, or by permission.
    Restricted,
    /// A temporary link that ran out: about the URL, not the article.
    LinkExpired,
    /// A URL with wrong parameters.
    BadLink,
    /// A captcha or frequency page: about us. Never stored as content.
    Blocked,
    /// Some page, but no article.
    NotAnArticle,
}

impl PageStatus {
    /// Whether the page says that the article is gone upstream (two sightings make it final).
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Deleted | Self::Violation | Self::AccountClosed | Self::AccountMigrated)
    }

    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Deleted => "deleted",
            Self::Violation => "violation",
            Self::Unavailable | Self::Incomplete => "unavailable",
            Self::AccountClosed => "account_closed",
            Self::AccountMigrated => "account_migrated",
            Self::Restricted => "restricted",
            Self::LinkExpired => "link_expired",
            Self::BadLink => "bad_link",
            Self::Blocked => "blocked",
            Self::NotAnArticle => "not_an_article",
        }
    }
}

/// The kind of post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArticleKind {
    /// Text with pictures.
    Article,
    /// A picture post.
    Pictures,
    /// A short text post.
    Text,
    /// A video post.
    Video,
    /// An audio post.
    Audio,
    /// A music post.
    Music,
    /// A repost of another account's article.
    Repost,
}

/// How one page leads to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rel {
    /// An entry of a feed.
    Entry,
    /// An older page of a feed, or an entry of one.
    History,
    /// A past issue (往期回顾).
    PastIssue,
    /// An album of the account, or its previous and next article.
    Album,
    /// From a page that says its account moved, to where the article went.
    Migrated,
    /// Any other link in the body.
    Reference,
    /// A picture of the article.
    Asset,
    /// An audio file of the article.
    Audio,
    /// A video file of the article.
    Video,
}

/// A page as it was understood. Absent scalars are `null`, absent objects are left out, lists are `[]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What the page turned out to be.
    pub status: PageStatus,
    /// Which extractor read it, with its version: `wechat/1`.
    pub extractor: String,
    /// The article's identity.
    pub key: Option<Key>,
    /// The URL by which the page names itself, made canonical.
    pub canonical_url: Option<CanonicalUrl>,
    /// The kind of post.
    pub kind: Option<ArticleKind>,
    /// The title, plain text.
    pub title: Option<String>,
    /// The account or site that published it.
    pub account: Option<String>,
    /// The author, where the page names one (the account is not repeated here).
    pub author: Option<String>,
    /// When it was published, in the article's own zone.
    pub published: Option<DateTime<FixedOffset>>,
    /// Where it was published from (IP 属地).
    pub place: Option<String>,
    /// The cover picture.
    pub cover: Option<String>,
    /// The page's own summary.
    pub summary: Option<String>,
    /// The language, as a BCP 47 tag.
    pub language: Option<String>,
    /// The body in Markdown, without title or head lines.
    pub markdown: String,
    /// The body as safe HTML: no scripts, handlers, styles or frames.
    pub html: String,
    /// The body as plain text, a line a block.
    pub text: String,
    /// The body's pictures, in order, each once.
    pub images: Vec<Image>,
    /// Audio and video of the body.
    pub media: Vec<Media>,
    /// Links in page order.
    pub links: Vec<Link>,
    /// WeChat's own facts, where the page is WeChat's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wechat: Option<WeChatFacts>,
    /// For a page that is no article: its own words.
    pub reason: Option<String>,
    /// Where each field was read, for example `title` → `cgiDataNew.title`.
    pub provenance: BTreeMap<String, String>,
    /// What was odd about the page, for people.
    pub warnings: Vec<String>,
}

impl Document {
    /// A document with this status and nothing else in it yet.
    pub fn new(status: PageStatus, extractor: &str) -> Self {
        Self {
            status,
            extractor: extractor.to_owned(),
            key: None,
            canonical_url: None,
            kind: None,
            title: None,
            account: None,
            author: None,
            published: None,
            place: None,
            cover: None,
            summary: None,
            language: None,
            markdown: String::new(),
            html: String::new(),
            text: String::new(),
            images: Vec::new(),
            media: Vec::new(),
            links: Vec::new(),
            wechat: None,
            reason: None,
            provenance: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// When it was published, as an instant.
    pub fn published_at(&self) -> Option<Time> {
        self.published.map(|at| at.to_utc())
    }
}

/// A picture of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its URL as an absolute URL, as the page names it.
    pub url: String,
    /// Its alternative text; empty where there is none.
    pub alt: String,
    /// Width in pixels, where the page tells.
    pub width: Option<u32>,
    /// Height in pixels, where the page tells.
    pub height: Option<u32>,
}

/// An audio or video of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// `video`, `audio` or `music`.
    pub kind: String,
    /// Where its bytes, or its player, are found.
    pub url: String,
    /// Its title, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A link of the body or of the page's own data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The absolute URL, canonical.
    pub url: CanonicalUrl,
    /// The text of the link, or the target's title where the page tells it.
    pub title: String,
    /// What it leads to.
    pub rel: Rel,
    /// The target's account, where known.
    pub account: Option<String>,
}

/// What WeChat says of an article beyond the common fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeChatFacts {
    /// `__biz` as the page has it.
    pub biz: Option<String>,
    /// The message id; text, because the shape is fixed so.
    pub mid: Option<String>,
    /// The position within the message, from 1.
    pub idx: Option<String>,
    /// The anti-forgery token.
    pub sn: Option<String>,
    /// The account's id (`gh_…`).
    pub account_id: Option<String>,
    /// The account's own name for itself (微信号), by which it can be searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Where the account is, as its own page tells (an article's place is the document's).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_place: Option<String>,
    /// The kind of page by number (0 article, 8 pictures, 10 text, …).
    pub item_show_type: Option<u32>,
    /// `original`, `repost` or `none`.
    pub copyright: Option<String>,
    /// The template generation, `G0` to `G4`.
    pub template: Option<String>,
    /// What it is a repost of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// Whether only the free beginning of a paid article is here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preview_only: bool,
    /// When its author changed it last, in China's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<DateTime<FixedOffset>>,
    /// The article that was asked for, where the page is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Key>,
    /// Where a migrated account's article went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<CanonicalUrl>,
    /// The articles before and after it in its album, whatever else in the page leads to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<CanonicalUrl>,
}

/// The article that a repost repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// The account that published it first.
    pub account: Option<String>,
    /// That account's id (`gh_…`).
    pub account_id: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// Where it is.
    pub url: Option<CanonicalUrl>,
}
