//! What a start tag declares and means: prefixes, base and language; which vocabulary; which version a document is of.

use super::names::{self, Tag};
use super::problem::Flaw;
use super::reader::Reader;
use super::resolve;
use super::spaces::{self, Space};
use super::token::Attributes;
use std::sync::Arc;

/// How many prefixes may be declared at a time: each name is looked up among them (judgement: real feeds declare some twenty).
const MOST_PREFIXES: usize = 128;

/// The longest language tag that is taken for one; RFC 5646 asks for room for 35 letters.
const LONGEST_LANGUAGE: usize = 64;

/// How many attributes of an element are compared with each other.
const COMPARED: usize = 16;

impl<'a> Reader<'a> {
    /// What a name means, prefixes looked up.
    pub(super) fn meaning(&mut self, name: &str) -> (Space, Tag) {
        let (prefix, local) = spaces::split(name);
        let bound = self.prefixes.iter().rev().find(|(known, _)| *known == prefix).map(|(_, space)| *space);
        let space = match bound {
            Some(Space::Other) | None => {
                if bound.is_none() && !prefix.is_empty() {
                    self.tokens.note(Flaw::UndeclaredPrefix);
                }
                // A wrong URI under a well-known prefix, or no prefix at all, means what it always means.
                Space::of_prefix(prefix).unwrap_or(Space::Other)
            }
            Some(space) => space,
        };
        (space, with_lower(local, |local| names::tag(space, local)))
    }

    /// What a name means, without looking at what is declared; to tell markup from a feed's own elements.
    pub(super) fn known_tag(&self, name: &str) -> Tag {
        let (prefix, local) = spaces::split(name);
        if prefix.is_empty() && names::is_html(local) {
            return Tag::Markup;
        }
        let bound = self.prefixes.iter().rev().find(|(known, _)| *known == prefix).map(|(_, space)| *space);
        match bound.filter(|space| *space != Space::Other).or_else(|| Space::of_prefix(prefix)) {
            Some(space) => with_lower(local, |local| names::tag(space, local)),
            None => Tag::Other,
        }
    }

    /// Looks through an element's attributes: prefixes that it declares, and the base and language inside of it.
    pub(super) fn scope(&mut self, attributes: &'a str) -> (Option<Arc<str>>, Option<Arc<str>>) {
        let outer = match self.stack.last() {
            Some(open) => (open.base.clone(), open.language.clone()),
            None => (self.base.clone(), self.language.clone()),
        };
        if attributes.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return outer;
        }
        let (mut base, mut language): (Option<&str>, Option<&str>) = (None, None);
        let mut seen = [""; COMPARED];
        let mut all = Attributes::new(attributes);
        for (count, (name, value)) in all.by_ref().enumerate() {
            if seen[..count.min(COMPARED)].contains(&name) {
                self.tokens.note(Flaw::RepeatedAttribute);
            }
            if let Some(room) = seen.get_mut(count) {
                *room = name;
            }
            if let Some(rest) = name.strip_prefix("xml") {
                match rest {
                    "ns" => self.declare("", value),
                    ":base" => base = Some(value),
                    ":lang" => language = Some(value),
                    _ => {
                        if let Some(prefix) = rest.strip_prefix("ns:") {
                            self.declare(prefix, value);
                        }
                    }
                }
            } else if name.eq_ignore_ascii_case("base") && base.is_none() {
                // CDF's.
                base = Some(value);
            }
        }
        if all.is_loose {
            self.tokens.note(Flaw::Unquoted);
        }
        let base = base.map(|value| {
            let value = self.resolved(value);
            Arc::from(self.bases.join(outer.0.as_ref(), value.trim()))
        });
        let base = base.filter(|base: &Arc<str>| resolve::is_usable(base));
        let language = match language {
            // An empty one takes the outer one back.
            Some(value) => {
                let value = value.trim().replace('_', "-");
                (!value.is_empty() && value.len() <= LONGEST_LANGUAGE).then(|| Arc::from(value))
            }
            None => outer.1,
        };
        (base.or(outer.0), language)
    }

    fn declare(&mut self, prefix: &'a str, uri: &str) {
        if self.prefixes.len() < MOST_PREFIXES {
            self.prefixes.push((prefix, Space::of_uri(uri).unwrap_or(Space::Other)));
        }
    }

    /// What the document is, by its first element.
    pub(super) fn root(&mut self, tag: Tag, attributes: &'a str) {
        self.roots += 1;
        if self.roots > 1 {
            self.tokens.note(Flaw::SecondRoot);
            if !self.version.is_empty() {
                return;
            }
        }
        let declares = |mark: &str| attributes.contains(mark);
        let version = self.attribute(attributes, "version").unwrap_or_default().trim().to_owned();
        self.version = match tag {
            Tag::Rss => match version.as_str() {
                "0.90" => "rss090",
                "0.91" if self.doctype.to_ascii_lowercase().contains("netscape") => "rss091n",
                "0.91" => "rss091u",
                "0.92" => "rss092",
                "0.93" => "rss093",
                "0.94" => "rss094",
                version if version.starts_with('2') => "rss20",
                _ => "rss",
            },
            Tag::Rdf if declares("my.netscape.com/rdf/simple/0.9") || declares("channel.netscape.com") => "rss090",
            Tag::Rdf
                if declares("purl.org/rss/1.0/\"")
                    || declares("purl.org/rss/1.0/'")
                    || !declares("purl.org/net/rss1.1") =>
            {
                "rss10"
            }
            Tag::Rdf => "rss11",
            Tag::Feed => match version.as_str() {
                "0.1" => "atom01",
                "0.2" => "atom02",
                "0.3" => "atom03",
                _ if declares("w3.org/2005/Atom") => "atom10",
                _ if declares("purl.org/atom/ns#") => "atom03",
                _ => "atom",
            },
            Tag::Channel if version.is_empty() => "cdf",
            Tag::Channel => "rss",
            Tag::Entry => "atom10",
            _ => "",
        };
        if matches!(tag, Tag::Rss | Tag::Rdf | Tag::Feed | Tag::Channel | Tag::Entry) {
            self.records.is_feed = true;
        }
    }
}

/// Calls with a name in lower case; a long one is no name that we know.
fn with_lower<T>(name: &str, then: impl FnOnce(&str) -> T) -> T {
    let mut lower = [0; 24];
    match lower.get_mut(..name.len()) {
        Some(room) if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            room.copy_from_slice(name.as_bytes());
            room.make_ascii_lowercase();
            then(std::str::from_utf8(room).unwrap_or(name))
        }
        _ => then(name),
    }
}
