//! Dates as the formats want them: RFC 822 with RFC 2822's years, RFC 3339, and W3C's profile of ISO 8601.

use super::check::Tell;
use super::code::Code;
use chrono::{Datelike as _, NaiveDate, Weekday};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];
/// The zones of RFC 822 by name; its one-letter zones but Z were given the wrong sign there, and mean nothing.
const ZONES: [&str; 11] = ["ut", "gmt", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "z"];

/// Before this year there were no feeds (the World Wide Web was proposed in 1989).
const EARLIEST: i32 = 1990;

/// A date of RSS: `Thu, 11 Jul 2024 10:00:00 +0800`.
pub(super) fn mail_date(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    match mail(text) {
        Some((date, true)) => unlikely(date, text, tell),
        Some((_, false)) => tell(Code::OddMailDate, text),
        None if text.contains('(') || (text.contains(',') && !text.contains(", ") && text.len() > 20) => {
            tell(Code::OddMailDate, text);
        }
        None => tell(Code::BadMailDate, text),
    }
}

/// The date, and whether every reader understands it.
fn mail(text: &str) -> Option<(NaiveDate, bool)> {
    let (weekday, rest) = match text.split_once(',').map(|(day, rest)| (day.trim(), rest)) {
        Some((_, rest)) if !rest.starts_with(char::is_whitespace) => return None,
        Some((day, rest)) => {
            (Some(DAYS.iter().find(|(name, _)| day.len() == 3 && day.eq_ignore_ascii_case(name))?.1), rest)
        }
        None => (None, text),
    };
    let mut words = rest.split_whitespace();
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let (time, zone) = (words.next()?, words.next()?);
    if words.next().is_some() || day.len() > 2 || !(2..=4).contains(&year.len()) {
        return None;
    }
    let month = MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name))? as u32 + 1;
    let short_year = year.len() < 4;
    let year = digits(year)?.cast_signed();
    let year = if short_year { year + if year < 50 { 2000 } else { 1900 } } else { year };
    let date = NaiveDate::from_ymd_opt(year, month, digits(day)?)?;
    clock(time, false)?;
    let named = ZONES.iter().any(|name| zone.eq_ignore_ascii_case(name));
    let letter = zone.len() == 1 && zone.bytes().all(|byte| byte.is_ascii_alphabetic());
    let offset = zone.strip_prefix(['+', '-']).filter(|digits| digits.len() == 4).and_then(digits_of_offset);
    if !named && !letter && offset.is_none() || weekday.is_some_and(|weekday| date.weekday() != weekday) {
        return None;
    }
    // Zones of quarter and half hours exist; others are a slip.
    let odd = offset.is_some_and(|(_, minutes)| minutes % 15 != 0);
    Some((date, !short_year && !odd && (named || !letter)))
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn digits_of_offset(text: &str) -> Option<(u32, u32)> {
    let (hours, minutes) = (digits(text.get(..2)?)?, digits(text.get(2..)?)?);
    (hours < 24 && minutes < 60).then_some((hours, minutes))
}

/// `10:00`, `10:00:00`, with a fraction where it may have one.
fn clock(text: &str, fraction: bool) -> Option<usize> {
    let (text, rest) = match text.split_once('.') {
        Some((text, rest)) if fraction => (text, Some(rest)),
        Some(_) => return None,
        None => (text, None),
    };
    let parts: Vec<&str> = text.split(':').collect();
    let whole = (2..=3).contains(&parts.len()) && parts.iter().all(|part| part.len() == 2);
    let limits = [23, 59, 60];
    let fits = whole && parts.iter().zip(limits).all(|(part, limit)| digits(part).is_some_and(|value| value <= limit));
    let rest =
        rest.is_none_or(|rest| parts.len() == 3 && !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    (fits && rest).then_some(parts.len())
}

fn unlikely(date: NaiveDate, text: &str, tell: &mut Tell<'_>) {
    // There is no clock here: a year that no living feed can have is all that is looked for.
    if date.year() < EARLIEST || date.year() > LATEST {
        tell(Code::UnlikelyDate, text);
    }
}

/// A feed of a later year than this has its clock wrong (judgement: pure code knows no today).
const LATEST: i32 = 2050;

/// An instant of RFC 3339, as Atom wants it.
pub(super) fn instant(text: &str, tell: &mut Tell<'_>) {
    let trimmed = text.trim();
    if trimmed != text && !trimmed.is_empty() {
        tell(Code::Padded, text);
    }
    match iso(trimmed) {
        Some((date, Some(3), Zone::Given)) => unlikely(date, trimmed, tell),
        _ => tell(Code::BadInstant, trimmed),
    }
}

/// A date and time of ISO 8601.
pub(super) fn date_time(text: &str, tell: &mut Tell<'_>) {
    if !is_date_time(text.trim()) {
        tell(Code::BadDateTime, text);
    }
}

/// The same in an attribute.
pub(super) fn instant_attribute(text: &str, tell: &mut Tell<'_>) {
    instant(text, tell);
}

/// A date of W3C's profile: anything from a year to a fraction of a second; a time has a zone.
pub(super) fn w3c_date(text: &str, tell: &mut Tell<'_>) {
    match iso(text.trim()) {
        Some((_, None, _) | (_, _, Zone::Given)) => {}
        _ => tell(Code::BadIsoDate, text),
    }
}

/// The same, where the zone may be left out.
pub(super) fn w3c_date_loose(text: &str, tell: &mut Tell<'_>) {
    if iso(text.trim()).is_none() {
        tell(Code::BadIsoDate, text);
    }
}

/// A date of W3C's profile.
pub(super) fn is_date(text: &str) -> bool {
    matches!(iso(text), Some((_, None, _)) if text.len() == 10)
}

/// A date and time, the zone left out or not.
pub(super) fn is_date_time(text: &str) -> bool {
    matches!(iso(text), Some((_, Some(_), _)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Zone {
    Given,
    Missing,
}

/// The date, how many parts the time has, and whether it names its zone.
fn iso(text: &str) -> Option<(NaiveDate, Option<usize>, Zone)> {
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let parts: Vec<&str> = date.split('-').collect();
    let lengths = [4, 2, 2];
    if parts.len() > 3 || parts.iter().zip(lengths).any(|(part, length)| part.len() != length) {
        return None;
    }
    let part = |at: usize| parts.get(at).map_or(Some(1), |part| digits(part));
    let date = NaiveDate::from_ymd_opt(part(0)?.cast_signed(), part(1)?, part(2)?)?;
    let Some(time) = time else { return Some((date, None, Zone::Missing)) };
    if parts.len() != 3 {
        return None;
    }
    let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(at);
    let parts = clock(time, true)?;
    let zone = match zone {
        "" => Zone::Missing,
        "Z" => Zone::Given,
        offset => {
            let (hours, minutes) = offset[1..].split_once(':')?;
            let whole = hours.len() == 2 && minutes.len() == 2 && digits(hours)? < 24 && digits(minutes)? < 60;
            whole.then_some(Zone::Given)?
        }
    };
    Some((date, Some(parts), zone))
}
