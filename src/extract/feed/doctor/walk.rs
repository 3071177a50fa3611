//! The tree against the tables: what may stand where, how often, and whether each value is what it should be.

use super::check::Check;
use super::code::Code;
use super::problem::{Found, Place};
use super::schema::{Need, Schema, Shape, Times, Wanted};
use super::tree::{Attribute, Node, Tree};
use super::{address, namespace};
use std::collections::HashMap;

/// A feed under examination.
pub(super) struct Doctor<'t, 'a> {
    /// The document.
    pub(super) tree: &'t Tree<'a>,
    /// Whether the format is written in RDF: RSS 0.90, 1.0, 1.1.
    pub(super) is_rdf: bool,
    schema: &'static Schema,
    /// Each element's shape, where it has one.
    shapes: Vec<Option<usize>>,
}

impl<'t, 'a> Doctor<'t, 'a> {
    /// A feed whose root has this shape.
    pub(super) fn new(tree: &'t Tree<'a>, schema: &'static Schema, root: Option<usize>) -> Doctor<'t, 'a> {
        let mut shapes = vec![None; tree.nodes.len()];
        if let Some(first) = shapes.first_mut() {
            *first = root;
        }
        let is_rdf = tree.nodes.first().is_some_and(|root| matches!(root.space.prefix(), Some("rdf" | "rss11")));
        Doctor { tree, is_rdf, schema, shapes }
    }

    /// An element.
    pub(super) fn node(&self, at: usize) -> &'t Node<'a> {
        &self.tree.nodes[at]
    }

