//! Any other page: its article and facts, its canonical URL, its links; and what hostile pages cost.

use crate::support::Spent;
use proptest::prelude::*;
use std::time::Duration;
use wangqi::extract::{self, EXTRACTORS, Hints, Page};
use wangqi::model::{CanonicalUrl, Document, EntryHint, Extracted, PageStatus, Rel};

const URL: &str = "https://news.example.com/2024/ferry?utm_source=x";

fn understood(payload: &[u8], content_type: &str, hint: Option<&EntryHint>) -> Extracted {
    let url = CanonicalUrl::parse(URL).unwrap();
    let page = Page { url: &url, final_url: &url, content_type, payload };
    extract::extract(&page, &Hints { entry: hint })
}

fn document(html: &str, hint: Option<&EntryHint>) -> Document {
    match understood(html.as_bytes(), "text/html; charset=utf-8", hint) {
        Extracted::Document(document) => *document,
        other => panic!("{other:?}"),
    }
}

fn paragraphs(count: usize) -> String {
    let one = "<p>清早的渡口还没有人，船夫把缆绳解开，水面上的雾慢慢散去，对岸的钟声传了过来，他数了数，一共六下。</p>";
    one.repeat(count)
}

fn page(head: &str, body: &str) -> String {
    format!("<!doctype html><html><head>{head}</head><body><div id=main><article>{body}</article></div></body></html>")
}

#[test]
fn json_ld_comes_before_meta_and_meta_before_markup() {
    let head = r#"<title>渡口 | 江边日报</title><meta property="og:title" content="渡口（分享）"><meta property="og:image" content="/cover.jpg">
        <meta name="description" content="一个清晨。"><meta property="article:published_time" content="2024-07-10T00:00:00+08:00">
        <script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "x"}, {"@type": ["NewsArticle"], "headline": "渡口",
        "author": [{"name": "阿渡"}, {"name": "小舟"}], "datePublished": "2024-07-11T10:00:00+08:00", "publisher": {"name": "江边日报"}}]}</script>"#;
    let document = document(&page(head, &paragraphs(8)), None);
    assert_eq!(document.status, PageStatus::Article);
    assert_eq!(document.title.as_deref(), Some("渡口"));
    assert_eq!(document.author.as_deref(), Some("阿渡, 小舟"));
    assert_eq!(document.account.as_deref(), Some("江边日报"));
    assert_eq!(document.published.unwrap().to_rfc3339(), "2024-07-11T10:00:00+08:00");
    assert_eq!(document.cover.as_deref(), Some("https://news.example.com/cover.jpg"));
    assert_eq!(document.summary.as_deref(), Some("一个清晨。"));
    assert_eq!(document.language.as_deref(), Some("zh"));
    assert_eq!(document.text.lines().count(), 8);
    assert_eq!(document.provenance["published"], "json-ld datePublished");
}

#[test]
fn a_feeds_entry_fills_what_the_page_does_not_say() {
    let hint = EntryHint {
        entry: Some("1".into()),
        title: Some("来自源的题".into()),
        author: Some("源作者".into()),
        published: Some("2024-01-02T03:04:05Z".parse().unwrap()),
        ..EntryHint::default()
    };
    let document = document(&page("", &paragraphs(5)), Some(&hint));
    assert_eq!(document.title.as_deref(), Some("来自源的题"));
    assert_eq!(document.author.as_deref(), Some("源作者"));
    assert_eq!(document.published.unwrap().to_rfc3339(), "2024-01-02T11:04:05+08:00");
}

#[test]
fn canonical_is_believed_on_the_same_site_only() {
    let cases = [
        ("https://www.example.com/ferry.html", "https://www.example.com/ferry.html"),
        ("/ferry", "https://news.example.com/ferry"),
        ("https://other.example.org/ferry", "https://news.example.com/2024/ferry"),
        ("https://news.example.com/", "https://news.example.com/2024/ferry"),
        ("/feed.xml", "https://news.example.com/2024/ferry"),
        ("javascript:x", "https://news.example.com/2024/ferry"),
    ];
    for (href, expected) in cases {
        let head = format!("<link rel=canonical href='{href}'>");
        let document = document(&page(&head, &paragraphs(5)), None);
        assert_eq!(document.canonical_url.unwrap().as_str(), expected, "{href}");
        assert_eq!(document.key.unwrap().as_str(), expected);
    }
}

