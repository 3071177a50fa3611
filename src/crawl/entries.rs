//! A feed's answer → its entries as targets are made of them: ruled, told apart, and known again.

use crate::archive::ArchiveError;
use crate::crawl::finding::page_of;
use crate::crawl::providers::history;
use crate::crawl::rules::{Entry as Ruled, Rules};
use crate::crawl::{Content, Crawler, FeedOptions};
use crate::extract::entry::{self, Item, Placed};
use crate::extract::{self, Hints, Page};
use crate::model::{
    CanonicalUrl, Capture, Digest, EntryHint, EntryNotes, Extracted, FeedDocument, Key, Target, TargetKind,
};
use std::collections::HashSet;

/// A feed's entries, and where it says that there are more.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// The entries, in the feed's order.
    pub(crate) all: Vec<Entry>,
    /// What was learnt of them.
    pub(crate) notes: Option<Box<EntryNotes>>,
    /// The page of older entries that the feed names (RFC 5005).
    pub(crate) older: Option<CanonicalUrl>,
    /// Whether WordPress wrote it.
    pub(crate) is_wordpress: bool,
    /// The page that it calls its own.
    pub(crate) home: Option<CanonicalUrl>,
    /// Whether a page of its history tells only what the page before it told.
    pub(crate) is_repeated: bool,
}

/// One entry.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What to visit.
    pub(crate) url: CanonicalUrl,
    /// What the feed says of it, with a pointer to where it says so.
    pub(crate) hint: EntryHint,
    /// The article that it is held as, where it changed since.
    pub(crate) changed: Option<Key>,
}

/// Reads the entries of a feed's answer.
///
/// # Errors
/// When the archive fails.
pub(crate) fn read(crawler: &Crawler, target: &Target, capture: &Capture) -> Result<Entries, ArchiveError> {
    let Extracted::Feed(feed) = extract::extract(&page_of(capture), &Hints::default()) else {
        return Ok(Entries::default());
    };
    let options = crawler.options.feeds.iter().find(|feed| feed.name == target.feed);
    let home = feed.feed.link.as_deref().and_then(|link| CanonicalUrl::join(capture.final_url.url(), link).ok());
    let mut items = entry::items(&feed, &capture.final_url);
    let before = items.len();
    items.retain(|item| options.is_none_or(|options| is_kept(options, item, &capture.final_url)));
    let window = crawler.reader.entries(&target.feed)?;
    let is_same = window.capture == Some(capture.digest);
    let (placed, mut notes) = entry::place(&window, &items, (&target.url, home.as_ref()), crawler.now());
    notes.ruled_out = u32::try_from(before - items.len()).unwrap_or(u32::MAX);
    notes.capture = Some(capture.digest);
    let is_history = history::is_history(target);
    let mode = options.map_or(Content::default(), |options| options.content);
    let mut entries = Vec::new();
    for placed in placed {
        entries.extend(lead(crawler, &items[placed.item], placed, mode, capture.digest)?);
    }
    Ok(Entries {
        // An older page, or the same bytes again, teach nothing.
        notes: (target.kind == TargetKind::Feed && !is_same).then(|| Box::new(notes)),
        older: linked(&feed, capture),
        is_wordpress: is_wordpress(&feed),
        is_repeated: is_history && is_repeated(crawler, target, capture, &items)?,
        // A sitemap leads to pages, of which none is wanted where the feed's own words are.
        home: home.filter(|_| mode != Content::Feed),
        all: entries,
    })
}

/// Whether the owner's rules let an entry in.
fn is_kept(options: &FeedOptions, item: &Item, base: &CanonicalUrl) -> bool {
    let (keep, block) = (&options.keep, &options.block);
    if keep.is_empty() && block.is_empty() {
        return true;
    }
    let reads = |rules: &Rules| rules.text.is_some();
    let text = if reads(keep) || reads(block) { entry::document(item, None, base).text } else { String::new() };
    let ruled = Ruled {
        title: item.title.as_deref().unwrap_or_default(),
        author: item.author.as_deref().unwrap_or_default(),
        link: item.link.as_ref().map(CanonicalUrl::as_str).unwrap_or_default(),
        text: &text,
    };
    (keep.is_empty() || keep.find(&ruled)) && !block.find(&ruled)
}

