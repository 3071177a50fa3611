//! Simulated time: the crawler's own book of polls, its frontier's face and its paces, against the servers, with the auditor between.
//!
//! What is real: `Book` (who goes when, how it asks, what it makes of an answer) and `fetch::step` (each site's pace), which hold all of
//! the scheduling; the crawler's loop around them only sleeps until `Book::next`. What stands in for the rest is a heap of events.
//! Tokio's paused clock would bring sockets into it, whose time is real; days of ten thousand feeds would take hours.

use super::auditor::{Auditor, Request, Wish};
use super::server::{Kind, Reply, Servers, Url};
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::rc::Rc;
use std::time::Duration;
use wangqi::crawl::frontier::Paces;
use wangqi::crawl::poll::{Answer, Asking, Book, Heard, Poll, Sites, Stated, Watched};
use wangqi::crawl::schedule::Schedule;
use wangqi::fetch::{Event, Pace, SiteRule, step};
use wangqi::model::{CanonicalUrl, Digest, FeedName, Site, Validators};

type Time = DateTime<Utc>;

/// A breach that is planted, to see that the auditor finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breach {
    None,
    /// Validators are cut off at their first strange byte; are left out; go to whatever a redirect leads to.
    Cut,
    LeftOut,
    Carried,
    /// No gap between two requests; two at once; no rest after 429.
    NoGap,
    TwoAtOnce,
    NoRest,
    /// A feed is asked again ten minutes later, whatever it states.
    Early,
    /// What was to be asked next, and when, is forgotten over a restart.
    Forgetful,
    /// A redirect is believed at once.
    Credulous,
    /// All come at the same second of the day.
    NoJitter,
    /// Some never come.
    Lost,
    /// After a rest some are let before others that have waited longer.
    Unfair,
}

/// The paces of all sites.
#[derive(Default)]
struct Roads {
    paces: RefCell<HashMap<Site, Pace>>,
    rules: RefCell<HashMap<Site, Rc<SiteRule>>>,
    two_at_once: bool,
    no_gap: bool,
    no_rest: bool,
}

impl Roads {
    fn tell(&self, site: &Site, event: Event, now: Time) -> Time {
        let rule = self.rule(site);
        let mut paces = self.paces.borrow_mut();
        let seed = paces.len() as u64;
        let pace = paces.entry(site.clone()).or_insert_with(|| Pace { seed, ..Pace::default() });
        *pace = step(&rule, pace, event, now);
        if self.no_gap {
            pace.next = None;
        }
        if self.no_rest {
            (pace.retry_at, pace.learnt) = (None, None);
        }
        pace.ready_at(&rule, now)
    }

    fn rule(&self, site: &Site) -> Rc<SiteRule> {
        let mut rules = self.rules.borrow_mut();
        let rule = rules.entry(site.clone()).or_insert_with(|| Rc::new(SiteRule::default_for(site.as_str())));
        Rc::clone(rule)
    }
}

impl Paces for Roads {
    fn ready_at(&self, site: &Site, now: Time) -> Time {
        let rule = self.rule(site);
        self.paces.borrow().get(site).map_or(now, |pace| pace.ready_at(&rule, now))
    }

    fn concurrency(&self, _: &Site, _: Time) -> usize {
        if self.two_at_once { 2 } else { 1 }
    }
}

impl Sites for Roads {
    fn site_of(&self, url: &CanonicalUrl) -> Site {
        Site::of(url, &[])
    }

    fn is_unpaced(&self, _: &Site) -> bool {
        false
    }

    fn rest(&self, site: &Site, now: Time) -> Time {
        self.tell(site, Event::Throttled, now)
    }
}

/// A request on its way.
struct Errand {
    feed: usize,
    asking: Asking,
    url: CanonicalUrl,
    permanent: Option<CanonicalUrl>,
    all_permanent: bool,
    led: bool,
}

enum Coming {
    /// Its turn is waited for.
    Turn(Box<Errand>),
    /// Its answer comes.
    Answer(Box<Errand>, Time, Option<Box<Reply>>),
}

