//! Blocks → safe HTML. Every tag and attribute that can come out is written in this file.

use crate::extract::render::body::{Block, Body, Cell, Mark, Run, RunKind, Table};
use crate::extract::render::inline::tag;
use crate::extract::render::spans::{Span, nest};
use std::fmt::Write as _;

/// Writes a body.
pub(super) fn write(body: &Body) -> String {
    let mut writer = Writer { body, out: String::new() };
    writer.blocks(&body.blocks);
    writer.out
}

/// Text as it may stand in HTML.
fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text as it may stand in a quoted attribute.
fn quoted(value: &str) -> String {
    text(value).replace('"', "&quot;")
}

struct Writer<'a> {
    body: &'a Body,
    out: String,
}

impl Writer<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
            self.out.push('\n');
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(runs) => self.line("p", runs),
            Block::Caption(runs) => self.line("figcaption", runs),
            Block::Heading(level, runs) => {
                self.line(["h1", "h2", "h3", "h4", "h5", "h6"][usize::from(*level) - 1], runs);
            }
            Block::Code { language, text: code } => {
                let class =
                    language.as_ref().map_or(String::new(), |name| format!(" class=\"language-{}\"", quoted(name)));
                let _ = write!(self.out, "<pre><code{class}>{}</code></pre>", text(code));
            }
            Block::Rule => self.out.push_str("<hr>"),
            Block::Quote(inner) => self.around("blockquote", inner),
            Block::Figure(inner) => self.around("figure", inner),
            Block::List { start, items } => self.list(*start, items),
            Block::Table(table) => self.table(table),
        }
    }

    fn around(&mut self, tag: &str, inner: &[Block]) {
        let _ = writeln!(self.out, "<{tag}>");
        self.blocks(inner);
        let _ = write!(self.out, "</{tag}>");
    }

    fn line(&mut self, tag: &str, runs: &[Run]) {
        let _ = write!(self.out, "<{tag}>");
        self.spans(&nest(runs));
        let _ = write!(self.out, "</{tag}>");
    }

    fn list(&mut self, start: Option<u32>, items: &[Vec<Block>]) {
        let (open, tag) = match start {
            None => ("<ul>".to_owned(), "ul"),
            Some(1) => ("<ol>".to_owned(), "ol"),
            Some(start) => (format!("<ol start=\"{start}\">"), "ol"),
        };
        self.out.push_str(&open);
        self.out.push('\n');
        for item in items {
            self.out.push_str("<li>");
            self.inside(item);
            self.out.push_str("</li>\n");
        }
        let _ = write!(self.out, "</{tag}>");
    }

    /// The inside of an item or cell: a lone paragraph needs no `<p>`.
    fn inside(&mut self, blocks: &[Block]) {
        if let [Block::Paragraph(runs), rest @ ..] = blocks
            && rest.iter().all(|block| matches!(block, Block::List { .. }))
        {
            self.spans(&nest(runs));
            self.blocks(rest);
        } else {
            self.blocks(blocks);
        }
    }

    fn table(&mut self, table: &Table) {
        self.out.push_str("<table>\n");
        if !table.caption.is_empty() {
            self.line("caption", &table.caption);
            self.out.push('\n');
        }
        for row in &table.rows {
            self.out.push_str("<tr>");
            for cell in row {
                self.cell(cell);
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</table>");
    }

    fn cell(&mut self, cell: &Cell) {
        let tag = if cell.header { "th" } else { "td" };
        let _ = write!(self.out, "<{tag}");
        for (name, span) in [("colspan", cell.columns), ("rowspan", cell.rows)] {
            if span > 1 {
                let _ = write!(self.out, " {name}=\"{span}\"");
            }
        }
        self.out.push('>');
        self.inside(&cell.blocks);
        let _ = write!(self.out, "</{tag}>");
    }

    fn spans(&mut self, spans: &[Span<'_>]) {
        for span in spans {
            match span {
                Span::Leaf(run) => self.run(run),
                Span::Link(link, inner) => {
                    let url = self.body.links.get(*link as usize).map_or("", String::as_str);
                    let _ = write!(self.out, "<a href=\"{}\" rel=\"noopener noreferrer\">", quoted(url));
                    self.spans(inner);
                    self.out.push_str("</a>");
                }
                Span::Marked(mark, inner) => self.marked(*mark, inner),
            }
        }
    }

    fn marked(&mut self, mark: Mark, inner: &[Span<'_>]) {
        let tag = tag(mark);
        let _ = write!(self.out, "<{tag}>");
        self.spans(inner);
        let _ = write!(self.out, "</{tag}>");
    }

    fn run(&mut self, run: &Run) {
        match &run.kind {
            RunKind::Text(words) => self.out.push_str(&text(words)),
            RunKind::Formula(formula) => {
                let _ = write!(self.out, "<span class=\"math\">{}</span>", text(&formula.plain()));
            }
            RunKind::Break => self.out.push_str("<br>\n"),
            RunKind::Image(at) => {
                let Some(image) = self.body.images.get(*at) else { return };
                let _ = write!(self.out, "<img src=\"{}\" alt=\"{}\"", quoted(&image.url), quoted(&image.alt));
                for (name, size) in [("width", image.width), ("height", image.height)] {
                    if let Some(size) = size {
                        let _ = write!(self.out, " {name}=\"{size}\"");
                    }
                }
                self.out.push('>');
            }
            RunKind::Player(at) => {
                let Some(player) = self.body.media.get(*at) else { return };
                let tag = if player.video { "video" } else { "audio" };
                let poster = player.poster.as_ref().map_or(String::new(), |url| format!(" poster=\"{}\"", quoted(url)));
                let (url, title) = (quoted(&player.url), quoted(&player.title));
                let attributes = format!("src=\"{url}\"{poster} title=\"{title}\" controls preload=\"none\"");
                let _ = write!(self.out, "<{tag} {attributes}></{tag}>");
            }
        }
    }
}
