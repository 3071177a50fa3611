//! What the crawler is told: when to look, at what, and how far to follow.

use crate::crawl::rules::Rules;
use crate::crawl::schedule::Schedule;
use crate::fetch::Session;
use crate::model::{CanonicalUrl, FeedName, Follow};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use std::time::Duration;

/// What the crawler is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The time zone of schedules, where a feed names none.
    pub timezone: Tz,
    /// When feeds are polled, where a feed does not say.
    pub schedule: Schedule,
    /// How long after an article's first capture it is looked at again, for edits and deletion; each once.
    pub recheck: Vec<Duration>,
    /// What to watch, in the order of crawl.toml.
    pub feeds: Vec<FeedOptions>,
    /// The owner's own session at WeChat's back-end, where one was given: a further way to find an account's articles.
    pub session: Option<Session>,
}

impl Default for Options {
    /// Every two hours in Shanghai, rechecks after an hour, a day, a week and a month, and nothing to watch.
    ///
    /// The rechecks are a judgement: most edits and removals that others have reported happen within days.
    fn default() -> Self {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        Self {
            timezone: Tz::Asia__Shanghai,
            schedule: Schedule::parse("0 */2 * * *").expect("a correct expression, parsed in every test"),
            recheck: vec![Duration::from_secs(3600), days(1), days(7), days(30)],
            feeds: Vec::new(),
            session: None,
        }
    }
}

impl Options {
    /// The schedule that its owner gave for a feed that is polled by rule, in its zone: its own, or that of all feeds where it is another
    /// than the default. `None` where the rules decide.
    pub fn schedule_of(&self, feed: &FeedOptions) -> Option<(Schedule, Tz)> {
        let of_all = || Some(&self.schedule).filter(|schedule| **schedule != Self::default().schedule);
        let schedule = feed.schedule.as_ref().or_else(of_all)?;
        Some((schedule.clone(), feed.timezone.unwrap_or(self.timezone)))
    }
}

/// One feed, as its owner asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedOptions {
    /// Its name; its URL where the owner gave none. No two feeds share one.
    pub name: FeedName,
    /// Where it is: an RSS, Atom or JSON feed, an article, or a page with links.
    pub url: CanonicalUrl,
    /// When it is polled; `None` as [`Options::schedule`] says.
    pub schedule: Option<Schedule>,
    /// The time zone of its schedule; `None` as [`Options::timezone`] says.
    pub timezone: Option<Tz>,
    /// Which outlinks are followed, and how deep.
    pub follow: Follow,
    /// What its owner files it under; the first one is its folder in other readers. No label twice.
    pub labels: Vec<String>,
    /// Which files of its articles are kept; empty for none.
    pub assets: BTreeSet<AssetKind>,
    /// The most bytes of one file, by its kind.
    pub limits: AssetLimits,
    /// What its articles are made of.
    pub content: Content,
    /// Which entries are kept: those that one of these finds something in; all, where there are none.
    pub keep: Rules,
    /// Which of those are left out all the same.
    pub block: Rules,
    /// The most entries to reach through its history; 0 for none.
    pub backfill: u32,
}

/// What an entry's article is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Its page; where that fails, or has much less than the feed tells, what the feed tells.
    #[default]
    Auto,
    /// Its page only.
    Page,
    /// What the feed tells only: the page is not fetched.
    Feed,
}

impl Content {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Page, Self::Feed];

    /// The word used in crawl.toml.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Page => "page",
            Self::Feed => "feed",
        }
    }
}

impl FeedOptions {
    /// A feed with nothing said of it but where it is.
    pub fn new(url: CanonicalUrl) -> Self {
        Self {
            name: FeedName(url.to_string()),
            url,
            schedule: None,
            timezone: None,
            follow: Follow::default(),
            labels: Vec::new(),
            assets: BTreeSet::from([AssetKind::Image]),
            limits: AssetLimits::default(),
            content: Content::default(),
            keep: Rules::default(),
            block: Rules::default(),
            backfill: 0,
        }
    }
}

/// The largest files of a feed's articles that are kept, in bytes. They hold in place of the fetcher's own limits for files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssetLimits {
    /// The largest picture.
    pub image: u64,
    /// The largest audio file.
    pub audio: u64,
    /// The largest video file.
    pub video: u64,
}

impl Default for AssetLimits {
    /// 32 MiB for a picture, 64 MiB for audio and video (judgement: a file is held in memory while it is written, and a WeChat video of
    /// ten minutes has about 60 MB).
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self { image: 32 * MIB, audio: 64 * MIB, video: 64 * MIB }
    }
}

/// The files of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetKind {
    /// Pictures, the cover among them.
    Image,
    /// Audio.
    Audio,
    /// Video.
    Video,
}

impl AssetKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Image, Self::Audio, Self::Video];

    /// The word used in crawl.toml.
    pub fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}
