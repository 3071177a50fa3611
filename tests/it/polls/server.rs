//! Ten thousand feeds of all kinds, as their servers answer: what they state, and what becomes of them.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

type Time = DateTime<Utc>;
pub(super) type Url = String;

/// What kind of feed it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Both validators, an entry every so many hours.
    Both(i64),
    /// Only one of the two.
    OnlyTag,
    OnlyDate,
    /// Neither, and a small or a large body.
    Small,
    Large,
    /// Its validators change with every answer, also with a 304.
    Rotating,
    /// What it states.
    MaxAge,
    Expires,
    Every,
    SkipHours,
    SkipDays,
    /// An entry every five minutes.
    Busy,
    /// Its owner wants it every five minutes.
    Scheduled,
    /// Moved for good; only to https; for a while.
    Moved,
    Safer,
    Away,
    /// 410 from the second day on.
    Gone,
    /// 500, and good again, a day each.
    Flaky,
    /// Not there at all.
    Missing,
    /// Says 304 whatever it has.
    Stuck,
    /// Its site throttles with 429 and `Retry-After`, with 503 and `max-age`, with nothing but 429, by 403.
    Herd,
    Busy503,
    Bare429,
    Refuser,
    /// Its site's robots.txt asks for half a minute between two requests.
    Slow,
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) etag: Option<Vec<u8>>,
    pub(super) date: Option<Vec<u8>>,
    pub(super) max_age: Option<i64>,
    pub(super) retry_after: Option<i64>,
    pub(super) location: Option<Url>,
    /// What the body says, and how long it is.
    pub(super) version: u64,
    pub(super) size: u64,
    /// How many entries are new in it.
    pub(super) new: u32,
    pub(super) every: Option<i64>,
    pub(super) skip_hours: Vec<u32>,
    pub(super) skip_days: Vec<u32>,
    throttled: bool,
    safer: bool,
}

impl Reply {
    /// The least time until the next poll in seconds, whoever wants it.
    pub(super) fn hard_floor(&self) -> i64 {
        match (self.etag.is_some() || self.date.is_some() || self.status == 304, self.size) {
            (true, _) => 600,
            (false, 0..=65_536) => 3600,
            (false, _) => 86_400,
        }
    }

    /// The same, with what is stated.
    pub(super) fn floor(&self) -> i64 {
        let most = if self.throttled { 7 * 86_400 } else { 86_400 };
        let stated = self.max_age.unwrap_or(0).min(most).max(self.every.unwrap_or(0).min(86_400));
        stated.max(self.hard_floor())
    }

    pub(super) fn is_safer(&self, _: &str) -> bool {
        self.safer
    }
}

/// One feed at its server.
pub(super) struct Feed {
    pub(super) kind: Kind,
    pub(super) url: Url,
    pub(super) site: String,
    served: Option<u64>,
    answers: u64,
    throttled: bool,
}

/// A feed whose entries are further apart than this many seconds has nothing new at all.
const FROZEN: i64 = 100 * 24 * 3600;

/// All servers.
pub(super) struct Servers {
    pub(super) feeds: Vec<Feed>,
    start: Time,
    /// How many requests a throttling site has had since it last throttled.
    counts: HashMap<String, u32>,
    /// When nobody is reached, because the reader's own network is down.
    pub(super) outage: Option<(Time, Time)>,
}

impl Servers {
    pub(super) fn new(count: usize, start: Time) -> Self {
        let feeds = (0..count).map(feed).collect();
        let outage = Some((start + TimeDelta::hours(30), start + TimeDelta::hours(32)));
        Self { feeds, start, counts: HashMap::new(), outage }
    }

    /// Whether the reader's own network is down.
    pub(super) fn is_down(&self, at: Time) -> bool {
        self.outage.is_some_and(|(from, to)| at >= from && at < to)
    }

