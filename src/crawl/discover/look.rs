//! One request, and what its answer is.

use super::{DiscoverError, Found, FoundKind};
use crate::crawl::providers::{self, Provider};
use crate::extract::feed::{self, Alternate, opml};
use crate::extract::wechat::listing::ListingError;
use crate::extract::{self, Hints, Page, entry};
use crate::fetch::{Fetcher, Request, RequestKind};
use crate::model::{CanonicalUrl, Capture, Document, Extracted, FeedDocument, PageStatus, Time};
use std::collections::HashSet;

/// How many of the newest entries are told.
const NEWEST: usize = 3;

/// What one request shows.
pub(super) enum Seen {
    Found(Found),
    /// A page, with the feeds that it names, and the links on it that look like some.
    Page {
        named: Vec<Alternate>,
        linked: Vec<Alternate>,
    },
}

/// Asks as a poll will: what is seen now is what the crawl will see.
pub(super) async fn ask(fetcher: &Fetcher, url: &CanonicalUrl, asked_by_owner: bool) -> Result<Capture, DiscoverError> {
    let kind = RequestKind::Feed;
    let request = Request { url: url.clone(), kind, referer: None, validators: None, asked_by_owner };
    let capture = fetcher.fetch(&request).await?;
    if !(200..300).contains(&capture.status) {
        return Err(DiscoverError::Answered { url: capture.final_url, line: capture.response.line });
    }
    Ok(capture)
}

pub(super) async fn look(fetcher: &Fetcher, url: &CanonicalUrl, asked_by_owner: bool) -> Result<Seen, DiscoverError> {
    let capture = ask(fetcher, url, asked_by_owner).await?;
    let seen = tokio::task::spawn_blocking(move || understand(&capture)).await;
    let gave_up = |_| DiscoverError::Unreadable { url: url.clone(), why: "reading it ended in a panic".into() };
    seen.map_err(gave_up)?
}

pub(super) fn understand(capture: &Capture) -> Result<Seen, DiscoverError> {
    let page = Page {
        url: &capture.url,
        final_url: &capture.final_url,
        content_type: capture.header("content-type").unwrap_or_default(),
        payload: &capture.payload,
    };
    if opml::is_opml(page.payload, page.content_type) {
        let list = opml::read(page.payload, page.content_type);
        let kind = FoundKind::List { feeds: list.feeds, problems: list.problems };
        return Ok(Seen::Found(Found { url: permanent(capture), name: list.title, kind, others: Vec::new() }));
    }
    if let Some(list) = providers::list_at(&capture.url) {
        return as_list(capture, list).map(Seen::Found);
    }
    match extract::extract(&page, &Hints::default()) {
        Extracted::Feed(document) => as_feed(capture, &document).map(Seen::Found),
        Extracted::Document(document) if document.wechat.is_some() || capture.final_url.is_wechat() => {
            as_account(capture, &document).map(Seen::Found)
        }
        Extracted::Document(document) if document.status == PageStatus::Blocked => Err(blocked(capture, &document)),
        Extracted::Document(_) => Ok(Seen::Page { named: feed::alternates(&page), linked: feed::linked(&page) }),
        Extracted::Opaque => Ok(Seen::Page { named: Vec::new(), linked: Vec::new() }),
    }
}

fn as_feed(capture: &Capture, document: &FeedDocument) -> Result<Found, DiscoverError> {
    if let Some(why) = &document.error {
        return Err(DiscoverError::Unreadable { url: capture.final_url.clone(), why: why.clone() });
    }
    let kind = FoundKind::Feed { entries: document.entries.len(), newest: newest(document, &capture.final_url) };
    Ok(Found { url: permanent(capture), name: feed::title(document), kind, others: Vec::new() })
}

/// A list that is watched as it is: an album.
fn as_list(capture: &Capture, list: &dyn Provider) -> Result<Found, DiscoverError> {
    let url = capture.url.clone();
    let listing = list.read(&url, &capture.payload).map_err(|error| match error {
        ListingError::HeldBack => DiscoverError::Blocked { url: url.clone(), why: error.to_string() },
        _ => DiscoverError::Unreadable { url: url.clone(), why: error.to_string() },
    })?;
    let total = listing.total.and_then(|total| usize::try_from(total).ok());
    let entries = total.unwrap_or(listing.entries.len()).max(listing.entries.len());
    let hints = listing.entries.iter().map(|entry| (entry.published, entry.title.clone()));
    let kind = FoundKind::Feed { entries, newest: newest_of(hints.collect()) };
    let words: Vec<String> = [listing.account, listing.title].into_iter().flatten().collect();
    let name = Some(words.join(" ")).filter(|name| !name.is_empty());
    Ok(Found { url, name, kind, others: Vec::new() })
}

/// The newest entries, when and how they are called.
pub(super) fn newest(document: &FeedDocument, base: &CanonicalUrl) -> Vec<(Option<Time>, String)> {
    let mut seen = HashSet::new();
    let mut items = entry::items(document, base);
    // Each page once; what leads nowhere is no entry to choose a feed by.
    items.retain(|item| item.link.clone().is_some_and(|link| seen.insert(link)));
    newest_of(
        items.into_iter().map(|item| (item.published, item.title.unwrap_or_else(|| "(no title)".into()))).collect(),
    )
}

fn newest_of(mut newest: Vec<(Option<Time>, String)>) -> Vec<(Option<Time>, String)> {
    // Stable: entries without a date stay in the feed's order, behind those with one.
    newest.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    newest.truncate(NEWEST);
    newest
}

/// The URL that permanent redirects lead to; behind a temporary one it may be another tomorrow.
pub(super) fn permanent(capture: &Capture) -> CanonicalUrl {
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
