//! Blocks → Markdown: CommonMark with GitHub's tables.

use crate::extract::render::body::{Block, Body, Cell, Run, Table};
use crate::extract::render::inline::{self, Place, longest_run};

/// Writes a body.
pub(super) fn write(body: &Body) -> String {
    let mut text = blocks(&body.blocks, body).join("\n");
    while text.ends_with(['\n', ' ']) {
        text.pop();
    }
    text
}

/// The lines of blocks, an empty one between each two.
fn blocks(blocks: &[Block], body: &Body) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut marker = 0;
    for (at, block) in blocks.iter().enumerate() {
        // Two lists in a row would be read as one, were their markers the same.
        marker = match (at.checked_sub(1).and_then(|at| blocks.get(at)), block) {
            (Some(Block::List { .. }), Block::List { .. }) => 1 - marker,
            _ => 0,
        };
        let more = one(block, body, marker);
        if !lines.is_empty() && !more.is_empty() {
            lines.push(String::new());
        }
        lines.extend(more);
    }
    lines
}

fn one(block: &Block, body: &Body, marker: usize) -> Vec<String> {
    match block {
        Block::Paragraph(runs) | Block::Caption(runs) => paragraph(runs, body),
        Block::Heading(level, runs) => {
            let text = inline::write(runs, body, Place::Heading);
            vec![format!("{} {text}", "#".repeat(usize::from(*level)))]
        }
        Block::Code { language, text } => code(language.as_deref(), text),
        Block::Rule => vec!["---".to_owned()],
        Block::Quote(inner) => {
            let quoted = |line: String| if line.is_empty() { ">".to_owned() } else { format!("> {line}") };
            blocks(inner, body).into_iter().map(quoted).collect()
        }
        Block::List { start, items } => list(*start, items, body, marker),
        Block::Figure(inner) => blocks(inner, body),
        Block::Table(table) => self::table(table, body),
    }
}

fn paragraph(runs: &[Run], body: &Body) -> Vec<String> {
    inline::write(runs, body, Place::Paragraph).split('\n').map(str::to_owned).collect()
}

fn code(language: Option<&str>, text: &str) -> Vec<String> {
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    let mut lines = vec![format!("{fence}{}", language.unwrap_or_default())];
    lines.extend(text.split('\n').map(str::to_owned));
    lines.push(fence);
    lines
}

fn list(start: Option<u32>, items: &[Vec<Block>], body: &Body, marker: usize) -> Vec<String> {
    // Tight where every item is a line with at most a list below it: as people write lists.
    let simple = |item: &Vec<Block>| {
        // Only a list that starts at 1 may follow a paragraph with no empty line between.
        matches!(
            item.as_slice(),
            [Block::Paragraph(_)] | [Block::Paragraph(_), Block::List { start: None | Some(1), .. }]
        )
    };
    let tight = items.iter().all(simple);
    let mut lines = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let bullet = match start {
            Some(start) => format!("{}{} ", u64::from(start) + at as u64, [".", ")"][marker]),
            None => format!("{} ", ["-", "*"][marker]),
        };
        let indent = " ".repeat(bullet.len());
        let mut inner: Vec<String> =
            if tight { item.iter().flat_map(|block| one(block, body, 0)).collect() } else { blocks(item, body) };
        if let (Some(Block::Rule), Some(line)) = (item.first(), inner.first_mut()) {
            // `- ---` is one rule, not an item that holds one.
            "___".clone_into(line);
        }
        if at > 0 && !tight {
            lines.push(String::new());
        }
        for (row, line) in inner.into_iter().enumerate() {
            lines.push(match (row, line.is_empty()) {
                (0, _) => format!("{bullet}{line}"),
                (_, true) => String::new(),
                (_, false) => format!("{indent}{line}"),
            });
        }
    }
    lines
}

/// A table: cells flattened to a line, spans filled up with empty cells, the first row as head where the page names none.
fn table(table: &Table, body: &Body) -> Vec<String> {
    let grid = grid(table, body);
    let width = grid.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = Vec::new();
    if !table.caption.is_empty() {
        lines.extend(paragraph(&table.caption, body));
        lines.push(String::new());
    }
    let row = |cells: &[String]| {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        (0..width).fold("|".to_owned(), |line, at| format!("{line} {} |", cell(at)))
    };
    for (at, cells) in grid.iter().enumerate() {
        lines.push(row(cells));
        if at == 0 {
            lines.push(format!("|{}", " --- |".repeat(width)));
        }
    }
    lines
}

/// The cells on a grid, each where its row and column spans put it.
fn grid(table: &Table, body: &Body) -> Vec<Vec<String>> {
    let mut covered: Vec<usize> = Vec::new();
    let mut grid = Vec::new();
    for row in &table.rows {
        let mut line = Vec::new();
        let fill = |line: &mut Vec<String>, covered: &mut Vec<usize>| {
            while covered.get(line.len()).is_some_and(|rows| *rows > 0) {
                covered[line.len()] -= 1;
                line.push(String::new());
            }
        };
        for cell in row {
            fill(&mut line, &mut covered);
            let text = flat(&cell.blocks, body).join("<br>");
            for part in 0..cell.columns {
                if covered.len() <= line.len() {
                    covered.resize(line.len() + 1, 0);
                }
                covered[line.len()] = cell.rows - 1;
                line.push(if part == 0 { text.clone() } else { String::new() });
            }
        }
        fill(&mut line, &mut covered);
        grid.push(line);
    }
    grid
}

/// Blocks inside a cell, a line each.
fn flat(blocks: &[Block], body: &Body) -> Vec<String> {
    blocks
        .iter()
        .flat_map(|block| match block {
            Block::Paragraph(runs) | Block::Caption(runs) | Block::Heading(_, runs) => {
                vec![inline::write(runs, body, Place::Cell)]
            }
            Block::Code { text, .. } => text.lines().map(code_line).collect(),
            Block::Rule => Vec::new(),
            Block::Quote(inner) | Block::Figure(inner) => flat(inner, body),
            Block::List { start, items } => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    let bullet = start.map_or("• ".to_owned(), |start| format!("{}. ", u64::from(start) + at as u64));
                    format!("{bullet}{}", flat(item, body).join("<br>"))
                })
                .collect(),
            Block::Table(table) => {
                table.rows.iter().flatten().flat_map(|Cell { blocks, .. }| flat(blocks, body)).collect()
            }
        })
        .collect()
}

fn code_line(line: &str) -> String {
    let fence = "`".repeat(longest_run(line, '`') + 1);
    format!("{fence} {} {fence}", line.replace('|', "\\|"))
}
