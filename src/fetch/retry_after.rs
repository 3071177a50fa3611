//! The `Retry-After` header: seconds, or a date.

use crate::model::Time;
use chrono::DateTime;
use reqwest::header::{HeaderMap, RETRY_AFTER};
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
