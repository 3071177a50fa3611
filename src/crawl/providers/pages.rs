//! A list, page after page: which of its entries are asked for, and whether it is read on.
//!
//! A list is *gone through* once (its entries count towards `max_articles`), and *caught up with* at every later poll, where what is
//! known already says that the rest is too.

use super::Look;
use crate::archive::ArchiveError;
use crate::extract::wechat::listing::{Cursor, Listing};
use crate::model::{CanonicalUrl, Rel, Target, TargetKind};

/// Where a list is read on.
pub(super) enum More {
    /// From this cursor on.
    From(Cursor),
    /// From its other end: it lists the oldest first, and what is new is there.
    OtherEnd,
}

/// The entries of a list, and the page that follows, by the URL that `page` makes.
pub(super) fn leads(
    look: &Look<'_>,
    listing: &Listing,
    page: impl Fn(More) -> Option<CanonicalUrl>,
) -> Result<Vec<Target>, ArchiveError> {
    let target = look.target;
    let is_poll = target.kind == TargetKind::Feed;
    let rel = if is_poll { Rel::Entry } else { target.rel };
    let (mut leads, mut new) = (Vec::new(), 0_u32);
    let listed = listing.entries.iter().filter(|entry| !entry.is_deleted);
    for entry in listed {
        let lead = look.lead(entry.url.clone(), TargetKind::Article, rel, target.depth);
        let lead = Target { hint: Some(entry.hint()), ..lead };
        new += u32::from(!(look.is_known)(&lead)?);
        leads.push(lead);
    }
    let list_rel = match (is_poll, look.is_known_feed) {
        (true, false) => Rel::Album,
        _ => rel,
    };
    let next = listing.next.and_then(|cursor| {
        // The other end is asked for by the feed's own first page only; the way through to it is the same either way round.
        if (is_poll || rel == Rel::Entry)
            && is_oldest_first(listing)
            && let Some(url) = page(More::OtherEnd)
        {
            return Some(url);
        }
        let all_new = new as usize == leads.len() && new > 0;
        let reads_on = match list_rel {
            Rel::Entry => all_new,
            // Each page is asked for once, so that known entries, however many, cannot lead round in a circle.
            _ => look.followed.saturating_add(if is_poll { 0 } else { new }) < look.follow.max_articles,
        };
        if reads_on { page(More::From(cursor)) } else { None }
    });
    leads.extend(next.map(|url| look.lead(url, TargetKind::List, list_rel, target.depth)));
    Ok(leads)
}

/// Whether the list begins with its oldest article, by its dates, else by its message ids.
fn is_oldest_first(listing: &Listing) -> bool {
    let (Some(first), Some(last)) = (listing.entries.first(), listing.entries.last()) else { return false };
    match (first.published, last.published) {
        (Some(first), Some(last)) => first < last,
        _ => first.position < last.position,
    }
}
