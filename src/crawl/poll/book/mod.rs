//! All feeds that are polled by rule, by the time they are due; each site's go in a line, the one that was asked longest ago first.
//!
//! No clock and no I/O: the crawler's loop says what time it is, asks who goes now, and brings back what was heard.

mod lines;

use crate::crawl::frontier::Paces;
use crate::crawl::poll::state::Poll;
use crate::crawl::poll::step::{Answer, Asking, Heard, Terms, step};
use crate::crawl::poll::tell::Tell;
use crate::crawl::poll::weather::{Refusals, Weather};
use crate::crawl::schedule::Schedule;
use crate::model::{CanonicalUrl, FeedName, Site, Time};
use chrono::TimeDelta;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A feed is not asked again by hand before so long after the last time.
const BY_HAND: TimeDelta = TimeDelta::minutes(5);
/// A feed that could not be reached because our own network is down is tried again after so long (judgement).
const OUTAGE: TimeDelta = TimeDelta::minutes(5);
/// Two feeds with one URL do not go at once: the second comes so much later (judgement).
const TWIN: TimeDelta = TimeDelta::seconds(10);

/// A feed as it is to be watched.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its name.
    pub name: FeedName,
    /// Its URL.
    pub url: CanonicalUrl,
    /// The schedule that its owner gave; `None` where the rules decide.
    pub owner: Option<(Schedule, Tz)>,
    /// What its owner wants to have of it, in any words that change when the wish does.
    pub reads: String,
}

/// All feeds that are polled by rule.
#[derive(Debug, Default)]
pub struct Book {
    feeds: HashMap<FeedName, Entry>,
    due: BTreeSet<(Time, FeedName)>,
    lines: HashMap<Site, Line>,
    /// When a line is looked at next.
    wakes: BTreeSet<(Time, Site)>,
    /// Which feeds are watched at a URL, by their owner's word.
    urls: HashMap<CanonicalUrl, BTreeSet<FeedName>>,
    /// What has changed since it was last kept.
    changed: BTreeSet<FeedName>,
    weather: Weather,
    refusals: Refusals,
    /// Each is asked once, because somebody wants it by hand; none comes round.
    by_hand: bool,
    out: usize,
}

#[derive(Debug)]
struct Entry {
    poll: Poll,
    site: Site,
    owner: Option<(Schedule, Tz)>,
    lifted: bool,
    place: Place,
    /// When it was asked before it went this time.
    before: Option<Time>,
}

/// Where a feed stands.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// Nowhere: it is never due.
    Nowhere,
    /// Among those that are due at an instant.
    Due(Time),
    /// In its site's line.
    InLine(Site, Option<Time>),
    /// Being asked.
    Out(Site),
}

/// The feeds of one site that are due.
#[derive(Debug, Default)]
struct Line {
    waiting: BTreeSet<(Option<Time>, FeedName)>,
    out: usize,
    wake: Option<Time>,
}

/// The sites of URLs, and which of them are not paced at all.
pub trait Sites {
    /// The site of a URL.
    fn site_of(&self, url: &CanonicalUrl) -> Site;
    /// Whether it is its owner's own test server: then the floors are lifted.
    fn is_unpaced(&self, site: &Site) -> bool;
    /// Leaves a site alone as if it had said 429, and says until when.
    fn rest(&self, site: &Site, now: Time) -> Time;
}

