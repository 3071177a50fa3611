//! The read-only view of an archive: what `list`, `show`, the crawler and every export see.

mod marked;

use crate::archive::error::ArchiveError;
use crate::archive::index::ledger::{Ledger, read_row};
use crate::archive::index::rows::{ArticleRow, FeedRow, PayloadRow, SeenRow, SnapshotRow, UrlRow};
use crate::archive::index::{Index, keys};
use crate::archive::segments;
use crate::model::{
    CanonicalUrl, Change, Digest, Document, EntryWindow, FeedName, Key, MessageHead, Outcome, VisitRecord,
};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A read-only view, cheap to clone. It sees every commit as soon as it is acknowledged.
#[derive(Clone)]
pub struct Reader {
    root: PathBuf,
    index: Arc<dyn Index>,
    stopped: Arc<OnceLock<(String, bool)>>,
}

/// A capture as it is held: what an extractor needs to understand it again.
#[derive(Clone, Debug)]
pub struct HeldCapture {
    /// The visit's record.
    pub record: VisitRecord,
    /// The response's head, transfer headers under their archived names.
    pub head: MessageHead,
    /// The payload.
    pub payload: Vec<u8>,
}

/// Counts over the whole archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Articles with at least one snapshot.
    pub articles: u64,
    /// Snapshots.
    pub snapshots: u64,
    /// Articles with more than one snapshot.
    pub edited: u64,
    /// Articles gone upstream.
    pub gone: u64,
    /// Distinct payloads held.
    pub payloads: u64,
    /// Their bytes, uncompressed.
    pub payload_bytes: u64,
    /// Targets pending.
    pub pending: u64,
    /// Visits that found an article unchanged.
    pub unchanged: u64,
    /// Bytes of all segment files.
    pub segment_bytes: u64,
    /// Bytes of the index's files.
    pub index_bytes: u64,
}

impl Reader {
    pub(crate) fn new(root: &Path, index: Arc<dyn Index>) -> Self {
        Self { root: root.to_owned(), index, stopped: Arc::default() }
    }

