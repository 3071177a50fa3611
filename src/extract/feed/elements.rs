//! What each element of a feed says: what its start tag tells, and its text.

use super::body::Format;
use super::names::Tag;
use super::reader::Reader;
use super::record::Place;
use super::spaces::{self, Space};
use super::token::Attributes;
use serde_json::{Map, Value};

impl<'a> Reader<'a> {
    /// The family of the document.
    pub(super) fn format(&self) -> Format {
        match self.version {
            "atom10" | "atom" => Format::Atom10,
            "atom01" | "atom02" | "atom03" => Format::Atom03,
            _ => Format::Rss,
        }
    }

    /// The element on top of the stack has begun.
    pub(super) fn begin(&mut self) {
        let Some(open) = self.stack.last() else { return };
        let (tag, attributes, place) = (open.tag, open.attributes, open.place);
        if self.stack.len() == 1
            && let Some(language) = open.language.clone()
        {
            self.overwrite("language", language.to_string());
        }
        match tag {
            Tag::Rss | Tag::Rdf | Tag::Feed => self.put(Place::Feed),
            Tag::Channel => {
                self.records.is_feed = true;
                self.put(Place::Feed);
                self.of_cdf(attributes);
            }
            Tag::Entry => {
                self.records.begin_entry();
                self.put(Place::Entry);
                if let Some(about) = self.attribute(attributes, "about") {
                    self.records.current().0.id = Some(about.into_owned());
                }
                self.of_cdf(attributes);
            }
            Tag::Source if self.records.entry.is_some() => self.begin_source(attributes),
            Tag::Author | Tag::OtherAuthor | Tag::Contributor | Tag::Publisher | Tag::Owner
                if place != Place::Person =>
            {
                self.records.person = crate::model::FeedPerson::default();
                self.put(Place::Person);
            }
            Tag::Image => self.begin_image(attributes),
            Tag::TextInput => {
                self.records.text_input = Map::new();
                self.put(Place::TextInput);
            }
            Tag::Link => self.link(attributes),
            Tag::Enclosure => self.enclosure(attributes),
            Tag::ItunesImage => self.itunes_image(attributes),
            Tag::Chapters | Tag::Chapter | Tag::GeoWhere | Tag::GeoPoint | Tag::GmlShape => {
                self.begin_module(tag, attributes);
            }
            Tag::MediaContent | Tag::MediaThumbnail | Tag::Collected => self.collect(attributes),
            _ if matches!(place, Place::Feed | Place::Entry | Place::Source | Place::Outside) => {
                self.begin_text(tag, attributes);
            }
            _ => {}
        }
    }

    /// Where the children of the top element belong.
    pub(super) fn put(&mut self, place: Place) {
        if let Some(open) = self.stack.last_mut() {
            open.place = place;
        }
    }

    /// CDF says in attributes what others say in elements.
    pub(super) fn of_cdf(&mut self, attributes: &'a str) {
        if attributes.is_empty() {
            return;
        }
        if let Some(href) = self.attribute(attributes, "href") {
            let href = self.absolute(&href);
            self.add_page(href);
        }
        if let Some(date) = self.attribute(attributes, "lastmod") {
            self.date(Tag::Updated, &date);
        }
    }

    /// The element on top of the stack ends.
    pub(super) fn finish(&mut self) {
        if self.capture.as_ref().is_some_and(|capture| capture.depth + 1 == self.stack.len()) {
            return self.finish_text();
        }
        let Some(open) = self.stack.last_mut() else { return };
        let (tag, attributes) = (open.tag, open.attributes);
        let text = std::mem::take(&mut open.text);
        let text = text.trim();
        match self.outer_place() {
            Place::Image if self.of_image(tag, text) => return,
            Place::TextInput if self.of_text_input(tag, text) => return,
            Place::Person if self.of_person(tag, text) => return,
            _ => {}
        }
        if !self.finish_container(tag, text) && !self.finish_module(tag, attributes, text) {
            self.finish_line(tag, attributes, text);
        }
    }

    /// An element that has parts; false where it is none.
    fn finish_container(&mut self, tag: Tag, text: &str) -> bool {
        match tag {
            Tag::Entry => self.records.end_entry(),
            Tag::Source => self.finish_source(text),
            Tag::Author | Tag::OtherAuthor | Tag::Contributor | Tag::Publisher | Tag::Owner => {
                self.finish_person(tag, text);
            }
            Tag::Image => self.finish_image(text),
            Tag::TextInput => self.finish_text_input(),
            _ => return false,
        }
        true
    }

