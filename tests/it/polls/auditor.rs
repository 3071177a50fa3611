//! The auditor: what a server sees of a reader, held against what servers state. It knows nothing of the reader's own code, keeps its own
//! books from its own answers, and writes down each request that should not have come, or not then.

use super::server::{Reply, Url};
use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use std::collections::HashMap;

type Time = DateTime<Utc>;

const DAY: i64 = 24 * 3600;

/// What a URL gave to ask with: `ETag`, `Last-Modified`.
type Given = (Option<Vec<u8>>, Option<Vec<u8>>);

/// A request as it arrives.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) at: Time,
    pub(super) site: String,
    pub(super) url: Url,
    /// Whose feed it is, by number.
    pub(super) feed: usize,
    /// Whether a redirect of another answer led here.
    pub(super) led: bool,
    pub(super) etag: Option<Vec<u8>>,
    pub(super) date: Option<Vec<u8>>,
}

/// What the owner of a feed asked for that an auditor has to know.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wish {
    /// The feed has a schedule of its owner's: only the hard floors bind it.
    pub(super) scheduled: bool,
}

#[derive(Default)]
struct SiteBook {
    last: Option<Time>,
    busy_until: Option<Time>,
    cool_until: Option<Time>,
    cool_downs: u32,
    gap: f64,
    gap_from: Option<Time>,
    crawl_delay: i64,
    refused: Vec<usize>,
    /// The order in which feeds come back after a long cool-down: when each was asked before.
    back: Vec<Time>,
    herd_until: Option<Time>,
}

#[derive(Default)]
struct FeedBook {
    wish: Wish,
    last: Option<Time>,
    ended_at: Option<Url>,
    errors: u32,
    floor: i64,
    throttled: bool,
    /// When it was tried last in vain: our own network was down.
    tried: Option<Time>,
    skip_hours: Vec<u32>,
    skip_days: Vec<u32>,
    gone: Vec<Time>,
    was_read: bool,
    moved_since: Option<(Url, Time)>,
    unasked_at: Option<Time>,
    pub_gaps: Vec<i64>,
}

/// All that was seen, and what was wrong with it.
#[derive(Default)]
pub(super) struct Auditor {
    sites: HashMap<String, SiteBook>,
    feeds: HashMap<usize, FeedBook>,
    given: HashMap<Url, Given>,
    pub(super) requests: u64,
    pub(super) violations: Vec<(&'static str, String)>,
}

impl Auditor {
    pub(super) fn wishes(&mut self, feed: usize, wish: Wish) {
        self.feeds.entry(feed).or_default().wish = wish;
    }

    pub(super) fn crawl_delay(&mut self, site: &str, seconds: i64) {
        self.sites.entry(site.to_owned()).or_default().crawl_delay = seconds;
    }

    fn wrong(&mut self, rule: &'static str, request: &Request, why: &str) {
        if self.violations.len() < 10_000 {
            let Request { at, url, feed, .. } = request;
            self.violations.push((rule, format!("{at} feed {feed} at {url}: {why}")));
        }
    }

    /// Judges a request that has just come.
    pub(super) fn asked(&mut self, request: &Request) {
        self.requests += 1;
        self.judge_site(request);
        self.judge_validators(request);
        if !request.led {
            self.judge_feed(request);
            let feed = self.feeds.entry(request.feed).or_default();
            if let Some(last) = feed.last {
                feed.pub_gaps.push((request.at - last).num_seconds());
            }
            feed.last = Some(request.at);
        }
    }

    /// A request did not leave the house: whoever tried has had its turn in its site's line.
    pub(super) fn tried(&mut self, feed: usize, at: Time) {
        self.feeds.entry(feed).or_default().tried = Some(at);
    }

