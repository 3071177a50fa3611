//! The metadata record of a visit: everything that is not the server's own bytes. With the records it names, it is enough to
//! rebuild index and frontier.

use crate::model::{CanonicalUrl, Digest, Document, EntryNotes, Hop, Key, Outcome, PageStatus, Target, Time};
use serde::{Deserialize, Serialize};

/// The last record of a visit, as JSON in a WARC `metadata` record. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitRecord {
    /// The visit's number, one sequence over the whole archive.
    pub seq: u64,
    /// When the visit ended.
    pub at: Time,
    /// What was visited, with `via` and `depth`.
    pub target: Target,
    /// What it came to.
    pub outcome: Outcome,
    /// The ids of the visit's other records, in file order.
    pub records: Vec<String>,
    /// The URL that answered, where it is not the one asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_url: Option<CanonicalUrl>,
    /// The redirects on the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
    /// The status code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The payload's digest, also where its bytes were not kept (`seen`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The payload's size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The payload's media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Validators for the next conditional request: `ETag`, `Last-Modified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validators: Option<(Option<String>, Option<String>)>,
    /// The article this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// Other URLs by which the same article is known, found in this visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<CanonicalUrl>,
    /// The article that was asked for, where the page that came is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Key>,
    /// Better URLs of articles that are held already, seen in this visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sighted: Vec<CanonicalUrl>,
    /// The URL by which a held article is looked at from now on, where the one that was asked leads nowhere any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<CanonicalUrl>,
    /// The article as understood, where this visit made a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Box<Document>>,
    /// The content digest of the article as understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Digest>,
    /// Where the snapshot is of a feed's entry in place of its page: the payload of the feed; `target.hint` says which entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_entry: Option<Digest>,
    /// For a poll: what it taught about its feed's entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Box<EntryNotes>>,
    /// For a page that is no article: what it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageStatus>,
    /// In its own words; for a failure, what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the article went, where its page says that its account moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<CanonicalUrl>,
    /// The targets to visit next because of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follow: Vec<Target>,
    /// When to look at this article again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck_at: Option<Time>,
}
