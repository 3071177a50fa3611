//! A URL that somebody types → what there is to watch behind it: the feed itself, a feed that the page names, or a WeChat account
//! by one of its articles.
//!
//! In this order, until something answers: the feeds that a platform is known to have there, the URL itself, the feeds that its page
//! names, the links on it that look like feeds, and the paths at which most sites have theirs. What it must not do: write anything
//! down.

mod check;
mod look;

pub use check::{Health, check};

use crate::extract::feed::opml::Listed;
use crate::extract::feed::{self, Alternate};
use crate::fetch::{FetchError, Fetcher};
use crate::model::{CanonicalUrl, Time};
use look::{Seen, look};
use std::collections::HashSet;
use thiserror::Error;

/// How many of a page's feeds are tried before it is given up (judgement: the first one almost always answers).
const MOST_TRIES: usize = 3;

/// How many of a page's feeds are shown to who asks for all.
const MOST_SHOWN: usize = 10;

/// What there is to watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The URL to watch: permanent redirects are followed into it, temporary ones are not.
    pub url: CanonicalUrl,
    /// What it calls itself: a feed's title, an account's name. From the web: may hold anything.
    pub name: Option<String>,
    /// What it is.
    pub kind: FoundKind,
    /// The other feeds that the page names.
    pub others: Vec<Alternate>,
}

/// What a URL turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum FoundKind {
    /// An RSS, Atom or JSON feed.
    Feed {
        /// How many entries it has.
        entries: usize,
        /// The newest of them: when, and their titles.
        newest: Vec<(Option<Time>, String)>,
    },
    /// A list of feeds, in OPML.
    List {
        /// The feeds, in its order.
        feeds: Vec<Listed>,
        /// What of it could not be read.
        problems: Vec<String>,
    },
    /// An article of a WeChat account, which stands for the account.
    Account {
        /// The article's title.
        article: Option<String>,
    },
}

/// Why there is nothing to watch. No message holds what the web said but status lines and reasons.
#[derive(Debug, Error)]
pub enum DiscoverError {
    /// No answer came.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The answer was an error.
    #[error("{url} answered {line}")]
    Answered {
        /// What was asked.
        url: CanonicalUrl,
        /// The answer's first line.
        line: String,
    },
    /// A feed that does not read.
    #[error("{url} is a feed that cannot be read: {why}")]
    Unreadable {
        /// The feed.
        url: CanonicalUrl,
        /// What is wrong with it.
        why: String,
    },
    /// A captcha: it is not solved.
    #[error("{url} asks for a verification now ({why}); try again in some hours")]
    Blocked {
        /// The page.
        url: CanonicalUrl,
        /// What the page says.
        why: String,
    },
    /// A page that says why there is no article.
    #[error("{url} is no article to watch an account by: {why}")]
    NoArticle {
        /// The page.
        url: CanonicalUrl,
        /// What the page says.
        why: String,
    },
    /// A page that is no feed and names none.
    #[error("{url} is no feed, and names none")]
    Nothing {
        /// The page.
        url: CanonicalUrl,
    },
    /// A page of a platform that has no feeds.
    #[error(
        "{url} is no feed: {platform} has none of its own; a service that makes feeds of its pages, such as RSSHub, has one"
    )]
    NoFeeds {
        /// The page.
        url: CanonicalUrl,
        /// The platform.
        platform: &'static str,
    },
    /// A page that names feeds, of which none could be read.
    #[error("{url} names feeds, and none of them can be read: {why}")]
    NoneReadable {
        /// The page.
        url: CanonicalUrl,
        /// What is wrong with the first.
        why: Box<DiscoverError>,
    },
}

impl DiscoverError {
    /// Whether another try later may end otherwise: no answer came, or not the one that usually comes.
    pub fn is_fetch(&self) -> bool {
        match self {
            Self::Fetch(_) | Self::Answered { .. } | Self::Blocked { .. } => true,
            Self::NoneReadable { why, .. } => why.is_fetch(),
            Self::Unreadable { .. } | Self::NoArticle { .. } | Self::Nothing { .. } | Self::NoFeeds { .. } => false,
        }
    }

    /// Whether the site may answer at another address all the same: nothing is there, or something else.
    fn is_elsewhere(&self) -> bool {
        match self {
            Self::Answered { line, .. } => {
                let mut codes = line.split_whitespace().filter_map(|word| word.parse::<u16>().ok());
                codes.any(|code| matches!(code, 400 | 404 | 405 | 406 | 410))
            }
            Self::Unreadable { .. } | Self::Nothing { .. } | Self::NoFeeds { .. } | Self::NoArticle { .. } => true,
            Self::NoneReadable { why, .. } => why.is_elsewhere(),
            Self::Fetch(_) | Self::Blocked { .. } => false,
        }
    }
}

/// Looks at a URL, and finds the best there is to watch.
///
/// # Errors
/// When nothing there can be watched, or cannot be seen now.
pub async fn discover(fetcher: &Fetcher, url: &CanonicalUrl) -> Result<Found, DiscoverError> {
    let found = search(fetcher, url, 1).await?;
    found.into_iter().next().ok_or_else(|| DiscoverError::Nothing { url: url.clone() })
}

