//! A captcha in the middle of a crawl: its site is left alone, the others go on, and nothing of it becomes content.

use crate::support::Bench;
use crate::support::article;
use chrono::TimeDelta;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use wangqi::archive::{Archive, verify};
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::cli::demo::special;
use wangqi::crawl::{Pass, Report, Stand, Standing};
use wangqi::fetch::Pace;
use wangqi::model::{ArticleState, CanonicalUrl, Outcome, Site};

const WECHAT: &str = "mp.weixin.qq.com";
const BLOG: &str = "blog.example.org";

fn pass() -> Pass {
    Pass { poll: true, due: true, ..Pass::default() }
}

/// A feed of a blog whose entries are three WeChat articles and three pages of the blog; how WeChat answers is told from outside:
/// 0 as it should, 1 with a captcha after the first article, 2 with nothing but captchas, 3 with ones that nobody has seen yet,
/// 4 with no page at the captcha's address.
fn site() -> (Arc<AtomicU32>, Handler) {
    let mode = Arc::new(AtomicU32::new(0));
    let (shown, pages) = (Arc::clone(&mode), AtomicU32::new(0));
    let handler: Handler = Arc::new(move |asked: &Asked| {
        if asked.host == BLOG {
            return blog(asked);
        }
        let served = pages.fetch_add(1, Ordering::Relaxed);
        let is_blocked = match shown.load(Ordering::Relaxed) {
            0 => false,
            1 => served > 0,
            _ => true,
        };
        if is_blocked {
            // As WeChat does it: away to the verification page, which answers 200.
            if asked.path.starts_with("/mp/wappoc_appmsgcaptcha") {
                let page = |html: String| Answer::ok("text/html; charset=UTF-8", html);
                return match shown.load(Ordering::Relaxed) {
                    3 => page("<html><body><p>拼好图再往前走</p><script src=\"x.js\"></script></body></html>".into()),
                    4 => Answer::status(404),
                    _ => page(special::captcha("https://mp.weixin.qq.com/s", 7)),
                };
            }
            let to = "https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=HGxx&target_url=";
            return Answer::status(302).with("location", &format!("{to}{}", encoded(&asked.path)));
        }
        article::answer(asked, "", u64::from(served))
    });
    (mode, handler)
}

fn encoded(path: &str) -> String {
    url::form_urlencoded::byte_serialize(format!("https://{WECHAT}{path}").as_bytes()).collect()
}

fn blog(asked: &Asked) -> Answer {
    if asked.path != "/feed" {
        let text = "A page of the blog, with a few words to read, so that it is an article. ".repeat(12);
        let html = format!(
            "<html><head><title>Page {0}</title></head><body><article><h1>Page {0}</h1><p>{text}</p></article></body></html>",
            asked.path
        );
        return Answer::ok("text/html", html);
    }
    let wechat = (1..=3).map(article::link);
    let links = wechat.chain((1..=3).map(|page| format!("https://{BLOG}/{page}")));
    let items: String =
        links.map(|link| format!("<item><title>t</title><link>{}</link></item>", link.replace('&', "&amp;"))).collect();
    Answer::ok("application/rss+xml", format!("<rss version=\"2.0\"><channel><title>b</title>{items}</channel></rss>"))
}

async fn bench(handler: Handler) -> Bench {
    Bench::start(&[WECHAT, BLOG], handler, &format!("[[feed]]\nname = \"b\"\nurl = \"https://{BLOG}/feed\"\n")).await
}

fn standing(archive: &Archive) -> Option<Standing> {
    let kept = archive.reader().paces().map(Result::unwrap).find(|(site, _)| site == WECHAT)?;
    Standing::read(Site::named_as(kept.0), &kept.1)
}

fn blocked(reports: &[Report]) -> Vec<String> {
    let blocked = reports.iter().filter(|report| report.outcome == Outcome::Blocked);
    blocked.map(|report| report.reason.clone().unwrap()).collect()
}

