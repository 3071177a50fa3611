//! What is wrong with a configuration: every problem with its file, line and caret, all at once.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use thiserror::Error;
use unicode_width::UnicodeWidthStr;

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file is not there, or cannot be read.
    #[error("cannot read {}: {why}; {}", path.display(), advice(why))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The file, or the environment, says something that cannot be.
    #[error("{}", listed(.0))]
    Invalid(
        /// Every problem, those of the file first and in its order.
        Vec<Problem>,
    ),
}

impl ConfigError {
    /// Every problem, where the configuration was read at all.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Unreadable { .. } => &[],
            Self::Invalid(problems) => problems,
        }
    }
}

/// What a person can do about a file that cannot be read.
fn advice(why: &std::io::Error) -> &'static str {
    /// ENFILE and EMFILE (Linux, `errno.h`).
    const STARVED: [i32; 2] = [23, 24];
    if why.raw_os_error().is_some_and(|code| STARVED.contains(&code)) {
        return "raise the limit (`ulimit -n`), or stop what holds so many";
    }
    "correct its path or its permissions, or name another with --config"
}

fn listed(problems: &[Problem]) -> String {
    let texts: Vec<String> = problems.iter().map(Problem::to_string).collect();
    texts.join("\n\n")
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong and what would be right, in words.
    pub message: String,
    /// Where it stands.
    pub place: Place,
}

/// Where a problem stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the file.
    File {
        /// The file as it was named.
        name: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// The line's text and the caret under it, secrets taken out.
        picture: String,
    },
    /// In an environment variable.
    Variable(String),
}

impl Place {
    /// The place of some bytes of a file's text.
    pub(super) fn in_file(name: &str, text: &str, span: &Range<usize>) -> Self {
        let at = floor(text, span.start);
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let shown = text[start..end].trim_end_matches('\r');
        let number = text[..start].matches('\n').count() + 1;
        let from = (at - start).min(shown.len());
        let to = floor(text, span.end.min(end)).saturating_sub(start).clamp(from, shown.len());
        let column = shown[..from].chars().count() + 1;
        let picture = picture(number, shown, from..to);
        Self::File { name: name.to_owned(), line: number, column, picture }
    }

    /// Files before the environment, and from top to bottom.
    pub(super) fn order(&self) -> (bool, usize, usize) {
        match self {
            Self::File { line, column, .. } => (false, *line, *column),
            Self::Variable(_) => (true, 0, 0),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File { name, line, column, picture } => {
                write!(out, "{name}:{line}:{column}: {}\n{picture}", self.message)
            }
            Place::Variable(name) => write!(out, "{name}: {}", self.message),
        }
    }
}

/// The last character boundary at or before this byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The line with its number, and a caret under the bytes meant, as wide as they are on a terminal.
fn picture(number: usize, line: &str, span: Range<usize>) -> String {
    // A tab has no width of its own, other control characters do worse.
    let plain = |text: &str| text.replace('\t', "    ").replace(char::is_control, "\u{fffd}");
    let hidden = without_secrets(line);
    let (before, meant) = (plain(&line[..span.start]), plain(&line[span]));
    let carets = "^".repeat(meant.width().max(1));
    let gutter = number.to_string();
    let margin = " ".repeat(gutter.len());
    format!("  {gutter} | {}\n  {margin} | {}{carets}", plain(&hidden), " ".repeat(before.width()))
}

/// Words that a line with a secret in it has.
const SECRETS: &[&str] = &["cookie", "authorization", "password", "secret", "token"];

/// A line with the user names and passwords of its URLs starred out, and everything in quotes where it names a secret; as wide as it was.
pub fn without_secrets(line: &str) -> String {
    let lower = line.to_lowercase();
    let secret = SECRETS.iter().any(|word| lower.contains(word));
    let mut hidden = String::with_capacity(line.len());
    let (mut rest, mut quote) = (line, None);
    while let Some(letter) = rest.chars().next() {
        let user = rest.strip_prefix("://").and_then(|after| {
            let end = after.find(['/', '"', '\'', ' ', '?', '#']).unwrap_or(after.len());
            after[..end].rfind('@')
        });
        if let Some(length) = user {
            hidden.push_str("://");
            hidden.push_str(&"*".repeat(rest[3..3 + length].width()));
            rest = &rest[3 + length..];
            continue;
        }
        let in_quotes = quote.is_some();
        // A user's name and password without a scheme before them: what ends in an @ is not for showing.
        let bare = quote.and_then(|quote: char| {
            let text = &rest[..rest.find(quote).unwrap_or(rest.len())];
            text.rfind('@').filter(|end| text[..*end].contains(':') && !text[..*end].contains("://"))
        });
        if let Some(length) = bare {
            hidden.push_str(&"*".repeat(rest[..length].width()));
            rest = &rest[length..];
            continue;
        }
        if quote == Some(letter) {
            quote = None;
        } else if !in_quotes && matches!(letter, '"' | '\'') {
            quote = Some(letter);
        }
        if secret && in_quotes && quote.is_some() {
            hidden.push_str(&"*".repeat(letter.to_string().width()));
        } else {
            hidden.push(letter);
        }
        rest = &rest[letter.len_utf8()..];
    }
    hidden
}
