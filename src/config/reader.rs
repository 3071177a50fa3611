//! Reads tables key by key and remembers: every problem, and every key that was asked for, so that what is left over is unknown.

use crate::config::given::{Answer, Given, kind};
use crate::config::problem::{Place, Problem};
use crate::config::suggest::suggestion;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml_edit::{Item, TableLike};

/// What the names of our variables begin with; the sections and keys follow, with two underscores between them.
const PREFIX: &str = "WANGQI_";

/// Reads a configuration.
pub(super) struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    environment: &'a BTreeMap<String, String>,
    /// Variables that a key answers to.
    variables: BTreeSet<String>,
    /// Every key that was asked for, with the section before it.
    keys: BTreeSet<String>,
    problems: Vec<Problem>,
}

/// A table while it is being read.
pub(super) struct Table<'a> {
    /// How it is called in the file: `crawl`, `feed.follow`; empty for the whole file.
    name: String,
    items: Option<&'a dyn TableLike>,
    span: Range<usize>,
    /// Whether the environment may set its keys: it may not where there are several of its kind.
    single: bool,
    asked: Vec<&'static str>,
}

impl Table<'_> {
    /// Where the table begins.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where a key stands; where the table begins, if it does not.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        let key = self.items.and_then(|items| items.key(key));
        key.and_then(toml_edit::Key::span).unwrap_or(self.span())
    }

    /// Whether the file has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.items.is_some_and(|items| items.contains_key(key))
    }
}

impl<'a> Reader<'a> {
    /// A reader of this text, called so, with these variables over it.
    pub(super) fn new(name: &'a str, text: &'a str, environment: &'a BTreeMap<String, String>) -> Self {
        Self { name, text, environment, variables: BTreeSet::new(), keys: BTreeSet::new(), problems: Vec::new() }
    }

    /// The whole file as a table.
    pub(super) fn root(items: &'a dyn TableLike) -> Table<'a> {
        Table { name: String::new(), items: Some(items), span: 0..0, single: true, asked: Vec::new() }
    }

    /// Notes a problem.
    pub(super) fn problem(&mut self, span: Range<usize>, message: String) {
        let place = Place::in_file(self.name, self.text, &span);
        self.problems.push(Problem { message, place });
    }

    /// A table within a table; one without keys where it is not written.
    pub(super) fn table(&mut self, parent: &mut Table<'a>, key: &'static str) -> Table<'a> {
        let name = self.ask(parent, key);
        let mut table =
            Table { name: name.clone(), items: None, span: parent.span(), single: parent.single, asked: Vec::new() };
        if let Some(item) = parent.items.and_then(|items| items.get(key)) {
            table.span = parent.span_of(key);
            table.items = item.as_table_like();
            if table.items.is_none() {
                let written = if parent.name.is_empty() { format!("[{name}]") } else { format!("{key} = {{ … }}") };
                self.problem(table.span(), format!("`{key}` is one table: write {written}"));
            }
        }
        table
    }

