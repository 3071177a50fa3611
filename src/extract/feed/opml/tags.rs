//! Markup → tags and texts, whatever it is: unclosed quotes, bare `&` and `<`, names in any case.

/// How far the end of a quoted value is looked for, in bytes: longer values are cut off there, and a quote that is never closed
/// costs no more (judgement: the longest titles have some hundred).
const LONGEST_VALUE: usize = 64 << 10;

/// The most attributes of a tag that are kept (judgement).
const MOST_ATTRIBUTES: usize = 64;

/// How many quotes are looked at for the one that ends a value.
const MOST_QUOTES: usize = 16;

/// A piece of markup.
pub(super) enum Tag<'a> {
    Open { name: &'a str, attributes: Vec<(&'a str, String)>, is_closed: bool, line: usize },
    Close { name: &'a str },
    Text(&'a str),
}

/// The tags and texts of a document, in order; comments, instructions and document types left out.
pub(super) struct Tags<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Tags<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }

    /// Takes so many bytes.
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.bytes().filter(|byte| *byte == b'\n').count();
        self.rest = rest;
        taken
    }

    /// Skips past a mark; everything that is left where there is none.
    fn skip_past(&mut self, mark: &str) {
        let length = self.rest.find(mark).map_or(self.rest.len(), |at| at + mark.len());
        self.take(length);
    }

    fn open(&mut self) -> Tag<'a> {
        let line = self.line;
        self.take(1);
        let name_length = self.rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '>' | '<'));
        let name = self.take(name_length.unwrap_or(self.rest.len()));
        let mut attributes = Vec::new();
        loop {
            let space = self.rest.len() - self.rest.trim_start().len();
            self.take(space);
            if self.rest.is_empty() || self.rest.starts_with('<') {
                return Tag::Open { name, attributes, is_closed: false, line };
            }
            if self.rest.starts_with('>') {
                self.take(1);
                return Tag::Open { name, attributes, is_closed: false, line };
            }
            if self.rest.starts_with("/>") {
                self.take(2);
                return Tag::Open { name, attributes, is_closed: true, line };
            }
            let ends = |letter: char| letter.is_whitespace() || matches!(letter, '=' | '>' | '<' | '/');
            let length = self.rest.find(ends).unwrap_or(self.rest.len());
            if length == 0 {
                // A slash or an equals sign by itself.
                self.take(1);
                continue;
            }
            let key = self.take(length);
            let after = self.rest.trim_start();
            if !after.starts_with('=') {
                continue;
            }
            let value_at = after[1..].trim_start();
            self.take(self.rest.len() - value_at.len());
            let value = self.value();
            if attributes.len() < MOST_ATTRIBUTES {
                attributes.push((key, unescaped(value)));
            }
        }
    }

    fn value(&mut self) -> &'a str {
        let quote = match self.rest.as_bytes().first() {
            Some(b'"') => '"',
            Some(b'\'') => '\'',
            _ => {
                // Without quotes it ends where a space or the tag does; a slash may be part of an address.
                let end = self.rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '<'));
                let value = &self.rest[..end.unwrap_or(self.rest.len())];
                let is_end = self.rest[value.len()..].starts_with('>');
                let value = value.strip_suffix('/').filter(|_| is_end).unwrap_or(value);
                return self.take(value.len());
            }
        };
        self.take(1);
        let length = self.end_of_value(quote);
        let value = self.take(length);
        if self.rest.starts_with(quote) {
            self.take(1);
        }
        value
    }

    /// Where a quoted value ends: at the first quote with an attribute or the tag's end behind it, or else where the tag seems to.
    fn end_of_value(&self, quote: char) -> usize {
        let mut limit = self.rest.len().min(LONGEST_VALUE);
        while !self.rest.is_char_boundary(limit) {
            limit -= 1;
        }
        let within = &self.rest[..limit];
        // A tag cannot begin in a value; one that seems to is another outline, and this value was never closed.
        let next = within.char_indices().find_map(|(at, letter)| {
            let tag = within.get(at + 1..at + 8).is_some_and(|tag| tag.eq_ignore_ascii_case("outline"));
            let close = within.get(at + 1..at + 9).is_some_and(|tag| tag.eq_ignore_ascii_case("/outline"));
            (letter == '<' && (tag || close)).then_some(at)
        });
        let within = &within[..next.unwrap_or(within.len())];
        let mut quotes = within.match_indices(quote).map(|(at, _)| at).take(MOST_QUOTES);
        let first = quotes.clone().next();
        let ends = |at: &usize| {
            let after = &self.rest[at + 1..];
            let trimmed = after.trim_start();
            let word =
                trimmed.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '-' | ':'));
            let is_attribute = word.is_some_and(|end| end > 0 && trimmed[end..].trim_start().starts_with('='));
            trimmed.is_empty() || trimmed.starts_with(['>', '/', '<', '?']) || is_attribute
        };
        quotes.find(ends).or(first).unwrap_or_else(|| unclosed(within))
    }
}

/// Where a value seems to end that is never closed: at the next attribute, or where the tag does.
fn unclosed(within: &str) -> usize {
    let end = within.find(['>', '\n']).unwrap_or(within.len());
    let is_attribute = |at: &usize| {
        let word = within[at + 1..end].trim_start();
        let length = word.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(0);
        length > 0 && (word[length..].starts_with("=\"") || word[length..].starts_with("='"))
    };
    within[..end].match_indices(' ').map(|(at, _)| at).take(MOST_QUOTES).find(is_attribute).unwrap_or(end)
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let Some(inner) = self.rest.strip_prefix('<') else {
                let length = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Tag::Text(self.take(length)));
            };
            if inner.starts_with("!--") {
                self.skip_past("-->");
            } else if inner.starts_with("![CDATA[") {
                self.take("<![CDATA[".len());
                let length = self.rest.find("]]>").unwrap_or(self.rest.len());
                let text = self.take(length);
                self.take("]]>".len().min(self.rest.len()));
                return Some(Tag::Text(text));
            } else if inner.starts_with('?') {
                self.skip_past(">");
            } else if inner.starts_with('!') {
                let close = self.rest.find('>').unwrap_or(self.rest.len());
                // A document type may hold declarations of its own in brackets.
                let has_own = self.rest[..close].contains('[');
                self.skip_past(if has_own { "]>" } else { ">" });
            } else if let Some(name) = inner.strip_prefix('/') {
                let end = name.find(['>', '<']).unwrap_or(name.len());
                let length = 2 + end + usize::from(name[end..].starts_with('>'));
                let tag = self.take(length);
                return Some(Tag::Close { name: tag[2..].trim_end_matches('>').trim() });
            } else if inner.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') {
                return Some(self.open());
            } else {
                return Some(Tag::Text(self.take(1)));
            }
        }
    }
}

/// A text with XML's own references replaced; anything else stays as it is written.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest[1..].bytes().take(10).position(|byte| byte == b';').map(|end| &rest[1..=end]);
        let letter = reference.and_then(|name| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some(' '),
            _ => {
                let number = name.strip_prefix('#')?;
                let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
                hex.unwrap_or_else(|| number.parse()).ok().and_then(char::from_u32)
            }
        });
        if let (Some(letter), Some(name)) = (letter, reference) {
            plain.push(letter);
            rest = &rest[name.len() + 2..];
        } else {
            plain.push('&');
            rest = &rest[1..];
        }
    }
    plain + rest
}
