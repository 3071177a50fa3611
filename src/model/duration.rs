//! Lengths of time as people write them: `500ms`, `6s`, `15m`, `1h30m`, `7d`, `2w`.

use std::fmt::Write as _;
use std::time::Duration;

/// The longest length that is taken, a hundred years: more is a slip, and sums of it would overflow calendars.
const LONGEST: Duration = Duration::from_secs(36_525 * 86_400);

/// Units by their length in milliseconds, longest first. A year and a month have no fixed length, so they are none.
const UNITS: &[(&str, u64)] =
    &[("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Reads a length of time: whole numbers, each with its unit. `None` for anything else, and for more than a hundred years.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit())?);
        let (unit, after) = after.split_at(after.find(|letter: char| !letter.is_alphabetic()).unwrap_or(after.len()));
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*length)?)?;
        rest = after.trim_start();
    }
    let total = Duration::from_millis(total);
    (!text.trim().is_empty() && total <= LONGEST).then_some(total)
}

/// Writes a length of time so that [`parse`] reads it back, to the millisecond: `1h30m`, `0s`.
pub fn written(length: Duration) -> String {
    let mut rest = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    // Weeks are read but not written: `7d` is how most people think of it.
    for (unit, millis) in UNITS.iter().filter(|(unit, _)| *unit != "w") {
        if rest >= *millis {
            // Writing to a `String` does not fail.
            let _ = write!(text, "{}{unit}", rest / millis);
            rest %= millis;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written() {
        for (text, millis, again) in [
            ("6s", 6000, "6s"),
            ("90m", 5_400_000, "1h30m"),
            ("1h30m", 5_400_000, "1h30m"),
            ("2w", 1_209_600_000, "14d"),
            ("500ms", 500, "500ms"),
            ("0s", 0, "0s"),
            (" 1d 12h ", 129_600_000, "1d12h"),
        ] {
            let length = parse(text).unwrap();
            assert_eq!(length, Duration::from_millis(millis), "{text}");
            assert_eq!(written(length), again);
            assert_eq!(parse(&written(length)), Some(length));
        }
        for text in
            ["", " ", "6", "s", "6 s", "-1s", "1.5h", "1y", "6S", "99999999999999999999s", "40000d", "6秒", "1h30"]
        {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
