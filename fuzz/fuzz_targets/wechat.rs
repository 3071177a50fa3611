//! Any bytes as a page of WeChat's: it is answered, and nothing of its scripts comes through.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wangqi::extract::{self, Hints, Page};
use wangqi::model::{CanonicalUrl, Extracted};

fuzz_target!(|data: &[u8]| {
    let url = CanonicalUrl::parse("https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA").expect("it is a URL");
    let page = Page { url: &url, final_url: &url, content_type: "text/html", payload: data };
    if let Extracted::Document(document) = extract::extract(&page, &Hints::default()) {
        assert!(!document.html.contains("<script"));
    }
});