    /// An element that says all in one line.
    fn finish_line(&mut self, tag: Tag, attributes: &'a str, text: &str) {
        match tag {
            Tag::Link => self.finish_link(attributes, text),
            Tag::Guid | Tag::AtomId => self.id(tag, attributes, text),
            Tag::Published | Tag::Updated | Tag::Built | Tag::OtherUpdated | Tag::Created | Tag::Expired => {
                self.date(tag, text);
            }
            Tag::Validity => self.validity(text),
            Tag::Category | Tag::MediaCategory | Tag::ItunesCategory => self.category(tag, attributes, text),
            Tag::Keywords => self.keywords(text),
            Tag::Generator => self.generator(attributes, text),
            Tag::ErrorReportsTo => {
                if let Some(to) = self.attribute(attributes, "resource") {
                    self.say("errorreportsto", to.into_owned().into());
                }
            }
            Tag::Language => self.overwrite("language", text.replace('_', "-")),
            Tag::Ttl => self.overwrite("ttl", text.to_owned()),
            Tag::Docs | Tag::Comments | Tag::Icon | Tag::Logo | Tag::NewLocation | Tag::OriginalLink => {
                self.address(tag, text);
            }
            Tag::License => self.license(attributes, text),
            Tag::Skipped => self.skipped(text),
            Tag::Other | Tag::Name | Tag::Email | Tag::Url | Tag::Size => self.other(attributes, text),
            _ => {}
        }
    }

    /// An element of a vocabulary beside the feed's own; false where it is none.
    fn finish_module(&mut self, tag: Tag, attributes: &'a str, text: &str) -> bool {
        match tag {
            Tag::Cloud => {
                let attributes = self.dictionary(attributes);
                self.say("cloud", Value::Object(attributes));
            }
            Tag::Flag => self.say("itunes_block", Value::from(u8::from(text == "yes"))),
            Tag::Explicit => match text {
                "yes" | "true" => self.say("itunes_explicit", Value::Bool(true)),
                "no" | "false" | "clean" => self.say("itunes_explicit", Value::Bool(false)),
                _ => {}
            },
            Tag::MediaPlayer
            | Tag::MediaCredit
            | Tag::MediaRating
            | Tag::MediaRestriction
            | Tag::MediaLicense
            | Tag::MediaText => {
                self.media(tag, attributes, text);
            }
            Tag::GeoPoint
            | Tag::GeoLine
            | Tag::GeoPolygon
            | Tag::GeoBox
            | Tag::GmlPosition
            | Tag::Latitude
            | Tag::Longitude => {
                self.geo(tag, text);
            }
            Tag::InReplyTo => {
                let attributes = self.dictionary(attributes);
                self.say("thr_in-reply-to", Value::Object(attributes));
            }
            _ => return false,
        }
        true
    }

    /// Where the top element itself belongs.
    pub(super) fn outer_place(&self) -> Place {
        let depth = self.stack.len();
        if depth < 2 { Place::Outside } else { self.stack[depth - 2].place }
    }

    /// A link as it is written → where it leads.
    pub(super) fn absolute(&mut self, link: &str) -> String {
        let base = self.stack.last().and_then(|open| open.base.clone());
        self.bases.join(base.as_ref(), link)
    }

    /// Says something by name, unless it was said before.
    pub(super) fn say(&mut self, name: &str, value: Value) {
        let (record, _) = self.records.current();
        if !record.more.contains_key(name) {
            record.more.insert(name.to_owned(), value);
        }
    }

    pub(super) fn overwrite(&mut self, name: &str, text: String) {
        if !text.is_empty() {
            self.records.current().0.more.insert(name.to_owned(), text.into());
        }
    }

    /// An element's attributes by name, in lower case.
    pub(super) fn dictionary(&mut self, attributes: &'a str) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, value) in Attributes::new(attributes) {
            if !name.starts_with("xmlns") {
                let value = self.resolved(value).into_owned();
                out.insert(name.to_ascii_lowercase(), value.into());
            }
        }
        out
    }

    /// An element that we know nothing of: its text, or else its attributes, under its own name.
    pub(super) fn other(&mut self, attributes: &'a str, text: &str) {
        let Some(open) = self.stack.last() else { return };
        // `fh:archive` says what it says by being there.
        if open.space == Space::History && text.is_empty() {
            let name = format!("fh_{}", spaces::split(open.name).1.to_ascii_lowercase());
            return self.say(&name, Value::Bool(true));
        }
        if open.space == Space::Rdf
            || matches!(self.outer_place(), Place::Outside)
            || text.is_empty() && attributes.is_empty()
        {
            return;
        }
        let (prefix, local) = spaces::split(open.name);
        let local = local.to_ascii_lowercase();
        let name = match open.space.name() {
            Some(known) => format!("{known}{local}"),
            None if prefix.is_empty() => local,
            None => format!("{}_{local}", prefix.to_ascii_lowercase()),
        };
        let is_address = open.space == Space::Wfw;
        let mut all = self.dictionary(attributes);
        let value = if all.is_empty() {
            if is_address { self.absolute(text).into() } else { Value::from(text) }
        } else {
            if !text.is_empty() {
                all.insert("value".into(), text.into());
            }
            Value::Object(all)
        };
        if !is_typed(&name) {
            self.say(&name, value);
        }
    }
}

/// Whether a name has a typed field of another shape, so that an element of that name must not stand in its place.
fn is_typed(name: &str) -> bool {
    matches!(
        name,
        "title"
            | "link"
            | "links"
            | "id"
            | "guidislink"
            | "summary"
            | "content"
            | "published"
            | "updated"
            | "author"
            | "authors"
            | "contributors"
            | "tags"
            | "enclosures"
            | "comments"
            | "source"
            | "image"
            | "rights"
            | "subtitle"
            | "language"
            | "generator"
            | "ttl"
    ) || name.ends_with("_detail")
        || name.ends_with("_raw")
}
