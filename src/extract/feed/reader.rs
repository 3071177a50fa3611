//! Tokens → elements: what is open, in which vocabulary, language and base, and which text belongs to whom.
//!
//! What a strict parser dies of is mended here. An end tag closes everything that was left open inside of its element; one
//! that nothing opened closes a text that it stands directly behind (`<title>…</titel>`), and is left out otherwise. An entry that
//! begins inside of another closes it.

use super::body::{Capture, Mode};
use super::escape::{Entities, escape_into};
use super::names::{self, Tag};
use super::problem::Flaw;
use super::record::{Place, Records};
use super::resolve::Bases;
use super::spaces::{self, Space};
use super::token::{Attributes, Token, Tokens};
use crate::model::FeedEntry;
use std::borrow::Cow;
use std::sync::Arc;

/// How deep elements may be nested; deeper ones are read as if they were empty (judgement: real markup has some fifty levels).
const DEEPEST: usize = 256;

/// An element that is open.
#[derive(Debug)]
pub(super) struct Open<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: &'a str,
    pub(super) tag: Tag,
    pub(super) space: Space,
    /// Where its children belong.
    pub(super) place: Place,
    pub(super) text: Cow<'a, str>,
    pub(super) base: Option<Arc<str>>,
    pub(super) language: Option<Arc<str>>,
    /// How many prefixes were declared outside of it.
    prefixes: usize,
}

/// Reads one document.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) tokens: Tokens<'a>,
    pub(super) entities: Entities<'a>,
    pub(super) stack: Vec<Open<'a>>,
    pub(super) prefixes: Vec<(&'a str, Space)>,
    pub(super) capture: Option<Capture<'a>>,
    pub(super) records: Records,
    pub(super) bases: Bases,
    pub(super) base: Option<Arc<str>>,
    pub(super) language: Option<Arc<str>>,
    /// feedparser's name for the version.
    pub(super) version: &'static str,
    /// How many inner ones of a nested category were added since its outer one began.
    pub(super) nested_tags: usize,
    pub(super) doctype: &'a str,
    pub(super) roots: usize,
}

impl<'a> Reader<'a> {
    /// Begins to read; relative links are relative to `base`, and what says nothing else is in `language`.
    pub(super) fn new(text: &'a str, base: Option<Arc<str>>, language: Option<Arc<str>>) -> Self {
        Self {
            tokens: Tokens::new(text),
            entities: Entities::default(),
            stack: Vec::with_capacity(16),
            prefixes: Vec::with_capacity(16),
            capture: None,
            records: Records::default(),
            bases: Bases::default(),
            base,
            language,
            version: "",
            nested_tags: 0,
            doctype: "",
            roots: 0,
        }
    }

    /// Reads it all.
    pub(super) fn read(&mut self) {
        if let Some(language) = &self.language {
            self.records.feed.more.insert("language".into(), language.as_ref().into());
        }
        while let Some(token) = self.tokens.next() {
            match token {
                Token::Start { name, attributes, empty } => self.start(name, attributes, empty),
                Token::End { name } => self.end(name),
                Token::Text(text) => self.text(text),
                Token::Data(text) => self.data(text),
                Token::Doctype { head, subset } => {
                    self.doctype = head;
                    self.entities.declare(subset);
                    self.note_references();
                }
                Token::Instruction(text) => {
                    let is_declaration =
                        text.starts_with("xml") && text[3..].starts_with(|letter: char| letter.is_whitespace());
                    if is_declaration && self.tokens.start > 0 {
                        self.tokens.note(Flaw::LateDeclaration);
                    }
                }
            }
            if self.entities.are_spent() || self.records.are_full() {
                break;
            }
        }
        if !self.stack.is_empty() && !self.records.are_full() {
            self.tokens.note(Flaw::Truncated);
        }
        let is_cut = !self.stack.is_empty();
        // Half an address is another address, half an id another entry.
        if let Some(open) =
            self.stack.last_mut().filter(|open| matches!(open.tag, Tag::Link | Tag::Guid | Tag::AtomId | Tag::Url))
        {
            open.text = Cow::Borrowed("");
        }
        while !self.stack.is_empty() {
            self.close();
        }
        // An entry of which no more than its tag came.
        if is_cut && self.records.entries.last().is_some_and(|entry| *entry == FeedEntry::default()) {
            self.records.entries.pop();
        }
        self.records.share(self.version.starts_with("atom"));
    }

