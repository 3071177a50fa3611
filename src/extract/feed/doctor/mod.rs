//! A feed's text → what is wrong with it, line by line, and what its author can do: the answer to "why is my feed broken".
//!
//! What it must not do: run while feeds are polled (the parser is for that), fetch anything, ask the time, or panic.
//!
//! One pass builds a flat tree of bounded size (`tree`); the tables in `schema/` say what may stand where, and how often;
//! `check` names the kinds of values; `rules` lists what only shows in the feed as a whole; every sentence stands in `code`.
//! It knows RSS 0.90 to 2.0 and 1.1, Atom 1.0 with its publishing protocol and archives, some forty extensions, KML, OPML and
//! OpenSearch.
//!
//! Not covered: Atom 0.3 beyond saying that it is out of use; JSON Feed, whose parser speaks for itself; what lies behind an
//! address (whether a link answers, how long a file is); CDATA against escaping where both give the same text; RDF as a
//! graph, and vocabularies within `dc:creator` and the like; names of attributes in MathML and SVG; whether two addresses are
//! one after `xml:base`; the podcast namespace beyond its elements' names; the day's date, so only impossible years are seen.

mod address;
mod check;
mod code;
mod dates;
mod goods;
mod markup;
mod media;
mod namespace;
mod number;
mod problem;
mod reference;
mod rules;
mod schema;
mod search;
mod tag;
mod text;
mod tree;
mod walk;
mod word;

pub use code::{Code, Level};
pub use problem::Problem;

use crate::model::CanonicalUrl;
use problem::Found;

/// The largest feed that is examined: what the parser takes.
const LARGEST: usize = super::LARGEST;

/// Examines a feed's bytes. Total; the problems stand in the order of their lines, those of one kind at most twenty times.
/// A JSON feed has none: its parser says what it has to say.
pub fn examine(payload: &[u8], content_type: &str, url: Option<&CanonicalUrl>) -> Vec<Problem> {
    let mut found = Found::default();
    if payload.len() > LARGEST {
        return Vec::new();
    }
    // As the parser decodes it, before it takes out what is not to be there.
    let super::decode::Decoded { text, encoding, .. } = super::decode::charset(payload, content_type);
    let charset = &*encoding;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Vec::new();
    }
    let tree = tree::read(&text, &mut found);
    let schema = schema::schema();
    let root = rules::root(&tree, schema, &mut found);
    if found.has(Code::WebPage) {
        // What is wrong with a web page as XML is nothing to its owner.
        return found.only(Code::WebPage);
    }
    let mut doctor = walk::Doctor::new(&tree, schema, root);
    doctor.walk(&mut found);
    rules::apply(&doctor, &rules::Source { payload, content_type, charset, url }, &mut found);
    found.into_problems()
}
