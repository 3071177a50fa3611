//! Titles, summaries and contents: where each text begins, and which field it fills.

use super::body::Capture;
use super::names::Tag;
use super::reader::Reader;
use super::record::Place;
use super::spaces::Space;
use crate::model::FeedContent;

impl<'a> Reader<'a> {
    pub(super) fn begin_text(&mut self, tag: Tag, attributes: &'a str) {
        let default = match tag {
            Tag::Description | Tag::Encoded => "text/html",
            Tag::Body => "application/xhtml+xml",
            Tag::Title
            | Tag::OtherTitle
            | Tag::Summary
            | Tag::OtherSummary
            | Tag::Subtitle
            | Tag::OtherSubtitle
            | Tag::Tagline
            | Tag::Info
            | Tag::Content
            | Tag::Rights => "text/plain",
            _ => return,
        };
        let kind = self.attribute(attributes, "type");
        let mode = self.attribute(attributes, "mode");
        let mut capture = Capture::new(self.stack.len() - 1, tag, kind.as_deref(), mode.as_deref(), default);
        if tag == Tag::Content
            && let Some(src) = self.attribute(attributes, "src")
        {
            capture.src = Some(self.absolute(&src));
            capture.base64 = false;
        }
        self.capture = Some(capture);
    }

    pub(super) fn finish_text(&mut self) {
        let Some(capture) = self.capture.take() else { return };
        let Some(open) = self.stack.last_mut() else { return };
        let (tag, space, place) = (capture.tag, open.space, open.place);
        let (base, language) = (open.base.take(), open.language.take());
        let format = self.format();
        let content = capture.finish(base, language, format, &mut self.bases);
        if place == Place::Outside && !self.records.is_feed {
            return;
        }
        self.keep_text(tag, space, content);
    }

    pub(super) fn keep_text(&mut self, tag: Tag, space: Space, content: FeedContent) {
        let is_info = self.records.is_info();
        let (record, stand_ins) = self.records.current();
        let set = |value: &mut Option<String>, detail: &mut Option<_>, content: FeedContent| {
            *value = Some(content.value);
            *detail = Some(content.detail);
        };
        let lacks = |value: &Option<String>| value.as_ref().is_none_or(String::is_empty);
        match tag {
            Tag::Title if lacks(&record.title) || stand_ins.title => {
                stand_ins.title = false;
                set(&mut record.title, &mut record.title_detail, content);
            }
            Tag::OtherTitle if lacks(&record.title) => {
                stand_ins.title = true;
                set(&mut record.title, &mut record.title_detail, content);
            }
            Tag::Rights if lacks(&record.rights) => set(&mut record.rights, &mut record.rights_detail, content),
            Tag::Info => {
                record.more.insert("info".into(), content.value.into());
                record.more.insert("info_detail".into(), serde_json::to_value(content.detail).unwrap_or_default());
            }
            Tag::Subtitle | Tag::OtherSubtitle | Tag::Tagline if !is_info => {
                record.more.entry("subtitle").or_insert_with(|| content.value.into());
            }
            Tag::Description | Tag::Summary | Tag::Subtitle | Tag::Tagline => {
                if lacks(&record.summary) || stand_ins.summary {
                    stand_ins.summary = false;
                    set(&mut record.summary, &mut record.summary_detail, content);
                } else if !is_info && !content.value.is_empty() && record.summary.as_ref() != Some(&content.value) {
                    record.content.push(content);
                }
            }
            Tag::OtherSummary | Tag::OtherSubtitle => {
                if lacks(&record.summary) && !content.value.is_empty() {
                    stand_ins.summary = true;
                    set(&mut record.summary, &mut record.summary_detail, content);
                } else if !content.value.is_empty() {
                    let name = if tag == Tag::OtherSummary { "summary" } else { "subtitle" };
                    let name = format!("{}{name}", space.name().unwrap_or_default());
                    record.more.entry(name).or_insert_with(|| content.value.into());
                }
            }
            Tag::Content | Tag::Encoded | Tag::Body if !content.value.is_empty() || content.src.is_some() => {
                record.content.push(content);
            }
            _ => {}
        }
    }
}
