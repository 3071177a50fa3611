//! A page that was saved as a string literal of a program → the page again.
//!
//! JSON and JavaScript write `"…\n…\"…\u4e2d…"`, Python `'…\xa0…\U0001f600…'`, and for bytes `b'…\xe4\xb8\xad…'`. Some tools leave the
//! quotes away, so that only the inside of the literal is there.

use super::escapes::escape;
use std::borrow::Cow;

/// How far into a dump it shows that it is one, in bytes: judgement; the first line of a page is far shorter.
const WITHIN: usize = 4096;

/// What the inside of a literal shows, where it has no quotes: the marks of our pages, their quotes escaped.
const MARKS: [&str; 11] = [
    "id=\\\"js_content\\\"",
    "id=\\u0022js_content",
    "id=\\x22js_content",
    "id=\\\"js_article\\\"",
    "id=\\\"activity-detail\\\"",
    "id=\\u0022activity-detail",
    "class=\\\"weui-msg",
    "class=\\u0022weui-msg",
    "class=\\\"mesg-block",
    "class=\\u0022mesg-block",
    "id=\\\"js_verify\\\"",
];

/// The page that a text is the dump of, also of a dump; any other text as it is.
pub(super) fn opened(page: &str) -> Cow<'_, str> {
    match opened_once(page) {
        Cow::Owned(page) => match opened_once(&page) {
            Cow::Owned(inner) => Cow::Owned(inner),
            Cow::Borrowed(_) => Cow::Owned(page),
        },
        page @ Cow::Borrowed(_) => page,
    }
}

fn opened_once(page: &str) -> Cow<'_, str> {
    let beginning = &page.as_bytes()[..page.len().min(WITHIN)];
    // A dump is one line, and shows that soon.
    if beginning.trim_ascii_end().contains(&b'\n') {
        return Cow::Borrowed(page);
    }
    match literal(page.trim()) {
        Some((inside, true)) => Cow::Owned(String::from_utf8_lossy(&bytes(inside)).into_owned()),
        Some((inside, false)) => Cow::Owned(text(inside)),
        None => {
            // Inside of a literal no quote stands bare; in a page that only is one long line, the first attribute's does.
            let beginning = beginning.trim_ascii_start();
            let beginning = beginning.strip_prefix(b"\"").unwrap_or(beginning);
            let mut pairs = beginning.trim_ascii_end().windows(2);
            let is_inside =
                pairs.clone().any(|pair| pair == b"\\n") && !pairs.any(|pair| pair[1] == b'"' && pair[0] != b'\\');
            let is_ours = is_inside && MARKS.iter().any(|mark| page.contains(mark));
            if is_ours { Cow::Owned(text(page.trim().trim_matches('"'))) } else { Cow::Borrowed(page) }
        }
    }
}

/// The inside of a text that is one whole literal of markup, and whether it is one of bytes. No page begins with a quote and a tag.
fn literal(page: &str) -> Option<(&str, bool)> {
    let (rest, is_bytes) = page.strip_prefix('b').map_or((page, false), |rest| (rest, true));
    let quote = rest.chars().next().filter(|letter| matches!(letter, '\'' | '"'))?;
    let inside = rest[1..].strip_suffix(quote)?;
    let mut markup = inside;
    while let Some(rest) = ["\\n", "\\r", "\\t", " "].iter().find_map(|space| markup.strip_prefix(space)) {
        markup = rest;
    }
    (markup.starts_with('<') || markup.starts_with("\\u003c")).then_some((inside, is_bytes))
}

/// A literal's inside as the text that it stands for.
fn text(inside: &str) -> String {
    let mut out = String::with_capacity(inside.len());
    let (mut start, mut at) = (0, 0);
    while let Some(found) = inside[at..].find('\\') {
        at += found;
        out.push_str(&inside[start..at]);
        let (letter, next) = escape(inside, at + 1);
        out.extend(letter.filter(|letter| *letter != '\r'));
        (start, at) = (next, next);
    }
    out.push_str(&inside[start..]);
    out
}

/// A literal's inside as the bytes that it stands for: there `\xe4` is a byte, not a letter.
fn bytes(inside: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let byte = rest.get(at + 1..at + 4).and_then(|code| u8::from_str_radix(code.strip_prefix('x')?, 16).ok());
        let next = if let Some(byte) = byte {
            out.push(byte);
            at + 4
        } else {
            let (letter, next) = escape(rest, at + 1);
            let letter = letter.filter(|letter| *letter != '\r');
            out.extend(letter.into_iter().flat_map(|letter| letter.to_string().into_bytes()));
            next
        };
        rest = &rest[next..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_every_kind_are_opened() {
        let page = "<p title=\"a\">渡口\u{a0}it's \\ 😀</p>\n<p>";
        for dump in [
            r#""<p title=\"a\">渡口\u00a0it's \\ \ud83d\ude00</p>\n<p>""#,
            r#"'<p title="a">渡口\xa0it\'s \\ \U0001f600</p>\n<p>'"#,
            r#"b'<p title="a">\xe6\xb8\xa1\xe5\x8f\xa3\xc2\xa0it\'s \\ \xf0\x9f\x98\x80</p>\n<p>'"#,
            "  \"\\u003cp title=\\u0022a\\u0022\\u003e渡口\\xa0it's \\\\ 😀</p>\\r\\n<p>\"\n",
        ] {
            assert_eq!(opened(dump), page, "{dump}");
        }
        assert_eq!(opened(r#""<div id=\\\"js_content\\\">\\n\\u8be5</div>""#), "<div id=\"js_content\">\n该</div>");
        let inside = r#"\n<div id=\"activity-detail\">\u8be5</div>\n"#;
        assert_eq!(opened(inside), "\n<div id=\"activity-detail\">该</div>\n");
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for page in [
            "<p>'<p>\\n</p>'</p>",
            "'<p>a\n</p>'",
            "'no markup\\n'",
            "b'<p>",
            "'",
            "b",
            "",
            "\"\\",
            "<script>var a = \"class=\\\"weui-msg\";\n</script>",
            "<html lang=\"zh\"><script>var a = \"\\n<p class=\\\"weui-msg\\\">\";</script></html>",
        ] {
            assert_eq!(opened(page), page);
        }
        // Cut short, or with an escape that is none.
        assert_eq!(opened("b'<p>\\x4'"), "<p>x4");
        assert_eq!(opened("'<p>\\'"), "<p>");
    }
}
