//! HTML in the texts of feeds: whether there is some, whether it is HTML at all, and whether it can do harm.
//!
//! No tree is built: one pass over the tags. What is shown to people goes through the writer of `render`, never from here.

use super::check::{Tell, listed};
use super::code::Code;

/// HTML's elements that do no harm.
const HARMLESS: &str = "\
    a|abbr|acronym|address|area|article|aside|audio|b|bdi|bdo|big|blockquote|body|br|button|canvas|caption|\
    center|cite|code|col|colgroup|command|data|datalist|dd|del|details|dfn|dialog|dir|div|dl|dt|em|\
    event-source|fieldset|figcaption|figure|font|footer|form|h1|h2|h3|h4|h5|h6|head|header|hgroup|hr|html|i|\
    img|input|ins|kbd|keygen|label|legend|li|main|map|mark|menu|meter|multicol|nav|nobr|noscript|ol|\
    optgroup|option|output|p|picture|pre|progress|q|rb|rp|rt|rtc|ruby|s|samp|section|select|slot|small|\
    source|span|strike|strong|sub|summary|sup|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|\
    track|tt|u|ul|var|video|wbr";

/// Those that readers take out.
const HARMFUL: &str = "\
    applet|base|basefont|bgsound|blink|embed|frame|frameset|iframe|isindex|link|marquee|meta|noembed|\
    noframes|object|param|plaintext|script|style|xml|xmp";

/// Style properties that stay within their own box.
const PROPERTIES: &str = "\
    azimuth|background|background-color|border|border-bottom|border-bottom-color|border-bottom-style|\
    border-bottom-width|border-collapse|border-color|border-left|border-left-color|border-left-style|\
    border-left-width|border-radius|border-right|border-right-color|border-right-style|border-right-width|\
    border-spacing|border-style|border-top|border-top-color|border-top-style|border-top-width|border-width|\
    box-sizing|clear|color|cursor|direction|display|elevation|float|font|font-family|font-size|font-style|\
    font-variant|font-weight|height|letter-spacing|line-height|list-style|list-style-type|margin|\
    margin-bottom|margin-left|margin-right|margin-top|max-height|max-width|min-height|min-width|overflow|\
    padding|padding-bottom|padding-left|padding-right|padding-top|page-break-after|page-break-before|pause|\
    text-align|text-decoration|text-indent|text-transform|unicode-bidi|vertical-align|visibility|\
    white-space|width|word-break|word-spacing|word-wrap";

/// Attributes whose value is an address.
const ADDRESSES: &str = "\
    href|src|cite|poster|background|action|longdesc";

/// Whether HTML has an element of this name, in any case.
pub(super) fn is_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    listed(HARMLESS, &name) || listed(HARMFUL, &name)
}

/// Whether an element of this name may do harm.
pub(super) fn is_harmful(name: &str) -> bool {
    listed(HARMFUL, &name.to_ascii_lowercase())
}

/// The first tag of HTML in a text.
pub(super) fn tag(text: &str) -> Option<&str> {
    tags(text).find(|tag| is_known(tag.name) && tag.is_closed).map(|tag| tag.whole)
}

/// The first of HTML's character references in a text.
pub(super) fn entity(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        rest = &rest[at..];
        let end = rest[1..]
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '#')
            .map_or(rest.len(), |end| end + 1);
        let name = &rest[1..end];
        let number = name
            .strip_prefix('#')
            .is_some_and(|number| number.starts_with(|digit: char| digit.is_ascii_digit() || digit == 'x'));
        let closed = rest[end..].starts_with(';');
        // Without its semicolon only a name of some length is taken for one: AT&T is none.
        let named = name.len() > 2 && html5ever::data::NAMED_ENTITIES.contains_key(format!("{name};").as_str())
            || closed && html5ever::data::NAMED_ENTITIES.contains_key(format!("{name};").as_str());
        if number || named {
            return Some(&rest[..end + usize::from(closed)]);
        }
        rest = &rest[1..];
    }
    None
}

/// The first sign of HTML in a text: a tag or a reference.
pub(super) fn sign(text: &str) -> Option<&str> {
    tag(text).or_else(|| entity(text))
}

/// What is wrong with a text that is HTML.
pub(super) fn html(text: &str, tell: &mut Tell<'_>) {
    let mut closed_all = true;
    for tag in tags(text) {
        if tag.name.starts_with(['?', '!']) {
            if tag.name.starts_with("?import") {
                tell(Code::UnsafeMarkup, tag.whole);
            }
            continue;
        }
        closed_all &= tag.is_closed;
        if !tag.is_closed {
            tell(Code::BadHtml, tag.whole);
            break;
        }
        if is_harmful(tag.name) {
            tell(Code::UnsafeMarkup, tag.whole);
        }
        for (name, value) in tag.attributes() {
            attribute(name, value, tell);
        }
    }
    if let Some(reference) = closed_all.then(|| windows_reference(text)).flatten() {
        tell(Code::BadHtml, reference);
    }
}

