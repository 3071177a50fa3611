//! What a feed's entry says, kept in place of its page: where that cannot be had, has much less, or is not wanted.

use crate::archive::{ArchiveError, ArticleRow, Reader};
use crate::crawl::visit::{Visited, commit};
use crate::crawl::{Content, Crawler, entries, follow};
use crate::extract::entry::{self, EXTRACTOR, Item};
use crate::model::{
    CanonicalUrl, Digest, Document, EntryHint, Finding, FromEntry, Judgement, Target, TargetKind, Time,
};
use std::sync::{Arc, Mutex, PoisonError};

/// A page whose text has less than this share of what the feed tells is not the article (judgement: a teaser, or a paywall's).
const MUCH_SHORTER: usize = 2;

/// An entry with fewer letters is a teaser itself (judgement).
const FULL: usize = 400;

/// An edit of less than this share of the text is kept, and not told of.
const MINOR: f64 = 0.02;

/// A feed's answer that is held, understood.
#[derive(Debug)]
pub(crate) struct Feed {
    /// Its entries.
    pub(crate) items: Vec<Item>,
    title: Option<String>,
    home: CanonicalUrl,
}

/// The feed that was read last: its entries are asked for one after the other.
#[derive(Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<Option<Read>>>);

/// A feed that was read, by its payload.
type Read = (Digest, Arc<Feed>);