    /// Answers a request for a feed's URL, or for what it moved to.
    pub(super) fn answer(&mut self, index: usize, url: &str, sent: (Option<&[u8]>, Option<&[u8]>), at: Time) -> Reply {
        let days = (at - self.start).num_days();
        let hours = (at - self.start).num_hours();
        let feed = &mut self.feeds[index];
        let count = self.counts.entry(feed.site.clone()).or_default();
        *count += 1;
        let reply = |status| Reply { status, ..Reply::default() };
        match feed.kind {
            // Every hundredth request is one too many.
            Kind::Herd if *count % 100 == 15 => {
                feed.throttled = true;
                return Reply { retry_after: Some(30 * 3600), ..reply(429) };
            }
            Kind::Busy503 if *count % 60 == 30 => return Reply { max_age: Some(3 * 3600), ..reply(503) },
            Kind::Bare429 if *count % 50 < 4 => {
                feed.throttled = true;
                return reply(429);
            }
            Kind::Refuser if (40..50).contains(&hours) => return reply(403),
            Kind::Gone if days >= 1 => return reply(410),
            Kind::Flaky if days % 2 == 1 => return reply(500),
            Kind::Missing => return reply(404),
            Kind::Moved | Kind::Safer | Kind::Away if url == feed.url => {
                let status = if feed.kind == Kind::Away { 302 } else { 301 };
                let to = target(&feed.url, feed.kind);
                return Reply { location: Some(to), safer: feed.kind == Kind::Safer, ..reply(status) };
            }
            _ => {}
        }
        feed.answers += 1;
        let every = match feed.kind {
            Kind::Both(hours) => hours * 3600,
            Kind::Busy | Kind::Scheduled | Kind::Herd | Kind::Busy503 | Kind::Slow => 300,
            Kind::Stuck => 6 * 3600,
            _ => 12 * 3600,
        };
        // The frozen ones have nothing new at all.
        let version = if every > FROZEN { 0 } else { ((at - self.start).num_seconds() / every).unsigned_abs() };
        let turn = if feed.kind == Kind::Rotating { feed.answers } else { 0 };
        let mut tag = format!("W/\"{index}-{version}-{turn}").into_bytes();
        // Opaque means any bytes.
        tag.extend([0xe9, 0xff, b'"']);
        let date = format!("yesterday, {index}.{version}.{turn}").into_bytes();
        let (tag, date) = match feed.kind {
            Kind::OnlyTag => (Some(tag), None),
            Kind::OnlyDate => (None, Some(date)),
            Kind::Small | Kind::Large => (None, None),
            _ => (Some(tag), Some(date)),
        };
        let is_known = match feed.kind {
            Kind::Stuck => sent.0.is_some() && days < 12,
            // As one that judges by content: what it was asked with is of the version that it has.
            Kind::Rotating => feed.served == Some(version) && sent.0.is_some(),
            _ if tag.is_some() => sent.0 == tag.as_deref(),
            _ => date.is_some() && sent.1 == date.as_deref(),
        };
        let validators = (tag, date);
        feed.reply(version, is_known, validators, every > FROZEN)
    }
}

impl Feed {
    /// A good answer: what it states, and how much of it is new.
    fn reply(
        &mut self,
        version: u64,
        is_known: bool,
        (tag, date): (Option<Vec<u8>>, Option<Vec<u8>>),
        is_frozen: bool,
    ) -> Reply {
        let stated = |kind: Kind| self.kind == kind;
        let max_age = if stated(Kind::MaxAge) || stated(Kind::Expires) { Some(5 * 3600) } else { None };
        let mut reply = Reply { status: if is_known { 304 } else { 200 }, max_age, version, ..Reply::default() };
        (reply.etag, reply.date) = (tag, date);
        reply.size = if self.kind == Kind::Large { 200_000 } else { 20_000 };
        reply.throttled = self.throttled;
        if !is_known {
            let before = self.served.replace(version);
            let new = before.map_or(20, |before| version - before);
            reply.new = if is_frozen { 0 } else { u32::try_from(new.min(20)).unwrap() };
            reply.every = stated(Kind::Every).then_some(3 * 3600);
            reply.skip_hours = if stated(Kind::SkipHours) { (0..7).collect() } else { Vec::new() };
            reply.skip_days = if stated(Kind::SkipDays) { vec![5, 6] } else { Vec::new() };
        }
        reply
    }
}

/// Where a feed moved to.
fn target(url: &str, kind: Kind) -> Url {
    match kind {
        Kind::Safer => url.replace("http://", "https://"),
        _ => url.replace("//", "//new."),
    }
}

fn feed(index: usize) -> Feed {
    use Kind::*;
    let kind = match index % 100 {
        0 => OnlyTag,
        1 => OnlyDate,
        2 => Small,
        3 => Large,
        4 => Rotating,
        5 => MaxAge,
        6 => Expires,
        7 => Every,
        8 => SkipHours,
        9 => SkipDays,
        10 => Scheduled,
        11 => Moved,
        12 => Safer,
        13 => Away,
        14 => Gone,
        15 => Flaky,
        16 => Missing,
        17 => Stuck,
        18 if index < 5000 => Herd,
        19 if index < 3000 => Busy503,
        20 if index < 3000 => Bare429,
        21 if index < 1000 => Refuser,
        22 if index < 2000 => Slow,
        23 if index < 3000 => Busy,
        24..=39 => Both(24),
        40..=49 => Both(10),
        // Most feeds say nothing for weeks.
        _ => Both(24 * 1000),
    };
    let site = match kind {
        Herd => "herd.example".into(),
        Busy503 => "busy.example".into(),
        Bare429 => "bare.example".into(),
        Refuser => "refuser.example".into(),
        Slow => "slow.example".into(),
        // Fifty at one host.
        Both(24) => format!("host{}.example", index / 300),
        _ => format!("site{index}.example"),
    };
    let scheme = if kind == Safer { "http" } else { "https" };
    let url = format!("{scheme}://{site}/{index}/feed.xml");
    Feed { kind, url, site, served: None, answers: 0, throttled: false }
}
