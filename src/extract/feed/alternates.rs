//! A page → the feeds that it names: `<link rel="alternate" type="application/rss+xml" href="…">` (RSS Advisory Board, "RSS
//! Autodiscovery"; WHATWG HTML, link type `alternate`).

use crate::extract::{Page, charset, guard};
use crate::model::CanonicalUrl;

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
    let (text, _) = charset::decode(page.payload, page.content_type);
    let tree = guard::parse_document(&text).html;
    let elements = || tree.tree.nodes().filter_map(|node| node.value().as_element());
    let base = elements().find(|element| element.name() == "base").and_then(|element| element.attr("href"));
    let base = base.and_then(|href| page.final_url.url().join(href).ok());
    let base = base.unwrap_or_else(|| page.final_url.url().clone());
    let mut found: Vec<Alternate> = Vec::new();
    for link in elements().filter(|element| element.name() == "link") {
        let value = |name: &str| link.attr(name).unwrap_or_default().trim().to_ascii_lowercase();
        let (rel, kind) = (value("rel"), value("type"));
        let names_it = rel.split_ascii_whitespace().any(|rel| rel == "alternate");
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !names_it || !TYPES.contains(&kind) || found.len() >= MOST {
            continue;
        }
        let Some(Ok(url)) = link.attr("href").map(|href| CanonicalUrl::join(&base, href)) else { continue };
        if found.iter().all(|other| other.url != url) {
            let title = link.attr("title").unwrap_or_default();
            found.push(Alternate { url, title: title.split_whitespace().collect::<Vec<_>>().join(" ") });
        }
    }
    found
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
}
