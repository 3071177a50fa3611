//! The index's values, as JSON: it is derived, so a change of shape is a rebuild, not a migration.

use crate::archive::segments::Locator;
use crate::model::{
    ArticleKind, ArticleState, CanonicalUrl, Digest, FeedName, Key, Outcome, PageStatus, Rel, Sighting, Target,
    TargetKind, Time,
};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

/// What `list` shows of an article, and where its snapshots are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArticleRow {
    /// The title of the latest snapshot; `None` where it was never had.
    pub title: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The author.
    pub author: Option<String>,
    /// When it was published, in its own zone.
    pub published: Option<DateTime<FixedOffset>>,
    /// The best URL to fetch it by: a WeChat short link before a long one with `chksm` before a bare one.
    pub url: CanonicalUrl,
    /// The feed that brought it first.
    pub feed: FeedName,
    /// How many past-issue steps from that feed.
    pub depth: u8,
    /// The kind of post.
    pub kind: Option<ArticleKind>,
    /// Its state upstream.
    pub state: ArticleState,
    /// Other URLs by which it is known.
    pub aliases: Vec<CanonicalUrl>,
    /// Its snapshots, oldest first.
    pub snapshots: Vec<SnapshotRow>,
    /// The last page that said it is gone, restricted or unavailable; taken back when it is seen again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sighting: Option<Sighting>,
    /// Where it went, where its page says that its account moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<CanonicalUrl>,
}

impl ArticleRow {
    /// Whether a page said once that it is gone, and a second look is due before that is believed.
    pub fn is_seen_gone_once(&self) -> bool {
        !self.state.is_gone() && self.sighting.as_ref().is_some_and(|seen| seen.status.is_gone() && !seen.is_final())
    }

    /// Whether any of its snapshots told of an edit.
    pub fn is_edited(&self) -> bool {
        self.snapshots.iter().any(|snapshot| snapshot.is_edit)
    }

    /// The latest snapshot of this kind: what a feed's entry says, or the page.
    pub fn last(&self, is_entry: bool) -> Option<&SnapshotRow> {
        self.snapshots.iter().rev().find(|snapshot| snapshot.is_entry == is_entry)
    }

    /// The target that looks at this article again, not before `at`.
    pub fn recheck_at(&self, key: &Key, at: Time) -> Target {
        Target {
            url: self.url.clone(),
            kind: TargetKind::Article,
            feed: self.feed.clone(),
            rel: Rel::Entry,
            via: None,
            depth: self.depth,
            not_before: at,
            recheck: Some(key.clone()),
            hint: None,
        }
    }
}

/// One snapshot of an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotRow {
    /// The visit that made it: its sequence number.
    pub id: u64,
    /// When it was captured.
    pub captured_at: Time,
    /// The payload it was understood from.
    pub digest: Digest,
    /// The digest of its content.
    pub content: Digest,
    /// Which extractor understood it.
    pub extractor: String,
    /// Where its metadata record is.
    pub place: Locator,
    /// Whether it is what a feed's entry says, not the page.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_entry: bool,
    /// Whether it changed the article: not the first of its kind, and more than a trifle.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_edit: bool,
}

/// A WeChat account, as its articles and pages tell of it: each fact from the visit that told it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// The number that its `__biz` encodes: its identity.
    pub bizuin: u64,
    /// Its `__biz`, as links write it.
    pub biz: String,
    /// Its name (nickname).
    pub name: Option<String>,
    /// Names it had before, oldest first.
    pub former_names: Vec<String>,
    /// Its id (`gh_…`).
    pub account_id: Option<String>,
    /// Its own name for itself (微信号), by which it can be searched for.
    pub alias: Option<String>,
    /// Where it is: as its own page tells, or where the article that was captured last was published from.
    pub place: Option<String>,
    /// When a page of it was first seen.
    pub first_seen: Time,
    /// The number of the account that it moved to.
    pub moved_to: Option<u64>,
    /// The numbers of the accounts that moved to it.
    pub moved_from: Vec<u64>,
}

impl AccountRow {
    /// Whether this is what a person means by a name, a `__biz`, its number, a `gh_…` id or an alias; former names count.
    pub fn goes_by(&self, said: &str) -> bool {
        let is = |held: &Option<String>| held.as_deref() == Some(said);
        is(&self.name)
            || is(&self.account_id)
            || is(&self.alias)
            || self.former_names.iter().any(|name| name == said)
            || said.parse() == Ok(self.bizuin)
            || crate::model::url::bizuin_of(said) == Some(self.bizuin)
    }
}

/// When an article was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRow {
    /// The last visit, by time.
    pub at: Time,
    /// How many visits found it unchanged.
    pub unchanged: u32,
}

/// What is known of a URL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UrlRow {
    /// The article it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// What it was visited for.
    pub kind: TargetKind,
    /// What its last visit came to.
    pub outcome: Outcome,
    /// The payload of its last visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// What the page said, where it was no article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageStatus>,
}

/// Where a payload is held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PayloadRow {
    /// The response record.
    pub place: Locator,
    /// The response record's id.
    pub record: String,
    /// The URL it came from.
    pub url: CanonicalUrl,
    /// When.
    pub at: Time,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type, as the server said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// What is known of a feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedRow {
    /// How many articles were reached by following from it.
    pub followed: u32,
    /// When it was last polled.
    pub polled_at: Option<Time>,
    /// When it was last read: the first time its list is gone through, later it is caught up with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Time>,
    /// How its last poll ended.
    pub outcome: Option<Outcome>,
    /// The URL that was polled: the validators are its, and of no other that the feed may be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<CanonicalUrl>,
    /// `ETag` and `Last-Modified` for the next poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validators: Option<(Option<String>, Option<String>)>,
    /// How many articles were reached through its history (`backfill`).
    #[serde(default)]
    pub filled: u32,
}
