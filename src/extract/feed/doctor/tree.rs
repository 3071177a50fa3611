//! A feed's text → a flat tree with line numbers, and what is wrong with its XML.
//!
//! A scanner of our own: it never stops at a mistake, expands nothing that is declared outside, and its cost grows with
//! the text's length only.

use super::code::Code;
use super::namespace::{Space, space};
use super::problem::Found;
use super::reference::{self, Entities};
use super::tag::Tag;
use std::collections::HashSet;

/// How many elements are looked at (judgement: the largest real feeds have some twenty thousand).
const MOST_NODES: usize = 200_000;

/// How deep elements may stand in one another; deeper ones are counted as their ancestor's (judgement).
const DEEPEST: usize = 128;

/// How many namespace declarations may be in force at one place (judgement: it bounds each look-up).
const MOST_BINDINGS: usize = 256;

/// An attribute, its value decoded.
pub(super) struct Attribute<'a> {
    /// As written, with its prefix.
    pub(super) raw: &'a str,
    /// The namespace: an attribute without a prefix has none.
    pub(super) space: Space<'a>,
    /// The name without its prefix.
    pub(super) local: &'a str,
    /// The value, references resolved.
    pub(super) value: String,
}

/// An element.
pub(super) struct Node<'a> {
    /// The element around it.
    pub(super) parent: Option<usize>,
    /// One past its last descendant.
    pub(super) end: usize,
    /// The line its tag begins on, from 1.
    pub(super) line: u32,
    /// Its name as written, with the prefix.
    pub(super) raw: &'a str,
    /// Its namespace.
    pub(super) space: Space<'a>,
    /// Its name without the prefix.
    pub(super) local: &'a str,
    /// Its attributes' places in [`Tree::attributes`].
    attributes: (usize, usize),
    /// The text directly in it, references resolved.
    pub(super) text: String,
}

impl Node<'_> {
    /// Whether it is this element: a prefix of the table of namespaces, empty for none, and a name.
    pub(super) fn is(&self, prefix: &str, local: &str) -> bool {
        self.local == local && self.space.prefix() == Some(prefix)
    }
}

/// What stands before the first element.
#[derive(Default)]
pub(super) struct Prolog<'a> {
    /// The XML declaration's contents.
    pub(super) declaration: Option<&'a str>,
    /// The document type's contents, and its line.
    pub(super) doctype: Option<(&'a str, u32)>,
    /// Namespace declarations anywhere: prefix, URI, line; each once.
    pub(super) bindings: Vec<(&'a str, String, u32)>,
}

/// The document.
#[derive(Default)]
pub(super) struct Tree<'a> {
    /// The elements in document order; the first is the root.
    pub(super) nodes: Vec<Node<'a>>,
    /// All elements' attributes.
    pub(super) attributes: Vec<Attribute<'a>>,
    /// What stands before the root.
    pub(super) prolog: Prolog<'a>,
}

impl<'a> Tree<'a> {
    /// An element's attributes, in order.
    pub(super) fn attributes(&self, node: &Node<'a>) -> &[Attribute<'a>] {
        &self.attributes[node.attributes.0..node.attributes.1]
    }

    /// The value of an element's attribute that has no prefix.
    pub(super) fn attribute(&self, node: &Node<'a>, name: &str) -> Option<&str> {
        self.attributes(node).iter().find(|attribute| attribute.raw == name).map(|attribute| attribute.value.as_str())
    }

    /// An element's children with their places.
    pub(super) fn children(&self, at: usize) -> impl Iterator<Item = (usize, &Node<'a>)> {
        let end = self.nodes[at].end;
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then(|| (next, &self.nodes[next]))?;
            next = child.1.end.max(next + 1);
            Some(child)
        })
    }
}