pub(super) struct World {
    book: Book,
    roads: Roads,
    pub(super) servers: Servers,
    pub(super) auditor: Auditor,
    coming: BinaryHeap<Reverse<(Time, u64)>>,
    events: HashMap<u64, Coming>,
    busy: HashMap<Site, u32>,
    count: u64,
    now: Time,
    breach: Breach,
    /// When a feed was last put off, where that is the breach.
    put_off: HashMap<usize, Time>,
    pub(super) told: BTreeMap<String, usize>,
}

pub(super) fn start() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 0, 0, 0).unwrap()
}

pub(super) fn name(index: usize) -> FeedName {
    FeedName(format!("{index}"))
}

fn url(text: &str) -> CanonicalUrl {
    CanonicalUrl::parse(text).unwrap()
}

impl World {
    pub(super) fn new(count: usize, breach: Breach) -> Self {
        let servers = Servers::new(count, start());
        let (no_gap, no_rest) = (breach == Breach::NoGap, breach == Breach::NoRest);
        let two_at_once = breach == Breach::TwoAtOnce;
        let roads = Roads { two_at_once, no_gap, no_rest, ..Roads::default() };
        let mut auditor = Auditor::default();
        for (index, feed) in servers.feeds.iter().enumerate() {
            auditor.wishes(index, Wish { scheduled: feed.kind == Kind::Scheduled });
            if feed.kind == Kind::Slow {
                auditor.crawl_delay(&feed.site, 30);
                let site = Site::of(&url(&feed.url), &[]);
                roads.tell(&site, Event::CrawlDelay(Duration::from_secs(30)), start());
            }
        }
        let mut world = Self {
            book: Book::default(),
            roads,
            servers,
            auditor,
            coming: BinaryHeap::new(),
            events: HashMap::new(),
            busy: HashMap::new(),
            count: 0,
            now: start(),
            breach,
            put_off: HashMap::new(),
            told: BTreeMap::new(),
        };
        world.watch(&HashMap::new());
        world
    }

    fn watch(&mut self, kept: &HashMap<FeedName, String>) {
        let owner = (Schedule::parse("*/5 * * * *").unwrap(), chrono_tz::Tz::UTC);
        for (index, feed) in self.servers.feeds.iter().enumerate() {
            let (name, url) = (name(index), url(&feed.url));
            let known = kept.get(&name).and_then(|kept| Poll::read(kept, &url));
            let owner = (feed.kind == Kind::Scheduled).then(|| owner.clone());
            self.book.watch(Watched { name, url, owner, reads: String::new() }, known, self.now, &self.roads);
        }
    }

    /// The program ends and begins again, with what it had kept by then; what is under way is lost, and was asked all the same.
    pub(super) fn restart(&mut self) {
        self.settle();
        let all = (0..self.servers.feeds.len()).map(name);
        let mut kept: HashMap<FeedName, String> =
            all.filter_map(|name| self.book.poll(&name).map(|poll| (name, poll.written()))).collect();
        if self.breach == Breach::Forgetful {
            kept.clear();
        }
        let paces = serde_json::to_string(&self.roads.paces.borrow().iter().collect::<Vec<_>>()).unwrap();
        let paces: Vec<(Site, Pace)> = serde_json::from_str(&paces).unwrap();
        self.roads.paces.replace(paces.into_iter().collect());
        self.book = Book::default();
        self.watch(&kept);
    }

    /// Lets what is under way come to its end, as a shutdown does.
    fn settle(&mut self) {
        while let Some(Reverse((at, id))) = self.coming.pop() {
            self.now = self.now.max(at);
            self.handle(id);
        }
    }

    pub(super) fn run_until(&mut self, end: Time) {
        loop {
            let event = self.coming.peek().map(|Reverse((at, _))| *at);
            let next = [event, self.book.next()].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            let mut idle = true;
            while let Some(Reverse((at, id))) = self.coming.peek().copied()
                && at <= self.now
            {
                self.coming.pop();
                self.handle(id);
                idle = false;
            }
            let room = 64_usize.saturating_sub(self.book.out());
            for (name, _) in self.book.take(self.now, room, &self.roads) {
                idle = false;
                self.begin(&name);
            }
            if idle && event.is_none_or(|event| event > self.now) && self.book.next().is_some_and(|at| at <= self.now) {
                // There is no room: whoever is out comes first.
                self.now = event.unwrap_or(self.now + TimeDelta::seconds(1));
            }
        }
        self.now = self.now.max(end);
    }

