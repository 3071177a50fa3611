//! References in text → characters: numbers, HTML's names, and the document's own entities within bounds.

use super::problem::Flaw;
use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use memchr::memchr;
use std::borrow::Cow;
use std::collections::HashMap;

/// How many entities of its own a document may declare (judgement: the HTML ones are known anyway).
const MOST_ENTITIES: usize = 256;

/// How deep entities may name each other.
const DEEPEST: usize = 8;

/// How many bytes a document's own entities may expand to in all (judgement: more is an attack).
const LARGEST_EXPANSION: usize = 1 << 20;

/// How much of a document type is read.
const LARGEST_SUBSET: usize = 1 << 16;

/// The longest name of an entity that is looked up; HTML's longest has 31 letters.
const LONGEST_NAME: usize = 40;

/// The document's own entities, and how much may still come of them.
#[derive(Debug, Default)]
pub(super) struct Entities<'a> {
    own: HashMap<&'a str, &'a str>,
    spent: usize,
    /// What was wrong with the last text that was resolved.
    pub(super) flaws: Vec<Flaw>,
}

impl<'a> Entities<'a> {
    /// Reads the declarations in a document type. Entities that are kept elsewhere are left out.
    pub(super) fn declare(&mut self, subset: &'a str) {
        let mut rest = subset;
        while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"<!ENTITY") {
            if at > LARGEST_SUBSET || self.own.len() >= MOST_ENTITIES {
                self.flaws.push(Flaw::Expansion);
                return;
            }
            rest = rest[at + 8..].trim_start();
            let end = rest.find(|letter: char| letter.is_whitespace()).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            let behind = behind.trim_start();
            let Some(quote) = behind.chars().next().filter(|letter| matches!(letter, '"' | '\'')) else {
                if name != "%" {
                    self.flaws.push(Flaw::ExternalEntity);
                }
                continue;
            };
            let Some(close) = behind[1..].find(quote) else { return };
            self.own.entry(name).or_insert(&behind[1..=close]);
            rest = &behind[close + 2..];
        }
    }

    /// Whether its entities have expanded to all that they may.
    pub(super) fn are_spent(&self) -> bool {
        self.spent > LARGEST_EXPANSION
    }

    /// The text with its references resolved.
    pub(super) fn resolve<'b>(&mut self, text: &'b str) -> Cow<'b, str> {
        let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
        let mut out = String::with_capacity(text.len());
        self.resolve_into(&mut out, text, first, 0);
        Cow::Owned(out)
    }

    fn resolve_into(&mut self, out: &mut String, text: &str, first: usize, depth: usize) {
        let (mut from, mut next) = (0, Some(first));
        while let Some(at) = next {
            out.push_str(&text[from..at]);
            let length = self.reference(out, &text[at + 1..], depth);
            from = at + 1 + length;
            if length == 0 {
                out.push('&');
            }
            next = memchr(b'&', &text.as_bytes()[from..]).map(|found| from + found);
        }
        out.push_str(&text[from..]);
    }

    /// Resolves the reference that stands behind an `&`, and says how long it is; 0 where there is none.
    fn reference(&mut self, out: &mut String, text: &str, depth: usize) -> usize {
        if let Some(number) = text.strip_prefix('#') {
            return self.number(out, number);
        }
        let bytes = text.as_bytes();
        let window = &bytes[..bytes.len().min(LONGEST_NAME)];
        let end =
            window.iter().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'.' | b':'));
        let end = end.filter(|end| *end > 0 && bytes[*end] == b';');
        let Some(end) = end else {
            self.flaws.push(Flaw::BareAmpersand);
            return 0;
        };
        match &text[..end] {
            "lt" => out.push('<'),
            "gt" => out.push('>'),
            "amp" => out.push('&'),
            "quot" => out.push('"'),
            "apos" => out.push('\''),
            // As in XHTML 1.0's document type, which feeds mean; HTML 5 moved these two.
            "lang" => out.push('\u{2329}'),
            "rang" => out.push('\u{232a}'),
            name => {
                if let Some(value) = self.own.get(name).copied() {
                    self.expand(out, value, depth);
                } else if let Some((first, second)) = named(&text[..=end]) {
                    out.extend(char::from_u32(first).into_iter().chain(char::from_u32(second).filter(|_| second > 0)));
                } else {
                    self.flaws.push(Flaw::UnknownEntity);
                    return 0;
                }
            }
        }
        end + 1
    }

    fn expand(&mut self, out: &mut String, value: &str, depth: usize) {
        self.spent = self.spent.saturating_add(value.len() + 1);
        if self.are_spent() || depth >= DEEPEST {
            self.spent = self.spent.max(LARGEST_EXPANSION + 1);
            self.flaws.push(Flaw::Expansion);
            return;
        }
        match memchr(b'&', value.as_bytes()) {
            Some(first) => self.resolve_into(out, value, first, depth + 1),
            None => out.push_str(value),
        }
    }

    /// The character behind `&#`.
    fn number(&mut self, out: &mut String, text: &str) -> usize {
        let Some((code, length)) = code(text) else {
            self.flaws.push(Flaw::BareAmpersand);
            return 0;
        };
        match code {
            // A pair of surrogates, written as two references by programs that think in UTF-16.
            0xD800..=0xDBFF => {
                self.flaws.push(Flaw::BadReference);
                let low = text[length..].strip_prefix("&#").and_then(code_of_low);
                let Some((low, more)) = low else {
                    out.push('\u{fffd}');
                    return 1 + length;
                };
                let whole = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                out.push(char::from_u32(whole).unwrap_or('\u{fffd}'));
                return 1 + length + 2 + more;
            }
            0x80..=0x9F => {
                let better = C1_REPLACEMENTS[code as usize - 0x80];
                out.extend(better.or_else(|| char::from_u32(code)));
            }
            0x09 | 0x0A | 0x0D => out.push(char::from(code as u8)),
            0..=0x1F => self.flaws.push(Flaw::BadReference),
            _ => {
                let letter = char::from_u32(code);
                if letter.is_none() {
                    self.flaws.push(Flaw::BadReference);
                }
                out.push(letter.unwrap_or('\u{fffd}'));
            }
        }
        1 + length
    }
}

fn code_of_low(text: &str) -> Option<(u32, usize)> {
    code(text).filter(|(code, _)| (0xDC00..=0xDFFF).contains(code))
}

/// The number that stands behind `&#`, and its length with the semicolon, which may be missing.
fn code(text: &str) -> Option<(u32, usize)> {
    let hex = text.starts_with(['x', 'X']);
    let digits = &text[usize::from(hex)..];
    let is_digit = |byte: &u8| if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let length = digits.bytes().take(16).take_while(is_digit).count();
    let code = u32::from_str_radix(digits.get(..length)?, if hex { 16 } else { 10 }).ok();
    let code = if length == 0 { None } else { Some(code.unwrap_or(u32::MAX)) }?;
    let semicolon = usize::from(digits.as_bytes().get(length) == Some(&b';'));
    Some((code, usize::from(hex) + length + semicolon))
}

/// HTML's entity of that name, which ends in a semicolon.
pub(super) fn named(name: &str) -> Option<(u32, u32)> {
    NAMED_ENTITIES.get(name).copied().filter(|(first, _)| *first != 0)
}

/// Writes text so that it stands for itself in markup.
pub(super) fn escape_into(out: &mut String, text: &str) {
    let mut from = 0;
    for at in memchr::memchr3_iter(b'&', b'<', b'>', text.as_bytes()) {
        out.push_str(&text[from..at]);
        out.push_str(match text.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        from = at + 1;
    }
    out.push_str(&text[from..]);
}
