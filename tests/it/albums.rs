//! Albums: a feed of its own, one that an article is in, and the walk from neighbour to neighbour without any list.

use crate::support::account::{self, Account, Post, album, bare, key, long, title};
use crate::support::{Bench, article, process};
use chrono::TimeDelta;
use std::collections::BTreeSet;
use wangqi::cli::demo::server::Answer;
use wangqi::crawl::{Pass, Report};
use wangqi::model::{Outcome, Rel};

fn poll() -> Pass {
    Pass { poll: true, due: true, ..Pass::default() }
}

fn feed(url: &str, follow: &str) -> String {
    format!("[[feed]]\nname = \"渡口\"\nurl = \"{url}\"\nfollow = {{ {follow} }}\nassets = []\n")
}

fn posts(mids: impl IntoIterator<Item = u64>) -> std::collections::BTreeMap<u64, Post> {
    mids.into_iter().map(|mid| (mid, Post::default())).collect()
}

/// The message ids of the articles that are held.
fn held(bench: &Bench) -> BTreeSet<u64> {
    let archive = bench.open();
    let keys: Vec<String> = archive.reader().articles().map(|row| row.unwrap().0.to_string()).collect();
    keys.iter().map(|key| key.split(':').nth(2).unwrap().parse().unwrap()).collect()
}

/// How many lists were asked for so far.
fn lists(bench: &Bench) -> usize {
    bench.asked().iter().filter(|asked| asked.path.contains("appmsgalbum")).count()
}

fn reasons(reports: &[Report]) -> Vec<&str> {
    reports.iter().filter_map(|report| report.reason.as_deref()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_pages_are_read_and_later_only_what_is_new() {
    // Newest first: an array, an array, and one article as a bare object.
    let albums = [(7, vec![5, 4, 3, 2, 1])].into();
    let (site, handler) = Account { posts: posts(1..=5), albums, page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&album(7), "max_articles = 200")).await;
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, summary.counts.failed), (5, 0));
    assert_eq!(lists(&bench), 3);
    let archive = bench.open();
    let (_, row) = archive.reader().find(&long(1)).unwrap().unwrap();
    assert_eq!(row.title.as_deref(), Some(title(1).as_str()));
    let record = archive.reader().visit(&row.snapshots[0]).unwrap();
    let hint = record.target.hint.unwrap();
    assert_eq!((hint.entry.as_deref(), hint.title.as_deref()), (Some("1_1"), Some(title(1).as_str())));
    assert!(hint.published.is_some());
    assert_eq!((record.target.rel, record.target.depth), (Rel::Album, 0), "from a further page");
    drop(archive);

    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, lists(&bench)), (0, 4), "what is known says that the rest is too");

    // Three at once: the first page is all new, the second is not.
    {
        let mut site = site.lock().unwrap();
        site.posts.extend(posts(6..=8));
        site.albums.insert(7, vec![8, 7, 6, 5, 4, 3, 2, 1]);
    }
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, lists(&bench)), (3, 6));
    assert_eq!(held(&bench), (1..=8).collect());

    // A list without articles is a list.
    site.lock().unwrap().albums.insert(7, Vec::new());
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, summary.counts.feeds, summary.counts.failed), (0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_and_oldest_first_work_too() {
    let albums = [(7, vec![1, 2, 3, 4, 5])].into();
    let (site, handler) = Account { posts: posts(1..=5), albums, page: 2, ..Account::default() }.shared();
    let json = album(7).replace("#wechat_redirect", "&f=json");
    let bench = Bench::start(account::HOSTS, handler, &feed(&json, "max_articles = 200")).await;
    bench.crawl(poll()).await;
    assert_eq!(held(&bench), (1..=5).collect());
    let asked = lists(&bench);
    site.lock().unwrap().posts.extend(posts([6]));
    site.lock().unwrap().albums.insert(7, vec![1, 2, 3, 4, 5, 6]);
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, lists(&bench) - asked), (1, 2), "the newest stand at the other end");
}

