//! A feed's redirects: which are believed, and when. What is not permanent changes nothing.

use crate::crawl::poll::state::{Poll, Redirect};
use crate::crawl::poll::step::{Heard, Terms};
use crate::crawl::poll::tell::Tell;
use crate::model::{CanonicalUrl, Time};
use chrono::TimeDelta;

/// A target is believed once a feed was read there for so long.
const BELIEVED: TimeDelta = TimeDelta::days(7);

/// Takes in what a poll that was read as a feed says of where the feed is.
pub(super) fn read(poll: &mut Poll, heard: &Heard, terms: &Terms<'_>, tells: &mut Vec<Tell>) {
    let asked = heard.asked.clone();
    let by_feed = poll.stated.moved_to.clone().filter(|to| *to != asked && to.url().port().is_none());
    // What stands at the URL that the feed itself named: it is being tried there.
    let is_tried = poll.redirect.as_ref().is_some_and(|redirect| redirect.by_feed && redirect.to == asked);
    let seen = match (&heard.permanent, by_feed) {
        (Some(to), _) if *to != asked => Some((to.clone(), false)),
        (_, Some(to)) => Some((to, true)),
        _ if is_tried => Some((asked.clone(), true)),
        _ => None,
    };
    let Some((to, by_feed)) = seen else {
        poll.redirect = None;
        return;
    };
    let now = heard.started;
    let known = poll.redirect.take().filter(|redirect| redirect.to == to);
    let mut redirect = known.unwrap_or(Redirect { to, since: now, by_feed, was_feed: false, refused: false });
    redirect.was_feed |= !by_feed || is_tried;
    if !redirect.refused && (terms.is_other)(&redirect.to) {
        redirect.refused = true;
        tells.push(Tell::Same { to: redirect.to.clone() });
    }
    if !redirect.refused && redirect.was_feed && is_believed(&redirect, &poll.url, now) {
        settle(poll, redirect.to, tells);
    } else {
        poll.redirect = Some(redirect);
    }
}

fn is_believed(redirect: &Redirect, owner: &CanonicalUrl, now: Time) -> bool {
    now - redirect.since >= BELIEVED || is_only_safer(owner, &redirect.to)
}

/// Whether the only difference is http → https.
fn is_only_safer(from: &CanonicalUrl, to: &CanonicalUrl) -> bool {
    let rest = |url: &CanonicalUrl, scheme: &str| url.as_str().strip_prefix(scheme).map(str::to_owned);
    rest(from, "http://").is_some_and(|from| rest(to, "https://") == Some(from))
}

/// The feed is there from now on.
fn settle(poll: &mut Poll, to: CanonicalUrl, tells: &mut Vec<Tell>) {
    tells.push(Tell::Moved { to: to.clone() });
    // Back to the URL that its owner gave: then there is nothing to say of it.
    poll.moved_to = Some(to).filter(|to| *to != poll.url);
    poll.redirect = None;
}

/// The URL that was asked is not there (404, 410): where a redirect from it led to a feed before, the feed is there. True where so.
pub(super) fn missing(poll: &mut Poll, tells: &mut Vec<Tell>) -> bool {
    match poll.redirect.take() {
        Some(redirect) if redirect.was_feed && !redirect.refused && !redirect.by_feed => {
            settle(poll, redirect.to, tells);
            true
        }
        other => {
            poll.redirect = other;
            false
        }
    }
}

/// How many failures in a row at the place a feed had moved to send us back to its old URL (judgement).
const BACK_AFTER: u32 = 3;

/// Takes in a failure at the URL that was asked.
pub(super) fn failed(poll: &mut Poll, heard: &Heard, tells: &mut Vec<Tell>) {
    if let Some(redirect) = &mut poll.redirect
        && redirect.by_feed
        && redirect.to == heard.asked
    {
        redirect.refused = true;
    } else if poll.errors >= BACK_AFTER && poll.moved_to.take().is_some() {
        tells.push(Tell::MovedBack { to: poll.url.clone() });
    }
}
