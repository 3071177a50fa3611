//! A page → the feeds that it names: `<link rel="alternate" type="application/rss+xml" href="…">` (RSS Advisory Board, "RSS
//! Autodiscovery"; WHATWG HTML, link types `alternate` and `feed`), and the links in its text that look like feeds.

use crate::extract::{Page, charset, guard};
use crate::model::CanonicalUrl;
use url::Url;

/// The most feeds that are taken from one page: judgement; real pages name one to five.
const MOST: usize = 20;

/// What is a feed by its media type. Plain JSON is left out: WordPress names its API so on every page.
const TYPES: &[&str] = &[
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/xml",
    "text/xml",
    "application/rss",
    "application/atom",
    "application/x-rss+xml",
    "application/x-atom+xml",
    "application/x.atom+xml",
    "text/rss+xml",
    "text/atom+xml",
    "text/rss",
];

/// Last parts of the paths of feeds.
const FILES: &[&str] = &[
    "feed",
    "feeds",
    "rss",
    "atom",
    "rdf",
    "rss2",
    "feed.xml",
    "rss.xml",
    "rss2.xml",
    "atom.xml",
    "index.xml",
    "index.rdf",
    "feed.json",
    "index.rss",
    "index.atom",
    "feed.rss",
    "feed.atom",
    "feed.php",
    "rss.php",
    "rss.aspx",
    "feed.aspx",
];

/// A feed that a page names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternate {
    /// Where it is.
    pub url: CanonicalUrl,
    /// How the page calls it; empty where it does not.
    pub title: String,
}

/// The feeds that a page names, in its order, each once.
pub fn alternates(page: &Page<'_>) -> Vec<Alternate> {
    named(page, |element, _| {
        let value = |name: &str| element.attr(name).unwrap_or_default().trim().to_ascii_lowercase();
        if element.name() != "link" {
            return None;
        }
        let (rel, kind, href) = (value("rel"), value("type"), element.attr("href")?);
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let has = |wanted: &str| rel.split_ascii_whitespace().any(|rel| rel == wanted);
        let is_feed = match kind {
            // What says no type, or JSON's, is one by its address or by its own link type.
            "" | "application/json" => has("feed") || has("alternate") && looks_like_feed(href),
            _ => (has("feed") || has("alternate")) && TYPES.contains(&kind),
        };
        (is_feed && !has("stylesheet")).then(|| (href.to_owned(), element.attr("title").unwrap_or_default().to_owned()))
    })
}

/// The links of a page that lead to feeds by the look of them, in its order, each once: first those of its own host.
pub fn linked(page: &Page<'_>) -> Vec<Alternate> {
    let mut found = named(page, |element, text| {
        let href = element.attr("href").filter(|_| element.name() == "a")?;
        let words = [text, element.attr("title").unwrap_or_default(), element.attr("class").unwrap_or_default()];
        let says_so = words.iter().any(|words| says_feed(words));
        // Words alone do not make a feed of an article about feeds.
        let is_feed = looks_like_feed(href) || says_so && href.trim().to_ascii_lowercase().contains("feed");
        is_feed.then(|| (href.to_owned(), text.to_owned()))
    });
    let host = page.final_url.host();
    found.sort_by_key(|link| link.url.host() != host);
    found
}

/// Whether an address is one by which feeds go.
pub fn looks_like_feed(href: &str) -> bool {
    let href = href.trim().to_ascii_lowercase();
    if href.starts_with("feed:") {
        return true;
    }
    let (path, query) = href.split_once('?').unwrap_or((&href, ""));
    let query = query.split('#').next().unwrap_or_default();
    let path = path.split('#').next().unwrap_or_default().trim_end_matches('/');
    let after_host = path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let last = after_host.rsplit('/').next().unwrap_or_default();
    let by_name = FILES.contains(&last) || [".rss", ".atom", ".rdf"].iter().any(|end| last.ends_with(end));
    let by_query = query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_kind = matches!(value, "rss" | "rss2" | "atom" | "feed" | "rdf");
        matches!(name, "feed" | "format" | "type" | "output" | "alt" | "mode") && is_kind
    });
    by_name || by_query || path.contains("//feeds.") || path.contains("/feeds/")
}

