//! What is known of a feed from one poll to the next.

use crate::crawl::poll::stated::Stated;
use crate::model::{CanonicalUrl, Digest, Time, Validators};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// What is known of a feed. Kept in the archive as a mark; lost, the feed is polled as one that was just added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all of them can be true at once")]
pub struct Poll {
    /// The URL as its owner gives it. What is known of another one is not of this.
    pub url: CanonicalUrl,
    /// Where the feed is by now, where its server said for good that it moved. The owner's file is the owner's: it is not edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<CanonicalUrl>,
    /// A permanent redirect that is not believed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<Redirect>,
    /// What the URL that answered last gave to ask with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validators: Option<Validators>,
    /// The digest of the last body that was read as a feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Digest>,
    /// How large that was, in bytes.
    #[serde(default)]
    pub size: u64,
    /// When it is asked next; `None` for never, where it was asked before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Time>,
    /// The owner's schedule by which `next_at` was found; `None` where it was found by the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it was asked last: the start of that request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Time>,
    /// What its owner wanted to have of it when it was asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<String>,
    /// When it was asked, and the program ended before the answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up_at: Option<Time>,
    /// When it answered as it should last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ok: Option<Time>,
    /// How many polls failed in a row.
    #[serde(default)]
    pub errors: u32,
    /// When the first of them did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Time>,
    /// What went wrong last, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// A challenge stands before it.
    #[serde(default)]
    pub blocked: bool,
    /// New entries an hour, by exponential average, at `rate_at`.
    #[serde(default)]
    pub rate: f64,
    /// When the rate was counted last: when entries came that were new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_at: Option<Time>,
    /// What the feed itself says of how often it is to be asked.
    #[serde(default)]
    pub stated: Stated,
    /// For how many seconds its last answer was good, as its headers said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_for: Option<u64>,
    /// Since when every answer was 304.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmodified_since: Option<Time>,
    /// When it was last asked without validators, because its 304s could not be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced_at: Option<Time>,
    /// Whether it ever answered 429.
    #[serde(default)]
    pub throttled: bool,
    /// When it first answered 410.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_at: Option<Time>,
    /// Whether a second 410 confirmed the first.
    #[serde(default)]
    pub gone: bool,
    /// Whether it was ever read as a feed.
    #[serde(default)]
    pub was_feed: bool,
}

/// A permanent redirect that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Redirect {
    /// Where to.
    pub to: CanonicalUrl,
    /// When this target was first seen.
    pub since: Time,
    /// Whether the feed itself says so (`itunes:new-feed-url`); else its server.
    pub by_feed: bool,
    /// Whether a feed was read there.
    pub was_feed: bool,
    /// Whether it is not to be believed: another feed is there, or none.
    pub refused: bool,
}

/// How a feed fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Not polled yet.
    New,
    /// It answers.
    Fine,
    /// It failed lately.
    Failing,
    /// A challenge stands before it.
    Blocked,
    /// It has failed for so long that it is asked once a week.
    Dormant,
    /// Its server said twice that it is gone: it is not asked any more.
    Gone,
}

impl Condition {
    /// The word used in JSON and on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Fine => "fine",
            Self::Failing => "failing",
            Self::Blocked => "blocked",
            Self::Dormant => "dormant",
            Self::Gone => "gone",
        }
    }
}

/// A feed that has failed for so long, and so often, is dormant.
const DORMANT_AFTER: TimeDelta = TimeDelta::days(30);
const DORMANT_ERRORS: u32 = 10;

/// 304s are doubted after so long, and a look without validators is taken at most so often.
const STUCK: TimeDelta = TimeDelta::days(8);
/// As many entries should have come by then, at the rate there was.
const STUCK_ENTRIES: f64 = 3.0;
/// A server that has its answers kept for a day means its 304s.
const LONG_FRESH: u64 = 24 * 3600;
/// In how many hours a rate counts half.
const HALF_LIFE_HOURS: f64 = 14.0 * 24.0;

impl Poll {
    /// When its server heard from us last, whatever came of it.
    pub fn asked_at(&self) -> Option<Time> {
        self.checked_at.max(self.given_up_at)
    }

    /// A feed of which nothing is known.
    pub fn new(url: CanonicalUrl) -> Self {
        Self {
            url,
            moved_to: None,
            redirect: None,
            validators: None,
            body: None,
            size: 0,
            next_at: None,
            by: None,
            checked_at: None,
            reads: None,
            given_up_at: None,
            last_ok: None,
            errors: 0,
            failing_since: None,
            error: None,
            blocked: false,
            rate: 0.0,
            rate_at: None,
            stated: Stated::default(),
            fresh_for: None,
            unmodified_since: None,
            forced_at: None,
            throttled: false,
            gone_at: None,
            gone: false,
            was_feed: false,
        }
    }

    /// Reads what was kept of this URL. A feed that its owner sent to where it had moved is the same feed; of any other URL
    /// nothing is known.
    pub fn read(text: &str, url: &CanonicalUrl) -> Option<Self> {
        let kept: Self = serde_json::from_str(text).ok()?;
        if kept.url == *url {
            return Some(kept);
        }
        (kept.moved_to.as_ref() == Some(url)).then(|| Self { url: url.clone(), moved_to: None, ..kept })
    }

    /// As it is kept.
    pub fn written(&self) -> String {
        serde_json::to_string(self).expect("plain data with text keys")
    }

    /// The URL that is asked.
    pub fn asks(&self) -> &CanonicalUrl {
        match &self.redirect {
            Some(Redirect { to, by_feed: true, refused: false, .. }) => to,
            _ => self.moved_to.as_ref().unwrap_or(&self.url),
        }
    }

    /// How it fares.
    pub fn condition(&self, now: Time) -> Condition {
        let lasts = self.failing_since.is_some_and(|since| now - since >= DORMANT_AFTER);
        match self {
            Self { gone: true, .. } => Condition::Gone,
            Self { errors, .. } if lasts && *errors >= DORMANT_ERRORS => Condition::Dormant,
            Self { blocked: true, .. } => Condition::Blocked,
            Self { errors: 1.., .. } | Self { gone_at: Some(_), .. } => Condition::Failing,
            Self { checked_at: None, .. } | Self { last_ok: None, .. } => Condition::New,
            _ => Condition::Fine,
        }
    }

    /// New entries an hour, as of now.
    pub fn rate_now(&self, now: Time) -> f64 {
        let Some(at) = self.rate_at else { return 0.0 };
        self.rate * (-std::f64::consts::LN_2 * hours(now - at) / HALF_LIFE_HOURS).exp()
    }

    /// Counts new entries into the rate.
    pub(super) fn count(&mut self, new: u32, now: Time) {
        if new == 0 {
            return;
        }
        self.rate = self.rate_now(now) + f64::from(new) * std::f64::consts::LN_2 / HALF_LIFE_HOURS;
        self.rate_at = Some(now);
    }

    /// Whether its 304s cannot be believed any more, so that it is asked once without validators.
    pub fn is_stuck(&self, now: Time) -> bool {
        let Some(since) = self.unmodified_since else { return false };
        let expected = self.rate_now(since) * hours(STUCK);
        let lately = self.forced_at.is_some_and(|at| now - at < STUCK);
        now - since >= STUCK
            && expected >= STUCK_ENTRIES
            && !lately
            && self.fresh_for.is_none_or(|seconds| seconds < LONG_FRESH)
    }
}

/// A length of time in hours.
pub(super) fn hours(length: TimeDelta) -> f64 {
    (length.num_milliseconds() as f64 / 3_600_000.0).max(0.0)
}
