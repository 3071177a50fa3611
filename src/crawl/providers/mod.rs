//! How articles are found: a feed, an album, its neighbours, links within an account, the owner's own back-end.
//!
//! Each way is a [`Provider`] in a file of its own and a line in [`PROVIDERS`]; no way knows of another, so one that a platform closes
//! takes none with it. What a way finds are targets like any other: paced, deduplicated, and taken up again after a crash.

mod account;
mod album;
pub(crate) mod backend;
pub(crate) mod history;
mod neighbours;
mod pages;
mod syndication;
mod what;

pub(crate) use what::{is_wechat, what};

use crate::archive::ArchiveError;
use crate::crawl::entries::Entries;
use crate::extract::entry::Sitemap;
use crate::extract::wechat::listing::{Listing, ListingError};
use crate::model::{CanonicalUrl, Document, Follow, Rel, Target, TargetKind, Time};

/// One way of finding articles.
pub(crate) trait Provider: Sync {
    /// Whether what answers at this URL is a list of this way's.
    fn lists(&self, _url: &CanonicalUrl) -> bool {
        false
    }

    /// Whether its lists are asked in the owner's own session; then their answers are the owner's, and are not kept.
    fn is_private(&self) -> bool {
        false
    }

    /// Reads an answer of a URL that it [`lists`](Self::lists).
    ///
    /// # Errors
    /// When the answer says why it lists nothing, or is no list.
    fn read(&self, url: &CanonicalUrl, _payload: &[u8]) -> Result<Listing, ListingError> {
        Err(ListingError::Unreadable { why: format!("{url} is no list") })
    }

    /// What a look leads to by this way.
    ///
    /// # Errors
    /// When the archive's index fails.
    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError>;
}

/// All ways, in the order in which what they find is asked for.
pub(crate) static PROVIDERS: &[&dyn Provider] = &[
    // What the owner subscribed to.
    &syndication::Syndication,
    // What it published before.
    &history::History,
    // Lists: one answer brings many articles, with links that WeChat answers.
    &album::Album,
    &backend::Backend,
    // From page to page.
    &neighbours::Neighbours,
    &account::AccountLinks,
];

/// The way whose list answers at a target's URL.
pub(crate) fn list_of(target: &Target) -> Option<&'static dyn Provider> {
    let is_list = matches!(target.kind, TargetKind::Feed | TargetKind::List);
    PROVIDERS.iter().copied().find(|provider| is_list && provider.lists(&target.url))
}

/// The way whose list answers at a URL that anybody may ask.
pub(crate) fn list_at(url: &CanonicalUrl) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|provider| provider.lists(url) && !provider.is_private())
}

/// Whether a target is a list that is asked in the owner's own session.
pub(crate) fn is_private(target: &Target) -> bool {
    list_of(target).is_some_and(Provider::is_private)
}

/// One answer, as the ways see it.
pub(crate) struct Look<'a> {
    /// What was visited.
    pub(crate) target: &'a Target,
    /// What came.
    pub(crate) shows: Shows<'a>,
    /// How far the feed reaches.
    pub(crate) follow: Follow,
    /// How many articles were reached by following from the feed so far.
    pub(crate) followed: u32,
    /// How many more articles may be reached through the feed's history.
    pub(crate) history: u32,
    /// Whether the feed was read before: then its list is caught up with, not gone through.
    pub(crate) is_known_feed: bool,
    /// Whether the owner's session may be asked now.
    pub(crate) has_session: bool,
    /// Now.
    pub(crate) now: Time,
    /// Whether a target was visited, or is pending.
    pub(crate) is_known: &'a dyn Fn(&Target) -> Result<bool, ArchiveError>,
    /// Whether a list was asked for before, and there is none.
    pub(crate) is_missing: &'a dyn Fn(&CanonicalUrl) -> Result<bool, ArchiveError>,
}

/// What came.
pub(crate) enum Shows<'a> {
    /// A feed's entries.
    Feed(Box<Entries>),
    /// A sitemap, on the way back through a feed's history.
    Sitemap(Sitemap),
    /// A list.
    List(&'a Listing),
    /// An article.
    Article(&'a Document),
    /// A page that says that the article is gone: its account may still be there. With the article as it was held last, where it is
    /// one that is watched.
    Gone(Option<&'a Document>),
}

impl Look<'_> {
    /// A target that this look leads to.
    pub(crate) fn lead(&self, url: CanonicalUrl, kind: TargetKind, rel: Rel, depth: u8) -> Target {
        let (feed, via) = (self.target.feed.clone(), Some(self.target.url.clone()));
        Target { url, kind, feed, rel, via, depth, not_before: self.now, recheck: None, hint: None }
    }

    /// The beginning of a list that an article leads to: gone through once, and caught up with each time the article that is watched is
    /// polled again. `None` for one that is no more.
    pub(crate) fn list(&self, url: CanonicalUrl) -> Result<Option<Target>, ArchiveError> {
        if (self.is_missing)(&url)? {
            return Ok(None);
        }
        let list = self.lead(url, TargetKind::List, Rel::Album, self.target.depth);
        let is_watched = self.target.kind == TargetKind::Feed && (self.is_known)(&list)?;
        Ok(Some(Target { rel: if is_watched { Rel::Entry } else { Rel::Album }, ..list }))
    }
}

/// Asks every way, and keeps one target for each article: of two links to it the one that WeChat answers more willingly.
///
/// # Errors
/// When the archive's index fails.
pub(crate) fn leads(look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
    let mut leads: Vec<Target> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for provider in PROVIDERS {
        for lead in provider.leads(look)? {
            let place = *places.entry(lead.identity()).or_insert(leads.len());
            match leads.get_mut(place) {
                None => leads.push(lead),
                Some(held) if lead.url.wechat_rank() > held.url.wechat_rank() => held.url = lead.url,
                Some(_) => {}
            }
        }
    }
    Ok(leads)
}
