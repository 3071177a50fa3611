//! The links that lead to one article: which is asked for, what a better one changes, and what is made of another article's page.

use crate::support::account::{self, Account, Post, bare, key, long, short, title, url};
use crate::support::{Bench, article};
use chrono::{TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use wangqi::archive::verify;
use wangqi::cli::demo::server::Answer;
use wangqi::crawl::Pass;
use wangqi::fetch::{Fetcher, Options};
use wangqi::model::{ArticleState, Outcome};

fn poll() -> Pass {
    Pass { poll: true, due: true, ..Pass::default() }
}

fn save(link: &str) -> Pass {
    Pass { pages: vec![url(link)], due: true, ..Pass::default() }
}

fn feed(url: &str, follow: &str) -> String {
    format!("[[feed]]\nname = \"渡口\"\nurl = \"{url}\"\nfollow = {{ {follow} }}\nassets = []\n")
}

/// How often a link was asked for.
fn times(bench: &Bench, link: &str) -> usize {
    bench.asked().iter().filter(|asked| format!("https://{}{}", asked.host, asked.path) == link).count()
}

/// A page that names itself by nothing better than it was asked for.
fn plain() -> Post {
    Post { is_bare: true, ..Post::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_better_link_is_looked_for_before_a_bare_one_is_tried() {
    let mut posts: BTreeMap<u64, Post> = (1..=9).map(|mid| (mid, plain())).collect();
    posts.get_mut(&9).unwrap().past = vec![bare(1), bare(2), long(8)];
    // The past issue knows the way to the first; nobody knows one to the second.
    posts.get_mut(&8).unwrap().neighbours = (Some(1), None);
    let account = Account { posts, page: 2, captcha_for_bare: true, ..Account::default() };
    let (site, handler) = account.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&long(9), "past_issues = 1, albums = true")).await;
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, summary.counts.blocked), (3, 1), "{reports:#?}");
    assert_eq!((times(&bench, &bare(1)), times(&bench, &long(1)), times(&bench, &bare(2))), (0, 1, 1));
    let blocked = reports.iter().find(|report| report.outcome == Outcome::Blocked).unwrap();
    assert!(blocked.reason.as_deref().unwrap().contains("links without chksm"), "{blocked:?}");

    // Only such links rest: the site itself is asked on, and the bare one not again.
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.unchanged, summary.counts.blocked), (1, 0));
    assert_eq!(times(&bench, &bare(2)), 1);

    // A link with chksm that turns up while it waits takes its place, rest or no rest.
    site.lock().unwrap().posts.get_mut(&9).unwrap().neighbours = (Some(2), None);
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, times(&bench, &long(2)), times(&bench, &bare(2))), (1, 1, 1));
    let archive = bench.open();
    let (_, row) = archive.reader().find(&bare(2)).unwrap().unwrap();
    assert_eq!((row.url, row.title.unwrap()), (url(&long(2)), title(2)), "found by either link");
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_link_is_kept_and_used_when_it_is_looked_at_again() {
    let mut posts: BTreeMap<u64, Post> = (1..=3).map(|mid| (mid, plain())).collect();
    posts.get_mut(&2).unwrap().neighbours = (Some(1), None);
    posts.get_mut(&3).unwrap().mentions = vec![bare(1)];
    let (_, handler) = Account { posts, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, "").await;
    let best = |bench: &Bench| bench.open().reader().article(&key(1)).unwrap().unwrap().url;
    let again = || Pass { due: true, ..Pass::default() };
    bench.crawl(save(&bare(1))).await;
    assert_eq!(best(&bench), url(&bare(1)));
    // Another article's page shows a better one; a third one's a worse one.
    bench.crawl(save(&long(2))).await;
    assert_eq!(best(&bench), url(&long(1)));
    bench.crawl(save(&long(3))).await;
    assert_eq!(best(&bench), url(&long(1)));
    bench.ahead(TimeDelta::minutes(61));
    bench.crawl(again()).await;
    assert_eq!((times(&bench, &bare(1)), times(&bench, &long(1))), (1, 1));
    bench.crawl(save(&short(1))).await;
    assert_eq!(best(&bench), url(&short(1)));
    bench.crawl(save(&long(2))).await;
    assert_eq!(best(&bench), url(&short(1)), "never a worse one");
    bench.ahead(TimeDelta::days(1));
    bench.crawl(again()).await;
    assert_eq!((times(&bench, &bare(1)), times(&bench, &long(1)), times(&bench, &short(1))), (1, 1, 2));
    let archive = bench.open();
    assert_eq!(archive.reader().articles().count(), 3);
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_article_than_was_asked_for_takes_nobodys_place() {
    let posts: BTreeMap<u64, Post> = (1..=2).map(|mid| (mid, Post::default())).collect();
    let other = Answer::ok("text/html; charset=UTF-8", posts[&2].page(2, &long(2)));
    let (site, handler) = Account { posts, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, "").await;
    bench.crawl(save(&long(1))).await;
    site.lock().unwrap().instead = vec![("mid=1&".into(), other)];
    bench.ahead(TimeDelta::minutes(61));
    let (summary, reports) = bench.crawl(Pass { due: true, ..Pass::default() }).await;
    assert_eq!(summary.counts.new, 1, "{reports:?}");
    let said = reports[0].reason.as_deref().unwrap();
    assert!(said.contains(&format!("{} was asked for, and {} came", key(1), key(2))), "{said}");
    let archive = bench.open();
    let reader = archive.reader();
    let (found, row) = reader.find(&long(1)).unwrap().unwrap();
    assert_eq!((found, row.title, row.snapshots.len()), (key(1), Some(title(1)), 1));
    assert_eq!(row.state, ArticleState::Alive);
    let (found, row) = reader.find(&long(2)).unwrap().unwrap();
    assert_eq!((found, row.title, row.url), (key(2), Some(title(2)), url(&long(2))));
    let record = reader.visit(&row.snapshots[0]).unwrap();
    assert_eq!((record.asked, record.key), (Some(key(1)), Some(key(2))));
    assert_eq!(verify(&reader).unwrap().problems, [""; 0]);
    drop((reader, archive));

    // The one that was asked for is looked at again all the same, and comes back.
    site.lock().unwrap().instead.clear();
    bench.ahead(TimeDelta::days(1));
    let (summary, reports) = bench.crawl(Pass { due: true, ..Pass::default() }).await;
    assert_eq!((summary.counts.unchanged, summary.counts.new), (2, 0), "{reports:?}");
}

#[test]
fn a_captcha_on_a_bare_link_rests_only_such_links() {
    let (start, ahead) = (Utc::now(), Arc::new(AtomicI64::new(0)));
    let clock = Arc::clone(&ahead);
    let clock = move || start + TimeDelta::minutes(clock.load(Ordering::Relaxed));
    let fetcher = Fetcher::new(Options::default(), Arc::new(clock)).unwrap();
    let (bare, long) = (url(&bare(1)), url(&long(1)));
    let site = fetcher.site_of(&long);
    let (rests, until) = fetcher.report_blocked_at(&bare, start);
    assert_eq!((rests.as_str(), until - start), ("mp.weixin.qq.com (links without chksm)", TimeDelta::minutes(15)));
    assert_eq!((fetcher.ready_for(&bare, &site, start), fetcher.ready_for(&long, &site, start)), (until, start));
    // A captcha on a link that is mostly answered is about us: the whole site rests.
    let (rests, _) = fetcher.report_blocked_at(&long, start);
    assert_eq!(rests, site);
    assert!(fetcher.ready_for(&long, &site, start) > start && fetcher.ready_for(&bare, &site, start) > start);
    // When the rest is over, each is fine again by an answer of its own.
    ahead.store(16, Ordering::Relaxed);
    let now = start + TimeDelta::minutes(16);
    fetcher.report_fine_at(&long);
    assert_eq!(fetcher.report_blocked_at(&long, now).1 - now, TimeDelta::minutes(15), "the first again");
    assert_eq!(fetcher.report_blocked_at(&bare, now).1 - now, TimeDelta::hours(1), "the second");
}

fn entries(links: &[String]) -> (String, Answer) {
    let items: String =
        links.iter().map(|link| format!("<item><link>{}</link></item>", link.replace('&', "&amp;"))).collect();
    let rss = format!("<rss version=\"2.0\"><channel><title>b</title>{items}</channel></rss>");
    ("feeds.example/feed".into(), Answer::ok("application/rss+xml", rss))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_short_link_gives_way_to_the_next_link_of_its_article() {
    let posts: BTreeMap<u64, Post> = [(1, Post::default())].into();
    let account = Account { posts, page: 2, files: [entries(&[short(1), long(1)])].into(), ..Account::default() };
    let (site, handler) = account.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed("https://feeds.example/feed", "")).await;
    bench.crawl(poll()).await;
    let row = |bench: &Bench| bench.open().reader().article(&key(1)).unwrap().unwrap();
    assert_eq!(row(&bench).url, url(&short(1)));
    let dead = || Answer::ok("text/html; charset=UTF-8", article::notice("参数错误", ""));
    site.lock().unwrap().instead = vec![("/s/".into(), dead())];
    let before = times(&bench, &long(1));
    bench.ahead(TimeDelta::minutes(70));
    let due = || Pass { due: true, ..Pass::default() };
    let (summary, reports) = bench.crawl(due()).await;
    assert_eq!(summary.counts.unchanged, 1, "{reports:#?}");
    assert_eq!((row(&bench).url, times(&bench, &long(1)) - before), (url(&long(1)), 1));
    // Where none is left it is looked at when its turn comes, and not in a circle.
    site.lock().unwrap().instead = vec![("/s".into(), dead())];
    bench.ahead(TimeDelta::hours(24));
    let (summary, reports) = bench.crawl(due()).await;
    assert!(summary.counts.visits <= 2, "{reports:#?}");
    let archive = bench.open();
    let pending: Vec<_> = archive.reader().pending().map(|row| row.unwrap().0).collect();
    assert!(pending.iter().any(|target| target.recheck.is_some() && target.not_before > Utc::now()), "{pending:#?}");
    assert_eq!(verify(&archive.reader()).unwrap().problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_better_link_improves_what_is_pending_however_far_the_feed_reaches() {
    let mut posts: BTreeMap<u64, Post> = [(1, plain()), (2, plain())].into();
    posts.get_mut(&2).unwrap().neighbours = (Some(1), None);
    let files = [entries(&[bare(1), long(2)])].into();
    let account = Account { posts, page: 2, captcha_for_bare: true, files, ..Account::default() };
    let (_, handler) = account.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed("https://feeds.example/feed", "")).await;
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, summary.counts.blocked), (2, 0), "{reports:#?}");
    assert_eq!((times(&bench, &bare(1)), times(&bench, &long(1))), (0, 1));
    assert_eq!(verify(&bench.open().reader()).unwrap().problems, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_issue_of_another_account_is_left_out() {
    let mut posts: BTreeMap<u64, Post> = (1..=2).map(|mid| (mid, Post::default())).collect();
    let others = long(7).replace(account::BIZ, "MzkwMDAwMDAwOQ==");
    posts.get_mut(&2).unwrap().past = vec![short(1), others];
    let (_, handler) = Account { posts, page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&long(2), "past_issues = 2")).await;
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, summary.counts.visits), (2, 2), "{reports:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_article_whose_link_is_dead_is_a_failure_with_a_sentence() {
    let (_, handler) = Account { page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&short(1), "")).await;
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!(summary.counts.failed, 1, "{reports:#?}");
    let said = reports[0].reason.as_deref().unwrap();
    assert!(said.contains("leads to no article (参数错误)") && said.contains("[[feed]]"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_of_bare_links_is_told_with_its_end() {
    let posts: BTreeMap<u64, Post> = (1..=2).map(|mid| (mid, plain())).collect();
    let files = [entries(&[bare(1), bare(2)])].into();
    let account = Account { posts, page: 2, captcha_for_bare: true, files, ..Account::default() };
    let (_, handler) = account.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed("https://feeds.example/feed", "")).await;
    let begun = Utc::now();
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!(summary.counts.blocked, 1, "{reports:#?}");
    let waiting = &summary.waiting[0];
    assert_eq!(waiting.targets, 1, "{waiting:?}");
    assert!(waiting.until - begun > TimeDelta::minutes(14), "{waiting:?}");
}