#[test]
fn links_under_a_heading_of_past_issues_are_past_issues() {
    let body = format!(
        "{}<p>见<a href='/about'>说明</a>。</p>{}<h2>往期回顾</h2><ul><li><a href='/1'>第一期：开河</a></li><li><a href='/2'>第二期：封冻</a></li></ul>",
        paragraphs(4),
        paragraphs(4)
    );
    let links = document(&page("", &body), None).links;
    let found: Vec<_> = links.iter().map(|link| (link.url.url().path(), link.title.as_str(), link.rel)).collect();
    let expected = [
        ("/about", "说明", Rel::Reference),
        ("/1", "第一期：开河", Rel::PastIssue),
        ("/2", "第二期：封冻", Rel::PastIssue),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_page_without_an_article_says_so() {
    for html in [page("<title>x</title>", ""), page("", "<p>hi</p>"), "<html></html>".into()] {
        let document = document(&html, None);
        assert_eq!(document.status, PageStatus::NotAnArticle);
        assert_eq!(document.reason.as_deref(), Some("no article text was found on the page"));
    }
}

#[test]
fn charsets_are_told_by_mark_header_declaration_and_bytes() {
    let text = page("<meta charset=gb2312><title>渡口</title>", &paragraphs(6));
    let (gbk, _, _) = encoding_rs::GBK.encode(&text);
    let undeclared = page("<title>渡口</title>", &paragraphs(6));
    let (bare, _, _) = encoding_rs::GBK.encode(&undeclared);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let utf8 = text.clone().into_bytes();
    let cases: [(&[u8], &str); 5] = [
        (&gbk, "text/html"),
        (&bare, "text/html; charset=\"GBK\""),
        (&bare, "text/html"),
        (&utf16, "text/html"),
        (&utf8, "text/html"),
    ];
    for (at, (payload, content_type)) in cases.into_iter().enumerate() {
        let Extracted::Document(document) = understood(payload, content_type, None) else { panic!("case {at}") };
        assert_eq!(document.title.as_deref(), Some("渡口"), "case {at}");
        assert!(document.text.starts_with("清早的渡口"), "case {at}");
    }
}

#[test]
fn what_is_no_text_is_opaque() {
    for (payload, content_type) in
        [(&b"\x89PNG\r\n"[..], "image/png"), (b"\0\0\0\x18ftypmp4", ""), (b"%PDF-1.7", "application/pdf")]
    {
        assert_eq!(understood(payload, content_type, None), Extracted::Opaque, "{content_type}");
    }
}

#[test]
fn hostile_pages_end_in_time_on_a_small_stack() {
    let shapes = [
        "<div><p>some words, and more of them, in a row".repeat(100_000),
        "<div>".repeat(200_000),
        "<ul><li>item, item, item".repeat(100_000),
        "<noscript><div>".repeat(100_000),
        "<table><td>a, b, c".repeat(50_000),
        "<p>x, y, z</p>".repeat(150_000),
        "<span>a <a href=x>b</a>, ".repeat(60_000),
        "<br>a<br><br>".repeat(60_000),
        "<b><div>word, word, word</b>".repeat(30_000),
        format!("<script type=application/ld+json>{}</script>", "[".repeat(500_000)),
        format!("<title>{}</title>{}", "x".repeat(5_000_000), paragraphs(5)),
    ];
    let work = move || {
        for html in shapes {
            let start = Spent::from_now();
            let status = document(&html, None).status;
            println!("{:>9.0?} {status:?} {}", start.elapsed(), html.chars().take(40).collect::<String>());
            assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0_usize..6) {
        let content_type = ["", "text/html", "text/html; charset=utf-16", "application/rss+xml", "image/png", "application/feed+json"][kind];
        for start in ["", "<html>", "<rss>", "{\"version\": \"https://jsonfeed.org/version/1\"", "<?xml version=\"1.0\" encoding=\"utf-16\"?><feed>"] {
            let payload = [start.as_bytes(), &bytes].concat();
            understood(&payload, content_type, None);
            let url = CanonicalUrl::parse(URL).unwrap();
            for extractor in EXTRACTORS {
                let page = Page { url: &url, final_url: &url, content_type, payload: &payload };
                extractor.extract(&page, &Hints::default());
            }
        }
    }
}
