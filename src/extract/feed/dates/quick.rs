//! The two forms that the standards ask for, read byte by byte: nearly every date of nearly every feed. What deviates is left to
//! the rules.

use super::zones;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// RFC 3339, as Atom has it: `2024-05-28T10:30:00+08:00`.
pub(super) fn rfc3339(text: &[u8]) -> Option<DateTime<Utc>> {
    if text.len() < 20
        || text[4] != b'-'
        || text[7] != b'-'
        || !matches!(text[10], b'T' | b't' | b' ')
        || text[13] != b':'
        || text[16] != b':'
    {
        return None;
    }
    let year = number(&text[..2])? * 100 + number(&text[2..4])?;
    let date = NaiveDate::from_ymd_opt(year.cast_signed(), number(&text[5..7])?, number(&text[8..10])?)?;
    let clock = [number(&text[11..13])?, number(&text[14..16])?, number(&text[17..19])?];
    let mut rest = &text[19..];
    let mut nanos = 0;
    if rest[0] == b'.' {
        let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits > 9 {
            return None;
        }
        let value = rest[1..=digits].iter().fold(0, |sum: u32, byte| sum * 10 + u32::from(byte - b'0'));
        nanos = value * 10_u32.pow(9 - digits as u32);
        rest = &rest[1 + digits..];
    }
    let east = match rest {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), hours @ .., b':', _, _] if hours.len() == 2 => {
            signed(*sign, number(hours)?, number(&rest[4..6])?)?
        }
        _ => return None,
    };
    at(date, clock, nanos, east)
}

/// RFC 5322, as RSS has it: `Tue, 28 May 2024 10:30:00 +0800`, its weekday and seconds left out where somebody did.
pub(super) fn rfc2822(text: &[u8]) -> Option<DateTime<Utc>> {
    let mut rest = text;
    if let [_, _, _, b',', b' ', after @ ..] = text {
        rest = after;
    }
    let day = leading(&mut rest, 2)?;
    space(&mut rest)?;
    let month = month(rest.get(..3)?)?;
    rest = &rest[3..];
    space(&mut rest)?;
    let (high, low) = (number(rest.get(..2)?)?, number(rest.get(2..4)?)?);
    rest = &rest[4..];
    space(&mut rest)?;
    let date = NaiveDate::from_ymd_opt((high * 100 + low).cast_signed(), month, day)?;
    let mut clock = [leading(&mut rest, 2)?, 0, 0];
    let mut parts = 1;
    while parts < 3 && rest.first() == Some(&b':') {
        clock[parts] = number(rest.get(1..3)?)?;
        rest = &rest[3..];
        parts += 1;
    }
    if parts < 2 {
        return None;
    }
    space(&mut rest)?;
    let east = match rest {
        b"GMT" | b"UTC" | b"UT" | b"Z" => 0,
        [sign @ (b'+' | b'-'), zone @ ..] if zone.len() == 4 => {
            signed(*sign, number(&zone[..2])?, number(&zone[2..])?)?
        }
        _ => zones::fixed(
            std::str::from_utf8(rest).ok().filter(|zone| zone.bytes().all(|byte| byte.is_ascii_uppercase()))?,
        )?,
    };
    at(date, clock, 0, east)
}

fn at(date: NaiveDate, [hour, minute, second]: [u32; 3], nanos: u32, east: i32) -> Option<DateTime<Utc>> {
    let local = date.and_hms_nano_opt(hour, minute, second, nanos)?;
    Some(local.checked_sub_signed(TimeDelta::seconds(i64::from(east)))?.and_utc())
}

/// Two digits.
fn number(two: &[u8]) -> Option<u32> {
    match two {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0')),
        _ => None,
    }
}

/// One digit or more.
fn leading(rest: &mut &[u8], most: usize) -> Option<u32> {
    let digits = rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let value = rest[..digits].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    *rest = &rest[digits..];
    (digits > 0).then_some(value)
}

fn space(rest: &mut &[u8]) -> Option<()> {
    *rest = rest.strip_prefix(b" ")?;
    Some(())
}

fn signed(sign: u8, hours: u32, minutes: u32) -> Option<i32> {
    let seconds = (hours < 24 && minutes < 60).then_some((hours * 3600 + minutes * 60).cast_signed())?;
    Some(if sign == b'-' { -seconds } else { seconds })
}

fn month(three: &[u8]) -> Option<u32> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    MONTHS.iter().position(|month| *month == three).map(|at| at as u32 + 1)
}
