//! docs/failures.md: read row by row, and a row's printed text written anew.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The heading it stands under.
    pub(super) group: String,
    /// The case's name.
    pub(super) name: String,
    /// What is printed to standard error, as it is, with placeholders.
    pub(super) printed: String,
    /// The exit code.
    pub(super) exit: String,
    /// What is held afterwards; what stands behind a dash is for people alone.
    pub(super) kept: String,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/failures.md")
}

/// The document's text; never half of what another case is just writing.
pub(super) fn read() -> String {
    let mut text = String::new();
    let mut file = File::open(path()).unwrap();
    file.lock_shared().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// Every row of every table.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let (mut rows, mut group) = (Vec::new(), String::new());
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut group);
        }
        let cells = cells(line);
        if let [name, _, printed, exit, kept] = cells.as_slice()
            && let Some(name) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'))
        {
            let (group, name) = (group.clone(), name.to_owned());
            rows.push(Row { group, name, printed: unfold(printed), exit: exit.clone(), kept: kept.clone() });
        }
    }
    rows
}

/// Writes what a case printed into its row. Cases run side by side, perhaps in several processes: one at a time.
pub(super) fn write_printed(name: &str, printed: &str) {
    let lock = File::open(path()).unwrap();
    lock.lock().unwrap();
    let begin = format!("| `{name}` |");
    let rewritten = std::fs::read_to_string(path()).unwrap().lines().fold(String::new(), |mut text, line| {
        if line.starts_with(&begin) {
            let mut cells = cells(line);
            cells[2] = fold(printed);
            text.push_str(&format!("| {} |", cells.join(" | ")));
        } else {
            text.push_str(line);
        }
        text.push('\n');
        text
    });
    // In place: the lock is the file's own.
    std::fs::write(path(), rewritten).unwrap();
}

/// A table line's cells; a bar in one is written `\|`.
fn cells(line: &str) -> Vec<String> {
    let Some(inner) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else { return Vec::new() };
    inner.split(" | ").map(|cell| cell.trim().to_owned()).collect()
}

/// Several lines in one cell, each as code. A line that ends in a backquote would close its own code: none does.
fn fold(printed: &str) -> String {
    if printed.is_empty() {
        return "nothing".to_owned();
    }
    let lines = printed.lines().map(|line| {
        let line = line.replace('|', "\\|");
        if line.is_empty() {
            line
        } else if line.contains('`') {
            format!("`` {line} ``")
        } else {
            format!("`{line}`")
        }
    });
    lines.collect::<Vec<_>>().join("<br>")
}

fn unfold(cell: &str) -> String {
    if cell == "nothing" {
        return String::new();
    }
    let lines = cell.split("<br>").map(|line| {
        let double = line.strip_prefix("`` ").and_then(|line| line.strip_suffix(" ``"));
        let single = || line.strip_prefix('`').and_then(|line| line.strip_suffix('`')).unwrap_or(line);
        double.unwrap_or_else(single).replace("\\|", "|")
    });
    lines.map(|line| line + "\n").collect()
}
