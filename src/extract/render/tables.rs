//! Whether a table is data, or only lays out a page.

use crate::extract::render::body::{Block, Cell, Table};

/// The most cells of a table that is written as one, and the widest (judgement: beyond, nobody reads it as a table).
const MOST_CELLS: usize = 20_000;
const WIDEST: usize = 100;

/// A table of data stays a table; one that lays out a page gives up its cells, in order.
pub(super) fn judge(mut table: Table) -> Vec<Block> {
    table.rows.retain(|row| row.iter().any(|cell| !cell.blocks.is_empty()));
    let width = |row: &Vec<Cell>| row.iter().map(|cell| cell.columns).sum::<usize>();
    let widest = table.rows.iter().map(width).max().unwrap_or(0);
    let cells = table.rows.len().saturating_mul(widest);
    let laid_out = table.rows.iter().flatten().any(|cell| cell.blocks.iter().any(is_layout));
    let one_column = table.rows.iter().all(|row| row.len() <= 1);
    if !laid_out && !one_column && cells <= MOST_CELLS && widest <= WIDEST {
        return vec![Block::Table(table)];
    }
    let caption = (!table.caption.is_empty()).then_some(Block::Caption(table.caption));
    let inner = table.rows.into_iter().flatten().flat_map(|cell| cell.blocks);
    caption.into_iter().chain(inner).collect()
}

/// What no cell of data holds.
fn is_layout(block: &Block) -> bool {
    match block {
        Block::Table(_) | Block::Heading(..) | Block::Quote(_) | Block::Figure(_) => true,
        Block::Code { text, .. } => text.contains('\n'),
        Block::Paragraph(_) | Block::Caption(_) | Block::Rule | Block::List { .. } => false,
    }
}
