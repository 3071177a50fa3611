//! What is wrong with a text as TOML: all of it, not only what a parser trips over first.

use std::borrow::Cow;
use std::ops::Range;
use toml_edit::TomlError;
use toml_parser::parser::{EventKind, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{Expected, ParseError, Source};

/// How deep tables and lists may stand in each other: `toml_edit` stops there too.
const DEEPEST: u32 = 80;

/// Every mistake, from top to bottom, at most one a line: what follows on the same line is mostly its echo. `first` is what the
/// parser said; it alone knows of keys that stand twice.
pub(super) fn mistakes(text: &str, first: &TomlError) -> Vec<(Range<usize>, String)> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let (mut events, mut errors) = (Vec::new(), Vec::<ParseError>::new());
    let mut receiver = ValidateWhitespace::new(&mut events, source);
    parse_document(&tokens, &mut RecursionGuard::new(&mut receiver, DEEPEST), &mut errors);
    for event in &events {
        let Some(raw) = source.get(event) else { continue };
        match event.kind() {
            EventKind::Scalar => drop(raw.decode_scalar(&mut Cow::Borrowed(""), &mut errors)),
            EventKind::SimpleKey => raw.decode_key(&mut Cow::Borrowed(""), &mut errors),
            _ => {}
        }
    }
    let end = || text.len()..text.len();
    let found = errors.iter().map(|error| {
        let span = error.unexpected().map_or_else(end, |span| span.start()..span.end());
        (span, in_words(error))
    });
    let line =
        |at: usize| text.char_indices().take_while(|(to, _)| *to < at).filter(|(_, letter)| *letter == '\n').count();
    let mut mistakes: Vec<_> = found.chain([(first.span().unwrap_or_else(end), first.message().to_owned())]).collect();
    mistakes.sort_by_key(|(span, _)| span.start);
    mistakes.dedup_by_key(|(span, _)| line(span.start));
    mistakes
}

fn in_words(error: &ParseError) -> String {
    let expected = error.expected().unwrap_or_default().iter().map(|expected| match expected {
        Expected::Literal("\n") => "a new line".to_owned(),
        Expected::Literal(text) => format!("`{text}`"),
        Expected::Description(text) => (*text).to_owned(),
        _ => "something else".to_owned(),
    });
    let expected: Vec<String> = expected.collect();
    let expected = if expected.is_empty() { String::new() } else { format!(", expected {}", expected.join(" or ")) };
    format!("{}{expected}", error.description())
}
