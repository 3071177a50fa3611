//! A URL that somebody types → what there is to watch behind it: the feed itself, a feed that the page names, or a WeChat account
//! by one of its articles.
//!
//! One request, and another for each feed of a page that has to be tried. What it must not do: write anything down.

use crate::extract::feed::{self, Alternate};
use crate::extract::{self, Hints, Page};
use crate::fetch::{FetchError, Fetcher, Request, RequestKind};
use crate::model::{CanonicalUrl, Capture, Document, Extracted, FeedDocument, PageStatus, Time};
use thiserror::Error;

/// How many of a page's feeds are tried before it is given up (judgement: the first one almost always answers).
const MOST_TRIES: usize = 3;

/// How many of the newest entries are told.
const NEWEST: usize = 3;

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
            Self::Unreadable { .. } | Self::NoArticle { .. } | Self::Nothing { .. } => false,
        }
    }
}

/// Looks at a URL.
///
/// # Errors
/// When nothing there can be watched, or cannot be seen now.
pub async fn discover(fetcher: &Fetcher, url: &CanonicalUrl) -> Result<Found, DiscoverError> {
    match look(fetcher, url, true).await? {
        Seen::Found(found) => Ok(found),
        Seen::Page(alternates) if alternates.is_empty() => Err(DiscoverError::Nothing { url: url.clone() }),
        Seen::Page(alternates) => first_of(fetcher, url, alternates).await,
    }
}

/// The first of a page's feeds that can be read.
async fn first_of(fetcher: &Fetcher, page: &CanonicalUrl, alternates: Vec<Alternate>) -> Result<Found, DiscoverError> {
    let mut first_error = None;
    for alternate in alternates.iter().take(MOST_TRIES) {
        match look(fetcher, &alternate.url, false).await {
            Ok(Seen::Found(mut found)) => {
                found.others = alternates.iter().filter(|other| **other != *alternate).cloned().collect();
                if found.name.is_none() && !alternate.title.is_empty() {
                    found.name = Some(alternate.title.clone());
                }
                return Ok(found);
            }
            Ok(Seen::Page(_)) => {
                first_error.get_or_insert(DiscoverError::Nothing { url: alternate.url.clone() });
            }
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    let why = first_error.unwrap_or(DiscoverError::Nothing { url: page.clone() });
    Err(DiscoverError::NoneReadable { url: page.clone(), why: Box::new(why) })
}

/// What one request shows.
enum Seen {
    Found(Found),
    /// A page, with the feeds that it names.
    Page(Vec<Alternate>),
}

async fn look(fetcher: &Fetcher, url: &CanonicalUrl, asked_by_owner: bool) -> Result<Seen, DiscoverError> {
    // As a poll will ask: what is seen now is what the crawl will see.
    let kind = RequestKind::Feed;
    let request = Request { url: url.clone(), kind, referer: None, validators: None, asked_by_owner };
    let capture = fetcher.fetch(&request).await?;
    if !(200..300).contains(&capture.status) {
        return Err(DiscoverError::Answered { url: capture.final_url, line: capture.response.line });
    }
    let seen = tokio::task::spawn_blocking(move || understand(&capture)).await;
    let gave_up = |_| DiscoverError::Unreadable { url: url.clone(), why: "reading it ended in a panic".into() };
    seen.map_err(gave_up)?
}

fn understand(capture: &Capture) -> Result<Seen, DiscoverError> {
    let page = Page {
        url: &capture.url,
        final_url: &capture.final_url,
        content_type: capture.header("content-type").unwrap_or_default(),
        payload: &capture.payload,
    };
    match extract::extract(&page, &Hints::default()) {
        Extracted::Feed(document) => as_feed(capture, &document).map(Seen::Found),
        Extracted::Document(document) if document.wechat.is_some() || capture.final_url.is_wechat() => {
            as_account(capture, &document).map(Seen::Found)
        }
        Extracted::Document(document) if document.status == PageStatus::Blocked => Err(blocked(capture, &document)),
        Extracted::Document(_) => Ok(Seen::Page(feed::alternates(&page))),
        Extracted::Opaque => Ok(Seen::Page(Vec::new())),
    }
}

fn as_feed(capture: &Capture, document: &FeedDocument) -> Result<Found, DiscoverError> {
    if let Some(why) = &document.error {
        return Err(DiscoverError::Unreadable { url: capture.final_url.clone(), why: why.clone() });
    }
    let hints = feed::entries(document, &capture.final_url).into_iter().map(|(_, hint)| hint);
    let mut newest: Vec<_> =
        hints.map(|hint| (hint.published, hint.title.unwrap_or_else(|| "(no title)".into()))).collect();
    // Stable: entries without a date stay in the feed's order, behind those with one.
    newest.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    newest.truncate(NEWEST);
    let kind = FoundKind::Feed { entries: document.entries.len(), newest };
    Ok(Found { url: permanent(capture), name: feed::title(document), kind, others: Vec::new() })
}

/// The URL that permanent redirects lead to; behind a temporary one it may be another tomorrow.
fn permanent(capture: &Capture) -> CanonicalUrl {
    let is_permanent = |status: u16| matches!(status, 301 | 308);
    let temporary = capture.hops.iter().find(|hop| !is_permanent(hop.status));
    temporary.map_or_else(|| capture.final_url.clone(), |hop| hop.url.clone())
}

fn as_account(capture: &Capture, document: &Document) -> Result<Found, DiscoverError> {
    match document.status {
        PageStatus::Article => {}
        PageStatus::Blocked => return Err(blocked(capture, document)),
        status => {
            let word = status.word().replace('_', " ");
            let why = document.reason.as_ref().map_or_else(|| word.clone(), |reason| format!("{word} ({reason})"));
            return Err(DiscoverError::NoArticle { url: capture.url.clone(), why });
        }
    }
    // The link as it was typed is kept, with what it needs to be answered; a bare one gives way to the page's own.
    let own = document.canonical_url.as_ref().filter(|own| own.wechat_rank() > capture.url.wechat_rank());
    let url = match own {
        Some(own) if capture.url.wechat_rank() == 1 => own.clone(),
        _ => capture.url.clone(),
    };
    let kind = FoundKind::Account { article: document.title.clone() };
    Ok(Found { url, name: document.account.clone(), kind, others: Vec::new() })
}

fn blocked(capture: &Capture, document: &Document) -> DiscoverError {
    let why = document.reason.clone().unwrap_or_else(|| "captcha".into());
    DiscoverError::Blocked { url: capture.url.clone(), why }
}
