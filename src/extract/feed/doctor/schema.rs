//! The tables of what may stand where: `schema/*.txt`, read once into shapes.
//!
//! A line is `name: items`; an indented line goes on. `ns p` says whose names the unprefixed ones are, `group name:` gives a
//! list that `&name` takes in. Items: `=check` of the text; `@name`, `@name!` (required), `@name~` (recommended), each
//! with `=check`; `@*` any attribute; `*` any child; `child`, `child?` (at most one), `child!` (exactly one), `child+`
//! (at least one), with `=shape` or `=check`; `-child` is out of use.

use super::check::{self, Check};
use std::collections::HashMap;
use std::sync::OnceLock;

/// How often a child may stand in its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    Any,
    AtMostOne,
    One,
    AtLeastOne,
}

impl Times {
    /// Whether it may not be left out.
    pub(super) fn is_required(self) -> bool {
        matches!(self, Times::One | Times::AtLeastOne)
    }

    /// Whether a second one is too many.
    pub(super) fn is_single(self) -> bool {
        matches!(self, Times::One | Times::AtMostOne)
    }
}

/// How much an attribute is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Optional,
    Recommended,
    Required,
}

/// What a shape says of a child.
#[derive(Clone, Debug)]
pub(super) struct Child {
    pub(super) shape: usize,
    pub(super) times: Times,
    pub(super) is_deprecated: bool,
}

/// What a shape says of an attribute.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// As the table writes it: a prefix is a usual one.
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) check: Check,
}

/// A name in the tables: a usual prefix, and the local name.
pub(super) type Name = (&'static str, &'static str);

/// What an element may hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) check: Check,
    pub(super) attributes: Vec<Wanted>,
    pub(super) any_attribute: bool,
    pub(super) any_child: bool,
    pub(super) children: HashMap<Name, Child>,
    /// The children that may not be left out, in the table's order.
    pub(super) required: Vec<Name>,
}

/// All shapes.
#[derive(Debug, Default)]
pub(super) struct Schema {
    shapes: Vec<Shape>,
    names: HashMap<&'static str, usize>,
    /// The namespaces that the tables know an element of: an element of theirs that is not listed is a mistake.
    closed: Vec<&'static str>,
    /// What the tables say and nobody knows; empty, as a test holds.
    strange: Vec<String>,
}

/// The lists that `&name` takes in: whose names the unprefixed ones are, and the items.
type Groups<'t> = dyn Fn(&str) -> Option<(&'static str, &'t Vec<&'static str>)> + 't;

const TABLES: &[&str] = &[
    include_str!("schema/rss.txt"),
    include_str!("schema/rdf.txt"),
    include_str!("schema/atom.txt"),
    include_str!("schema/extensions.txt"),
    include_str!("schema/podcast.txt"),
    include_str!("schema/places.txt"),
    include_str!("schema/others.txt"),
];

/// The tables, read.
pub(super) fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| Schema::read(TABLES))
}

impl Schema {
    /// The shape of this name.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// A shape.
    pub(super) fn shape(&self, at: usize) -> &Shape {
        &self.shapes[at]
    }

    /// Whether the tables list a namespace's elements.
    pub(super) fn is_closed(&self, prefix: &str) -> bool {
        self.closed.contains(&prefix)
    }

    fn read(tables: &'static [&'static str]) -> Schema {
        let mut lines: Vec<(&str, &str, Vec<&str>)> = Vec::new();
        for table in tables {
            let mut space = "";
            for line in table.lines().map(|line| line.split('#').next().unwrap_or_default()) {
                if let Some(prefix) = line.strip_prefix("ns ") {
                    space = if prefix.trim() == "-" { "" } else { prefix.trim() };
                } else if line.starts_with(' ') {
                    if let Some((_, _, items)) = lines.last_mut() {
                        items.extend(line.split_whitespace());
                    }
                } else if let Some((name, items)) = line.split_once(": ").or_else(|| line.split_once(':')) {
                    lines.push((space, name, items.split_whitespace().collect()));
                }
            }
        }
        let groups: HashMap<&str, usize> =
            lines.iter().enumerate().filter_map(|(at, line)| Some((line.1.strip_prefix("group ")?, at))).collect();
        let mut schema = Schema::default();
        for (_, name, _) in lines.iter().filter(|line| !line.1.starts_with("group ")) {
            schema.names.insert(name, schema.shapes.len());
            schema.shapes.push(Shape::default());
        }
        for (space, name, items) in &lines {
            let Some(at) = schema.named(name) else { continue };
            let mut shape = Shape::default();
            for item in items {
                schema.item(&mut shape, space, item, &|name| groups.get(name).map(|at| (lines[*at].0, &lines[*at].2)));
            }
            schema.shapes[at] = shape;
        }
        schema
    }

    fn item(&mut self, shape: &mut Shape, space: &'static str, item: &'static str, groups: &Groups<'_>) {
        if let Some(group) = item.strip_prefix('&') {
            match groups(group) {
                Some((space, items)) => items.iter().for_each(|item| self.item(shape, space, item, groups)),
                None => self.strange.push(item.to_owned()),
            }
        } else if let Some(name) = item.strip_prefix('=') {
            shape.check = self.check(name);
        } else if item == "@*" {
            shape.any_attribute = true;
        } else if item == "*" {
            shape.any_child = true;
        } else if let Some(wanted) = item.strip_prefix('@') {
            let (name, check) = wanted.split_once('=').unwrap_or((wanted, "text"));
            let need = match name.as_bytes().last() {
                Some(b'!') => Need::Required,
                Some(b'~') => Need::Recommended,
                _ => Need::Optional,
            };
            let check = self.check(check);
            shape.attributes.push(Wanted { name: name.trim_end_matches(['!', '~']), need, check });
        } else {
            self.child(shape, space, item);
        }
    }

    fn child(&mut self, shape: &mut Shape, space: &'static str, item: &'static str) {
        let (name, of) = item.split_once('=').map_or((item, None), |(name, of)| (name, Some(of)));
        let is_deprecated = name.starts_with('-');
        let name = name.trim_start_matches('-');
        let times = match name.as_bytes().last() {
            Some(b'!') => Times::One,
            Some(b'?') => Times::AtMostOne,
            Some(b'+') => Times::AtLeastOne,
            _ => Times::Any,
        };
        let name = name.trim_end_matches(['!', '?', '+']);
        let key = name.split_once(':').unwrap_or((space, name));
        let default = if key.0.is_empty() { name.to_owned() } else { format!("{}:{}", key.0, key.1) };
        let at = self.named(of.unwrap_or(&default)).unwrap_or_else(|| {
            // A child that names neither a shape nor a check has to have a shape of its own name.
            let check = self.check(of.unwrap_or(name));
            self.shapes.push(Shape { check, ..Shape::default() });
            self.shapes.len() - 1
        });
        if !self.closed.contains(&key.0) {
            self.closed.push(key.0);
        }
        if times.is_required() && !shape.children.contains_key(&key) {
            shape.required.push(key);
        }
        shape.children.entry(key).or_insert(Child { shape: at, times, is_deprecated });
    }

    fn check(&mut self, name: &'static str) -> Check {
        check::named(name).unwrap_or_else(|| {
            self.strange.push(name.to_owned());
            Check::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_say_only_what_is_known() {
        assert_eq!(schema().strange, Vec::<String>::new());
        assert!(schema().shapes.len() > 200);
    }
}
