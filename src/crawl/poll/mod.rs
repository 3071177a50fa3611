//! When a feed is polled next, by rule: what its server states, how often it publishes, how it fared, and nothing else.
//!
//! The heart is [`step()`], a pure function: what is known of a feed, what its poll brought, and the owner's terms → what is known now,
//! when it is asked next, and what its owner is told. [`Book`] keeps all feeds by the time they are due and lets each site's go one
//! at a time. The pace of a site is `fetch::politeness::step`, beside this and not in it.
//!
//! What it must not do: look at a clock, fetch, or store. WeChat's lists are not polled by these rules: they have their own.

mod book;
mod interval;
mod judge;
mod moved;
mod state;
mod stated;
mod step;
mod tell;
mod weather;
mod words;

pub use book::{Book, Sites, Watched};
pub(crate) use judge::{answered, unreached};
pub use state::{Condition, Poll, Redirect};
pub use stated::Stated;
pub use step::{Answer, Asking, Heard, Terms, step};
pub use tell::Tell;

use crate::model::{CanonicalUrl, Target, TargetKind};

/// Whether what is watched at this URL is polled by these rules: everything but WeChat.
pub fn is_ruled(url: &CanonicalUrl) -> bool {
    !url.is_wechat()
}

/// Whether a target is the poll of such a feed.
pub(crate) fn is_poll(target: &Target) -> bool {
    target.kind == TargetKind::Feed && is_ruled(&target.url)
}
