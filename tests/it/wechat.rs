//! WeChat pages as the world may send them: cut, mixed, mutated, or built to cost.

use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use wangqi::extract::wechat::listing;
use wangqi::extract::{self, Hints, Page};
use wangqi::model::{CanonicalUrl, Document, Extracted, PageStatus};

/// The synthetic pages of the golden cases.
static PAGES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/wechat");
    let mut cases: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("page.html")).collect();
    cases.sort();
    cases.iter().map(|case| fs::read(case).unwrap()).filter(|page| !page.is_empty()).collect()
});

fn understand(payload: &[u8]) -> Document {
    let url = CanonicalUrl::parse("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let page = Page { url: &url, final_url: &url, content_type: "text/html", payload };
    match extract::extract(&page, &Hints::default()) {
        Extracted::Document(document) => *document,
        other => panic!("a page of mp.weixin.qq.com was taken for {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn mutated_pages_are_always_answered(
        (a, b) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 4),
        noise in prop::collection::vec(any::<u8>(), 0..24),
    ) {
        let (first, second) = (a.get(&PAGES), b.get(&PAGES));
        let cut = |page: &Vec<u8>, at: usize| cuts[at].index(page.len());
        let (mut from, mut to) = (cut(second, 1), cut(second, 2));
        if from > to {
            std::mem::swap(&mut from, &mut to);
        }
        let at = cut(first, 0);
        let page = [&first[..at], &noise, &second[from..to], &first[cut(first, 3)..]].concat();
        let document = understand(&page);
        prop_assert!(serde_json::to_string(&document).is_ok());
        prop_assert!(!document.html.contains("<script"));
    }
}

#[test]
fn pages_built_to_cost_are_answered() {
    let many = 40_000;
    let scripts = [
        format!("window.cgiDataNew = {}", "{a:[".repeat(many)),
        format!("window.cgiDataNew = {{ {} }};", "a: b ? c : ".repeat(many)),
        "var ct = window.ct = ".repeat(many),
        "var ct = \"1730685600\"; window.cgiData = { f: function () { var biz = '".repeat(many / 10),
        format!("var msg_title = '{}", "\\x26amp;".repeat(many)),
        "var t=\"1563516284\",n=".repeat(many),
    ];
    for script in scripts {
        let page = format!("<div id=\"js_article\"><div id=\"js_content\">正文</div></div><script>{script}</script>");
        assert_eq!(understand(page.as_bytes()).status, PageStatus::Article, "{}", &script[..40]);
    }
    let bodies = [
        "<a href='https://mp.weixin.qq.com/s/x'>".repeat(many / 10),
        "<pre><code>".repeat(500),
        "<p>往期回顾".repeat(many),
    ];
    for body in bodies {
        let page = format!("<div id=\"js_content\">正文{body}</div>");
        assert!(understand(page.as_bytes()).text.starts_with("正文"));
    }
}

#[test]
fn the_deepest_and_the_largest_pages_are_answered() {
    let deep = 200_000;
    for open in ["<div>", "<section><p>", "<table><tr><td>", "<svg><foreignObject>", "<b><i>", "<ul><li>"] {
        let page = format!("<div id=\"js_article\"><div id=\"js_content\">正文{}", open.repeat(deep));
        assert!(understand(page.as_bytes()).text.starts_with("正文"), "{open}");
    }
    for open in ["{a:", "[", "(", "!", "'a' + (", "JSON.parse('["] {
        let data = open.repeat(deep);
        let page = format!("<div id=\"js_content\">正文</div><script>window.cgiDataNew = {data}</script>");
        assert_eq!(understand(page.as_bytes()).text, "正文", "{open}");
    }
    let filler = "!function(e){var ct={a:1};e.title=e.id||'x'}(window);\n";
    let script = format!("<script>{}</script>", filler.repeat((50 << 20) / filler.len()));
    let page = format!("{script}<div id=\"js_content\">正文</div><script>var ct = \"1730685600\";</script>");
    let document = understand(page.as_bytes());
    assert_eq!((document.text.as_str(), document.published.is_some()), ("正文", true));
}

#[test]
fn a_page_saved_as_mhtml_speaks_for_itself_only_where_nothing_is_known() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/wechat/saved_mhtml/page.html");
    let page = fs::read(page).unwrap();
    let of = |url: &str| {
        let url = CanonicalUrl::parse(url).unwrap();
        let page = Page { url: &url, final_url: &url, content_type: "", payload: &page };
        match extract::extract(&page, &Hints::default()) {
            Extracted::Document(document) => *document,
            other => panic!("a saved page was taken for {other:?}"),
        }
    };
    assert!(of("http://page.invalid/").warnings.is_empty());
    let elsewhere = of("https://blog.example/saved");
    assert!(elsewhere.warnings.iter().any(|warning| warning.contains("not on mp.weixin.qq.com")));
}

