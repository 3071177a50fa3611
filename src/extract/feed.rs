//! RSS, Atom and JSON feeds, through the feed-rs crate for now; what is understood is told in feedparser's vocabulary.

use crate::extract::{Extractor, Hints, Page, charset};
use crate::model::{CanonicalUrl, EntryHint, Extracted, FeedDocument, FeedEntry, FeedInfo, Time};
use chrono::{DateTime, SecondsFormat, Utc};
use feed_rs::model::{Entry, Feed as Parsed, FeedType, Link, Person, Text};
use serde_json::{Map, Value, json};

/// The longest feed that is parsed: 12.7 MB of items took 304 MB of memory (our research, engine §4).
const LONGEST: usize = 8 << 20;

/// The most entries that are kept of one feed (judgement, from the same measurement).
const MOST_ENTRIES: usize = 2000;

/// How far into a document its root element is looked for, in bytes.
const SNIFFED: usize = 2048;

/// The extractor of feeds.
pub struct Feed;

impl Extractor for Feed {
    fn name(&self) -> &'static str {
        "feed/1"
    }

    fn matches(&self, page: &Page<'_>) -> bool {
        is_feed(page.payload)
    }

    fn extract(&self, page: &Page<'_>, _hints: &Hints<'_>) -> Extracted {
        Extracted::Feed(Box::new(parse(page.payload, page.content_type, Some(page.final_url))))
    }
}

/// Whether a document's beginning is a feed's: the root element of RSS, RDF or Atom, or a JSON Feed's version. The
/// `Content-Type` is not asked: it is wrong as often as it is right.
fn is_feed(payload: &[u8]) -> bool {
    let start = &payload[..payload.len().min(SNIFFED)];
    // UTF-16 shows through its zero bytes.
    let start: Vec<u8> = start.iter().copied().filter(|byte| *byte != 0).collect();
    let start = String::from_utf8_lossy(&start);
    let start = start.trim_start_matches(['\u{feff}', '\u{fffd}']).trim_start();
    if start.starts_with('{') {
        return start.contains("jsonfeed.org/version");
    }
    let root = |name: &str| {
        start.match_indices(name).any(|(at, _)| start[at + name.len()..].starts_with([' ', '>', '\t', '\r', '\n', ':']))
    };
    let is_page = start.to_ascii_lowercase().contains("<html");
    !is_page && ["<rss", "<feed", "<rdf:RDF", "<RDF", "<atom:feed"].iter().any(|name| root(name))
}

/// Parses a feed. Total: what cannot be read has `error` set.
pub fn parse(payload: &[u8], content_type: &str, base: Option<&CanonicalUrl>) -> FeedDocument {
    if payload.len() > LONGEST {
        let error = format!("the feed has {} bytes, and at most {LONGEST} are read", payload.len());
        return failed(error, String::new());
    }
    let (text, encoding) = charset::decode(payload, content_type);
    let text = without_declaration(text.trim_start_matches('\u{feff}').trim_start());
    let parser = feed_rs::parser::Builder::new().base_uri(base.map(CanonicalUrl::as_str)).build();
    // The parser is another's code, given bytes of a stranger: a panic in it must not end the crawl.
    let parsed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| parser.parse(text.as_bytes())));
    match parsed {
        Ok(Ok(feed)) => described(feed, &text, encoding),
        Ok(Err(error)) => failed(format!("it does not read as a feed: {error}"), encoding.to_owned()),
        Err(_) => failed("it does not read as a feed".into(), encoding.to_owned()),
    }
}

/// The pages that a feed's entries lead to, in its order, with what the feed says of each.
pub fn entries(feed: &FeedDocument, base: &CanonicalUrl) -> Vec<(CanonicalUrl, EntryHint)> {
    let entry = |entry: &FeedEntry| {
        let url = CanonicalUrl::join(base.url(), entry.link.as_deref()?).ok()?;
        let published = entry.published.as_deref().or(entry.updated.as_deref());
        let published: Option<Time> = published.and_then(|text| text.parse().ok());
        let hint =
            EntryHint { entry: entry.id.clone(), title: entry.title.clone(), author: entry.author.clone(), published };
        Some((url, hint))
    };
    feed.entries.iter().filter_map(entry).collect()
}

fn failed(error: String, encoding: String) -> FeedDocument {
    let problems = vec![error.clone()];
    FeedDocument { error: Some(error), bozo: true, problems, encoding, ..FeedDocument::default() }
}

/// The text without its XML declaration, whose encoding is no longer true once the bytes are decoded.
fn without_declaration(text: &str) -> &str {
    match text.strip_prefix("<?xml").and_then(|rest| rest.find("?>").map(|end| &rest[end + 2..])) {
        Some(rest) => rest.trim_start(),
        None => text,
    }
}

fn described(feed: Parsed, text: &str, encoding: &str) -> FeedDocument {
    let version = match feed.feed_type {
        FeedType::Atom => "atom10",
        FeedType::JSON if text.contains("version/1.1") => "json11",
        FeedType::JSON => "json1",
        FeedType::RSS0 => "rss092",
        FeedType::RSS1 => "rss10",
        FeedType::RSS2 => "rss20",
    };
    let mut problems = Vec::new();
    let count = feed.entries.len();
    if count > MOST_ENTRIES {
        problems.push(format!("the feed has {count} entries, and {MOST_ENTRIES} are kept"));
    }
    let (info, entries) = (feed_info(&feed), feed.entries.iter().take(MOST_ENTRIES).map(entry).collect());
    FeedDocument {
        error: None,
        bozo: !problems.is_empty(),
        problems,
        version: version.to_owned(),
        encoding: encoding.to_owned(),
        feed: info,
        entries,
    }
}

