//! The list of the notes in a folder, newest first: made by the exporter for its choice, and completed where the folder holds more.

use crate::export::names::linked;
use std::collections::BTreeMap;

/// Its file.
pub(crate) const INDEX: &str = "index.md";

/// A note's name, and its line.
pub(crate) type Line = (String, String);

/// The line of a note.
pub(crate) fn line(name: &str, account: &str) -> Line {
    // The name without its digest is date and title.
    let shown = name.strip_suffix(".md").and_then(|name| name.rsplit_once(' ')).map_or(name, |(name, _)| name);
    let account: String = account.chars().filter(|letter| !letter.is_control()).collect();
    let account = if account.is_empty() { account } else { format!(" — {}", escaped(&account)) };
    (name.to_owned(), format!("- [{}]({}){account}", escaped(shown), linked(name)))
}

/// The list of these notes: their names begin with the date.
pub(crate) fn of(mut lines: Vec<Line>) -> String {
    lines.sort_by(|left, right| right.cmp(left));
    let mut out = String::from("# 往期\n");
    let mut month = String::new();
    for (name, line) in lines {
        let this = name.get(..7).unwrap_or_default();
        if this != month {
            this.clone_into(&mut month);
            out.push_str(&format!("\n## {month}\n\n"));
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// The list of these notes, with the lines that earlier lists have of them, the first list first: they know the accounts.
pub(crate) fn completed<'a>(names: impl Iterator<Item = &'a String>, lists: &[&str]) -> String {
    let mut written: BTreeMap<String, &str> = BTreeMap::new();
    for text in lists.iter().flat_map(|list| list.lines()) {
        // Neither a title nor a link holds these two characters in a row.
        let rest = text.strip_prefix("- [").and_then(|text| text.split_once("](")).map(|(_, rest)| rest);
        if let Some((link, _)) = rest.and_then(|rest| rest.split_once(')')) {
            written.entry(link.to_owned()).or_insert(text);
        }
    }
    let line = |name: &String| {
        let standing = written.get(&linked(name)).map(|text| (*text).to_owned());
        standing.map_or_else(|| line(name, ""), |text| (name.clone(), text))
    };
    of(names.map(line).collect())
}

/// A text that does nothing in Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '!' | '~' | '|' | '$') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
