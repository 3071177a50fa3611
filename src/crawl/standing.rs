//! The pace of a site → how it stands, in words for its owner: why nothing is asked of it, until when, and what comes then.

use crate::crawl::frontier::Paces;
use crate::fetch::{Fetcher, Pace, SiteRule};
use crate::model::{CanonicalUrl, Site, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A site's pace, with as much of its rule as it takes to say what the pace means: kept in the archive, so that `stats` can say
/// it without crawl.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The site.
    pub site: Site,
    /// Its pace.
    pub pace: Pace,
    /// Its rule, as far as it was kept: delay, jitter and the limit of the day.
    pub rule: SiteRule,
}

/// How a site stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It asked for a captcha and is left alone.
    Open,
    /// The wait after a captcha is over: one page is to show whether the block is.
    HalfOpen,
    /// The day's requests are used up.
    Spent,
    /// It asked for a rest, or failed too often.
    Resting,
    /// Nothing stands against the next request but the usual delay.
    Ready,
}

impl Stand {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::HalfOpen => "half_open",
            Self::Spent => "spent",
            Self::Resting => "resting",
            Self::Ready => "ready",
        }
    }
}

/// What is written: the pace's own fields, so that it reads back as a [`Pace`], and the rule's beside them.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(flatten)]
    pace: Pace,
    #[serde(default)]
    rule: Rule,
}

#[derive(Default, Serialize, Deserialize)]
struct Rule {
    delay_ms: u64,
    jitter: f64,
    daily_limit: Option<u32>,
}

impl Standing {
    /// How a site stands with this fetcher; `None` where nothing was asked of it.
    pub(crate) fn of(fetcher: &Fetcher, site: &Site) -> Option<Self> {
        let (pace, rule) = fetcher.pace_of(site)?;
        Some(Self { site: site.clone(), pace, rule: SiteRule::clone(&rule) })
    }

    /// Reads what `written` wrote; `None` where another version wrote it.
    pub fn read(site: Site, text: &str) -> Option<Self> {
        let Written { pace, rule } = serde_json::from_str(text).ok()?;
        let delay = Duration::from_millis(rule.delay_ms);
        let rule = SiteRule { delay, jitter: rule.jitter, daily_limit: rule.daily_limit, ..SiteRule::general() };
        Some(Self { site, pace, rule })
    }

    /// As it is kept.
    pub(crate) fn written(&self) -> String {
        let Self { pace, rule, .. } = self;
        let delay_ms = u64::try_from(rule.delay.as_millis()).unwrap_or(u64::MAX);
        let rule = Rule { delay_ms, jitter: rule.jitter, daily_limit: rule.daily_limit };
        serde_json::to_string(&Written { pace: pace.clone(), rule }).expect("plain data with text keys")
    }

    /// How it stands.
    pub fn stand(&self, now: Time) -> Stand {
        match &self.pace {
            pace if pace.is_open(now) => Stand::Open,
            pace if pace.is_spent(&self.rule, now) => Stand::Spent,
            pace if pace.is_half_open(now) => Stand::HalfOpen,
            pace if pace.retry_at.is_some_and(|at| at > now) => Stand::Resting,
            _ => Stand::Ready,
        }
    }

    /// When the next request may start.
    pub fn until(&self, now: Time) -> Time {
        self.pace.ready_at(&self.rule, now)
    }

    /// In words, with how many targets wait where that is known. Times are UTC.
    pub fn words(&self, now: Time, waiting: Option<usize>) -> String {
        let Self { site, pace, rule } = self;
        let until = clock_time(self.until(now), now);
        let again = if pace.blocks > 1 { format!(", {} times in a row", pace.blocks) } else { String::new() };
        let mut words = match self.stand(now) {
            Stand::Open => {
                format!("{site} asked for a captcha{again}; left alone until {until}; one page will be tried then")
            }
            Stand::HalfOpen => format!("{site} asked for a captcha{again}; the wait is over, one page is tried first"),
            Stand::Spent => {
                let limit = rule.daily_limit.unwrap_or(pace.used);
                format!("{site} has had its {limit} requests of the day; left alone until {until}")
            }
            Stand::Resting => format!("{site} asked for a rest or failed too often; left alone until {until}"),
            Stand::Ready => {
                let used = pace.used_today(now);
                let limit = rule.daily_limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
                format!("{site}: {used}{limit} requests used today, {}", every(rule))
            }
        };
        if let Some(waiting) = waiting {
            words.push_str(&format!("; {waiting} wait"));
        }
        words
    }
}

