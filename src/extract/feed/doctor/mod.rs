//! A feed's text → what is wrong with it, line by line, and what its author can do: the answer to "why is my feed broken".
//!
//! What it must not do: run while feeds are polled (the parser is for that), fetch anything, ask the time, or panic.
//! One pass builds a flat tree of bounded size; the tables in `schema/` say what may stand where; `check` has the kinds of
//! values; `rules` is the list of what only shows in the feed as a whole. Every sentence stands in `code`.

mod address;
mod check;
mod code;
mod dates;
mod goods;
mod markup;
mod namespace;
mod number;
mod problem;
mod reference;
mod rules;
mod schema;
mod text;
mod tree;
mod walk;
mod word;

pub use code::{Code, Level};
pub use problem::Problem;

use problem::Found;

/// The largest feed that is examined: what the parser takes.
const LARGEST: usize = super::LARGEST;

/// Examines a feed's bytes. Total; the problems stand in the order of their lines, those of one kind at most twenty times.
pub fn examine(payload: &[u8], content_type: &str) -> Vec<Problem> {
    let mut found = Found::default();
    if payload.len() > LARGEST {
        return Vec::new();
    }
    let (text, charset) = crate::extract::charset::decode(payload, content_type);
    let tree = tree::read(&text, &mut found);
    let schema = schema::schema();
    let root = rules::root(&tree, schema, &mut found);
    let mut doctor = walk::Doctor::new(&tree, schema, root);
    doctor.walk(&mut found);
    rules::apply(&doctor, payload, charset, &mut found);
    found.into_problems()
}
