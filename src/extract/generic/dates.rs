//! The ways in which pages write when they were published.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, TimeZone as _, Utc};

/// Reads a machine's or a person's date. Where it names no zone, `zone` is meant.
pub(super) fn read(text: &str, zone: FixedOffset) -> Option<DateTime<FixedOffset>> {
    let text = text.trim();
    if text.len() > 64 || !text.is_ascii() {
        return written(text, zone);
    }
    let at = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %z"));
    at.ok().filter(|at| is_plausible(at.naive_utc())).or_else(|| western(text, zone)).or_else(|| written(text, zone))
}

/// The zone that a page without one most likely means: China's for Chinese pages, else UTC.
pub(super) fn zone(language: Option<&str>) -> FixedOffset {
    let chinese = language.is_some_and(|language| language.to_ascii_lowercase().starts_with("zh"));
    FixedOffset::east_opt(8 * 3600).filter(|_| chinese).unwrap_or_else(|| Utc.fix())
}

/// `July 11, 2024`, `11 Jul 2024`.
fn western(text: &str, zone: FixedOffset) -> Option<DateTime<FixedOffset>> {
    let plain = text.replace(',', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let formats =
        ["%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%a %B %d %Y", "%a %b %d %Y", "%A %B %d %Y", "%m/%d/%Y"];
    let date = formats.iter().find_map(|format| NaiveDate::parse_from_str(&plain, format).ok())?;
    at(date, NaiveTime::MIN, zone)
}

/// `2024-07-11 10:00`, `2024/7/11`, `2024年7月11日 10:00:30`, with anything before and after.
pub(super) fn written(text: &str, zone: FixedOffset) -> Option<DateTime<FixedOffset>> {
    let start = text.char_indices().find_map(|(at, letter)| {
        let before = text[..at].chars().next_back().is_some_and(|letter| letter.is_ascii_digit());
        (letter == '2' && !before && text[at..].starts_with("20")).then_some(at)
    })?;
    let mut rest = &text[start..];
    let year = number(&mut rest, 4, 4)?;
    separator(&mut rest, &['-', '/', '.', '年'])?;
    let month = number(&mut rest, 1, 2)?;
    separator(&mut rest, &['-', '/', '.', '月'])?;
    let day = number(&mut rest, 1, 2)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    at(date, time(rest).unwrap_or(NaiveTime::MIN), zone)
}

/// A time of day right after a date.
fn time(rest: &str) -> Option<NaiveTime> {
    let mut rest = rest.trim_start_matches(['日', 'T', ' ', '\u{a0}', '\u{3000}']);
    let hour = number(&mut rest, 1, 2)?;
    separator(&mut rest, &[':', '：', '时'])?;
    let minute = number(&mut rest, 1, 2)?;
    let second = separator(&mut rest, &[':', '：']).and_then(|()| number(&mut rest, 1, 2)).unwrap_or(0);
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// A date somewhere in a short text: `Published on Jan 27, 2021 by`, `27 January 2021 | 5 min`, `2021-01-27`.
pub(super) fn spotted(text: &str, zone: FixedOffset) -> Option<DateTime<FixedOffset>> {
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let plain = |word: &str| word.trim_end_matches(|letter: char| letter.is_ascii_lowercase()).to_owned();
    let named = words.windows(3).find_map(|three| match three {
        // The month is known by its first letters, a day may be `27th`.
        [month, day, year] if year.len() == 4 && is_month(month) => {
            western(&format!("{} {} {year}", &month[..3], plain(day)), zone)
        }
        [day, month, year] if year.len() == 4 && is_month(month) => {
            western(&format!("{} {} {year}", plain(day), &month[..3]), zone)
        }
        _ => None,
    });
    named.or_else(|| written(text, zone))
}

fn is_month(word: &str) -> bool {
    const MONTHS: [&str; 12] = [
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
    let word = word.to_ascii_lowercase();
    word.len() >= 3 && (word == "sept" || MONTHS.iter().any(|month| *month == word || month[..3] == word))
}

fn number(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(digits);
    *rest = after;
    if digits < least { None } else { number.parse().ok() }
}

fn separator(rest: &mut &str, any: &[char]) -> Option<()> {
    *rest = rest.trim_start().strip_prefix(any)?.trim_start();
    Some(())
}

fn at(date: NaiveDate, time: NaiveTime, zone: FixedOffset) -> Option<DateTime<FixedOffset>> {
    let local = NaiveDateTime::new(date, time);
    zone.from_local_datetime(&local).single().filter(|_| is_plausible(local))
}

/// Between the first web page and a time that no page of ours will see.
fn is_plausible(at: NaiveDateTime) -> bool {
    use chrono::Datelike as _;
    (1990..2100).contains(&at.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_pages_write_them() {
        let china = zone(Some("zh-CN"));
        let cases = [
            ("2024-07-11T10:00:00+08:00", "2024-07-11T10:00:00+08:00"),
            ("2024-07-11T10:00:00Z", "2024-07-11T10:00:00+00:00"),
            ("2024-07-11T10:00:00.123+0200", "2024-07-11T10:00:00.123+02:00"),
            ("Thu, 11 Jul 2024 10:00:00 GMT", "2024-07-11T10:00:00+00:00"),
            ("2024-07-11 10:00:05", "2024-07-11T10:00:05+08:00"),
            ("发布时间：2024年7月1日 9：05", "2024-07-01T09:05:00+08:00"),
            ("2024/7/1", "2024-07-01T00:00:00+08:00"),
            ("July 4, 2024", "2024-07-04T00:00:00+08:00"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text, china).unwrap().to_rfc3339(), expected, "{text}");
        }
        for text in ["Published on Jan 27th, 2021 by A", "27 January 2021 | 5 min read", "更新 2021-01-27"] {
            assert_eq!(spotted(text, china).unwrap().to_rfc3339(), "2021-01-27T00:00:00+08:00", "{text}");
        }
        assert_eq!(spotted("May be 30 or so in 2021", china), None);
        for text in ["", "soon", "2024", "2024-13-01", "12024-01-01", "1066-10-14", "２０２４年"] {
            assert_eq!(read(text, china), None, "{text}");
        }
    }
}