    /// Whether nothing at all is said.
    pub(super) fn is_blank(&self) -> bool {
        self.records.entries.is_empty() && self.records.feed == FeedEntry::default()
    }

    /// An attribute's value, its references resolved; by its name without a prefix, in any case.
    pub(super) fn attribute(&mut self, attributes: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
        if attributes.is_empty() {
            return None;
        }
        let is_wanted = |name: &str| spaces::split(name).1.eq_ignore_ascii_case(wanted) && !name.starts_with("xmlns");
        let (_, value) = Attributes::new(attributes).find(|(name, _)| is_wanted(name))?;
        Some(self.resolved(value))
    }

    /// Text with its references resolved.
    pub(super) fn resolved<'b>(&mut self, text: &'b str) -> Cow<'b, str> {
        let resolved = self.entities.resolve(text);
        self.note_references();
        resolved
    }

    fn note_references(&mut self) {
        for flaw in std::mem::take(&mut self.entities.flaws) {
            self.tokens.note(flaw);
        }
    }

    /// The element that was opened last.
    pub(super) fn top(&self) -> Option<&Open<'a>> {
        self.stack.last()
    }

    /// Where what comes now belongs.
    pub(super) fn place(&self) -> Place {
        self.stack.last().map_or(Place::Outside, |open| open.place)
    }

    fn start(&mut self, name: &'a str, attributes: &'a str, empty: bool) {
        if let Some(capture) = &self.capture {
            if !capture.is_left_by(self.known_tag(name)) {
                return self.markup(name, attributes, empty);
            }
            let depth = capture.depth;
            self.tokens.note(Flaw::Unclosed);
            self.close_to(depth);
        }
        let prefixes = self.prefixes.len();
        let (base, language) = self.scope(attributes);
        let (space, tag) = self.meaning(name);
        if tag == Tag::Entry {
            self.close_entry();
        }
        if self.stack.is_empty() {
            self.root(tag, attributes);
        }
        if self.stack.len() >= DEEPEST {
            self.tokens.note(Flaw::TooDeep);
            self.prefixes.truncate(prefixes);
            return;
        }
        let place = self.place();
        self.stack.push(Open {
            name,
            attributes,
            tag,
            space,
            place,
            text: Cow::Borrowed(""),
            base,
            language,
            prefixes,
        });
        self.begin();
        if empty {
            self.close();
        }
    }

    /// A start tag inside of a text: it is part of the text.
    fn markup(&mut self, name: &'a str, attributes: &'a str, empty: bool) {
        let prefixes = self.prefixes.len();
        let (base, language) = self.scope(attributes);
        let (prefix, local) = spaces::split(name);
        let name_shown = if prefix.is_empty() {
            name
        } else if self.meaning(name).0 == Space::Xhtml {
            local
        } else {
            name
        };
        let is_plain =
            !attributes.contains("xmlns") && !attributes.contains(['&', '\'']) && !attributes.contains("xml:");
        let written = if is_plain && name_shown == name && !empty && !attributes.contains('<') {
            Cow::Borrowed(self.tokens.between(self.tokens.start, self.tokens.position()))
        } else {
            Cow::Owned(self.written(name_shown, attributes, empty))
        };
        if let Some(capture) = &mut self.capture {
            capture.tag(written);
        }
        if empty || self.stack.len() >= DEEPEST {
            self.prefixes.truncate(prefixes);
            return;
        }
        let (place, space) = (self.place(), Space::Xhtml);
        let text = Cow::Borrowed(name_shown);
        self.stack.push(Open { name, attributes: "", tag: Tag::Markup, space, place, text, base, language, prefixes });
    }

    /// A start tag as it is written into a text.
    fn written(&mut self, name: &str, attributes: &'a str, empty: bool) -> String {
        let mut out = String::with_capacity(name.len() + attributes.len() + 5);
        out.push('<');
        out.push_str(name);
        for (name, value) in Attributes::new(attributes) {
            if name.starts_with("xmlns") {
                continue;
            }
            let value = self.resolved(value);
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            let mut safe = String::new();
            escape_into(&mut safe, &value);
            out.push_str(&safe.replace('"', "&quot;"));
            out.push('"');
        }
        out.push_str(if empty { " />" } else { ">" });
        out
    }

    fn end(&mut self, name: &'a str) {
        let Some(top) = self.stack.last() else {
            self.tokens.note(Flaw::StrayEnd);
            return;
        };
        if top.name == name {
            return self.close();
        }
        let found = self.stack.iter().rposition(|open| open.name.eq_ignore_ascii_case(name));
        if let Some(depth) = found {
            self.tokens.note(Flaw::Unclosed);
            return self.close_to(depth);
        }
        self.tokens.note(Flaw::StrayEnd);
        let is_text = self.capture.as_ref().is_none_or(|capture| capture.depth + 1 == self.stack.len());
        let holds_text = self.capture.is_some() || self.stack.last().is_some_and(|open| !open.text.trim().is_empty());
        if is_text && holds_text && !names::is_html(spaces::split(name).1) {
            self.close();
        }
    }

    /// Closes the last element.
    fn close(&mut self) {
        let depth = self.stack.len().saturating_sub(1);
        match &mut self.capture {
            Some(capture) if capture.depth < depth => {
                // Markup keeps the name it is written under as its text.
                if let Some(open) = self.stack.pop() {
                    capture.end(&open.text);
                    self.prefixes.truncate(open.prefixes);
                }
            }
            _ => {
                self.finish();
                if let Some(open) = self.stack.pop() {
                    self.prefixes.truncate(open.prefixes);
                }
            }
        }
    }

    /// Closes the element at that depth and all inside of it.
    fn close_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.close();
        }
    }

    /// Closes the entry that is open, if one is.
    fn close_entry(&mut self) {
        if let Some(depth) = self.stack.iter().position(|open| open.tag == Tag::Entry) {
            self.tokens.note(Flaw::Unclosed);
            self.close_to(depth);
        }
    }

    fn text(&mut self, text: &'a str) {
        if self.capture.is_some() {
            let needs_work = memchr::memchr3(b'&', b'<', b'>', text.as_bytes()).is_some();
            if needs_work && memchr::memmem::find(text.as_bytes(), b"]]>").is_some() {
                self.tokens.note(Flaw::EndOfData);
            }
            let is_markup = self.capture.as_ref().is_some_and(|capture| capture.mode == Mode::Markup);
            let resolved = if needs_work { self.resolved(text) } else { Cow::Borrowed(text) };
            let Some(capture) = &mut self.capture else { return };
            if is_markup && needs_work {
                let mut out = String::with_capacity(text.len());
                escape_into(&mut out, &resolved);
                capture.text(Cow::Owned(out));
            } else {
                capture.text(resolved);
            }
            return;
        }
        let blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
        if blank && self.stack.last().is_none_or(|open| open.text.is_empty()) {
            return;
        }
        if self.stack.is_empty() {
            return self.tokens.note(Flaw::TextOutside);
        }
        let text = self.resolved(text);
        self.append(text);
    }

    fn data(&mut self, text: &'a str) {
        match &mut self.capture {
            Some(capture) if capture.mode == Mode::Markup => {
                let mut out = String::with_capacity(text.len());
                escape_into(&mut out, text);
                capture.text(Cow::Owned(out));
            }
            Some(capture) => capture.text(Cow::Borrowed(text)),
            None => self.append(Cow::Borrowed(text)),
        }
    }

    fn append(&mut self, text: Cow<'a, str>) {
        let Some(open) = self.stack.last_mut() else { return };
        if open.text.is_empty() {
            open.text = text;
        } else {
            open.text.to_mut().push_str(&text);
        }
    }
}