#[tokio::test(flavor = "multi_thread")]
async fn going_through_an_album_ends_at_max_articles() {
    let albums = [(7, (1..=20).rev().collect())].into();
    let (site, handler) = Account { posts: posts(1..=21), albums, page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&album(7), "max_articles = 4")).await;
    bench.crawl(poll()).await;
    assert_eq!(held(&bench), (15..=20).collect(), "the newest two, and four more");
    site.lock().unwrap().albums.insert(7, (1..=21).rev().collect());
    bench.crawl(poll()).await;
    assert_eq!(held(&bench), (15..=21).collect(), "what is new is no history");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_sentences() {
    let (site, handler) = Account { page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&album(7), "max_articles = 4")).await;
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!(summary.counts.failed, 1);
    assert!(
        reasons(&reports)[0].contains("there is no such album or account: check the URL, or remove the feed"),
        "{reports:?}"
    );
    let refused = "{\"base_resp\":{\"ret\":7,\"err_msg\":\"no\"}}";
    site.lock().unwrap().instead = vec![("appmsgalbum".into(), Answer::ok("application/json", refused))];
    let (_, reports) = bench.crawl(poll()).await;
    assert!(reasons(&reports)[0].contains("the list was refused: ret 7: no"), "{reports:?}");
    site.lock().unwrap().instead = vec![("appmsgalbum".into(), Answer::ok("text/html", account::captcha()))];
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!(summary.counts.blocked, 1);
    assert!(reasons(&reports)[0].contains("mp.weixin.qq.com asked for a captcha"), "{reports:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_of_an_article_is_gone_through_once_and_caught_up_with_where_it_is_watched() {
    let albums = [(7, vec![4, 3, 2, 1])].into();
    let mut all = posts(1..=4);
    for post in all.values_mut() {
        post.albums = vec![7];
    }
    let (site, handler) = Account { posts: all, albums, page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&long(4), "albums = true")).await;
    bench.crawl(poll()).await;
    assert_eq!((held(&bench), lists(&bench)), ((1..=4).collect(), 2));
    site.lock().unwrap().posts.extend(posts([5]));
    site.lock().unwrap().albums.insert(7, vec![5, 4, 3, 2, 1]);
    bench.crawl(poll()).await;
    assert_eq!((held(&bench), lists(&bench)), ((1..=5).collect(), 3), "the watched article's album is asked again");
    bench.ahead(TimeDelta::hours(2));
    bench.crawl(Pass { due: true, recheck: true, ..Pass::default() }).await;
    assert_eq!(lists(&bench), 3, "and no other's");

    let (_, handler) = site.lock().unwrap().clone().shared();
    let off = Bench::start(account::HOSTS, handler, &feed(&long(4), "albums = false")).await;
    off.crawl(poll()).await;
    assert_eq!((held(&off), lists(&off)), ([4].into(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_are_walked_both_ways_without_circles() {
    let mut all = posts(1..=6);
    for (mid, post) in &mut all {
        // The ends lead to each other: a circle.
        let (before, after) = (if *mid == 1 { 6 } else { mid - 1 }, if *mid == 6 { 1 } else { mid + 1 });
        post.neighbours = (Some(before), Some(after));
    }
    let (_, handler) = Account { posts: all.clone(), ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&long(3), "albums = true")).await;
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!(held(&bench), (1..=6).collect(), "{reports:#?}");
    assert_eq!(summary.counts.visits, 6, "each once");
    let followed = reports.iter().filter(|report| report.outcome == Outcome::New && report.via.is_some());
    assert_eq!(followed.count(), 5);

    let (_, handler) = Account { posts: all, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&long(3), "albums = true, max_articles = 3")).await;
    bench.crawl(poll()).await;
    assert_eq!(held(&bench).len(), 4, "the article and three more");
    let archive = bench.open();
    assert!(archive.reader().article(&key(3)).unwrap().is_some());
    assert!(bench.asked().iter().all(|asked| !bare(3).ends_with(&asked.path)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_that_is_a_past_issue_too_is_a_neighbour() {
    let mut all = posts(1..=4);
    for (mid, post) in &mut all {
        post.neighbours = ((*mid > 1).then(|| mid - 1), (*mid < 4).then(|| mid + 1));
        post.past = [mid - 1, mid + 1].iter().filter(|mid| (1..=4).contains(*mid)).map(|mid| long(*mid)).collect();
    }
    let (_, handler) = Account { posts: all, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&long(2), "albums = true, past_issues = 0")).await;
    bench.crawl(poll()).await;
    assert_eq!(held(&bench), (1..=4).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_page_that_was_refused_once_is_asked_again() {
    let refusals = [
        Answer::ok("application/json", "{\"base_resp\":{\"ret\":-1,\"err_msg\":\"system error\"}}"),
        Answer::ok("application/json", "{\"base_resp\":{\"ret\":-3}}"),
        Answer::status(404),
        Answer::status(403),
    ];
    for refusal in refusals {
        let albums = [(7, vec![5, 4, 3, 2, 1])].into();
        let (site, handler) = Account { posts: posts(1..=9), albums, page: 2, ..Account::default() }.shared();
        let bench = Bench::start(account::HOSTS, handler, &feed(&album(7), "max_articles = 200")).await;
        site.lock().unwrap().instead = vec![("begin_msgid=4".into(), refusal.clone())];
        bench.crawl(poll()).await;
        assert_eq!(held(&bench), [4, 5].into());
        site.lock().unwrap().instead = Vec::new();
        bench.ahead(TimeDelta::hours(2));
        let (_, reports) = bench.crawl(poll()).await;
        assert_eq!(held(&bench), (1..=5).collect(), "{refusal:?}: {reports:#?}");
        // Catching up is no different.
        site.lock().unwrap().albums.insert(7, (1..=9).rev().collect());
        site.lock().unwrap().instead = vec![("begin_msgid=8".into(), refusal.clone())];
        bench.crawl(poll()).await;
        assert_eq!(held(&bench), (1..=5).chain([8, 9]).collect());
        site.lock().unwrap().instead = Vec::new();
        bench.ahead(TimeDelta::hours(2));
        bench.crawl(poll()).await;
        assert_eq!(held(&bench), (1..=9).collect(), "{refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_albums_of_a_watched_article_go_on_without_it() {
    let albums = [(7, vec![4, 3])].into();
    let mut all = posts(3..=5);
    all.get_mut(&4).unwrap().albums = vec![7];
    let (site, handler) = Account { posts: all, albums, page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&long(4), "albums = true")).await;
    bench.crawl(poll()).await;
    assert_eq!(held(&bench), [3, 4].into());
    let deleted = Answer::ok("text/html; charset=UTF-8", article::notice("该内容已被发布者删除", ""));
    site.lock().unwrap().instead = vec![("mid=4&".into(), deleted)];
    site.lock().unwrap().albums.insert(7, vec![5, 4, 3]);
    bench.ahead(TimeDelta::hours(2));
    let (_, reports) = bench.crawl(poll()).await;
    assert_eq!(held(&bench), (3..=5).collect(), "{reports:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_that_is_no_more_is_asked_for_once_and_one_that_is_held_back_pauses_nothing() {
    let mut all = posts(1..=2);
    all.get_mut(&2).unwrap().albums = vec![9];
    let (_, handler) = Account { posts: all, page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&long(2), "albums = true")).await;
    for _ in 0..2 {
        let (summary, reports) = bench.crawl(poll()).await;
        assert_eq!((summary.counts.failed, lists(&bench)), (0, 1), "{reports:#?}");
        bench.ahead(TimeDelta::hours(2));
    }

    let held_back = Answer::ok("application/json", "{\"base_resp\":{\"ret\":200013,\"err_msg\":\"freq control\"}}");
    let (_, handler) = Account {
        posts: posts(1..=2),
        page: 2,
        instead: vec![("appmsgalbum".into(), held_back)],
        ..Account::default()
    }
    .shared();
    let bench = Bench::start(account::HOSTS, handler, &feed(&album(7), "")).await;
    let (summary, reports) = bench.crawl(Pass { pages: vec![account::url(&long(1))], ..poll() }).await;
    assert_eq!((summary.counts.blocked, summary.counts.failed, summary.counts.new), (0, 1, 1), "{reports:#?}");
    assert!(reasons(&reports)[0].contains("leave it alone for some hours"), "{reports:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_can_be_added_as_a_feed() {
    let albums = [(7, vec![5, 4, 3, 2, 1])].into();
    let (_, handler) = Account { posts: posts(1..=5), albums, page: 2, ..Account::default() }.shared();
    let bench = Bench::start(account::HOSTS, handler, "").await;
    let added = tokio::task::block_in_place(|| process::run(&mut bench.command(&["feed", "add", &album(7)])));
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(added.err.contains("渡口纪事 渡口系列: 5 entries"), "{added:?}");
    bench.crawl(poll()).await;
    assert_eq!(held(&bench), (1..=5).collect());
    let missing = tokio::task::block_in_place(|| process::run(&mut bench.command(&["feed", "add", &album(8)])));
    assert!(missing.code != Some(0) && missing.err.contains("there is no such album"), "{missing:?}");
}
