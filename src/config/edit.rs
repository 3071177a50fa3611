//! crawl.toml's text → the same text with one feed more, or one less; every other byte stays as it is.
//!
//! `toml_edit` says where things stand, and the text itself is spliced there: a document that `toml_edit` writes anew loses the
//! carriage returns of its line ends. A feed that is added and removed again leaves the very bytes there were.
//!
//! What it must not do: read or write a file.

use crate::model::CanonicalUrl;
use std::ops::Range;
use toml_edit::{Array, Document, Item, Table, Value};

/// A feed as it is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFeed {
    /// Its name; `None` where its URL is to be its name.
    pub name: Option<String>,
    /// Its URL.
    pub url: CanonicalUrl,
    /// Its own schedule.
    pub schedule: Option<String>,
    /// How many steps of past issues are followed.
    pub past_issues: Option<u8>,
    /// What it is filed under.
    pub labels: Vec<String>,
}

impl NewFeed {
    /// Its keys with their values, as TOML writes them.
    fn pairs(&self) -> Vec<String> {
        let quoted = |text: &str| Value::from(text).to_string();
        let name = self.name.as_deref().map(|name| format!("name = {}", quoted(name)));
        let schedule = self.schedule.as_deref().map(|schedule| format!("schedule = {}", quoted(schedule)));
        let follow = self.past_issues.map(|steps| format!("follow = {{ past_issues = {steps} }}"));
        let url = format!("url = {}", quoted(self.url.as_str()));
        let labels: Vec<String> = self.labels.iter().map(|label| quoted(label)).collect();
        let labels = (!labels.is_empty()).then(|| format!("labels = [{}]", labels.join(", ")));
        [name, Some(url), labels, schedule, follow].into_iter().flatten().collect()
    }
}

/// The text with this feed after all others. `None` where it is no TOML, or `feed` in it is no list.
pub fn add(text: &str, feed: &NewFeed) -> Option<String> {
    add_all(text, std::slice::from_ref(feed))
}

/// The text with these feeds after all others, as if they were added one by one. `None` as for [`add`].
pub fn add_all(text: &str, feeds: &[NewFeed]) -> Option<String> {
    let (mark, body) = without_mark(text);
    let document = Document::parse(body).ok()?;
    let added = match document.get("feed") {
        None | Some(Item::None | Item::ArrayOfTables(_)) => add_blocks(body, feeds),
        Some(Item::Value(Value::Array(_))) => {
            let mut added = body.to_owned();
            for feed in feeds {
                let document = Document::parse(added.as_str()).ok()?;
                let list = document.get("feed").and_then(Item::as_array)?;
                added = add_element(&added, list, feed)?;
            }
            added
        }
        Some(_) => return None,
    };
    Some(format!("{mark}{added}"))
}

/// The text without the feed of this number, counted from 0 in the file's order; comments around it stay. `None` where the text is
/// no TOML, or has no such feed.
pub fn remove(text: &str, number: usize) -> Option<String> {
    let (mark, body) = without_mark(text);
    let document = Document::parse(body).ok()?;
    let left = match document.get("feed")? {
        Item::ArrayOfTables(tables) => remove_blocks(body, tables.get(number)?)?,
        Item::Value(Value::Array(list)) => remove_element(body, list, number)?,
        _ => return None,
    };
    Some(format!("{mark}{left}"))
}

/// The byte order mark, where there is one, and the rest.
fn without_mark(text: &str) -> (&str, &str) {
    text.split_at(if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 })
}

