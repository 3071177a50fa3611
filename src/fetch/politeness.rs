//! The pace of one site: one pure function, [`step`]: (rule, state, event, now) → state.

use crate::fetch::rules::SiteRule;
use crate::model::Time;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What happened at a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A request starts.
    Started,
    /// An answer's head came.
    Answered {
        /// Its status code.
        status: u16,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
        /// How long the answer says it is good for (`max-age`); of an error: how long that stays as it is.
        max_age: Option<Duration>,
    },
    /// The site does not want us now, although it did not say so with 429 or 503.
    Throttled,
    /// No answer came, or it broke off.
    Failed,
    /// The answer was a captcha or frequency page.
    Blocked,
    /// The answer was what it should be.
    Fine,
    /// robots.txt asks for this much time between requests.
    CrawlDelay(Duration),
}

/// The pace of one site: when the next request may start, and why not sooner. Stored between runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// No request starts before, by the delay.
    pub next: Option<Time>,
    /// No request starts before, because the server asked for it or failed too often.
    pub retry_at: Option<Time>,
    /// The circuit breaker is open until then.
    pub open_until: Option<Time>,
    /// How many blocks in a row.
    pub blocks: u32,
    /// How many throttling or failing answers in a row.
    pub troubles: u32,
    /// The day that `used` counts, in days since 1970 (UTC).
    pub day: i64,
    /// How many requests started on that day.
    pub used: u32,
    /// What robots.txt asks for, in milliseconds.
    pub crawl_delay: Option<u64>,
    /// How many times in a row the site throttled us (429, 503), each a cool-down twice as long as the last.
    #[serde(default)]
    pub cool_downs: u32,
    /// The gap between requests that was learnt from being throttled, in milliseconds; it halves with each hour after `learnt_at`.
    #[serde(default)]
    pub learnt: Option<u64>,
    /// From when on hours without being throttled count.
    #[serde(default)]
    pub learnt_at: Option<Time>,
    /// Where the jitter comes from; any number, another for each site.
    pub seed: u64,
}

/// The longest that a server, a back-off or the breaker can make us wait: a day (our research: WeChat's blocks last 6 to 24 hours).
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
/// The first wait after a block; each further one is four times the last.
const FIRST_BLOCK: Duration = Duration::from_secs(15 * 60);
/// The longest that `Retry-After` or an error's `max-age` can make us wait: a week (judgement; what is longer is a mistake).
const LONGEST_REST: Duration = Duration::from_secs(7 * 24 * 3600);
/// The first cool-down after an answer that throttles; each further one in a row is twice the last, a day at most (judgement, as the
/// services that publish their limits count by quarters of an hour).
const FIRST_COOL_DOWN: Duration = Duration::from_secs(15 * 60);
/// The longest gap that is learnt from being throttled.
const LONGEST_LEARNT: Duration = Duration::from_secs(120);
/// The longest back-off of WeChat's hosts after answers that throttle (429, 503) without saying for how long.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(3600);
/// The longest back-off after plain failures: one broken page must not stop its site for long.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
/// The longest delay that robots.txt can ask for (as Heritrix: `respectCrawlDelayUpToSeconds`).
const LONGEST_CRAWL_DELAY: Duration = Duration::from_secs(300);

