//! The dates of feeds, as anybody writes them → an instant.
//!
//! By rule, not by a list of layouts: [`quick`] reads the two forms that standards ask for; everything else becomes [`tokens`], each of
//! which [`reading`] gives one meaning (a part of the date, of the time of day, a zone, a word that says nothing), and
//! [`settle`] makes an instant of them. A token without a meaning, or a second one with the same, makes the whole no date:
//! better none than a wrong one. Total: any text has an answer, and nothing is allocated on the way.
//!
//! Where nothing says otherwise: a time without a zone is UTC, but Korea's, Japan's or China's where words of theirs stand beside it; a
//! date without a time is its midnight, UTC; `3/4/2024` is America's and `3.4.2024` and `3-4-2024` are Europe's, unless a number or
//! the weekday says that it cannot be; years of two digits are 1950 to 2049 (RFC 5322, section 4.3).

mod names;
mod quick;
mod reading;
mod said;
mod settle;
#[cfg(test)]
mod tests;
mod tokens;
mod zones;

use chrono::{DateTime, Utc};

/// The longest text that may be a date, in bytes (judgement: the longest in use, Java's with a zone in brackets, has about 60).
const LONGEST: usize = 160;

/// The instant that a text means; `None` where it is no date. A time of day of 24:00 is the next midnight, a leap second the second
/// after it. Fractions are kept to the nanosecond.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    quick::rfc3339(text.as_bytes()).or_else(|| quick::rfc2822(text.as_bytes())).or_else(|| by_rule(text))
}

fn by_rule(text: &str) -> Option<DateTime<Utc>> {
    // .NET's JSON wraps an epoch up.
    let text = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")).unwrap_or(text);
    let tokens = tokens::Tokens::of(text)?;
    settle::bare(tokens.pieces()).or_else(|| settle::settle(&reading::read(&tokens)?))
}