    fn begin(&mut self, name: &FeedName) {
        let feed: usize = name.0.parse().unwrap();
        if self.breach == Breach::Lost && feed % 997 == 50 {
            self.book.back(name, self.now + TimeDelta::days(1000));
            return;
        }
        if self.breach == Breach::Unfair && feed % 200 == 18 {
            let put_off = self.put_off.insert(feed, self.now);
            if put_off.is_none_or(|at| self.now - at > TimeDelta::minutes(20)) {
                self.book.back(name, self.now + TimeDelta::minutes(10));
                return;
            }
        }
        let Some(mut asking) = self.book.begin(name, self.now) else { return };
        match self.breach {
            Breach::LeftOut if feed.is_multiple_of(50) => asking.validators = None,
            Breach::Cut => {
                if let Some(etag) = asking.validators.as_mut().and_then(|held| held.etag.as_mut()) {
                    *etag = String::from_utf8_lossy(etag).into_owned().into_bytes();
                }
            }
            Breach::Credulous => {
                if let Some(redirect) = self.book.poll(name).and_then(|poll| poll.redirect.as_ref()) {
                    asking.url = redirect.to.clone();
                }
            }
            _ => {}
        }
        let url = asking.url.clone();
        let errand = Errand { feed, asking, url, permanent: None, all_permanent: true, led: false };
        self.later(self.now, Coming::Turn(Box::new(errand)));
    }

    fn later(&mut self, at: Time, what: Coming) {
        self.count += 1;
        self.coming.push(Reverse((at, self.count)));
        self.events.insert(self.count, what);
    }

    fn handle(&mut self, id: u64) {
        match self.events.remove(&id) {
            Some(Coming::Turn(errand)) => self.turn(errand),
            Some(Coming::Answer(errand, asked, reply)) => self.answered(errand, asked, reply),
            None => {}
        }
    }

    /// As the fetcher's turnstile: one at a time for each site, and when its pace lets it.
    fn turn(&mut self, errand: Box<Errand>) {
        let (now, site) = (self.now, Site::of(&errand.url, &[]));
        let ready = self.roads.ready_at(&site, now);
        let is_busy = self.busy.get(&site).is_some_and(|busy| *busy > 0) && self.breach != Breach::TwoAtOnce;
        if ready > now || is_busy {
            // Past its patience it is told, not slept through.
            if ready - now > TimeDelta::minutes(5) {
                self.book.back(&name(errand.feed), ready);
                return;
            }
            self.later(ready.max(now + TimeDelta::milliseconds(500)), Coming::Turn(errand));
            return;
        }
        self.roads.tell(&site, Event::Started, now);
        *self.busy.entry(site.clone()).or_default() += 1;
        if self.servers.is_down(now) {
            self.auditor.tried(errand.feed, now);
            self.later(now + TimeDelta::seconds(10), Coming::Answer(errand, now, None));
            return;
        }
        let held = errand.asking.validators.as_ref();
        let held = held.filter(|held| held.of == errand.url || self.breach == Breach::Carried);
        let (etag, date) = held.map_or((None, None), |held| (held.etag.clone(), held.last_modified.clone()));
        let text: Url = errand.url.as_str().to_owned();
        let request = Request {
            at: now,
            site: site.to_string(),
            url: text.clone(),
            feed: errand.feed,
            led: errand.led,
            etag,
            date,
        };
        self.auditor.asked(&request);
        let reply = self.servers.answer(errand.feed, &text, (request.etag.as_deref(), request.date.as_deref()), now);
        // Most answer at once, some take their time.
        let slow = if errand.feed % 10 == 3 { 5000 } else { 0 };
        let ended = now + TimeDelta::milliseconds(100 + slow + (self.count % 700).cast_signed());
        self.auditor.answered(&request, &reply, ended);
        self.later(ended, Coming::Answer(errand, now, Some(Box::new(reply))));
    }

