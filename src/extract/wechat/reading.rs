//! A body as a reader goes through it: blocks of text one after another, with the links in them.

use super::dom::push_collapsed;
use super::href;
use crate::model::CanonicalUrl;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};
use url::Url;

/// How much of a block's or a link's text is kept, in bytes or a little more: enough for a heading and for any title.
const KEPT: usize = 1000;

/// A body, block by block.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The blocks that hold text or links.
    pub(super) blocks: Vec<Block>,
    /// The links, in page order; what one link was split into is one again.
    pub(super) anchors: Vec<Anchor>,
    /// How many letters there are in all.
    pub(super) letters: usize,
}

/// A run of text between two line breaks of any kind.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// How it begins.
    pub(super) text: String,
    /// How many letters it has.
    pub(super) letters: usize,
    /// How many of them are link text.
    pub(super) linked: usize,
    /// Whether it is a heading element.
    pub(super) heading: bool,
    /// Whether it is in a list.
    pub(super) listed: bool,
    /// How many links it holds.
    pub(super) anchors: usize,
}

/// A link.
#[derive(Debug)]
pub(super) struct Anchor {
    /// Where it leads.
    pub(super) url: CanonicalUrl,
    /// Its text.
    pub(super) text: String,
    /// How many pictures it holds.
    pub(super) images: usize,
    /// The block it stands in.
    pub(super) block: usize,
    /// How many letters come before it.
    pub(super) before: usize,
    /// How many letters of its block, other links apart, come before it.
    pub(super) prose_before: usize,
    /// How many letters come before its end.
    end: usize,
    /// The paragraph it stands in, which unlike a block goes on after a line break.
    paragraph: usize,
}

/// Goes through a body.
pub(super) fn read(root: ElementRef<'_>, base: &Url) -> Reading {
    let mut reader = Reader { reading: Reading::default(), base, heading: 0, lists: 0, paragraph: 0, open: None };
    reader.reading.blocks.push(Block::default());
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) => reader.text(text),
                Node::Element(_) => {
                    if let Some(element) = ElementRef::wrap(node) {
                        reader.open(element);
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    reader.close(element.name());
                }
            }
        }
    }
    reader.reading
}

struct Reader<'a> {
    reading: Reading,
    base: &'a Url,
    heading: u32,
    lists: u32,
    /// How many paragraphs have begun or ended.
    paragraph: usize,
    /// The link we are in.
    open: Option<usize>,
}

impl Reader<'_> {
    fn open(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        if is_block(name) {
            self.heading += u32::from(is_heading(name));
            self.lists += u32::from(name == "li");
            self.paragraph += usize::from(name != "br");
            self.new_block();
        } else if name == "img" || name == "image" {
            if let Some(at) = self.open {
                self.reading.anchors[at].images += 1;
            }
        } else if matches!(name, "a" | "area")
            && let Some(url) = href::link(element).and_then(|link| CanonicalUrl::join(self.base, &link).ok())
        {
            if name == "a" {
                self.anchor(url);
            } else {
                self.area(url, href::area_words(element));
            }
        }
    }

    fn close(&mut self, name: &str) {
        if is_block(name) {
            self.heading -= u32::from(is_heading(name));
            self.lists -= u32::from(name == "li");
            self.paragraph += usize::from(name != "br");
            self.new_block();
        } else if name == "a" {
            self.open = None;
        }
    }

    fn new_block(&mut self) {
        let (heading, listed) = (self.heading > 0, self.lists > 0);
        let blocks = &mut self.reading.blocks;
        if let Some(last) = blocks.last_mut().filter(|last| last.letters == 0 && last.anchors == 0) {
            (last.heading, last.listed) = (heading, listed);
        } else {
            blocks.push(Block { heading, listed, ..Block::default() });
        }
        // A link around several blocks stands in each of them.
        let here = self.reading.blocks.len() - 1;
        if let Some(at) = self.open {
            self.reading.blocks[here].anchors += usize::from(self.reading.anchors[at].block != here);
        }
    }

    fn anchor(&mut self, url: CanonicalUrl) {
        let at = self.reading.letters;
        let block = self.reading.blocks.len() - 1;
        if let Some(last) = self.reading.anchors.last()
            && last.url == url
            && last.end == at
            && last.paragraph == self.paragraph
        {
            self.open = Some(self.reading.anchors.len() - 1);
            return;
        }
        let here = &mut self.reading.blocks[block];
        here.anchors += 1;
        let prose_before = here.letters - here.linked;
        self.open = Some(self.reading.anchors.len());
        self.reading.anchors.push(Anchor {
            url,
            text: String::new(),
            images: 0,
            block,
            before: at,
            prose_before,
            end: at,
            paragraph: self.paragraph,
        });
    }

    /// A place on a picture that leads somewhere: a block of its own, and without words a picture.
    fn area(&mut self, url: CanonicalUrl, words: &str) {
        self.open = None;
        self.paragraph += 1;
        self.new_block();
        self.anchor(url);
        self.text(words);
        if let Some(at) = self.open.take().filter(|_| words.is_empty()) {
            self.reading.anchors[at].images += 1;
        }
        self.new_block();
    }

    fn text(&mut self, text: &str) {
        let letters = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{200b}').count();
        let block = self.reading.blocks.len() - 1;
        self.reading.letters += letters;
        let block = &mut self.reading.blocks[block];
        block.letters += letters;
        if block.text.len() < KEPT {
            push_collapsed(&mut block.text, text);
        }
        if let Some(at) = self.open {
            block.linked += letters;
            let anchor = &mut self.reading.anchors[at];
            anchor.end = self.reading.letters;
            if anchor.text.len() < KEPT {
                push_collapsed(&mut anchor.text, text);
            }
        }
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Whether an element begins and ends a block, or is a line break.
pub(super) fn is_block(name: &str) -> bool {
    is_heading(name)
        || matches!(
            name,
            "p" | "div"
                | "section"
                | "li"
                | "ul"
                | "ol"
                | "blockquote"
                | "table"
                | "tr"
                | "td"
                | "br"
                | "hr"
                | "figure"
                | "pre"
        )
}
