//! Dates as they are printed.

use super::dates::instant;
use chrono::{Datelike as _, Timelike as _};

/// A date as ISO 8601 in UTC.
pub(super) fn iso(text: &str) -> Option<String> {
    let at = instant(text.trim())?;
    let year = u32::try_from(at.year()).ok().filter(|year| *year <= 9999)?;
    let mut out = String::with_capacity(20);
    let mut put = |number: u32, digits: u32, behind: char| {
        for place in (0..digits).rev() {
            out.push(char::from(b'0' + (number / 10_u32.pow(place) % 10) as u8));
        }
        out.push(behind);
    };
    put(year, 4, '-');
    put(at.month(), 2, '-');
    put(at.day(), 2, 'T');
    put(at.hour(), 2, ':');
    put(at.minute(), 2, ':');
    put(at.second(), 2, 'Z');
    Some(out)
}
