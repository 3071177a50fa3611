//! Dates as feeds write them.

use chrono::{DateTime, Utc};

/// The instant that a date names; `None` where it cannot be read. Total.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    // The wrong day of the week spoils no date.
    let bare = text.split_once(", ").map_or(text, |(_, rest)| rest);
    DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(bare)).ok().map(|at| at.to_utc())
}
