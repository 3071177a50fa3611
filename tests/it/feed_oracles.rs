//! No entry that another program finds is missing from ours: feed-rs and rss are asked here, feedparser's counts are recorded.
//!
//! Runs over saved feeds where there are some (`WANGQI_SHARED`), and says so where there are none.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use wangqi::extract::feed;

/// How many entries feedparser 6.0.14 finds in each, made by `tests/slow/feedparser_counts.py`.
const FEEDPARSER: &str = include_str!("../corpus/feeds/feedparser_counts.tsv");

#[test]
fn no_entry_that_others_find_is_missing() {
    let Some(shared) = std::env::var_os("WANGQI_SHARED") else {
        eprintln!(
            "no_entry_that_others_find_is_missing: skipped, WANGQI_SHARED names no folder with corpus/feeds/real"
        );
        return;
    };
    let folder = PathBuf::from(shared).join("corpus/feeds/real");
    let recorded = |name: &str| {
        let line = FEEDPARSER.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'));
        line.and_then(|count| count.parse().ok()).unwrap_or(0_usize)
    };
    let mut files: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut lost = Vec::new();
    for file in &files {
        let payload = fs::read(file).unwrap();
        let ours = feed::parse(&payload, "", None);
        let theirs = catch_unwind(AssertUnwindSafe(|| feed_rs::parser::parse(&payload[..])));
        let theirs = theirs.ok().and_then(Result::ok).map_or(0, |feed| feed.entries.len());
        let rss = rss::Channel::read_from(&payload[..]).map_or(0, |channel| channel.items.len());
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let most = theirs.max(rss).max(recorded(&name));
        if ours.entries.len() < most.min(feed::MOST_ENTRIES) {
            lost.push(format!("{name}: {} of {most}", ours.entries.len()));
        }
    }
    assert!(lost.is_empty(), "of {} feeds: {lost:?}", files.len());
}
