//! Numbers and fixed words.

use super::check::Tell;
use super::code::Code;

/// The largest whole number that readers can be trusted to hold (32 bits, signed).
const LARGEST: f64 = 2_147_483_647.0;

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_integer(text: &str) -> bool {
    is_digits(text.strip_prefix(['-', '+']).unwrap_or(text))
}

fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    let fits = bare.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    fits.then(|| text.parse::<f64>().ok()).flatten().filter(|number| number.is_finite())
}

pub(super) fn is_float(text: &str) -> bool {
    float(text).is_some()
}

fn or(fits: bool, code: Code, text: &str, tell: &mut Tell<'_>) {
    if !fits {
        tell(code, text);
    }
}

fn blank(text: &str, tell: &mut Tell<'_>) {
    if text.trim().is_empty() {
        tell(Code::Blank, text);
    }
}

pub(super) fn integer(text: &str, tell: &mut Tell<'_>) {
    or(is_integer(text.trim()), Code::BadInteger, text, tell);
}

pub(super) fn positive(text: &str, tell: &mut Tell<'_>) {
    blank(text, tell);
    let text = text.trim();
    or(is_digits(text) && text.bytes().any(|byte| byte != b'0'), Code::BadPositive, text, tell);
}

pub(super) fn count(text: &str, tell: &mut Tell<'_>) {
    or(is_digits(text.trim()), Code::BadCount, text, tell);
}

/// A positive number that has to fit 32 bits.
pub(super) fn sequence(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    let positive = is_digits(text) && text.bytes().any(|byte| byte != b'0');
    or(positive, Code::BadPositive, text, tell);
    if positive && text.parse::<f64>().is_ok_and(|number| number > LARGEST) {
        tell(Code::TooLarge, text);
    }
}

/// The length of an enclosure, the port of a cloud.
pub(super) fn integer_attribute(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    if text.starts_with('-') {
        tell(Code::BadCount, text);
    }
    or(is_digits(text), Code::BadIntegerAttribute, text, tell);
}

/// A port: no zero either.
pub(super) fn port(text: &str, tell: &mut Tell<'_>) {
    integer_attribute(text, tell);
    if text.trim() == "0" {
        tell(Code::BadIntegerAttribute, text);
    }
}

pub(super) fn integers(text: &str, tell: &mut Tell<'_>) {
    let fits = text.split(',').all(|part| is_integer(part.trim()));
    or(fits, Code::BadList, text, tell);
}

pub(super) fn number(text: &str, tell: &mut Tell<'_>) {
    or(is_float(text), Code::BadFloat, text, tell);
}

fn within(text: &str, low: f64, high: f64) -> bool {
    float(text).is_some_and(|number| (low..=high).contains(&number))
}

pub(super) fn latitude(text: &str, tell: &mut Tell<'_>) {
    or(within(text, -90.0, 90.0), Code::BadLatitude, text, tell);
}

pub(super) fn longitude(text: &str, tell: &mut Tell<'_>) {
    or(within(text, -180.0, 180.0), Code::BadLongitude, text, tell);
}

pub(super) fn tilt(text: &str, tell: &mut Tell<'_>) {
    or(within(text, 0.0, 90.0), Code::BadLatitude, text, tell);
}

/// Where a picture points to.
pub(super) fn heading(text: &str, tell: &mut Tell<'_>) {
    blank(text, tell);
    or(within(text, 0.0, 360.0), Code::BadLongitude, text, tell);
}

/// Where one looks to.
pub(super) fn angle(text: &str, tell: &mut Tell<'_>) {
    or(within(text, -360.0, 360.0), Code::BadAngle, text, tell);
}

/// GeoRSS: numbers with spaces between.
pub(super) fn coordinates(text: &str, tell: &mut Tell<'_>) {
    let parts: Vec<&str> =
        text.split(|letter: char| letter.is_whitespace() || letter == ',').filter(|part| !part.is_empty()).collect();
    if text.contains(',') {
        tell(Code::CommaInCoordinates, text);
    }
    or(
        !parts.is_empty() && parts.len().is_multiple_of(2) && parts.iter().all(|part| is_float(part)),
        Code::BadCoordinates,
        text,
        tell,
    );
}

