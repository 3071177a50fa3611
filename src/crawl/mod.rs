//! Schedule, frontier and the visit: the one place where fetch, extract and archive meet.
//!
//! Read `visit` first: it is the whole program in twenty lines. What this room must not do: parse a page, open a socket, or
//! write a file by itself.

mod asset;
pub mod discover;
mod engine;
mod entries;
mod entry;
mod finding;
mod follow;
pub mod frontier;
pub mod options;
mod pauses;
pub mod poll;
mod polls;
mod providers;
mod pulse;
mod renew;
mod report;
pub mod retry;
pub mod rules;
pub mod schedule;
mod standing;
mod visit;

pub use options::{AssetKind, AssetLimits, Content, FeedOptions, Options};
pub use pulse::Pulse;
pub use report::{Counts, Report, Summary, Waiting};
pub use standing::{Stand, Standing};
pub(crate) use visit::minute;

use crate::archive::{Archive, ArchiveError, Reader, State};
use crate::crawl::providers::backend::Rest;
use crate::fetch::{Fetcher, Session};
use crate::model::{CanonicalUrl, Clock, FeedName, Follow, Rel, Site, Target, Time};
use std::sync::Arc;

/// Everything a crawl needs. Cheap to clone; two of them run in one process without knowing of each other.
#[derive(Clone)]
pub struct Crawler {
    options: Arc<Options>,
    fetcher: Fetcher,
    archive: Arc<Archive>,
    reader: Reader,
    clock: Clock,
    pulse: Pulse,
    /// The feed whose entries were read last.
    told: entry::Recent,
}

/// What one pass is to do.
#[derive(Clone, Debug, Default)]
pub struct Pass {
    /// The feeds to poll, by name; empty for all.
    pub feeds: Vec<FeedName>,
    /// Pages to archive now, beside or instead of feeds.
    pub pages: Vec<CanonicalUrl>,
    /// Whether feeds are polled.
    pub poll: bool,
    /// Whether what is pending and due is visited.
    pub due: bool,
    /// Whether everything held is looked at again.
    pub recheck: bool,
}

/// What the owner wants from now on, while the daemon runs.
pub struct Renewal {
    /// What to watch, and when.
    pub options: Options,
    /// Renewed from the crawler's own, or that one itself: the paces of all sites go on in it.
    pub fetcher: Fetcher,
}

/// Where renewals come from; `None` for nowhere.
pub type Renewals = Option<tokio::sync::mpsc::Receiver<Renewal>>;

/// Where reports go as visits end; `None` for nowhere.
pub type Reports = Option<tokio::sync::mpsc::Sender<Report>>;

impl Crawler {
    /// A crawler over this archive. Takes up the paces that were kept when it last ended.
    ///
    /// # Errors
    /// When the archive's index cannot be read.
    pub fn new(options: Options, fetcher: Fetcher, archive: Arc<Archive>, clock: Clock) -> Result<Self, ArchiveError> {
        let reader = archive.reader();
        for pace in reader.paces() {
            let (site, pace) = pace?;
            // A pace that does not read was written by another version: the usual delay applies.
            if let Ok(pace) = serde_json::from_str(&pace) {
                fetcher.restore(Site::named_as(site), pace);
            }
        }
        Ok(Self {
            options: Arc::new(options),
            fetcher,
            archive,
            reader,
            clock,
            pulse: Pulse::default(),
            told: entry::Recent::default(),
        })
    }

    /// One pass: polls feeds now, visits what is pending and due, and ends when nothing is left that is worth waiting for.
    ///
    /// Ends early, keeping everything acknowledged, when `shutdown` completes.
    ///
    /// # Errors
    /// When the archive fails; a page that fails is a report.
    pub async fn pass(
        &self,
        pass: Pass,
        reports: Reports,
        shutdown: impl Future<Output = ()>,
    ) -> Result<Summary, ArchiveError> {
        engine::pass(self, pass, reports, shutdown).await
    }

