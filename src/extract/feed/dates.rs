//! Dates as feeds write them.

use chrono::{DateTime, Utc};

/// The instant that a date names; `None` where it cannot be read. Total.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)).ok().map(|at| at.to_utc())
}
