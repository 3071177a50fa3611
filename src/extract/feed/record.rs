//! What is being filled: the feed, the entry that is open, the feed it was taken from.

use super::MOST_ENTRIES;
use crate::model::{FeedEntry, FeedImage, FeedInfo, FeedPerson};
use serde_json::{Map, Value};

/// Where an element's children belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Outside,
    Feed,
    Entry,
    Source,
    Image,
    TextInput,
    Person,
    Geo,
    Chapters,
}

/// What of a record was said only by a vocabulary that stands in for the proper one.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each field stands in by itself")]
pub(super) struct StandIns {
    pub(super) title: bool,
    pub(super) summary: bool,
    pub(super) updated: bool,
    /// Whether the id is a page's address.
    pub(super) permalink: bool,
    /// Whether the link is there only for want of a better one.
    pub(super) link: bool,
    pub(super) geo: bool,
}

/// The longest authors, in bytes, that every entry gets a copy of.
const MOST_SHARED: usize = 1024;

/// A feed and an entry are filled alike; what only feeds have goes by name into `more` until the end.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) feed: FeedEntry,
    pub(super) feed_stand_ins: StandIns,
    pub(super) entry: Option<FeedEntry>,
    pub(super) entry_stand_ins: StandIns,
    pub(super) source: Option<FeedEntry>,
    pub(super) source_stand_ins: StandIns,
    pub(super) entries: Vec<FeedEntry>,
    /// Whether any element of a feed was met.
    pub(super) is_feed: bool,
    pub(super) person: FeedPerson,
    pub(super) image: FeedImage,
    pub(super) text_input: Map<String, Value>,
    full: bool,
}

impl Records {
    /// The record that is being filled, and what of it stands in.
    pub(super) fn current(&mut self) -> (&mut FeedEntry, &mut StandIns) {
        if let Some(source) = &mut self.source {
            return (source, &mut self.source_stand_ins);
        }
        match &mut self.entry {
            Some(entry) => (entry, &mut self.entry_stand_ins),
            None => (&mut self.feed, &mut self.feed_stand_ins),
        }
    }

    /// Whether it is the feed, or the feed of an entry, that is being filled.
    pub(super) fn is_info(&self) -> bool {
        self.source.is_some() || self.entry.is_none()
    }

    /// Begins an entry.
    pub(super) fn begin_entry(&mut self) {
        self.entry = Some(FeedEntry::default());
        self.entry_stand_ins = StandIns::default();
        self.source = None;
    }

    /// Ends the entry that is open.
    pub(super) fn end_entry(&mut self) {
        self.end_source();
        let Some(mut entry) = self.entry.take() else { return };
        if self.entries.len() >= MOST_ENTRIES {
            self.full = true;
            return;
        }
        // Dublin Core has one date, and in RSS it is the day of publication.
        if self.entry_stand_ins.updated && entry.published.is_none() {
            entry.published.clone_from(&entry.updated);
            entry.published_raw.clone_from(&entry.updated_raw);
        }
        if self.entry_stand_ins.permalink && entry.link.is_none() {
            entry.guidislink = true;
            entry.link.clone_from(&entry.id);
        }
        self.entries.push(entry);
    }

    /// What is said once for all: an Atom feed's authors are those of entries that name none (RFC 4287, 4.2.1), and who answers
    /// for a feed without an author stands for one.
    pub(super) fn share(&mut self, is_atom: bool) {
        if self.feed.authors.is_empty()
            && let Some(detail) = self.feed.more.get("publisher_detail")
            && let Ok(person) = serde_json::from_value::<FeedPerson>(detail.clone())
        {
            self.feed.author = self.feed.more.get("publisher").and_then(Value::as_str).map(str::to_owned);
            self.feed.author_detail = Some(person.clone());
            self.feed.authors.push(person);
        }
        let length = |person: &FeedPerson| {
            [&person.name, &person.email, &person.href].into_iter().flatten().map(String::len).sum::<usize>()
        };
        let shared = self.feed.authors.iter().map(length).sum::<usize>();
        if !is_atom || self.feed.authors.is_empty() || shared > MOST_SHARED {
            return;
        }
        for entry in self.entries.iter_mut().filter(|entry| entry.authors.is_empty()) {
            let from = entry.source.as_ref().filter(|source| !source.authors.is_empty());
            let (author, detail, authors) = match from {
                Some(source) => (&source.author, &source.author_detail, &source.authors),
                None => (&self.feed.author, &self.feed.author_detail, &self.feed.authors),
            };
            entry.author.clone_from(author);
            entry.author_detail.clone_from(detail);
            entry.authors.clone_from(authors);
        }
    }

    /// Ends the source of the entry that is open.
    pub(super) fn end_source(&mut self) {
        if let (Some(source), Some(entry)) = (self.source.take(), &mut self.entry) {
            entry.source = Some(Box::new(info(source)));
        }
        self.source_stand_ins = StandIns::default();
    }

    /// Whether there were more entries than are read.
    pub(super) fn are_full(&self) -> bool {
        self.full
    }
}

/// A record as the description of a feed.
pub(super) fn info(record: FeedEntry) -> FeedInfo {
    let mut more = record.more;
    let mut text = |name: &str| match more.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let (language, generator, ttl) = (text("language"), text("generator"), text("ttl"));
    if let Some(comments) = record.comments {
        more.insert("comments".into(), comments.into());
    }
    FeedInfo {
        title: record.title,
        title_detail: record.title_detail,
        link: record.link,
        links: record.links,
        id: record.id,
        subtitle: record.summary,
        subtitle_detail: record.summary_detail,
        updated: record.updated,
        updated_raw: record.updated_raw,
        published: record.published,
        published_raw: record.published_raw,
        language,
        author: record.author,
        author_detail: record.author_detail,
        authors: record.authors,
        contributors: record.contributors,
        tags: record.tags,
        image: record.image,
        rights: record.rights,
        rights_detail: record.rights_detail,
        generator,
        ttl,
        more,
    }
}
