//! Killed at any moment: what was printed is there, the archive is clean, and the crawl goes on to the exact set.
//!
//! This is the short version; `tests/slow/torture.py` does it many times, with power cuts too.

use crate::crawl::{demo_feeds, demo_site};
use crate::support::{Bench, Watched};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use wangqi::archive::verify;
use wangqi::cli::demo::site;
use wangqi::crawl::Pass;

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_any_line_nothing_printed_is_lost() {
    for lines in [1, 3, 8, 20, 40] {
        let (_, handler) = demo_site();
        let bench = Bench::start(site::HOSTS, handler, &demo_feeds()).await;
        let mut child =
            Watched::spawn(bench.command(&["crawl", "--jsonl"]).stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said: Vec<String> = printed.by_ref().take(lines).map_while(Result::ok).collect();
        child.kill().unwrap();
        child.wait();
        // What it had printed before the kill is promised too, but for a line cut in two.
        said.extend(printed.map_while(Result::ok));
        let archive = bench.open();
        let reader = archive.reader();
        for line in said {
            let Ok(line) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
            if let Some(key) = line["key"].as_str() {
                assert!(reader.find(key).unwrap().is_some(), "printed and lost: {line}");
            }
            if line["outcome"] == "asset" {
                let url = wangqi::model::CanonicalUrl::parse(line["url"].as_str().unwrap()).unwrap();
                let digest = reader.url(&url).unwrap().and_then(|row| row.digest).unwrap();
                assert!(reader.payload(&digest).unwrap().is_some(), "printed and lost: {line}");
            }
        }
        assert_eq!(verify(&reader).unwrap().problems, [""; 0]);
        drop((reader, archive));
        bench.crawl(Pass { poll: true, due: true, ..Pass::default() }).await;
        let archive = bench.open();
        assert_eq!(archive.reader().articles().count(), site::ARTICLES + site::NOTICES);
        assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
    }
}
