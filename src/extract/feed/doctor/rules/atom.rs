//! RFC 4287: what a feed and its entries have to have, and which links may stand beside one another.

use super::super::code::Code;
use super::super::problem::{Found, Place};
use super::super::walk::Doctor;
use super::{child, children, named, root_is, text};
use std::collections::{HashMap, HashSet};

/// The feed: authors, its own address, ids and times.
pub(super) fn feed(doctor: &Doctor<'_, '_>, found: &mut Found) {
    if !root_is(doctor, "atom", "feed") {
        return;
    }
    let own = children(doctor, 0, "atom", "link").find(|at| {
        let rel = doctor.tree.attribute(doctor.node(*at), "rel").unwrap_or_default();
        rel == "self" || rel == "http://www.iana.org/assignments/relation/self"
    });
    match own {
        None => found.add(doctor.place(0), Code::NoSelf, ""),
        Some(own) => own_address(doctor, own, found),
    }
    let (mut ids, mut times) = (HashMap::<&str, (usize, usize)>::new(), HashMap::<&str, usize>::new());
    let mut entries = 0;
    let mut entry_seen = None;
    for (at, node) in doctor.tree.children(0) {
        if node.is("atom", "entry") {
            entry_seen.get_or_insert(at);
            let updated = text(doctor, at, "atom", "updated").unwrap_or_default();
            if let Some(id) = child(doctor, at, "atom", "id") {
                let value = doctor.node(id).text.trim();
                let (count, last) = ids.entry(value).or_default();
                *count += 1;
                *last = id;
                if *count > 1 && !value.is_empty() {
                    found.add(doctor.place(id), Code::SameEntry, value);
                }
            }
            entries += 1;
            let count = times.entry(updated).or_default();
            *count += 1;
            if *count == 2
                && !updated.is_empty()
                && let Some(place) = child(doctor, at, "atom", "updated")
            {
                found.add(doctor.place(place), Code::SameUpdated, updated);
            }
        } else if entry_seen.is_some() && node.space.prefix() == Some("atom") {
            found.add(doctor.place(at), Code::MisplacedMetadata, "");
        }
    }
    // Two that are alike may be two versions of one entry; if all are, the id is a constant of some program.
    if let Some((value, (count, last))) = ids.iter().next().filter(|(_, (count, _))| entries > 2 && *count == entries) {
        let _ = count;
        found.add(doctor.place(*last), Code::SameId, value);
    }
}

fn own_address(doctor: &Doctor<'_, '_>, own: usize, found: &mut Found) {
    let node = doctor.node(own);
    let href = doctor.tree.attribute(node, "href").unwrap_or_default();
    let has_base = doctor
        .tree
        .nodes
        .iter()
        .take(own + 1)
        .any(|node| doctor.tree.attributes(node).iter().any(|attribute| attribute.raw == "xml:base"));
    if !href.contains(':') && !has_base {
        found.add(doctor.place(own), Code::SelfRelative, href);
    }
    let kind = doctor.tree.attribute(node, "type");
    if kind.is_some_and(|kind| !kind.starts_with("application/atom+xml")) {
        found.add(doctor.place(own), Code::SelfNotAtom, kind.unwrap_or_default());
    }
}

/// The entries: author, contents, summary, source.
pub(super) fn entries(doctor: &Doctor<'_, '_>, found: &mut Found) {
    let feed_has_author = root_is(doctor, "atom", "feed") && child(doctor, 0, "atom", "author").is_some();
    for at in named(doctor, "atom", "entry") {
        let node = doctor.node(at);
        let in_atom = node.parent.is_none_or(|parent| doctor.node(parent).is("atom", "feed"));
        let source = child(doctor, at, "atom", "source");
        let author = child(doctor, at, "atom", "author")
            .or_else(|| source.and_then(|source| child(doctor, source, "atom", "author")));
        if in_atom && author.is_none() && !feed_has_author {
            found.add(Place { line: node.line, element: "author", attribute: "", parent: node.raw }, Code::Missing, "");
        }
        contents(doctor, at, found);
        for (name, source) in ["id", "title", "updated"].iter().filter_map(|name| Some((name, source?))) {
            if child(doctor, source, "atom", name).is_none() {
                found.add(
                    Place { line: doctor.node(source).line, element: name, attribute: "", parent: "source" },
                    Code::NoSource,
                    "",
                );
            }
        }
    }
}

fn contents(doctor: &Doctor<'_, '_>, at: usize, found: &mut Found) {
    let content = child(doctor, at, "atom", "content");
    let has_summary = child(doctor, at, "atom", "summary").is_some();
    let alternate = children(doctor, at, "atom", "link")
        .any(|link| matches!(doctor.tree.attribute(doctor.node(link), "rel"), None | Some("alternate")));
    let Some(content) = content else {
        if !has_summary {
            found.add(doctor.place(at), Code::NoTextualContent, "");
        }
        if !alternate {
            found.add(doctor.place(at), Code::NeitherTextNorLink, "");
        }
        return;
    };
    let node = doctor.node(content);
    let kind = doctor.tree.attribute(node, "type");
    let elsewhere = doctor.tree.attribute(node, "src").is_some();
    if elsewhere && kind.is_none() {
        found.add(doctor.place(content), Code::NoType, "");
    }
    let binary = kind.is_some_and(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.contains('/') && !kind.starts_with("text/") && !kind.ends_with("/xml") && !kind.ends_with("+xml")
    });
    if (elsewhere || binary) && !has_summary {
        found.add(doctor.place(at), Code::NoSummary, "");
    }
}

/// Links: no two alternates of the same type and language.
pub(super) fn links(doctor: &Doctor<'_, '_>, found: &mut Found) {
    for at in ["feed", "entry", "source"].iter().flat_map(|name| named(doctor, "atom", name)) {
        let mut seen = HashSet::new();
        for link in children(doctor, at, "atom", "link") {
            let node = doctor.node(link);
            let rel = doctor.tree.attribute(node, "rel").unwrap_or("alternate");
            let rel = rel.strip_prefix("http://www.iana.org/assignments/relation/").unwrap_or(rel);
            if !matches!(rel, "alternate" | "self") {
                continue;
            }
            let part = |name| doctor.tree.attribute(node, name).unwrap_or_default();
            if rel == "alternate" && !seen.insert((part("type"), part("hreflang"))) {
                found.add(doctor.place(link), Code::SameLink, rel);
            }
        }
    }
    // A link whose address resolves to nothing but the document it stands in.
    for link in named(doctor, "atom", "link").filter(|_| !doctor.tree.prolog.bindings.is_empty()) {
        let node = doctor.node(link);
        if doctor.tree.attribute(node, "href").is_some_and(|href| href.starts_with('#') || href.is_empty())
            && !matches!(doctor.tree.attribute(node, "rel"), Some("self"))
        {
            found.add(doctor.place(link), Code::SameDocument, "");
        }
    }
}
