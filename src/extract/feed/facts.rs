//! Dates, ids, categories, people and the rest of what fits on a line.

use super::names::Tag;
use super::people::{self, MOST_PEOPLE};
use super::reader::Reader;
use super::spaces::Space;
use super::times;
use crate::model::FeedTag;
use serde_json::{Map, Value};
use std::borrow::Cow;

impl<'a> Reader<'a> {
    pub(super) fn date(&mut self, tag: Tag, text: &str) {
        if text.is_empty() {
            return;
        }
        let (read, raw) = (times::iso(text), text.to_owned());
        if read.is_none() {
            self.tokens.note(super::Flaw::BadDate);
        }
        let is_info = self.records.is_info();
        let (record, stand_ins) = self.records.current();
        // One that cannot be read takes no other's place.
        let reads = read.is_some();
        match tag {
            Tag::Published if !reads && record.published.is_some() => {}
            Tag::Updated if !reads && record.updated.is_some() => {}
            Tag::Published => (record.published, record.published_raw) = (read, Some(raw)),
            Tag::Updated => {
                stand_ins.updated = false;
                (record.updated, record.updated_raw) = (read, Some(raw));
            }
            Tag::Built if is_info || record.updated.is_none() => {
                (record.updated, record.updated_raw) = (read, Some(raw));
            }
            Tag::OtherUpdated if record.updated.is_none() || stand_ins.updated => {
                stand_ins.updated = true;
                (record.updated, record.updated_raw) = (read, Some(raw));
            }
            Tag::Created | Tag::Expired => {
                let name = if tag == Tag::Created { "created" } else { "expired" };
                record.more.insert(name.into(), read.map_or(Value::Null, Value::String));
                record.more.insert(format!("{name}_raw"), raw.into());
            }
            _ => {}
        }
    }

    /// Dublin Core's `start=…;end=…`.
    pub(super) fn validity(&mut self, text: &str) {
        for part in text.split(';') {
            let Some((name, value)) = part.split_once('=') else { continue };
            let name = match name.trim() {
                "start" => "validity_start",
                "end" => "validity_end",
                _ => continue,
            };
            self.say(name, times::iso(value).map_or(Value::Null, Value::String));
            self.say(&format!("{name}_raw"), value.trim().into());
        }
    }

    pub(super) fn id(&mut self, tag: Tag, attributes: &'a str, text: &str) {
        if text.is_empty() {
            return;
        }
        let named = self.attribute(attributes, "ispermalink").map(|value| value.trim().eq_ignore_ascii_case("true"));
        let is_page = text.starts_with("http://") || text.starts_with("https://");
        let (_, stand_ins) = self.records.current();
        if tag == Tag::Guid {
            stand_ins.permalink = named.unwrap_or(is_page) && !text.contains(char::is_whitespace);
        }
        let id = if tag == Tag::AtomId && text.starts_with('/') { self.absolute(text) } else { text.to_owned() };
        self.records.current().0.id = Some(id);
    }

    pub(super) fn category(&mut self, tag: Tag, attributes: &'a str, text: &str) {
        let get = |reader: &mut Self, name: &str| reader.attribute(attributes, name).map(Cow::into_owned);
        let term =
            get(self, "term").or_else(|| get(self, "text")).or_else(|| (!text.is_empty()).then(|| text.to_owned()));
        let scheme = get(self, "scheme").or_else(|| get(self, "domain"));
        let scheme = scheme.or_else(|| match tag {
            Tag::ItunesCategory => Some("http://www.itunes.com/".to_owned()),
            Tag::MediaCategory => Some("http://search.yahoo.com/mrss/category_schema".to_owned()),
            _ => None,
        });
        let label = get(self, "label");
        if term.is_some() || scheme.is_some() || label.is_some() {
            let at = (tag == Tag::ItunesCategory)
                .then(|| self.stack.iter().filter(|open| open.tag == Tag::ItunesCategory).count());
            self.tag(FeedTag { term, scheme, label }, at);
        }
    }

    /// Adds a category once. Nested ones end before the one they are in; `nested` puts the outer one first.
    pub(super) fn tag(&mut self, tag: FeedTag, nested: Option<usize>) {
        let inside = self.nested_tags;
        let tags = &mut self.records.current().0.tags;
        if tags.iter().rev().take(64).any(|known| *known == tag) {
            return;
        }
        match nested {
            Some(1) => {
                let at = tags.len().saturating_sub(inside);
                tags.insert(at, tag);
                self.nested_tags = 0;
            }
            Some(_) => {
                tags.push(tag);
                self.nested_tags += 1;
            }
            None => tags.push(tag),
        }
    }

    pub(super) fn keywords(&mut self, text: &str) {
        let scheme =
            self.top().is_some_and(|open| open.space == Space::Itunes).then(|| "http://www.itunes.com/".to_owned());
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            self.tag(FeedTag { term: Some(word.to_owned()), scheme: scheme.clone(), label: None }, None);
        }
    }

    pub(super) fn generator(&mut self, attributes: &'a str, text: &str) {
        let get = |reader: &mut Self, name: &str| reader.attribute(attributes, name).map(Cow::into_owned);
        let resource = get(self, "resource");
        let href = get(self, "url").or_else(|| get(self, "uri")).or_else(|| resource.clone());
        let href = href.map(|href| self.absolute(&href));
        let text = if text.is_empty() { resource.unwrap_or_default() } else { text.to_owned() };
        let mut detail = Map::new();
        let pairs = [
            ("name", Some(text.clone()).filter(|text| !text.is_empty())),
            ("href", href),
            ("version", get(self, "version")),
        ];
        detail.extend(pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
        if !text.is_empty() {
            self.say("generator", text.into());
        }
        self.say("generator_detail", Value::Object(detail));
    }

    pub(super) fn skipped(&mut self, text: &str) {
        let is_hours = self.stack.iter().rev().nth(1).is_some_and(|open| open.tag == Tag::SkipHours);
        let name = if is_hours { "skiphours" } else { "skipdays" };
        let (record, _) = self.records.current();
        if let Value::Array(all) = record.more.entry(name).or_insert_with(|| Value::Array(Vec::new()))
            && all.len() < 24
            && !text.is_empty()
        {
            all.push(text.into());
        }
    }

    pub(super) fn finish_person(&mut self, tag: Tag, text: &str) {
        let mut person = std::mem::take(&mut self.records.person);
        let is_empty = person.name.is_none() && person.email.is_none() && person.href.is_none();
        let mut line = None;
        if is_empty {
            if text.is_empty() {
                return;
            }
            person = people::person(text);
            line = Some(text.to_owned());
        }
        let line = line.or_else(|| people::line(&person));
        let (record, _) = self.records.current();
        match tag {
            Tag::Contributor if record.contributors.len() >= MOST_PEOPLE => {}
            Tag::Contributor => record.contributors.push(person),
            Tag::Publisher | Tag::Owner => {
                if let Some(line) = line {
                    record.more.entry("publisher").or_insert_with(|| line.into());
                }
                let detail = serde_json::to_value(person).unwrap_or_default();
                record.more.entry("publisher_detail").or_insert(detail);
            }
            _ => {
                if record.author_detail.is_none() {
                    record.author = line;
                    record.author_detail = Some(person.clone());
                }
                if record.authors.len() < MOST_PEOPLE && !record.authors.contains(&person) {
                    record.authors.push(person);
                }
            }
        }
    }
}