impl Recent {
    /// A feed's answer by its payload; `None` where it is not held, is damaged, or is no feed.
    ///
    /// # Errors
    /// When the archive fails.
    pub(crate) fn read(&self, reader: &Reader, digest: &Digest) -> Result<Option<Arc<Feed>>, ArchiveError> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, feed)) = recent.as_ref().filter(|(held, _)| held == digest) {
            return Ok(Some(Arc::clone(feed)));
        }
        let (url, head, payload) = match reader.answer(digest) {
            Ok(Some(answer)) => answer,
            // Damage to what is held must not stop what is new; `verify` reports it.
            Ok(None) | Err(ArchiveError::Damaged { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let content_type = head.header("content-type").unwrap_or_default();
        let Some(document) = entries::read_again(&url, content_type, &payload) else { return Ok(None) };
        let link = document.feed.link.as_deref();
        let home = link.and_then(|link| CanonicalUrl::join(url.url(), link).ok());
        let feed = Arc::new(Feed {
            items: entry::items(&document, &url),
            title: crate::extract::feed::title(&document),
            home: home.unwrap_or(url),
        });
        *recent = Some((*digest, Arc::clone(&feed)));
        Ok(Some(feed))
    }
}

/// An article as its feed tells it.
struct Told {
    document: Document,
    capture: Digest,
    hint: EntryHint,
}

/// Whether a target's page is not to be fetched: its feed's content is all that is wanted of it, or it has no page.
pub(crate) fn is_alone(crawler: &Crawler, target: &Target) -> bool {
    let is_told = target.hint.as_ref().is_some_and(|hint| hint.capture.is_some());
    let is_wanted = content_of(crawler, target) == Content::Feed && (is_told || target.recheck.is_some());
    target.kind == TargetKind::Article && (is_wanted || target.url.entry().is_some())
}

/// Visits such a target; `None` where the feed says nothing of it after all.
///
/// # Errors
/// When the archive fails.
pub(crate) fn alone(crawler: &Crawler, target: &Target) -> Result<Option<Visited>, ArchiveError> {
    let row = held(crawler, target)?;
    if let Some(told) = told(crawler, target, row.as_ref())? {
        let (target, finding) = as_finding(crawler, target, told, row.as_ref(), None)?;
        return commit(crawler, follow::plan(crawler, target, None, finding)?).map(|(visited, _)| Some(visited));
    }
    if target.url.entry().is_none() {
        return Ok(None);
    }
    let error = format!("the entry {} cannot be read from what is held of its feed", target.url);
    let visit = follow::plan(crawler, target.clone(), None, Finding::Failed { error })?;
    commit(crawler, visit).map(|(visited, _)| Some(visited))
}

/// What was found, or the entry in its place.
///
/// # Errors
/// When the archive fails.
pub(crate) fn or_entry(crawler: &Crawler, target: Target, finding: Finding) -> Result<(Target, Finding), ArchiveError> {
    if target.kind != TargetKind::Article || content_of(crawler, &target) == Content::Page {
        return Ok((target, finding));
    }
    let row = held(crawler, &target)?;
    let has_page = row.as_ref().is_some_and(|row| row.last(false).is_some());
    let is_held = row.as_ref().is_some_and(|row| !row.snapshots.is_empty());
    let why = match &finding {
        Finding::Article(_) if has_page => return Ok((target, finding)),
        Finding::Article(_) => String::new(),
        Finding::Failed { error } if !has_page => error.clone(),
        Finding::Page { status, reason } if !has_page => reason.clone().unwrap_or_else(|| status.word().into()),
        Finding::Gone { status, reason } if !is_held => reason.clone().unwrap_or_else(|| status.word().into()),
        _ => return Ok((target, finding)),
    };
    let Some(told) = told(crawler, &target, row.as_ref())? else { return Ok((target, finding)) };
    let why = match &finding {
        Finding::Article(page) => {
            let (page, own) = (letters(&page.document.text), letters(&told.document.text));
            if own < FULL || page * MUCH_SHORTER >= own {
                return Ok((target, finding));
            }
            format!("its page has {page} letters where the feed has {own}")
        }
        _ => why,
    };
    as_finding(crawler, &target, told, row.as_ref(), Some(why))
}

/// Keeps what the feed says of a page that cannot be had now, and leaves the page pending; `None` where there is nothing new to keep.
///
/// # Errors
/// When the archive fails.
pub(crate) fn meanwhile(
    crawler: &Crawler,
    target: &Target,
    again: Time,
    why: &str,
) -> Result<Option<Visited>, ArchiveError> {
    if target.kind != TargetKind::Article || content_of(crawler, target) == Content::Page {
        return Ok(None);
    }
    let row = held(crawler, target)?;
    if row.as_ref().is_some_and(|row| row.last(false).is_some() || row.state.is_gone()) {
        return Ok(None);
    }
    let Some(told) = told(crawler, target, row.as_ref())? else { return Ok(None) };
    let before = row.as_ref().and_then(|row| row.last(true)).map(|last| last.content);
    if before == Some(entry::digest(&told.document)) {
        return Ok(None);
    }
    let (target, finding) = as_finding(crawler, target, told, row.as_ref(), Some(why.to_owned()))?;
    let mut visit = follow::plan(crawler, target.clone(), None, finding)?;
    visit.recheck_at = None;
    visit.follow.push(Target { not_before: again, ..target });
    commit(crawler, visit).map(|(visited, _)| Some(visited))
}

fn content_of(crawler: &Crawler, target: &Target) -> Content {
    let feed = crawler.options.feeds.iter().find(|feed| feed.name == target.feed);
    feed.map_or(Content::default(), |feed| feed.content)
}

fn held(crawler: &Crawler, target: &Target) -> Result<Option<ArticleRow>, ArchiveError> {
    let key = target.recheck.clone().map_or_else(|| crawler.reader.key_of(&target.url), Ok)?;
    crawler.reader.article(&key)
}

/// What the feed says: where the target's hint points to, else where the last snapshot of this kind came from.
fn told(crawler: &Crawler, target: &Target, row: Option<&ArticleRow>) -> Result<Option<Told>, ArchiveError> {
    let mut hint = target.hint.clone().filter(|hint| hint.capture.is_some());
    if let (None, Some(last)) = (&hint, row.and_then(|row| row.last(true))) {
        hint = match crawler.reader.visit(last) {
            Ok(record) => record.target.hint,
            Err(ArchiveError::Damaged { .. }) => None,
            Err(error) => return Err(error),
        };
    }
    let Some((hint, capture)) = hint.and_then(|hint| hint.capture.map(|capture| (hint, capture))) else {
        return Ok(None);
    };
    let Some(feed) = crawler.told.read(&crawler.reader, &capture)? else { return Ok(None) };
    let Some(item) = entry::pointed_at(&feed.items, &hint) else { return Ok(None) };
    // A title alone is no article, unless the owner wants whatever the feed says.
    let is_title_enough = content_of(crawler, target) == Content::Feed && item.title.is_some();
    if !(item.says_something() || is_title_enough) {
        return Ok(None);
    }
    let document = entry::document(item, feed.title.as_deref(), &feed.home);
    Ok(Some(Told { document, capture, hint }))
}

/// The visit's finding, and its target with the pointer by which the same answer can be had again.
fn as_finding(
    crawler: &Crawler,
    target: &Target,
    told: Told,
    row: Option<&ArticleRow>,
    why: Option<String>,
) -> Result<(Target, Finding), ArchiveError> {
    let Told { mut document, capture, hint } = told;
    let key = target.recheck.clone().map_or_else(|| crawler.reader.key_of(&target.url), Ok)?;
    document.key = Some(key);
    let content = entry::digest(&document);
    let last = row.and_then(|row| row.last(true));
    let before = match last.map(|last| crawler.reader.document(last)) {
        Some(Ok(before)) => Some(before),
        None | Some(Err(ArchiveError::Damaged { .. })) => None,
        Some(Err(error)) => return Err(error),
    };
    let is_minor = before.is_some_and(|before| {
        before.title == document.title && entry::changed_share(&before.text, &document.text) < MINOR
    });
    let held_content = match last.filter(|last| last.extractor != EXTRACTOR) {
        Some(last) => understood_again(crawler, last)?,
        None => None,
    };
    let why = why.map(|why| format!("{why}; kept as its feed tells it"));
    let entry = Some(FromEntry { capture, why, is_minor });
    let judgement = Judgement { document, content, held_content, entry };
    Ok((Target { hint: Some(hint), ..target.clone() }, Finding::Article(Box::new(judgement))))
}

/// The content digest of a snapshot, as today's reader of entries understands its capture.
fn understood_again(crawler: &Crawler, last: &crate::archive::SnapshotRow) -> Result<Option<Digest>, ArchiveError> {
    let Some(hint) = crawler.reader.visit(last)?.target.hint else { return Ok(None) };
    let Some(feed) = crawler.told.read(&crawler.reader, &last.digest)? else { return Ok(None) };
    let item = entry::pointed_at(&feed.items, &hint);
    Ok(item.map(|item| entry::digest(&entry::document(item, feed.title.as_deref(), &feed.home))))
}

fn letters(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_whitespace()).count()
}
