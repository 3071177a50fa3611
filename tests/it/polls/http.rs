//! The same rules by the crawler itself, over HTTP; and what bad answers come to.

use crate::support::Bench;
use chrono::TimeDelta;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::crawl::poll::{Condition, Poll};
use wangqi::crawl::{Pass, Report};
use wangqi::model::{FeedName, Outcome};

const TAG: &str = "W/\"a b;c, d\\\"";
const DATE: &str = "not even a date";

fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Lamps</title><description>d</description>{items}</channel></rss>"
    )
}

fn xml(body: impl Into<bytes::Bytes>) -> Answer {
    Answer::ok("application/rss+xml", body)
}

fn poll_of(bench: &Bench, feed: &str) -> Poll {
    let archive = bench.open();
    let kept = archive.reader().poll(&FeedName(feed.into())).unwrap().unwrap();
    serde_json::from_str(&kept).unwrap()
}

/// A bench whose site is paced as any other: the floors hold.
async fn paced(handler: Handler) -> Bench {
    let feed = "[[feed]]\nname = \"lamps\"\nurl = \"https://blog.example/feed\"\n";
    let bench = Bench::start(&["blog.example", "new.example"], handler, feed).await;
    let toml = fs::read_to_string(bench.path("crawl.toml")).unwrap();
    fs::write(bench.path("crawl.toml"), toml.replace("delay = \"0s\"", "delay = \"1s\"")).unwrap();
    bench
}