    /// Runs until `shutdown` completes: polls each feed when its schedule says so, and visits whatever becomes due. A renewal takes
    /// effect as soon as it comes: what is pending stays pending, and visits that are out end as they began.
    ///
    /// # Errors
    /// When the archive fails.
    pub async fn run(
        &self,
        reports: Reports,
        renewals: Renewals,
        shutdown: impl Future<Output = ()>,
    ) -> Result<Summary, ArchiveError> {
        engine::run(self, reports, renewals, shutdown).await
    }

    /// The fetcher that it fetches with: what a renewed one is made from.
    pub fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }

    /// The same crawler with other wishes.
    fn renewed(&self, renewal: Renewal) -> Self {
        Self { options: Arc::new(renewal.options), fetcher: renewal.fetcher, ..self.clone() }
    }

    /// By which others see whether this crawler's loop goes round.
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    fn now(&self) -> Time {
        (self.clock)()
    }

    /// What the owner said of a feed; a feed that is no longer in crawl.toml, or `save`, follows nothing.
    fn follow_of(&self, name: &FeedName) -> (Follow, Vec<AssetKind>) {
        match self.options.feeds.iter().find(|feed| feed.name == *name) {
            Some(feed) => (feed.follow, feed.assets.iter().copied().collect()),
            None => (Follow::default(), vec![AssetKind::Image]),
        }
    }

    /// How many entries of a feed's history its owner wants.
    fn backfill_of(&self, name: &FeedName) -> u32 {
        self.options.feeds.iter().find(|feed| feed.name == *name).map_or(0, |feed| feed.backfill)
    }

    /// The owner's own session, where one was given and is not resting.
    fn session(&self) -> Result<Option<&Session>, ArchiveError> {
        let Some(session) = &self.options.session else { return Ok(None) };
        Ok(self.rest()?.is_none_or(|rest| !rest.holds(session, self.now())).then_some(session))
    }

    /// The last rest of the owner's session.
    fn rest(&self) -> Result<Option<Rest>, ArchiveError> {
        // One that does not read was written by another version: the session is asked, and says so again.
        Ok(self.reader.rest(providers::backend::NAME)?.and_then(|rest| serde_json::from_str(&rest).ok()))
    }

    /// The most bytes of a file that its feed keeps, with the option that says so; `None` for a file of no feed.
    fn asset_limit(&self, target: &Target) -> Option<(u64, &'static str)> {
        let limits = self.options.feeds.iter().find(|feed| feed.name == target.feed)?.limits;
        Some(match target.rel {
            Rel::Audio => (limits.audio, "max_audio"),
            Rel::Video => (limits.video, "max_video"),
            _ => (limits.image, "max_image"),
        })
    }

    /// Keeps the paces, so that a restart is as patient as before.
    async fn keep_paces(&self) -> Result<(), ArchiveError> {
        let paces = self.fetcher.paces();
        let standings: Vec<_> = paces.iter().filter_map(|(site, _)| Standing::of(&self.fetcher, site)).collect();
        let archive = Arc::clone(&self.archive);
        blocking(move || {
            for standing in standings {
                let written = standing.written();
                archive.mark(State::Pace(standing.site, written))?;
            }
            Ok(())
        })
        .await
    }

    /// Keeps one pace at once: a block must be remembered however the program ends.
    fn keep_pace(&self, site: &Site) -> Result<Option<Standing>, ArchiveError> {
        let standing = Standing::of(&self.fetcher, site);
        if let Some(standing) = &standing {
            self.archive.mark(State::Pace(site.clone(), standing.written()))?;
        }
        Ok(standing)
    }
}

/// Runs work that waits on disk or burns CPU where that holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // Only a bug panics there; nothing of the visit was acknowledged.
        Err(error) => Err(ArchiveError::Stopped { why: format!("a visit ended in a panic: {error}"), full: false }),
    }
}
