//! RSS 0.91 to 2.0 as a whole: with the advice of the RSS Advisory Board's profile.

use super::super::code::Code;
use super::super::markup;
use super::super::problem::Found;
use super::super::walk::Doctor;
use super::{child, children, named, root_is, text};

/// The document type: only 0.91 ever had one, and it moved.
pub(super) fn document_type(doctor: &Doctor<'_, '_>, found: &mut Found) {
    let Some((doctype, line)) = doctor.tree.prolog.doctype else { return };
    if !doctype.contains("DTD RSS 0.91") || !root_is(doctor, "", "rss") {
        return;
    }
    if doctor.tree.attribute(doctor.node(0), "version") != Some("0.91") {
        found.at(line, Code::BadDoctype, "", doctype);
    } else if doctype.contains("my.netscape.com") {
        found.at(line, Code::OldDoctype, "", doctype);
    }
}

/// The channel: its own address, its picture, its text input.
pub(super) fn channel(doctor: &Doctor<'_, '_>, found: &mut Found) {
    if !root_is(doctor, "", "rss") {
        return;
    }
    for at in children(doctor, 0, "", "channel") {
        let has_self = children(doctor, at, "atom", "link")
            .any(|link| doctor.tree.attribute(doctor.node(link), "rel") == Some("self"));
        if !has_self && doctor.tree.attribute(doctor.node(0), "version").is_some_and(|version| version.starts_with('2'))
        {
            found.add(doctor.place(at), Code::NoSelf, "");
        }
        let has_language = ["", "dc"].iter().any(|prefix| child(doctor, at, prefix, "language").is_some());
        let has_lang = doctor.tree.attribute(doctor.node(0), "xml:lang").is_some();
        if !has_language && !has_lang {
            found.add(doctor.place_of(at, "").child("language"), Code::NoLanguage, "");
        }
        if let Some(input) = child(doctor, at, "", "textInput") {
            found.add(doctor.place(input), Code::NoTextInput, "");
        }
        if let Some(image) = child(doctor, at, "", "image") {
            for (name, code) in [("title", Code::ImageTitle), ("link", Code::ImageLink)] {
                let own = child(doctor, image, "", name);
                let Some((own, channels)) = own.zip(text(doctor, at, "", name)) else { continue };
                if doctor.node(own).text.trim() != channels {
                    found.add(doctor.place(own), code, "");
                }
            }
        }
        comments(doctor, at, found);
    }
}

/// Counts of comments grow old: the channel says when they were right.
fn comments(doctor: &Doctor<'_, '_>, channel: usize, found: &mut Found) {
    let count = named(doctor, "slash", "comments").next();
    let dated = ["lastBuildDate", "pubDate"].iter().any(|name| child(doctor, channel, "", name).is_some())
        || child(doctor, channel, "dc", "date").is_some();
    if let Some(count) = count.filter(|_| !dated) {
        found.add(doctor.place(count), Code::CommentsWithoutDate, "");
    }
}

/// The items: title or text, a guid, one enclosure.
pub(super) fn items(doctor: &Doctor<'_, '_>, found: &mut Found) {
    if !root_is(doctor, "", "rss") {
        return;
    }
    for at in named(doctor, "", "item") {
        let has = |name| child(doctor, at, "", name).is_some();
        let other = doctor.tree.children(at).any(|(_, child)| {
            child.is("dc", "title")
                || child.is("dc", "description")
                || child.is("content", "encoded")
                || child.space.prefix() == Some("atom")
        });
        if !has("title") && !has("description") && !other {
            found.add(doctor.place(at), Code::NeitherTitleNorText, "");
        }
        if !has("guid") {
            found.add(doctor.place(at).child("guid"), Code::NoGuid, "");
        }
        let mut enclosures = children(doctor, at, "", "enclosure");
        if let Some(second) = enclosures.nth(1) {
            found.add(doctor.place(second), Code::SecondEnclosure, "");
        }
        ambiguous(doctor, at, found);
    }
}

/// A title with an ampersand before a tag's beginning: no two readers show it alike.
fn ambiguous(doctor: &Doctor<'_, '_>, item: usize, found: &mut Found) {
    let Some(title) = child(doctor, item, "", "title") else { return };
    let text = &doctor.node(title).text;
    let opens = text
        .match_indices('<')
        .any(|(at, _)| text[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '/'));
    if opens && text.contains('&') && markup::tag(text).is_none() {
        found.add(doctor.place(title), Code::AmbiguousText, text);
    }
}

/// The order: the channel's own elements before its items, a description before the content.
pub(super) fn order(doctor: &Doctor<'_, '_>, found: &mut Found) {
    if !root_is(doctor, "", "rss") {
        return;
    }
    for channel in children(doctor, 0, "", "channel") {
        let mut item = None;
        for (at, node) in doctor.tree.children(channel) {
            if node.is("", "item") {
                item.get_or_insert(at);
            } else if let Some(item) = item.filter(|_| node.space.prefix() == Some("")) {
                found.add(doctor.place(item), Code::EarlyItems, "");
                break;
            }
        }
    }
    for content in named(doctor, "content", "encoded") {
        let Some(item) = doctor.node(content).parent else { continue };
        let described = children(doctor, item, "", "description").any(|description| description < content);
        if !described && doctor.node(item).is("", "item") {
            found.add(doctor.place(content), Code::ContentFirst, "");
        }
    }
}
