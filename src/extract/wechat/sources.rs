//! The places where a page says things, best first: its data, its tree, its legacy variables.

use super::data::Data;
use super::dom::Dom;
use super::value::Value;
use crate::extract::{Hints, Page};

/// A way to ask a page for one thing, named for the provenance.
pub(super) type Ask<'a> = (&'static str, &'a dyn Fn() -> Option<String>);

/// What one page holds, taken apart.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    /// The page and its URLs.
    pub(super) page: Page<'a>,
    /// What is known beside it.
    pub(super) hints: Hints<'a>,
    /// What its scripts assign.
    pub(super) data: Data,
    /// Its tree, without scripts.
    pub(super) dom: Dom,
}

impl Sources<'_> {
    /// `window.cgiDataNew`, the data object of today's templates.
    pub(super) fn object(&self) -> &Value {
        self.data.structure("cgiDataNew")
    }

    /// A text of the data object, as it stands there.
    pub(super) fn raw(&self, path: &str) -> Option<String> {
        self.object().at(path).text()
    }

    /// A text of the data object for people: HTML's escapes taken off, once.
    pub(super) fn words(&self, path: &str) -> Option<String> {
        self.raw(path).map(|text| super::escapes::entities(&text).into_owned())
    }
}

/// The first answer, with the name of who gave it.
pub(super) fn first(asks: &[Ask<'_>]) -> Option<(&'static str, String)> {
    asks.iter()
        .find_map(|(name, ask)| Some((*name, ask().map(|text| one_line(&text)).filter(|text| !text.is_empty())?)))
}

/// A text on one line: white space collapsed (no-break spaces too), zero-width spaces and control characters taken out.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let unseen = |letter: &char| {
        matches!(letter, '\u{200b}' | '\u{feff}' | '\u{2060}') || letter.is_control() && !letter.is_whitespace()
    };
    let text: String = text.chars().filter(|letter| !unseen(letter)).collect();
    super::dom::push_collapsed(&mut out, &text);
    out.trim().to_owned()
}
