//! What a feed may be, and how its account's articles are found: a feed of links to WeChat, and an article that is watched.

use crate::support::account::{self, Account, Post, album, bare, key, long, short, title};
use crate::support::{Bench, process};
use std::collections::BTreeMap;
use wangqi::cli::demo::server::Answer;
use wangqi::crawl::Pass;
use wangqi::model::Rel;

fn poll() -> Pass {
    Pass { poll: true, due: true, ..Pass::default() }
}

fn feed(name: &str, url: &str, follow: &str) -> String {
    format!("[[feed]]\nname = \"{name}\"\nurl = \"{url}\"\nfollow = {{ {follow} }}\nassets = []\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_of_links_to_wechat_is_a_feed_of_that_account_and_asks_for_nothing_else() {
    let mut posts: BTreeMap<u64, Post> = (1..=6).map(|mid| (mid, Post::default())).collect();
    for post in posts.values_mut() {
        // Whatever its pages lead to: the feed did not say it.
        (post.albums, post.past, post.neighbours) = (vec![7], vec![long(5)], (Some(6), None));
    }
    let item = |mid: u64, link: &str| {
        let (title, link) = (format!("Feed's {mid}"), link.replace('&', "&amp;"));
        format!(
            "<item><title>{title}</title><link>{link}</link><guid>g{mid}</guid><pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item>"
        )
    };
    let items = [
        item(1, &long(1).replace("https:", "http:")),
        item(2, &format!("{}&scene=21&from=timeline#wechat_redirect", long(2))),
        item(3, &short(3)),
        item(4, &bare(4)),
    ];
    let rss = format!("<rss version=\"2.0\"><channel><title>x</title>{}</channel></rss>", items.concat());
    let files = [("feeds.example/rss".to_owned(), Answer::ok("application/rss+xml", rss))].into();
    let (_, handler) =
        Account { posts, page: 2, files, albums: [(7, vec![6, 5])].into(), ..Account::default() }.shared();
    let bench =
        Bench::start(account::HOSTS, handler, &feed("rss", "https://feeds.example/rss", "max_articles = 9")).await;
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, summary.counts.visits), (4, 5), "{reports:#?}");
    bench.crawl(poll()).await;
    let asked: Vec<String> =
        bench.asked().into_iter().filter(|asked| asked.host == "mp.weixin.qq.com").map(|asked| asked.path).collect();
    assert_eq!(asked.len(), 4, "each once: {asked:#?}");
    let archive = bench.open();
    let reader = archive.reader();
    for mid in 1..=4 {
        let row = reader.article(&key(mid)).unwrap().unwrap();
        assert_eq!((row.title.unwrap(), row.feed.0.as_str()), (title(mid), "rss"));
        let hint = reader.visit(&row.snapshots[0]).unwrap().target.hint.unwrap();
        assert_eq!((hint.title.unwrap(), hint.entry.unwrap()), (format!("Feed's {mid}"), format!("g{mid}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_as_a_feed_watches_its_account_by_every_way() {
    let mut posts: BTreeMap<u64, Post> = (1..=7).map(|mid| (mid, Post::default())).collect();
    let watched = posts.get_mut(&5).unwrap();
    watched.albums = vec![7];
    watched.neighbours = (Some(4), None);
    watched.past = vec![long(3)];
    let strange = "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=1&idx=1&sn=aa&chksm=bb";
    watched.mentions = vec![long(2), strange.to_owned()];
    let (site, handler) = Account { posts, page: 2, albums: [(7, vec![5, 1])].into(), ..Account::default() }.shared();
    let toml = feed("watched", &long(5), "past_issues = 1, albums = true");
    let bench = Bench::start(account::HOSTS, handler, &toml).await;
    let (_, reports) = bench.crawl(poll()).await;
    let found: BTreeMap<u64, (Rel, u8)> = {
        let archive = bench.open();
        let rows = archive.reader().articles().map(Result::unwrap).collect::<Vec<_>>();
        let record = |row: &wangqi::archive::ArticleRow| archive.reader().visit(&row.snapshots[0]).unwrap().target;
        let mid = |key: &wangqi::model::Key| key.as_str().split(':').nth(2).unwrap().parse().unwrap();
        rows.iter().map(|(key, row)| (mid(key), (record(row).rel, record(row).depth))).collect()
    };
    let expected = [
        (1, (Rel::Album, 0)),
        (2, (Rel::Reference, 1)),
        (3, (Rel::PastIssue, 1)),
        (4, (Rel::Album, 0)),
        (5, (Rel::Entry, 0)),
    ];
    assert_eq!(found, expected.into(), "{reports:#?}");
    assert!(
        !bench.asked().iter().any(|asked| asked.path.contains("MzkwMDAwMDAwMg")),
        "another account's is not followed"
    );

    // What is published later shows in the album, and behind the watched article.
    {
        let mut site = site.lock().unwrap();
        site.albums.insert(7, vec![6, 5, 1]);
        site.posts.get_mut(&5).unwrap().neighbours.1 = Some(7);
    }
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!(summary.counts.new, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_feed_is_is_said_in_plain_words() {
    let posts: BTreeMap<u64, Post> = (1..=3).map(|mid| (mid, Post::default())).collect();
    let rss = format!("<rss version=\"2.0\"><channel><item><link>{}</link></item></channel></rss>", short(3));
    let files = [("feeds.example/rss".to_owned(), Answer::ok("application/rss+xml", rss))].into();
    let (_, handler) =
        Account { posts, page: 2, files, albums: [(7, vec![2, 1])].into(), ..Account::default() }.shared();
    let toml = [
        feed("an album", &album(7), "max_articles = 20"),
        feed("a feed", "https://feeds.example/rss", "max_articles = 20"),
        feed("an article", &long(1), "past_issues = 2, albums = true"),
        feed("alone", &long(3), "albums = false"),
    ];
    let bench = Bench::start(account::HOSTS, handler, &toml.concat()).await;
    let crawl = || tokio::task::block_in_place(|| process::run(&mut bench.command(&["crawl"])));
    let said = crawl().err;
    for words in [
        "it is a WeChat album “渡口系列” of 渡口纪事 with 2 articles; it is read page by page, at most 20 articles back",
        "it is a feed; entries: 1, WeChat articles among them: 1, asked for one by one",
        "it is a WeChat article: 渡口纪事 is watched by this page, its albums and its neighbours there, 2 steps of past issues and links",
        "渡口纪事 is watched by this page; set follow to find more articles of it",
    ] {
        assert_eq!(said.matches(words).count(), 1, "{words}\n{said}");
    }
    assert!(!crawl().err.contains("it is a "), "said once");
}