/// The pace after an event.
pub fn step(rule: &SiteRule, pace: &Pace, event: Event, now: Time) -> Pace {
    let mut pace = pace.clone();
    match event {
        Event::Started => {
            let today = day_of(now);
            pace.used = if pace.day == today { pace.used.saturating_add(1) } else { 1 };
            pace.day = today;
            pace.seed = scramble(pace.seed);
            let wait = jittered(rule, &pace, now);
            later(&mut pace.next, now, wait);
        }
        Event::Answered { status: 429 | 503, retry_after, max_age } => {
            answered_at(rule, &mut pace, now);
            if rule.has_own_back_off() {
                if let Some(wait) = retry_after {
                    later(&mut pace.retry_at, now, wait.min(LONGEST_WAIT));
                }
                back_off(rule, &mut pace, now, LONGEST_BACK_OFF);
            } else {
                cool_down(rule, &mut pace, now, retry_after.max(max_age));
            }
        }
        Event::Answered { status, .. } => {
            answered_at(rule, &mut pace, now);
            if status >= 500 {
                back_off(rule, &mut pace, now, LONGEST_PAUSE);
            } else {
                pace.troubles = 0;
                // A 403 may be how a site throttles: it ends nothing.
                if status != 403 {
                    pace.cool_downs = 0;
                }
            }
        }
        Event::Throttled => cool_down(rule, &mut pace, now, None),
        Event::Failed => {
            answered_at(rule, &mut pace, now);
            back_off(rule, &mut pace, now, LONGEST_PAUSE);
        }
        // While the breaker is open nothing is sent: what comes now was asked before. Requests that were under way together meet one block,
        // not several; and a good answer says nothing of the block.
        Event::Blocked | Event::Fine if pace.is_open(now) => {}
        Event::Blocked => {
            let wait = FIRST_BLOCK.saturating_mul(4_u32.saturating_pow(pace.blocks)).min(LONGEST_WAIT);
            pace.blocks = pace.blocks.saturating_add(1);
            later(&mut pace.open_until, now, wait);
        }
        Event::Fine => (pace.blocks, pace.open_until) = (0, None),
        Event::CrawlDelay(asked) => pace.crawl_delay = Some(asked.min(LONGEST_CRAWL_DELAY).as_millis() as u64),
    }
    pace
}

impl Pace {
    /// When the next request may start: `now` where nothing stands against it.
    pub fn ready_at(&self, rule: &SiteRule, now: Time) -> Time {
        let mut at = now;
        for bound in [self.next, self.retry_at, self.open_until].into_iter().flatten() {
            at = at.max(bound);
        }
        if self.is_spent(rule, at) { at.max(self.day_ends()) } else { at }
    }

    /// Whether the breaker is open: a captcha came, and the site is left alone.
    pub fn is_open(&self, now: Time) -> bool {
        self.open_until.is_some_and(|until| now < until)
    }

    /// Whether the breaker is half open: the wait after a block is over, and one page is to show whether the block is.
    pub fn is_half_open(&self, now: Time) -> bool {
        self.blocks > 0 && !self.is_open(now)
    }

    /// Whether the site throttled us last: until it answers as it should, it is asked one thing at a time.
    pub fn is_cooling(&self) -> bool {
        self.cool_downs > 0
    }

    /// The gap that was learnt from being throttled, as far as it still holds.
    pub fn learnt_gap(&self, now: Time) -> Duration {
        let (Some(learnt), Some(at)) = (self.learnt, self.learnt_at) else { return Duration::ZERO };
        let hours = u32::try_from((now - at).num_hours().max(0)).unwrap_or(u32::MAX);
        Duration::from_millis(learnt.checked_shr(hours).unwrap_or(0))
    }

    /// Whether the day's requests are used up.
    pub fn is_spent(&self, rule: &SiteRule, now: Time) -> bool {
        rule.daily_limit.is_some_and(|limit| self.used >= limit) && self.day == day_of(now)
    }

    /// How many requests may be under way at once: one while it is to be seen whether a block or a cool-down is over, and never more than
    /// the day has left, so that those who share its last requests go by their rank and not by chance.
    pub fn concurrency(&self, rule: &SiteRule, now: Time) -> usize {
        if self.is_half_open(now) || self.is_cooling() {
            return 1;
        }
        let left = rule.daily_limit.map_or(u32::MAX, |limit| limit.saturating_sub(self.used_today(now)));
        rule.concurrency.min(left as usize).max(1)
    }

    /// How many requests started today (UTC).
    pub fn used_today(&self, now: Time) -> u32 {
        if self.day == day_of(now) { self.used } else { 0 }
    }

    /// When the day that `used` counts ends (UTC).
    pub fn day_ends(&self) -> Time {
        start_of_day(self.day.saturating_add(1))
    }

    /// One pace out of two that are one from now on: as patient as the more patient one in everything.
    pub(super) fn joined(&self, other: &Self) -> Self {
        let used = |pace: &Self, day: i64| if pace.day == day { pace.used } else { 0 };
        let day = self.day.max(other.day);
        Self {
            next: self.next.max(other.next),
            retry_at: self.retry_at.max(other.retry_at),
            open_until: self.open_until.max(other.open_until),
            blocks: self.blocks.max(other.blocks),
            troubles: self.troubles.max(other.troubles),
            day,
            used: used(self, day).max(used(other, day)),
            crawl_delay: self.crawl_delay.max(other.crawl_delay),
            cool_downs: self.cool_downs.max(other.cool_downs),
            learnt: self.learnt.max(other.learnt),
            learnt_at: self.learnt_at.max(other.learnt_at),
            seed: self.seed,
        }
    }

