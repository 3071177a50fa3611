//! The tree → a body: one iterative walk, so that no depth of nesting can exhaust the stack.

use crate::extract::render::body::{Block, Body, Cell, DEEPEST, Mark, Player, Run, RunKind, Style, Table};
use crate::extract::render::formula::Formula;
use crate::extract::render::runs::{tidy, tidy_line};
use crate::extract::render::{attributes, tables};
use crate::model::Image;
use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{Html, Node};
use url::Url;

/// Reads a parsed fragment.
pub(super) fn read(tree: &Html, base: &Url) -> Body {
    let mut reader = Reader::new(base);
    for edge in tree.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) => reader.text(text),
                Node::Element(element) => reader.open(element, || source(node)),
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    reader.close(element);
                }
            }
        }
    }
    reader.finish()
}

/// The URL of a player's first `<source>`.
fn source(node: NodeRef<'_, Node>) -> Option<String> {
    let elements = node.children().filter_map(|child| child.value().as_element());
    elements.filter(|element| element.name() == "source").find_map(|element| element.attr("src").map(str::to_owned))
}

/// What a container holds while it is open.
enum Frame {
    Root,
    Quote,
    Figure,
    List(Option<u32>, Vec<Vec<Block>>),
    Item,
    Table(Table),
    Row(Vec<Cell>),
    Cell(Cell),
}

/// What was put aside when an element was opened, to be taken up when it closes.
struct Opened {
    style: Style,
    heading: Option<u8>,
    muted: bool,
    /// Whether the element pushed a frame.
    framed: bool,
}

struct Reader<'a> {
    base: &'a Url,
    body: Body,
    frames: Vec<(Frame, Vec<Block>)>,
    opened: Vec<Opened>,
    runs: Vec<Run>,
    style: Style,
    heading: Option<u8>,
    caption: bool,
    muted: bool,
    code: Option<Verbatim>,
    /// A formula being read: its text, and how many elements were open when it began.
    formula: Option<(String, usize)>,
}

/// A code block being read.
#[derive(Default)]
struct Verbatim {
    language: Option<String>,
    text: String,
    /// How many elements were open when it began.
    depth: usize,
    /// Whether a `<code>` ended just here: the next one is a line of its own (WeChat writes one for each line).
    line_ended: bool,
}

impl<'a> Reader<'a> {
    fn new(base: &'a Url) -> Self {
        Self {
            base,
            body: Body::default(),
            frames: vec![(Frame::Root, Vec::new())],
            opened: Vec::new(),
            runs: Vec::new(),
            style: Style::default(),
            heading: None,
            caption: false,
            muted: false,
            code: None,
            formula: None,
        }
    }

    fn text(&mut self, text: &str) {
        if self.muted {
            return;
        }
        if let Some((formula, _)) = &mut self.formula {
            formula.push_str(text);
            return;
        }
        match &mut self.code {
            Some(code) => {
                if !text.is_empty() {
                    code.line_ended &= text.trim().is_empty();
                }
                code.text.push_str(text);
            }
            None => self.runs.push(Run::text(text, self.style)),
        }
    }

    fn open(&mut self, element: &Element, source: impl Fn() -> Option<String>) {
        let name = element.name();
        let (style, heading, muted) = (self.style, self.heading, self.muted);
        let mut framed = false;
        self.end_formula(false);
        self.muted = (muted && name != "foreignObject") || attributes::is_unseen(element);
        if !self.muted && self.code.is_some() {
            self.open_in_code(name, element);
        } else if !self.muted && matches!(name, "video" | "audio" | "iframe") {
            // What stands inside is for browsers that cannot play.
            let url = element.attr("src").map(str::to_owned).or_else(source);
            self.player(name, element, url.as_deref());
            self.muted = true;
        } else if !self.muted {
            framed = self.open_seen(name, element);
        }
        self.opened.push(Opened { style, heading, muted, framed });
    }

    fn open_in_code(&mut self, name: &str, element: &Element) {
        let Some(code) = &mut self.code else { return };
        if name == "code" && code.language.is_none() {
            code.language = attributes::language(element);
        }
        let broken = code.text.is_empty() || code.text.ends_with('\n');
        let line = name == "br" || !broken && (attributes::is_block(name) || name == "code" && code.line_ended);
        if line {
            code.text.push('\n');
        }
    }

