//! The main job at its boundary: a real server over TLS, a real archive, a clock that the test sets on.

use crate::support::Bench;
use crate::support::seed::Seed;
use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use wangqi::archive::verify;
use wangqi::cli::demo::address::Address;
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::cli::demo::site;
use wangqi::crawl::{Pass, Report};
use wangqi::model::{ArticleState, ChangeKind, Key, Outcome, Rel};

fn poll() -> Pass {
    Pass { poll: true, due: true, ..Pass::default() }
}

fn by_outcome(reports: &[Report], outcome: Outcome) -> Vec<String> {
    let found = reports.iter().filter(|report| report.outcome == outcome);
    found.map(|report| report.title.clone().unwrap_or_else(|| report.url.clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_goes_round() {
    let Some(seed) = Seed::find("the_seed_goes_round") else { return };
    let feed = format!(
        "[[feed]]\nname = \"seed\"\nurl = \"{}\"\nfollow = {{ past_issues = 1, max_articles = 200 }}\n",
        seed.url
    );
    let bench = Bench::start(Seed::HOSTS, seed.handler(), &feed).await;
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, summary.counts.failed, summary.counts.blocked), (4, 0, 0));
    let archive = bench.open();
    let reader = archive.reader();
    let (key, row) = reader.find(&seed.url).unwrap().unwrap();
    assert_eq!(key.as_str(), "wx:3895788938:2247491825:1");
    let document = reader.document(&row.snapshots[0]).unwrap();
    assert_eq!(document.title.as_deref(), Some(seed.title.as_str()));
    assert_eq!(document.account.as_deref(), Some(seed.account.as_str()));
    assert_eq!(document.published.unwrap().to_rfc3339(), "2024-07-11T10:00:00+08:00");
    assert_eq!(document.place.as_deref(), Some("上海"));
    let picture = |url: &str| url.split('/').nth(4).map(str::to_owned);
    assert_eq!(document.cover.as_deref().and_then(picture), picture(&seed.cover));
    let squash = |text: &str| text.split_whitespace().collect::<String>();
    let lines: BTreeSet<String> = document.text.lines().map(squash).collect();
    for paragraph in &seed.paragraphs {
        assert!(lines.contains(&squash(paragraph)), "a paragraph is missing: {paragraph}");
    }
    for (level, heading) in &seed.headings {
        let line = format!("\n{} {heading}", "#".repeat(usize::from(*level)));
        assert!(document.markdown.contains(&line) || document.markdown.starts_with(line.trim()), "{line}");
    }
    let past: Vec<_> = document.links.iter().filter(|link| link.rel == Rel::PastIssue).collect();
    let expected: Vec<Key> = seed.past_issues.iter().map(|issue| Key::of_url(&issue.url.parse_canonical())).collect();
    assert_eq!(past.iter().map(|link| Key::of_url(&link.url)).collect::<Vec<_>>(), expected, "in order");
    for (issue, key) in seed.past_issues.iter().zip(&expected) {
        let row = reader.article(key).unwrap().unwrap();
        assert_eq!(row.title.as_deref(), Some(issue.title.as_str()));
        assert_eq!(row.depth, 1);
        assert_eq!(reader.linked_from(key, &row).unwrap(), [(key_of_seed(&seed), Rel::PastIssue)]);
    }
    assert_eq!(verify(&reader).unwrap().problems, [""; 0]);
    drop((reader, archive));
    let shown = bench.wangqi(&["show", &seed.url]);
    let head: Vec<&str> = shown.lines().take(8).collect();
    let url = "https://mp.weixin.qq.com/s?__biz=Mzg5NTc4ODkzOA==&mid=2247491825&idx=1&sn=";
    assert_eq!(
        head[..5],
        [&format!("# {}", seed.title), "", "文章作者: AI深度研究员", "发布时间: 2024-07-11 10:00", "发布地: 上海"]
    );
    assert!(head[5].starts_with(&format!("原文链接: {url}")), "{}", head[5]);
    assert!(head[6].is_empty() && head[7].starts_with("封面图链接: https://mmbiz.qpic.cn/"), "{head:?}");
    assert_eq!(shown.matches("# 往期回顾").count(), 1, "the section stands where the body has it");
}

fn key_of_seed(seed: &Seed) -> Key {
    Key::of_url(&seed.url.parse_canonical())
}

/// The demo's site, told which pass it is in.
pub(crate) fn demo_site() -> (Arc<AtomicU32>, Handler) {
    let pass = Arc::new(AtomicU32::new(1));
    let (shown, fetches) = (Arc::clone(&pass), AtomicU64::new(0));
    let handler: Handler = Arc::new(move |asked: &Asked| {
        site::answer(asked, shown.load(Ordering::Relaxed), fetches.fetch_add(1, Ordering::Relaxed))
    });
    (pass, handler)
}

pub(crate) fn demo_feeds() -> String {
    let feeds = site::feeds();
    let feed = |feed: &site::DemoFeed| {
        format!(
            "[[feed]]\nname = \"{}\"\nurl = \"{}\"\nfollow = {{ past_issues = {} }}\n",
            feed.name, feed.url, feed.past_issues
        )
    };
    feeds.iter().map(feed).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_crawled_changes_and_is_crawled_again() {
    let (pass, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &demo_feeds()).await;
    let (first, reports) = bench.crawl(poll()).await;
    assert_eq!(first.counts.new as usize, site::ARTICLES + site::NOTICES, "{reports:#?}");
    assert_eq!((first.counts.blocked, first.counts.failed), (1, 0));
    assert!(first.counts.assets > 10);

    let before = bench.open().reader().stats().unwrap();
    bench.ahead(TimeDelta::minutes(5));
    let (again, _) = bench.crawl(Pass { recheck: true, ..poll() }).await;
    let changed = again.counts.new + again.counts.edited + again.counts.gone + again.counts.failed;
    assert_eq!(changed, 0, "only nonces differ");
    let after = bench.open().reader().stats().unwrap();
    assert_eq!((before.snapshots, before.payloads), (after.snapshots, after.payloads));
    let grown = (after.segment_bytes - before.segment_bytes) / before.articles;
    assert!(grown < 2000, "{grown} bytes for each article that is the same");

    pass.store(2, Ordering::Relaxed);
    bench.ahead(TimeDelta::hours(25));
    let (second, reports) = bench.crawl(poll()).await;
    assert_eq!(second.counts.new as usize, site::NEW, "{:#?}", by_outcome(&reports, Outcome::New));
    assert_eq!(by_outcome(&reports, Outcome::Edited), [site::EDITED]);
    assert_eq!(second.counts.gone, 1);
    let state = |bench: &Bench| {
        let archive = bench.open();
        let rows: Vec<_> = archive.reader().articles().map(|row| row.unwrap().1).collect();
        rows.into_iter().find(|row| row.title.as_deref() == Some(site::DELETED)).unwrap().state
    };
    assert_eq!(state(&bench), ArticleState::Alive, "one sighting is not enough");
    bench.ahead(TimeDelta::minutes(62));
    bench.crawl(Pass { due: true, ..Pass::default() }).await;
    assert_eq!(state(&bench), ArticleState::Deleted);
    let archive = bench.open();
    let kinds: Vec<_> = archive.reader().changes(0).map(|change| change.unwrap().kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == ChangeKind::Deleted).count(), 1);
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn four_forms_of_a_url_are_one_article() {
    let (_, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, "").await;
    let address = Address::published_by(1)[0];
    let long = address.long_link();
    let forms = [
        address.short_link(),
        long.replace("https:", "http:"),
        format!("{}&scene=21#wechat_redirect", long.replace('&', "&amp;")),
        format!("{long}&chksm=00&scene=1&sharer_shareinfo=x#rd"),
    ];
    for form in &forms {
        bench.crawl(Pass { pages: vec![form.parse_canonical()], due: true, ..Pass::default() }).await;
    }
    let archive = bench.open();
    let articles: Vec<_> = archive.reader().articles().map(Result::unwrap).collect();
    assert_eq!(articles.len(), 1);
    assert_eq!(articles[0].1.snapshots.len(), 1);
    for form in &forms {
        assert_eq!(archive.reader().find(form).unwrap().unwrap().0, articles[0].0, "{form}");
    }
    assert_eq!(articles[0].1.url.wechat_rank(), 3, "the short link is the best to fetch by");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_crawl_goes_on_without_asking_twice() {
    let (_, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &demo_feeds()).await;
    // Stops as soon as the third article is acknowledged.
    let (stopped, _) = bench.crawl_until(poll(), |reports| by_outcome(reports, Outcome::New).len() >= 3).await;
    assert!(stopped.interrupted && stopped.counts.new < site::ARTICLES as u64, "{stopped:?}");
    let (rest, _) = bench.crawl(poll()).await;
    assert_eq!((stopped.counts.new + rest.counts.new) as usize, site::ARTICLES + site::NOTICES);
    let mut pictures: Vec<String> =
        bench.asked().into_iter().filter(|asked| asked.path.contains("/mmbiz")).map(|asked| asked.path).collect();
    let all = pictures.len();
    pictures.sort();
    pictures.dedup();
    assert!(all - pictures.len() <= 8, "at most what was in flight is asked for twice: {all} of {}", pictures.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn following_stops_at_max_articles() {
    let (_, handler) = demo_site();
    let feed = &site::feeds()[0];
    let toml =
        format!("[[feed]]\nname = \"a\"\nurl = \"{}\"\nfollow = {{ past_issues = 9, max_articles = 2 }}\n", feed.url);
    let bench = Bench::start(site::HOSTS, handler, &toml).await;
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!(summary.counts.new, 3, "the feed's article and two past issues");
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!(summary.counts.new, 0, "the limit is for all passes together");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_page_never_replaces_an_article_and_trouble_is_retried() {
    let (_, inner) = demo_site();
    let mode = Arc::new(AtomicU32::new(0));
    let (shown, hits) = (Arc::clone(&mode), AtomicU32::new(0));
    let handler: Handler = Arc::new(move |asked: &Asked| match shown.load(Ordering::Relaxed) {
        1 => Answer::status(503),
        2 if hits.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => Answer::status(500),
        3 => Answer::ok("text/html", "<html><head><title></title></head><body></body></html>"),
        _ => inner(asked),
    });
    let bench = Bench::start(site::HOSTS, handler, "").await;
    let page = Address::published_by(1)[0].long_link().parse_canonical();
    let save = || Pass { pages: vec![page.clone()], due: true, ..Pass::default() };
    mode.store(2, Ordering::Relaxed);
    let (summary, _) = bench.crawl(save()).await;
    assert_eq!((summary.counts.new, summary.counts.failed), (1, 0), "a hiccup is got over within the pass");
    for trouble in [1, 3] {
        mode.store(trouble, Ordering::Relaxed);
        let (summary, reports) = bench.crawl(save()).await;
        assert_eq!((summary.counts.new, summary.counts.edited, summary.counts.unchanged), (0, 0, 0), "{reports:?}");
    }
    let archive = bench.open();
    let (_, row) = archive.reader().find(page.as_str()).unwrap().unwrap();
    assert_eq!((row.snapshots.len(), row.state), (1, ArticleState::Alive));
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

/// Reads a URL that the test itself wrote.
trait ParseCanonical {
    fn parse_canonical(&self) -> wangqi::model::CanonicalUrl;
}

impl<T: AsRef<str>> ParseCanonical for T {
    fn parse_canonical(&self) -> wangqi::model::CanonicalUrl {
        wangqi::model::CanonicalUrl::parse(self.as_ref()).unwrap()
    }
}