    /// Whether it can be forgotten: nothing in it outlasts this instant.
    pub fn is_idle(&self, now: Time) -> bool {
        let past = |bound: Option<Time>| bound.is_none_or(|at| at <= now);
        let is_calm = self.blocks == 0 && self.troubles == 0 && self.cool_downs == 0 && self.learnt_gap(now).is_zero();
        past(self.next) && past(self.retry_at) && is_calm && self.day != day_of(now)
    }

    /// The delay in force: the rule's, or what robots.txt asks for, or what was learnt, where that is more. A rule of zero is zero.
    fn delay(&self, rule: &SiteRule, now: Time) -> Duration {
        if rule.delay.is_zero() {
            return Duration::ZERO;
        }
        rule.delay.max(Duration::from_millis(self.crawl_delay.unwrap_or(0))).max(self.learnt_gap(now))
    }
}

/// One request at a time means also: the delay counts from when the last one had certainly reached the server, for a connection
/// that took long to make would otherwise bring two requests close together there.
fn answered_at(rule: &SiteRule, pace: &mut Pace, now: Time) {
    if rule.concurrency <= 1 {
        let delay = pace.delay(rule, now);
        later(&mut pace.next, now, delay);
    }
}

/// Waits twice as long after each trouble in a row, beginning with the delay (a second at least).
fn back_off(rule: &SiteRule, pace: &mut Pace, now: Time, longest: Duration) {
    pace.troubles = pace.troubles.saturating_add(1);
    let delay = pace.delay(rule, now);
    if !delay.is_zero() {
        let wait = delay.max(Duration::from_secs(1)).saturating_mul(2_u32.saturating_pow(pace.troubles));
        later(&mut pace.retry_at, now, wait.min(longest.max(delay)));
    }
}

/// The site throttles: it is left alone for the longest of what it asks for and our own cool-down, and asked half as often from then on.
/// Requests that were under way together meet one cool-down, not several.
fn cool_down(rule: &SiteRule, pace: &mut Pace, now: Time, asked: Option<Duration>) {
    let is_another = pace.cool_downs == 0 || pace.retry_at.is_none_or(|at| at <= now);
    if let Some(wait) = asked {
        later(&mut pace.retry_at, now, wait.min(LONGEST_REST));
    }
    if is_another && !rule.delay.is_zero() {
        let gap = pace.delay(rule, now).saturating_mul(2).min(LONGEST_LEARNT.max(rule.delay));
        let own = FIRST_COOL_DOWN.saturating_mul(2_u32.saturating_pow(pace.cool_downs)).min(LONGEST_WAIT);
        pace.cool_downs = pace.cool_downs.saturating_add(1);
        pace.learnt = Some(u64::try_from(gap.as_millis()).unwrap_or(u64::MAX));
        later(&mut pace.retry_at, now, own);
        pace.learnt_at = pace.retry_at;
    }
}

/// Moves a bound to `now + wait`, never to an earlier instant.
fn later(bound: &mut Option<Time>, now: Time, wait: Duration) {
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
    let at = now.checked_add_signed(wait).unwrap_or(Time::MAX_UTC);
    *bound = Some(bound.map_or(at, |old| old.max(at)));
}

fn jittered(rule: &SiteRule, pace: &Pace, now: Time) -> Duration {
    let delay = pace.delay(rule, now);
    let most = if rule.jitter.is_finite() { rule.jitter.clamp(0.0, 10.0) } else { 0.0 };
    let part = (pace.seed >> 11) as f64 / (1_u64 << 53) as f64;
    delay.saturating_add(delay.mul_f64(most * part))
}

/// SplitMix64: one number to the next, well spread.
fn scramble(seed: u64) -> u64 {
    let mut next = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    next = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    next = (next ^ (next >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    next ^ (next >> 31)
}

fn day_of(at: Time) -> i64 {
    at.timestamp().div_euclid(24 * 3600)
}

fn start_of_day(day: i64) -> Time {
    Time::from_timestamp(day.saturating_mul(24 * 3600), 0).unwrap_or(Time::MAX_UTC)
}
