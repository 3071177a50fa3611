//! A feed's history (`backfill`): older pages that it names itself (RFC 5005), WordPress's pages, or else the site's sitemap.
//!
//! Each page is a target like any other, and leads to the next; a page is asked for once. `depth` counts them: the way back ends after
//! [`MOST_PAGES`], and before that at an error, at anything that is no feed, at a page that says the same as the one before, and at the
//! owner's own number of entries.

use super::{Look, Provider, Shows};
use crate::archive::ArchiveError;
use crate::crawl::entries::Entries;
use crate::model::{CanonicalUrl, EntryHint, Rel, Target, TargetKind};

/// The most pages of a feed's history; as far as a target can count.
const MOST_PAGES: u8 = u8::MAX;

/// The most sitemaps that one sitemap leads to (judgement: large blogs have about ten, by month or by thousand).
const MOST_SITEMAPS: usize = 50;

/// Sitemaps whose names say that they list no articles.
const NO_ARTICLES: &[&str] = &["category", "tag-sitemap", "post_tag", "author", "image-sitemap", "video-sitemap"];

/// The way back.
pub(super) struct History;

impl Provider for History {
    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
        if look.history == 0 {
            return Ok(Vec::new());
        }
        Ok(match &look.shows {
            Shows::Feed(feed) if look.target.kind == TargetKind::Feed => begun(look, feed).into_iter().collect(),
            Shows::Feed(feed) if is_history(look.target) => further(look, feed)?.into_iter().collect(),
            Shows::Sitemap(sitemap) => {
                let home = look.target.hint.as_ref().and_then(|hint| hint.entry.as_deref()).unwrap_or_default();
                let is_below = |url: &&CanonicalUrl| url.as_str().starts_with(home) && url.as_str() != home;
                let page = |url: &CanonicalUrl| look.lead(url.clone(), TargetKind::Article, Rel::History, 0);
                let mut leads: Vec<Target> = Vec::new();
                for lead in sitemap.pages.iter().filter(is_below).map(page) {
                    if leads.len() < look.history as usize && !(look.is_known)(&lead)? {
                        leads.push(lead);
                    }
                }
                let is_of_articles = |url: &&CanonicalUrl| !NO_ARTICLES.iter().any(|word| url.as_str().contains(word));
                let own = |url: &&CanonicalUrl| url.host() == look.target.url.host();
                let further = sitemap.sitemaps.iter().filter(own).filter(is_of_articles).take(MOST_SITEMAPS);
                leads.extend(further.filter_map(|url| older(look, url.clone(), look.target.hint.clone())));
                leads
            }
            _ => Vec::new(),
        })
    }
}

/// Whether a target is a page of a feed's history.
pub(crate) fn is_history(target: &Target) -> bool {
    target.kind == TargetKind::List && target.rel == Rel::History
}

/// Where the way back begins.
fn begun(look: &Look<'_>, feed: &Entries) -> Option<Target> {
    if let Some(url) = &feed.older {
        return older(look, url.clone(), None);
    }
    if feed.is_wordpress {
        return older(look, paged(&look.target.url, 2)?, None);
    }
    let home = feed.home.as_ref()?;
    let sitemap = CanonicalUrl::join(home.url(), "/sitemap.xml").ok()?;
    let hint = EntryHint { entry: Some(home.to_string()), ..EntryHint::default() };
    older(look, sitemap, Some(hint))
}

/// The page behind this one, unless it has told nothing that the one before did not.
fn further(look: &Look<'_>, feed: &Entries) -> Result<Option<Target>, ArchiveError> {
    if feed.is_repeated || feed.all.is_empty() {
        return Ok(None);
    }
    let mut new = 0;
    for entry in &feed.all {
        let lead = look.lead(entry.url.clone(), TargetKind::Article, Rel::History, 0);
        new += u32::from(!(look.is_known)(&lead)?);
    }
    // The owner wants no more than this page brings.
    if new >= look.history {
        return Ok(None);
    }
    let url = match (&feed.older, page_of(&look.target.url)) {
        (Some(older), _) => Some(older.clone()),
        (None, Some(page)) => paged(&look.target.url, page + 1),
        (None, None) => None,
    };
    Ok(url.and_then(|url| older(look, url, None)))
}

fn older(look: &Look<'_>, url: CanonicalUrl, hint: Option<EntryHint>) -> Option<Target> {
    let depth = look.target.depth.checked_add(1).filter(|depth| *depth < MOST_PAGES)?;
    Some(Target { hint, ..look.lead(url, TargetKind::List, Rel::History, depth) })
}

/// Which page of WordPress's a URL asks for.
fn page_of(url: &CanonicalUrl) -> Option<u32> {
    url.url().query_pairs().find(|(name, _)| name == "paged").and_then(|(_, page)| page.parse().ok())
}

/// The feed's URL, asking for a page of WordPress's.
fn paged(url: &CanonicalUrl, page: u32) -> Option<CanonicalUrl> {
    let mut url = url.url().clone();
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "paged")
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair("paged", &page.to_string());
    CanonicalUrl::from_url(url).ok()
}