impl Book {
    /// Watches a feed, or goes on watching it by other wishes. `kept` is what was known of it when it was last watched; `first` is when one
    /// is asked that never was.
    pub fn watch(&mut self, feed: Watched, kept: Option<Poll>, first: Time, sites: &dyn Sites) {
        let Watched { name, url, owner, reads } = feed;
        let before = self.forget(&name).filter(|before| before.poll.url == url);
        let (mut poll, out) = match before {
            Some(Entry { poll, place, .. }) => (poll, if let Place::Out(site) = place { Some(site) } else { None }),
            None => (kept.unwrap_or_else(|| Poll::new(url.clone())), None),
        };
        if poll.reads.replace(reads.clone()).is_some_and(|before| before != reads) {
            // What came so far was read by other wishes: it is wanted whole once more.
            (poll.validators, poll.body) = (None, None);
        }
        let site = sites.site_of(poll.asks());
        let lifted = sites.is_unpaced(&site);
        let by = owner.as_ref().map(|(schedule, zone)| format!("{schedule} {zone}"));
        match poll.checked_at {
            None => poll.next_at = Some(first),
            Some(checked) if (poll.by != by || poll.next_at.is_none()) && !poll.gone => {
                let terms = Terms { owner: borrowed(&owner), lifted, seed: seed(&name, checked), is_other: &|_| false };
                poll.next_at = poll.after_answer(checked, &terms);
                poll.by = by;
            }
            Some(_) => {}
        }
        self.urls.entry(url).or_default().insert(name.clone());
        let next = poll.next_at;
        let before = poll.checked_at;
        self.feeds.insert(name.clone(), Entry { poll, site, owner, lifted, place: Place::Nowhere, before });
        match out {
            Some(site) => self.put(&name, Place::Out(site)),
            None => self.put(&name, next.map_or(Place::Nowhere, Place::Due)),
        }
    }

    /// Stops watching every feed but these.
    pub fn keep_only(&mut self, names: &BTreeSet<FeedName>) {
        let gone: Vec<FeedName> = self.feeds.keys().filter(|name| !names.contains(*name)).cloned().collect();
        for name in gone {
            self.forget(&name);
        }
    }

    /// Lets a feed go now, because somebody asks for it by hand; false where it was asked a moment ago.
    pub fn demand(&mut self, name: &FeedName, now: Time) -> bool {
        let Some(entry) = self.feeds.get(name) else { return false };
        let lately = entry.poll.checked_at.is_some_and(|at| at > now - BY_HAND);
        if lately && !entry.lifted {
            return false;
        }
        if matches!(entry.place, Place::Due(_) | Place::Nowhere) {
            self.put(name, Place::Due(now));
        }
        true
    }

    /// Nothing goes by itself from now on: only what is demanded, and once.
    pub fn only_by_hand(&mut self) {
        self.by_hand = true;
        let all: Vec<FeedName> = self.feeds.keys().cloned().collect();
        for name in all {
            self.put(&name, Place::Nowhere);
        }
    }

    /// Who goes now, `room` at most: of each site that is ready, the one that was asked longest ago.
    pub fn take(&mut self, now: Time, room: usize, paces: &dyn Paces) -> Vec<(FeedName, CanonicalUrl)> {
        while let Some((at, name)) = self.due.first().cloned()
            && at <= now
        {
            let Some(entry) = self.feeds.get(&name) else { break };
            let (site, asked) = (entry.site.clone(), entry.poll.asked_at());
            self.put(&name, Place::InLine(site.clone(), asked));
            self.wake(&site, now);
        }
        let mut taken = Vec::new();
        while taken.len() < room
            && let Some((at, site)) = self.wakes.first().cloned()
            && at <= now
        {
            self.wakes.pop_first();
            let Some(line) = self.lines.get_mut(&site) else { continue };
            line.wake = None;
            let (ready, most) = (paces.ready_at(&site, now), paces.concurrency(&site, now));
            let Some((_, name)) = line.waiting.first().cloned() else {
                if line.out == 0 {
                    self.lines.remove(&site);
                }
                continue;
            };
            // Whoever comes back wakes it.
            if line.out >= most {
                continue;
            }
            if ready > now {
                self.wake(&site, ready);
                continue;
            }
            self.put(&name, Place::Out(site.clone()));
            if let Some(entry) = self.feeds.get(&name) {
                taken.push((name, entry.poll.url.clone()));
            }
            self.wake(&site, now);
        }
        taken
    }