    /// Where an element stands.
    pub(super) fn place(&self, at: usize) -> Place<'t> {
        self.place_of(at, "")
    }

    /// Where an element's attribute stands.
    pub(super) fn place_of<'p>(&self, at: usize, attribute: &'p str) -> Place<'p>
    where
        't: 'p,
    {
        let node = self.node(at);
        let parent = node.parent.map_or("", |parent| self.node(parent).raw);
        Place { line: node.line, element: node.raw, attribute, parent }
    }

    /// Whether `xml:base` is given around an element.
    pub(super) fn has_base(&self, at: usize) -> bool {
        std::iter::successors(Some(at), |at| self.node(*at).parent)
            .any(|at| self.tree.attributes(self.node(at)).iter().any(|attribute| attribute.raw == "xml:base"))
    }

    /// Looks at every element.
    pub(super) fn walk(&mut self, found: &mut Found) {
        let mut seen = HashMap::new();
        for at in 0..self.tree.nodes.len() {
            self.place_child(at, &mut seen, found);
            self.language_and_base(at, found);
            if let Some(shape) = self.shapes[at] {
                let shape = self.schema.shape(shape);
                self.attributes(at, shape, found);
                self.contents(at, shape, found);
            }
        }
        for at in 0..self.tree.nodes.len() {
            if let Some(shape) = self.shapes[at] {
                self.missing(at, self.schema.shape(shape), &seen, found);
            }
        }
    }

    /// Whether an element may stand where it does, and so often; and what shape it has there.
    fn place_child(&mut self, at: usize, seen: &mut HashMap<(usize, &'a str, &'static str), u32>, found: &mut Found) {
        let node = self.node(at);
        let Some(parent) = node.parent else { return };
        let Some(shape) = self.shapes[parent] else { return };
        let shape = self.schema.shape(shape);
        let Some(prefix) = node.space.prefix() else { return };
        if let Some(child) = shape.children.get(&(prefix, node.local)) {
            self.shapes[at] = Some(child.shape);
            let count = seen.entry((parent, node.local, prefix)).or_default();
            *count += 1;
            if *count > 1 && child.times.is_single() {
                found.add(self.place(at), Code::Repeated, "");
            }
            if child.is_deprecated {
                found.add(self.place(at), Code::Deprecated, "");
            }
        } else if !shape.any_child && !matches!(shape.check, Check::Element(_)) && self.schema.is_closed(prefix) {
            let code = match (prefix, node.local) {
                ("", "blink") => Code::Blink,
                _ => Code::UnknownElement,
            };
            found.add(self.place(at), code, "");
        }
    }

    /// `xml:lang` and `xml:base`, which may stand anywhere.
    fn language_and_base(&self, at: usize, found: &mut Found) {
        for attribute in self.tree.attributes(self.node(at)) {
            let mut tell = |code, value: &str| found.add(self.place_of(at, attribute.raw), code, value);
            match attribute.raw {
                "xml:lang" if !attribute.value.is_empty() => address::language(&attribute.value, &mut tell),
                "xml:base" => address::address(&attribute.value, &mut tell),
                _ => {}
            }
        }
    }

    fn attributes(&self, at: usize, shape: &Shape, found: &mut Found) {
        let node = self.node(at);
        let given = self.tree.attributes(node);
        for attribute in given {
            match shape.attributes.iter().find(|wanted| is(attribute, wanted)) {
                Some(wanted) => self.value(at, attribute, wanted, found),
                None if attribute.space.prefix() == Some("") && !shape.any_attribute => {
                    found.add(self.place(at), Code::UnknownAttribute, attribute.raw);
                }
                None if attribute.local == "when" && attribute.space.prefix() == Some("thr") => {
                    found.add(self.place_of(at, attribute.raw), Code::When, "");
                }
                None => {}
            }
        }
        for wanted in shape.attributes.iter().filter(|wanted| wanted.need != Need::Optional) {
            if !given.iter().any(|attribute| is(attribute, wanted)) {
                let code = match (wanted.need, wanted.name) {
                    (Need::Recommended, _) => Code::WishedAttribute,
                    (_, "href") if node.is("atom", "link") => Code::NoHref,
                    _ => Code::MissingAttribute,
                };
                found.add(self.place(at), code, wanted.name);
            }
        }
    }

    fn value(&self, at: usize, attribute: &Attribute<'_>, wanted: &Wanted, found: &mut Found) {
        let value = attribute.value.as_str();
        let mut tell = |code, shown: &str| found.add(self.place_of(at, attribute.raw), code, shown);
        match &wanted.check {
            Check::Value(check) => {
                if value.trim().is_empty() {
                    tell(Code::BlankAttribute, value);
                }
                check(value, &mut tell);
            }
            Check::Listed(words) if !words.contains(&value) => tell(Code::BadValue, value),
            Check::Listed(_) | Check::Nothing | Check::Text | Check::Element(_) => {}
        }
    }

    fn contents(&self, at: usize, shape: &Shape, found: &mut Found) {
        let node = self.node(at);
        let text = node.text.as_str();
        match &shape.check {
            Check::Nothing if !text.trim().is_empty() => found.add(self.place(at), Code::StrayText, text),
            Check::Listed(words) if !words.contains(&text.trim()) => {
                if text.trim().is_empty() {
                    found.add(self.place(at), Code::Blank, text);
                }
                found.add(self.place(at), Code::BadValue, text);
            }
            Check::Value(check) => check(text, &mut |code, shown| found.add(self.place(at), code, shown)),
            Check::Element(check) => check(self, at, found),
            Check::Nothing | Check::Text | Check::Listed(_) => {}
        }
    }

    fn missing(
        &self,
        at: usize,
        shape: &Shape,
        seen: &HashMap<(usize, &'a str, &'static str), u32>,
        found: &mut Found,
    ) {
        for &(prefix, local) in &shape.required {
            let times = shape.children.get(&(prefix, local)).map_or(Times::Any, |child| child.times);
            if !times.is_required() || seen.contains_key(&(at, local, prefix)) {
                continue;
            }
            let node = self.node(at);
            let is_rss = matches!(prefix, "" | "rss1" | "rss09" | "rss11");
            let code = match local {
                "title" if is_rss => Code::MissingTitle,
                "link" if is_rss => Code::MissingLink,
                "description" if is_rss => Code::MissingDescription,
                _ => Code::Missing,
            };
            let own = node.space.prefix() == Some(prefix);
            let name = if own || prefix.is_empty() || namespace::uri(prefix).is_none() {
                local.to_owned()
            } else {
                format!("{prefix}:{local}")
            };
            found.add(Place { line: node.line, element: &name, attribute: "", parent: node.raw }, code, "");
        }
    }
}

/// Whether an attribute is the one that a table names.
fn is(attribute: &Attribute<'_>, wanted: &Wanted) -> bool {
    match wanted.name.split_once(':') {
        Some((prefix, local)) => attribute.local == local && attribute.space.prefix() == Some(prefix),
        None => attribute.raw == wanted.name,
    }
}
