//! Any bytes as an album's answer, the back-end's, or a saved page.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wangqi::extract::{mhtml, wechat::listing};

fuzz_target!(|data: &[u8]| {
    let _ = listing::album(data);
    let _ = listing::published(data, 0);
    if let Some(saved) = mhtml::open(data) {
        saved.parts.iter().for_each(|part| drop(part.decode()));
    }
});