fn says_feed(words: &str) -> bool {
    let words = words.to_lowercase();
    words.contains("订阅")
        || words.split(|letter: char| !letter.is_alphanumeric()).any(|word| matches!(word, "rss" | "atom" | "feed"))
}

type Element = scraper::node::Element;

/// The elements that a rule picks, as feeds: what it gives is the address and the name. An address is relative to the page, or to
/// a `<base>` that stands before it.
fn named(page: &Page<'_>, pick: impl Fn(&Element, &str) -> Option<(String, String)>) -> Vec<Alternate> {
    let (text, _) = charset::decode(page.payload, page.content_type);
    let tree = guard::parse_document(&text).html;
    let own = page.final_url.url();
    let mut base: Option<Url> = None;
    let mut found: Vec<Alternate> = Vec::new();
    for node in tree.tree.nodes() {
        let Some(element) = node.value().as_element() else { continue };
        if element.name() == "base" && base.is_none() {
            base = element.attr("href").and_then(|href| own.join(href.trim()).ok());
        }
        if found.len() >= MOST || !matches!(element.name(), "link" | "a") {
            continue;
        }
        let words = if element.name() == "a" { said(node) } else { String::new() };
        let Some((href, title)) = pick(element, &words) else { continue };
        let Some(url) = address(base.as_ref().unwrap_or(own), &href) else { continue };
        if found.iter().all(|other| other.url != url) {
            found.push(Alternate { url, title: title.split_whitespace().collect::<Vec<_>>().join(" ") });
        }
    }
    found
}

/// The first words of an element.
fn said(node: ego_tree::NodeRef<'_, scraper::Node>) -> String {
    let texts = node.descendants().take(20).filter_map(|node| node.value().as_text());
    texts.flat_map(|text| text.chars()).take(80).collect()
}

