//! When a feed is due: cron expressions in a named time zone, behind one pure function.
//!
//! The `cron` crate only walks civil time here. What an expression means, and what happens to civil time when clocks are set,
//! is ours (its own answers were measured: days skipped in spring, firings twice or in the past in autumn):
//!
//! - five fields as in crontab(5), six with seconds first, seven with the year last; in all of them weekdays are Unix's, 0 and 7 = Sunday;
//! - a day of the month **and** a weekday mean either, unless one of the two begins with `*` (as in Vixie's cron);
//! - a time that a clock change leaves out runs once, at the first instant after it; a time that comes twice runs once, the first time;
//! - but an expression that runs in every hour follows the clock: what is left out is left out, what comes twice runs twice;
//! - `@every 90m` counts from 1970-01-01T00:00Z, so restarts do not move it.

use crate::model::{Time, duration};
use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use thiserror::Error;

/// When something runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    text: String,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    /// A fixed length of time, in milliseconds, counted from the Unix epoch.
    Every(i64),
    /// Civil times.
    Civil {
        /// The times are those of any of these: two where both day fields are restricted.
        any: Vec<cron::Schedule>,
        /// Whether it runs in every hour of the day, and so follows the clock when that is set.
        hourly: bool,
    },
}

impl Schedule {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is not one, or names a day that no calendar has (30 February).
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let text = text.trim();
        let rule = match text.strip_prefix("@every") {
            Some(length) => every(text, length)?,
            None => civil(alias(text)?)?,
        };
        Ok(Self { text: text.to_owned(), rule })
    }

    /// The first run after `now`, never `now` itself; `None` when there is none before the year 2101.
    pub fn next_after(&self, now: Time, zone: Tz) -> Option<Time> {
        match &self.rule {
            Rule::Every(length) => {
                let runs = now.timestamp_millis().div_euclid(*length);
                DateTime::from_timestamp_millis(runs.checked_add(1)?.checked_mul(*length)?)
            }
            Rule::Civil { any, hourly } => {
                let next = |one| next_civil_run(one, *hourly, now, zone);
                any.iter().filter_map(next).min()
            }
        }
    }

    /// All runs after `now`, in order.
    pub fn runs_after(&self, now: Time, zone: Tz) -> impl Iterator<Item = Time> {
        std::iter::successors(self.next_after(now, zone), move |last| self.next_after(*last, zone))
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        Self::parse(text)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// Neither five, six nor seven fields.
    #[error(
        "a schedule has 5 fields (minute hour day month weekday), 6 (seconds first) or 7 (year last), not {0}; or it is @hourly, @daily, @weekly, @monthly, @yearly or @every 90m"
    )]
    Fields(usize),
    /// An `@` word that we do not know.
    #[error(
        "{0:?} is no schedule; there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually and @every 90m"
    )]
    Word(String),
    /// What follows `@every` is no length of time, or a useless one.
    #[error("{0:?} needs a length of time from 1s to 366d, as in @every 90m")]
    Every(String),
    /// A field that cannot be read.
    #[error("{text:?} cannot be the {field}: {why}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What stood there.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// An expression that never runs.
    #[error("it would never run: no month it names has that day")]
    Never,
}

/// What a field of an expression may say.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: &[&str] = &["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const SECOND: Field = Field { name: "second", first: 0, last: 59, names: &[] };
const MINUTE: Field = Field { name: "minute", first: 0, last: 59, names: &[] };
const HOUR: Field = Field { name: "hour", first: 0, last: 23, names: &[] };
const DAY: Field = Field { name: "day of the month", first: 1, last: 31, names: &[] };
const MONTH: Field = Field { name: "month", first: 1, last: 12, names: MONTHS };
/// 7 is Sunday too, and becomes 0 in [`Field::values`].
const WEEKDAY: Field = Field { name: "weekday", first: 0, last: 6, names: WEEKDAYS };
/// The years that the `cron` crate walks.
const YEAR: Field = Field { name: "year", first: 1970, last: 2100, names: &[] };

