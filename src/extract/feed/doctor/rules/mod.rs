//! The rules that no table can say: what the root is, and what only shows in the feed as a whole.

mod atom;
mod bytes;
mod history;
mod names;
mod once;
mod others;
mod podcast;
mod rss;

use super::code::Code;
use super::problem::Found;
use super::schema::Schema;
use super::tree::Tree;
use super::walk::Doctor;
use crate::model::CanonicalUrl;

/// The rules, in the order of their application. Each looks for its own format and passes over the others.
const RULES: &[fn(&Doctor<'_, '_>, &mut Found)] = &[
    // Any format: names, and what may stand once only.
    names::prefixes,
    names::outside,
    once::values,
    once::meanings,
    // Atom.
    atom::feed,
    atom::entries,
    atom::links,
    history::pages,
    // RSS.
    rss::document_type,
    rss::channel,
    rss::items,
    rss::order,
    // What stands in either.
    podcast::channel,
    podcast::files,
    others::synchronised,
    others::categories,
    others::searches,
    others::outlines,
    others::goods,
];

/// Where the document came from, and as what.
pub(super) struct Source<'s> {
    /// The bytes.
    pub(super) payload: &'s [u8],
    /// The `Content-Type` header; empty where there was none.
    pub(super) content_type: &'s str,
    /// The charset it was read in.
    pub(super) charset: &'s str,
    /// The address it was read from.
    pub(super) url: Option<&'s CanonicalUrl>,
}

/// Applies every rule.
pub(super) fn apply(doctor: &Doctor<'_, '_>, source: &Source<'_>, found: &mut Found) {
    bytes::declaration(doctor, source, found);
    bytes::delivery(doctor, source, found);
    for rule in RULES {
        rule(doctor, found);
    }
}

/// The shape of the root: which format it is.
pub(super) fn root(tree: &Tree<'_>, schema: &Schema, found: &mut Found) -> Option<usize> {
    let root = tree.nodes.first()?;
    let shape = match (root.space.prefix(), root.local) {
        (Some(""), "rss") => "rss",
        (Some("rdf"), "RDF") => {
            match tree.nodes.iter().find_map(|node| node.space.prefix().filter(|prefix| prefix.starts_with("rss"))) {
                Some("rss09") => "rdf09",
                _ => "rdf1",
            }
        }
        (Some("atom"), "feed") => "feed1",
        (Some("atom"), "entry") => "entry1",
        (Some("rss11"), "Channel") => "channel11",
        (Some("app"), "service") => "service",
        (Some("app"), "categories") => "categories",
        (Some("opensearch"), "OpenSearchDescription") => "opensearch-description",
        (Some("kml"), "kml") => "kml",
        (Some("kml20"), "kml") => "kml-20",
        (Some(""), "opml") => "opml",
        (Some("xrds"), "XRDS") => return None,
        _ => {
            unknown(tree, found);
            return None;
        }
    };
    schema.named(shape)
}

/// A root that is none: what it may have been meant to be.
fn unknown(tree: &Tree<'_>, found: &mut Found) {
    let Some(root) = tree.nodes.first() else { return };
    let uri = tree.prolog.bindings.first().map_or("", |(_, uri, _)| uri.as_str());
    let (code, value) = match (root.space.prefix(), root.local) {
        (Some("atom03"), "feed") if uri == "http://purl.org/atom/ns#" => (Code::OldNamespace, uri),
        (Some(""), "feed" | "OpenSearchDescription" | "Channel") => (Code::NoNamespace, ""),
        (None | Some("atom03"), "feed" | "OpenSearchDescription" | "Channel" | "rss" | "RDF" | "kml") => {
            (Code::WrongNamespace, uri)
        }
        (_, name) if name.eq_ignore_ascii_case("html") => (Code::WebPage, ""),
        (_, "outlineDocument") => (Code::OldVersion, root.raw),
        _ => (Code::UnknownRoot, ""),
    };
    found.at(root.line, code, root.raw, value);
    for (_, child) in tree.children(0).filter(|(_, child)| code == Code::NoNamespace && child.is("", "pubDate")) {
        found.add(
            super::problem::Place { line: child.line, element: child.raw, attribute: "", parent: root.raw },
            Code::UnknownElement,
            "",
        );
    }
}

/// Elements of this name, anywhere.
fn named<'d>(doctor: &'d Doctor<'_, '_>, prefix: &'d str, local: &'d str) -> impl Iterator<Item = usize> + 'd {
    (0..doctor.tree.nodes.len()).filter(move |at| doctor.node(*at).is(prefix, local))
}

/// An element's children of this name.
fn children<'d>(
    doctor: &'d Doctor<'_, '_>,
    at: usize,
    prefix: &'d str,
    local: &'d str,
) -> impl Iterator<Item = usize> + 'd {
    doctor.tree.children(at).filter(move |(_, child)| child.is(prefix, local)).map(|(at, _)| at)
}

/// An element's first child of this name.
fn child(doctor: &Doctor<'_, '_>, at: usize, prefix: &str, local: &str) -> Option<usize> {
    doctor.tree.children(at).find(|(_, child)| child.is(prefix, local)).map(|(at, _)| at)
}

/// The trimmed text of an element's first child of this name.
fn text<'d>(doctor: &'d Doctor<'_, '_>, at: usize, prefix: &str, local: &str) -> Option<&'d str> {
    child(doctor, at, prefix, local).map(|at| doctor.node(at).text.trim())
}

/// Whether the root is this element.
fn root_is(doctor: &Doctor<'_, '_>, prefix: &str, local: &str) -> bool {
    doctor.tree.nodes.first().is_some_and(|root| root.is(prefix, local))
}
