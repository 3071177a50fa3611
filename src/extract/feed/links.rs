//! Links, enclosures, and elements whose text is an address.

use super::body::media_type;
use super::names::Tag;
use super::reader::Reader;
use super::record::Place;
use super::spaces;
use super::token::Attributes;
use crate::model::{FeedEnclosure, FeedLink};
use std::borrow::Cow;

impl<'a> Reader<'a> {
    pub(super) fn link(&mut self, attributes: &'a str) {
        if !matches!(self.outer_place(), Place::Feed | Place::Entry | Place::Source) {
            return;
        }
        let Some(href) = self.attribute(attributes, "href").or_else(|| self.attribute(attributes, "resource")) else {
            return;
        };
        let href = self.absolute(&href);
        let mut link = FeedLink { rel: Cow::Borrowed("alternate"), href: Some(href), ..FeedLink::default() };
        for (name, value) in Attributes::new(attributes) {
            let value = self.resolved(value);
            let local = spaces::split(name).1;
            match local {
                "rel" => link.rel = rel(&value),
                "type" => link.kind = Some(known_type(&value)),
                "title" => link.title = Some(value.into_owned()),
                "hreflang" => link.hreflang = Some(value.into_owned()),
                "length" => link.length = Some(value.into_owned()),
                "href" | "resource" | "base" => {}
                _ if name.starts_with("xml") => {}
                _ => drop(link.more.insert(name.to_ascii_lowercase(), value.into_owned().into())),
            }
        }
        if link.kind.is_none() {
            match &*link.rel {
                "self" => link.kind = Some(Cow::Borrowed("application/atom+xml")),
                "alternate" => link.kind = Some(Cow::Borrowed("text/html")),
                _ => {}
            }
        }
        self.add_link(link);
    }

    pub(super) fn add_link(&mut self, link: FeedLink) {
        let is_entry = !self.records.is_info();
        let (record, stand_ins) = self.records.current();
        if link.rel == "alternate" {
            let is_page = link
                .kind
                .as_deref()
                .is_none_or(|kind| matches!(kind, "text/html" | "application/xhtml+xml" | "text/plain"));
            if record.link.is_none() || stand_ins.link && is_page {
                record.link.clone_from(&link.href);
                stand_ins.link = !is_page;
            }
        } else if link.rel == "enclosure" && is_entry {
            let kind = link.kind.as_ref().map(|kind| kind.clone().into_owned());
            let mut more = link.more.clone();
            if let Some(title) = &link.title {
                more.insert("title".into(), title.as_str().into());
            }
            record.enclosures.push(FeedEnclosure { href: link.href.clone(), kind, length: link.length.clone(), more });
        } else if link.rel == "license" {
            let href = link.href.clone().unwrap_or_default();
            record.more.entry("license").or_insert_with(|| href.into());
        }
        record.links.push(link);
    }

    /// A link to the page itself.
    pub(super) fn add_page(&mut self, href: String) {
        let kind = Some(Cow::Borrowed("text/html"));
        self.add_link(FeedLink { rel: Cow::Borrowed("alternate"), kind, href: Some(href), ..FeedLink::default() });
    }

    pub(super) fn finish_link(&mut self, attributes: &'a str, text: &str) {
        let is_here = matches!(self.outer_place(), Place::Feed | Place::Entry | Place::Source);
        let has_href = self.attribute(attributes, "href").is_some();
        if is_here && !text.is_empty() && !has_href {
            // A line break inside of an address is none of it.
            let text: String = text.chars().filter(|letter| !matches!(letter, '\n' | '\t')).collect();
            let href = self.absolute(&text);
            self.add_page(href);
        }
    }

    pub(super) fn enclosure(&mut self, attributes: &'a str) {
        let url = self.attribute(attributes, "url").or_else(|| self.attribute(attributes, "href"));
        let href = url.map(|url| self.absolute(&url));
        let get = |reader: &mut Self, name: &str| reader.attribute(attributes, name).map(Cow::into_owned);
        let (kind, length) = (get(self, "type"), get(self, "length"));
        if href.is_none() && kind.is_none() {
            return;
        }
        let link = FeedLink {
            rel: Cow::Borrowed("enclosure"),
            kind: kind.map(Cow::Owned),
            href,
            length,
            ..FeedLink::default()
        };
        self.add_link(link);
    }

    /// An element whose text is an address.
    pub(super) fn address(&mut self, tag: Tag, text: &str) {
        if text.is_empty() {
            return;
        }
        let href = self.absolute(text);
        match tag {
            Tag::Comments => {
                let (record, _) = self.records.current();
                record.comments.get_or_insert(href);
            }
            Tag::OriginalLink if !self.records.is_info() => {
                self.records.current().0.link = Some(href.clone());
                self.say("feedburner_origlink", href.into());
            }
            Tag::OriginalLink => {}
            Tag::Docs => self.say("docs", href.into()),
            Tag::Icon => self.say("icon", href.into()),
            Tag::Logo => {
                let (record, _) = self.records.current();
                let image = record.image.get_or_insert_default();
                image.href.get_or_insert_with(|| href.clone());
                self.say("logo", href.into());
            }
            _ => self.say("newlocation", href.into()),
        }
    }

    pub(super) fn license(&mut self, attributes: &'a str, text: &str) {
        let named = self.attribute(attributes, "resource").or_else(|| self.attribute(attributes, "about"));
        let href = named.map_or_else(|| text.to_owned(), Cow::into_owned);
        if href.is_empty() {
            return;
        }
        let href = self.absolute(&href);
        self.add_link(FeedLink { rel: Cow::Borrowed("license"), href: Some(href), ..FeedLink::default() });
    }
}

/// Relations that are held without a copy.
const KNOWN: &[&str] = &[
    "alternate",
    "self",
    "via",
    "related",
    "enclosure",
    "next",
    "previous",
    "first",
    "last",
    "hub",
    "replies",
    "edit",
    "license",
];

fn rel(value: &str) -> Cow<'static, str> {
    let value = value.trim();
    // The registry's URI of a relation is its name.
    let value = value.strip_prefix("http://www.iana.org/assignments/relation/").unwrap_or(value);
    match KNOWN.iter().find(|known| value.eq_ignore_ascii_case(known)) {
        Some(known) => Cow::Borrowed(known),
        None if value.is_empty() => Cow::Borrowed("alternate"),
        None => Cow::Owned(value.to_owned()),
    }
}

fn known_type(value: &str) -> Cow<'static, str> {
    match value {
        "text/html" | "html" | "application/atom+xml" => {
            if value == "application/atom+xml" {
                Cow::Borrowed("application/atom+xml")
            } else {
                media_type(value)
            }
        }
        _ => Cow::Owned(value.to_owned()),
    }
}
