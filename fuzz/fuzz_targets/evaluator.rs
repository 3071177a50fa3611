//! Any text as the data that a page assigns: the evaluator answers, and the page stays an article.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wangqi::extract::{self, Hints, Page};
use wangqi::model::CanonicalUrl;

fuzz_target!(|data: &str| {
    let url = CanonicalUrl::parse("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA").expect("it is a URL");
    let page = format!("<div id=\"js_content\">正文</div><script>window.cgiDataNew = {data}</script>");
    let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: page.as_bytes() };
    let _ = extract::extract(&page, &Hints::default());
});