    fn answered(&mut self, errand: Box<Errand>, asked: Time, reply: Option<Box<Reply>>) {
        let (now, site) = (self.now, Site::of(&errand.url, &[]));
        if let Some(busy) = self.busy.get_mut(&site) {
            *busy = busy.saturating_sub(1);
        }
        let Some(reply) = reply else {
            self.roads.tell(&site, Event::Failed, now);
            return self.heard(&errand, asked, None, Answer::Unreached { said: "nobody is there".into() });
        };
        let seconds = |count: Option<i64>| count.map(|count| Duration::from_secs(count.unsigned_abs()));
        let (retry_after, max_age) = (seconds(reply.retry_after), seconds(reply.max_age));
        self.roads.tell(&site, Event::Answered { status: reply.status, retry_after, max_age }, now);
        if let Some(to) = &reply.location {
            let (to, all_permanent) = (url(to), errand.all_permanent && reply.status == 301);
            let permanent = if all_permanent { Some(to.clone()) } else { errand.permanent.clone() };
            let led = Errand { url: to, permanent, all_permanent, led: true, ..*errand };
            return self.later(now, Coming::Turn(Box::new(led)));
        }
        let body = Digest::of(format!("{} {}", errand.feed, reply.version).as_bytes());
        let answer = match reply.status {
            304 => Answer::NotModified,
            200 if errand.asking.body == Some(body) => Answer::Same,
            200 => {
                let stated = Stated {
                    every: reply.every.map(i64::unsigned_abs),
                    skip_hours: reply.skip_hours.iter().map(|hour| u8::try_from(*hour).unwrap()).collect(),
                    skip_days: reply.skip_days.iter().map(|day| u8::try_from(*day).unwrap()).collect(),
                    moved_to: None,
                };
                Answer::Read { body: (body, reply.size), stated, new: reply.new, is_feed: true }
            }
            status @ (429 | 503) => Answer::Rest { until: self.roads.ready_at(&site, now), status },
            status => Answer::Failed { status, said: format!("it answered {status}") },
        };
        self.heard(&errand, asked, Some(&reply), answer);
    }

    fn heard(&mut self, errand: &Errand, asked: Time, reply: Option<&Reply>, answer: Answer) {
        let validators = reply.and_then(|reply| {
            let held =
                Validators { of: errand.url.clone(), etag: reply.etag.clone(), last_modified: reply.date.clone() };
            Some(held).filter(|held| !held.is_empty())
        });
        let heard = Heard {
            started: asked,
            asked: errand.asking.url.clone(),
            permanent: errand.permanent.clone(),
            fresh_for: reply.and_then(|reply| reply.max_age).map(i64::unsigned_abs),
            validators,
            answer,
        };
        let feed = name(errand.feed);
        for (_, tell) in self.book.heard(&feed, &heard, self.now, &self.roads) {
            let kind = format!("{tell:?}");
            let kind = kind.split([' ', '{']).next().unwrap_or_default().to_owned();
            *self.told.entry(kind).or_default() += 1;
        }
        match self.breach {
            Breach::Early if errand.feed.is_multiple_of(7) => self.book.back(&feed, asked + TimeDelta::minutes(10)),
            Breach::NoJitter => {
                if let Some(at) = self.book.poll(&feed).and_then(|poll| poll.next_at)
                    && at - asked > TimeDelta::hours(20)
                    && at - asked < TimeDelta::hours(27)
                {
                    self.book.back(&feed, asked + TimeDelta::hours(24));
                }
            }
            _ => {}
        }
        if self.book.changed() > 1000 {
            self.book.changes();
        }
    }

    pub(super) fn poll(&self, feed: usize) -> &Poll {
        self.book.poll(&name(feed)).unwrap()
    }

    /// The feeds of a kind.
    pub(super) fn of(&self, wanted: impl Fn(Kind) -> bool) -> Vec<usize> {
        let feeds = self.servers.feeds.iter().enumerate();
        feeds.filter(|(_, feed)| wanted(feed.kind)).map(|(index, _)| index).collect()
    }

    /// What is judged when all is over.
    pub(super) fn judge(&mut self, end: Time) {
        let daily = self.of(|kind| kind == Kind::Both(24_000));
        let alive =
            self.of(|kind| !matches!(kind, Kind::Gone | Kind::Missing | Kind::Flaky | Kind::SkipDays | Kind::Herd));
        self.auditor.judge_jitter(daily.into_iter());
        self.auditor.judge_forgotten(alive.into_iter(), end);
    }
}
