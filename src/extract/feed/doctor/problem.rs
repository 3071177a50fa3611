//! What the doctor found: a line, a kind, and two sentences.

use super::code::{Code, Level};
use serde::Serialize;
use std::collections::HashMap;

/// How many problems of one kind are listed (judgement: the same mistake in every entry need not be said for each).
const MOST_OF_A_KIND: usize = 20;

/// How many problems are listed at all (judgement).
const MOST: usize = 200;

/// How much of a value is shown, in characters (judgement: enough to find it).
const SHOWN: usize = 60;

/// One thing that is wrong with a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line of the feed's text, from 1.
    pub line: u32,
    /// What kind it is.
    pub code: Code,
    /// How bad it is.
    pub level: Level,
    /// The element it is about, as written: `media:content`; empty where it is about none.
    pub element: String,
    /// The attribute it is about; empty where it is about none.
    pub attribute: String,
    /// What is wrong.
    pub what: String,
    /// What the feed's author can do about it.
    pub advice: String,
}

/// The problems as one line each, for people: `line 3: what; advice`.
impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "line {}: {}; {}", self.line, self.what, self.advice)
    }
}

/// Where a problem lies.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'a> {
    pub(super) line: u32,
    pub(super) element: &'a str,
    pub(super) attribute: &'a str,
    pub(super) parent: &'a str,
}

impl<'a> Place<'a> {
    /// The same place, for a child that is not there.
    pub(super) fn child(self, name: &'a str) -> Place<'a> {
        Place { line: self.line, element: name, attribute: "", parent: self.element }
    }
}

/// The problems found so far, within bounds.
#[derive(Default)]
pub(super) struct Found {
    problems: Vec<Problem>,
    counts: HashMap<Code, usize>,
}

impl Found {
    /// A problem of an element, or of none.
    pub(super) fn at(&mut self, line: u32, code: Code, element: &str, value: &str) {
        self.add(Place { line, element, ..Place::default() }, code, value);
    }

    /// A problem.
    pub(super) fn add(&mut self, place: Place<'_>, code: Code, value: &str) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count > MOST_OF_A_KIND || self.problems.len() >= MOST {
            return;
        }
        let element = shown(place.element);
        let named = match (place.element, place.attribute) {
            ("", _) => "the document".to_owned(),
            (_, "") => format!("<{element}>"),
            (_, attribute) => format!("the attribute {} of <{element}>", shown(attribute)),
        };
        let parent =
            if place.parent.is_empty() { "the document".to_owned() } else { format!("<{}>", shown(place.parent)) };
        // A value that is put in is not looked at again: it may hold braces of its own.
        let mut what = String::new();
        for (index, piece) in code.what().split('{').enumerate() {
            let (hole, rest) = if index == 0 { ("", piece) } else { piece.split_once('}').unwrap_or(("", piece)) };
            match hole {
                "e" => what.push_str(&named),
                "p" => what.push_str(&parent),
                "v" => what.push_str(&some(value)),
                _ => {}
            }
            what.push_str(rest);
        }
        self.problems.push(Problem {
            line: place.line.max(1),
            code,
            level: code.level(),
            element,
            attribute: shown(place.attribute),
            what,
            advice: code.advice().replace("{v}", &shown(value)),
        });
    }

    /// Whether there is one of this kind.
    pub(super) fn has(&self, code: Code) -> bool {
        self.counts.contains_key(&code)
    }

    /// Those of one kind.
    pub(super) fn only(self, code: Code) -> Vec<Problem> {
        self.problems.into_iter().filter(|problem| problem.code == code).collect()
    }

    /// The problems in the order of their lines.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }
}

/// A value as it may be shown: short, on one line, with nothing in it that a terminal would obey.
fn shown(value: &str) -> String {
    let mut short: String = value
        .trim()
        .chars()
        .take(SHOWN)
        .map(|letter| match letter {
            '\n' | '\r' | '\t' => ' ',
            _ if letter.is_control() => '\u{fffd}',
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            _ => letter,
        })
        .collect();
    if value.trim().chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}

fn some(value: &str) -> String {
    Some(shown(value)).filter(|short| !short.is_empty()).unwrap_or_else(|| "nothing".to_owned())
}
