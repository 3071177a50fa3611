//! The owner's own back-end: what an account has published, listed in the session that the owner lent us.
//!
//! Its answers are the owner's and are not kept; the session's token and cookie are added where a request leaves, and stand nowhere
//! else. A session that has ended, or is held back, rests, and the feed goes on by the other ways.

use super::pages::{self, More};
use super::{Look, Provider, Shows};
use crate::archive::ArchiveError;
use crate::extract::wechat::listing::{self, Cursor, Listing, ListingError};
use crate::fetch::Session;
use crate::model::{CanonicalUrl, Target, TargetKind, Time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// What the rest of this way is kept under.
pub(crate) const NAME: &str = "back-end";

/// How long a session that has ended is left alone, where the owner gives no new one (judgement).
const UNTIL_ANOTHER_LOGIN: TimeDelta = TimeDelta::hours(24);

/// How long the list is left alone when it is held back first; each further time twice as long (our research: hours, never a loop).
const HELD_BACK: TimeDelta = TimeDelta::hours(6);

/// The longest that it is left alone: the same answer says that the list is closed for good.
const LONGEST_REST: TimeDelta = TimeDelta::hours(24);

/// The list of an account's publications.
pub(super) struct Backend;

impl Provider for Backend {
    fn lists(&self, url: &CanonicalUrl) -> bool {
        url.is_wechat() && url.url().path() == "/cgi-bin/appmsgpublish"
    }

    fn is_private(&self) -> bool {
        true
    }

    fn read(&self, url: &CanonicalUrl, payload: &[u8]) -> Result<Listing, ListingError> {
        let from = parameter(url, "begin").and_then(|from| from.parse().ok()).unwrap_or(0);
        listing::published(payload, from)
    }

    fn leads(&self, look: &Look<'_>) -> Result<Vec<Target>, ArchiveError> {
        if !look.has_session {
            return Ok(Vec::new());
        }
        let biz = match &look.shows {
            Shows::List(listing) if self.lists(&look.target.url) => {
                return pages::leads(look, listing, |more| page(&look.target.url, &more));
            }
            Shows::Article(document) => document.wechat.as_ref().and_then(|facts| facts.biz.clone()),
            // The account that is watched is still there when the one article that names it is not.
            Shows::Gone(_) => look.target.url.wechat_ids().map(|(bizuin, _, _)| STANDARD.encode(bizuin.to_string())),
            _ => None,
        };
        let is_watched = look.target.kind == TargetKind::Feed;
        let url = biz.filter(|_| is_watched).and_then(|biz| of_account(&biz, 0));
        let list = url.map(|url| look.list(url)).transpose()?;
        Ok(list.flatten().into_iter().collect())
    }
}

/// The list of an account as it is named everywhere: without the token, which is added where the request leaves.
fn of_account(biz: &str, from: u32) -> Option<CanonicalUrl> {
    CanonicalUrl::from_url(listing::published_url(biz, "", from)?).ok()
}

fn page(url: &CanonicalUrl, more: &More) -> Option<CanonicalUrl> {
    match more {
        More::From(Cursor::From(from)) => of_account(&parameter(url, "fakeid")?, *from),
        _ => None,
    }
}

fn parameter(url: &CanonicalUrl, name: &str) -> Option<String> {
    url.url().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Until when the session is left alone, and why. Kept over restarts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rest {
    /// Not asked before.
    pub(crate) until: Time,
    /// How many times in a row it was held back.
    times: u32,
    /// Which session: another one is asked at once.
    session: String,
}

impl Rest {
    /// The rest that a refusal brings; `None` where it is about something else than the session. `before` is the last one.
    pub(crate) fn after(error: &ListingError, session: &Session, before: Option<&Self>, now: Time) -> Option<Self> {
        let session = session.fingerprint();
        let before = before.filter(|before| before.session == session);
        match error {
            ListingError::LoginNeeded => Some(Self { until: now + UNTIL_ANOTHER_LOGIN, times: 0, session }),
            ListingError::HeldBack => {
                let times = before.map_or(0, |before| before.times).saturating_add(1);
                let wait = HELD_BACK.checked_mul(1 << times.saturating_sub(1).min(8)).unwrap_or(LONGEST_REST);
                Some(Self { until: now + wait.min(LONGEST_REST), times, session })
            }
            _ => None,
        }
    }

    /// Whether this session is still to be left alone.
    pub(crate) fn holds(&self, session: &Session, now: Time) -> bool {
        now < self.until && self.session == session.fingerprint()
    }
}