/// A numeric reference to a control character: Windows' quotation marks by their old numbers.
fn windows_reference(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(at) = rest.find("&#") {
        rest = &rest[at..];
        let end = rest.bytes().take(10).position(|byte| byte == b';');
        if let Some(end) = end {
            let digits = &rest[2..end];
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            if number.is_ok_and(|number| (0x80..0xa0).contains(&number)) {
                return Some(&rest[..=end]);
            }
        }
        rest = &rest[2..];
    }
    None
}

/// What is wrong with one attribute of an element of HTML.
pub(super) fn attribute(name: &str, value: &str, tell: &mut Tell<'_>) {
    let name = name.to_ascii_lowercase();
    if name.starts_with("on") {
        tell(Code::UnsafeAttribute, &name);
    } else if name == "style" {
        if !is_harmless_style(value) {
            tell(Code::UnsafeStyle, value);
        }
    } else if listed(ADDRESSES, &name) {
        let value = value.trim();
        let has_scheme = value.split(['/', '?', '#']).next().unwrap_or_default().contains(':');
        if value.to_ascii_lowercase().starts_with("javascript:") {
            tell(Code::UnsafeAttribute, value);
        } else if !has_scheme && !value.is_empty() && !value.starts_with('#') {
            tell(Code::RelativeReference, value);
        }
    }
}

/// Whether a style stays within its box: known properties, plain values, no great lengths.
fn is_harmless_style(style: &str) -> bool {
    if style.contains(['\\', '&', '<', '@', '{']) {
        return false;
    }
    style.split(';').filter(|part| !part.trim().is_empty()).all(|declaration| {
        let Some((property, value)) = declaration.split_once(':') else { return false };
        let value = value.trim().to_ascii_lowercase();
        let call = value.replace("rgb(", "").replace("rgba(", "").contains('(');
        let long = value
            .split_whitespace()
            .any(|part| part.bytes().take_while(u8::is_ascii_digit).count() > 3 && !part.starts_with('0'));
        listed(PROPERTIES, &property.trim().to_ascii_lowercase()) && !call && !long && !value.contains(':')
    })
}

/// One tag of a text.
pub(super) struct Tag<'a> {
    /// From its `<` to its `>`.
    pub(super) whole: &'a str,
    /// The name, of an end tag too; `!…` and `?…` for declarations.
    pub(super) name: &'a str,
    /// Whether it has its `>`.
    pub(super) is_closed: bool,
}

impl<'a> Tag<'a> {
    /// Its attributes, values as written.
    fn attributes(&self) -> Vec<(&'a str, &'a str)> {
        let mut found = Vec::new();
        let inner = self.whole.trim_end_matches('>').trim_end_matches('/');
        let mut rest = inner.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
        // The bound is for texts that are one long tag.
        while found.len() < 32 {
            rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '"' | '\''));
            let end = rest.find(|letter: char| letter.is_whitespace() || letter == '=').unwrap_or(rest.len());
            let name = &rest[..end];
            if name.is_empty() && !rest.starts_with('=') {
                break;
            }
            rest = rest[end..].trim_start();
            let Some(after) = rest.strip_prefix('=') else {
                found.push((name, ""));
                continue;
            };
            let after = after.trim_start();
            let (value, left) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                _ => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            found.push((name, value));
            rest = left;
        }
        found
    }
}

/// The tags of a text, in order. A `<` that begins none is text.
pub(super) fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + memchr::memchr(b'<', &text.as_bytes()[at..])?;
            let rest = &text[open..];
            if rest.starts_with("<!--") {
                at = open + rest.find("-->").map_or(rest.len(), |end| end + 3);
                continue;
            }
            let inner = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
            if !inner.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '!' | '?')) {
                at = open + 1;
                continue;
            }
            let end = inner.find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/' | '<'));
            let name = &inner[..end.unwrap_or(inner.len())];
            let close = closing(rest);
            let length = close.map_or(rest.len(), |close| close + 1);
            at = open + length;
            return Some(Tag { whole: &rest[..length], name, is_closed: close.is_some() });
        }
    })
}

/// Where a tag ends: a `>` in a quoted value is none.
fn closing(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        match (quote, byte) {
            (Some(open), _) if *byte == open => quote = None,
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if after_equals => quote = Some(*byte),
            _ => {}
        }
        after_equals = *byte == b'=' || (after_equals && byte.is_ascii_whitespace());
    }
    // A quotation mark that is never closed swallowed the end: take the first.
    memchr::memchr(b'>', bytes)
}