    fn judge_site(&mut self, request: &Request) {
        let at = request.at;
        let asked_before = self.feeds.get(&request.feed).and_then(|feed| feed.last.max(feed.tried));
        let site = self.sites.entry(request.site.clone()).or_default();
        let mut wrongs: Vec<(&'static str, String)> = Vec::new();
        if let Some(last) = site.last {
            let hours = site.gap_from.map_or(0, |from| (at - from).num_hours().max(0));
            let learnt = site.gap / 2_f64.powi(hours as i32);
            let least = 2_f64.max(site.crawl_delay.min(60) as f64).max(if learnt > 2.0 { learnt } else { 0.0 });
            let gap = (at - last).num_milliseconds() as f64 / 1000.0;
            if gap < least {
                wrongs.push(("spacing", format!("{gap} s after the last, not {least}")));
            }
        }
        if site.busy_until.is_some_and(|until| at < until) {
            wrongs.push(("one in flight", "another is under way".into()));
        }
        if let Some(until) = site.cool_until.filter(|until| at < *until) {
            wrongs.push(("cool-down", format!("the site rests until {until}")));
        }
        if site.herd_until.is_some_and(|until| at >= until) && !request.led {
            // One that was never asked has waited longest.
            let before = asked_before.unwrap_or(Time::MIN_UTC);
            if Some(before) < site.herd_until {
                if site.back.last().is_some_and(|last| *last > before) {
                    wrongs.push(("order", "one that was asked longer ago still waits".into()));
                }
                site.back.push(before);
            } else {
                // The first that comes for the second time: all are through.
                site.herd_until = None;
                site.back.clear();
            }
        }
        site.last = Some(at);
        for (rule, why) in wrongs {
            self.wrong(rule, request, &why);
        }
    }

    fn judge_validators(&mut self, request: &Request) {
        let feed = self.feeds.entry(request.feed).or_default();
        let held = self.given.get(&request.url).cloned().unwrap_or_default();
        let sent = (request.etag.clone(), request.date.clone());
        if sent == held {
            return;
        }
        // What another URL answered since then has taken the place of what this one gave.
        let elsewhere = feed.ended_at.as_ref().is_some_and(|url| *url != request.url);
        if sent == (None, None) {
            // The look without validators at 304s that cannot be believed: once in eight days.
            let lately = feed.unasked_at.is_some_and(|at| (request.at - at).num_seconds() < 8 * DAY);
            if elsewhere || !lately {
                if !elsewhere {
                    feed.unasked_at = Some(request.at);
                }
                return;
            }
        }
        let why = format!("asked with {sent:?}, given were {held:?}");
        self.wrong("validators", request, &why);
    }

    fn judge_feed(&mut self, request: &Request) {
        let at = request.at;
        let feed = self.feeds.entry(request.feed).or_default();
        let mut wrongs: Vec<(&'static str, String)> = Vec::new();
        if let Some(last) = feed.last {
            let gap = (at - last).num_seconds();
            let hard = if feed.was_read { 600 } else { 0 };
            let floor = feed.floor.max(hard);
            if gap < floor {
                wrongs.push(("floor", format!("{gap} s after the last, not {floor}")));
            }
            let back_off = (1800_i64 << feed.errors.min(20)).min(7 * DAY) * 9 / 10;
            if feed.errors > 0 && gap < back_off && !feed.wish.scheduled {
                wrongs.push(("back-off", format!("{gap} s after failure {}, not {back_off}", feed.errors)));
            }
        }
        let skips =
            feed.skip_hours.contains(&at.hour()) || feed.skip_days.contains(&at.weekday().num_days_from_monday());
        if skips && !feed.wish.scheduled {
            wrongs.push(("skip", "in an hour that the feed forbids".into()));
        }
        match feed.gone[..] {
            [first] if (at - first).num_seconds() < DAY => wrongs.push(("gone", "sooner than a day after 410".into())),
            [_, _, ..] => wrongs.push(("gone", "after a second 410".into())),
            _ => {}
        }
        if let Some((to, since)) = &feed.moved_since {
            let (days, is_there) = ((at - *since).num_seconds() / DAY, request.url == *to);
            if is_there && days < 7 {
                wrongs.push(("redirect", format!("believed after {days} days")));
            }
            // A day and a half for the poll that finds the seven days over.
            if !is_there && days >= 9 {
                wrongs.push(("redirect", format!("not believed after {days} days")));
            }
        }
        for (rule, why) in wrongs {
            self.wrong(rule, request, &why);
        }
    }

    /// Takes in what was answered, `ended` later.
    pub(super) fn answered(&mut self, request: &Request, reply: &Reply, ended: Time) {
        let site = self.sites.entry(request.site.clone()).or_default();
        site.busy_until = Some(ended);
        let feed = self.feeds.entry(request.feed).or_default();
        if reply.status != 403 {
            site.refused.retain(|other| *other != request.feed);
        }
        match reply.status {
            429 | 503 => {
                let own = (900_i64 << site.cool_downs.min(10)).min(DAY);
                let asked = reply.retry_after.max(reply.max_age).unwrap_or(0).min(7 * DAY);
                rest(site, ended + TimeDelta::seconds(own.max(asked)));
                feed.throttled |= reply.status == 429;
            }
            403 => {
                site.refused.push(request.feed);
                site.refused.sort_unstable();
                site.refused.dedup();
                if site.refused.len() >= 3 {
                    rest(site, ended + TimeDelta::seconds((900_i64 << site.cool_downs.min(10)).min(DAY)));
                    for other in site.refused.clone() {
                        self.feeds.entry(other).or_default().errors = 0;
                    }
                } else {
                    feed.errors += 1;
                }
            }
            301 | 302 => {
                site.cool_downs = 0;
                if reply.status == 301
                    && feed.moved_since.as_ref().is_none_or(|(to, _)| Some(to) != reply.location.as_ref())
                {
                    feed.moved_since =
                        reply.location.clone().filter(|to| !reply.is_safer(to)).map(|to| (to, request.at));
                }
            }
            410 => {
                site.cool_downs = 0;
                feed.gone.push(request.at);
            }
            200 | 304 => {
                site.cool_downs = 0;
                site.refused.clear();
                self.read(request, reply);
            }
            _ => {
                if reply.status < 500 {
                    site.cool_downs = 0;
                }
                feed.errors += 1;
            }
        }
    }

    /// Takes in an answer that is as it should be.
    fn read(&mut self, request: &Request, reply: &Reply) {
        let feed = self.feeds.entry(request.feed).or_default();
        (feed.errors, feed.was_read) = (0, true);
        feed.ended_at = Some(request.url.clone());
        let given = (reply.etag.clone(), reply.date.clone());
        let held = self.given.entry(request.url.clone()).or_default();
        if reply.status == 200 {
            *held = given;
            feed.floor = reply.floor();
            (feed.skip_hours, feed.skip_days) = (reply.skip_hours.clone(), reply.skip_days.clone());
        } else {
            *held = (given.0.or(held.0.take()), given.1.or(held.1.take()));
        }
        if feed.wish.scheduled {
            feed.floor = reply.hard_floor();
        }
    }

    /// Whether intervals are spread by a tenth either way, and no further: the gaps of feeds that have nothing to say but once a day.
    pub(super) fn judge_jitter(&mut self, daily: impl Iterator<Item = usize>) {
        let mut buckets = [0_u32; 20];
        for feed in daily {
            for gap in &self.feeds.entry(feed).or_default().pub_gaps {
                let part = *gap as f64 / DAY as f64;
                // A minute for the turn that has to be waited for.
                if !(0.9..=1.1 + 60.0 / DAY as f64).contains(&part) {
                    self.violations.push(("jitter", format!("feed {feed}: {gap} s is not a day by a tenth")));
                }
                let hundredth = (*gap * 100 / DAY - 90).clamp(0, 19);
                buckets[usize::try_from(hundredth).unwrap_or(0)] += 1;
            }
        }
        let (least, all) = (buckets.iter().min().copied().unwrap_or(0), buckets.iter().sum::<u32>());
        if all >= 1000 && least * 40 < all {
            self.violations.push(("jitter", format!("it is not even: {buckets:?}")));
        }
    }

    /// Whether a feed that answers was forgotten.
    pub(super) fn judge_forgotten(&mut self, feeds: impl Iterator<Item = usize>, end: Time) {
        for feed in feeds {
            let last = self.feeds.entry(feed).or_default().last;
            if last.is_none_or(|last| (end - last).num_seconds() > 2 * DAY) {
                self.violations.push(("forgotten", format!("feed {feed} was last asked at {last:?}")));
            }
        }
    }

    /// The rules that were broken, each once.
    pub(super) fn broken(&self) -> Vec<&'static str> {
        let mut rules: Vec<_> = self.violations.iter().map(|(rule, _)| *rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

/// The site is not to be asked before then, and half as often afterwards.
fn rest(site: &mut SiteBook, until: Time) {
    let hours = |from: Time| (until - from).num_hours().max(0);
    let now = site.gap_from.map_or(0.0, |from| site.gap / 2_f64.powi(hours(from) as i32));
    site.gap = (now.max(2.0).max(site.crawl_delay as f64) * 2.0).min(120.0);
    site.cool_downs += 1;
    site.cool_until = Some(until);
    site.gap_from = Some(until);
    // After more than a day all of its feeds are due: they come back by when they were asked before.
    let is_long = site.last.is_some_and(|last| (until - last).num_hours() >= 27);
    site.herd_until = is_long.then_some(until);
    site.back.clear();
}
