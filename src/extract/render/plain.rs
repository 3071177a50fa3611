//! Blocks → plain text: a line a block, a table's cells parted by tabs, no markup.

use crate::extract::render::body::{Block, Body, Run, RunKind};

/// Writes a body.
pub(super) fn write(body: &Body) -> String {
    let mut lines = Vec::new();
    blocks(&body.blocks, &mut lines);
    lines.join("\n")
}

fn blocks(blocks: &[Block], lines: &mut Vec<String>) {
    for block in blocks {
        one(block, lines);
    }
}

fn one(block: &Block, lines: &mut Vec<String>) {
    match block {
        Block::Paragraph(runs) | Block::Heading(_, runs) | Block::Caption(runs) => {
            let text = line(runs);
            lines.extend(text.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        }
        Block::Code { text, .. } => lines.extend(text.lines().map(str::to_owned)),
        Block::Rule => {}
        Block::Quote(inner) | Block::Figure(inner) => blocks(inner, lines),
        Block::List { items, .. } => items.iter().for_each(|item| blocks(item, lines)),
        Block::Table(table) => {
            if !table.caption.is_empty() {
                lines.push(line(&table.caption));
            }
            for row in &table.rows {
                let cells: Vec<String> = row.iter().map(|cell| flat(&cell.blocks)).collect();
                lines.push(cells.join("\t"));
            }
        }
    }
}

fn flat(inner: &[Block]) -> String {
    let mut lines = Vec::new();
    blocks(inner, &mut lines);
    lines.join(" ")
}

fn line(runs: &[Run]) -> String {
    let piece = |run: &Run| match &run.kind {
        RunKind::Text(text) => text.clone(),
        RunKind::Formula(formula) => formula.plain(),
        RunKind::Break => "\n".to_owned(),
        RunKind::Image(_) | RunKind::Player(_) => String::new(),
    };
    runs.iter().map(piece).collect()
}