    /// The archive's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Why the archive's writer has stopped; `None` while it works. It starts again with the next opening only.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.get().map(|(why, _)| why.as_str())
    }

    /// Where the writer says why it has stopped, and whether for want of room.
    pub(crate) fn stopped_by_writer(&self) -> Arc<OnceLock<(String, bool)>> {
        Arc::clone(&self.stopped)
    }

    pub(crate) fn index(&self) -> &dyn Index {
        self.index.as_ref()
    }

    /// An article, by key.
    ///
    /// # Errors
    /// When the index fails; so for every method here.
    pub fn article(&self, key: &Key) -> Result<Option<ArticleRow>, ArchiveError> {
        self.ledger().article(key)
    }

    /// All articles, in key order: those with a snapshot, and those known only to be gone.
    pub fn articles(&self) -> impl Iterator<Item = Result<(Key, ArticleRow), ArchiveError>> + '_ {
        let rows = self.rows::<ArticleRow>(&[keys::ARTICLE]);
        let rows = rows.map(|row| row.map(|(key, row)| (Key::from_written(String::from_utf8_lossy(&key[1..])), row)));
        rows.filter(|row| row.as_ref().map_or(true, |(_, row)| !row.snapshots.is_empty() || row.state.is_gone()))
    }

    /// The changes of one article, oldest first.
    ///
    /// # Errors
    /// When the index fails.
    pub fn changes_of(&self, key: &Key) -> Result<Vec<Change>, ArchiveError> {
        self.changes(0).filter(|change| change.as_ref().map_or(true, |change| change.key == *key)).collect()
    }

    /// Finds an article by its key, or by any URL that leads to it.
    ///
    /// # Errors
    /// When the index fails.
    pub fn find(&self, key_or_url: &str) -> Result<Option<(Key, ArticleRow)>, ArchiveError> {
        let key = Key::from_written(key_or_url);
        if let Some(row) = self.article(&key)? {
            return Ok(Some((key, row)));
        }
        let Ok(url) = CanonicalUrl::parse(key_or_url) else { return Ok(None) };
        let key = self.ledger().key_of(&url)?;
        Ok(self.article(&key)?.map(|row| (key, row)))
    }

    /// The key of the article that a URL leads to, as far as the archive knows.
    ///
    /// # Errors
    /// When the index fails.
    pub fn key_of(&self, url: &CanonicalUrl) -> Result<Key, ArchiveError> {
        self.ledger().key_of(url)
    }

    /// When an article was last looked at.
    ///
    /// # Errors
    /// When the index fails.
    pub fn seen(&self, key: &Key) -> Result<Option<SeenRow>, ArchiveError> {
        self.ledger().get(&keys::seen(key))
    }

    /// What is known of a URL; of a file whose URL expires, also what another of its URLs brought.
    ///
    /// # Errors
    /// When the index fails.
    pub fn url(&self, url: &CanonicalUrl) -> Result<Option<UrlRow>, ArchiveError> {
        let ledger = self.ledger();
        let known = ledger.url(url)?;
        if known.as_ref().is_some_and(|row| row.digest.is_some() || row.key.is_some()) {
            return Ok(known);
        }
        let lasting = url.lasting();
        Ok(if lasting == *url { known } else { ledger.url(&lasting)?.or(known) })
    }

    /// The file that a URL brought, and where it is held: the last good answer, also where the URL failed later.
    ///
    /// # Errors
    /// When the index fails.
    pub fn asset(&self, url: &CanonicalUrl) -> Result<Option<(Digest, PayloadRow)>, ArchiveError> {
        let row = self.url(url)?.filter(|row| row.outcome == Outcome::Asset);
        let Some(digest) = row.and_then(|row| row.digest) else { return Ok(None) };
        Ok(self.payload_row(&digest)?.map(|row| (digest, row)))
    }

    /// What is known of a feed; nothing yet is an empty row.
    ///
    /// # Errors
    /// When the index fails.
    pub fn feed(&self, name: &FeedName) -> Result<FeedRow, ArchiveError> {
        self.ledger().feed(name)
    }

    /// What is remembered of a feed's entries.
    ///
    /// # Errors
    /// When the index fails.
    pub fn entries(&self, name: &FeedName) -> Result<EntryWindow, ArchiveError> {
        Ok(self.ledger().get(&keys::entries(name))?.unwrap_or_default())
    }

    /// The articles that link to this one, with the kind of link, in key order.
    ///
    /// # Errors
    /// When the index fails.
    pub fn linked_from(&self, key: &Key, row: &ArticleRow) -> Result<Vec<(Key, crate::model::Rel)>, ArchiveError> {
        let mut identities = vec![key.to_string()];
        identities.extend(row.aliases.iter().map(|alias| Key::of_url(alias).to_string()));
        identities.dedup();
        let mut found = Vec::new();
        for identity in identities {
            let prefix = keys::backlinks(&identity);
            for link in self.rows(&prefix) {
                let (link, rel) = link?;
                let from = Key::from_written(String::from_utf8_lossy(&link[prefix.len()..]));
                if from != *key && !found.iter().any(|(known, _)| *known == from) {
                    found.push((from, rel));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// The changes after a sequence number, oldest first.
    pub fn changes(&self, after: u64) -> impl Iterator<Item = Result<Change, ArchiveError>> + '_ {
        let rows = self.index.scan(&[keys::CHANGE], Some(&keys::change(after)));
        rows.map(|row| row.and_then(|(_, bytes)| read_row(&bytes)))
    }

    /// The record of the visit that made a snapshot.
    ///
    /// # Errors
    /// When the segment is damaged or cannot be read; so below.
    pub fn visit(&self, snapshot: &SnapshotRow) -> Result<VisitRecord, ArchiveError> {
        let record = segments::read(&self.segments(), snapshot.place)?;
        serde_json::from_slice(&record.block).map_err(|error| ArchiveError::Damaged {
            segment: format!("{:06}", snapshot.place.0),
            offset: snapshot.place.1,
            why: format!("a metadata record that does not read: {error}"),
        })
    }

    /// The article as understood at a snapshot.
    ///
    /// # Errors
    /// When the segment is damaged or cannot be read.
    pub fn document(&self, snapshot: &SnapshotRow) -> Result<Document, ArchiveError> {
        let visit = self.visit(snapshot)?;
        let document = visit.snapshot.map(|document| *document);
        document.ok_or_else(|| ArchiveError::Damaged {
            segment: format!("{:06}", snapshot.place.0),
            offset: snapshot.place.1,
            why: "a snapshot's record without its document".into(),
        })
    }

    /// The capture that a snapshot was understood from.
    ///
    /// # Errors
    /// When the segment is damaged or cannot be read.
    pub fn capture(&self, snapshot: &SnapshotRow) -> Result<Option<HeldCapture>, ArchiveError> {
        let record = self.visit(snapshot)?;
        let Some(row) = self.payload_row(&snapshot.digest)? else { return Ok(None) };
        let response = segments::read(&self.segments(), row.place)?;
        Ok(Some(HeldCapture { record, head: response.http_head(), payload: response.payload().to_vec() }))
    }

    /// Where a payload is held.
    ///
    /// # Errors
    /// When the index fails.
    pub fn payload_row(&self, digest: &Digest) -> Result<Option<PayloadRow>, ArchiveError> {
        self.ledger().payload(digest)
    }

    /// A payload's bytes, checked against its digest.
    ///
    /// # Errors
    /// When the segment is damaged or cannot be read.
    pub fn payload(&self, digest: &Digest) -> Result<Option<Vec<u8>>, ArchiveError> {
        let Some(row) = self.payload_row(digest)? else { return Ok(None) };
        let payload = segments::read(&self.segments(), row.place)?.payload().to_vec();
        if Digest::of(&payload) != *digest {
            let why = format!("the payload is not the one named {digest}");
            return Err(ArchiveError::Damaged { segment: format!("{:06}", row.place.0), offset: row.place.1, why });
        }
        Ok(Some(payload))
    }

    /// The answer that first brought a payload: the URL that answered, its head, and the bytes.
    ///
    /// # Errors
    /// When the segment is damaged or cannot be read.
    pub fn answer(&self, digest: &Digest) -> Result<Option<(CanonicalUrl, MessageHead, Vec<u8>)>, ArchiveError> {
        let Some(row) = self.payload_row(digest)? else { return Ok(None) };
        let response = segments::read(&self.segments(), row.place)?;
        Ok(Some((row.url, response.http_head(), response.payload().to_vec())))
    }

    /// Counts over the whole archive.
    ///
    /// # Errors
    /// When the index fails.
    pub fn stats(&self) -> Result<Stats, ArchiveError> {
        let mut stats = Stats::default();
        for row in self.articles() {
            let (_, row) = row?;
            stats.articles += u64::from(!row.snapshots.is_empty());
            stats.snapshots += row.snapshots.len() as u64;
            stats.edited += u64::from(row.is_edited());
            stats.gone += u64::from(row.state.is_gone());
        }
        for row in self.rows::<PayloadRow>(&[keys::PAYLOAD]) {
            stats.payloads += 1;
            stats.payload_bytes += row?.1.size;
        }
        for row in self.rows::<SeenRow>(&[keys::SEEN]) {
            stats.unchanged += u64::from(row?.1.unchanged);
        }
        stats.pending = self.index.scan(&[keys::FRONTIER], None).count() as u64;
        stats.segment_bytes = bytes_below(&self.segments());
        stats.index_bytes = bytes_below(&self.root.join("index"));
        Ok(stats)
    }

    pub(super) fn ledger(&self) -> Ledger<'_> {
        Ledger::new(self.index.as_ref())
    }

    fn segments(&self) -> PathBuf {
        self.root.join("segments")
    }

    pub(super) fn rows<'a, T: DeserializeOwned>(
        &'a self,
        prefix: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, T), ArchiveError>> + use<'a, T> {
        let rows = self.index.scan(prefix, None);
        rows.map(|row| row.and_then(|(key, bytes)| Ok((key, read_row(&bytes)?))))
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(file) if file.is_dir() => bytes_below(&entry.path()),
        Ok(file) => file.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}
