//! A feed's entry → an article as the feed itself tells it, and what the entry is known by. Pure.
//!
//! ```text
//! FeedDocument ─ items ─▶ Item ─ document ─▶ Document
//!                          └──── place ────▶ which entry of before it is, and whether it changed
//! ```

mod identity;
mod place;
mod sitemap;
mod words;

pub use identity::{choose, tally};
pub use place::{Placed, place};
pub use sitemap::{Sitemap, sitemap};
pub use words::changed_share;

use crate::extract::{content_digest, render};
use crate::model::{
    ArticleKind, CanonicalUrl, Digest, Document, EntryHint, FeedDocument, FeedEntry, Image, Media, PageStatus, Time,
};
use chrono::DateTime;
use url::Url;

/// The name under which an entry's snapshots stand; the version rises when the answer for an entry changes.
pub const EXTRACTOR: &str = "entry/1";

/// One entry, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// Which entry of its feed, from 0.
    pub position: u32,
    /// Its guid.
    pub id: Option<String>,
    /// The page it leads to.
    pub link: Option<CanonicalUrl>,
    /// Its title as people read it.
    pub title: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// When it was published, else when it changed last.
    pub published: Option<Time>,
    /// The longest of what it says, as HTML.
    pub html: String,
    /// What relative links in it are relative to.
    pub base: Option<Url>,
    /// Its language.
    pub language: Option<String>,
    /// Its files: media type and URL.
    pub files: Vec<(String, String)>,
}

impl Item {
    /// What a target says of the entry that led to it: a pointer into the capture of the feed.
    pub fn hint(&self, capture: Digest) -> EntryHint {
        EntryHint {
            entry: self.id.clone(),
            title: self.title.clone(),
            author: self.author.clone(),
            published: self.published,
            capture: Some(capture),
            position: Some(self.position),
        }
    }

    /// Whether it says anything beside its title: words, pictures, files.
    pub fn says_something(&self) -> bool {
        !self.html.trim().is_empty() || !self.files.is_empty()
    }
}

/// The entries of a feed, in its order.
pub fn items(feed: &FeedDocument, base: &CanonicalUrl) -> Vec<Item> {
    feed.entries.iter().enumerate().map(|(position, entry)| item(position, entry, base)).collect()
}

/// The entry that a hint points to, in the feed it was found in: by its place, if it still is what the hint says, else by what it
/// says. A better parser may count the entries otherwise.
pub fn pointed_at<'a>(items: &'a [Item], hint: &EntryHint) -> Option<&'a Item> {
    let is_it = |item: &&Item| item.id == hint.entry && item.title == hint.title;
    let placed = hint.position.and_then(|position| items.get(position as usize));
    let by_id = |item: &&Item| hint.entry.is_some() && item.id == hint.entry;
    placed.filter(is_it).or_else(|| items.iter().find(is_it)).or_else(|| items.iter().find(by_id)).or(placed)
}

fn item(position: usize, entry: &FeedEntry, base: &CanonicalUrl) -> Item {
    let said = |text: &&str| !text.trim().is_empty();
    // An id that is a URL stands in for a link that is missing (RSS permalinks).
    let id = entry.id.as_deref().filter(|id| id.starts_with("http://") || id.starts_with("https://"));
    let link = entry.link.as_deref().filter(said).or(id);
    let (html, own_base) = longest(entry);
    let own_base = own_base.and_then(|own| base.url().join(own).ok());
    let plain =
        |text: &Option<String>| text.as_deref().map(|text| plain(text, base.url())).filter(|text| !text.is_empty());
    let files = entry.enclosures.iter().filter_map(|file| {
        let href = base.url().join(file.href.as_deref()?.trim()).ok()?;
        Some((file.kind.as_deref().unwrap_or_default().to_ascii_lowercase(), href.to_string()))
    });
    let language = entry.content.first().and_then(|content| content.detail.language.as_deref());
    Item {
        position: u32::try_from(position).unwrap_or(u32::MAX),
        id: entry.id.clone().filter(|id| !id.trim().is_empty()),
        link: link.and_then(|link| CanonicalUrl::join(base.url(), link).ok()),
        title: plain(&entry.title),
        author: plain(&entry.author),
        published: [&entry.published, &entry.updated].into_iter().flatten().find_map(|text| instant(text)),
        html,
        base: own_base.or_else(|| Some(base.url().clone())),
        language: language.filter(said).map(str::to_owned),
        files: files.collect(),
    }
}

/// The longest of an entry's contents and its summary, as HTML, with its base.
fn longest(entry: &FeedEntry) -> (String, Option<&str>) {
    let contents = entry.content.iter().map(|content| (content.value.as_str(), Some(&content.detail)));
    let summary = entry.summary.as_deref().map(|text| (text, entry.summary_detail.as_ref()));
    let Some((text, detail)) = contents.chain(summary).max_by_key(|(text, _)| text.len()) else {
        return Default::default();
    };
    let kind = detail.map(|detail| &*detail.kind).unwrap_or_default();
    // Feeds call markup plain text more often than they mean it.
    let is_plain = matches!(kind, "text/plain" | "text") && !text.contains("</") && !text.contains("/>");
    let html = if is_plain { paragraphs(text) } else { text.to_owned() };
    (html, detail.and_then(|detail| detail.base.as_deref()))
}

fn paragraphs(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let lines = escaped.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| format!("<p>{line}</p>")).collect()
}

fn instant(text: &str) -> Option<Time> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A title as people read it: feeds write markup and references into it.
fn plain(text: &str, base: &Url) -> String {
    let rendered = if text.contains(['<', '&']) { render::render(text, base).text } else { text.to_owned() };
    rendered.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The article as the entry tells it. `site` is what the feed calls itself; `home` stands in for a link that is missing.
pub fn document(item: &Item, site: Option<&str>, home: &CanonicalUrl) -> Document {
    let base = item.base.as_ref().unwrap_or_else(|| home.url());
    let body = render::render(&item.html, base);
    let mut document = Document::new(PageStatus::Article, EXTRACTOR);
    document.canonical_url = Some(item.link.as_ref().unwrap_or(home).clone());
    document.kind = Some(ArticleKind::Article);
    document.title.clone_from(&item.title);
    document.account = site.map(str::to_owned);
    document.author = item.author.clone().filter(|author| Some(author.as_str()) != site);
    document.published = item.published.map(|at| at.fixed_offset());
    document.language.clone_from(&item.language);
    document.markdown = body.markdown;
    document.html = body.html;
    document.text = body.text;
    document.images = body.images;
    for (kind, url) in &item.files {
        match kind.split('/').next().unwrap_or_default() {
            "image" if document.images.iter().all(|image| image.url != *url) => {
                document.images.push(Image { url: url.clone(), alt: String::new(), width: None, height: None });
            }
            word @ ("audio" | "video") => {
                document.media.push(Media { kind: word.to_owned(), url: url.clone(), title: None });
            }
            _ => {}
        }
    }
    let told = ["title", "author", "published"].map(|field| (field.to_owned(), "feed entry".to_owned()));
    document.provenance.extend(told);
    document.provenance.insert("text".into(), "feed entry".into());
    document
}

/// The digest of what an entry says: as a page's, without lines that only count comments or ask to share.
pub fn digest(document: &Document) -> Digest {
    let mut said = document.clone();
    said.text = words::without_counts(&document.text);
    content_digest(&said)
}