/// `feed:` before an address, or in place of its scheme, means that programs for feeds open it.
fn address(base: &Url, href: &str) -> Option<CanonicalUrl> {
    let href = href.trim();
    match href.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("feed:")) {
        Some(_) if href[5..].starts_with("//") => CanonicalUrl::parse(&format!("https:{}", &href[5..])).ok(),
        Some(_) => CanonicalUrl::parse(&href[5..]).ok(),
        None => CanonicalUrl::join(base, href).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pages_feeds_are_found_in_its_order() {
        let html = "<!doctype html><html><head><base href='/blog/'>\
            <link rel=stylesheet type=text/css href=a.css><link rel='Alternate' hreflang=en href=/en>\
            <link href='rss.xml' title=' 小报  全文 ' type='Application/RSS+XML; charset=utf-8' rel='alternate home'>\
            <link rel=alternate type=application/json href=/wp-json><link rel=alternate type=application/atom+xml href=rss.xml>\
            <link rel=alternate type=application/feed+json href=//b.example/feed.json><link rel=alternate type=text/xml href=javascript:x>\
            </head><body>x</body></html>";
        let url = CanonicalUrl::parse("https://a.example/2026/post").unwrap();
        let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: html.as_bytes() };
        let found: Vec<_> = alternates(&page).into_iter().map(|found| (found.url.to_string(), found.title)).collect();
        let expected = [("https://a.example/blog/rss.xml", "小报 全文"), ("https://b.example/feed.json", "")];
        assert_eq!(found, expected.map(|(url, title)| (url.to_owned(), title.to_owned())));
        let many: String = (0..50_000).map(|n| format!("<link rel=alternate type=text/xml href={n}>")).collect();
        let page = Page { payload: many.as_bytes(), ..page };
        assert_eq!(alternates(&page).len(), MOST);
    }

    fn found(html: &str, pick: fn(&Page<'_>) -> Vec<Alternate>) -> Vec<String> {
        let url = CanonicalUrl::parse("https://a.example/2026/post").unwrap();
        let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: html.as_bytes() };
        pick(&page).into_iter().map(|found| found.url.to_string()).collect()
    }

    #[test]
    fn what_names_a_feed_and_what_does_not() {
        for (html, expected) in [
            ("<LINK REL=' FEED ' HREF=' /x '>", "https://a.example/x"),
            ("<link rel=alternate href=/feed.json type=application/json>", "https://a.example/feed.json"),
            ("<link rel=alternate href=/wp-json/1 type=application/json>", ""),
            ("<link rel=alternate href=/rss>", "https://a.example/rss"),
            ("<link rel=alternate href=/en hreflang=en>", ""),
            ("<link rel='alternate stylesheet' type=text/xml href=/x.xsl>", ""),
            ("<link rel=alternate type=application/atom+xml href='feed:https://b.example/x'>", "https://b.example/x"),
            ("<link rel=alternate type=application/atom+xml href='feed://b.example/x'>", "https://b.example/x"),
            ("<link rel=&#65;lternate type=application/atom&#43;xml href=x>", "https://a.example/2026/x"),
            ("<link rel=alternate type=text/xml+oembed href=/oembed>", ""),
            ("<link rel=alternates type=application/atom+xml href=/x>", ""),
            ("<link rel=alternate type=application/atom+xml>", ""),
            ("<body><p><link rel=alternate type=application/atom+xml href=/x>", "https://a.example/x"),
            ("<!-- <link rel=alternate type=application/atom+xml href=/x> -->", ""),
            ("<script>'<link rel=alternate type=application/atom+xml href=/x>'</script>", ""),
            ("<textarea><link rel=alternate type=application/atom+xml href=/x></textarea>", ""),
            ("<base href=/b/><base href=/c/><link rel=feed href=x>", "https://a.example/b/x"),
            ("<link rel=feed href=x><base href=/b/>", "https://a.example/2026/x"),
            ("<base href=//cdn.example/><link rel=feed href=x>", "https://cdn.example/x"),
        ] {
            assert_eq!(found(html, alternates).join(" "), expected, "{html}");
        }
        let wide: Vec<u8> = "\u{feff}<link rel=feed href=/x>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let url = CanonicalUrl::parse("https://a.example/").unwrap();
        let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: &wide };
        assert_eq!(alternates(&page)[0].url.as_str(), "https://a.example/x", "UTF-16");
    }

    #[test]
    fn links_that_look_like_feeds() {
        for (html, expected) in [
            (
                "<a href=https://feeds.example/a>x</a><a href=/feed/>RSS</a>",
                "https://a.example/feed/ https://feeds.example/a",
            ),
            ("<a href='/?feed=rss2'>x</a>", "https://a.example/?feed=rss2"),
            ("<a href=/blog/index.xml>x</a>", "https://a.example/blog/index.xml"),
            ("<a href=/newsfeed title='RSS'><img></a>", "https://a.example/newsfeed"),
            ("<a href=/about-rss>What is RSS?</a>", ""),
            ("<a href=/feeding-cats>Cats</a>", ""),
            ("<a href=https://rss.example>x</a>", ""),
            ("<a href='javascript:feed'>RSS feed</a>", ""),
        ] {
            assert_eq!(found(html, linked).join(" "), expected, "{html}");
        }
    }

    #[test]
    fn the_corpus_is_discovered() {
        let shared = std::env::var_os("WANGQI_SHARED").map_or_else(
            || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
            std::path::PathBuf::from,
        );
        let folder = shared.join("corpus/feeds/autodiscovery");
        let Ok(text) = std::fs::read_to_string(folder.join("expect.json")) else {
            eprintln!("skipped: no pages at {} (set WANGQI_SHARED)", folder.display());
            return;
        };
        let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        let mut wrong = Vec::new();
        for case in &cases {
            let payload = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
            let url = CanonicalUrl::parse(case["base"].as_str().unwrap()).unwrap();
            let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: &payload };
            let found = alternates(&page);
            // The pages come from a library of pages, which put its own address before theirs.
            let first = found.first().map(|found| {
                let address = found.url.as_str();
                address.rfind("/http://").map_or(address, |at| &address[at + 1..]).to_owned()
            });
            // Where no feed is expected there is none on the page's own site.
            let first = first.filter(|first| first.starts_with("http://diveintomark.org/"));
            if first.as_deref() != case["expect_feed"].as_str() {
                wrong.push(format!("{}: {first:?}, not {}", case["file"], case["expect_feed"]));
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    }
}
