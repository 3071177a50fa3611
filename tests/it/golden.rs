//! Golden cases: tests/corpus/EXTRACTOR/CASE holds a page and what must be understood of it.
//!
//! A case is `page.html`, `expected.json` (the whole answer), and where it matters `url.txt` and `content_type.txt`.
//! `UPDATE_EXPECT=1 cargo test --test it golden` writes the answers anew: read the difference before committing it.

use std::fs;
use std::path::{Path, PathBuf};
use wangqi::extract::{self, Hints, Page};
use wangqi::model::{CanonicalUrl, Extracted};

#[test]
fn wechat_pages_are_understood_as_expected() {
    check("wechat");
}

#[test]
fn other_pages_are_understood_as_expected() {
    check("generic");
}

#[test]
fn feeds_are_understood_as_expected() {
    check("feed");
}

/// Checks every case of one folder under tests/corpus, and names all that differ.
fn check(extractor: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(extractor);
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("page.html").exists());
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let wrong: Vec<String> = cases.iter().filter_map(|case| difference(case)).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Where a case's answer is not as expected, the first line that differs.
fn difference(case: &Path) -> Option<String> {
    let answer = format!("{}\n", answer(case));
    let file = case.join("expected.json");
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        fs::write(&file, &answer).unwrap();
        return None;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if expected == answer {
        return None;
    }
    let at = expected.lines().zip(answer.lines()).take_while(|(expected, answer)| expected == answer).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
    Some(format!("{}:{}\n  expected {}\n  answered {}", file.display(), at + 1, line(&expected), line(&answer)))
}

/// The pretty JSON of what is understood of a case's page.
fn answer(case: &Path) -> String {
    let beside = |name: &str| fs::read_to_string(case.join(name)).map(|text| text.trim().to_owned()).ok();
    let url = beside("url.txt").unwrap_or_else(|| "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA".into());
    let url = CanonicalUrl::parse(&url).unwrap();
    let payload = fs::read(case.join("page.html")).unwrap();
    let content_type = beside("content_type.txt").unwrap_or_else(|| "text/html; charset=utf-8".into());
    let page = Page { url: &url, final_url: &url, content_type: &content_type, payload: &payload };
    match extract::extract(&page, &Hints::default()) {
        Extracted::Document(document) => serde_json::to_string_pretty(&document).unwrap(),
        Extracted::Feed(feed) => serde_json::to_string_pretty(&feed).unwrap(),
        Extracted::Opaque => "\"opaque\"".to_owned(),
    }
}
