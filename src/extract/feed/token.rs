//! Text → tags, text and data, whatever the text: no markup is so broken that what follows it is lost.
//!
//! Linear: a `<` that turns out to begin no tag is text, and what was looked at behind it is looked at once more at most.

use super::problem::{Flaw, Problems};
use memchr::{memchr, memchr2, memmem};

/// A piece of the document. Text and attributes are as written, their references not resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A start tag: its name, what stands behind it, and whether it ends in `/>`.
    Start { name: &'a str, attributes: &'a str, empty: bool },
    /// An end tag.
    End { name: &'a str },
    /// Text, with references in it.
    Text(&'a str),
    /// The inside of a CDATA section.
    Data(&'a str),
    /// A document type, with what stands in its brackets.
    Doctype { head: &'a str, subset: &'a str },
    /// A processing instruction.
    Instruction(&'a str),
}

/// Reads tokens.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// Where the last token began.
    pub(super) start: usize,
    /// What was wrong so far.
    pub(super) problems: Problems,
    // Ends that were looked for once, in vain: they are not looked for again.
    no_data_end: bool,
    no_comment_end: bool,
    no_instruction_end: bool,
}

/// Why there is no tag at a `<`.
enum NoTag {
    /// Another `<` comes first: this one is text.
    Bare,
    /// The document ends.
    End,
}

/// What stands behind a `<!`.
enum Declared<'a> {
    Token(Token<'a>),
    /// Something that says nothing.
    Skipped,
    /// Nothing: it is text.
    Nothing,
}

impl<'a> Tokens<'a> {
    /// Begins at the beginning.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            start: 0,
            problems: Problems::default(),
            no_data_end: false,
            no_comment_end: false,
            no_instruction_end: false,
        }
    }

    /// Where the next token begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The text from one position to another.
    pub(super) fn between(&self, from: usize, to: usize) -> &'a str {
        &self.text[from..to]
    }

    /// Notes a problem at the last token.
    pub(super) fn note(&mut self, flaw: Flaw) {
        self.problems.note(self.start + 1, flaw);
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.start = self.at;
            let bytes = self.text.as_bytes();
            let first = *bytes.get(self.at)?;
            if first != b'<' {
                return Some(self.text_from(self.at));
            }
            match bytes.get(self.at + 1) {
                Some(b'/') => {
                    if let Some(token) = self.end_tag() {
                        return Some(token);
                    }
                }
                Some(b'!') => match self.declaration() {
                    Declared::Token(token) => return Some(token),
                    Declared::Skipped => continue,
                    Declared::Nothing => {}
                },
                Some(b'?') => return Some(self.instruction()),
                Some(next) if begins_name(*next) => match self.start_tag() {
                    Ok(token) => return Some(token),
                    Err(NoTag::Bare) => {}
                    Err(NoTag::End) => {
                        self.note(Flaw::Truncated);
                        self.at = self.text.len();
                        return None;
                    }
                },
                _ => {}
            }
            self.note(Flaw::BareLess);
            return Some(self.text_from(self.at + 1));
        }
    }

    /// Text to the next `<` from a position on; it begins where the token does.
    fn text_from(&mut self, from: usize) -> Token<'a> {
        let end = memchr(b'<', &self.text.as_bytes()[from..]).map_or(self.text.len(), |at| from + at);
        self.at = end;
        Token::Text(&self.text[self.start..end])
    }

    fn end_tag(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        let from = self.at + 2;
        if !bytes.get(from).is_some_and(|byte| begins_name(*byte)) {
            return None;
        }
        let end = memchr2(b'>', b'<', &bytes[from..]).map(|at| from + at);
        let name = name_of(&self.text[from..end.unwrap_or(self.text.len())]);
        self.at = match end {
            Some(end) if bytes[end] == b'>' => end + 1,
            Some(end) => {
                self.note(Flaw::BareLess);
                end
            }
            None => {
                self.note(Flaw::Truncated);
                self.text.len()
            }
        };
        Some(Token::End { name })
    }

    fn start_tag(&mut self) -> Result<Token<'a>, NoTag> {
        let from = self.at + 1;
        let name = name_of(&self.text[from..]);
        let behind = from + name.len();
        let end = self.tag_end(behind)?;
        let mut attributes = &self.text[behind..end];
        let empty = attributes.ends_with('/');
        if empty {
            attributes = &attributes[..attributes.len() - 1];
        }
        self.at = end + 1;
        Ok(Token::Start { name, attributes, empty })
    }

    /// Where the `>` of a tag is.
    fn tag_end(&mut self, from: usize) -> Result<usize, NoTag> {
        let bytes = self.text.as_bytes();
        let mut at = from;
        loop {
            match *bytes.get(at).ok_or(NoTag::End)? {
                b'>' => return Ok(at),
                b'<' => return Err(NoTag::Bare),
                quote @ (b'"' | b'\'') if follows_equals(&bytes[from..at]) => match self.quote_end(at + 1, quote) {
                    Ok(end) => at = end + 1,
                    Err(end) => return end.ok_or(NoTag::End),
                },
                _ => at += 1,
            }
        }
    }

    /// Where a quoted value ends; or, where its quote is not closed, the `>` that ends the tag.
    fn quote_end(&mut self, from: usize, quote: u8) -> Result<usize, Option<usize>> {
        let bytes = self.text.as_bytes();
        let mut at = from;
        while let Some(found) = memchr2(quote, b'<', &bytes[at..]).map(|found| at + found) {
            if bytes[found] == quote {
                return Ok(found);
            }
            // A tag begins inside of the value, behind a `>`: the quote was forgotten.
            if let Some(end) = memchr(b'>', &bytes[at..found]) {
                self.note(Flaw::Unterminated);
                return Err(Some(at + end));
            }
            self.note(Flaw::LessInAttribute);
            at = found + 1;
        }
        self.note(Flaw::Unterminated);
        Err(memchr(b'>', &bytes[from..]).map(|end| from + end))
    }

    /// A comment, CDATA or document type, or what was meant as one.
    fn declaration(&mut self) -> Declared<'a> {
        let rest = &self.text[self.at..];
        if rest.starts_with("<!--") {
            self.comment();
            return Declared::Skipped;
        }
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = if self.no_data_end { None } else { memmem::find(data.as_bytes(), b"]]>") };
            let from = self.at + "<![CDATA[".len();
            let Some(end) = end else {
                self.note(Flaw::Truncated);
                self.no_data_end = true;
                self.at = self.text.len();
                return Declared::Token(Token::Data(data));
            };
            self.at = from + end + 3;
            return Declared::Token(Token::Data(&data[..end]));
        }
        if rest.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("<!doctype")) {
            return Declared::Token(self.doctype());
        }
        // A declaration that we do not know, or the beginning of one that was cut off.
        if rest.as_bytes().get(2).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'[') {
            self.note(Flaw::BareLess);
            let end = memchr2(b'>', b'<', &rest.as_bytes()[1..]).map(|at| at + 1);
            self.at += match end {
                Some(end) if rest.as_bytes()[end] == b'>' => end + 1,
                Some(end) => end,
                None => rest.len(),
            };
            return Declared::Skipped;
        }
        Declared::Nothing
    }

    fn comment(&mut self) {
        let inner = &self.text[self.at + 4..];
        let end = if self.no_comment_end { None } else { memmem::find(inner.as_bytes(), b"-->") };
        let length = if let Some(end) = end {
            if memmem::find(&inner.as_bytes()[..end], b"--").is_some() || inner[..end].ends_with('-') {
                self.note(Flaw::BadComment);
            }
            end + 3
        } else {
            // It would swallow the rest: only its first tag is taken for it.
            self.note(Flaw::BadComment);
            self.no_comment_end = true;
            memchr(b'>', inner.as_bytes()).map_or(inner.len(), |end| end + 1)
        };
        self.at += 4 + length;
    }

    fn instruction(&mut self) -> Token<'a> {
        let inner = &self.text[self.at + 2..];
        let end = if self.no_instruction_end { None } else { memmem::find(inner.as_bytes(), b"?>") };
        let (end, length) = if let Some(end) = end {
            (end, end + 2)
        } else {
            self.no_instruction_end = true;
            self.note(Flaw::Truncated);
            let end = memchr(b'>', inner.as_bytes()).unwrap_or(inner.len());
            (end, (end + 1).min(inner.len()))
        };
        self.at += 2 + length;
        Token::Instruction(&inner[..end])
    }

    fn doctype(&mut self) -> Token<'a> {
        let rest = &self.text[self.at..];
        let bytes = rest.as_bytes();
        let stop = memchr2(b'>', b'[', bytes).unwrap_or(bytes.len());
        let (head, mut subset, mut end) = (&rest[..stop], "", stop);
        if bytes.get(stop) == Some(&b'[') {
            let inner = &rest[stop + 1..];
            // Behind the brackets there is nothing but white space and the end.
            let closes = |at: &usize| inner[at + 1..].trim_start().starts_with('>');
            let close = memchr::memchr_iter(b']', inner.as_bytes()).take(64).find(closes);
            match close {
                Some(close) => {
                    subset = &inner[..close];
                    end = stop + 1 + close + 1;
                    end += memchr(b'>', &bytes[end..]).unwrap_or(0);
                }
                None => end = memchr(b'>', bytes).unwrap_or(bytes.len()),
            }
        }
        self.at += (end + 1).min(rest.len());
        Token::Doctype { head, subset }
    }
}