/// How the text ends its lines, by its first one.
fn line_end_of(body: &str) -> &'static str {
    match body.find('\n') {
        Some(at) if body[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Adds a `[[feed]]` each behind the last line that is not blank, an empty line between. A text whose last line has no end keeps none.
fn add_blocks(body: &str, feeds: &[NewFeed]) -> String {
    let end = line_end_of(body);
    let block = |feed: &NewFeed| [vec!["[[feed]]".to_owned()], feed.pairs()].concat().join(end);
    let lines = feeds.iter().map(block).collect::<Vec<_>>().join(&format!("{end}{end}"));
    let written = body.trim_end_matches([' ', '\t', '\r', '\n']).len();
    if feeds.is_empty() {
        return body.to_owned();
    }
    if written == 0 {
        return format!("{lines}{end}{body}");
    }
    match body[written..].find('\n') {
        Some(length) => {
            let (before, after) = body.split_at(written + length + 1);
            format!("{before}{end}{lines}{end}{after}")
        }
        None => format!("{body}{end}{end}{lines}"),
    }
}

/// Cuts a `[[feed]]` and the tables below it, wherever they stand: each from its header to its last value.
fn remove_blocks(body: &str, table: &Table) -> Option<String> {
    let mut blocks = Vec::new();
    collect_blocks(body, table, &mut blocks)?;
    blocks.sort_by_key(|block| std::cmp::Reverse(block.start));
    let mut left = body.to_owned();
    for block in blocks {
        let block = with_space(&left, block);
        left.replace_range(block, "");
    }
    Some(left)
}

/// The lines of a table that has a header, and those of the tables below it.
fn collect_blocks(body: &str, table: &Table, blocks: &mut Vec<Range<usize>>) -> Option<()> {
    let header = table.span()?;
    let start = body[..header.start].rfind('\n').map_or(0, |before| before + 1);
    let mut end = header.end;
    collect_below(body, table, &mut end, blocks)?;
    blocks.push(start..line_after(body, end));
    Some(())
}

/// Moves `end` past the table's own values, and collects the tables below it that have headers of their own.
fn collect_below(body: &str, table: &Table, end: &mut usize, blocks: &mut Vec<Range<usize>>) -> Option<()> {
    for (_, item) in table {
        match item {
            Item::Value(value) => *end = (*end).max(value.span()?.end),
            // `follow.past_issues = 1`, or a table that only the headers of others name.
            Item::Table(inner) if inner.is_dotted() || inner.is_implicit() => {
                collect_below(body, inner, end, blocks)?;
            }
            Item::Table(inner) => collect_blocks(body, inner, blocks)?,
            Item::ArrayOfTables(inner) => {
                for table in inner {
                    collect_blocks(body, table, blocks)?;
                }
            }
            Item::None => {}
        }
    }
    Some(())
}

/// Where the line that holds this byte is over.
fn line_after(body: &str, at: usize) -> usize {
    body[at..].find('\n').map_or(body.len(), |length| at + length + 1)
}

/// The lines with the empty line before them, unless other lines follow at once; at the end of a text whose last line has no end,
/// also with the end of the line that becomes the last.
fn with_space(body: &str, block: Range<usize>) -> Range<usize> {
    let Range { mut start, end } = block;
    let after = &body[end..];
    let rest = after.lines().next().unwrap_or_default();
    if rest.trim().is_empty()
        && let Some(before) = without_line_end(&body[..start])
        && (before.is_empty() || before.ends_with('\n'))
    {
        start = before.len();
    }
    if after.is_empty()
        && !body.ends_with('\n')
        && let Some(before) = without_line_end(&body[..start])
    {
        start = before.len();
    }
    start..end
}

fn without_line_end(text: &str) -> Option<&str> {
    let text = text.strip_suffix('\n')?;
    Some(text.strip_suffix('\r').unwrap_or(text))
}

/// Adds an element to `feed = [{…}]`: on a line of its own where the last one has one, else beside it.
fn add_element(body: &str, list: &Array, feed: &NewFeed) -> Option<String> {
    let Range { start: open, end: close } = list.span()?;
    let element = format!("{{ {} }}", feed.pairs().join(", "));
    let Some(last_one) = list.iter().last() else { return Some(put(body, open + 1, &element)) };
    let span = last_one.span()?;
    let beside = || Some(put(body, span.end, &format!(", {element}")));
    let Some(indent) = indent_of(body, span.start) else { return beside() };
    let rest = &body[span.end..close - 1];
    let (line, more) = rest.split_once('\n').map_or((rest, false), |(line, _)| (line, true));
    let comma = comma_in(rest);
    let end = line_end_of(body);
    match comma {
        // A comma that stands on a line further down is no style that we could go on with.
        Some(comma) if comma > line.len() => beside(),
        Some(comma) => {
            let at = if more { line.trim_end_matches('\r').len() } else { comma + 1 };
            Some(put(body, span.end + at, &format!("{end}{indent}{element},")))
        }
        None => {
            let at = if more { line.trim_end_matches('\r').len() } else { 0 };
            let added = put(body, span.end + at, &format!("{end}{indent}{element}"));
            Some(put(&added, span.end, ","))
        }
    }
}

/// Cuts an element out of `feed = [{…}]` with the comma and the space that [`add_element`] writes.
fn remove_element(body: &str, list: &Array, number: usize) -> Option<String> {
    let close = list.span()?.end - 1;
    let span = list.get(number)?.span()?;
    let next = list.get(number + 1).and_then(Value::span).map_or(close, |next| next.start);
    let before = number.checked_sub(1).and_then(|before| list.get(before)).and_then(Value::span);
    let before = before.and_then(|before| Some(before.end + comma_in(&body[before.end..span.start])?));
    let rest = &body[span.end..next];
    let own = comma_in(rest).map(|comma| (span.end + comma, rest[..comma].contains('\n')));
    let mut left = body.to_owned();
    if indent_of(body, span.start).is_some() {
        let start = line_start(body, &span, number.checked_sub(1).and_then(|before| list.get(before)));
        match (own, before) {
            (Some((comma, false)), _) => left.replace_range(start..=comma, ""),
            (Some((comma, true)), _) => left.replace_range(span.start..=comma, ""),
            (None, Some(before)) => {
                left.replace_range(start..span.end, "");
                left.replace_range(before..=before, "");
            }
            (None, None) => left.replace_range(start..span.end, ""),
        }
        return Some(left);
    }
    let beside = before.filter(|before| body[before + 1..span.start].trim_matches([' ', '\t']).is_empty());
    match (beside, own) {
        (Some(before), _) => left.replace_range(before..span.end, ""),
        (None, Some((comma, _))) => {
            let space = body[comma + 1..].len() - body[comma + 1..].trim_start_matches([' ', '\t']).len();
            left.replace_range(span.start..comma + 1 + space, "");
        }
        (None, None) => left.replace_range(span, ""),
    }
    Some(left)
}

/// Where the cut of an element begins that has a line of its own: at the end of the line before. Behind a comment the line end stays,
/// unless there is another behind the element: what comes next must not become part of the comment.
fn line_start(body: &str, element: &Range<usize>, before: Option<&Value>) -> usize {
    let line = body[..element.start].rfind('\n').unwrap_or(0);
    let from = before.and_then(Value::span).map_or(0, |before| before.end);
    let gap = body[from.min(line)..line].rsplit('\n').next().unwrap_or_default();
    let rest = body[element.end..].trim_start_matches([' ', '\t', ',']);
    if gap.contains('#') && !rest.starts_with(['\r', '\n', '#']) {
        return element.start;
    }
    without_line_end(&body[..=line]).map_or(element.start, str::len)
}

fn put(body: &str, at: usize, what: &str) -> String {
    format!("{}{what}{}", &body[..at], &body[at..])
}

/// What stands before this byte on its line, where that is nothing but space.
fn indent_of(body: &str, at: usize) -> Option<&str> {
    let start = body[..at].rfind('\n')? + 1;
    let indent = &body[start..at];
    indent.trim_matches([' ', '\t']).is_empty().then_some(indent)
}

/// Where the comma stands in what lies between two elements: space, comments, and that comma.
fn comma_in(gap: &str) -> Option<usize> {
    let mut in_comment = false;
    gap.char_indices().find_map(|(at, letter)| {
        in_comment = (in_comment || letter == '#') && letter != '\n';
        (letter == ',' && !in_comment).then_some(at)
    })
}
