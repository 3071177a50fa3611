//! JSON Feed 1.0 and 1.1: entry by entry, so that what stands before the damage is kept.

use super::body::media_type;
use super::people::MOST_PEOPLE;
use super::problem::{Flaw, Problems};
use super::record::{Records, info};
use super::resolve::Bases;
use super::times;
use super::{MOST_ENTRIES, mend::mended};
use crate::model::{
    FeedContent, FeedDocument, FeedEnclosure, FeedEntry, FeedImage, FeedLink, FeedPerson, FeedTag, TextDetail,
};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// How many values a document may hold; a value takes some 70 bytes of memory, however few it takes on the wire.
const MOST_VALUES: usize = 1_500_000;

/// Reads a JSON feed into a document.
pub(super) fn read(text: &str, base: Option<&Arc<str>>, document: &mut FeedDocument, problems: &mut Problems) {
    if memchr::memchr3_iter(b',', b'[', b'{', text.as_bytes()).nth(MOST_VALUES).is_some() {
        document.error = Some("the JSON document has too many values to be a feed".to_owned());
        return;
    }
    let (mut sink, mut is_whole, end) = parse(text, base);
    if !is_whole && !sink.is_full {
        problems.note(end + 1, Flaw::BadJson);
        let (again, is_whole_now, _) = parse(&mended(text), base);
        if again.records.entries.len() >= sink.records.entries.len() {
            (sink, is_whole) = (again, is_whole_now);
        }
    } else if !sink.is_full && !text[end..].trim().is_empty() {
        problems.note(end + 1, Flaw::TrailingData);
    }
    if !is_whole && !sink.is_full && sink.records.entries.is_empty() {
        document.error = Some("its JSON breaks before its first entry ends".to_owned());
    }
    if sink.is_full {
        problems.note(0, Flaw::TooManyEntries);
    }
    let version = match sink.version.rsplit("jsonfeed.org/version/").next().unwrap_or_default() {
        "1.1" => "json11",
        "1" | "1.0" => "json1",
        _ => "json",
    };
    version.clone_into(&mut document.version);
    if sink.version.is_empty() && sink.records.entries.is_empty() {
        document.error = Some("this is JSON, but no JSON Feed: it has neither a version nor items".to_owned());
    }
    document.entries = sink.records.entries;
    document.feed = info(sink.records.feed);
}

/// What a document holds up to its end or to where it breaks, which of the two it is, and where that is.
fn parse<'b>(text: &str, base: Option<&'b Arc<str>>) -> (Sink<'b>, bool, usize) {
    let mut sink =
        Sink { records: Records::default(), base, bases: Bases::default(), version: String::new(), is_full: false };
    let mut parser = serde_json::Deserializer::from_str(text);
    let read = sink.deserialize(&mut parser);
    // What an iterator over further values says of where the last one ended.
    let end = parser.into_iter::<IgnoredAny>().byte_offset().min(text.len());
    let end = (0..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (sink, read.is_ok(), end)
}

/// Takes the document in as it is parsed.
struct Sink<'b> {
    records: Records,
    base: Option<&'b Arc<str>>,
    bases: Bases,
    version: String,
    is_full: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Sink<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Sink<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON Feed")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "items" => map.next_value_seed(Items(self))?,
                "version" => self.version = text(map.next_value::<Value>()?).unwrap_or_default(),
                _ => {
                    let value = map.next_value::<Value>()?;
                    self.feed_field(&key, value);
                }
            }
        }
        Ok(())
    }
}

/// The entries, one after the other.
struct Items<'a, 'b>(&'a mut Sink<'b>);

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        while let Some(item) = all.next_element::<Value>()? {
            if self.0.records.entries.len() >= MOST_ENTRIES {
                self.0.is_full = true;
                return Err(serde::de::Error::custom("enough"));
            }
            if let Value::Object(item) = item {
                let entry = self.0.entry(item);
                self.0.records.entries.push(entry);
            }
        }
        Ok(())
    }
}

