//! A start tag of XML, taken apart: its name, its attributes, and whether it is well-formed.

/// How many attributes of one element are looked at (judgement; also bounds the search for repeated ones).
const MOST_ATTRIBUTES: usize = 64;

/// A start tag, taken apart.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: Vec<(&'a str, &'a str)>,
    pub(super) empty: bool,
    pub(super) broken: bool,
    pub(super) length: usize,
}

impl<'a> Tag<'a> {
    /// Reads a tag that begins at `rest`.
    pub(super) fn read(rest: &'a str) -> Tag<'a> {
        let name_end = rest[1..].find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/' | '<'));
        let mut at = name_end.map_or(rest.len(), |end| end + 1);
        let mut tag = Tag { name: &rest[1..at], attributes: Vec::new(), empty: false, broken: false, length: 0 };
        loop {
            at += rest[at..].len() - rest[at..].trim_start().len();
            let left = &rest[at..];
            if left.is_empty() || left.starts_with('<') {
                tag.broken = true;
                break;
            }
            if left.starts_with('>') || left.starts_with("/>") {
                tag.empty = left.starts_with('/');
                at += if tag.empty { 2 } else { 1 };
                break;
            }
            let end = left.find(|letter: char| letter.is_whitespace() || matches!(letter, '=' | '>' | '/' | '<'));
            let name = &left[..end.unwrap_or(left.len())];
            let (value, length) = value(&left[name.len()..]);
            tag.broken |= value.is_none_or(|value| value.contains('<')) || name.is_empty();
            if tag.attributes.len() < MOST_ATTRIBUTES {
                tag.attributes.push((name, value.unwrap_or_default()));
            }
            // A stray sign is stepped over, so that the loop always moves on.
            let step = name.len() + length;
            at += if step == 0 { left.chars().next().map_or(1, char::len_utf8) } else { step };
        }
        tag.length = at;
        tag
    }
}

/// The value after an attribute's name, with what it takes up; `None` where it is not as XML wants it.
fn value(left: &str) -> (Option<&str>, usize) {
    let trimmed = left.trim_start();
    let Some(after) = trimmed.strip_prefix('=') else { return (None, 0) };
    let quoted = after.trim_start();
    let before = left.len() - quoted.len();
    let Some(quote @ (b'"' | b'\'')) = quoted.as_bytes().first().copied() else {
        let end = quoted.find(|letter: char| letter.is_whitespace() || letter == '>').unwrap_or(quoted.len());
        return (None, before + end);
    };
    match memchr::memchr(quote, &quoted.as_bytes()[1..]) {
        Some(end) => (Some(&quoted[1..=end]), before + end + 2),
        None => (None, left.len()),
    }
}