impl Field {
    /// The numbers that a list such as `1,5-7,*/2` stands for.
    fn values(&self, text: &str) -> Result<BTreeSet<u32>, ScheduleError> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(self.step(text, step)?)),
                None => (part, None),
            };
            let (from, to) = match (range.split_once('-'), step) {
                _ if matches!(range, "*" | "?") => (self.first, self.last),
                (Some((from, to)), _) => (self.value(text, from)?, self.value(text, to)?),
                // `5/10` goes on to the end of the range.
                (None, Some(_)) => (self.value(text, range)?, self.last),
                (None, None) => (self.value(text, range)?, self.value(text, range)?),
            };
            values.extend(self.span(text, from, to)?.into_iter().step_by(step.unwrap_or(1)));
        }
        if self.name == WEEKDAY.name && values.remove(&7) {
            values.insert(0);
        }
        Ok(values)
    }

    /// From one number to another, around the end where the second is smaller (`FRI-MON`, `22-2`).
    fn span(&self, text: &str, from: u32, to: u32) -> Result<Vec<u32>, ScheduleError> {
        if from > to && self.name == YEAR.name {
            return Err(self.error(text, format!("{from} comes after {to}")));
        }
        Ok(match (from, to) {
            _ if from <= to => (from..=to).collect(),
            // From a Sunday that was written as 7.
            _ if from > self.last => (self.first..=to).collect(),
            _ => (from..=self.last).chain(self.first..=to).collect(),
        })
    }

    fn value(&self, text: &str, value: &str) -> Result<u32, ScheduleError> {
        let lower = value.to_ascii_lowercase();
        let named = |name: &&str| lower.len() >= 3 && name.starts_with(&lower);
        if let Some(at) = self.names.iter().position(named) {
            return Ok(self.first + at as u32);
        }
        let last = if self.name == WEEKDAY.name { 7 } else { self.last };
        let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse::<u32>() {
            Ok(number) if digits && (self.first..=last).contains(&number) => Ok(number),
            Ok(_) if digits => Err(self.error(text, format!("{value} is not from {} to {last}", self.first))),
            _ if matches!(lower.as_str(), "l" | "w") || lower.contains('#') || lower.ends_with(['l', 'w']) => {
                Err(self.error(text, "L, W and # are not supported".to_owned()))
            }
            _ => Err(self.error(text, format!("{value:?} is not a number from {} to {last}", self.first))),
        }
    }

    fn step(&self, text: &str, step: &str) -> Result<usize, ScheduleError> {
        let most = (self.last - self.first + 1) as usize;
        match step.parse::<usize>() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(self.error(text, format!("the step {step:?} is not from 1 to {most} (longer ones: @every 90m)"))),
        }
    }

    fn error(&self, text: &str, why: String) -> ScheduleError {
        ScheduleError::Field { field: self.name, text: text.to_owned(), why }
    }
}

fn every(text: &str, length: &str) -> Result<Rule, ScheduleError> {
    let useful = Duration::from_secs(1)..=Duration::from_secs(366 * 86_400);
    let length = duration::parse(length).filter(|length| useful.contains(length) && text.starts_with("@every "));
    let millis = length.and_then(|length| i64::try_from(length.as_millis()).ok());
    millis.map(Rule::Every).ok_or_else(|| ScheduleError::Every(text.to_owned()))
}

fn alias(text: &str) -> Result<&str, ScheduleError> {
    Ok(match text {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        _ if text.starts_with('@') => return Err(ScheduleError::Word(text.to_owned())),
        _ => text,
    })
}

