//! Markup → tags, comments and text, as the HTML standard's tokenizer sees them, without building anything.

use crate::extract::guard::elements::is_formatting;
use memchr::{memchr, memchr2};
use std::borrow::Cow;
use std::ops::Range;

/// Whether nobody reads an attribute, by its name and its value as written; asked of elements that are not told apart by theirs.
pub(in crate::extract) type Unread = fn(&str, &str) -> bool;

/// One token; `at..end` is where it stands.
#[derive(Debug)]
pub(super) enum Token<'a> {
    Text,
    Comment,
    Tag(Tag<'a>),
}

/// A start or end tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// The name in lower case.
    pub(super) name: Cow<'a, str>,
    pub(super) closing: bool,
    pub(super) self_closing: bool,
    /// Everything between name and `>`.
    pub(super) attributes: &'a str,
    /// How many attributes it has.
    pub(super) count: usize,
    /// Where the first attribute too many begins.
    pub(super) cut: Option<usize>,
}

/// Reads markup from front to back, each byte once.
pub(super) struct Scanner<'a> {
    html: &'a str,
    pub(super) at: usize,
    most_attributes: usize,
    unread: Option<Unread>,
    /// Where the attributes of the last tag stand that nobody reads.
    pub(super) left_out: Vec<Range<usize>>,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | b' ')
}

impl<'a> Scanner<'a> {
    pub(super) fn new(html: &'a str, most_attributes: usize, unread: Option<Unread>) -> Self {
        Self { html, at: 0, most_attributes, unread, left_out: Vec::new() }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.html.as_bytes().get(at).copied()
    }

    fn find(&self, from: usize, needle: &str) -> Option<usize> {
        let rest = self.html.as_bytes().get(from..)?;
        let found = match needle.as_bytes() {
            [byte] => memchr(*byte, rest),
            needle => memchr::memmem::find(rest, needle),
        };
        found.map(|found| from + found)
    }

    /// The next token. `foreign` says whether the current element is SVG or MathML, where CDATA sections exist.
    pub(super) fn next(&mut self, foreign: bool) -> Option<Token<'a>> {
        let start = self.at;
        let rest = self.html.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
        if rest[0] != b'<' {
            self.at = self.find(start, "<").unwrap_or(self.html.len());
            return Some(Token::Text);
        }
        match (rest.get(1).copied(), rest.get(2).copied()) {
            (Some(b'!'), _) => {
                self.at = self.markup_declaration(start, foreign);
                Some(Token::Comment)
            }
            (Some(b'/'), Some(letter)) if letter.is_ascii_alphabetic() => Some(self.tag(start + 2, true)),
            (Some(b'?' | b'/'), _) => {
                self.at = self.find(start + 2, ">").map_or(self.html.len(), |end| end + 1);
                Some(Token::Comment)
            }
            (Some(letter), _) if letter.is_ascii_alphabetic() => Some(self.tag(start + 1, false)),
            _ => {
                self.at = self.find(start + 1, "<").unwrap_or(self.html.len());
                Some(Token::Text)
            }
        }
    }

    fn markup_declaration(&self, start: usize, foreign: bool) -> usize {
        let rest = &self.html[start..];
        let end = if rest.starts_with("<!-->") || rest.starts_with("<!--->") {
            self.find(start, ">").map(|end| end + 1)
        } else if rest.starts_with("<!--") {
            self.comment_end(start + 4)
        } else if foreign && rest.starts_with("<![CDATA[") {
            self.find(start, "]]>").map(|end| end + 3)
        } else {
            self.find(start, ">").map(|end| end + 1)
        };
        end.unwrap_or(self.html.len())
    }

    /// A comment ends at `-->` and at `--!>`.
    fn comment_end(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            at = self.find(at, "--")? + 2;
            while self.byte(at) == Some(b'-') {
                at += 1;
            }
            match (self.byte(at), self.byte(at + 1)) {
                (Some(b'>'), _) => return Some(at + 1),
                (Some(b'!'), Some(b'>')) => return Some(at + 2),
                _ => {}
            }
        }
    }

    /// Reads a tag from its name on. One that never ends swallows the rest, as in the standard.
    fn tag(&mut self, from: usize, closing: bool) -> Token<'a> {
        let html = self.html;
        let bytes = html.as_bytes();
        let mut at = from;
        while bytes.get(at).is_some_and(|byte| !is_space(*byte) && !matches!(byte, b'/' | b'>')) {
            at += 1;
        }
        let name = &html[from..at];
        let name = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
        // Formatting elements are copied and told apart with all their attributes: theirs stay.
        let unread = self.unread.filter(|_| !closing && !is_formatting(&name));
        self.left_out.clear();
        let (first, mut count, mut cut, mut self_closing) = (at, 0, None, false);
        loop {
            while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
                at += 1;
                self_closing = false;
            }
            match bytes.get(at) {
                None => {
                    self.at = html.len();
                    return Token::Comment;
                }
                Some(b'>') => break,
                Some(b'/') => {
                    self_closing = true;
                    at += 1;
                }
                Some(_) => {
                    self_closing = false;
                    count += 1;
                    if count > self.most_attributes && cut.is_none() {
                        cut = Some(at);
                    }
                    let found = attribute(bytes, at);
                    if unread
                        .is_some_and(|unread| found.stands_alone(bytes) && unread(found.name(html), found.value(html)))
                    {
                        self.left_out.push(at..found.end);
                    }
                    at = found.end;
                }
            }
        }
        self.at = at + 1;
        Token::Tag(Tag { name, closing, self_closing, attributes: &html[first..at], count, cut })
    }

    /// Skips the content of an element whose content is no markup, up to its end tag. A script may hold `<!-- <script> … </script> -->`.
    pub(super) fn skip_raw(&mut self, name: &str) {
        if name == "plaintext" {
            self.at = self.html.len();
            return;
        }
        let mut nested = false;
        let mut escaped = false;
        let bytes = self.html.as_bytes();
        let mut at = self.at;
        let script = name == "script";
        while let Some(mark) = next_of(bytes, at, script && escaped) {
            at = mark;
            let rest = &bytes[at..];
            if rest[0] == b'-' {
                at += 1;
                if rest.starts_with(b"-->") {
                    (escaped, nested) = (false, false);
                }
            } else if script && !escaped && rest.starts_with(b"<!--") {
                escaped = true;
                // `<!-->` and `<!--->` end at once: their dashes count for both ends.
                at += 2;
            } else if rest.get(1) == Some(&b'/') && is_named(&rest[2..], name) {
                if !nested {
                    self.at = at;
                    return;
                }
                nested = false;
                at += 1;
            } else {
                nested |= script && escaped && is_named(&rest[1..], name);
                at += 1;
            }
        }
        self.at = bytes.len();
    }
}