    /// How a feed is to be asked, now that it goes. Should the program end before its answer is kept, it was asked all the same.
    pub fn begin(&mut self, name: &FeedName, now: Time) -> Option<Asking> {
        let entry = self.feeds.get_mut(name)?;
        let is_stuck = entry.poll.is_stuck(now);
        if is_stuck {
            entry.poll.forced_at = Some(now);
        }
        let terms = entry.terms(name, now, &|_| false);
        let claim = entry.poll.after_answer(now, &terms);
        let by = entry.owner.as_ref().map(|(schedule, zone)| format!("{schedule} {zone}"));
        let poll = &mut entry.poll;
        entry.before = poll.checked_at.replace(now);
        poll.by = by;
        let (url, body, was_feed) = (poll.asks().clone(), poll.body, poll.was_feed);
        let validators = poll.validators.clone().filter(|_| !is_stuck);
        poll.next_at = claim;
        self.changed.insert(name.clone());
        Some(Asking { url, validators, body, was_feed, at: now })
    }

    /// Takes in what a poll brought; what owners are told of it.
    pub fn heard(&mut self, name: &FeedName, heard: &Heard, now: Time, sites: &dyn Sites) -> Vec<(FeedName, Tell)> {
        let Some(entry) = self.feeds.get(name) else { return Vec::new() };
        let before = entry.poll.clone();
        let is_other =
            |url: &CanonicalUrl| self.urls.get(url).is_some_and(|names| names.iter().any(|other| other != name));
        let (poll, tells) = step(&before, heard, &entry.terms(name, heard.started, &is_other));
        let site = sites.site_of(&heard.asked);
        self.set(name, poll, sites);
        let mut tells: Vec<(FeedName, Tell)> = tells.into_iter().map(|tell| (name.clone(), tell)).collect();
        match &heard.answer {
            Answer::Unreached { .. } => {
                for (feed, before) in self.weather.unreached(&site, name, before, now) {
                    self.take_back(&feed, before, now + OUTAGE, sites);
                    tells.retain(|(other, _)| *other != feed);
                }
            }
            Answer::Failed { status: 403, .. } => {
                self.weather.reached(&site, now);
                let refused = self.refusals.refused(&site, name, &before);
                if !refused.is_empty() {
                    let until = sites.rest(&site, now);
                    for (feed, before) in refused {
                        self.take_back(&feed, before, until, sites);
                        tells.retain(|(other, _)| *other != feed);
                    }
                }
            }
            Answer::Rest { .. } | Answer::Challenge { .. } | Answer::Page { .. } | Answer::Failed { .. } => {
                self.weather.reached(&site, now);
            }
            Answer::Read { .. } | Answer::NotModified | Answer::Same => {
                self.weather.reached(&site, now);
                self.refusals.answered(&site);
            }
        }
        tells
    }

    /// A feed that went comes back without having been asked: its site has to be left alone until then.
    pub fn back(&mut self, name: &FeedName, until: Time) {
        let Some(entry) = self.feeds.get_mut(name) else { return };
        (entry.poll.next_at, entry.poll.checked_at) = (Some(until), entry.before);
        self.changed.insert(name.clone());
        self.put(name, Place::Due(until));
    }

    /// The program ends, and those that are out are given up: they are asked again when it next runs, though not before their hard floor.
    pub fn give_up(&mut self, now: Time) {
        let out = self.feeds.iter().filter(|(_, entry)| matches!(entry.place, Place::Out(_)));
        let out: Vec<(FeedName, u64)> = out
            .map(|(name, entry)| (name.clone(), entry.poll.hard_floor(&entry.terms(name, now, &|_| false))))
            .collect();
        for (name, floor) in out {
            if let Some(entry) = self.feeds.get_mut(&name) {
                entry.poll.given_up_at = entry.poll.checked_at;
            }
            self.back(&name, now + TimeDelta::seconds(floor.cast_signed()));
        }
    }

