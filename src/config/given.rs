//! One value as it was given, in the file or in the environment, and what it may be read as.
//!
//! Every reader answers with the value, or with the sentence that its owner needs.

use crate::config::suggest::suggestion;
use crate::crawl::options::{AssetKind, Content};
use crate::crawl::rules::Pattern;
use crate::crawl::schedule::Schedule;
use crate::fetch::{Network, RobotsPolicy};
use crate::model::{CanonicalUrl, duration};
use chrono_tz::Tz;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;
use toml_edit::Value;
use url::{Host, Url};

/// A value before it is understood.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    /// From the file.
    Toml(&'a Value),
    /// From an environment variable, where everything is text.
    Variable(&'a str),
}

/// What a reader answers: the value, or what is wrong in words.
pub(super) type Answer<T> = Result<T, String>;

impl Given<'_> {
    /// The text, where it is one.
    fn text(&self, wanted: &str) -> Answer<&str> {
        match self {
            Self::Variable(text) => Ok(text),
            Self::Toml(Value::String(text)) => Ok(text.value()),
            Self::Toml(other) => Err(format!("expected {wanted}, found {}", kind(other))),
        }
    }

    fn integer(&self, wanted: &str) -> Answer<i64> {
        match self {
            Self::Variable(text) => text.trim().parse().map_err(|_| format!("expected {wanted}, found {text:?}")),
            Self::Toml(Value::Integer(number)) => Ok(*number.value()),
            Self::Toml(other) => Err(format!("expected {wanted}, found {}", kind(other))),
        }
    }
}

/// What a TOML value is, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::InlineTable(_) => "a table",
    }
}

