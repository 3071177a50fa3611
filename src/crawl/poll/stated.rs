//! A feed → what it states of how often it is to be asked. The one place that reads these fields.

use crate::model::{CanonicalUrl, FeedDocument, Time};
use chrono::{Datelike as _, TimeDelta, Timelike as _, Weekday};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a feed states of how often, and when not, it is to be asked, and of where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stated {
    /// The least time between two polls in seconds: the longer of `ttl` and the syndication module's period by its frequency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// The hours of the day (GMT, 0 to 23) in which it is not to be asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_hours: Vec<u8>,
    /// The days of the week (GMT, Monday is 0) on which it is not to be asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_days: Vec<u8>,
    /// Where it says that it moved (`itunes:new-feed-url`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<CanonicalUrl>,
}

impl Stated {
    /// Reads feedparser's names.
    pub fn of(feed: &FeedDocument, base: &CanonicalUrl) -> Self {
        let more = &feed.feed.more;
        let text = |name: &str| more.get(name).and_then(words);
        let number = |name: &str| text(name).and_then(|text| text.trim().parse::<u64>().ok());
        let minutes = number("ttl").filter(|minutes| *minutes > 0).map(|minutes| minutes.saturating_mul(60));
        let period = text("sy_updateperiod").and_then(|period| seconds(period.trim()));
        let every = period.map(|period| period / number("sy_updatefrequency").unwrap_or(1).max(1));
        let mut skip_hours: Vec<u8> = list(more.get("skiphours")).iter().filter_map(|hour| hour_of(hour)).collect();
        let mut skip_days: Vec<u8> = list(more.get("skipdays")).iter().filter_map(|day| day_of(day)).collect();
        skip_hours.sort_unstable();
        skip_hours.dedup();
        skip_days.sort_unstable();
        skip_days.dedup();
        let moved_to = text("itunes_new-feed-url").or_else(|| text("itunes_new_feed_url"));
        let moved_to = moved_to.and_then(|to| CanonicalUrl::join(base.url(), to.trim()).ok());
        Self { every: minutes.max(every), skip_hours, skip_days, moved_to }
    }

    /// The first instant from `at` on at which it may be asked, `spread` seconds (below an hour) into its first hour where it has to be
    /// moved. What forbids every hour of the week forbids none.
    pub fn allowed_from(&self, at: Time, spread: u64) -> Time {
        if self.is_allowed(at) {
            return at;
        }
        let hour = at.with_minute(0).and_then(|at| at.with_second(0)).and_then(|at| at.with_nanosecond(0));
        let hour = hour.unwrap_or(at);
        let later = (1..=8 * 24).map(|hours| hour + TimeDelta::hours(hours)).find(|at| self.is_allowed(*at));
        later.map_or(at, |later| later + TimeDelta::seconds((spread % 3600).cast_signed()))
    }

    /// Whether it may be asked at this instant.
    pub fn is_allowed(&self, at: Time) -> bool {
        let (hour, day) = (at.hour() as u8, at.weekday().num_days_from_monday() as u8);
        !self.skip_hours.contains(&hour) && !self.skip_days.contains(&day)
    }
}

/// A text, or a number as one.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A list of texts or numbers, or one text of words.
fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(all)) => all.iter().flat_map(|one| list(Some(one))).collect(),
        Some(Value::String(text)) => text.split([' ', ',', '\n', '\t', '\r']).map(str::to_owned).collect(),
        Some(Value::Number(number)) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

fn seconds(period: &str) -> Option<u64> {
    const HOUR: u64 = 3600;
    match period.to_ascii_lowercase().as_str() {
        "hourly" => Some(HOUR),
        "daily" => Some(24 * HOUR),
        "weekly" => Some(7 * 24 * HOUR),
        "monthly" => Some(30 * 24 * HOUR),
        "yearly" => Some(365 * 24 * HOUR),
        _ => None,
    }
}

/// Midnight is 0 in RSS 2.0, and 24 in RSS 0.92.
fn hour_of(text: &str) -> Option<u8> {
    text.trim().parse().ok().filter(|hour| *hour <= 24).map(|hour: u8| hour % 24)
}

fn day_of(text: &str) -> Option<u8> {
    text.trim().parse::<Weekday>().ok().map(|day| day.num_days_from_monday() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone as _, Utc};
    use serde_json::json;

    fn stated(more: &Value) -> Stated {
        let mut feed = FeedDocument::default();
        feed.feed.more = more.as_object().unwrap().clone();
        Stated::of(&feed, &CanonicalUrl::parse("https://a.example/feed").unwrap())
    }

    #[test]
    fn a_feeds_own_limits_are_read_however_they_are_written() {
        assert_eq!(stated(&json!({"ttl": 60})).every, Some(3600));
        assert_eq!(
            stated(&json!({"ttl": "x", "sy_updateperiod": " Daily ", "sy_updatefrequency": "4"})).every,
            Some(21600)
        );
        assert_eq!(stated(&json!({"ttl": "1440", "sy_updateperiod": "hourly"})).every, Some(86400));
        assert_eq!(
            stated(&json!({"sy_updateperiod": "sometimes", "sy_updatefrequency": "0", "ttl": null})).every,
            None
        );
        let all = stated(&json!({"skiphours": ["3", "24", "3", "99"], "skipdays": "Saturday sunday nonsense"}));
        assert_eq!((all.skip_hours, all.skip_days), (vec![0, 3], vec![5, 6]));
        let moved = stated(&json!({"itunes_new-feed-url": "https://b.example/feed"}));
        assert_eq!(moved.moved_to.unwrap().as_str(), "https://b.example/feed");
    }

    #[test]
    fn forbidden_hours_are_waited_out() {
        let stated = Stated { skip_hours: (0..6).collect(), skip_days: vec![5, 6], ..Stated::default() };
        // A Friday.
        let at = |day, hour, minute| Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0).unwrap();
        assert_eq!(stated.allowed_from(at(27, 23, 59), 60), at(27, 23, 59));
        assert_eq!(stated.allowed_from(at(27, 3, 30), 60), at(27, 6, 1));
        assert_eq!(stated.allowed_from(at(28, 0, 0), 0), at(30, 6, 0));
        let never = Stated { skip_hours: (0..24).collect(), ..Stated::default() };
        assert_eq!(never.allowed_from(at(27, 3, 30), 60), at(27, 3, 30));
    }
}