fn asked_of_wechat(bench: &Bench) -> usize {
    bench.asked().iter().filter(|asked| asked.host == WECHAT && asked.path.starts_with("/s")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captcha_pauses_its_site_and_nothing_else() {
    let (mode, handler) = site();
    let bench = bench(handler).await;
    mode.store(1, Ordering::Relaxed);
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!(summary.counts.new, 4, "one article came before the captcha, and the blog's three: {reports:#?}");
    assert!((1..=2).contains(&summary.counts.blocked), "what was under way together meets one block: {reports:#?}");
    assert_eq!((summary.counts.failed, summary.counts.gone, summary.counts.edited), (0, 0, 0));
    let words = &blocked(&reports)[0];
    assert!(words.starts_with("mp.weixin.qq.com asked for a captcha; left alone until "), "{words}");
    assert!(words.contains("one page will be tried then") && words.ends_with(" wait"), "{words}");
    assert_eq!(summary.paused.len(), 1, "{:?}", summary.paused);
    assert!(summary.paused[0].ends_with("one page will be tried then; 2 wait"), "{:?}", summary.paused);

    let archive = bench.open();
    let reader = archive.reader();
    let held: Vec<_> =
        reader.articles().map(Result::unwrap).filter(|(key, _)| key.as_str().starts_with("wx")).collect();
    assert_eq!(held.len(), 1, "a captcha is no article");
    assert_eq!(held[0].1.state, ArticleState::Alive);
    assert_eq!(reader.stats().unwrap().snapshots, 4);
    let pending = reader.pending().map(Result::unwrap).filter(|(target, _)| target.recheck.is_none());
    let pending: Vec<_> = pending.collect();
    assert_eq!(pending.len(), 2, "both stay pending: {pending:#?}");
    for attempt in pending.iter().filter_map(|(_, attempt)| attempt.as_ref()) {
        assert_eq!(attempt.tries, 0, "a block is not held against an article");
    }
    assert_eq!(verify(&reader).unwrap().problems, [""; 0]);
    drop((reader, archive));
    let shown = bench.wangqi(&["stats"]);
    let line = shown.lines().find(|line| line.starts_with("mp.weixin.qq.com")).unwrap();
    assert!(line.contains("asked for a captcha; left alone until ") && line.ends_with("; 2 wait"), "{line}");
    let shown: serde_json::Value = serde_json::from_str(&bench.wangqi(&["stats", "--json"])).unwrap();
    let site = shown["sites"].as_array().unwrap().iter().find(|site| site["site"] == WECHAT).unwrap();
    assert_eq!(
        (site["stand"].as_str(), site["blocks"].as_u64(), site["pending"].as_u64()),
        (Some("open"), Some(1), Some(2))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_breaker_survives_restarts_and_one_page_is_tried_when_it_half_opens() {
    let (mode, handler) = site();
    let bench = bench(handler).await;
    mode.store(2, Ordering::Relaxed);
    bench.crawl(pass()).await;
    let (pace, asked) = (standing(&bench.open()).unwrap().pace, asked_of_wechat(&bench));
    assert_eq!(pace.blocks, 1);
    // Every pass is a program of its own: the archive was closed, and the fetcher is new.
    // A wait of up to five minutes would be waited for.
    bench.ahead(TimeDelta::minutes(9));
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!((summary.counts.blocked, summary.counts.feeds), (0, 1), "{reports:#?}");
    assert_eq!(asked_of_wechat(&bench), asked, "nothing is asked while the breaker is open");
    bench.ahead(TimeDelta::minutes(7));
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!(summary.counts.blocked, 1, "{reports:#?}");
    assert_eq!(asked_of_wechat(&bench), asked + 1, "one page is tried, though four may be under way at once");
    assert!(blocked(&reports)[0].contains("asked for a captcha, 2 times in a row"), "{reports:#?}");
    let again = standing(&bench.open()).unwrap().pace;
    let (first, second) = (pace.open_until.unwrap(), again.open_until.unwrap());
    assert!(second - first > TimeDelta::minutes(29), "longer each time: {first} {second}");
    assert!(again.open_until.unwrap() - first < TimeDelta::hours(25));

    mode.store(0, Ordering::Relaxed);
    bench.ahead(TimeDelta::hours(2));
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!((summary.counts.new, summary.counts.blocked), (3, 0), "{reports:#?}");
    let standing = standing(&bench.open()).unwrap();
    assert_eq!((standing.pace.blocks, standing.stand(chrono::Utc::now())), (0, Stand::Ready));
    let key = bench.open().reader().find(&article::link(1)).unwrap().unwrap().0;
    assert!(key.as_str().starts_with("wx:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captcha_in_place_of_a_held_article_changes_nothing() {
    let (mode, handler) = site();
    let bench = bench(handler).await;
    bench.crawl(pass()).await;
    let rows = |bench: &Bench| bench.open().reader().articles().map(Result::unwrap).collect::<Vec<_>>();
    let before = rows(&bench);
    mode.store(2, Ordering::Relaxed);
    bench.ahead(TimeDelta::hours(2));
    let (summary, _) = bench.crawl(pass()).await;
    assert!(summary.counts.blocked > 0);
    assert_eq!(rows(&bench), before, "no state, no sighting, no snapshot");
    let url = CanonicalUrl::parse(&article::link(1)).unwrap();
    let archive = bench.open();
    assert!(archive.reader().url(&url).unwrap().is_some_and(|row| row.outcome == Outcome::New));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_captchas_address_is_enough_whatever_it_shows() {
    for unfamiliar in [3, 4] {
        let (mode, handler) = site();
        let bench = bench(handler).await;
        bench.crawl(pass()).await;
        let rows = |bench: &Bench| bench.open().reader().articles().map(Result::unwrap).collect::<Vec<_>>();
        let before = rows(&bench);
        mode.store(unfamiliar, Ordering::Relaxed);
        bench.ahead(TimeDelta::hours(2));
        let (summary, reports) = bench.crawl(pass()).await;
        assert!(summary.counts.blocked > 0, "{reports:#?}");
        assert_eq!(
            summary.counts.gone, 0,
            "a 404 at the captcha's address says nothing about the article: {reports:#?}"
        );
        assert_eq!(rows(&bench), before, "no state, no sighting, no snapshot");
        assert_eq!(standing(&bench.open()).unwrap().pace.blocks, 1, "the breaker is open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_used_up_is_told_in_words() {
    let now = chrono::Utc::now();
    if (now + TimeDelta::minutes(3)).date_naive() != now.date_naive() {
        return crate::support::say("a_day_that_is_used_up_is_told_in_words: skipped, the day is about to end");
    }
    let (_, handler) = site();
    let bench = bench(handler).await;
    let toml = std::fs::read_to_string(bench.path("crawl.toml")).unwrap();
    let host = format!("host = \"{WECHAT}\"\n");
    std::fs::write(bench.path("crawl.toml"), toml.replace(&host, &format!("{host}daily_limit = 2\n"))).unwrap();
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!(
        (summary.counts.new, summary.counts.blocked),
        (5, 0),
        "two of WeChat's, three of the blog's: {reports:#?}"
    );
    let words = "mp.weixin.qq.com has had its 2 requests of the day; left alone until ";
    assert!(summary.paused[0].starts_with(words) && summary.paused[0].ends_with("; 1 wait"), "{:?}", summary.paused);
    let shown = bench.wangqi(&["stats"]);
    assert!(shown.lines().any(|line| line.starts_with(words) && line.ends_with("; 1 wait")), "{shown}");
    bench.ahead(TimeDelta::hours(24));
    let (summary, _) = bench.crawl(pass()).await;
    assert_eq!(
        (summary.counts.new, summary.paused.len()),
        (1, 1),
        "what is new, one that is due again; another one waits"
    );
}

/// The bench, with WeChat asked one thing at a time.
fn one_by_one(bench: &Bench) {
    let toml = std::fs::read_to_string(bench.path("crawl.toml")).unwrap();
    std::fs::write(bench.path("crawl.toml"), toml.replace("concurrency = 4", "concurrency = 1")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captcha_behind_a_redirect_pauses_the_site_that_answered() {
    let is_blocked = Arc::new(AtomicU32::new(1));
    let shown = Arc::clone(&is_blocked);
    let handler: Handler = Arc::new(move |asked: &Asked| {
        if asked.host == WECHAT && shown.load(Ordering::Relaxed) == 1 {
            return Answer::ok("text/html; charset=UTF-8", special::captcha("https://mp.weixin.qq.com/s", 7));
        }
        match asked.path.as_str() {
            "/feed" => {
                let links = (1..=3).map(|page| format!("https://{BLOG}/go{page}")).chain([format!("https://{BLOG}/1")]);
                let items: String = links.map(|link| format!("<item><link>{link}</link></item>")).collect();
                Answer::ok("application/rss+xml", format!("<rss><channel><title>b</title>{items}</channel></rss>"))
            }
            path if path.starts_with("/go") => {
                Answer::status(302).with("location", &article::link(path[3..].parse().unwrap()))
            }
            _ if asked.host == BLOG => blog(asked),
            _ => article::answer(asked, "", 1),
        }
    });
    let bench = bench(handler).await;
    one_by_one(&bench);
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!((summary.counts.new, summary.counts.blocked), (1, 1), "the blog's own page comes: {reports:#?}");
    assert!(blocked(&reports)[0].starts_with("mp.weixin.qq.com asked for a captcha"), "{reports:#?}");
    assert_eq!(standing(&bench.open()).unwrap().pace.blocks, 1);
    let archive = bench.open();
    let blog = archive.reader().paces().map(Result::unwrap).find(|(site, _)| site.contains("example")).unwrap();
    assert_eq!(Standing::read(Site::named_as(blog.0), &blog.1).unwrap().pace.blocks, 0);
    drop(archive);
    is_blocked.store(0, Ordering::Relaxed);
    bench.ahead(TimeDelta::minutes(16));
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!((summary.counts.new, summary.counts.blocked), (3, 0), "{reports:#?}");
    assert_eq!(standing(&bench.open()).unwrap().pace.blocks, 0, "the site that answered is fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_page_that_always_draws_a_captcha_does_not_starve_its_site() {
    for poison in 1..=3 {
        let handler: Handler = Arc::new(move |asked: &Asked| match article::ids(asked) {
            Some((_, mid)) if mid == poison => {
                Answer::ok("text/html; charset=UTF-8", special::captcha("https://mp.weixin.qq.com/s", 7))
            }
            _ if asked.host == BLOG => blog(asked),
            _ => article::answer(asked, "", 1),
        });
        let bench = bench(handler).await;
        one_by_one(&bench);
        bench.crawl(pass()).await;
        bench.ahead(TimeDelta::minutes(16));
        let (_, reports) = bench.crawl(pass()).await;
        let archive = bench.open();
        let held = archive.reader().articles().filter(|row| row.as_ref().unwrap().0.as_str().starts_with("wx")).count();
        assert_eq!(held, 2, "{poison}: {reports:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_no_block_and_empties_no_queue() {
    let mode = Arc::new(AtomicU32::new(1));
    let shown = Arc::clone(&mode);
    let handler: Handler = Arc::new(move |asked: &Asked| match shown.load(Ordering::Relaxed) {
        _ if asked.host == BLOG => blog(asked),
        1 => Answer::ok("text/html; charset=UTF-8", special::captcha("https://mp.weixin.qq.com/s", 7)),
        2 => Answer::status(403),
        _ => article::answer(asked, "", 1),
    });
    let bench = bench(handler).await;
    one_by_one(&bench);
    bench.crawl(pass()).await;
    mode.store(2, Ordering::Relaxed);
    bench.ahead(TimeDelta::minutes(16));
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!((summary.counts.failed, summary.counts.new), (3, 0), "{reports:#?}");
    assert_eq!(standing(&bench.open()).unwrap().pace.blocks, 1, "a 403 is no good answer");
    mode.store(0, Ordering::Relaxed);
    bench.ahead(TimeDelta::hours(2));
    let (summary, reports) = bench.crawl(pass()).await;
    assert_eq!(summary.counts.new, 3, "all of them are asked again: {reports:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_used_up_is_remembered_however_the_program_ends() {
    let now = chrono::Utc::now();
    if (now + TimeDelta::minutes(3)).date_naive() != now.date_naive() {
        return crate::support::say("a_day_that_is_used_up_is_remembered: skipped, the day is about to end");
    }
    let (_, handler) = site();
    let bench = bench(handler).await;
    let toml = std::fs::read_to_string(bench.path("crawl.toml")).unwrap();
    let host = format!("host = \"{WECHAT}\"\n");
    std::fs::write(bench.path("crawl.toml"), toml.replace(&host, &format!("{host}daily_limit = 2\n"))).unwrap();
    let is_wechat = |report: &&Report| report.url.contains(WECHAT);
    bench.crawl_and_die(pass(), |seen| seen.iter().filter(is_wechat).count() == 2).await;
    bench.crawl(pass()).await;
    assert_eq!(asked_of_wechat(&bench), 2);
}

#[test]
fn an_answer_that_was_asked_for_before_a_block_does_not_end_it() {
    use wangqi::fetch::{Event, SiteRule, step};
    let (rule, now) = (SiteRule::default_for(WECHAT), chrono::Utc::now());
    let open = step(&rule, &Pace::default(), Event::Blocked, now);
    let late = step(&rule, &open, Event::Fine, now + TimeDelta::seconds(1));
    assert_eq!(late, open);
    assert!(late.is_half_open(now + TimeDelta::minutes(15)));
}
