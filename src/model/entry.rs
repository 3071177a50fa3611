//! How the entries of a feed are told apart, and what is remembered of each: enough to know an entry again under another guid, at another
//! address, or with other words.

use crate::model::{CanonicalUrl, Digest, Time};
use serde::{Deserialize, Serialize};

/// What the entries of one feed are told apart by; learnt from what the feed does. The first that holds good is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The id that the feed gives each entry.
    #[default]
    Guid,
    /// The page that it leads to, without tracking.
    Link,
    /// That page, and when the entry was published.
    LinkDate,
    /// Its title, and when it was published.
    TitleDate,
    /// Its words.
    Content,
}

impl Identity {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 5] = [Self::Guid, Self::Link, Self::LinkDate, Self::TitleDate, Self::Content];
}

/// What an entry could be known by: the first 64 bits of a SHA-256 over each, with its kind; `None` where the entry does not have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// By its guid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<u64>,
    /// By its link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<u64>,
    /// By link and date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_date: Option<u64>,
    /// By title and date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_date: Option<u64>,
    /// By its normalised title and content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<u64>,
}

impl Facets {
    /// What the entry is known by, of this kind.
    pub fn of(&self, kind: Identity) -> Option<u64> {
        match kind {
            Identity::Guid => self.guid,
            Identity::Link => self.link,
            Identity::LinkDate => self.link_date,
            Identity::TitleDate => self.title_date,
            Identity::Content => self.content,
        }
    }

    /// All that there are.
    pub fn all(&self) -> impl Iterator<Item = u64> + use<> {
        let facets = *self;
        Identity::ALL.into_iter().filter_map(move |kind| facets.of(kind))
    }
}

/// One entry as it is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownEntry {
    /// The URL by which its article was first asked for; of an entry without a page of its own, one that leads nowhere.
    pub url: CanonicalUrl,
    /// What it is known by now.
    #[serde(flatten)]
    pub facets: Facets,
    /// What it was known by before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<u64>,
    /// Its title, as far as it is compared.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The simhash of its words; `None` where they are too few to say anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<u64>,
    /// 64 bits of a digest over the entry as it was written: the same bytes need no second look.
    pub raw: u64,
    /// When it came, or was last seen to change.
    pub at: Time,
}

/// How often what could be a key held good: over the polls of a feed, older ones fading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Entries looked at.
    pub items: u32,
    /// Of how many there was one, by kind.
    pub present: [u32; 5],
    /// How many shared it with another entry of the same poll, or had another one at the poll before, by kind.
    pub bad: [u32; 5],
}

impl Tally {
    /// How many entries are remembered in a tally before older ones fade (judgement: ten polls of a usual feed).
    const REMEMBERED: u32 = 500;

    /// Two tallies as one.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.items = self.items.saturating_add(other.items);
        for kind in 0..5 {
            self.present[kind] = self.present[kind].saturating_add(other.present[kind]);
            self.bad[kind] = self.bad[kind].saturating_add(other.bad[kind]);
        }
        while self.items > Self::REMEMBERED.max(2 * other.items) {
            self.items /= 2;
            self.present = self.present.map(|count| count / 2);
            self.bad = self.bad.map(|count| count / 2);
        }
        self
    }
}

/// What one poll taught about its feed's entries: kept in the visit's record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EntryNotes {
    /// What the entries are told apart by from now on.
    pub identity: Identity,
    /// This poll's part of the tally.
    pub tally: Tally,
    /// How many entries the poll had.
    pub entries: u32,
    /// How many were left out by the owner's rules.
    #[serde(default)]
    pub ruled_out: u32,
    /// The payload that held them.
    pub capture: Option<Digest>,
    /// The entries that are new, or are not what they were, in the feed's order. Those that changed stand under their first URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub learnt: Vec<KnownEntry>,
}

/// What is remembered of a feed's entries: follows from the notes of all its polls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EntryWindow {
    /// What the entries are told apart by.
    pub identity: Identity,
    /// How that was learnt.
    pub tally: Tally,
    /// The payload of the last poll that was read.
    pub capture: Option<Digest>,
    /// The entries, those that were learnt last at the end.
    pub known: Vec<KnownEntry>,
}

impl EntryWindow {
    /// How many entries are remembered at least (judgement: most feeds show 10 to 50).
    const LEAST: usize = 200;

    /// The window after a poll. At most twice as many entries are remembered as the feed shows.
    #[must_use]
    pub fn after(mut self, notes: &EntryNotes) -> Self {
        self.identity = notes.identity;
        self.tally = self.tally.and(&notes.tally);
        self.capture = notes.capture;
        let learnt: std::collections::HashSet<&CanonicalUrl> = notes.learnt.iter().map(|entry| &entry.url).collect();
        self.known.retain(|entry| !learnt.contains(&entry.url));
        // A feed lists its newest first: it is the last to be forgotten.
        self.known.extend(notes.learnt.iter().rev().cloned());
        let most = Self::LEAST.max(2 * notes.entries as usize);
        let forgotten = self.known.len().saturating_sub(most);
        self.known.drain(..forgotten);
        self
    }
}