#[test]
fn the_best_of_an_articles_urls_is_kept() {
    let url = |text: &str| CanonicalUrl::parse(text).unwrap();
    let bare = url("https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMQ==&mid=7&idx=1&sn=aa");
    let long = url("https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMQ==&mid=7&idx=1&sn=aa&chksm=bb");
    let short = url("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA");
    let best = |urls: &[&CanonicalUrl]| wangqi::extract::wechat::best_fetch_url(urls.iter().copied().cloned());
    assert_eq!(best(&[&bare, &short, &long]).as_ref(), Some(&short));
    assert_eq!(best(&[&long, &bare]).as_ref(), Some(&long));
    assert_eq!(best(&[]), None);
}

#[test]
fn a_page_about_the_template_is_not_in_the_template() {
    let url = CanonicalUrl::parse("https://blog.example/wechat").unwrap();
    let text = "<html><body><pre>&lt;div id=\"js_content\"&gt; window.cgiDataNew = {} var biz = ''</pre></body></html>";
    let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: text.as_bytes() };
    let extractor = extract::EXTRACTORS.iter().find(|extractor| extractor.name().starts_with("wechat/")).unwrap();
    assert!(!extractor.matches(&page));
}

/// Where saved real pages are, on machines that have some.
fn saved_pages() -> PathBuf {
    std::env::var_os("WANGQI_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from)
        .join("corpus/wechat")
}

#[test]
fn real_lists_are_read() {
    let folder = saved_pages().join("api");
    let page = folder.join("2025_appmsgalbum_page_xiyoudong.html");
    let Ok(page) = fs::read(&page) else {
        crate::support::say(&format!("skipped: no lists at {} (set WANGQI_SHARED)", folder.display()));
        return;
    };
    let listing = listing::album(&page).unwrap();
    assert_eq!((listing.entries.len(), listing.total, listing.next), (6, Some(6), None));
    assert!(listing.entries.iter().all(|entry| entry.url.wechat_rank() == 2 && entry.published.is_some()));
    let answer = fs::read(folder.join("2026-07_appmsgpublish_wxkit_RETYPED.json")).unwrap();
    let listing = listing::published(&answer, 0).unwrap();
    assert_eq!((listing.entries.len(), listing.next), (4, Some(listing::Cursor::From(4))));
}

#[test]
fn real_pages_meet_their_truths() {
    let articles = saved_pages().join("articles");
    let Ok(entries) = fs::read_dir(&articles) else {
        crate::support::say(&format!("skipped: no pages at {} (set WANGQI_SHARED)", articles.display()));
        return;
    };
    let (mut met, mut asked) = (0, 0);
    for path in
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.to_string_lossy().ends_with(".truth.json"))
    {
        let truth: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let page = path.to_string_lossy().replace(".truth.json", ".html");
        let found = serde_json::to_value(understand(&fs::read(page).unwrap())).unwrap();
        for field in ["title", "account", "author", "place"] {
            if let Some(expected) = truth[field].as_str() {
                asked += 1;
                met += usize::from(squash(found[field].as_str().unwrap_or_default()) == squash(expected));
            }
        }
    }
    assert!(asked > 0 && met * 100 >= asked * 98, "{met} of {asked} fields");
}

fn squash(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{200b}').collect()
}
