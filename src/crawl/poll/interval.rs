//! How long until the next poll. The longest of what each party asks for, a little jitter, and never earlier than a server said.

use crate::crawl::poll::state::{Poll, hours};
use crate::crawl::poll::step::Terms;
use crate::model::Time;
use chrono::TimeDelta;
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Never more often than this, whatever anybody says.
const HARDEST: u64 = 10 * MINUTE;
/// Where there are no validators to ask with yet.
const WITHOUT_VALIDATORS: u64 = 15 * MINUTE;
/// Where the server gives none at all, so that each poll is the whole body; and where that body is large.
const WITHOUT_ANY: u64 = HOUR;
const WITHOUT_ANY_AND_LARGE: u64 = DAY;
const LARGE: u64 = 64 * 1024;

/// The interval that a feed's own rate is bounded to.
const SHORTEST: u64 = 30 * MINUTE;
const LONGEST: u64 = DAY;
/// A feed without new entries for a month, and for a year.
const QUIET: TimeDelta = TimeDelta::days(30);
const SILENT: TimeDelta = TimeDelta::days(365);
const SILENT_EVERY: u64 = 7 * DAY;

/// What a server states is honoured up to so much; where it ever answered 429, up to a week.
const HONOURED: u64 = DAY;
const HONOURED_IF_THROTTLED: u64 = 7 * DAY;
/// The longest wait after failures.
const LONGEST_BACK_OFF: u64 = 7 * DAY;
/// How long a feed that answered 410 is given before it is asked once more.
pub(super) const CONFIRM: TimeDelta = TimeDelta::hours(24);

impl Poll {
    /// The least time between two polls in seconds, whatever the owner says: what its server cannot help paying for.
    pub fn hard_floor(&self, terms: &Terms<'_>) -> u64 {
        if terms.lifted {
            return 0;
        }
        match &self.validators {
            Some(_) => HARDEST,
            None if !self.was_feed => WITHOUT_VALIDATORS,
            None if self.size > LARGE => WITHOUT_ANY_AND_LARGE,
            None => WITHOUT_ANY,
        }
    }

    /// The least time between two polls in seconds, as its server and the feed itself state it.
    pub fn stated_floor(&self, terms: &Terms<'_>) -> u64 {
        if terms.lifted {
            return 0;
        }
        let (fresh, every) = (self.fresh_for.unwrap_or(0), self.stated.every.unwrap_or(0));
        let fresh = fresh.min(if self.throttled { HONOURED_IF_THROTTLED } else { HONOURED });
        fresh.max(every.min(HONOURED))
    }

    /// How often its rate has it polled, in seconds.
    fn base(&self, now: Time) -> u64 {
        let quiet_for = self.rate_at.or(self.last_ok).map(|at| now - at);
        if self.rate_at.is_some() && quiet_for.is_some_and(|quiet| quiet >= SILENT) {
            return SILENT_EVERY;
        }
        if quiet_for.is_some_and(|quiet| quiet >= QUIET) {
            return LONGEST;
        }
        let rate = self.rate_now(now);
        if rate <= 0.0 {
            return LONGEST;
        }
        // Twice for each entry, on average.
        let half = Duration::try_from_secs_f64(0.5 / rate * HOUR as f64).map_or(LONGEST, |half| half.as_secs());
        half.clamp(SHORTEST, LONGEST)
    }

    /// When it is asked next after an answer: counted from the start of the request.
    pub(super) fn after_answer(&self, started: Time, terms: &Terms<'_>) -> Option<Time> {
        if let Some((schedule, zone)) = terms.owner {
            let run = schedule.next_after(started, zone)?;
            return Some(run.max(started + seconds(self.hard_floor(terms))));
        }
        let floor = self.hard_floor(terms).max(self.stated_floor(terms));
        let at = started + seconds(jittered(self.base(started), floor, terms.seed));
        Some(if terms.lifted { at } else { self.stated.allowed_from(at, terms.seed >> 32) })
    }

    /// When it is asked next after a failure: twice as long for each in a row, a week at most.
    pub(super) fn after_failure(&self, started: Time, terms: &Terms<'_>) -> Option<Time> {
        let doublings = self.errors.min(20);
        if let Some((schedule, zone)) = terms.owner {
            let run = schedule.next_after(started, zone)?;
            let usual = u64::try_from((run - started).num_seconds()).unwrap_or(0).max(1);
            let wait = (usual << doublings).min(LONGEST_BACK_OFF.max(usual));
            // The first run of the schedule that is not earlier.
            let run = schedule.next_after(started + seconds(wait) - TimeDelta::seconds(1), zone)?;
            return Some(run.max(started + seconds(self.hard_floor(terms))));
        }
        // What never answered is asked again within the hour; its rate says nothing.
        let base = if self.last_ok.is_some() { self.base(started) } else { SHORTEST };
        let floor = self.hard_floor(terms).max(self.stated_floor(terms));
        let wait = (base.max(floor) << doublings).min(LONGEST_BACK_OFF);
        let at = started + seconds(jittered(wait, floor, terms.seed));
        Some(if terms.lifted { at } else { self.stated.allowed_from(at, terms.seed >> 32) })
    }

    /// When it is asked next after its site said that it is too much.
    pub(super) fn after_rest(&self, until: Time, started: Time, terms: &Terms<'_>) -> Time {
        until.max(started + seconds(self.hard_floor(terms)))
    }

    /// How many entries it has in a day, as of now.
    pub fn entries_a_day(&self, now: Time) -> f64 {
        self.rate_now(now) * hours(TimeDelta::days(1))
    }
}

/// An interval with a tenth more or less, by chance; one that meets its floor has up to a tenth more, so that feeds of one server do not
/// come all together.
fn jittered(interval: u64, floor: u64, seed: u64) -> u64 {
    const TENTH: u64 = 10_000;
    let part = (seed >> 11) % (2 * TENTH + 1);
    let share = |of: u64, parts: u64| (u128::from(of) * u128::from(parts) / u128::from(10 * TENTH)) as u64;
    let spread = share(interval, 9 * TENTH + part);
    if spread >= floor { spread } else { floor + share(floor, part / 2) }
}

fn seconds(count: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(count).unwrap_or(i64::MAX / 1000))
}
