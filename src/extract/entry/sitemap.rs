//! A sitemap → the pages it lists (sitemaps.org 0.9), newest first. Read as text: nothing is expanded, and one pass is enough.

use crate::model::{CanonicalUrl, Time};
use chrono::{DateTime, NaiveDate};

/// The most pages of one sitemap that are read (sitemaps.org: no sitemap lists more).
const MOST: usize = 50_000;

/// What a sitemap lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sitemap {
    /// Pages, newest first as far as it says.
    pub pages: Vec<CanonicalUrl>,
    /// Further sitemaps, newest first.
    pub sitemaps: Vec<CanonicalUrl>,
}

/// Reads a sitemap; `None` where the payload is none.
pub fn sitemap(payload: &[u8]) -> Option<Sitemap> {
    let text = String::from_utf8_lossy(payload);
    let head = &text[..text.char_indices().nth(4096).map_or(text.len(), |(at, _)| at)];
    let is_index = head.contains("<sitemapindex");
    if !is_index && !head.contains("<urlset") {
        return None;
    }
    let mut listed: Vec<(Option<Time>, CanonicalUrl)> = Vec::new();
    let entries = text.split(if is_index { "<sitemap>" } else { "<url>" }).skip(1);
    for entry in entries.take(MOST) {
        let url = within(entry, "<loc>", "</loc>").map(unescaped).and_then(|url| CanonicalUrl::parse(&url).ok());
        listed.extend(url.map(|url| (within(entry, "<lastmod>", "</lastmod>").and_then(instant), url)));
    }
    // Stable: pages without a date keep their order, behind those with one.
    listed.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let urls: Vec<CanonicalUrl> = listed.into_iter().map(|(_, url)| url).collect();
    Some(if is_index {
        Sitemap { sitemaps: urls, ..Sitemap::default() }
    } else {
        Sitemap { pages: urls, ..Sitemap::default() }
    })
}

fn within<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, text) = text.split_once(from)?;
    let text = text.split_once(to)?.0.trim();
    Some(text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")).unwrap_or(text).trim())
}

fn unescaped(text: &str) -> String {
    text.replace("&apos;", "'").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn instant(text: &str) -> Option<Time> {
    let whole = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
    whole.or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_newest_first() {
        let text = "<?xml version=\"1.0\"?><urlset xmlns=\"x\"><url><loc>https://a.example/old</loc><lastmod>2020-01-02</lastmod></url>\
            <url><loc> <![CDATA[https://a.example/new?a=1&b=2]]> </loc><lastmod>2024-05-06T07:08:09+02:00</lastmod></url>\
            <url><loc>https://a.example/q?a=1&amp;b=2</loc></url><url><loc>javascript:alert(1)</loc></url></urlset>";
        let found = sitemap(text.as_bytes()).unwrap();
        let pages: Vec<&str> = found.pages.iter().map(CanonicalUrl::as_str).collect();
        assert_eq!(pages, ["https://a.example/new?a=1&b=2", "https://a.example/old", "https://a.example/q?a=1&b=2"]);
        let index = "<sitemapindex><sitemap><loc>https://a.example/posts.xml</loc></sitemap></sitemapindex>";
        assert_eq!(sitemap(index.as_bytes()).unwrap().sitemaps.len(), 1);
        assert_eq!(sitemap(b"<rss><url><loc>https://a.example/</loc></url></rss>"), None);
        assert_eq!(sitemap(&[0xff; 64]), None);
    }
}
