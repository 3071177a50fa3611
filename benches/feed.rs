//! Reading feeds: ours, with everything that they say, against feed-rs and rss.
//!
//! Over saved feeds where there are some (`WANGQI_SHARED`), else over feeds made here in the proportions of real ones.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wangqi::extract::feed;

/// A blog's feed: some fifteen entries, most of it escaped HTML.
fn made(format: &str) -> Vec<u8> {
    let words = "<p>The ferry leaves when the tide does, and &quot;nobody&quot; hurries it. <a href=\"/notes/1\">More</a></p>\n";
    let body = words.repeat(60);
    let escaped = body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut out = String::new();
    for n in 0..15 {
        out.push_str(&match format {
            "rss" => format!(
                "<item><title>Day {n}</title><link>https://hill.example/{n}</link><guid isPermaLink=\"false\">https://hill.example/?p={n}</guid>\
                 <pubDate>Mon, 02 Nov 2026 10:00:00 +0800</pubDate><dc:creator><![CDATA[Lin]]></dc:creator><category><![CDATA[Notes]]></category>\
                 <description><![CDATA[{words}]]></description><content:encoded><![CDATA[{body}]]></content:encoded><slash:comments>0</slash:comments></item>\n"
            ),
            _ => format!(
                "<entry><title>Day {n}</title><link href=\"https://hill.example/{n}\"/><id>tag:hill.example,{n}</id><updated>2026-11-02T10:00:00Z</updated>\
                 <author><name>Lin</name></author><content type=\"html\" xml:base=\"https://hill.example/\">{escaped}</content></entry>\n"
            ),
        });
    }
    match format {
        "rss" => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\"><channel><title>Hill</title>\
             <link>https://hill.example/</link><description>Notes</description>{out}</channel></rss>"
        ),
        _ => format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Hill</title>{out}</feed>"),
    }
    .into_bytes()
}

/// The feeds to read, and what they are.
fn feeds() -> (&'static str, Vec<Vec<u8>>) {
    let folder =
        std::env::var_os("WANGQI_SHARED").map(|shared| std::path::PathBuf::from(shared).join("corpus/feeds/real"));
    let files = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
    let mut files: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    files.sort();
    let saved: Vec<Vec<u8>> = files.iter().filter_map(|file| std::fs::read(file).ok()).collect();
    if saved.is_empty() { ("made feeds", vec![made("rss"), made("atom")]) } else { ("saved feeds", saved) }
}

fn reading(criterion: &mut Criterion) {
    let (what, feeds) = feeds();
    let mut group = criterion.benchmark_group(what);
    group.throughput(Throughput::Bytes(feeds.iter().map(|feed| feed.len() as u64).sum())).sample_size(10);
    group.bench_function("ours", |bencher| {
        bencher.iter(|| {
            feeds.iter().map(|payload| black_box(feed::parse(payload, "", None)).entries.len()).sum::<usize>()
        });
    });
    group.bench_function("feed-rs", |bencher| {
        // It panics on some documents.
        let one = |payload: &[u8]| {
            catch_unwind(AssertUnwindSafe(|| feed_rs::parser::parse(payload))).ok().and_then(Result::ok)
        };
        bencher.iter(|| feeds.iter().filter_map(|payload| black_box(one(payload))).count());
    });
    group.bench_function("rss, where it is RSS", |bencher| {
        bencher
            .iter(|| feeds.iter().filter_map(|payload| black_box(rss::Channel::read_from(&payload[..])).ok()).count());
    });
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
