//! RSS, Atom, RDF, CDF and JSON feeds → their entries, in feedparser's vocabulary.
//!
//! A reader of our own: what is readable is returned, whatever is broken around it, and what was wrong is told as a [`Problem`].
//! The way goes `decode` (bytes → clean UTF-8) → `token` (tags and text) → `reader` (what is open, what it means) → `elements`
//! and `parts` (what each of them says). Everything is linear in the payload, and holds no more than a small multiple of it.

mod alternates;
mod body;
mod dates;
mod decode;
pub mod doctor;
mod elements;
mod escape;
mod facts;
mod geo;
mod json;
mod links;
mod markup;
mod mend;
mod names;
pub mod opml;
mod parts;
mod people;
mod places;
mod problem;
mod reader;
mod record;
mod resolve;
mod scope;
mod sniff;
mod spaces;
mod texts;
mod times;
mod token;

pub use alternates::{Alternate, alternates, linked, looks_like_feed};
pub use places::{Platform, platform, well_known};
pub use problem::{Flaw, Problem};

use crate::extract::{Extractor, Hints, Page};
use crate::model::{CanonicalUrl, Extracted, FeedDocument};
use reader::Reader;
use sniff::Kind;
use std::sync::Arc;

/// The largest feed that is read, in bytes (judgement: the largest real ones have some megabytes).
pub const LARGEST: usize = 20 << 20;

/// The most entries that are kept (judgement: real feeds have at most a few thousand).
pub const MOST_ENTRIES: usize = 10_000;

/// The extractor.
pub struct Feed;

impl Extractor for Feed {
    fn name(&self) -> &'static str {
        "feed/2"
    }

    fn matches(&self, page: &Page<'_>) -> bool {
        let media_type = page.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if ["image/", "audio/", "video/", "font/"].iter().any(|family| media_type.starts_with(family)) {
            return false;
        }
        let head = &page.payload[..page.payload.len().min(sniff::WITHIN)];
        let head = decode::decode(head, page.content_type).text;
        match sniff::kind(&head) {
            Some(Kind::Html) => false,
            Some(Kind::Feed | Kind::Json) => true,
            // Damaged beyond its first bytes: believe the label.
            None => ["rss+xml", "atom+xml", "rdf+xml", "feed+json"].iter().any(|name| media_type.ends_with(name)),
        }
    }

    fn extract(&self, page: &Page<'_>, _: &Hints<'_>) -> Extracted {
        Extracted::Feed(Box::new(parse(page.payload, page.content_type, Some(page.final_url))))
    }
}

/// Where a feed came from, as far as it is known: what its relative links are relative to, and its language, where it says neither.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// The `Content-Type` header; empty where there was none.
    pub content_type: &'a str,
    /// The absolute URL that it came from, or its `Content-Location`.
    pub base: Option<&'a str>,
    /// The `Content-Language` header.
    pub language: Option<&'a str>,
}

/// Parses a feed's bytes. Total: what cannot be read has `error` set. Relative links are resolved against `base`.
pub fn parse(payload: &[u8], content_type: &str, base: Option<&CanonicalUrl>) -> FeedDocument {
    examine(payload, &Source { content_type, base: base.map(CanonicalUrl::as_str), language: None }).0
}

/// The same, with its problems typed as well as in words.
pub fn examine(payload: &[u8], source: &Source<'_>) -> (FeedDocument, Vec<Problem>) {
    let mut document = FeedDocument::default();
    if payload.len() > LARGEST {
        document.error = Some(format!("the feed has {} bytes; no more than {LARGEST} are read", payload.len()));
        document.bozo = true;
        return (document, Vec::new());
    }
    let decoded = decode::decode(payload, source.content_type);
    document.encoding = decoded.encoding.into_owned();
    let text: &str = &decoded.text;
    let base: Option<Arc<str>> =
        source.base.map(str::trim).filter(|base| resolve::is_absolute(base) && resolve::is_usable(base)).map(Arc::from);
    let language = source.language.map(str::trim).filter(|language| !language.is_empty()).map(Arc::from);
    let kind = sniff::kind(text);
    let mut problems = if kind == Some(Kind::Json) || text.trim_start().starts_with('{') {
        let mut problems = problem::Problems::default();
        json::read(text, base.as_ref(), &mut document, &mut problems);
        problems
    } else {
        xml(text, base, language, kind, &mut document)
    };
    for flaw in decoded.flaws {
        problems.note(0, flaw);
    }
    if is_other_media_type(source.content_type) {
        problems.note(0, Flaw::WrongMediaType);
    }
    document.bozo = problems.is_malformed() || document.error.is_some();
    let problems = problems.lines(text);
    document.problems = problems.iter().map(ToString::to_string).collect();
    document.problems.extend(document.error.clone());
    (document, problems)
}

