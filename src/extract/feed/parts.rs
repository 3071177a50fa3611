//! The parts of a feed that have parts themselves: pictures, sources, people, media, chapters, places on earth.

use super::geo::{Shape, shape};
use super::names::Tag;
use super::reader::Reader;
use super::record::Place;
use crate::model::{FeedEntry, FeedImage};
use serde_json::{Map, Value};

impl<'a> Reader<'a> {
    pub(super) fn begin_source(&mut self, attributes: &'a str) {
        self.records.end_source();
        self.records.source = Some(FeedEntry::default());
        self.put(Place::Source);
        if let Some(url) = self.attribute(attributes, "url") {
            let href = self.absolute(&url);
            let (source, _) = self.records.current();
            source.more.insert("href".into(), href.into());
        }
    }

    pub(super) fn finish_source(&mut self, text: &str) {
        if let Some(source) = &mut self.records.source
            && source.title.is_none()
            && !text.is_empty()
        {
            source.title = Some(text.to_owned());
        }
        self.records.end_source();
    }

    pub(super) fn begin_image(&mut self, attributes: &'a str) {
        self.records.image = FeedImage::default();
        self.put(Place::Image);
        let href = self.attribute(attributes, "href").or_else(|| self.attribute(attributes, "url"));
        if let Some(href) = href.or_else(|| self.attribute(attributes, "resource")) {
            self.records.image.href = Some(self.absolute(&href));
        }
    }

    /// A part of a picture; false where the element is none.
    pub(super) fn of_image(&mut self, tag: Tag, text: &str) -> bool {
        let name = match tag {
            Tag::Title | Tag::OtherTitle => return self.set_image(|image| image.title = Some(text.to_owned())),
            Tag::Link => {
                let href = self.absolute(text);
                return self.set_image(|image| image.link = Some(href));
            }
            Tag::Url => {
                let href = self.absolute(text);
                return self.set_image(|image| image.href = Some(href));
            }
            Tag::Description | Tag::Summary => "description",
            Tag::Size if self.top().is_some_and(|open| open.name.ends_with(['h', 'H'])) => "width",
            Tag::Size => "height",
            _ => return false,
        };
        let name =
            if name == "width" && self.top().is_some_and(|open| open.name.to_ascii_lowercase().contains("height")) {
                "height"
            } else {
                name
            };
        let text = text.to_owned();
        self.set_image(|image| drop(image.more.insert(name.into(), text.into())))
    }

    fn set_image(&mut self, set: impl FnOnce(&mut FeedImage)) -> bool {
        set(&mut self.records.image);
        true
    }

    pub(super) fn finish_image(&mut self, text: &str) {
        let mut image = std::mem::take(&mut self.records.image);
        if image.href.is_none() && !text.is_empty() {
            image.href = Some(self.absolute(text));
        }
        let (record, _) = self.records.current();
        if image != FeedImage::default() {
            record.image = Some(image);
        }
    }

    /// A podcast's picture, where there is no other.
    pub(super) fn itunes_image(&mut self, attributes: &'a str) {
        if self.top().is_some_and(|open| open.name.ends_with("link"))
            && self.attribute(attributes, "rel").as_deref() != Some("image")
        {
            return;
        }
        let Some(href) = self.attribute(attributes, "href").or_else(|| self.attribute(attributes, "url")) else {
            return;
        };
        let href = self.absolute(&href);
        let (record, _) = self.records.current();
        let image = record.image.get_or_insert_default();
        image.href.get_or_insert(href);
    }

    pub(super) fn of_text_input(&mut self, tag: Tag, text: &str) -> bool {
        let name = match tag {
            Tag::Title => "title",
            Tag::Description => "description",
            Tag::Name => "name",
            Tag::Link => "link",
            _ => return false,
        };
        let text = if name == "link" { self.absolute(text) } else { text.to_owned() };
        self.records.text_input.insert(name.to_owned(), text.into());
        true
    }

    pub(super) fn finish_text_input(&mut self) {
        let parts = std::mem::take(&mut self.records.text_input);
        if !parts.is_empty() {
            self.say("textinput", Value::Object(parts));
        }
    }

    /// A part of somebody; false where the element is none.
    pub(super) fn of_person(&mut self, tag: Tag, text: &str) -> bool {
        let text = (!text.is_empty()).then(|| text.to_owned());
        match tag {
            Tag::Name => self.records.person.name = text,
            Tag::Email => self.records.person.email = text,
            Tag::Url | Tag::Link => self.records.person.href = text.map(|text| self.absolute(&text)),
            _ => return false,
        }
        true
    }

    /// Elements that stand several times and say all in attributes: a list by their name.
    pub(super) fn collect(&mut self, attributes: &'a str) {
        let Some(open) = self.top() else { return };
        let name = format!(
            "{}{}",
            open.space.name().unwrap_or_default(),
            super::spaces::split(open.name).1.to_ascii_lowercase()
        );
        let mut all = self.dictionary(attributes);
        if all.is_empty() {
            return;
        }
        if let Some(Value::String(url)) = all.get("url") {
            let url = self.absolute(&url.clone());
            all.insert("url".into(), url.into());
        }
        self.push(&name, Value::Object(all));
    }

