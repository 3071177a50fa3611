//! The index's key space: one byte says what a row is.

use crate::model::{CanonicalUrl, Digest, FeedName, Key, Target};

/// Facts about the index itself: format, sequence number, high-water marks.
pub(crate) const META: u8 = b'm';
/// An article, by key.
pub(crate) const ARTICLE: u8 = b'a';
/// When an article was last looked at, by key.
pub(crate) const SEEN: u8 = b's';
/// What is known of a URL: its article, its payload.
pub(crate) const URL: u8 = b'u';
/// Where a payload is, by digest.
pub(crate) const PAYLOAD: u8 = b'd';
/// A WeChat account, by the number that its `__biz` encodes.
pub(crate) const ACCOUNT: u8 = b'w';
/// A pending target, by identity.
pub(crate) const FRONTIER: u8 = b'f';
/// A feed, by name.
pub(crate) const FEED: u8 = b'n';
/// The entries of a feed, by its name.
pub(crate) const ENTRIES: u8 = b'e';
/// A link to an article, by the identity it points at and the article it stands in.
pub(crate) const BACKLINK: u8 = b'b';
/// The change log, by sequence number.
pub(crate) const CHANGE: u8 = b'c';
/// State that is safely lost: attempts, paces, claims.
pub(crate) const MARK: u8 = b'z';

/// The spaces that follow from the segments alone: what `verify` compares and `reindex` restores.
pub(crate) const DERIVED: &[u8] = &[ARTICLE, SEEN, URL, PAYLOAD, ACCOUNT, FRONTIER, FEED, ENTRIES, BACKLINK, CHANGE];

/// A row of the index's own facts.
pub(crate) fn meta(name: &str) -> Vec<u8> {
    key(META, name.as_bytes())
}

/// An article's row.
pub(crate) fn article(of: &Key) -> Vec<u8> {
    key(ARTICLE, of.as_str().as_bytes())
}

/// The row that says when an article was last looked at.
pub(crate) fn seen(of: &Key) -> Vec<u8> {
    key(SEEN, of.as_str().as_bytes())
}

/// The articles of a WeChat account, whose keys begin with its number.
pub(crate) fn articles_of(bizuin: u64) -> Vec<u8> {
    key(ARTICLE, format!("wx:{bizuin}:").as_bytes())
}

/// A WeChat account's row: by number, so that they are in one order however long the numbers are.
pub(crate) fn account(bizuin: u64) -> Vec<u8> {
    key(ACCOUNT, &bizuin.to_be_bytes())
}

/// A URL's row.
pub(crate) fn url(of: &CanonicalUrl) -> Vec<u8> {
    key(URL, &short(of.as_str()))
}

/// A payload's row.
pub(crate) fn payload(of: &Digest) -> Vec<u8> {
    key(PAYLOAD, of.as_bytes())
}

/// A pending target's row.
pub(crate) fn frontier(target: &Target) -> Vec<u8> {
    frontier_of(&target.identity())
}

/// The row of the pending target with this identity.
pub(crate) fn frontier_of(identity: &str) -> Vec<u8> {
    key(FRONTIER, &short(identity))
}

/// A feed's row.
pub(crate) fn feed(name: &FeedName) -> Vec<u8> {
    key(FEED, name.0.as_bytes())
}

/// The row of what is remembered of a feed's entries.
pub(crate) fn entries(name: &FeedName) -> Vec<u8> {
    key(ENTRIES, name.0.as_bytes())
}

/// The rows of all links to one identity.
pub(crate) fn backlinks(to: &str) -> Vec<u8> {
    key(BACKLINK, &short(to))
}

/// The row of one link.
pub(crate) fn backlink(to: &str, from: &Key) -> Vec<u8> {
    let mut row = backlinks(to);
    row.extend_from_slice(from.as_str().as_bytes());
    row
}

/// A change's row.
pub(crate) fn change(seq: u64) -> Vec<u8> {
    key(CHANGE, &seq.to_be_bytes())
}

/// A mark's row.
pub(crate) fn mark(kind: &str, of: &str) -> Vec<u8> {
    key(MARK, format!("{kind}\0{of}").as_bytes())
}

fn key(space: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + rest.len());
    key.push(space);
    key.extend_from_slice(rest);
    key
}

/// Sixteen bytes of SHA-256: long texts make short keys; a clash is less likely than a failing disk by far.
fn short(text: &str) -> [u8; 16] {
    let digest = Digest::of(text.as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&digest.as_bytes()[..16]);
    short
}