fn xml(
    text: &str,
    base: Option<Arc<str>>,
    language: Option<Arc<str>>,
    kind: Option<Kind>,
    document: &mut FeedDocument,
) -> problem::Problems {
    let mut reader = Reader::new(text, base, language);
    reader.read();
    let spent = reader.entities.are_spent();
    let is_blank = reader.is_blank();
    let Reader { mut tokens, records, version, .. } = reader;
    version.clone_into(&mut document.version);
    if records.are_full() {
        tokens.problems.note(0, Flaw::TooManyEntries);
    }
    if spent {
        document.error = Some("its own entities expand to more than a feed may hold; it was not read".to_owned());
    } else if !records.is_feed {
        tokens.problems.note(0, Flaw::NoFeed);
        document.error = Some(
            match kind {
                _ if text.trim().is_empty() => "it is empty",
                Some(Kind::Html) => "it is a web page, not a feed",
                _ => "there is no feed in it",
            }
            .to_owned(),
        );
    } else if is_blank && tokens.problems.is_malformed() {
        document.error = Some("it ends before it says anything".to_owned());
    } else {
        document.entries = records.entries;
        document.feed = record::info(records.feed);
    }
    tokens.problems
}

/// Whether a media type is no feed's at all.
fn is_other_media_type(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    !media_type.is_empty() && !media_type.contains("xml") && !media_type.contains("json")
}

/// The feed's title as people read it.
pub fn title(feed: &FeedDocument) -> Option<String> {
    feed.feed.title.as_deref().map(plain).filter(|title| !title.is_empty())
}

/// A title as people read it: feeds write markup and references into it.
fn plain(text: &str) -> String {
    if !text.contains(['<', '&']) {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let fragment = scraper::Html::parse_fragment(&crate::extract::guard::guard(text).html);
    let words: String = fragment.root_element().text().collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSS: &str = "<?xml version=\"1.0\" encoding=\"gb2312\"?><rss version=\"2.0\"><channel><title>小报</title><link>https://a.example/</link>\
        <item><title>一</title><link>/one?utm_source=x</link><guid>g1</guid><pubDate>Thu, 11 Jul 2024 10:00:00 +0800</pubDate></item>\
        <item><title>二</title></item></channel></rss>";

    #[test]
    fn entries_lead_to_absolute_canonical_pages() {
        let base = CanonicalUrl::parse("https://a.example/feed.xml").unwrap();
        let feed = parse(RSS.as_bytes(), "text/xml; charset=utf-8", Some(&base));
        assert_eq!((feed.error.as_deref(), feed.version.as_str()), (None, "rss20"));
        assert_eq!(feed.feed.title.as_deref(), Some("小报"));
        assert_eq!(feed.entries.len(), 2);
        let items = crate::extract::entry::items(&feed, &base);
        let entries: Vec<_> = items.iter().filter(|item| item.link.is_some()).collect();
        assert_eq!(entries.len(), 1, "an entry without a link leads nowhere");
        assert_eq!(entries[0].link.as_ref().unwrap().as_str(), "https://a.example/one");
        assert_eq!(entries[0].published.unwrap().to_rfc3339(), "2024-07-11T02:00:00+00:00");
        assert_eq!(entries[0].id.as_deref(), Some("g1"));
    }

    #[test]
    fn a_feed_is_known_by_its_root() {
        for yes in [
            RSS,
            "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
            "<?xml?><rdf:RDF xmlns:rdf=\"x\">",
            "\u{feff} {\"version\": \"https://jsonfeed.org/version/1.1\"}",
        ] {
            assert!(matches!(sniff::kind(yes), Some(Kind::Feed | Kind::Json)), "{yes}");
        }
        for no in ["", "<html><body><rss ", "<feedback>", "{\"a\": 1}", "plain <p> text"] {
            assert!(!matches!(sniff::kind(no), Some(Kind::Feed | Kind::Json)), "{no}");
        }
    }

    #[test]
    fn what_does_not_read_is_an_error() {
        for bad in ["<rss><channel><item>", "<feed", "<rss version='2.0'>&&&"] {
            let feed = parse(bad.as_bytes(), "", None);
            assert!(feed.error.is_some() || feed.entries.is_empty(), "{bad}");
        }
    }
}
