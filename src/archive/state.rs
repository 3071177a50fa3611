//! States that `mark` keeps in the index only. All of them are safely lost with it: docs/format.md says what that costs.

use crate::archive::ArchiveError;
use crate::archive::index::keys;
use crate::archive::index::ledger::Ledger;
use crate::archive::reader::Reader;
use crate::model::{FeedName, Site, Target, Time};
use serde::{Deserialize, Serialize};

/// A state worth keeping over a restart, but not worth a sync.
#[derive(Clone, Debug)]
pub enum State {
    /// A target was tried in vain. Lost: it is tried again at once, counted from nought.
    Attempt(Box<Target>, Attempt),
    /// The pace of a site, as its owner writes it. Lost: the site's usual delay applies.
    Pace(Site, String),
    /// A feed's scheduled run was begun. Lost: the run may happen twice.
    Run(FeedName, Time),
    /// What is known of feeds that are polled by rule, each as its owner writes it. Lost: they are polled as feeds that were just added.
    Polls(Vec<(FeedName, String)>),
    /// A way of finding articles rests, as its owner writes it. Lost: it is asked once more, and refuses again.
    Rest(String, String),
    /// How the last backup went. Lost: `stats` says nothing of it until the next.
    Backup(Backup),
}

/// How a backup went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// When it was begun.
    pub at: Time,
    /// The file, where one was written.
    pub file: Option<String>,
    /// Its size in bytes.
    pub bytes: u64,
    /// What went wrong, in a sentence; `None` where all is well.
    pub problem: Option<String>,
}

/// How often a target was tried in vain, and when to try again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Failed tries so far.
    pub tries: u32,
    /// Not again before.
    pub not_before: Time,
    /// What went wrong last.
    pub error: String,
    /// How many times it was answered with a captcha: others of its site are tried before it.
    #[serde(default)]
    pub blocks: u32,
}

impl Attempt {
    /// A target that is left alone until an instant, with nothing held against it.
    pub fn until(not_before: Time, why: &str) -> Self {
        Self { tries: 0, not_before, error: why.to_owned(), blocks: 0 }
    }
}

impl State {
    pub(crate) fn write(&self, ledger: &mut Ledger<'_>) {
        match self {
            Self::Attempt(target, attempt) => ledger.put(keys::mark("attempt", &target.identity()), attempt),
            Self::Pace(site, pace) => ledger.put(keys::mark("pace", site.as_str()), pace),
            Self::Rest(way, rest) => ledger.put(keys::mark("rest", way), rest),
            Self::Backup(backup) => ledger.put(keys::mark("backup", ""), backup),
            Self::Polls(polls) => {
                for (feed, poll) in polls {
                    ledger.put(keys::mark("poll", &feed.0), poll);
                }
            }
            Self::Run(feed, at) => ledger.put(keys::mark("run", &feed.0), at),
        }
    }
}

impl Reader {
    /// The rest of a way of finding articles, as it was kept.
    ///
    /// # Errors
    /// When the index fails.
    pub fn rest(&self, way: &str) -> Result<Option<String>, ArchiveError> {
        self.ledger().get(&keys::mark("rest", way))
    }
}
