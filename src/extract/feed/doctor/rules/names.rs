//! Namespaces and prefixes: misspelt ones, borrowed ones, elements of none.

use super::super::address;
use super::super::code::Code;
use super::super::namespace::{self, Space};
use super::super::problem::Found;
use super::super::walk::Doctor;
use super::root_is;

/// Prefixes whose namespace everybody knows: another namespace under them will be misread.
const TAKEN: &[&str] = &[
    "dc", "content", "itunes", "media", "atom", "sy", "slash", "dcterms", "rdf", "georss", "geo", "thr", "wfw",
    "admin", "sx",
];

/// What the declared namespaces are called.
pub(super) fn prefixes(doctor: &Doctor<'_, '_>, found: &mut Found) {
    for (prefix, uri, line) in &doctor.tree.prolog.bindings {
        let name = format!("xmlns:{prefix}");
        if uri == "http://search.yahoo.com/mrss" {
            found.at(*line, Code::MediaNamespace, "", uri);
        } else if uri == "http://www.usemod.com/cgi-bin/mb.pl?ModWiki" {
            found.at(*line, Code::MovedNamespace, "", uri);
        } else if namespace::meant(uri).is_some() && matches!(namespace::space(uri), Space::Other) {
            found.at(*line, Code::NearNamespace, "", uri);
        }
        match namespace::space(uri) {
            Space::Known(usual)
                if !usual.is_empty() && !prefix.is_empty() && *prefix != usual && is_plain_extension(usual) =>
            {
                found.at(*line, Code::OddPrefix, "", prefix);
            }
            Space::Other if TAKEN.contains(prefix) => found.at(*line, Code::TakenPrefix, "", prefix),
            Space::Known("sx") if uri.contains("microsoft.com") => found.at(*line, Code::TakenPrefix, "", prefix),
            _ => {}
        }
        if uri.trim().is_empty() && !prefix.is_empty() {
            found.at(*line, Code::BadTag, &name, "");
        } else if uri.starts_with("tag:") {
            let mut broken = false;
            address::id(uri, &mut |code, _| broken |= code == Code::BadTagUri);
            if broken {
                found.at(*line, Code::BadTagUri, &name, uri);
            }
        }
    }
}

/// Extensions that are written with one prefix everywhere.
fn is_plain_extension(prefix: &str) -> bool {
    matches!(prefix, "dc" | "dcterms" | "content" | "itunes" | "sy" | "slash" | "wfw" | "media")
}

/// Elements that readers will not know: of no namespace, or of one that is not of feeds.
pub(super) fn outside(doctor: &Doctor<'_, '_>, found: &mut Found) {
    let is_atom = root_is(doctor, "atom", "feed") || root_is(doctor, "atom", "entry");
    let (mut told, mut core_prefixed) = (0, false);
    for (at, node) in doctor.tree.nodes.iter().enumerate() {
        let parent = node.parent.map(|parent| doctor.node(parent));
        let in_core = parent.is_some_and(|parent| {
            matches!(parent.space.prefix(), Some("atom" | "rss1" | "rss11")) || parent.is("rdf", "RDF")
        });
        match node.space {
            Space::Known("") if in_core && (is_atom || doctor.is_rdf) && !node.local.is_empty() => {
                found.add(doctor.place(at), Code::Vocabulary, "");
            }
            Space::Other if is_atom && in_core && told < 3 => {
                told += 1;
                found.add(doctor.place(at), Code::UnknownNamespace, node.raw);
            }
            Space::Known("xhtml")
                if is_atom
                    && in_core
                    && parent.is_some_and(|parent| matches!(parent.local, "feed" | "entry"))
                    && node.local != "meta" =>
            {
                found.add(doctor.place(at), Code::XhtmlMisplaced, "");
            }
            Space::Known("app")
                if node.local == "edited" && parent.is_some_and(|parent| parent.space.prefix() == Some("xhtml")) =>
            {
                found.add(doctor.place(at), Code::UnknownElement, "");
            }
            Space::Known("atom" | "xhtml") if is_atom && node.raw.contains(':') && !core_prefixed => {
                core_prefixed = true;
                found.add(doctor.place(at), Code::PrefixedCore, node.raw);
            }
            _ => {}
        }
        if let Some(attribute) =
            doctor.tree.attributes(node).iter().find(|attribute| is_foreign(doctor, node, attribute))
        {
            found.add(doctor.place(at), Code::ExtensionAttribute, attribute.raw);
        }
    }
}

/// An attribute of another namespace on RSS 2.0's own elements, where no extension puts one.
fn is_foreign(
    doctor: &Doctor<'_, '_>,
    node: &super::super::tree::Node<'_>,
    attribute: &super::super::tree::Attribute<'_>,
) -> bool {
    let is_core =
        root_is(doctor, "", "rss") && matches!(node.local, "rss" | "channel") && node.space.prefix() == Some("");
    is_core && attribute.raw.contains(':') && !matches!(attribute.space.prefix(), Some("xml"))
}
