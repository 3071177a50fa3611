//! RSS, Atom, RDF and JSON feeds → their entries, in feedparser's vocabulary.
//!
//! Read by the feed-rs crate for now. It is given UTF-8 only, with no XML declaration (both are known to make it panic), no
//! more than [`LARGEST`] bytes, and its own ids are not used: where a feed names none it invents random ones.

mod alternates;
mod dates;
pub mod opml;
mod places;
mod sniff;
mod vocabulary;

pub use alternates::{Alternate, alternates, linked, looks_like_feed};
pub use places::{Platform, platform, well_known};

use crate::extract::{Extractor, Hints, Page, charset};
use crate::model::{CanonicalUrl, EntryHint, Extracted, FeedDocument};
use sniff::Kind;

/// The largest feed that is read: measured, 12.7 MB of items took feed-rs 304 MB of memory.
pub const LARGEST: usize = 8_000_000;

/// The most entries that are kept (judgement: real feeds have at most a few hundred).
pub const MOST_ENTRIES: usize = 2_000;

/// The extractor.
pub struct Feed;

impl Extractor for Feed {
    fn name(&self) -> &'static str {
        "feed/1"
    }

    fn matches(&self, page: &Page<'_>) -> bool {
        let media_type = page.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if ["image/", "audio/", "video/", "font/"].iter().any(|family| media_type.starts_with(family)) {
            return false;
        }
        let head = &page.payload[..page.payload.len().min(sniff::WITHIN)];
        let (head, _) = charset::decode(head, page.content_type);
        match sniff::kind(&head) {
            Some(Kind::Html) => false,
            Some(_) => true,
            // Damaged beyond its first bytes: believe the label.
            None => ["rss+xml", "atom+xml", "rdf+xml", "feed+json"].iter().any(|name| media_type.ends_with(name)),
        }
    }

    fn extract(&self, page: &Page<'_>, _: &Hints<'_>) -> Extracted {
        Extracted::Feed(Box::new(parse(page.payload, page.content_type, Some(page.final_url))))
    }
}

/// Parses a feed's bytes. Total: what cannot be read has `error` set. Relative links are resolved against `base`.
pub fn parse(payload: &[u8], content_type: &str, base: Option<&CanonicalUrl>) -> FeedDocument {
    let mut document = FeedDocument::default();
    if payload.len() > LARGEST {
        document.error = Some(format!("the feed has {} bytes; no more than {LARGEST} are read", payload.len()));
        return document;
    }
    let (text, encoding) = charset::decode(payload, content_type);
    encoding.clone_into(&mut document.encoding);
    document.version = sniff::version(&text);
    let text = sniff::prepared(&text);
    let builder = feed_rs::parser::Builder::new().base_uri(base.map(CanonicalUrl::as_str)).sanitize_content(false);
    let parser = builder.id_generator(|_, _, _| String::new()).build();
    // No panic of feed-rs is known for UTF-8 without a declaration; should there be one, it is that feed's error only.
    let parsed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| parser.parse(text.as_bytes())));
    match parsed {
        Ok(Ok(feed)) => vocabulary::fill(&mut document, feed),
        Ok(Err(error)) => fail(&mut document, &error.to_string()),
        Err(_) => fail(&mut document, "the parser gave up on it"),
    }
    document
}

fn fail(document: &mut FeedDocument, why: &str) {
    document.bozo = true;
    document.problems.push(why.to_owned());
    document.error = Some(format!("reading the feed: {why}"));
}

/// The pages that a feed's entries lead to, each once, in its order, with what the feed says of them.
pub fn entries(feed: &FeedDocument, base: &CanonicalUrl) -> Vec<(CanonicalUrl, EntryHint)> {
    let mut seen = std::collections::HashSet::new();
    let mut found = Vec::new();
    for entry in &feed.entries {
        // An id that is a URL stands in for a link that is missing (RSS permalinks).
        let id = entry.id.as_deref().filter(|id| id.starts_with("http://") || id.starts_with("https://"));
        let Some(link) = entry.link.as_deref().or(id) else { continue };
        let Ok(url) = CanonicalUrl::join(base.url(), link) else { continue };
        if seen.insert(url.clone()) {
            let hint = EntryHint {
                entry: entry.id.clone(),
                title: entry.title.as_deref().map(plain).filter(|title| !title.is_empty()),
                author: entry.author.as_deref().map(plain).filter(|author| !author.is_empty()),
                published: entry.published.as_deref().or(entry.updated.as_deref()).and_then(dates::instant),
            };
            found.push((url, hint));
        }
    }
    found
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
        let entries = entries(&feed, &base);
        assert_eq!(entries.len(), 1, "an entry without a link leads nowhere");
        assert_eq!(entries[0].0.as_str(), "https://a.example/one");
        assert_eq!(entries[0].1.published.unwrap().to_rfc3339(), "2024-07-11T02:00:00+00:00");
        assert_eq!(entries[0].1.entry.as_deref(), Some("g1"));
    }

    #[test]
    fn a_feed_is_known_by_its_root() {
        for yes in [
            RSS,
            "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
            "<?xml?><rdf:RDF xmlns:rdf=\"x\">",
            "\u{feff} {\"version\": \"https://jsonfeed.org/version/1.1\"}",
        ] {
            assert!(matches!(sniff::kind(yes), Some(kind) if kind != Kind::Html), "{yes}");
        }
        for no in ["", "<html><body><rss ", "<feedback>", "{\"a\": 1}", "plain <p> text"] {
            assert!(!matches!(sniff::kind(no), Some(kind) if kind != Kind::Html), "{no}");
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
