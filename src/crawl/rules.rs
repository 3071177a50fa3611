//! Which entries of a feed are kept, by its owner's patterns: linear in the text, bounded in size.

use regex::{Regex, RegexBuilder};

/// The most bytes that a pattern may take once it is compiled (judgement: a class of all Chinese letters, repeated, takes a tenth).
const LARGEST: usize = 1 << 20;

/// The most of an entry's text that a pattern is tried on, in bytes (judgement: a long article).
const MOST_TEXT: usize = 1 << 20;

/// A regular expression of the `regex` crate: no look-around and no references back, and so never slow.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When it is no regular expression, or too large a one: what is wrong, with the place in the pattern.
    pub fn new(text: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(text).size_limit(LARGEST).build();
        built.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(most) => {
                format!("the pattern {text:?} takes more than {most} bytes once it is compiled; make it smaller")
            }
            // The last line says what is wrong, those before it draw where.
            error => {
                let said = error.to_string();
                let why = said.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                format!("{text:?} is no regular expression: {why}")
            }
        })
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// Patterns by what they look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// In the title.
    pub title: Option<Pattern>,
    /// In the author.
    pub author: Option<Pattern>,
    /// In the link.
    pub link: Option<Pattern>,
    /// In what the entry says, as plain text.
    pub text: Option<Pattern>,
}

/// What the patterns look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entry<'a> {
    /// The title.
    pub title: &'a str,
    /// The author.
    pub author: &'a str,
    /// The link.
    pub link: &'a str,
    /// The plain text.
    pub text: &'a str,
}

impl Rules {
    /// Every field by its name.
    pub fn fields(&self) -> [(&'static str, Option<&Pattern>); 4] {
        [
            ("title", self.title.as_ref()),
            ("author", self.author.as_ref()),
            ("link", self.link.as_ref()),
            ("text", self.text.as_ref()),
        ]
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.fields().iter().all(|(_, pattern)| pattern.is_none())
    }

    /// Whether any pattern finds something.
    pub fn find(&self, entry: &Entry<'_>) -> bool {
        let texts = [entry.title, entry.author, entry.link, entry.text];
        let begin = |text: &str| {
            (0..=MOST_TEXT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
        };
        self.fields()
            .iter()
            .zip(texts)
            .any(|((_, pattern), text)| pattern.is_some_and(|pattern| pattern.0.is_match(&text[..begin(text)])))
    }
}