/// The next `<`, or in an escaped script the next `<` or dash.
fn next_of(bytes: &[u8], from: usize, dashes: bool) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let found = if dashes { memchr2(b'<', b'-', rest) } else { memchr(b'<', rest) };
    found.map(|found| from + found)
}

/// Whether these bytes begin with a tag's name, and the name ends there.
fn is_named(rest: &[u8], name: &str) -> bool {
    rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        && rest.get(name.len()).is_some_and(|byte| is_space(*byte) || matches!(byte, b'/' | b'>'))
}

/// An attribute as written, by places in the page.
struct Attribute {
    name: Range<usize>,
    /// Between its quotes, where it has some.
    value: Range<usize>,
    end: usize,
}

impl Attribute {
    fn name<'a>(&self, html: &'a str) -> &'a str {
        html.get(self.name.clone()).unwrap_or_default()
    }

    fn value<'a>(&self, html: &'a str) -> &'a str {
        html.get(self.value.clone()).unwrap_or_default()
    }

    /// Whether the tag reads the same without it: what follows cannot grow together with what stands before, nor become its value,
    /// nor make a slash before it close the element.
    fn stands_alone(&self, bytes: &[u8]) -> bool {
        if self.name.start.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'/') {
            return false;
        }
        let ends = bytes.get(self.end).is_some_and(|next| is_space(*next) || matches!(next, b'/' | b'>'));
        ends && bytes[self.end..].iter().find(|next| !is_space(**next)) != Some(&b'=')
    }
}

/// The attribute that begins here.
fn attribute(bytes: &[u8], from: usize) -> Attribute {
    let space = |at: &mut usize| {
        while bytes.get(*at).is_some_and(|byte| is_space(*byte)) {
            *at += 1;
        }
    };
    // A `=` at the very beginning is part of the name.
    let mut at = from + 1;
    while bytes.get(at).is_some_and(|byte| !is_space(*byte) && !matches!(byte, b'/' | b'>' | b'=')) {
        at += 1;
    }
    let name = from..at;
    space(&mut at);
    if bytes.get(at) != Some(&b'=') {
        return Attribute { value: name.end..name.end, end: name.end, name };
    }
    at += 1;
    space(&mut at);
    let (value, end) = match bytes.get(at) {
        Some(quote @ (b'"' | b'\'')) => {
            let value = bytes.get(at + 1..).unwrap_or_default();
            let end = memchr(*quote, value).map_or(bytes.len(), |end| at + end + 1);
            (at + 1..end, (end + 1).min(bytes.len()))
        }
        Some(b'>') | None => (at..at, at),
        Some(_) => {
            let begin = at;
            while bytes.get(at).is_some_and(|byte| !is_space(*byte) && *byte != b'>') {
                at += 1;
            }
            (begin..at, at)
        }
    };
    Attribute { name, value, end }
}
