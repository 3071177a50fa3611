//! The polls in the crawler's loop: which go now, how they ask, what they brought, and when that is kept.

use crate::archive::{ArchiveError, State};
use crate::crawl::engine::{Engine, poll};
use crate::crawl::poll::{Asking, Heard, Poll, Sites, Tell, Watched, is_poll, is_ruled};
use crate::crawl::{FeedOptions, blocking};
use crate::fetch::Fetcher;
use crate::model::{CanonicalUrl, Digest, FeedName, Site, Target, Time};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long what is known of feeds may be unkept: a crash costs at most the polls of one second.
const UNKEPT: Duration = Duration::from_secs(1);

/// And so long where polls have begun: whoever starts again after a crash is not to ask a second time. The first is kept at once; where many
/// begin each of the index's writes is for all of a tenth of a second (measured: one for each poll cost as much as the poll).
const BEGUN_UNKEPT: Duration = Duration::from_millis(100);

/// How many feeds are kept at once, where so many changed sooner (judgement: bounds one batch).
const MANY: usize = 256;

impl Engine {
    /// Watches all feeds that are polled by rule, and those alone. One that is new is asked now; where it came while the daemon runs, at its
    /// site's own pace, for whoever added it may have looked at it this very moment.
    pub(super) fn watch_all(&mut self, now: Time) -> Result<(), ArchiveError> {
        let crawler = self.crawler.clone();
        let is_first = self.book.is_empty();
        let mut names = BTreeSet::new();
        for feed in crawler.options.feeds.iter().filter(|feed| is_ruled(&feed.url)) {
            if !self.is_wanted(&feed.name) {
                continue;
            }
            names.insert(feed.name.clone());
            let is_known = self.book.poll(&feed.name).is_some_and(|poll| poll.url == feed.url);
            let kept = if is_known { None } else { crawler.reader.poll(&feed.name)? };
            let kept = kept.and_then(|kept| Poll::read(&kept, &feed.url));
            let wait =
                if is_first { Duration::ZERO } else { crawler.fetcher.delay_of(&crawler.fetcher.site_of(&feed.url)) };
            let (name, url, owner) = (feed.name.clone(), feed.url.clone(), crawler.schedule_of(feed));
            let watched = Watched { name, url, owner, reads: wishes(feed) };
            self.book.watch(watched, kept, now + wait, &crawler.fetcher);
        }
        self.book.keep_only(&names);
        Ok(())
    }

    /// Polls every feed that is wanted, once and now: but none that was asked a moment ago.
    pub(super) fn poll_by_hand(&mut self, now: Time) -> Result<(), ArchiveError> {
        self.watch_all(now)?;
        self.book.only_by_hand();
        let crawler = self.crawler.clone();
        let mut lately = 0;
        for feed in &crawler.options.feeds {
            if !self.is_wanted(&feed.name) {
                continue;
            }
            if !is_ruled(&feed.url) {
                self.push_poll(&feed.name, &feed.url, now)?;
            } else if !self.book.demand(&feed.name, now) {
                lately += 1;
            }
        }
        if lately > 0 {
            tracing::warn!("asked less than five minutes ago, and not again yet: {lately} of the feeds");
        }
        Ok(())
    }

    /// Lets those go whose turn it is.
    pub(super) fn start_polls(&mut self) {
        let now = self.crawler.now();
        let room = (2 * self.crawler.fetcher.concurrency()).saturating_sub(self.book.out());
        let fetcher = self.crawler.fetcher.clone();
        for (name, url) in self.book.take(now, room, &fetcher) {
            if !self.push(poll(&name, &url, now)) {
                self.book.twin(&name, now);
            }
        }
    }

    /// How the poll of a feed is to ask; `None` where it is no poll by rule, or the feed is watched no longer.
    pub(super) fn asking(&mut self, target: &Target, now: Time) -> Option<Asking> {
        if !self.is_of_book(target) {
            return None;
        }
        self.has_begun = true;
        self.book.begin(&target.feed, now)
    }

    /// Takes in what a poll brought.
    pub(super) fn polled(&mut self, target: &Target, heard: Option<&Heard>, back_at: Option<Time>) {
        if !self.is_of_book(target) {
            return;
        }
        let now = self.crawler.now();
        let fetcher = self.crawler.fetcher.clone();
        match (heard, back_at) {
            (Some(heard), _) => {
                for (feed, tell) in self.book.heard(&target.feed, heard, now, &fetcher) {
                    say(&feed, &tell);
                }
            }
            (None, Some(until)) => self.book.back(&target.feed, until),
            (None, None) => self.book.twin(&target.feed, now),
        }
    }

    /// Whether a target is the poll of a feed as it is watched now.
    fn is_of_book(&self, target: &Target) -> bool {
        is_poll(target) && self.book.poll(&target.feed).is_some_and(|poll| poll.url == target.url)
    }

    /// When what is known of feeds is to be kept, where anything is unkept.
    pub(super) fn keep_at(&self) -> Option<Time> {
        let wait = if self.has_begun { BEGUN_UNKEPT } else { UNKEPT };
        (self.book.changed() > 0).then(|| self.crawler.now() + wait)
    }

    /// Keeps what is known of feeds: many at once, and without a sync of its own.
    pub(super) async fn keep_polls(&mut self, all: bool) -> Result<(), ArchiveError> {
        let changed = self.book.changed();
        let unkept = self.polls_kept.map_or(UNKEPT, |at| at.elapsed());
        let is_time = unkept >= if self.has_begun { BEGUN_UNKEPT } else { UNKEPT };
        if changed == 0 || !(all || is_time || changed >= MANY) {
            return Ok(());
        }
        let (polls, archive) = (self.book.changes(), Arc::clone(&self.crawler.archive));
        blocking(move || archive.mark(State::Polls(polls))).await?;
        (self.has_begun, self.polls_kept) = (false, Some(tokio::time::Instant::now()));
        Ok(())
    }
}

/// Tells the owner of a feed, once, in the log.
fn say(feed: &FeedName, tell: &Tell) {
    match tell {
        Tell::Back | Tell::Moved { .. } | Tell::MovedBack { .. } => tracing::info!(%feed, "{tell}"),
        _ => tracing::warn!(%feed, "{tell}"),
    }
}

impl Sites for Fetcher {
    fn site_of(&self, url: &CanonicalUrl) -> Site {
        Fetcher::site_of(self, url)
    }

    fn is_unpaced(&self, site: &Site) -> bool {
        Fetcher::is_unpaced(self, site)
    }

    fn rest(&self, site: &Site, now: Time) -> Time {
        self.report_throttled(site, now)
    }
}

/// What a feed's owner wants to have of it, as a short text that changes when the wish does.
fn wishes(feed: &FeedOptions) -> String {
    let wishes = format!("{:?} {} {:?} {:?}", feed.content, feed.backfill, feed.keep, feed.block);
    Digest::of(wishes.as_bytes()).to_string().chars().take(16).collect()
}
