//! How a feed fares, in plain words for its owner.

use crate::crawl::poll::state::{Condition, Poll};
use crate::crawl::visit::minute;
use crate::model::{CanonicalUrl, Time};

impl Poll {
    /// How it fares, in one line; `None` where there is nothing to say but that it answers. Times are UTC.
    pub fn words(&self, now: Time) -> Option<String> {
        let next = self.next_at.map_or_else(|| "never again".to_owned(), minute);
        let why = self.error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
        let since = self.failing_since.map(|since| format!(" since {}", since.format("%Y-%m-%d"))).unwrap_or_default();
        let said = match self.condition(now) {
            Condition::Gone => {
                "gone: its server said so twice (410); not polled any more, what is archived stays".to_owned()
            }
            Condition::Dormant => format!("dormant, failing{since}; polled once a week, next {next}{why}"),
            Condition::Blocked => format!("blocked by a challenge; next {next}{why}"),
            Condition::Failing => format!("failing{since}, {} in a row; next {next}{why}", self.errors.max(1)),
            Condition::New | Condition::Fine => return self.advice(),
        };
        Some(match self.advice() {
            Some(advice) => format!("{said}; {advice}"),
            None => said,
        })
    }

    /// What its owner can do about where it is.
    fn advice(&self) -> Option<String> {
        if let Some(to) = &self.moved_to {
            return Some(format!("it moved; the line for its [[feed]]: url = \"{to}\""));
        }
        let redirect = self.redirect.as_ref().filter(|redirect| redirect.refused && redirect.was_feed)?;
        Some(format!("it moved to {}, which another [[feed]] watches: take one of the two out", redirect.to))
    }

    /// Where it is by now, where that is another place than its owner wrote.
    pub fn is_elsewhere(&self) -> Option<&CanonicalUrl> {
        self.moved_to.as_ref()
    }
}
