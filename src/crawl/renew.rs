//! Other wishes while the daemon runs: what changes, and what goes on as it was.

use crate::archive::ArchiveError;
use crate::crawl::frontier::Frontier;
use crate::crawl::poll::is_ruled;
use crate::crawl::schedule::Schedule;
use crate::crawl::{Crawler, FeedOptions, Renewal, Renewals};
use crate::model::{FeedName, Target, TargetKind, Time};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// When each feed runs next; `None` for never again.
pub(super) type Due = BTreeMap<FeedName, Option<Time>>;

/// The next renewal; never, where nobody sends any.
pub(super) async fn next_of(renewals: &mut Renewals) -> Renewal {
    if let Some(coming) = renewals
        && let Some(renewal) = coming.recv().await
    {
        return renewal;
    }
    std::future::pending().await
}

/// Goes on by other wishes: everything that is pending stays, but for polls of feeds that are watched no longer.
pub(super) fn renew(
    crawler: &mut Crawler,
    frontier: &mut Frontier,
    due: &mut Due,
    renewal: Renewal,
) -> Result<(), ArchiveError> {
    let old = crawler.clone();
    *crawler = crawler.renewed(renewal);
    let now = crawler.now();
    let mut next = Due::new();
    for feed in crawler.options.feeds.iter().filter(|feed| !is_ruled(&feed.url)) {
        let before = old.options.feeds.iter().find(|before| before.name == feed.name && before.url == feed.url);
        let at = match before {
            Some(before) if old.timing(before) == crawler.timing(feed) => due.get(&feed.name).copied().flatten(),
            Some(_) => crawler.next_run(feed, crawler.reader.last_run(&feed.name)?, now),
            // New, or somewhere else now. Whoever added it may have looked at it this very moment: at the site's own pace.
            None => Some(now + crawler.fetcher.delay_of(&crawler.fetcher.site_of(&feed.url))),
        };
        next.insert(feed.name.clone(), at);
    }
    *due = next;
    frontier.resettle(|target| crawler.is_wanted(target).then(|| crawler.fetcher.site_of(&target.url)));
    Ok(())
}

impl Crawler {
    /// Whether a target is still to be visited: all but the poll of a feed that is watched no longer, or elsewhere.
    fn is_wanted(&self, target: &Target) -> bool {
        let is_it = |feed: &FeedOptions| feed.name == target.feed && feed.url == target.url;
        target.kind != TargetKind::Feed || self.options.feeds.iter().any(is_it)
    }

    /// When a feed is polled: its own schedule and zone, or those of all.
    fn timing<'a>(&'a self, feed: &'a FeedOptions) -> (&'a Schedule, Tz) {
        let schedule = feed.schedule.as_ref().unwrap_or(&self.options.schedule);
        (schedule, feed.timezone.unwrap_or(self.options.timezone))
    }

    /// The schedule that its owner gave for a feed that is polled by rule: its own, or that of all where it is not as by default.
    pub(super) fn schedule_of(&self, feed: &FeedOptions) -> Option<(Schedule, Tz)> {
        self.options.schedule_of(feed)
    }

    /// The next run of a feed: one that was missed while nothing ran is made up for at once, once.
    pub(super) fn next_run(&self, feed: &FeedOptions, last: Option<Time>, now: Time) -> Option<Time> {
        let (schedule, zone) = self.timing(feed);
        match last {
            // Never run before: a feed that was just added is looked at now.
            None => Some(now),
            // A run that was claimed by a clock that was ahead must not hold the feed back until then.
            Some(last) => schedule.next_after(last.min(now), zone).map(|at| at.max(now)),
        }
    }
}
