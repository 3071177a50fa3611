//! Any bytes as a feed: it is answered, within its limits, and what is answered can be printed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wangqi::extract::feed::{self, Source};

fuzz_target!(|data: &[u8]| {
    let source = Source { content_type: "", base: Some("https://hill.example/feed"), language: Some("en") };
    let (document, problems) = feed::examine(data, &source);
    assert!(document.entries.len() <= feed::MOST_ENTRIES);
    assert!(problems.len() <= document.problems.len());
    assert!(serde_json::to_string(&document).is_ok());
});
