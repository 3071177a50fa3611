//! What is said of a visit when it has ended, and of a pass.

use crate::model::{FeedName, Key, Outcome, Site, Target, TargetKind, Time};
use serde::Serialize;
use std::collections::BTreeMap;

/// One visit, as `crawl --jsonl` prints it: after its acknowledgement.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was visited.
    pub url: String,
    /// The article it is about.
    pub key: Option<Key>,
    /// What it came to.
    pub outcome: Outcome,
    /// What it was visited for.
    pub kind: TargetKind,
    /// On whose behalf.
    pub feed: FeedName,
    /// The page it was found on.
    pub via: Option<String>,
    /// How many past-issue steps from the feed.
    pub depth: u8,
    /// The title, for an article.
    pub title: Option<String>,
    /// For what did not go well: what was attempted, and what comes next.
    pub reason: Option<String>,
    /// For a poll: how many entries its owner's rules left out.
    #[serde(skip_serializing_if = "is_none")]
    pub ruled_out: u32,
    /// Bytes that came over the wire.
    pub bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Report {
    /// A report with nothing but what was visited and how it ended.
    pub(crate) fn new(target: &Target, outcome: Outcome) -> Self {
        Self {
            url: target.url.to_string(),
            key: None,
            outcome,
            kind: target.kind,
            feed: target.feed.clone(),
            via: target.via.as_ref().map(ToString::to_string),
            depth: target.depth,
            title: None,
            reason: None,
            ruled_out: 0,
            bytes: 0,
        }
    }
}

/// Counts of visits by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Visits that ended.
    pub visits: u64,
    /// First snapshots.
    pub new: u64,
    /// Articles held already, the same.
    pub unchanged: u64,
    /// Articles that changed.
    pub edited: u64,
    /// Pages that say their article is gone.
    pub gone: u64,
    /// Captcha or frequency pages.
    pub blocked: u64,
    /// Fetches that failed.
    pub failed: u64,
    /// Feeds polled.
    pub feeds: u64,
    /// Pictures, audio and video fetched.
    pub assets: u64,
    /// Pages without an article.
    pub pages: u64,
    /// Bytes over the wire.
    pub bytes: u64,
}

impl Counts {
    fn add(&mut self, report: &Report) {
        self.visits += 1;
        self.bytes += report.bytes;
        let counter = match report.outcome {
            Outcome::New => &mut self.new,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Edited => &mut self.edited,
            Outcome::Gone => &mut self.gone,
            Outcome::Blocked => &mut self.blocked,
            Outcome::Failed => &mut self.failed,
            Outcome::Feed => &mut self.feeds,
            Outcome::Asset => &mut self.assets,
            Outcome::Page => &mut self.pages,
        };
        *counter += 1;
    }
}

/// A site that has to be left alone, and what waits for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// The site.
    pub site: Site,
    /// Until when.
    pub until: Time,
    /// How many targets are due and wait.
    pub targets: u64,
    /// What went wrong last at one of them.
    pub why: Option<String>,
}

/// What a pass came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Over everything.
    #[serde(flatten)]
    pub counts: Counts,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Targets left for later: paced, blocked, or to be tried again.
    pub pending: u64,
    /// The sites that are left alone for now while work waits for them, in words: why, until when, what comes then.
    pub paused: Vec<String>,
    /// Whether it was asked to stop before it was done.
    pub interrupted: bool,
    /// The sites that were left alone although something was due there.
    pub waiting: Vec<Waiting>,
    /// The same counts for each feed.
    pub by_feed: BTreeMap<FeedName, Counts>,
}

impl Summary {
    /// Counts one visit.
    pub(crate) fn add(&mut self, report: &Report) {
        self.counts.add(report);
        self.by_feed.entry(report.feed.clone()).or_default().add(report);
    }
}