/// What an entry leads to: its page, or itself.
fn lead(
    crawler: &Crawler,
    item: &Item,
    placed: Placed,
    mode: Content,
    capture: Digest,
) -> Result<Option<Entry>, ArchiveError> {
    let hint = item.hint(capture);
    let mut entry = Entry { url: placed.url, hint, changed: None };
    if entry.url.entry().is_some() && placed.page.is_none() {
        if mode == Content::Page {
            // A page that several entries share is a page all the same.
            return Ok(item.link.clone().map(|url| Entry { url, ..entry }));
        }
        // A title alone is no article, unless the owner wants whatever the feed says.
        if !(item.says_something() || mode == Content::Feed && item.title.is_some()) {
            return Ok(None);
        }
    }
    if placed.has_changed {
        let key = crawler.reader.key_of(&entry.url)?;
        if crawler.reader.article(&key)?.is_some_and(|row| !row.snapshots.is_empty()) {
            entry.url = placed.page.filter(|_| entry.url.entry().is_none()).unwrap_or(entry.url);
            entry.changed = Some(key);
        }
    }
    Ok(Some(entry))
}

/// The page of older entries: an archive's `prev-archive` before a paged feed's `next`.
fn linked(feed: &FeedDocument, capture: &Capture) -> Option<CanonicalUrl> {
    let more = serde_json::to_value(&feed.feed).unwrap_or_default();
    let links = more["links"].as_array()?;
    let of = |rel: &str| links.iter().find(|link| link["rel"].as_str().is_some_and(|found| found.ends_with(rel)));
    let href = of("prev-archive").or_else(|| of("next"))?["href"].as_str()?;
    CanonicalUrl::join(capture.final_url.url(), href).ok()
}

fn is_wordpress(feed: &FeedDocument) -> bool {
    let more = serde_json::to_value(&feed.feed).unwrap_or_default();
    let says = [&more["generator"], &more["generator_detail"]["href"]];
    says.iter().any(|said| said.as_str().is_some_and(|said| said.to_ascii_lowercase().contains("wordpress")))
}

/// Whether a page of a feed's history has the bytes of another page, or no entry that the page before it has not.
fn is_repeated(crawler: &Crawler, target: &Target, capture: &Capture, items: &[Item]) -> Result<bool, ArchiveError> {
    let held = crawler.reader.payload_row(&capture.digest)?;
    if held.is_some_and(|row| row.url != capture.final_url) {
        return Ok(true);
    }
    let Some(via) = &target.via else { return Ok(false) };
    let before = crawler.reader.url(via)?.and_then(|row| row.digest);
    let before =
        before.map_or_else(|| crawler.reader.entries(&target.feed).map(|window| window.capture), |it| Ok(Some(it)))?;
    let Some(before) = before.filter(|before| *before != capture.digest) else { return Ok(true) };
    let Some(before) = crawler.told.read(&crawler.reader, &before)? else { return Ok(false) };
    let sign = |item: &Item| (item.id.clone(), item.link.clone(), item.title.clone());
    let told: HashSet<_> = before.items.iter().map(sign).collect();
    Ok(items.iter().all(|item| told.contains(&sign(item))))
}

/// A feed's answer as it is held, read again.
pub(crate) fn read_again(url: &CanonicalUrl, content_type: &str, payload: &[u8]) -> Option<FeedDocument> {
    let page = Page { url, final_url: url, content_type, payload };
    match extract::extract(&page, &Hints::default()) {
        Extracted::Feed(feed) => Some(*feed),
        _ => None,
    }
}
