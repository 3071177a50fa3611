//! Bytes (and hints) → articles, feeds and outlinks. Pure and total: no I/O, no clock, and no panic on any bytes.
//!
//! What it must not do: fetch, store, or ask what time it is. The same page, hints and version always give the same answer.

pub mod challenge;
pub mod charset;
mod content;
pub mod entry;
pub mod feed;
pub mod generic;
pub mod guard;
pub mod head;
pub mod mhtml;
pub mod render;
pub mod wechat;

pub use content::content_digest;

use crate::model::{CanonicalUrl, EntryHint, Extracted};

/// A capture as the extractors see it.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The URL that was asked for.
    pub url: &'a CanonicalUrl,
    /// The URL that answered.
    pub final_url: &'a CanonicalUrl,
    /// The `Content-Type` header as received; empty where there was none.
    pub content_type: &'a str,
    /// The decoded body.
    pub payload: &'a [u8],
}

impl Page<'_> {
    /// Whether nobody knows where the page came from: its URL has a name that never resolves (RFC 2606).
    pub fn is_from_nowhere(&self) -> bool {
        self.final_url.host().ends_with(".invalid")
    }
}

/// What is known beside the page: the feed entry that led to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The entry, where a feed led here.
    pub entry: Option<&'a EntryHint>,
}

/// Something that understands one family of pages.
pub trait Extractor: Sync {
    /// Its name and version, written into every snapshot: `wechat/1`. The version rises when the answer for a page changes.
    fn name(&self) -> &'static str;
    /// Whether this page is its business.
    fn matches(&self, page: &Page<'_>) -> bool;
    /// Understands the page. Total: whatever the bytes, it answers.
    fn extract(&self, page: &Page<'_>, hints: &Hints<'_>) -> Extracted;
}

/// All extractors; the first that matches answers.
pub static EXTRACTORS: &[&dyn Extractor] = &[
    // By host, or by its unmistakable template: before anything general.
    &wechat::WeChat,
    // By its first element: a feed is no page, whatever its media type says.
    &feed::Feed,
    // Any other page of text.
    &generic::Generic,
];

/// Understands one page; of a page that was saved as MHTML, the page in it.
pub fn extract(page: &Page<'_>, hints: &Hints<'_>) -> Extracted {
    let Some(saved) = mhtml::open(page.payload) else { return understand(page, *hints) };
    let root = saved.root();
    let (payload, noted) = (root.decode(), saved.url.as_deref().and_then(|url| CanonicalUrl::parse(url).ok()));
    // Where it came from is the browser's word: it counts only where nothing better is known.
    let noted = noted.as_ref().filter(|_| page.is_from_nowhere());
    let (url, final_url) = (noted.unwrap_or(page.url), noted.unwrap_or(page.final_url));
    understand(&Page { url, final_url, content_type: &root.content_type, payload: &payload }, *hints)
}

fn understand(page: &Page<'_>, hints: Hints<'_>) -> Extracted {
    match EXTRACTORS.iter().find(|extractor| extractor.matches(page)) {
        Some(extractor) => extractor.extract(page, &hints),
        None => Extracted::Opaque,
    }
}
