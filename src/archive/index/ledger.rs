//! A view of the index with the writes of the current group laid over it, typed.
//!
//! Visits of one group see each other's effects before any of them is durable, so dedup holds within a group too.

use crate::archive::error::ArchiveError;
use crate::archive::index::rows::{ArticleRow, FeedRow, PayloadRow, SeenRow, UrlRow};
use crate::archive::index::{Batch, Index, keys};
use crate::model::{CanonicalUrl, Change, Digest, FeedName, Key, Outcome, Target, TargetKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The index and what is about to be written to it.
pub(crate) struct Ledger<'a> {
    index: &'a dyn Index,
    writes: Batch,
}

impl<'a> Ledger<'a> {
    /// A view with nothing to write yet.
    pub(crate) fn new(index: &'a dyn Index) -> Self {
        Self { index, writes: Batch::new() }
    }

    /// The writes, to be committed.
    pub(crate) fn into_writes(self) -> Batch {
        self.writes
    }

    /// How many rows are to be written.
    pub(crate) fn len(&self) -> usize {
        self.writes.len()
    }

    /// Reads a row.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, ArchiveError> {
        let bytes = match self.writes.get(key) {
            Some(written) => written.clone(),
            None => self.index.get(key)?,
        };
        bytes.map(|bytes| read_row(&bytes)).transpose()
    }

    /// Writes a row.
    pub(crate) fn put<T: Serialize>(&mut self, key: Vec<u8>, row: &T) {
        let bytes = serde_json::to_vec(row).expect("rows are plain data with text keys");
        self.writes.insert(key, Some(bytes));
    }

    /// Removes a row.
    pub(crate) fn remove(&mut self, key: Vec<u8>) {
        self.writes.insert(key, None);
    }

    /// An article.
    pub(crate) fn article(&self, key: &Key) -> Result<Option<ArticleRow>, ArchiveError> {
        self.get(&keys::article(key))
    }

    /// A URL.
    pub(crate) fn url(&self, url: &CanonicalUrl) -> Result<Option<UrlRow>, ArchiveError> {
        self.get(&keys::url(url))
    }

    /// A payload.
    pub(crate) fn payload(&self, digest: &Digest) -> Result<Option<PayloadRow>, ArchiveError> {
        self.get(&keys::payload(digest))
    }

    /// A feed; an unknown one has an empty row.
    pub(crate) fn feed(&self, name: &FeedName) -> Result<FeedRow, ArchiveError> {
        Ok(self.get(&keys::feed(name))?.unwrap_or_default())
    }

    /// A pending target, by identity.
    pub(crate) fn pending(&self, target: &Target) -> Result<Option<Target>, ArchiveError> {
        self.get(&keys::frontier(target))
    }

    /// The article a URL leads to, as far as anything says.
    pub(crate) fn key_of(&self, url: &CanonicalUrl) -> Result<Key, ArchiveError> {
        let known = self.url(url)?.and_then(|row| row.key);
        Ok(known.unwrap_or_else(|| Key::of_url(url)))
    }

    /// Whether a target was visited with a result that stands, so that following a link to it brings nothing. A list that was
    /// refused to the end was never read.
    pub(crate) fn was_visited(&self, target: &Target) -> Result<bool, ArchiveError> {
        // A page that was once asked for as a picture is still a page to visit, and the other way round.
        let known = match self.url(&target.url)? {
            None if target.kind == TargetKind::Asset => self.url(&target.url.lasting())?,
            known => known,
        };
        let known = known.filter(|row| row.kind != TargetKind::List || row.outcome != Outcome::Failed);
        if known.is_some_and(|row| row.kind == target.kind || (row.key.is_some() && target.kind != TargetKind::Asset)) {
            return Ok(true);
        }
        Ok(target.kind == TargetKind::Article && self.article(&Key::of_url(&target.url))?.is_some())
    }

    /// Adds to the change log.
    pub(crate) fn log(&mut self, change: &Change) {
        self.put(keys::change(change.seq), change);
    }

    /// Adds one to the count of visits that found an article unchanged.
    pub(crate) fn saw(&mut self, key: &Key, at: crate::model::Time, unchanged: bool) -> Result<(), ArchiveError> {
        let row = keys::seen(key);
        let before = self.get::<SeenRow>(&row)?.map_or(0, |seen| seen.unchanged);
        self.put(row, &SeenRow { at, unchanged: before + u32::from(unchanged) });
        Ok(())
    }
}

/// Reads a row's JSON; one that does not read means the index was made by another version.
pub(crate) fn read_row<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ArchiveError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ArchiveError::Index { path: "index".into(), why: format!("a row does not read: {error}") })
}
