//! Albums (合集): the one list of an account's articles that needs no account. Asked for as a page or as JSON, page after page.

use super::pages::{self, More};
use super::{Look, Provider, Shows};
use crate::archive::ArchiveError;
use crate::extract::wechat::listing::{self, Cursor, Listing, ListingError};
use crate::model::{CanonicalUrl, Rel, Target};

/// An album's list, and the albums that an article says it is in.
pub(super) struct Album;

impl Provider for Album {
    fn lists(&self, url: &CanonicalUrl) -> bool {
        ids(url).is_some()
    }

    fn read(&self, _: &CanonicalUrl, payload: &[u8]) -> Result<Listing, ListingError> {
        listing::album(payload)
    }

    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
        match &look.shows {
            Shows::List(listing) if self.lists(&look.target.url) => {
                pages::leads(look, listing, |more| page(&look.target.url, &more))
            }
            // The albums of an article go on without it.
            Shows::Article(document) | Shows::Gone(Some(document)) if look.follow.albums => {
                let albums = document.links.iter().filter(|link| link.rel == Rel::Album);
                let urls = albums.filter_map(|link| beginning(&link.url));
                urls.filter_map(|url| look.list(url).transpose()).collect()
            }
            _ => Ok(Vec::new()),
        }
    }
}

/// The account and the album that an album's URL names.
fn ids(url: &CanonicalUrl) -> Option<(String, String)> {
    if !url.is_wechat() || url.url().path() != "/mp/appmsgalbum" {
        return None;
    }
    Some((parameter(url, "__biz")?, parameter(url, "album_id")?))
}

fn parameter(url: &CanonicalUrl, name: &str) -> Option<String> {
    url.url().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Where an album's list begins, as JSON.
fn beginning(url: &CanonicalUrl) -> Option<CanonicalUrl> {
    let (biz, album) = ids(url)?;
    listing::album_url(&biz, &album, None)
}

/// The page of an album that follows this one.
fn page(url: &CanonicalUrl, more: &More) -> Option<CanonicalUrl> {
    let (biz, album) = ids(url)?;
    let is_reversed = parameter(url, "is_reverse").as_deref() == Some("1");
    let cursor = match more {
        More::From(cursor @ Cursor::After { .. }) => Some(*cursor),
        More::From(Cursor::From(_)) => return None,
        // Only from the first page, and only once.
        More::OtherEnd if is_reversed || parameter(url, "begin_msgid").is_some() => return None,
        More::OtherEnd => None,
    };
    let reversed = is_reversed || cursor.is_none();
    let url = listing::album_url(&biz, &album, cursor.as_ref())?;
    if !reversed {
        return Some(url);
    }
    CanonicalUrl::parse(&format!("{url}&is_reverse=1")).ok()
}