/// Whether a byte can begin a name.
fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
}

/// The name that a text begins with.
fn name_of(text: &str) -> &str {
    let ends =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<' | b'=' | b'"' | b'\'' | b'&');
    let end = text.as_bytes().iter().position(ends).unwrap_or(text.len());
    &text[..end]
}

/// Whether the last thing before a quote is `=`.
fn follows_equals(before: &[u8]) -> bool {
    before.iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'=')
}

/// The attributes of a tag: name and value as written. Total.
#[derive(Clone, Debug)]
pub(super) struct Attributes<'a> {
    rest: &'a str,
    /// Whether one of them was without quotes or value so far.
    pub(super) is_loose: bool,
}

impl<'a> Attributes<'a> {
    /// Those of a start tag.
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, is_loose: false }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let stop = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\'' | b'/');
        let rest = self.rest.trim_start_matches(|letter: char| {
            letter.is_ascii_whitespace() || matches!(letter, '"' | '\'' | '/' | '=')
        });
        if rest.is_empty() {
            self.rest = rest;
            return None;
        }
        let end = rest.as_bytes().iter().position(stop).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let behind = behind.trim_start();
        let Some(value) = behind.strip_prefix('=') else {
            self.is_loose = true;
            self.rest = behind;
            return Some((name, ""));
        };
        let value = value.trim_start();
        let quote = value.as_bytes().first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        if let Some(quote) = quote {
            let inner = &value[1..];
            let end = memchr(quote, inner.as_bytes());
            self.is_loose |= end.is_none();
            self.rest = end.map_or("", |end| &inner[end + 1..]);
            return Some((name, &inner[..end.unwrap_or(inner.len())]));
        }
        self.is_loose = true;
        let end = value.find(|letter: char| letter.is_ascii_whitespace()).unwrap_or(value.len());
        self.rest = &value[end..];
        Some((name, &value[..end]))
    }
}