fn every(rule: &SiteRule) -> String {
    let seconds = |length: Duration| length.as_millis() as f64 / 1000.0;
    let (least, most) = (seconds(rule.delay), seconds(rule.delay.mul_f64(1.0 + rule.jitter.clamp(0.0, 10.0))));
    match (least, most) {
        (0.0, _) => "without waiting".to_owned(),
        (least, most) if most > least => format!("one every {least} to {most} s"),
        (least, _) => format!("one every {least} s"),
    }
}

/// A time of today without its day.
fn clock_time(at: Time, now: Time) -> String {
    let form = if at.date_naive() == now.date_naive() { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" };
    at.format(form).to_string()
}

impl Paces for Fetcher {
    fn ready_at(&self, site: &Site, now: Time) -> Time {
        Fetcher::ready_at(self, site, now)
    }

    fn concurrency(&self, site: &Site, now: Time) -> usize {
        self.concurrency_of(site, now)
    }

    fn ready_for(&self, url: &CanonicalUrl, site: &Site, now: Time) -> Time {
        Fetcher::ready_for(self, url, site, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::{Event, step};
    use chrono::{TimeDelta, TimeZone as _, Utc};

    #[test]
    fn a_site_says_how_it_stands() {
        let now = Utc.with_ymd_and_hms(2026, 11, 24, 14, 20, 0).unwrap();
        let rule = SiteRule::default_for("mp.weixin.qq.com");
        let blocked = step(&rule, &step(&rule, &Pace::default(), Event::Started, now), Event::Blocked, now);
        let standing = Standing { site: Site::named_as("mp.weixin.qq.com".into()), pace: blocked, rule };
        let kept = Standing::read(standing.site.clone(), &standing.written()).unwrap();
        assert_eq!(kept.pace, standing.pace);
        assert_eq!(
            kept.words(now, Some(12)),
            "mp.weixin.qq.com asked for a captcha; left alone until 14:35 UTC; one page will be tried then; 12 wait"
        );
        let later = now + TimeDelta::minutes(16);
        assert_eq!(kept.stand(later), Stand::HalfOpen);
        let fine = step(&kept.rule, &kept.pace, Event::Fine, later);
        let fine = Standing { pace: fine, ..kept };
        assert_eq!(fine.words(later, None), "mp.weixin.qq.com: 1 of 600 requests used today, one every 6 to 9 s");
        let spent = Standing { pace: Pace { used: 600, ..fine.pace.clone() }, ..fine };
        assert_eq!(
            spent.words(later, Some(3)),
            "mp.weixin.qq.com has had its 600 requests of the day; left alone until 2026-11-25 00:00 UTC; 3 wait"
        );
    }
    #[test]
    fn no_more_are_out_than_the_day_has_left() {
        let now = Utc.with_ymd_and_hms(2026, 11, 24, 14, 20, 0).unwrap();
        let rule = SiteRule { concurrency: 4, daily_limit: Some(3), ..SiteRule::general() };
        let mut pace = Pace::default();
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push(pace.concurrency(&rule, now));
            pace = step(&rule, &pace, Event::Started, now);
        }
        assert_eq!(seen, [3, 2, 1, 1], "where none is left, the day's end is what holds it");
        assert_eq!(pace.concurrency(&rule, now + TimeDelta::days(1)), 3, "another day");
        assert_eq!(Pace::default().concurrency(&SiteRule { daily_limit: None, ..rule.clone() }, now), 4);
        assert_eq!(step(&rule, &Pace::default(), Event::Blocked, now).concurrency(&rule, now + TimeDelta::hours(1)), 1);
    }
}
