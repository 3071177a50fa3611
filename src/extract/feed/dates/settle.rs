//! What a text says → the instant that it means.

use super::said::{Clock, Half, Number, Said, full_year};
use super::tokens::{Kind, Piece};
use super::zones::Zone;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, Utc};

/// A text of nothing but a number: an epoch, a year, or a date of ISO 8601's short forms.
pub(super) fn bare(pieces: &[Piece<'_>]) -> Option<DateTime<Utc>> {
    let number = |piece: &Piece<'_>| match piece.kind {
        Kind::Number { value, digits } => Some((value, digits)),
        _ => None,
    };
    let dash = |piece: &Piece<'_>| piece.kind == Kind::Mark('-');
    match pieces {
        [one] => whole(number(one)?),
        // An epoch with a fraction.
        [one, dot, fraction] if dot.kind == Kind::Mark('.') && matches!(number(one), Some((_, 9 | 10))) => {
            number(fraction).and_then(|_| whole(number(one)?))
        }
        // An epoch with a zone, which changes nothing: .NET.
        [one, Piece { kind: Kind::Mark('+' | '-'), .. }, zone] if matches!(number(one), Some((_, 13))) => {
            number(zone).and_then(|_| whole(number(one)?))
        }
        [sign, one] if dash(sign) => match number(one)? {
            // -YYMM
            (value, 4) => midnight(full_year(two(value / 100))?, value as u32 % 100, 1),
            _ => None,
        },
        // -YY-MM
        [sign, year, middle, month] if dash(sign) && dash(middle) => match (number(year)?, number(month)?) {
            ((year, 2), (month, 2)) => midnight(full_year(two(year))?, month as u32, 1),
            _ => None,
        },
        _ => None,
    }
}

fn two(value: u64) -> Number {
    Number { value: value as u32, digits: 2 }
}

fn whole((value, digits): (u64, u8)) -> Option<DateTime<Utc>> {
    let small = value as u32;
    let since = |seconds: u64, nanos: u64| DateTime::from_timestamp(seconds.cast_signed(), nanos as u32);
    match digits {
        4 => midnight(small, 1, 1),
        // YYDDD
        5 => Some(utc(NaiveDate::from_yo_opt(full_year(two(value / 1000))?.cast_signed(), small % 1000)?)),
        6 => midnight(full_year(two(value / 10_000))?, small / 100 % 100, small % 100),
        7 => Some(utc(NaiveDate::from_yo_opt((small / 1000).cast_signed(), small % 1000)?)),
        9 | 10 => since(value, 0),
        13 => since(value / 1000, value % 1000 * 1_000_000),
        16 => since(value / 1_000_000, value % 1_000_000 * 1000),
        19 => since(value / 1_000_000_000, value % 1_000_000_000),
        _ => None,
    }
}

fn midnight(year: u32, month: u32, day: u32) -> Option<DateTime<Utc>> {
    ymd(year, month, day).map(utc)
}

