//! One target taken through fetch, extract and commit.

use crate::model::{CanonicalUrl, Capture, Digest, Document, EntryNotes, PageStatus, Target, Time};
use serde::{Deserialize, Serialize};

/// What enters the archive: whole, or not at all.
#[derive(Clone, Debug)]
pub struct Visit {
    /// What was visited.
    pub target: Target,
    /// When the visit ended.
    pub at: Time,
    /// What the server said; `None` where nothing worth keeping came (a name error, a refused address).
    pub capture: Option<Capture>,
    /// What it meant.
    pub finding: Finding,
    /// The targets to visit next because of it; those held or pending already are left out by the archive.
    pub follow: Vec<Target>,
    /// The most articles that may be reached by following from this target's feed, in all.
    pub follow_limit: u32,
    /// When to look at this article again.
    pub recheck_at: Option<Time>,
    /// For a poll: what it taught about its feed's entries.
    pub notes: Option<Box<EntryNotes>>,
}

/// What a visit found.
#[derive(Clone, Debug)]
pub enum Finding {
    /// An article.
    Article(Box<Judgement>),
    /// A page that says the article is gone, restricted or unavailable.
    Gone {
        /// What it says.
        status: PageStatus,
        /// In its own words.
        reason: Option<String>,
    },
    /// A page that says the article's account moved.
    Moved {
        /// Where the page says that the article went.
        to: CanonicalUrl,
        /// In its own words.
        reason: Option<String>,
    },
    /// A feed, polled.
    Feed {
        /// How many entries it had.
        entries: u32,
    },
    /// A picture, audio or video.
    Asset,
    /// A page without an article on it.
    Page {
        /// What it was taken for.
        status: PageStatus,
        /// Why, in words.
        reason: Option<String>,
    },
    /// Nothing, and it will not be tried again by itself.
    Failed {
        /// What was attempted and what went wrong.
        error: String,
    },
}

/// An article as understood, and what is needed to tell an edit from a new way of understanding.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The article.
    pub document: Document,
    /// The digest of its content: normalised title, body and cover.
    pub content: Digest,
    /// The content digest of the snapshot already held, as today's extractor understands its capture; `None` where that snapshot
    /// was made by this very extractor, or there is none.
    pub held_content: Option<Digest>,
    /// Where the article is what a feed's entry says: that entry.
    pub entry: Option<FromEntry>,
}

/// The entry that an article was understood from, in place of its page.
#[derive(Clone, Debug, PartialEq)]
pub struct FromEntry {
    /// The payload of the feed; the visit's hint says which of its entries.
    pub capture: Digest,
    /// Why it is not the page; `None` where the page is not wanted, or there is none.
    pub why: Option<String>,
    /// Whether what changed since the last such snapshot is too little to be told.
    pub is_minor: bool,
}

/// What the archive made of a visit. Printed by `crawl --jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An article's first snapshot.
    New,
    /// Held already, the same.
    Unchanged,
    /// A snapshot that differs from the one before.
    Edited,
    /// The page says that the article is gone.
    Gone,
    /// A captcha or frequency page: we wait.
    Blocked,
    /// Nothing came of it.
    Failed,
    /// A feed, polled.
    Feed,
    /// A picture, audio or video.
    Asset,
    /// A page without an article.
    Page,
}

impl Outcome {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Edited => "edited",
            Self::Gone => "gone",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Feed => "feed",
            Self::Asset => "asset",
            Self::Page => "page",
        }
    }
}
