//! References in XML text: `&lt;`, `&#20154;`, and what the document type declares.

use super::code::Code;
use std::collections::HashMap;

/// How many declared entities are remembered (judgement: the common document types declare some 250).
const MOST_DECLARED: usize = 512;

/// The longest declared value that is put in; a longer one is left out, so nothing grows (judgement).
const LONGEST_VALUE: usize = 64;

/// What the document type declares.
#[derive(Default)]
pub(super) struct Entities<'a> {
    declared: HashMap<&'a str, &'a str>,
    /// Whether it points at a list of entities by its public name: then all of HTML's are taken as declared.
    listed: bool,
    /// Whether an entity is declared whose text lies outside.
    pub(super) outside: bool,
}

impl<'a> Entities<'a> {
    /// Reads a document type's contents. Nothing outside is fetched, nothing is expanded.
    pub(super) fn declare(&mut self, doctype: &'a str) {
        self.listed = doctype.contains("netscape.com/publish/formats/rss-0.91.dtd")
            || doctype.contains("rssboard.org/rss-0.91.dtd");
        for declaration in doctype.split("<!ENTITY").skip(1).take(MOST_DECLARED) {
            let declaration = declaration.split('>').next().unwrap_or_default().trim_start();
            let Some((name, rest)) = declaration.split_once(char::is_whitespace) else { continue };
            let rest = rest.trim_start();
            if rest.starts_with("SYSTEM") || rest.starts_with("PUBLIC") {
                self.outside = true;
                self.declared.entry(name).or_insert("");
            } else {
                self.declared.entry(name).or_insert(
                    rest.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'')),
                );
            }
        }
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        match self.declared.get(name) {
            Some(value) => Some(if value.len() <= LONGEST_VALUE && !value.contains('&') { value } else { "" }),
            None => self.listed.then_some("?"),
        }
    }
}

/// The text with its references resolved; what is wrong with them is told to `tell`.
pub(super) fn decoded(raw: &str, entities: &Entities<'_>, tell: &mut dyn FnMut(Code, &str)) -> String {
    if let Some(control) = raw.chars().find(|letter| is_forbidden(*letter)) {
        tell(Code::ControlCharacter, &format!("U+{:04X}", control as u32));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end =
            rest[1..].find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '#' | '_' | '.' | '-' | ':'));
        let end = end.map_or(rest.len(), |end| end + 1);
        let name = &rest[1..end];
        if name.is_empty() || !rest[end..].starts_with(';') {
            tell(Code::BareAmpersand, &rest[..end.min(1 + name.len())]);
            text.push('&');
            rest = &rest[1..];
            continue;
        }
        match resolved(name, entities) {
            Ok(value) => text.push_str(&value),
            Err(code) => {
                tell(code, &rest[..=end]);
                text.push_str(&rest[..=end]);
            }
        }
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    text
}

fn resolved(name: &str, entities: &Entities<'_>) -> Result<String, Code> {
    let predefined = match name {
        "amp" => Some("&"),
        "lt" => Some("<"),
        "gt" => Some(">"),
        "quot" => Some("\""),
        "apos" => Some("'"),
        _ => entities.value(name),
    };
    if let Some(value) = predefined {
        return Ok(value.to_owned());
    }
    let Some(number) = name.strip_prefix('#') else { return Err(Code::UnknownEntity) };
    let point = match number.strip_prefix('x') {
        Some(hex) if hex.bytes().all(|digit| digit.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16),
        None if number.bytes().all(|digit| digit.is_ascii_digit()) => number.parse(),
        _ => return Err(Code::BadReference),
    };
    point
        .ok()
        .and_then(char::from_u32)
        .filter(|letter| !is_forbidden(*letter))
        .map(String::from)
        .ok_or(Code::BadReference)
}

/// Characters that no XML 1.0 document may hold (section 2.2).
pub(super) fn is_forbidden(letter: char) -> bool {
    matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}