fn civil(text: &str) -> Result<Rule, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let (second, minute, hour, day, month, weekday, year) = match fields[..] {
        [minute, hour, day, month, weekday] => ("0", minute, hour, day, month, weekday, "*"),
        [second, minute, hour, day, month, weekday] => (second, minute, hour, day, month, weekday, "*"),
        [second, minute, hour, day, month, weekday, year] => (second, minute, hour, day, month, weekday, year),
        _ => return Err(ScheduleError::Fields(fields.len())),
    };
    let hours = HOUR.values(hour)?;
    let clock = [list(&SECOND.values(second)?), list(&MINUTE.values(minute)?), list(&hours)].join(" ");
    let days = list(&DAY.values(day)?);
    // The crate counts weekdays from 1 = Sunday.
    let weekdays = list(&WEEKDAY.values(weekday)?.into_iter().map(|day| day + 1).collect());
    let (months, years) = (list(&MONTH.values(month)?), list(&YEAR.values(year)?));
    let open = |field: &str| field.starts_with(['*', '?']);
    let either = !open(day) && !open(weekday);
    let days = if either {
        vec![(days.as_str(), "*"), ("*", weekdays.as_str())]
    } else {
        vec![(days.as_str(), weekdays.as_str())]
    };
    let mut any = Vec::new();
    for (days, weekdays) in days {
        let native = format!("{clock} {days} {months} {weekdays} {years}");
        let one = cron::Schedule::from_str(&native).map_err(|why| ScheduleError::Field {
            field: "whole",
            text: text.to_owned(),
            why: why.to_string(),
        })?;
        any.push(one);
    }
    any.retain(|one| next_civil(one, DateTime::UNIX_EPOCH.naive_utc()).is_some());
    let hourly = hours.len() == 24;
    if any.is_empty() { Err(ScheduleError::Never) } else { Ok(Rule::Civil { any, hourly }) }
}

fn list(values: &BTreeSet<u32>) -> String {
    values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

/// The first civil time after this one: the crate is asked in UTC, which has no clock changes to get wrong.
fn next_civil(schedule: &cron::Schedule, after: NaiveDateTime) -> Option<NaiveDateTime> {
    schedule.after(&after.and_utc()).next().map(|next: DateTime<Utc>| next.naive_utc())
}

fn next_civil_run(schedule: &cron::Schedule, hourly: bool, now: Time, zone: Tz) -> Option<Time> {
    // Before the years that the crate walks there is nothing to run, and the ends of all time have no local time.
    let now = now.max(DateTime::UNIX_EPOCH);
    if now.year().cast_unsigned() > YEAR.last {
        return None;
    }
    let here = zone.from_utc_datetime(&now.naive_utc()).naive_local();
    let mut civil = next_civil(schedule, here)?;
    let mut next = instant(civil, hourly, now, zone);
    while next.is_none() {
        civil = next_civil(schedule, civil)?;
        next = instant(civil, hourly, now, zone);
    }
    if hourly && let Some(again) = second_pass(schedule, here, civil, now, zone) {
        return Some(again);
    }
    next
}

/// When this civil time is, where that is after `now`.
fn instant(civil: NaiveDateTime, hourly: bool, now: Time, zone: Tz) -> Option<Time> {
    let times = match zone.from_local_datetime(&civil) {
        MappedLocalTime::Single(at) => [Some(at), None],
        MappedLocalTime::Ambiguous(first, second) => [Some(first), hourly.then_some(second)],
        MappedLocalTime::None if hourly => [None, None],
        MappedLocalTime::None => [GapInfo::new(&civil, &zone).and_then(|gap| gap.end), None],
    };
    times.into_iter().flatten().map(|at| at.to_utc()).find(|at| *at > now)
}

/// For a schedule that follows the clock, in the first pass of a time that comes twice and past its last run there: the first
/// run of the second pass.
fn second_pass(
    schedule: &cron::Schedule,
    here: NaiveDateTime,
    next: NaiveDateTime,
    now: Time,
    zone: Tz,
) -> Option<Time> {
    let MappedLocalTime::Ambiguous(first, second) = zone.from_local_datetime(&here) else { return None };
    let still_in_it = matches!(zone.from_local_datetime(&next), MappedLocalTime::Ambiguous(..));
    if first.to_utc() != now || still_in_it {
        return None;
    }
    // The pass began at most its own length ago.
    let mut civil = next_civil(schedule, here.checked_sub_signed(second - first)?)?;
    while civil <= here {
        if let MappedLocalTime::Ambiguous(_, again) = zone.from_local_datetime(&civil) {
            return Some(again.to_utc()).filter(|again| *again > now);
        }
        civil = next_civil(schedule, civil)?;
    }
    None
}
