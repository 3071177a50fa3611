//! The rules that no table can say: what the root is, and what only shows in the feed as a whole.

use super::code::Code;
use super::namespace;
use super::problem::Found;
use super::schema::Schema;
use super::tree::Tree;
use super::walk::Doctor;

/// The rules in the order of their application.
const RULES: &[fn(&Doctor<'_, '_>, &mut Found)] = &[];

/// Applies every rule.
pub(super) fn apply(doctor: &Doctor<'_, '_>, payload: &[u8], charset: &str, found: &mut Found) {
    let _ = (payload, charset);
    for rule in RULES {
        rule(doctor, found);
    }
}

/// The shape of the root: which format it is.
pub(super) fn root(tree: &Tree<'_>, schema: &Schema, found: &mut Found) -> Option<usize> {
    let root = tree.nodes.first()?;
    let shape = match (root.space.prefix(), root.local) {
        (Some(""), "rss") => "rss",
        (Some("rdf"), "RDF") => match tree.nodes.iter().find_map(|node| node.space.prefix().filter(|prefix| prefix.starts_with("rss"))) {
            Some("rss09") => "rdf09",
            _ => "rdf1",
        },
        (Some("atom"), "feed") => "feed1",
        (Some("atom"), "entry") => "entry1",
        (Some("rss11"), "Channel") => "channel11",
        (Some("app"), "service") => "service",
        (Some("app"), "categories") => "categories",
        (Some("opensearch"), "OpenSearchDescription") => "opensearch-description",
        (Some("kml" | "kml20"), "kml") => "kml",
        (Some(""), "opml") => "opml",
        (Some("xrds"), "XRDS") => return None,
        (Some("atom03"), "feed") => {
            found.at(root.line, Code::OldNamespace, root.raw, "http://purl.org/atom/ns#");
            return None;
        }
        (Some(""), "feed" | "OpenSearchDescription" | "Channel") => {
            found.at(root.line, Code::NoNamespace, root.raw, "");
            return None;
        }
        (None, "feed" | "OpenSearchDescription" | "Channel" | "kml" | "rss") | (Some(_), "kml") => {
            let uri = tree.prolog.bindings.first().map_or("", |(_, uri, _)| uri.as_str());
            let _ = namespace::meant(uri);
            found.at(root.line, Code::WrongNamespace, root.raw, uri);
            return None;
        }
        _ => {
            found.at(root.line, Code::UnknownRoot, root.raw, "");
            return None;
        }
    };
    schema.named(shape)
}