/// Looks at a URL, and finds all the feeds that its page names and that can be read; where it names none, those found otherwise. The
/// best is the first.
///
/// # Errors
/// As [`discover`].
pub async fn discover_all(fetcher: &Fetcher, url: &CanonicalUrl) -> Result<Vec<Found>, DiscoverError> {
    search(fetcher, url, MOST_SHOWN).await
}

/// Addresses that are tried together: the first ones that can be read are it.
struct Round {
    feeds: Vec<Alternate>,
    most_tries: usize,
    asked_by_owner: bool,
    /// Whether they stand for the same: one with entries is better than one without.
    is_either: bool,
}

impl Round {
    fn of(feeds: Vec<Alternate>, most_tries: usize) -> Self {
        Self { feeds, most_tries, asked_by_owner: false, is_either: false }
    }

    fn at(urls: Vec<CanonicalUrl>) -> Self {
        let feeds: Vec<_> = urls.into_iter().map(|url| Alternate { url, title: String::new() }).collect();
        let most_tries = feeds.len();
        Self { feeds, most_tries, asked_by_owner: false, is_either: true }
    }
}

async fn search(fetcher: &Fetcher, url: &CanonicalUrl, most: usize) -> Result<Vec<Found>, DiscoverError> {
    let mut walk = Walk { fetcher, most, tried: HashSet::new(), first_error: None };
    // Who types a feed's own address means it.
    let platform = feed::platform(url).filter(|_| !feed::looks_like_feed(url.as_str()));
    if let Some(platform) = platform.as_ref().filter(|platform| platform.is_certain && !platform.feeds.is_empty()) {
        let round = Round { asked_by_owner: true, ..Round::at(platform.feeds.clone()) };
        let found = walk.round(round).await;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let (named, linked) = match look(fetcher, url, true).await? {
        Seen::Found(found) => return Ok(vec![found]),
        Seen::Page { named, linked } => (named, linked),
    };
    walk.tried.insert(url.clone());
    walk.first_error = None;
    let names_some = !named.is_empty();
    // Comments are what few want to watch.
    let is_comments =
        |feed: &Alternate| [feed.url.as_str(), &feed.title].iter().any(|text| text.to_lowercase().contains("comment"));
    let mut ordered = named.clone();
    ordered.sort_by_key(is_comments);
    let tries = if most == 1 { MOST_TRIES } else { MOST_SHOWN };
    let guessed = platform.as_ref().map(|platform| platform.feeds.clone()).unwrap_or_default();
    let is_without = platform.as_ref().filter(|platform| platform.feeds.is_empty()).map(|platform| platform.name);
    // A platform without feeds is not asked at one path after the other.
    let usual = if is_without.is_some() { Vec::new() } else { feed::well_known(url) };
    let rounds = [Round::of(ordered, tries), Round::at(guessed), Round::of(linked, MOST_TRIES), Round::at(usual)];
    for round in rounds {
        let mut found = walk.round(round).await;
        if let Some(first) = found.first_mut() {
            first.others = named.iter().filter(|other| other.url != first.url).cloned().collect();
            return Ok(found);
        }
        if walk.first_error.as_ref().is_some_and(|error| !error.is_elsewhere()) {
            break;
        }
    }
    let url = url.clone();
    match (names_some, is_without, walk.first_error) {
        (true, _, Some(why)) => Err(DiscoverError::NoneReadable { url, why: Box::new(why) }),
        (_, Some(platform), _) => Err(DiscoverError::NoFeeds { url, platform }),
        (_, _, Some(why)) if !why.is_elsewhere() => Err(why),
        _ => Err(DiscoverError::Nothing { url }),
    }
}

struct Walk<'a> {
    fetcher: &'a Fetcher,
    most: usize,
    tried: HashSet<CanonicalUrl>,
    first_error: Option<DiscoverError>,
}

impl Walk<'_> {
    async fn round(&mut self, round: Round) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let untried: Vec<_> = round.feeds.into_iter().filter(|feed| self.tried.insert(feed.url.clone())).collect();
        for feed in untried.into_iter().take(round.most_tries) {
            match look(self.fetcher, &feed.url, round.asked_by_owner).await {
                Ok(Seen::Found(mut one)) => {
                    if one.name.is_none() && !feed.title.is_empty() {
                        one.name = Some(feed.title);
                    }
                    let is_empty = matches!(one.kind, FoundKind::Feed { entries: 0, .. });
                    if found.iter().all(|other| other.url != one.url) {
                        found.push(one);
                    }
                    if found.len() >= self.most && !(round.is_either && is_empty) {
                        break;
                    }
                }
                Ok(Seen::Page { .. }) => {
                    self.first_error.get_or_insert(DiscoverError::Nothing { url: feed.url });
                }
                Err(error) => {
                    let goes_on = error.is_elsewhere();
                    self.first_error.get_or_insert(error);
                    if !goes_on && round.is_either {
                        break;
                    }
                }
            }
        }
        if round.is_either {
            found.sort_by_key(|found| matches!(found.kind, FoundKind::Feed { entries: 0, .. }));
        }
        found.truncate(self.most);
        found
    }
}