impl Sink<'_> {
    fn absolute(&mut self, value: Value) -> Option<String> {
        text(value).filter(|link| !link.trim().is_empty()).map(|link| self.bases.join(self.base, &link))
    }

    fn feed_field(&mut self, key: &str, value: Value) {
        let link = |rel: &'static str, kind: Option<&'static str>, href: String| FeedLink {
            rel: Cow::Borrowed(rel),
            kind: kind.map(Cow::Borrowed),
            href: Some(href),
            ..FeedLink::default()
        };
        match key {
            "title" => self.records.feed.title = text(value),
            "description" => self.records.feed.summary = text(value),
            "home_page_url" => {
                if let Some(href) = self.absolute(value) {
                    self.records.feed.links.push(link("alternate", Some("text/html"), href.clone()));
                    self.records.feed.link = Some(href);
                }
            }
            "feed_url" => {
                if let Some(href) = self.absolute(value) {
                    self.records.feed.links.push(link("self", Some("application/feed+json"), href.clone()));
                    self.records.feed.id.get_or_insert(href);
                }
            }
            "next_url" => {
                if let Some(href) = self.absolute(value) {
                    self.records.feed.links.push(link("next", None, href));
                }
            }
            "hubs" => {
                let Value::Array(hubs) = value else { return };
                for hub in hubs {
                    let Value::Object(mut hub) = hub else { continue };
                    if let Some(href) = hub.remove("url").and_then(|url| self.absolute(url)) {
                        self.records.feed.links.push(link("hub", None, href));
                    }
                }
            }
            "icon" => {
                if let Some(href) = self.absolute(value) {
                    self.records.feed.image = Some(FeedImage { href: Some(href.clone()), ..FeedImage::default() });
                    self.records.feed.more.insert("logo".into(), href.into());
                }
            }
            "favicon" => {
                if let Some(href) = self.absolute(value) {
                    self.records.feed.more.insert("icon".into(), href.into());
                }
            }
            "language" => drop(self.records.feed.more.insert("language".into(), value)),
            "author" | "authors" => {
                let mut feed = std::mem::take(&mut self.records.feed);
                self.authors(&mut feed, value);
                self.records.feed = feed;
            }
            _ if key.starts_with('_') || matches!(key, "user_comment" | "expired") => {
                self.records.feed.more.insert(key.to_owned(), value);
            }
            _ => {}
        }
    }

    fn authors(&mut self, record: &mut FeedEntry, value: Value) {
        let people = match value {
            Value::Array(people) => people,
            one => vec![one],
        };
        for person in people {
            let person = match person {
                Value::Object(mut person) => {
                    let mut take =
                        |name: &str| person.remove(name).and_then(text).filter(|text| !text.trim().is_empty());
                    let (name, href) = (take("name"), take("url"));
                    FeedPerson { name, email: None, href: href.map(|href| self.bases.join(self.base, &href)) }
                }
                other => FeedPerson { name: text(other), ..FeedPerson::default() },
            };
            let is_full = record.authors.len() >= MOST_PEOPLE;
            if is_full || person == FeedPerson::default() || record.authors.contains(&person) {
                continue;
            }
            if record.author_detail.is_none() {
                record.author.clone_from(&person.name);
                record.author_detail = Some(person.clone());
            }
            record.authors.push(person);
        }
    }

    fn entry(&mut self, item: Map<String, Value>) -> FeedEntry {
        let mut entry = FeedEntry::default();
        let mut contents = Vec::new();
        for (key, value) in item {
            match key.as_str() {
                "id" => entry.id = text(value),
                "url" => entry.link = self.absolute(value),
                "external_url" => {
                    if let Some(href) = self.absolute(value) {
                        let rel = Cow::Borrowed("related");
                        entry.links.push(FeedLink { rel, href: Some(href), ..FeedLink::default() });
                    }
                }
                "title" => entry.title = text(value),
                "summary" => {
                    entry.summary = text(value);
                    entry.summary_detail = Some(self.detail("text"));
                }
                // HTML first, however they stand.
                "content_html" => contents.insert(0, ("html", value)),
                "content_text" => contents.push(("text", value)),
                "image" | "banner_image" if entry.image.is_none() || key == "image" => {
                    entry.image =
                        self.absolute(value).map(|href| FeedImage { href: Some(href), ..FeedImage::default() });
                }
                "date_published" => (entry.published, entry.published_raw) = date(value),
                "date_modified" => (entry.updated, entry.updated_raw) = date(value),
                "author" | "authors" => self.authors(&mut entry, value),
                "tags" => entry.tags = tags(value),
                "attachments" => self.attachments(&mut entry, value),
                _ => drop((key.starts_with('_') || key == "language").then(|| entry.more.insert(key, value))),
            }
        }
        if let Some(href) = entry.link.clone() {
            let (rel, kind) = (Cow::Borrowed("alternate"), Some(Cow::Borrowed("text/html")));
            entry.links.insert(0, FeedLink { rel, kind, href: Some(href), ..FeedLink::default() });
        } else {
            let related = entry.links.iter().find(|link| link.rel == "related");
            entry.link = related.and_then(|link| link.href.clone());
        }
        for (kind, value) in contents {
            let Some(value) = text(value) else { continue };
            let detail = self.detail(kind);
            let absolute =
                (kind == "html").then(|| super::markup::mended(&value, self.base, &mut self.bases)).flatten();
            entry.content.push(FeedContent { value: absolute.unwrap_or(value), detail, src: None });
        }
        entry
    }

    fn detail(&self, kind: &str) -> TextDetail {
        TextDetail { kind: media_type(kind), language: None, base: self.base.cloned() }
    }

    fn attachments(&mut self, entry: &mut FeedEntry, value: Value) {
        let Value::Array(all) = value else { return };
        for one in all {
            let Value::Object(mut one) = one else { continue };
            let href = one.remove("url").and_then(|url| self.absolute(url));
            let mut take = |name: &str| one.remove(name).and_then(text);
            let (kind, length) = (take("mime_type"), take("size_in_bytes"));
            if href.is_none() {
                continue;
            }
            let link = FeedLink {
                rel: Cow::Borrowed("enclosure"),
                kind: kind.clone().map(Cow::Owned),
                href: href.clone(),
                length: length.clone(),
                ..FeedLink::default()
            };
            entry.links.push(link);
            entry.enclosures.push(FeedEnclosure { href, kind, length, more: one });
        }
    }
}

/// A value as text: numbers are written out, as ids that somebody forgot the quotes of.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn date(value: Value) -> (Option<String>, Option<String>) {
    let raw = text(value);
    (raw.as_deref().and_then(times::iso), raw)
}

fn tags(value: Value) -> Vec<FeedTag> {
    let Value::Array(all) = value else { return Vec::new() };
    all.into_iter().filter_map(text).map(|term| FeedTag { term: Some(term), scheme: None, label: None }).collect()
}
