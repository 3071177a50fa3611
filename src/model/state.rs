//! What is known of an article's life upstream.

use crate::model::{Key, PageStatus, Time};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The state of an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArticleState {
    /// There, as first captured.
    #[default]
    Alive,
    /// There, and changed since the first snapshot.
    Edited,
    /// Deleted by its author.
    Deleted,
    /// Removed by the platform.
    Violation,
    /// Its account was closed.
    AccountClosed,
    /// Its account moved.
    AccountMigrated,
    /// Not for everyone.
    Restricted,
    /// Not to be had for now.
    Unavailable,
}

impl ArticleState {
    /// The state that a page's status means, where it means one.
    pub fn of(status: PageStatus) -> Option<Self> {
        Some(match status {
            PageStatus::Deleted => Self::Deleted,
            PageStatus::Violation => Self::Violation,
            PageStatus::AccountClosed => Self::AccountClosed,
            PageStatus::AccountMigrated => Self::AccountMigrated,
            PageStatus::Restricted => Self::Restricted,
            PageStatus::Unavailable => Self::Unavailable,
            _ => return None,
        })
    }

    /// Whether the article is gone upstream.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Deleted | Self::Violation | Self::AccountClosed | Self::AccountMigrated)
    }

    /// The word used in JSON and on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Edited => "edited",
            Self::Deleted => "deleted",
            Self::Violation => "violation",
            Self::AccountClosed => "account_closed",
            Self::AccountMigrated => "account_migrated",
            Self::Restricted => "restricted",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Gone is final only after two sightings at least this far apart (judgement: an outage of the platform is over by then).
const APART: TimeDelta = TimeDelta::hours(1);

/// A page that said the article is gone, restricted or unavailable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// What the page said.
    pub status: PageStatus,
    /// In its own words.
    pub reason: Option<String>,
    /// When it was first seen so.
    pub first: Time,
    /// When it was last seen so.
    pub last: Time,
}

impl Sighting {
    /// What is known once a page said so at `at`: the second of two kinds of gone (deleted, then a violation) confirms the first, for
    /// the article was not there either time; what is only not to be had for now confirms nothing but itself.
    #[must_use]
    pub fn after(before: Option<&Self>, status: PageStatus, reason: Option<String>, at: Time) -> Self {
        let confirms = |before: &&Self| before.status == status || (before.status.is_gone() && status.is_gone());
        let first = before.filter(confirms).map_or(at, |before| before.first);
        Self { status, reason, first, last: at }
    }

    /// Whether it was seen often enough to be believed: twice, at least an hour apart.
    pub fn is_final(&self) -> bool {
        self.last - self.first >= APART
    }
}

/// What happened to an article: one line of the change log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The visit that found it, by sequence number.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// Which article.
    pub key: Key,
    /// What happened.
    pub kind: ChangeKind,
    /// For a deletion: what the page says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<PageStatus>,
    /// For a deletion: in the page's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// First snapshot.
    New,
    /// A snapshot that differs from the one before.
    Edited,
    /// Seen gone twice, at least an hour apart.
    Deleted,
    /// Back after it was gone.
    Restored,
}