/// Reads the text. Total: whatever it is, there is a tree, perhaps an empty one.
pub(super) fn read<'a>(text: &'a str, found: &mut Found) -> Tree<'a> {
    let mut reader = Reader {
        text,
        at: 0,
        line: 1,
        counted: 0,
        tree: Tree::default(),
        open: Vec::new(),
        bindings: vec![("xml", "http://www.w3.org/XML/1998/namespace".to_owned())],
        entities: Entities::default(),
        known: HashSet::new(),
        skipped: 0,
    };
    reader.run(found);
    reader.tree
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    counted: usize,
    tree: Tree<'a>,
    /// The open elements: their places, and how many bindings were in force before each.
    open: Vec<(usize, usize)>,
    /// The namespace declarations in force.
    bindings: Vec<(&'a str, String)>,
    entities: Entities<'a>,
    /// The declarations that were noted.
    known: HashSet<(&'a str, String)>,
    /// Elements open below the deepest that is kept.
    skipped: usize,
}

impl<'a> Reader<'a> {
    fn run(&mut self, found: &mut Found) {
        while self.at < self.text.len() && self.tree.nodes.len() < MOST_NODES {
            let rest = &self.text[self.at..];
            let Some(open) = memchr::memchr(b'<', rest.as_bytes()) else {
                self.characters(rest, found);
                self.advance(rest.len());
                break;
            };
            if open > 0 {
                self.characters(&rest[..open], found);
                self.advance(open);
            }
            self.markup(found);
        }
        self.finish(found);
    }

    /// Moves on, and keeps count of the lines.
    fn advance(&mut self, by: usize) {
        self.at += by;
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.counted..self.at]).count() as u32;
        self.counted = self.at;
    }

    /// What begins with `<`.
    fn markup(&mut self, found: &mut Found) {
        let rest = &self.text[self.at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = comment.find("-->");
            let inner = &comment[..end.unwrap_or(comment.len())];
            if inner.contains("--") || end.is_none() {
                found.at(self.line, Code::BadComment, "", "");
            }
            self.advance(4 + end.map_or(comment.len(), |end| end + 3));
        } else if let Some(section) = rest.strip_prefix("<![CDATA[") {
            let end = section.find("]]>");
            if end.is_none() {
                found.at(self.line, Code::NeverClosed, "<![CDATA[", "");
            }
            let inner = &section[..end.unwrap_or(section.len())];
            self.text(inner.to_owned(), found);
            self.advance(9 + end.map_or(section.len(), |end| end + 3));
        } else if rest.starts_with("<!") {
            self.doctype(rest, found);
        } else if rest.starts_with("<?") {
            self.instruction(rest, found);
        } else if rest.starts_with("</") {
            self.closing(rest, found);
        } else if rest[1..].starts_with(|letter: char| letter.is_alphabetic() || matches!(letter, '_' | ':')) {
            self.opening(rest, found);
        } else {
            found.at(self.line, Code::BareLess, "<", "");
            self.text("<".to_owned(), found);
            self.advance(1);
        }
    }

    fn doctype(&mut self, rest: &'a str, found: &mut Found) {
        let close = rest.find('>').unwrap_or(rest.len());
        // Only the first may have declarations in brackets: else a thousand of them would each search the whole text.
        let first = rest.starts_with("<!DOCTYPE") && self.tree.nodes.is_empty() && self.tree.prolog.doctype.is_none();
        let inner = rest.find('[').filter(|open| first && *open < close).and_then(|_| rest.find("]>"));
        let end = inner.map_or(close, |close| close + 1);
        if first {
            let contents = &rest[9..end.max(9)];
            self.entities.declare(contents);
            if self.entities.outside {
                found.at(self.line, Code::OutsideEntity, "<!DOCTYPE", "");
            }
            self.tree.prolog.doctype = Some((contents, self.line));
        } else {
            found.at(self.line, Code::StrayDeclaration, "", &rest[..end]);
        }
        self.advance((end + 1).min(rest.len()));
    }

    fn instruction(&mut self, rest: &'a str, found: &mut Found) {
        let end = rest[2..].find("?>").map(|end| end + 2);
        let inner = &rest[2..end.unwrap_or(rest.len())];
        if inner.starts_with("xml") && inner[3..].starts_with(|letter: char| letter.is_whitespace()) {
            if self.at > 0 {
                found.at(self.line, Code::LateDeclaration, "", "");
            }
            self.tree.prolog.declaration.get_or_insert(&inner[3..]);
        }
        self.advance(end.map_or(rest.len(), |end| end + 2));
    }

    fn closing(&mut self, rest: &'a str, found: &mut Found) {
        let end = rest.find('>').unwrap_or(rest.len());
        let name = rest[2..end].trim();
        let top = self.open.last().map(|(node, _)| &self.tree.nodes[*node]);
        if self.skipped > 0 {
            self.skipped -= 1;
        } else if top.is_some_and(|top| top.raw == name) {
            self.pop();
        } else {
            let inside = top.map_or("", |top| top.raw);
            found.at(self.line, Code::TagMismatch, inside, &format!("</{name}>"));
            // Some open element of that name: what stands in it was never closed. The search is bounded by the depth.
            if let Some(depth) = self.open.iter().rposition(|(node, _)| self.tree.nodes[*node].raw == name) {
                while self.open.len() > depth {
                    self.pop();
                }
            }
        }
        self.advance((end + 1).min(rest.len()));
    }

    fn pop(&mut self) {
        if let Some((node, bindings)) = self.open.pop() {
            self.tree.nodes[node].end = self.tree.nodes.len();
            self.bindings.truncate(bindings);
        }
    }

    fn finish(&mut self, found: &mut Found) {
        if let Some((node, _)) = self.open.last().filter(|_| self.tree.nodes.len() < MOST_NODES) {
            let (name, line) = (self.tree.nodes[*node].raw, self.tree.nodes[*node].line);
            found.at(line, Code::NeverClosed, name, "");
        }
        while !self.open.is_empty() {
            self.pop();
        }
        if self.tree.nodes.is_empty() {
            found.at(1, Code::NoRoot, "", "");
        }
    }

    fn opening(&mut self, rest: &'a str, found: &mut Found) {
        let tag = Tag::read(rest);
        let line = self.line;
        if tag.broken {
            found.at(line, Code::BadTag, tag.name, "");
        }
        if self.open.is_empty() && !self.tree.nodes.is_empty() {
            found.at(line, Code::SecondRoot, tag.name, "");
        }
        if self.open.len() >= DEEPEST || (self.open.is_empty() && !self.tree.nodes.is_empty()) {
            self.skipped += usize::from(!tag.empty);
            self.advance(tag.length);
            return;
        }
        let before = self.bindings.len();
        let from = self.tree.attributes.len();
        let mut decoded = Vec::with_capacity(tag.attributes.len());
        for (name, value) in &tag.attributes {
            if decoded.iter().any(|(other, _)| other == name) {
                found.at(line, Code::RepeatedAttribute, tag.name, name);
                continue;
            }
            let value =
                reference::decoded(value, &self.entities, &mut |code, what| found.at(line, code, tag.name, what));
            self.declare(name, &value);
            decoded.push((*name, value));
        }
        let (space, local) = self.resolved(tag.name, true, found);
        for (name, value) in decoded {
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let (space, local) = self.resolved(name, false, found);
            self.tree.attributes.push(Attribute { raw: name, space, local, value });
        }
        let node = self.tree.nodes.len();
        let parent = self.open.last().map(|(node, _)| *node);
        let attributes = (from, self.tree.attributes.len());
        let text = String::new();
        self.tree.nodes.push(Node { parent, end: node + 1, line, raw: tag.name, space, local, attributes, text });
        self.open.push((node, before));
        if tag.empty {
            self.pop();
        }
        self.advance(tag.length);
    }

    /// Notes a namespace declaration.
    fn declare(&mut self, name: &'a str, value: &str) {
        let prefix = match name.strip_prefix("xmlns:") {
            Some(prefix) => prefix,
            None if name == "xmlns" => "",
            None => return,
        };
        if self.bindings.len() < MOST_BINDINGS {
            self.bindings.push((prefix, value.to_owned()));
        }
        if self.known.len() < MOST_BINDINGS && self.known.insert((prefix, value.to_owned())) {
            self.tree.prolog.bindings.push((prefix, value.to_owned(), self.line));
        }
    }

    /// A name's namespace, and the name without its prefix.
    fn resolved(&self, name: &'a str, is_element: bool, found: &mut Found) -> (Space<'a>, &'a str) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        if prefix.is_empty() && !is_element {
            return (Space::NONE, local);
        }
        match self.bindings.iter().rev().find(|(bound, _)| *bound == prefix) {
            Some((_, uri)) => (space(uri), local),
            None if prefix.is_empty() => (Space::NONE, local),
            None => {
                found.at(self.line, Code::UndeclaredPrefix, name, prefix);
                (Space::undeclared(prefix), local)
            }
        }
    }

    fn characters(&mut self, raw: &'a str, found: &mut Found) {
        let line = self.line;
        let inside = self.open.last().map_or("", |(node, _)| self.tree.nodes[*node].raw);
        let decoded = reference::decoded(raw, &self.entities, &mut |code, what| found.at(line, code, inside, what));
        self.text(decoded, found);
    }

    fn text(&mut self, text: String, found: &mut Found) {
        match self.open.last() {
            Some((node, _)) => {
                let held = &mut self.tree.nodes[*node].text;
                if held.is_empty() {
                    *held = text;
                } else {
                    held.push_str(&text);
                }
            }
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
            None => found.at(self.line, Code::TextOutside, "", text.trim()),
        }
    }
}