    /// The tables of a kind of which there may be several.
    pub(super) fn tables(&mut self, parent: &mut Table<'a>, key: &'static str) -> Vec<Table<'a>> {
        let name = self.ask(parent, key);
        let table = |items: &'a dyn TableLike, span: Option<Range<usize>>| Table {
            name: name.clone(),
            items: Some(items),
            span: span.unwrap_or(0..0),
            single: false,
            asked: Vec::new(),
        };
        match parent.items.and_then(|items| items.get(key)) {
            None => Vec::new(),
            Some(Item::ArrayOfTables(tables)) => tables.iter().map(|found| table(found, found.span())).collect(),
            Some(item) => {
                let inline = item.as_array().into_iter().flatten().map(|value| (value.as_inline_table(), value.span()));
                let (found, others): (Vec<_>, Vec<_>) = inline.partition(|(found, _)| found.is_some());
                if item.as_array().is_none() || !others.is_empty() {
                    self.problem(parent.span_of(key), format!("there may be several of `{key}`: write [[{key}]]"));
                }
                found.into_iter().filter_map(|(found, span)| Some(table(found?, span))).collect()
            }
        }
    }

    /// A value, where it is given and can be read.
    pub(super) fn value<T>(
        &mut self,
        table: &mut Table<'a>,
        key: &'static str,
        read: impl Fn(&Given<'_>) -> Answer<T>,
    ) -> Option<T> {
        let variable = variable_of(&self.ask(table, key));
        if let Some(text) = self.variable(table, &variable) {
            return read(&Given::Variable(text)).map_err(|message| self.wrong_variable(&variable, message)).ok();
        }
        let item = table.items.and_then(|items| items.get(key))?;
        let answer = match item.as_value() {
            Some(value) => read(&Given::Toml(value)),
            None => Err(format!("`{key}` is one value, not a table")),
        };
        answer.map_err(|message| self.problem(item.span().unwrap_or(table.span_of(key)), message)).ok()
    }

    /// A value that may also stand in a file which a `…_FILE` variable names, as container secrets do.
    pub(super) fn secret<T>(
        &mut self,
        table: &mut Table<'a>,
        key: &'static str,
        read: impl Fn(&Given<'_>) -> Answer<T>,
    ) -> Option<T> {
        let file = format!("{}_FILE", variable_of(&format!("{}.{key}", table.name)));
        let Some(path) = self.variable(table, &file) else { return self.value(table, key, read) };
        let plain = variable_of(&self.ask(table, key));
        if self.variable(table, &plain).is_some() {
            self.wrong_variable(&file, format!("{plain} is set too; set one of the two"));
        }
        let answer = std::fs::read_to_string(path)
            .map_err(|why| format!("cannot read {path}: {why}"))
            .and_then(|text| read(&Given::Variable(text.trim())));
        answer.map_err(|message| self.wrong_variable(&file, message)).ok()
    }

    /// A value that comes from the environment, or from a file that a `…_FILE` variable names, and never stands in crawl.toml, which is
    /// shown, copied and kept under version control.
    pub(super) fn outside<T>(
        &mut self,
        table: &mut Table<'a>,
        key: &'static str,
        read: impl Fn(&Given<'_>) -> Answer<T>,
    ) -> Option<T> {
        let variable = variable_of(&format!("{}.{key}", table.name));
        if table.has(key) {
            let message = format!(
                "a session's {key} cannot stand in this file; write it into a file that only you can read, and name that one in {variable}_FILE"
            );
            self.problem(table.span_of(key), message);
        }
        let (items, keys) = (table.items.take(), self.keys.clone());
        let given = self.secret(table, key, read);
        // It is none of the keys that crawl.toml may say.
        (table.items, self.keys) = (items, keys);
        if !table.asked.contains(&key) {
            table.asked.push(key);
        }
        given
    }

    /// A list of values; in a variable they are parted by commas.
    pub(super) fn list<T>(
        &mut self,
        table: &mut Table<'a>,
        key: &'static str,
        read: impl Fn(&Given<'_>) -> Answer<T>,
    ) -> Option<Vec<T>> {
        let variable = variable_of(&self.ask(table, key));
        if let Some(text) = self.variable(table, &variable) {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            let read: Answer<Vec<T>> = parts.map(|part| read(&Given::Variable(part))).collect();
            return read.map_err(|message| self.wrong_variable(&variable, message)).ok();
        }
        let item = table.items.and_then(|items| items.get(key))?;
        let Some(values) = item.as_array() else {
            let found = item.as_value().map_or("a table", kind);
            self.problem(item.span().unwrap_or(table.span_of(key)), format!("expected a list, found {found}"));
            return None;
        };
        let mut list = Vec::new();
        for value in values {
            match read(&Given::Toml(value)) {
                Ok(read) => list.push(read),
                Err(message) => self.problem(value.span().unwrap_or(table.span_of(key)), message),
            }
        }
        Some(list)
    }

    /// A table of names with values, in the file's order; in a variable `name=value` parted by commas.
    pub(super) fn pairs<T>(
        &mut self,
        table: &mut Table<'a>,
        key: &'static str,
        name: impl Fn(&str) -> Answer<String>,
        read: impl Fn(&Given<'_>) -> Answer<T>,
    ) -> Option<Vec<(String, T)>> {
        let variable = variable_of(&self.ask(table, key));
        if let Some(text) = self.variable(table, &variable) {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            let pair = |part: &str| {
                let (key, value) = part.split_once('=').ok_or_else(|| format!("{part:?} is not name=value"))?;
                Ok((name(key.trim())?, read(&Given::Variable(value.trim()))?))
            };
            let read: Answer<Vec<_>> = parts.map(pair).collect();
            return read.map_err(|message| self.wrong_variable(&variable, message)).ok();
        }
        let item = table.items.and_then(|items| items.get(key))?;
        let Some(inner) = item.as_table_like() else {
            self.problem(
                item.span().unwrap_or(table.span_of(key)),
                format!("expected {key} = {{ \"name\" = \"value\" }}"),
            );
            return None;
        };
        let mut pairs = Vec::new();
        for (written, item) in inner.iter() {
            let span = inner.key(written).and_then(toml_edit::Key::span).unwrap_or(table.span_of(key));
            let value = item
                .as_value()
                .ok_or_else(|| "expected one value".to_owned())
                .and_then(|value| read(&Given::Toml(value)));
            match (name(written), value) {
                (Ok(name), Ok(value)) => pairs.push((name, value)),
                (Err(message), _) => self.problem(span, message),
                (_, Err(message)) => self.problem(item.span().unwrap_or(span), message),
            }
        }
        Some(pairs)
    }

    /// Ends the reading of a table: keys that nobody asked for are unknown.
    pub(super) fn finish(&mut self, table: &Table<'a>) {
        let Some(items) = table.items else { return };
        for (key, _) in items.iter().filter(|(key, _)| !table.asked.contains(key)) {
            let known = table.asked.iter().copied();
            let place = if table.name.is_empty() { String::new() } else { format!(" in [{}]", table.name) };
            let close = suggestion(key, known.clone());
            let close =
                if close.is_empty() { format!("; it has {}", known.collect::<Vec<_>>().join(", ")) } else { close };
            self.problem(table.span_of(key), format!("unknown key {key:?}{place}{close}"));
        }
    }

    /// Ends the reading: the keys that were asked for and the problems, those of the file first and in its order.
    pub(super) fn end(mut self) -> (BTreeSet<String>, Vec<Problem>) {
        let unknown = self.environment.keys().filter(|name| is_ours(name) && !self.variables.contains(*name));
        let unknown: Vec<String> = unknown.cloned().collect();
        for variable in unknown {
            let close = suggestion(&variable, self.variables.iter().map(String::as_str));
            self.wrong_variable(&variable, format!("no such option{close}"));
        }
        self.problems.sort_by_key(|problem| problem.place.order());
        (self.keys, self.problems)
    }

    /// Remembers that a key was asked for, and gives its full name.
    fn ask(&mut self, table: &mut Table<'a>, key: &'static str) -> String {
        table.asked.push(key);
        let full = if table.name.is_empty() { key.to_owned() } else { format!("{}.{key}", table.name) };
        self.keys.insert(full.clone());
        full
    }

    /// What a variable says. One that is set to nothing is as one that is not set.
    fn variable(&mut self, table: &Table<'a>, variable: &str) -> Option<&'a str> {
        if !table.single {
            return None;
        }
        self.variables.insert(variable.to_owned());
        self.environment.get(variable).map(String::as_str).filter(|text| !text.trim().is_empty())
    }

    /// Notes a problem with a variable.
    pub(super) fn wrong_variable(&mut self, variable: &str, message: String) {
        self.problems.push(Problem { message, place: Place::Variable(variable.to_owned()) });
    }
}

/// Whether a variable's name is that of an option of ours, known or not.
fn is_ours(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains("__"))
}

fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}