/// Text of one line that is not empty.
pub(super) fn line(given: &Given<'_>) -> Answer<String> {
    let text = given.text("a text in quotes")?.trim();
    if text.is_empty() {
        return Err("this is empty; leave the line out instead".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("control characters and line breaks cannot stand here".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn boolean(given: &Given<'_>) -> Answer<bool> {
    match given {
        Given::Toml(Value::Boolean(value)) => Ok(*value.value()),
        Given::Variable("true") => Ok(true),
        Given::Variable("false") => Ok(false),
        Given::Variable(other) => Err(format!("expected true or false, found {other:?}")),
        Given::Toml(other) => Err(format!("expected true or false, found {}", kind(other))),
    }
}

/// A whole number within these bounds.
pub(super) fn number(bounds: RangeInclusive<u32>) -> impl Fn(&Given<'_>) -> Answer<u32> {
    move |given| {
        let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        let number = given.integer(&wanted)?;
        let number = u32::try_from(number).ok().filter(|number| bounds.contains(number));
        number.ok_or_else(|| format!("expected {wanted}"))
    }
}

/// A share, such as a jitter.
pub(super) fn share(given: &Given<'_>) -> Answer<f64> {
    const WANTED: &str = "a number from 0.0 to 10.0";
    let value = match given {
        Given::Toml(Value::Float(value)) => *value.value(),
        Given::Toml(Value::Integer(value)) => *value.value() as f64,
        Given::Toml(other) => return Err(format!("expected {WANTED}, found {}", kind(other))),
        Given::Variable(text) => text.trim().parse().map_err(|_| format!("expected {WANTED}, found {text:?}"))?,
    };
    if (0.0..=10.0).contains(&value) { Ok(value) } else { Err(format!("expected {WANTED}")) }
}

pub(super) fn length_of_time(given: &Given<'_>) -> Answer<Duration> {
    const WANTED: &str = r#"a length of time such as "6s", "15m", "1h30m" or "7d""#;
    let text = given.text(WANTED)?;
    duration::parse(text).ok_or_else(|| format!("{text:?} is not {WANTED}"))
}

/// A length of time that is not zero.
pub(super) fn some_time(given: &Given<'_>) -> Answer<Duration> {
    let length = length_of_time(given)?;
    if length.is_zero() { Err("this cannot be zero".to_owned()) } else { Ok(length) }
}

/// Units of size: binary ones as in IEC 80000-13, decimal ones beside them.
const SIZES: &[(&str, u64)] = &[
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1000),
    ("KB", 1000),
    ("B", 1),
];

pub(super) fn size(given: &Given<'_>) -> Answer<u64> {
    const WANTED: &str = r#"a size such as "512KiB", "16MiB" or "2GB""#;
    let text = given.text(WANTED)?.trim();
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = SIZES.iter().find(|(name, _)| *name == unit.trim());
    let bytes = unit.and_then(|(_, bytes)| number.parse::<u64>().ok()?.checked_mul(*bytes));
    // Beyond a tebibyte it is a slip.
    bytes.filter(|bytes| *bytes <= 1 << 40).ok_or_else(|| format!("{text:?} is not {WANTED}"))
}

/// Writes a size so that [`size`] reads it back.
pub(super) fn written_size(bytes: u64) -> String {
    let (unit, length) =
        SIZES.iter().find(|(_, length)| bytes >= *length && bytes.is_multiple_of(*length)).unwrap_or(&("B", 1));
    format!("{}{unit}", bytes / length)
}

pub(super) fn schedule(given: &Given<'_>) -> Answer<Schedule> {
    let text = given.text("a schedule such as \"0 */2 * * *\" or \"@hourly\"")?;
    Schedule::parse(text).map_err(|error| error.to_string())
}

pub(super) fn zone(given: &Given<'_>) -> Answer<Tz> {
    let text = given.text("a time zone such as \"Asia/Shanghai\"")?.trim();
    text.parse::<Tz>().map_err(|_| {
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        format!("{text:?} is no time zone{}", suggestion(text, names))
    })
}

pub(super) fn url(given: &Given<'_>) -> Answer<CanonicalUrl> {
    let text = given.text("a URL in quotes")?.trim();
    let url = CanonicalUrl::parse(text).map_err(|error| error.to_string())?;
    let user = Url::parse(text).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    if user { Err("a user name or password cannot stand in a feed's URL".to_owned()) } else { Ok(url) }
}

/// A proxy's URL. The message never repeats it: it may hold a password.
pub(super) fn proxy(given: &Given<'_>) -> Answer<String> {
    const WANTED: &str = r#"a proxy such as "socks5://127.0.0.1:1080" (or socks5h, http, https)"#;
    let text = given.text(WANTED)?.trim();
    let url = Url::parse(text).map_err(|_| format!("this is not {WANTED}"))?;
    let known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
    let hosted = url.host_str().is_some_and(|host| !host.is_empty());
    if known && hosted { Ok(text.to_owned()) } else { Err(format!("this is not {WANTED}")) }
}

pub(super) fn host(given: &Given<'_>) -> Answer<String> {
    host_name(given.text("a host such as \"example.org\"")?)
}

/// A host alone, lower case and in punycode as URLs have it.
pub(super) fn host_name(text: &str) -> Answer<String> {
    if text.contains('*') {
        return Err("no stars here: what is said of a host goes for all hosts below it".to_owned());
    }
    let found = Host::parse(text.trim()).map(|host| host.to_string());
    found.map_err(|_| format!("{text:?} is not a host such as \"example.org\" (no scheme, port or path)"))
}

pub(super) fn address(given: &Given<'_>) -> Answer<SocketAddr> {
    const WANTED: &str = r#"an address with a port, such as "127.0.0.1:8443" or "[::1]:8443""#;
    let text = given.text(WANTED)?.trim();
    text.parse().map_err(|_| format!("{text:?} is not {WANTED}"))
}

pub(super) fn network(given: &Given<'_>) -> Answer<Network> {
    const WANTED: &str = r#"a network such as "192.168.1.0/24" or "fd00::/8""#;
    let text = given.text(WANTED)?.trim();
    text.parse().map_err(|_| format!("{text:?} is not {WANTED}"))
}

pub(super) fn robots(given: &Given<'_>) -> Answer<RobotsPolicy> {
    let text = given.text("\"respect\" or \"ignore\"")?;
    match text {
        "respect" => Ok(RobotsPolicy::Respect),
        "ignore" => Ok(RobotsPolicy::Ignore),
        _ => Err(format!("{text:?} is neither \"respect\" nor \"ignore\"{}", suggestion(text, ["respect", "ignore"]))),
    }
}

pub(super) fn asset(given: &Given<'_>) -> Answer<AssetKind> {
    let text = given.text("\"image\", \"audio\" or \"video\"")?;
    let words = AssetKind::ALL.map(AssetKind::word);
    let found = AssetKind::ALL.into_iter().find(|kind| kind.word() == text);
    found.ok_or_else(|| format!("{text:?} is neither \"image\", \"audio\" nor \"video\"{}", suggestion(text, words)))
}

/// What an entry's article is made of.
pub(super) fn content(given: &Given<'_>) -> Answer<Content> {
    let text = given.text("\"auto\", \"page\" or \"feed\"")?;
    let words = Content::ALL.map(Content::word);
    let found = Content::ALL.into_iter().find(|content| content.word() == text);
    found.ok_or_else(|| format!("{text:?} is neither \"auto\", \"page\" nor \"feed\"{}", suggestion(text, words)))
}

/// A regular expression.
pub(super) fn pattern(given: &Given<'_>) -> Answer<Pattern> {
    let text = given.text("a regular expression in quotes")?;
    if text.is_empty() {
        return Err("this is empty, and would be found everywhere; leave it out instead".to_owned());
    }
    Pattern::new(text)
}

/// A header field's value: what RFC 9110 §5.5 lets stand there.
pub(super) fn header(given: &Given<'_>) -> Answer<String> {
    let text = given.text("a text in quotes")?.trim();
    let fits = text.chars().all(|letter| letter == '\t' || !letter.is_control());
    if fits { Ok(text.to_owned()) } else { Err("control characters cannot stand in a header field".to_owned()) }
}

/// A session's token: the number in the back-end's own URLs. The message never repeats it.
pub(super) fn token(given: &Given<'_>) -> Answer<String> {
    let text = given.text("the session's token")?.trim();
    let fits = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits {
        Ok(text.to_owned())
    } else {
        Err("this is not a token, the number after token= in the back-end's URLs".to_owned())
    }
}

/// A session's cookies, as a browser sends them. The message never repeats them.
pub(super) fn cookie(given: &Given<'_>) -> Answer<String> {
    let text = given.text("the session's cookies")?.trim();
    let text = text.strip_prefix("Cookie:").or_else(|| text.strip_prefix("cookie:")).unwrap_or(text).trim();
    let fits = text.contains('=') && text.len() <= 16_384 && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("these are no cookies on one line, as in name=value; name=value".to_owned())
    }
}

/// A header field's name: a token of RFC 9110 §5.6.2.
pub(super) fn header_name(text: &str) -> Answer<String> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let fits = !text.is_empty() && text.bytes().all(token);
    if fits { Ok(text.to_owned()) } else { Err(format!("{text:?} cannot be the name of a header field")) }
}
