//! How long an answer asks us to wait: `Retry-After` (seconds, or a date), and `max-age` on an error.

use crate::model::Time;
use chrono::DateTime;
use reqwest::header::{CACHE_CONTROL, HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// How long the server asks us to wait, if it does and we can read it.
pub(super) fn retry_after(headers: &HeaderMap, now: Time) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit is as good as for ever; the pace has a cap of its own.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    (date.to_utc() - now).to_std().ok()
}

/// How long an answer may be kept without asking again (`Cache-Control: max-age`), where it may be kept at all.
pub(super) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    crate::model::caching::max_age(lines).map(Duration::from_secs)
}
