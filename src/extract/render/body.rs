//! What a body can say: blocks of flat, styled runs. Whatever has no word here does not leave the page.

use crate::extract::render::formula::Formula;
use crate::model::Image;
use std::collections::HashSet;

/// How deep quotes, lists and tables nest before the rest is flattened (judgement: no writing needs more; every walk over
/// blocks may then recurse, on any stack).
pub(super) const DEEPEST: usize = 24;

/// A whole body.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub(super) blocks: Vec<Block>,
    /// Where links lead; runs name them by number.
    pub(super) links: Vec<String>,
    /// Every picture as it stands; runs name them by number.
    pub(super) images: Vec<Image>,
    /// Audio and video; runs name them by number.
    pub(super) media: Vec<Player>,
}

impl Body {
    /// The pictures in order, each URL once.
    pub(super) fn distinct_images(&self) -> Vec<Image> {
        let mut seen = HashSet::new();
        self.images.iter().filter(|image| seen.insert(image.url.as_str())).cloned().collect()
    }
}

/// An audio or video element.
#[derive(Clone, Debug)]
pub(super) struct Player {
    pub(super) video: bool,
    pub(super) url: String,
    pub(super) poster: Option<String>,
    pub(super) title: String,
}

/// One block.
#[derive(Clone, Debug)]
pub(super) enum Block {
    Paragraph(Vec<Run>),
    Heading(u8, Vec<Run>),
    /// The caption of a figure or table.
    Caption(Vec<Run>),
    Code {
        language: Option<String>,
        text: String,
    },
    Rule,
    Quote(Vec<Block>),
    /// A list; `start` is the number of an ordered list's first item.
    List {
        start: Option<u32>,
        items: Vec<Vec<Block>>,
    },
    Figure(Vec<Block>),
    Table(Table),
}

/// A table of data.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) caption: Vec<Run>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) blocks: Vec<Block>,
    pub(super) header: bool,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// A piece of a line, in one style.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) kind: RunKind,
    pub(super) style: Style,
}

/// What stands in a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RunKind {
    Text(String),
    Image(usize),
    Player(usize),
    Formula(Formula),
    Break,
}

impl Run {
    pub(super) fn text(text: impl Into<String>, style: Style) -> Self {
        Self { kind: RunKind::Text(text.into()), style }
    }

    /// Whether nothing of it is seen: white space or a line break.
    pub(super) fn is_blank(&self) -> bool {
        match &self.kind {
            RunKind::Text(text) => text.chars().all(char::is_whitespace),
            RunKind::Break => true,
            RunKind::Image(_) | RunKind::Player(_) | RunKind::Formula(_) => false,
        }
    }
}

/// The styles of a run, and the link it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    flags: u8,
    pub(super) link: Option<u32>,
}

/// One style of a run, in the order in which they nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Mark {
    Strong = 1,
    Em = 2,
    Del = 4,
    Sup = 8,
    Sub = 16,
    Code = 32,
}

/// All marks, outermost first.
pub(super) const MARKS: &[Mark] = &[Mark::Strong, Mark::Em, Mark::Del, Mark::Sup, Mark::Sub, Mark::Code];

impl Style {
    pub(super) fn has(self, mark: Mark) -> bool {
        self.flags & mark as u8 != 0
    }

    #[must_use]
    pub(super) fn linked(self, link: Option<u32>) -> Self {
        Self { link, ..self }
    }

    #[must_use]
    pub(super) fn with(self, mark: Mark) -> Self {
        Self { flags: self.flags | mark as u8, ..self }
    }

    #[must_use]
    pub(super) fn without(self, mark: Mark) -> Self {
        Self { flags: self.flags & !(mark as u8), ..self }
    }
}
