//! What may be said only once: the same value, or the same thing in two ways.

use super::super::code::Code;
use super::super::problem::Found;
use super::super::walk::Doctor;
use super::{child, named};
use std::collections::{HashMap, HashSet};

/// Values that have to be unique in the document: guids, ids, subjects.
pub(super) fn values(doctor: &Doctor<'_, '_>, found: &mut Found) {
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    for (at, node) in doctor.tree.nodes.iter().enumerate() {
        if node.is("", "guid") {
            let text = node.text.trim();
            if !text.is_empty() && !seen.insert(("guid", text)) {
                found.add(doctor.place(at), Code::SameValue, text);
            }
        }
        for attribute in doctor.tree.attributes(node) {
            let kind = match (node.space.prefix(), attribute.raw) {
                (Some("kml"), "id") => "id",
                (Some("sx"), "id") if node.local == "sync" && !in_conflict(doctor, at) => "sync",
                (Some("rss11"), _) if attribute.local == "about" && attribute.space.prefix() == Some("rdf") => "about",
                (_, "xml:id") => "xml:id",
                _ => continue,
            };
            if !attribute.value.is_empty() && !seen.insert((kind, attribute.value.as_str())) {
                let place = doctor.place_of(at, attribute.raw);
                // Two ids in one document are no XML that a validating parser takes.
                found.add(
                    place,
                    if kind == "id" && node.local == "Style" { Code::SameStyle } else { Code::SameValue },
                    &attribute.value,
                );
            }
        }
    }
    for list in named(doctor, "", "skipDays").chain(named(doctor, "", "skipHours")) {
        let mut seen = HashSet::new();
        let mut count = 0;
        for (at, node) in doctor.tree.children(list) {
            count += 1;
            let value = node.text.trim();
            // Midnight has two names.
            let same = if value == "24" { "0" } else { value };
            if !value.is_empty() && !seen.insert(same) {
                found.add(doctor.place(at), Code::SameValue, value);
            }
        }
        let days = doctor.node(list).local == "skipDays";
        if count > if days { 7 } else { 24 } {
            found.add(doctor.place(list), if days { Code::TooManyDays } else { Code::TooManyHours }, "");
        }
    }
}

/// Whether an element is kept as a conflicting version of another.
fn in_conflict(doctor: &Doctor<'_, '_>, at: usize) -> bool {
    std::iter::successors(Some(at), |at| doctor.node(*at).parent).any(|at| doctor.node(at).is("sx", "conflicts"))
}

/// A usual prefix and a name.
type Name = (&'static str, &'static str);

/// What a channel and its items can say in two ways: RSS's own element, and that of an extension.
const TWICE: &[(&str, Name, Name)] = &[
    ("channel", ("", "managingEditor"), ("dc", "creator")),
    ("channel", ("", "webMaster"), ("dc", "publisher")),
    ("channel", ("", "copyright"), ("dc", "rights")),
    ("channel", ("", "pubDate"), ("dc", "date")),
    ("channel", ("", "language"), ("dc", "language")),
    ("channel", ("", "lastBuildDate"), ("dcterms", "modified")),
    ("channel", ("", "generator"), ("admin", "generatorAgent")),
    ("channel", ("creativeCommons", "license"), ("cc", "license")),
    ("item", ("", "pubDate"), ("dc", "date")),
    ("item", ("", "pubDate"), ("atom", "published")),
    ("item", ("", "author"), ("dc", "creator")),
    ("item", ("", "category"), ("dc", "subject")),
    ("item", ("", "source"), ("dc", "source")),
    ("item", ("", "guid"), ("atom", "id")),
    ("item", ("creativeCommons", "license"), ("cc", "license")),
];

/// The same thing said in two ways.
pub(super) fn meanings(doctor: &Doctor<'_, '_>, found: &mut Found) {
    for at in named(doctor, "", "channel").chain(named(doctor, "", "item")) {
        let mut said: HashMap<(&str, &str), usize> = HashMap::new();
        for (place, node) in doctor.tree.children(at) {
            if let Some(prefix) = node.space.prefix() {
                said.entry((prefix, node.local)).or_insert(place);
            }
        }
        let local = doctor.node(at).local;
        for (_, core, extension) in TWICE.iter().filter(|(parent, ..)| *parent == local) {
            if let (Some(first), Some(second)) = (said.get(core), said.get(extension)) {
                let code = if local == "item" { Code::ItemSaidTwice } else { Code::SaidTwice };
                found.add(doctor.place(*first), code, doctor.node(*second).raw);
            }
        }
        let Some(description) = child(doctor, at, "", "description").filter(|_| local == "item") else { continue };
        for (prefix, name) in [("atom", "content"), ("xhtml", "body")] {
            if let Some(second) =
                said.get(&(prefix, name)).filter(|second| doctor.tree.attribute(doctor.node(**second), "src").is_none())
            {
                let node = doctor.node(*second);
                found.add(
                    super::super::problem::Place {
                        line: doctor.node(description).line,
                        element: node.raw,
                        attribute: "",
                        parent: "item",
                    },
                    Code::TextSaidTwice,
                    node.raw,
                );
            }
        }
    }
}
