//! Google Base's attributes of goods, jobs and houses.

use super::check::Tell;
use super::code::Code;
use super::{address, dates, number};

fn or(fits: bool, text: &str, tell: &mut Tell<'_>) {
    if !fits {
        tell(Code::BadValue, text);
    }
}

/// A number without the commas that group its thousands; `None` where a comma does something else.
fn ungrouped(text: &str) -> Option<String> {
    let mut groups = text.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let fits = rest.iter().all(|group| group.split('.').next().is_some_and(|digits| digits.len() == 3));
    (fits && (rest.is_empty() || first.len() <= 3)).then(|| text.replace(',', ""))
}

fn is_number(text: &str) -> bool {
    ungrouped(text).is_some_and(|text| number::is_float(&text))
}

fn is_integer(text: &str) -> bool {
    ungrouped(text).is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The number, then at most one word.
fn has_unit(text: &str, fits: fn(&str) -> bool) -> bool {
    let text = text.trim();
    let end =
        text.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ',' | '-')).unwrap_or(text.len());
    let (value, unit) = text.split_at(end);
    fits(value) && unit.split_whitespace().count() <= 1 && unit.trim().chars().all(char::is_alphabetic)
}

pub(super) fn integer(text: &str, tell: &mut Tell<'_>) {
    or(is_integer(text.trim()), text, tell);
}

pub(super) fn integer_unit(text: &str, tell: &mut Tell<'_>) {
    or(has_unit(text, is_integer), text, tell);
}

pub(super) fn number(text: &str, tell: &mut Tell<'_>) {
    or(is_number(text.trim()), text, tell);
}

pub(super) fn number_unit(text: &str, tell: &mut Tell<'_>) {
    or(has_unit(text, is_number), text, tell);
}

pub(super) fn count(text: &str, tell: &mut Tell<'_>) {
    or(is_integer(text.trim()), text, tell);
}

pub(super) fn year(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    or(text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()), text, tell);
}

pub(super) fn date(text: &str, tell: &mut Tell<'_>) {
    address::date_range(text, tell);
}

pub(super) fn date_time(text: &str, tell: &mut Tell<'_>) {
    or(dates::is_date_time(text.trim()), text, tell);
}

pub(super) fn currency(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    or(text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()), text, tell);
}

pub(super) fn country(text: &str, tell: &mut Tell<'_>) {
    let text = text.trim();
    or((2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic()), text, tell);
}

fn word(text: &str, words: &[&str], tell: &mut Tell<'_>) {
    or(words.iter().any(|word| word.eq_ignore_ascii_case(text.trim())), text, tell);
}

pub(super) fn gender(text: &str, tell: &mut Tell<'_>) {
    word(text, &["male", "female", "m", "f"], tell);
}

pub(super) fn marital(text: &str, tell: &mut Tell<'_>) {
    word(text, &["single", "divorced", "separated", "widowed", "married", "in relationship"], tell);
}

pub(super) fn payment(text: &str, tell: &mut Tell<'_>) {
    word(
        text,
        &[
            "cash",
            "check",
            "visa",
            "mastercard",
            "americanexpress",
            "discover",
            "wiretransfer",
            "traveler's check",
            "cashier's check",
            "paypal",
        ],
        tell,
    );
}

pub(super) fn price_type(text: &str, tell: &mut Tell<'_>) {
    word(text, &["negotiable", "starting", "fixed"], tell);
}

pub(super) fn salary_type(text: &str, tell: &mut Tell<'_>) {
    word(text, &["starting", "negotiable", "fixed"], tell);
}

pub(super) fn reviewer(text: &str, tell: &mut Tell<'_>) {
    word(text, &["editorial", "user"], tell);
}

pub(super) fn true_false(text: &str, tell: &mut Tell<'_>) {
    word(text, &["true", "false"], tell);
}

pub(super) fn rating(text: &str, tell: &mut Tell<'_>) {
    or(text.trim().parse::<u32>().is_ok_and(|rating| (1..=5).contains(&rating)), text, tell);
}

pub(super) fn percent(text: &str, tell: &mut Tell<'_>) {
    or(is_number(text.trim().trim_end_matches('%')), text, tell);
}

/// A place: a city and at least one thing more, none of them empty.
pub(super) fn location(text: &str, tell: &mut Tell<'_>) {
    let parts: Vec<&str> = text.split(',').collect();
    or((2..=5).contains(&parts.len()) && parts.iter().all(|part| !part.trim().is_empty()), text, tell);
}

/// A whole postal address: street, city, state, code and country.
pub(super) fn full_location(text: &str, tell: &mut Tell<'_>) {
    let parts: Vec<&str> = text.split(',').collect();
    or((5..=6).contains(&parts.len()) && parts.iter().all(|part| !part.trim().is_empty()), text, tell);
}

pub(super) fn label(text: &str, tell: &mut Tell<'_>) {
    or(!text.contains(','), text, tell);
}

pub(super) fn image(text: &str, tell: &mut Tell<'_>) {
    or(text.split(',').all(|part| address::is_http(part.trim())), text, tell);
}
