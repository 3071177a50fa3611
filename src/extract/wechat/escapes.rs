//! The layers of escaping that WeChat puts around a text, each taken off once (our research, "String encodings").

use memchr::memchr3;
use std::borrow::Cow;

/// Reads a JavaScript string literal that opens at `at` with a quote; answers the text and where it ends.
/// A quote that is never closed ends at the line's end, as it would in JavaScript (a template literal at the text's end).
pub(super) fn literal(source: &str, at: usize) -> (String, usize) {
    let bytes = source.as_bytes();
    let quote = bytes[at];
    let mut text = String::new();
    let (mut start, mut here) = (at + 1, at + 1);
    while let Some(found) = memchr3(quote, b'\\', b'\n', &bytes[here.min(bytes.len())..]) {
        here += found;
        let byte = bytes[here];
        if byte == quote {
            text.push_str(&source[start..here]);
            return (text, here + 1);
        }
        if byte == b'\n' {
            if quote != b'`' {
                text.push_str(&source[start..here]);
                return (text, here);
            }
            here += 1;
            continue;
        }
        text.push_str(&source[start..here]);
        let (letter, next) = escape(source, here + 1);
        text.extend(letter);
        (start, here) = (next, next);
    }
    text.push_str(&source[start..]);
    (text, bytes.len())
}

/// One escape sequence, from after its backslash; answers the letter it stands for and where it ends.
pub(super) fn escape(source: &str, at: usize) -> (Option<char>, usize) {
    let Some(letter) = source[at..].chars().next() else { return (None, at) };
    let next = at + letter.len_utf8();
    let simple = match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '0' => '\0',
        '\n' => return (None, next),
        'x' => return code(source, next, 2).map_or((Some('x'), next), |found| (char::from_u32(found), next + 2)),
        'u' => return unicode(source, next),
        // Python's, for letters beyond four digits; to JavaScript it is a letter, and no text has eight zero-led digits after one.
        'U' => {
            let letter = code(source, next, 8).filter(|code| *code > 0xffff).and_then(char::from_u32);
            return letter.map_or((Some('U'), next), |letter| (Some(letter), next + 8));
        }
        other => other,
    };
    (Some(simple), next)
}

/// `\uNNNN`, `\u{N…}`, and two of the former where they are one letter together.
fn unicode(source: &str, at: usize) -> (Option<char>, usize) {
    if source[at..].starts_with('{') {
        let digits = source[at + 1..].bytes().take(7).take_while(u8::is_ascii_hexdigit).count();
        let end = at + 1 + digits;
        if digits > 0 && source[end..].starts_with('}') {
            return (code(source, at + 1, digits).and_then(char::from_u32), end + 1);
        }
        return (Some('u'), at);
    }
    let Some(high) = code(source, at, 4) else { return (Some('u'), at) };
    if !(0xd800..0xdc00).contains(&high) {
        return (char::from_u32(high).or(Some('\u{fffd}')), at + 4);
    }
    let low = source.get(at + 4..).filter(|rest| rest.starts_with("\\u")).and_then(|_| code(source, at + 6, 4));
    match low {
        Some(low) if (0xdc00..0xe000).contains(&low) => {
            (char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), at + 10)
        }
        _ => (Some('\u{fffd}'), at + 4),
    }
}

fn code(source: &str, at: usize, digits: usize) -> Option<u32> {
    let hex = source.as_bytes().get(at..at + digits)?;
    hex.iter().try_fold(0, |code, byte| Some(code << 4 | char::from(*byte).to_digit(16)?))
}

/// The page's own `JsDecode`: a second pass over an already decoded text, in this order.
pub(super) fn js_decode(text: String) -> String {
    const PASSES: [(&str, &str); 8] = [
        ("\\x5c", "\\"),
        ("\\x0d", "\r"),
        ("\\x22", "\""),
        ("\\x26", "&"),
        ("\\x27", "'"),
        ("\\x3c", "<"),
        ("\\x3e", ">"),
        ("\\x0a", "\n"),
    ];
    if !text.contains("\\x") {
        return text;
    }
    PASSES.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

/// Decodes HTML's character references once.
pub(super) fn entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (letter, length) = reference(rest).unwrap_or(('&', 1));
        out.push(letter);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character reference that a text opens with, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    // The longest name we know has six letters, the longest number seven digits.
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let letter = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| *letter != '\0').unwrap_or('\u{fffd}')
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((letter, end + 1))
}

/// The named references that are seen in WeChat's data (measured on our corpus, and the common punctuation beside them).
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("hellip", '…'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("middot", '·'),
    ("bull", '•'),
    ("times", '×'),
    ("copy", '©'),
    ("reg", '®'),
    ("yen", '¥'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
];

/// A URL as the page means it: its data escapes the `&` of links once, twice or thrice. Only for URLs: a title may really hold `&amp;`.
pub(super) fn url(text: &str) -> String {
    let mut url = js_decode(text.trim().to_owned());
    for _ in 0..4 {
        match entities(&url) {
            Cow::Owned(decoded) if decoded != url => url = decoded,
            _ => break,
        }
    }
    url
}

/// Escapes a text for use in HTML, also inside a quoted attribute.
pub(super) fn escape_html(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_comes_off_once() {
        let literal = |source: &str| literal(source, 0).0;
        assert_eq!(literal(r"'a\x26amp;b\x0a\u4e2d\ud83d\ude00\/\''"), "a&amp;b\n中😀/'");
        assert_eq!(literal("'never closed\nnext"), "never closed");
        assert_eq!(js_decode(r"\x5cx22 \x3c".into()), "\" <");
        assert_eq!(entities("&amp;amp; &#39;&#x4e2d; &nope; &"), "&amp; '中 &nope; &");
        assert_eq!(url("https://a/?x=1&amp;amp;y=2"), "https://a/?x=1&y=2");
    }
}