    /// Opens an element that is shown; answers whether it pushed a frame.
    fn open_seen(&mut self, name: &str, element: &Element) -> bool {
        if attributes::is_block(name) {
            self.flush();
        }
        match name {
            "br" => self.runs.push(Run { kind: RunKind::Break, style: self.style }),
            "hr" => self.push(Block::Rule),
            "img" => self.image(element),
            "pre" => {
                let language = attributes::language(element);
                self.code = Some(Verbatim { language, depth: self.opened.len(), ..Verbatim::default() });
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = name[1..].parse().ok(),
            "figcaption" | "caption" => self.caption = true,
            "a" => self.style.link = self.link(element).or(self.style.link),
            "rt" => self.runs.push(Run::text("(", self.style)),
            "q" => self.runs.push(Run::text("“", self.style)),
            "span" if element.attr("class") == Some("math") => self.formula = Some((String::new(), self.opened.len())),
            _ => {
                if !self.style.has(Mark::Code) {
                    self.style = attributes::styled(self.style, name, element);
                }
                return self.open_frame(name, element);
            }
        }
        false
    }

    fn open_frame(&mut self, name: &str, element: &Element) -> bool {
        let in_list = matches!(self.frames.last(), Some((Frame::List(..), _)));
        let in_table = matches!(self.frames.last(), Some((Frame::Table(_), _)));
        let in_row = matches!(self.frames.last(), Some((Frame::Row(_), _)));
        let number = |name: &str| element.attr(name).and_then(|value| value.trim().parse::<u32>().ok());
        let span = |name: &str, most: usize| number(name).map_or(1, |span| (span as usize).clamp(1, most));
        let frame = match name {
            "blockquote" => Frame::Quote,
            "figure" => Frame::Figure,
            "ul" | "menu" => Frame::List(None, Vec::new()),
            "ol" => Frame::List(Some(number("start").unwrap_or(1).min(999_999)), Vec::new()),
            "li" if in_list => Frame::Item,
            "table" => Frame::Table(Table::default()),
            "tr" if in_table => Frame::Row(Vec::new()),
            "td" | "th" if in_row => {
                // Spans are bounded: a table is written out on a grid.
                let (columns, rows) = (span("colspan", 50), span("rowspan", 200));
                Frame::Cell(Cell { header: name == "th", columns, rows, ..Cell::default() })
            }
            _ => return false,
        };
        let inner = matches!(frame, Frame::Item | Frame::Row(_) | Frame::Cell(_));
        if self.frames.len() > DEEPEST && !inner {
            return false;
        }
        self.frames.push((frame, Vec::new()));
        true
    }

    fn close(&mut self, element: &Element) {
        let name = element.name();
        let Some(opened) = self.opened.pop() else { return };
        if !self.muted {
            self.close_seen(name, &opened);
        }
        (self.style, self.heading, self.muted) = (opened.style, opened.heading, opened.muted);
    }

    fn close_seen(&mut self, name: &str, opened: &Opened) {
        if let Some(code) = &mut self.code {
            if code.depth < self.opened.len() {
                code.line_ended |= name == "code";
                if attributes::is_block(name) && !code.text.is_empty() && !code.text.ends_with('\n') {
                    code.text.push('\n');
                }
                return;
            }
            self.end_code();
            return;
        }
        if self.formula.as_ref().is_some_and(|(_, depth)| *depth == self.opened.len()) {
            self.end_formula(true);
        }
        match name {
            "rt" => self.runs.push(Run::text(")", self.style)),
            "q" => self.runs.push(Run::text("”", self.style)),
            _ => {}
        }
        if attributes::is_block(name) {
            self.flush();
        }
        if matches!(name, "figcaption" | "caption") {
            self.caption = false;
        }
        if opened.framed {
            self.close_frame();
        }
    }

    /// Ends the formula being read; one that holds more than text is none, nor is one without its dollar signs.
    fn end_formula(&mut self, whole: bool) {
        let Some((text, _)) = self.formula.take() else { return };
        match Formula::read(&text).filter(|_| whole) {
            Some(formula) => self.runs.push(Run { kind: RunKind::Formula(formula), style: self.style }),
            None => self.runs.push(Run::text(text, self.style)),
        }
    }

    fn end_code(&mut self) {
        let Some(code) = self.code.take() else { return };
        let text = code.text.replace('\u{a0}', " ").replace(['\u{200b}', '\u{feff}', '\r', '\0'], "");
        let text = text.trim_end().trim_start_matches('\n');
        if !text.is_empty() {
            self.push(Block::Code { language: code.language, text: text.to_owned() });
        }
    }

    /// Ends the line being read: it becomes a heading, a caption or paragraphs.
    fn flush(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        if runs.is_empty() {
            return;
        }
        if let Some(level) = self.heading {
            let line = tidy_line(runs);
            let seen = line.iter().any(|run| !matches!(run.kind, RunKind::Image(_) | RunKind::Player(_)));
            match line.is_empty() {
                true => {}
                false if seen => self.push(Block::Heading(level, line)),
                false => self.push(Block::Paragraph(line)),
            }
        } else if self.caption {
            let line = tidy_line(runs);
            if !line.is_empty() {
                self.push(Block::Caption(line));
            }
        } else {
            for line in tidy(runs) {
                self.push(Block::Paragraph(line));
            }
        }
    }

    fn push(&mut self, block: Block) {
        let Some((frame, blocks)) = self.frames.last_mut() else { return };
        match (frame, block) {
            // A list right inside a list belongs to the item before it.
            (Frame::List(_, items), block @ Block::List { .. }) if !items.is_empty() => {
                if let Some(item) = items.last_mut() {
                    item.push(block);
                }
            }
            (Frame::List(_, items), block) => items.push(vec![block]),
            (Frame::Table(table), Block::Caption(line)) => table.caption = line,
            (_, block) => blocks.push(block),
        }
    }

    fn close_frame(&mut self) {
        if self.frames.len() < 2 {
            return;
        }
        let Some((frame, blocks)) = self.frames.pop() else { return };
        match frame {
            Frame::Quote if !blocks.is_empty() => self.push(Block::Quote(blocks)),
            Frame::Figure if !blocks.is_empty() => self.push(Block::Figure(blocks)),
            Frame::List(start, items) if !items.is_empty() => self.push(Block::List { start, items }),
            Frame::Root | Frame::Quote | Frame::Figure | Frame::List(..) => {}
            Frame::Item => {
                if let Some((Frame::List(_, items), _)) = self.frames.last_mut()
                    && !blocks.is_empty()
                {
                    items.push(blocks);
                }
            }
            Frame::Cell(cell) => {
                if let Some((Frame::Row(cells), _)) = self.frames.last_mut() {
                    cells.push(Cell { blocks, ..cell });
                }
            }
            Frame::Row(cells) => {
                if let Some((Frame::Table(table), _)) = self.frames.last_mut() {
                    table.rows.push(cells);
                }
            }
            Frame::Table(table) => {
                for block in blocks.into_iter().chain(tables::judge(table)) {
                    self.push(block);
                }
            }
        }
    }

    fn link(&mut self, element: &Element) -> Option<u32> {
        let url = attributes::link(element.attr("href")?, self.base)?;
        // Editors split a link where its style changes: it goes on from the one just read.
        let last = self.runs.last().and_then(|run| run.style.link);
        if last.is_some_and(|last| self.body.links.get(last as usize) == Some(&url)) {
            return last;
        }
        self.body.links.push(url);
        u32::try_from(self.body.links.len() - 1).ok()
    }

    fn image(&mut self, element: &Element) {
        let Some(url) = attributes::image_url(element, self.base) else { return };
        let size = |name| element.attr(name).and_then(attributes::pixels);
        let alt = element.attr("alt").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        self.body.images.push(Image { url, alt, width: size("width"), height: size("height") });
        self.runs.push(Run { kind: RunKind::Image(self.body.images.len() - 1), style: self.style });
    }

    fn player(&mut self, name: &str, element: &Element, url: Option<&str>) {
        let Some(url) = url.and_then(|url| attributes::link(url, self.base)) else { return };
        let title = element.attr("title").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let title = Some(title.as_str()).filter(|title| !title.is_empty());
        if name == "iframe" {
            // Frames never leave the page; a film's becomes a link to it.
            if attributes::is_film(&url) {
                self.body.links.push(url.clone());
                let link = u32::try_from(self.body.links.len() - 1).ok();
                self.runs.push(Run::text(title.unwrap_or(&url), self.style.linked(link)));
            }
            return;
        }
        let poster = element.attr("poster").and_then(|url| attributes::link(url, self.base));
        let title = title.unwrap_or(name).to_owned();
        self.body.media.push(Player { video: name == "video", url, poster, title });
        let style = self.style.linked(None);
        self.runs.push(Run { kind: RunKind::Player(self.body.media.len() - 1), style });
    }

    fn finish(mut self) -> Body {
        self.end_code();
        self.flush();
        while self.frames.len() > 1 {
            self.close_frame();
        }
        self.body.blocks = self.frames.pop().map(|(_, blocks)| blocks).unwrap_or_default();
        self.body
    }
}
