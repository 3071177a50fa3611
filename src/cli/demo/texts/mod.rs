//! What the demo's accounts and paper have written: short essays of our own, in a notation of a few lines.
//!
//! One line of a body is one block: `## heading`, `> quotation`, `- item`, `![caption]` for a picture, anything else a
//! paragraph. Inside a paragraph `**bold**` and `[[text|account/number]]`, which links to another article.

mod paper;
mod reading;
mod stars;

pub use paper::{NOTICES, PAPER};

/// One account that publishes.
#[derive(Debug)]
pub struct Account {
    /// Its name.
    pub name: &'static str,
    /// Its `gh_…` name.
    pub id: &'static str,
    /// The number that `__biz` encodes.
    pub bizuin: u64,
    /// What it says of itself.
    pub signature: &'static str,
    /// What it has published, oldest first; the last `unpublished` of them only from the second pass on.
    pub essays: &'static [Essay],
    /// How many essays are not out yet in the first pass.
    pub unpublished: usize,
}

/// One article of an account.
#[derive(Debug)]
pub struct Essay {
    /// Its title.
    pub title: &'static str,
    /// Who wrote it; empty where the page names nobody.
    pub author: &'static str,
    /// Where it was published from: a province, as the pages say.
    pub place: &'static str,
    /// When, in China's time: `2026-03-08 07:30`.
    pub published: &'static str,
    /// One sentence about it.
    pub summary: &'static str,
    /// What it says.
    pub body: &'static str,
    /// The text that replaces another from the second pass on.
    pub edit: Option<(&'static str, &'static str)>,
    /// How it shows its past issues.
    pub past: Past,
    /// Which past issues, by their place in the account's list.
    pub issues: &'static [usize],
}

/// How a page shows its past issues: the ways that real pages do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// None at all.
    Nothing,
    /// A heading and a list.
    List(&'static str),
    /// A bold paragraph and a paragraph per link.
    Bold(&'static str),
    /// A heading and pictures that are links.
    Pictures(&'static str),
    /// Pictures that are links, with no heading.
    PicturesAlone,
}

/// One article of the paper.
#[derive(Debug)]
pub struct Notice {
    /// The last part of its address.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Who wrote it.
    pub author: &'static str,
    /// When, in China's time.
    pub published: &'static str,
    /// What it says, in the same notation.
    pub body: &'static str,
}

/// The accounts.
pub static ACCOUNTS: &[Account] = &[reading::ACCOUNT, stars::ACCOUNT];
