//! An article as `show --format json` prints it and `article.json` holds it: the document, and what the archive knows beside it.

use crate::archive::{ArchiveError, ArticleRow, Reader};
use crate::model::{CanonicalUrl, Document, Key, Rel};
use serde_json::{Value, json};

/// The page's own name for itself, as far as it speaks for the host that it came from.
pub fn canonical(document: &Document, row: &ArticleRow) -> CanonicalUrl {
    // An entry without a page of its own names where its feed leads.
    let is_of_it = |url: &&CanonicalUrl| url.host() == row.url.host() || row.url.entry().is_some();
    let own = document.canonical_url.as_ref().filter(is_of_it);
    own.unwrap_or(&row.url).clone()
}

/// Where an article can be fetched; `None` for an entry without a page of its own.
pub fn page(row: &ArticleRow) -> Option<&CanonicalUrl> {
    Some(&row.url).filter(|url| url.entry().is_none())
}

/// The past issues an article links to: each one's title as it is held, else the link's own, and its URL.
///
/// # Errors
/// When the index fails; so below.
pub fn past_issues(reader: &Reader, document: &Document) -> Result<Vec<(String, String)>, ArchiveError> {
    let links = document.links.iter().filter(|link| link.rel == Rel::PastIssue);
    let mut past = Vec::new();
    for link in links {
        let held = reader.article(&reader.key_of(&link.url)?)?;
        let title = held.and_then(|row| row.title).unwrap_or_else(|| link.title.clone());
        past.push((title, link.url.to_string()));
    }
    Ok(past)
}

/// The fixed shape (docs/format.md).
///
/// # Errors
/// When the index fails.
pub fn shape(reader: &Reader, key: &Key, row: &ArticleRow, document: &Document) -> Result<Value, ArchiveError> {
    let mut shape = serde_json::to_value(document).expect("a document is plain data with text keys");
    let snapshots = row.snapshots.iter().map(|snapshot| {
        json!({"id": snapshot.id, "captured_at": snapshot.captured_at, "digest": snapshot.digest, "extractor": snapshot.extractor})
    });
    let linked_from = reader.linked_from(key, row)?.into_iter().map(|(from, rel)| json!({"key": from, "rel": rel}));
    let more = json!({
        "key": key, "state": row.state, "feed": row.feed, "depth": row.depth, "url": page(row),
        "seen_gone_once": row.is_seen_gone_once(), "moved_to": row.moved_to, "changes": changes(reader, key)?,
        "snapshots": snapshots.collect::<Vec<_>>(), "aliases": row.aliases, "sighting": row.sighting,
        "assets": assets(reader, document)?, "past_issues": linked_past_issues(reader, document)?,
        "linked_from": linked_from.collect::<Vec<_>>(),
    });
    if let (Value::Object(shape), Value::Object(more)) = (&mut shape, more) {
        shape.extend(more);
    }
    Ok(shape)
}

/// What happened to the article, oldest first.
fn changes(reader: &Reader, key: &Key) -> Result<Vec<Value>, ArchiveError> {
    let changes = reader.changes_of(key)?.into_iter();
    Ok(changes
        .map(|change| json!({"at": change.at, "kind": change.kind, "status": change.status, "reason": change.reason}))
        .collect())
}

fn linked_past_issues(reader: &Reader, document: &Document) -> Result<Vec<Value>, ArchiveError> {
    let mut past = Vec::new();
    for link in document.links.iter().filter(|link| link.rel == Rel::PastIssue) {
        let key = reader.key_of(&link.url)?;
        let held = reader.article(&key)?.filter(|row| !row.snapshots.is_empty());
        let title = held.as_ref().and_then(|row| row.title.clone()).unwrap_or_else(|| link.title.clone());
        past.push(json!({"url": link.url, "title": title, "key": key, "held": held.is_some()}));
    }
    Ok(past)
}

/// The URLs of an article's files, as the page names them, cover first.
pub(crate) fn files(document: &Document) -> impl Iterator<Item = &str> {
    let images = document.cover.iter().chain(document.images.iter().map(|image| &image.url));
    images.chain(document.media.iter().map(|media| &media.url)).map(String::as_str)
}

/// The article's files, each with what is held of it.
fn assets(reader: &Reader, document: &Document) -> Result<Vec<Value>, ArchiveError> {
    let mut assets = Vec::new();
    for named in files(document) {
        let Ok(url) = CanonicalUrl::parse(named) else { continue };
        let digest = reader.url(&url)?.and_then(|row| row.digest);
        let payload = digest.map(|digest| reader.payload_row(&digest)).transpose()?.flatten();
        assets.push(json!({
            "url": named, "canonical_url": url, "digest": digest,
            "size": payload.as_ref().map(|payload| payload.size),
            "media_type": payload.and_then(|payload| payload.media_type),
        }));
    }
    Ok(assets)
}