    fn push(&mut self, name: &str, value: Value) {
        let (record, _) = self.records.current();
        if let Value::Array(all) = record.more.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
            all.push(value);
        }
    }

    pub(super) fn media(&mut self, tag: Tag, attributes: &'a str, text: &str) {
        let mut all = self.dictionary(attributes);
        let content = || Value::from(text);
        let name = match tag {
            Tag::MediaPlayer => {
                all.insert("content".into(), content());
                "media_player"
            }
            Tag::MediaCredit => {
                all.insert("content".into(), content());
                return self.push("media_credit", Value::Object(all));
            }
            Tag::MediaRating => {
                all.insert("content".into(), content());
                "media_rating"
            }
            Tag::MediaRestriction => {
                let words = text.to_ascii_lowercase();
                all.insert("content".into(), words.split_whitespace().map(Value::from).collect());
                "media_restriction"
            }
            Tag::MediaLicense => {
                all.insert("content".into(), content());
                "media_license"
            }
            _ => {
                all.insert("content".into(), content());
                let is_text = self.top().is_some_and(|open| open.name.ends_with("text"));
                if is_text { "media_text" } else { "media_copyright" }
            }
        };
        self.say(name, Value::Object(all));
    }

    pub(super) fn begin_module(&mut self, tag: Tag, attributes: &'a str) {
        match tag {
            Tag::Chapters if self.outer_place() == Place::Entry => {
                self.put(Place::Chapters);
                let version =
                    self.attribute(attributes, "version").map_or(Value::Null, |version| version.into_owned().into());
                let (entry, _) = self.records.current();
                if entry.more.contains_key("psc_chapters") {
                    // A second list: only the first counts.
                    return self.put(Place::Outside);
                }
                let mut all = Map::new();
                all.insert("chapters".into(), Value::Array(Vec::new()));
                all.insert("version".into(), version);
                entry.more.insert("psc_chapters".into(), Value::Object(all));
            }
            Tag::Chapter if self.outer_place() == Place::Chapters => {
                let chapter = self.dictionary(attributes);
                let (entry, _) = self.records.current();
                let all = entry.more.get_mut("psc_chapters").and_then(|all| all.get_mut("chapters"));
                if let Some(Value::Array(all)) = all {
                    all.push(Value::Object(chapter));
                }
            }
            Tag::GeoWhere | Tag::GmlShape => self.put(Place::Geo),
            Tag::GeoPoint if self.top().is_some_and(|open| open.space == super::spaces::Space::Gml) => {
                self.put(Place::Geo);
            }
            _ => {}
        }
    }

    /// A place: the first one counts.
    pub(super) fn geo(&mut self, tag: Tag, text: &str) {
        let around = self.stack.iter().rev().nth(1);
        let (kind, attributes) = match tag {
            Tag::GeoPoint
                if self.top().is_some_and(|open| {
                    open.space == super::spaces::Space::Gml || !open.attributes.is_empty() && text.is_empty()
                }) =>
            {
                return;
            }
            Tag::GeoPoint => (Shape::Point, ""),
            Tag::GeoLine => (Shape::Line, ""),
            Tag::GeoPolygon => (Shape::Polygon, ""),
            Tag::GeoBox => (Shape::Box, ""),
            Tag::GmlPosition => match around.map(|open| (open.tag, open.attributes, open.name)) {
                Some((Tag::GeoPoint, attributes, _)) => (Shape::Point, attributes),
                Some((_, attributes, name)) if name.to_ascii_lowercase().ends_with("linearring") => {
                    (Shape::Polygon, attributes)
                }
                Some((_, attributes, _)) => (Shape::Line, attributes),
                None => return,
            },
            _ => return self.latitude(tag, text),
        };
        let srs = self.attribute(attributes, "srsname").unwrap_or_default();
        let dimensions = self.attribute(attributes, "srsdimension").and_then(|number| number.trim().parse().ok());
        let value = shape(kind, text, is_latitude_first(&srs), dimensions.unwrap_or(2));
        let (record, stand_ins) = self.records.current();
        if !stand_ins.geo {
            stand_ins.geo = true;
            record.more.insert("where".into(), value);
        }
    }

    fn latitude(&mut self, tag: Tag, text: &str) {
        let name = if tag == Tag::Latitude { "geo_lat" } else { "geo_long" };
        self.say(name, text.into());
        let (record, stand_ins) = self.records.current();
        let number = |name: &str| record.more.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(latitude), Some(longitude)) = (number("geo_lat"), number("geo_long"))
            && !stand_ins.geo
        {
            stand_ins.geo = true;
            record.more.insert("where".into(), shape(Shape::Point, &format!("{latitude} {longitude}"), true, 2));
        }
    }
}

/// Whether a reference system writes latitude first: WGS 84 does, and so does who names none.
fn is_latitude_first(srs: &str) -> bool {
    let code = srs.rsplit(':').next().unwrap_or_default();
    srs.is_empty() || matches!(code, "4326" | "4979" | "4258" | "4269")
}