fn utc(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

/// The instant, where what is said is a date.
pub(super) fn settle(said: &Said) -> Option<DateTime<Utc>> {
    let date = date(said)?;
    let (clock, zone) = match clock(said).ok()? {
        // A day is the same day everywhere, unless it names its zone.
        None => (Clock { hour: 0, minute: 0, second: 0, nanos: 0 }, said.zone.unwrap_or(Zone::East(0))),
        Some(clock) => (clock, said.zone.unwrap_or(Zone::East(said.home.unwrap_or(0) * 60))),
    };
    let Clock { hour, minute, second, nanos } = in_24_hours(clock, said.half);
    let is_day = hour < 24 && minute < 60 && second <= 60;
    let is_end = (hour, minute, second, nanos) == (24, 0, 0, 0);
    if !is_day && !is_end {
        return None;
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    let after = TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(i64::from(nanos));
    zone.instant(date.and_time(NaiveTime::MIN).checked_add_signed(after)?)
}

fn in_24_hours(clock: Clock, half: Option<Half>) -> Clock {
    let hour = match (half, clock.hour) {
        (Some(Half::Morning), 12) => 0,
        (Some(Half::Afternoon), hour @ 1..=11)
        | (Some(Half::Night), hour @ 5..=11)
        | (Some(Half::Noon), hour @ 1..=2) => hour + 12,
        // Midnight or later: the night of which day? No hour, and so no date.
        (Some(Half::Night), 1..=4 | 12) => u32::MAX,
        (_, hour) => hour,
    };
    Clock { hour, ..clock }
}

/// A time of day that is said twice, or in part.
struct Confused;

/// The time of day, if any.
fn clock(said: &Said) -> Result<Option<Clock>, Confused> {
    let [_, _, _, hour, minute, second] = said.units;
    match (said.clock, hour) {
        (Some(_), Some(_)) => Err(Confused),
        (None, None) if minute.is_some() || second.is_some() => Err(Confused),
        (clock, None) => Ok(clock),
        (None, Some(hour)) => {
            let value = |number: Option<Number>| number.map_or(0, |number| number.value);
            Ok(Some(Clock { hour: hour.value, minute: value(minute), second: value(second), nanos: 0 }))
        }
    }
}

fn date(said: &Said) -> Option<NaiveDate> {
    let numbers = &said.numbers[..said.count];
    if let Some((week, day)) = said.week {
        let day = chrono::Weekday::try_from(u8::try_from(day.checked_sub(1)?).ok()?).ok()?;
        return NaiveDate::from_isoywd_opt(numbers.first()?.value.cast_signed(), week, day);
    }
    let [year, month, day, ..] = said.units;
    let month = month.map(|month| month.value).or(said.month).or(said.either);
    match (year, month, day, numbers) {
        (Some(year), Some(month), day, []) => {
            let year = if said.era > 0 { said.era + year.value } else { full_year(year)? };
            ymd(year, month, day.map_or(1, |day| day.value))
        }
        // `2024年 28 五月`, `28 5月 2024`
        (Some(year), Some(month), None, [day]) => ymd(full_year(year)?, month, day.value),
        (None, Some(month), None, [year]) if year.digits == 4 => ymd(year.value, month, 1),
        (None, Some(month), None, [first, second]) => {
            let is_year = |number: &Number| number.digits >= 3 || number.value > 31;
            let (year, day) = if is_year(first) { (first, second) } else { (second, first) };
            (day.digits <= 2).then_some(())?;
            ymd(full_year(*year)?, month, day.value)
        }
        (None, Some(month), Some(day), [year]) if year.digits == 4 => ymd(year.value, month, day.value),
        (None, None, None, [first, second]) => pair(*first, *second),
        (None, None, None, [first, second, third]) => triple([*first, *second, *third], said),
        (None, None, None, [year]) if year.digits == 4 && said.clock.is_none() => ymd(year.value, 1, 1),
        _ => None,
    }
}

/// `2024-05`, `2024-149`, `05/2024`.
fn pair(first: Number, second: Number) -> Option<NaiveDate> {
    match (first.digits, second.digits) {
        (4, 3) => NaiveDate::from_yo_opt(first.value.cast_signed(), second.value),
        (2, 3) => NaiveDate::from_yo_opt(full_year(first)?.cast_signed(), second.value),
        (4, 1 | 2) => ymd(first.value, second.value, 1),
        (1 | 2, 4) => ymd(second.value, first.value, 1),
        _ => None,
    }
}

fn triple([first, second, third]: [Number; 3], said: &Said) -> Option<NaiveDate> {
    let of = |year: Number, month: Number, day: Number| {
        // Some write a month of three digits.
        (month.digits <= 3 && day.digits <= 2).then_some(())?;
        ymd(full_year(year)?, month.value, day.value)
    };
    if first.digits >= 3 {
        return (first.digits == 4).then(|| of(first, second, third))?;
    }
    let (day_first, month_first) = (of(third, second, first), of(third, first, second));
    let is_weekday = |date: &NaiveDate| said.weekday == Some(date.weekday().num_days_from_monday());
    match said.between {
        Some('/') => match (month_first, day_first) {
            (Some(_), Some(day_first)) if said.weekday.is_some() && is_weekday(&day_first) => Some(day_first),
            (month_first, day_first) => month_first.or(day_first).or_else(|| of(first, second, third)),
        },
        _ if third.digits >= 3 => day_first.or(month_first),
        Some('-') => of(first, second, third).or(day_first),
        _ => day_first.or_else(|| of(first, second, third)),
    }
}

/// A date of the years 1 to 9999.
fn ymd(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    (1..=9999).contains(&year).then(|| NaiveDate::from_ymd_opt(year.cast_signed(), month, day))?
}