fn asked(bench: &Bench, path: &str) -> Vec<Asked> {
    bench.asked().into_iter().filter(|asked| asked.path == path).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_new_is_asked_for_with_both_validators_and_writes_nothing() {
    let mode = Arc::new(AtomicU32::new(0));
    let shown = Arc::clone(&mode);
    let bench = paced(Arc::new(move |asked: &Asked| match shown.load(Ordering::Relaxed) {
        1 => Answer::status(429).with("retry-after", "7200"),
        _ if asked.header("if-none-match") == Some(TAG) && asked.header("if-modified-since") == Some(DATE) => {
            Answer::status(304)
        }
        _ => xml(rss("")).with("etag", TAG).with("last-modified", DATE).with("cache-control", "max-age=7200"),
    }))
    .await;
    let count = |bench: &Bench| asked(bench, "/feed").len();
    bench.run_what_is_due().await;
    assert_eq!(count(&bench), 1, "a new feed is asked now");
    bench.ahead(TimeDelta::minutes(119));
    bench.run_what_is_due().await;
    assert_eq!(count(&bench), 1, "its answer is good for two hours, also over a restart");
    let held = bench.open().reader().stats().unwrap().segment_bytes;
    for more in 2..5 {
        bench.ahead(TimeDelta::hours(27));
        bench.run_what_is_due().await;
        assert_eq!(count(&bench), more);
    }
    assert!(asked(&bench, "/feed")[1..].iter().all(|asked| asked.header("if-none-match") == Some(TAG)));
    let after = bench.open().reader().stats().unwrap().segment_bytes;
    assert!(after - held <= 4096, "304 writes no record (each opening begins a segment at most): {held} {after}");
    let poll = poll_of(&bench, "lamps");
    assert_eq!((poll.condition(chrono::Utc::now()), poll.errors), (Condition::Fine, 0));
    assert!(poll.unmodified_since.is_some());

    bench.crawl(Pass { poll: true, ..Pass::default() }).await;
    assert_eq!(count(&bench), 4, "by hand not sooner than five minutes after");
    bench.ahead(TimeDelta::minutes(6));
    bench.crawl(Pass { poll: true, ..Pass::default() }).await;
    assert_eq!(count(&bench), 5, "and then with what there is to ask with");
    assert_eq!(asked(&bench, "/feed")[4].header("if-modified-since"), Some(DATE));

    mode.store(1, Ordering::Relaxed);
    bench.ahead(TimeDelta::hours(27));
    bench.run_what_is_due().await;
    assert_eq!((count(&bench), poll_of(&bench, "lamps").errors), (6, 0), "429 is no failure of the feed's");
    mode.store(0, Ordering::Relaxed);
    bench.ahead(TimeDelta::minutes(118));
    bench.run_what_is_due().await;
    assert_eq!(count(&bench), 6, "two hours are two hours");
    bench.ahead(TimeDelta::minutes(3));
    bench.run_what_is_due().await;
    assert_eq!(count(&bench), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_believed_after_a_week_and_validators_go_to_nobody_else() {
    let bench = paced(Arc::new(|asked: &Asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("blog.example", "/feed") => {
            Answer::status(301).with("location", "https://new.example/atom").with("etag", "\"old\"")
        }
        _ => xml(rss("")).with("etag", TAG),
    }))
    .await;
    for _ in 0..8 {
        bench.run_what_is_due().await;
        bench.ahead(TimeDelta::hours(27));
    }
    assert!(asked(&bench, "/feed").len() >= 7);
    assert!(asked(&bench, "/feed").iter().all(|asked| asked.header("if-none-match").is_none()), "they are the other's");
    let there = asked(&bench, "/atom");
    assert!(there[1..].iter().all(|asked| asked.header("if-none-match") == Some(TAG)), "{there:?}");
    let poll = poll_of(&bench, "lamps");
    assert_eq!(poll.moved_to.unwrap().as_str(), "https://new.example/atom");
    let before = asked(&bench, "/feed").len();
    bench.ahead(TimeDelta::hours(27));
    bench.run_what_is_due().await;
    assert_eq!((asked(&bench, "/feed").len(), asked(&bench, "/atom").len()), (before, there.len() + 1));
    let listed = bench.wangqi(&["feed", "list"]);
    assert!(listed.contains("url = \"https://new.example/atom\""), "{listed}");
    assert!(
        fs::read_to_string(bench.path("crawl.toml")).unwrap().contains("https://blog.example/feed"),
        "the file is its owner's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_gone_is_asked_once_more_and_then_left_alone() {
    let bench = paced(Arc::new(|_: &Asked| Answer::status(410))).await;
    for (hours, times) in [(0, 1), (23, 1), (4, 2), (24 * 40, 2)] {
        bench.ahead(TimeDelta::hours(hours));
        bench.run_what_is_due().await;
        assert_eq!(asked(&bench, "/feed").len(), times, "{hours} h later");
    }
    assert!(bench.wangqi(&["feed", "list"]).contains("gone: its server said so twice (410)"));
    assert!(bench.wangqi(&["stats"]).contains("lamps: gone"));
}

/// What each bad feed answers with.
fn bad(asked: &Asked, later: bool) -> Answer {
    let laughs: String =
        (1..12).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    let page = "<!DOCTYPE html><html><head><title>Blog</title>\
        <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/other\"></head><body><p>Hello</p></body></html>";
    match asked.path.as_str() {
        "/page" if later => Answer::ok("text/html", page),
        "/page" | "/good" => xml(rss(if later { "<item><title>x</title><guid>1</guid></item>" } else { "" })),
        "/empty" => xml(""),
        "/challenge" => Answer::status(403).with("cf-mitigated", "challenge"),
        "/challenged" => {
            Answer::ok("text/html", "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>")
        }
        "/entities" => xml(rss(&format!("<item><title>{}</title></item>", "&amp;".repeat(4 * 1024 * 1024)))),
        "/outside" => xml(format!(
            "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY o SYSTEM \"https://blog.example/secret\">\
             <!ENTITY f SYSTEM \"file:///etc/hostname\"><!ENTITY % p SYSTEM \"https://blog.example/dtd\"> %p;]>{}",
            &rss("<item><title>&o;&f;</title><guid>2</guid></item>")[21..]
        )),
        "/laughs" => xml(format!(
            "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY l0 \"lol\">{laughs}]>{}",
            &rss("<item><title>&l11;</title><guid>3</guid></item>")[21..]
        )),
        _ => Answer::status(404),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_answers_have_their_sentence_and_hurt_nobody_else() {
    const BAD: &[&str] = &["page", "empty", "challenge", "challenged", "entities", "outside", "laughs", "good"];
    let later = Arc::new(AtomicU32::new(0));
    let shown = Arc::clone(&later);
    let feeds: String = BAD
        .iter()
        .map(|name| format!("[[feed]]\nname = \"{name}\"\nurl = \"https://{name}.example/{name}\"\n"))
        .collect();
    let hosts: Vec<String> = BAD.iter().map(|name| format!("{name}.example")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let bench =
        Bench::start(&hosts, Arc::new(move |asked: &Asked| bad(asked, shown.load(Ordering::Relaxed) > 0)), &feeds)
            .await;
    bench.crawl(Pass { poll: true, ..Pass::default() }).await;
    later.store(1, Ordering::Relaxed);
    bench.ahead(TimeDelta::hours(1));
    let (summary, reports) = bench.crawl(Pass { poll: true, ..Pass::default() }).await;
    let of = |name: &str| -> &Report { reports.iter().find(|report| report.feed.0 == name).unwrap() };
    let said = |name: &str| of(name).reason.clone().unwrap_or_default();
    assert_eq!(of("page").outcome, Outcome::Failed);
    assert!(said("page").contains("a page where a feed was"), "{}", said("page"));
    assert!(said("empty").contains("answered with nothing"), "{}", said("empty"));
    for name in ["challenge", "challenged"] {
        assert_eq!(of(name).outcome, Outcome::Blocked);
        assert!(said(name).contains("a challenge of Cloudflare"), "{}", said(name));
        assert_eq!(poll_of(&bench, name).condition(chrono::Utc::now()), Condition::Blocked);
    }
    for name in ["outside", "laughs", "entities"] {
        // Read or not: nothing is fetched for it and nothing unfolds.
        assert!(matches!(of(name).outcome, Outcome::Feed | Outcome::Failed), "{name}: {:?}", of(name));
    }
    assert_eq!(of("good").outcome, Outcome::Feed);
    assert_eq!((summary.counts.blocked, summary.by_feed[&FeedName("good".into())].failed), (2, 0));
    let foreign: Vec<_> =
        bench.asked().into_iter().filter(|asked| !BAD.contains(&asked.path.trim_matches('/'))).collect();
    assert_eq!(foreign, [], "neither what an entity names nor what a page names is fetched");
    let listed = bench.wangqi(&["feed", "list", "--json"]);
    assert!(listed.contains("\"condition\": \"blocked\"") && listed.contains("\"condition\": \"failing\""), "{listed}");
    assert!(!listed.contains("lollol") && !bench.wangqi(&["list"]).contains("lollol"));
}