fn feed_info(feed: &Parsed) -> FeedInfo {
    let mut more = people(&feed.authors, &feed.contributors);
    more.insert("title_detail".into(), detail(feed.title.as_ref()));
    more.insert("links".into(), links(&feed.links));
    more.insert("tags".into(), tags(&feed.categories));
    more.insert("published".into(), json!(feed.published.map(iso)));
    more.insert("rights".into(), json!(feed.rights.as_ref().map(|text| &text.content)));
    more.insert("ttl".into(), json!(feed.ttl.map(|minutes| minutes.to_string())));
    more.insert("icon".into(), json!(feed.icon.as_ref().map(|icon| &icon.uri)));
    if let Some(logo) = &feed.logo {
        more.insert("logo".into(), json!(logo.uri));
        let link = logo.link.as_ref().map(|link| &link.href);
        more.insert("image".into(), json!({"href": logo.uri, "title": logo.title, "link": link}));
    }
    if let Some(generator) = &feed.generator {
        more.insert("generator".into(), json!(generator.content));
        let (href, version) = (&generator.uri, &generator.version);
        let told = json!({"name": generator.content, "href": href, "version": version});
        more.insert("generator_detail".into(), told);
    }
    FeedInfo {
        title: content(feed.title.as_ref()),
        link: page_of(&feed.links),
        id: Some(feed.id.clone()).filter(|id| !id.is_empty()),
        subtitle: content(feed.description.as_ref()),
        updated: feed.updated.map(iso),
        language: feed.language.clone(),
        more,
    }
}

fn entry(entry: &Entry) -> FeedEntry {
    let mut more = people(&entry.authors, &entry.contributors);
    more.insert("title_detail".into(), detail(entry.title.as_ref()));
    more.insert("links".into(), links(&entry.links));
    more.insert("tags".into(), tags(&entry.categories));
    more.insert("rights".into(), json!(entry.rights.as_ref().map(|text| &text.content)));
    let enclosures = entry.media.iter().flat_map(|media| &media.content).filter_map(|content| {
        let href = content.url.as_ref()?;
        let media_type = content.content_type.as_ref().map(ToString::to_string);
        Some(json!({"href": href.as_str(), "type": media_type, "length": content.size.map(|size| size.to_string())}))
    });
    more.insert("enclosures".into(), enclosures.collect());
    let body = entry.content.as_ref().and_then(|content| {
        let value = content.body.as_ref()?;
        Some(json!({"value": value, "type": content.content_type.to_string(), "language": entry.language, "base": entry.base}))
    });
    FeedEntry {
        title: content(entry.title.as_ref()),
        link: page_of(&entry.links),
        id: Some(entry.id.clone()).filter(|id| !id.is_empty()),
        summary: content(entry.summary.as_ref()),
        content: body.into_iter().collect(),
        published: entry.published.map(iso),
        updated: entry.updated.map(iso),
        author: entry.authors.first().and_then(|author| author.name.clone()),
        more,
    }
}

fn people(authors: &[Person], contributors: &[Person]) -> Map<String, Value> {
    let person = |person: &Person| json!({"name": person.name, "href": person.uri, "email": person.email});
    let mut more = Map::new();
    if let Some(first) = authors.first() {
        more.insert("author_detail".into(), person(first));
    }
    more.insert("authors".into(), authors.iter().map(person).collect());
    more.insert("contributors".into(), contributors.iter().map(person).collect());
    more
}

fn tags(categories: &[feed_rs::model::Category]) -> Value {
    let tag = |tag: &feed_rs::model::Category| json!({"term": tag.term, "scheme": tag.scheme, "label": tag.label});
    categories.iter().map(tag).collect()
}

fn links(links: &[Link]) -> Value {
    let link = |link: &Link| {
        let length = link.length.map(|length| length.to_string());
        json!({"href": link.href, "rel": link.rel.as_deref().unwrap_or("alternate"), "type": link.media_type,
            "title": link.title, "hreflang": link.href_lang, "length": length})
    };
    links.iter().map(link).collect()
}

/// The link to the page: the alternate one, else the first that is no enclosure, reply or the feed itself.
fn page_of(links: &[Link]) -> Option<String> {
    let is = |link: &&Link, rel: &str| link.rel.as_deref().unwrap_or("alternate") == rel;
    let alternate = links.iter().find(|link| is(link, "alternate"));
    let other =
        || links.iter().find(|link| !["self", "enclosure", "replies", "hub", "edit"].iter().any(|rel| is(link, rel)));
    alternate.or_else(other).map(|link| link.href.clone())
}

fn content(text: Option<&Text>) -> Option<String> {
    text.map(|text| text.content.trim().to_owned()).filter(|text| !text.is_empty())
}

fn detail(text: Option<&Text>) -> Value {
    text.map_or(
        Value::Null,
        |text| json!({"value": text.content, "type": text.content_type.to_string(), "language": null, "base": null}),
    )
}

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
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
            assert!(is_feed(yes.as_bytes()), "{yes}");
        }
        for no in ["", "<html><body><rss ", "<feedback>", "{\"a\": 1}", "plain <p> text"] {
            assert!(!is_feed(no.as_bytes()), "{no}");
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