/// KML: `lon,lat` or `lon,lat,alt`, with spaces between.
pub(super) fn kml_coordinates(text: &str, tell: &mut Tell<'_>) {
    let fits = |tuple: &str| {
        let parts: Vec<&str> = tuple.split(',').collect();
        (2..=3).contains(&parts.len()) && parts.iter().all(|part| is_float(part))
    };
    for parts in text.split_whitespace().filter(|tuple| fits(tuple)).map(|tuple| tuple.split(',').collect::<Vec<_>>()) {
        or(within(parts[0], -180.0, 180.0), Code::BadKmlLongitude, parts[0], tell);
        or(within(parts[1], -90.0, 90.0), Code::BadKmlLatitude, parts[1], tell);
    }
    or(text.split_whitespace().all(fits) && !text.trim().is_empty(), Code::BadKmlCoordinates, text, tell);
}

pub(super) fn width(text: &str, tell: &mut Tell<'_>) {
    let fits = text.trim().parse::<u32>().is_ok_and(|width| (1..=144).contains(&width));
    or(fits, Code::BadWidth, text, tell);
}

pub(super) fn height(text: &str, tell: &mut Tell<'_>) {
    let fits = text.trim().parse::<u32>().is_ok_and(|height| (1..=400).contains(&height));
    or(fits, Code::BadHeight, text, tell);
}

pub(super) fn hour(text: &str, tell: &mut Tell<'_>) {
    match text.trim().parse::<u32>() {
        Ok(0..=23) => {}
        Ok(24) => tell(Code::HourOfMidnight, text),
        _ => tell(Code::BadHour, text),
    }
}

pub(super) fn day(text: &str, tell: &mut Tell<'_>) {
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    or(days.contains(&text.trim()), Code::BadDay, text, tell);
}

/// Seconds, `MM:SS` or `HH:MM:SS`.
pub(super) fn duration(text: &str, tell: &mut Tell<'_>) {
    let parts: Vec<&str> = text.trim().split(':').collect();
    let small = parts.iter().skip(1).all(|part| part.len() == 2 && part.parse::<u32>().is_ok_and(|value| value < 60));
    or(parts.len() <= 3 && parts.iter().all(|part| is_digits(part)) && small, Code::BadDuration, text, tell);
}

/// Normal play time of RFC 2326: `now`, seconds, or hours, minutes and seconds, each with a fraction.
pub(super) fn play_time(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let parts: Vec<&str> = whole.split(':').collect();
    let small = parts.iter().skip(1).all(|part| part.len() == 2 && part.parse::<u32>().is_ok_and(|value| value < 60));
    let fits = matches!(parts.len(), 1 | 3) && parts.iter().all(|part| is_digits(part)) && small;
    or(text == "now" || fits && fraction.is_none_or(is_digits), Code::BadTime, text, tell);
}

pub(super) fn zero_one(text: &str, tell: &mut Tell<'_>) {
    or(matches!(text.trim(), "0" | "1"), Code::BadZeroOne, text, tell);
}

pub(super) fn boolean(text: &str, tell: &mut Tell<'_>) {
    or(matches!(text, "true" | "false"), Code::BadBoolean, text, tell);
}

pub(super) fn true_false(text: &str, tell: &mut Tell<'_>) {
    or(matches!(text, "true" | "false"), Code::BadTrueFalse, text, tell);
}

pub(super) fn yes_no(text: &str, tell: &mut Tell<'_>) {
    or(matches!(text.trim(), "yes" | "no"), Code::BadYesNo, text, tell);
}

pub(super) fn yes_clean(text: &str, tell: &mut Tell<'_>) {
    or(["yes", "no", "clean"].iter().any(|word| text.trim().eq_ignore_ascii_case(word)), Code::BadYesClean, text, tell);
}

/// Apple's `true` and `false`, and the `yes`, `no`, `clean` of before.
pub(super) fn explicit(text: &str, tell: &mut Tell<'_>) {
    let known = ["yes", "no", "clean", "true", "false", "explicit"].iter().any(|word| text.eq_ignore_ascii_case(word));
    or(known, Code::BadTrueFalse, text, tell);
}

pub(super) fn colour(text: &str, tell: &mut Tell<'_>) {
    let fits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    or(fits, Code::BadColour, text, tell);
}

pub(super) fn update_period(text: &str, tell: &mut Tell<'_>) {
    or(matches!(text.trim(), "hourly" | "daily" | "weekly" | "monthly" | "yearly"), Code::BadUpdatePeriod, text, tell);
}

pub(super) fn altitude_mode(text: &str, tell: &mut Tell<'_>) {
    or(matches!(text.trim(), "clampToGround" | "relativeToGround" | "absolute"), Code::BadValue, text, tell);
}
