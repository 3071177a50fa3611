//! Failures that are not the feed's: a local network that is down, and a site that turns all its feeds away at once.

use crate::crawl::poll::state::Poll;
use crate::model::{FeedName, Site, Time};
use chrono::TimeDelta;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Sites that fail together do so within this time.
const TOGETHER: TimeDelta = TimeDelta::minutes(1);
/// Below so many sites that cannot be reached it is theirs, not ours (judgement: two may be down at once).
const FEWEST: usize = 3;
/// So many feeds of a site that are turned away with 403, and none that is answered between them, are its way to throttle.
const TURNED_AWAY: usize = 3;

/// Which sites were reached lately.
#[derive(Debug, Default)]
pub(super) struct Weather {
    lately: VecDeque<Look>,
}

#[derive(Debug)]
struct Look {
    at: Time,
    site: Site,
    /// The feed as it was before its poll failed; `None` where the site was reached.
    failed: Option<(FeedName, Box<Poll>)>,
}

impl Weather {
    /// A site answered, whatever it said.
    pub(super) fn reached(&mut self, site: &Site, now: Time) {
        self.look(site, None, now);
    }

    /// A site could not be reached. Where that is so of half of all sites, and of several, it is our own network: then all feeds that
    /// failed in that minute come back as they were, and none of it counts.
    pub(super) fn unreached(&mut self, site: &Site, feed: &FeedName, before: Poll, now: Time) -> Vec<(FeedName, Poll)> {
        self.look(site, Some((feed.clone(), Box::new(before))), now);
        let mut sites: BTreeMap<&Site, bool> = BTreeMap::new();
        for look in &self.lately {
            sites.insert(&look.site, look.failed.is_some());
        }
        let failing = sites.values().filter(|failed| **failed).count();
        if failing < FEWEST || failing * 2 < sites.len() {
            return Vec::new();
        }
        let failed = self.lately.iter_mut().filter_map(|look| look.failed.as_mut());
        let mut back: HashMap<FeedName, Poll> = HashMap::new();
        for (feed, before) in failed {
            // The first of several failures of one feed has what there was before them.
            back.entry(feed.clone()).or_insert_with(|| Poll::clone(before));
        }
        let mut back: Vec<_> = back.into_iter().collect();
        back.sort_by(|one, other| one.0.cmp(&other.0));
        back
    }

    fn look(&mut self, site: &Site, failed: Option<(FeedName, Box<Poll>)>, now: Time) {
        while self.lately.front().is_some_and(|look| now - look.at > TOGETHER) {
            self.lately.pop_front();
        }
        // One look at a site that was reached says as much as a hundred.
        let is_said = |look: &Look| look.site == *site && look.failed.is_none();
        if failed.is_none() && self.lately.back().is_some_and(is_said) {
            return;
        }
        self.lately.push_back(Look { at: now, site: site.clone(), failed });
    }
}

/// The feeds that their site turned away with 403, each as it was before, since it last answered one.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    sites: HashMap<Site, BTreeMap<FeedName, Poll>>,
}

impl Refusals {
    /// A feed was turned away. Where its site throttles so, all that were turned away come back as they were before.
    pub(super) fn refused(&mut self, site: &Site, feed: &FeedName, before: &Poll) -> Vec<(FeedName, Poll)> {
        let refused = self.sites.entry(site.clone()).or_default();
        refused.entry(feed.clone()).or_insert_with(|| before.clone());
        if refused.len() < TURNED_AWAY { Vec::new() } else { refused.clone().into_iter().collect() }
    }

    /// The site answered a feed as it should.
    pub(super) fn answered(&mut self, site: &Site) {
        self.sites.remove(site);
    }
}