    /// A feed whose URL is being asked already, for another feed, waits a little.
    pub fn twin(&mut self, name: &FeedName, now: Time) {
        self.back(name, now + TWIN);
    }

    /// When [`Book::take`] may bring somebody next.
    pub fn next(&self) -> Option<Time> {
        let (due, wake) = (self.due.first().map(|(at, _)| *at), self.wakes.first().map(|(at, _)| *at));
        [due, wake].into_iter().flatten().min()
    }

    /// The sites that feeds wait for which are due, with how many.
    pub fn waiting(&self) -> impl Iterator<Item = (&Site, usize)> {
        let lines = self.lines.iter().map(|(site, line)| (site, line.waiting.len()));
        lines.filter(|(_, waiting)| *waiting > 0)
    }

    /// The feeds that are still to be asked, of those that were demanded, by their sites.
    pub fn left(&self) -> BTreeMap<Site, u64> {
        let mut left = BTreeMap::new();
        for entry in self.feeds.values().filter(|entry| matches!(entry.place, Place::Due(_) | Place::InLine(..))) {
            *left.entry(entry.site.clone()).or_default() += 1;
        }
        left
    }

    /// Whether each is asked once, because somebody wants it by hand.
    pub fn is_by_hand(&self) -> bool {
        self.by_hand
    }

    /// How many feeds are being asked.
    pub fn out(&self) -> usize {
        self.out
    }

    /// How many feeds are watched by rule.
    pub fn len(&self) -> usize {
        self.feeds.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.feeds.is_empty()
    }

    /// What is known of a feed.
    pub fn poll(&self, name: &FeedName) -> Option<&Poll> {
        self.feeds.get(name).map(|entry| &entry.poll)
    }

    /// What has changed since this was last asked, to be kept.
    pub fn changes(&mut self) -> Vec<(FeedName, String)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|name| self.poll(&name).map(Poll::written).map(|text| (name, text))).collect()
    }

    /// How many feeds have changed since they were last kept.
    pub fn changed(&self) -> usize {
        self.changed.len()
    }

    /// A failure that was not the feed's own: it is as it was before, and asked again at this instant.
    fn take_back(&mut self, name: &FeedName, before: Poll, again: Time, sites: &dyn Sites) {
        let Some(entry) = self.feeds.get(name) else { return };
        let (checked_at, throttled) = (entry.poll.checked_at, entry.poll.throttled);
        self.set(name, Poll { checked_at, throttled, next_at: Some(again), ..before }, sites);
    }

    /// Takes what is known of a feed by now, and its place by it.
    fn set(&mut self, name: &FeedName, poll: Poll, sites: &dyn Sites) {
        let Some(entry) = self.feeds.get_mut(name) else { return };
        let site = sites.site_of(poll.asks());
        let next = poll.next_at;
        entry.before = poll.checked_at;
        (entry.lifted, entry.site, entry.poll) = (sites.is_unpaced(&site), site, poll);
        self.changed.insert(name.clone());
        self.put(name, next.filter(|_| !self.by_hand).map_or(Place::Nowhere, Place::Due));
    }
}

impl Entry {
    fn terms<'a>(&'a self, name: &FeedName, at: Time, is_other: &'a dyn Fn(&CanonicalUrl) -> bool) -> Terms<'a> {
        Terms { owner: borrowed(&self.owner), lifted: self.lifted, seed: seed(name, at), is_other }
    }
}

#[expect(clippy::ref_option, reason = "what is held is an Option")]
fn borrowed(owner: &Option<(Schedule, Tz)>) -> Option<(&Schedule, Tz)> {
    owner.as_ref().map(|(schedule, zone)| (schedule, *zone))
}

/// The same for the same poll, another for each.
fn seed(name: &FeedName, at: Time) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&name.0, at.timestamp_millis()).hash(&mut hasher);
    hasher.finish()
}
