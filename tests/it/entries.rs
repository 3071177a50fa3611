//! What becomes of a feed's entries: what the feed says is kept where the page cannot be had, what changed is looked at again, and
//! the owner's rules and history are heeded.

use crate::support::Bench;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use wangqi::archive::verify;
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::crawl::{Pass, Report, Summary};
use wangqi::extract::entry;
use wangqi::extract::feed;
use wangqi::model::{ArticleState, ChangeKind, Outcome, Rel, TargetKind};

const HOST: &str = "blog.example";

/// A site that a test changes: path and query → status, media type, body. Whatever is not there is a 404.
#[derive(Clone, Default)]
struct Site(Arc<Mutex<BTreeMap<String, Said>>>);

/// Status, media type and body.
type Said = (u16, String, String);

impl Site {
    fn set(&self, path: &str, status: u16, kind: &str, body: &str) {
        self.0.lock().unwrap().insert(path.into(), (status, kind.into(), body.into()));
    }

    /// An RSS feed of these items at a path.
    fn feed(&self, path: &str, items: &[String]) {
        let rss = format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
            <title>渡口</title><link>https://{HOST}/</link>{}</channel></rss>",
            items.concat()
        );
        self.set(path, 200, "application/rss+xml", &rss);
    }

    fn page(&self, path: &str, title: &str, text: &str) {
        let paragraphs: String = text.split('\n').map(|text| format!("<p>{text}</p>")).collect();
        let page = format!(
            "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        );
        self.set(path, 200, "text/html", &page);
    }

    fn handler(&self) -> Handler {
        let site = self.clone();
        Arc::new(move |asked: &Asked| {
            let pages = site.0.lock().unwrap();
            match pages.get(&asked.path) {
                Some((200, kind, body)) => Answer::ok(kind, body.clone()),
                Some((status, _, _)) => Answer::status(*status),
                None => Answer::status(404),
            }
        })
    }
}

fn item(n: usize, more: &str) -> String {
    format!("<item><guid>g{n}</guid><link>https://{HOST}/{n}</link><title>Title {n}</title>{more}</item>")
}

fn content(text: &str) -> String {
    format!("<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded>")
}

fn long(about: &str) -> String {
    format!("The {about} crosses the water at dawn, and whoever waits for it has waited all night. ").repeat(12)
}

async fn bench(site: &Site, more: &str) -> Bench {
    let feed = format!("[[feed]]\nname = \"blog\"\nurl = \"https://{HOST}/feed.xml\"\n{more}");
    Bench::start(&[HOST], site.handler(), &feed).await
}

async fn poll(bench: &Bench) -> (Summary, Vec<Report>) {
    bench.crawl(Pass { poll: true, due: true, ..Pass::default() }).await
}

/// The pages that were asked for, without the feed.
fn pages(bench: &Bench) -> Vec<String> {
    bench.asked().into_iter().map(|asked| asked.path).filter(|path| !path.starts_with("/feed.xml")).collect()
}

/// The text of every article by its title, from the latest snapshot, with whether that is the feed's.
fn held(bench: &Bench) -> BTreeMap<String, (String, bool)> {
    let archive = bench.open();
    let reader = archive.reader();
    let rows: Vec<_> = reader.articles().map(|row| row.unwrap().1).collect();
    assert_eq!(verify(&reader).unwrap().problems, [""; 0]);
    let text = |row: &wangqi::archive::ArticleRow| {
        let last = row.snapshots.last().unwrap();
        (row.title.clone().unwrap(), (reader.document(last).unwrap().text, last.is_entry))
    };
    rows.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_feed_says_is_kept_where_the_page_cannot_be_had() {
    let site = Site::default();
    let image = "</p><p><img src=\"/lamp.png\" width=300 height=300>";
    site.feed(
        "/feed.xml",
        &[
            item(1, &content(&format!("{}{image}", long("ferry")))),
            item(2, &content(&long("barge"))),
            item(3, &content(&long("raft"))),
            item(4, &content(&long("canoe"))),
            format!("<item><guid>g5</guid><title>No link</title>{}</item>", content("Short, and nowhere else.")),
            item(6, ""),
        ],
    );
    // 1 is not found, 2 refused, 3 a teaser, 4 whole.
    site.set("/2", 403, "", "");
    site.page("/3", "Title 3", &format!("{} Subscribe to read on.", &long("raft")[..80]));
    site.page("/4", "Title 4", &long("canoe"));
    site.set("/lamp.png", 200, "image/png", "\u{89}PNG");
    let bench = bench(&site, "").await;
    let (summary, reports) = poll(&bench).await;
    assert_eq!(summary.counts.new, 5, "{reports:#?}");
    let texts = held(&bench);
    let from_feed: Vec<&str> =
        texts.iter().filter(|(_, (_, is_entry))| *is_entry).map(|(title, _)| title.as_str()).collect();
    assert_eq!(from_feed, ["No link", "Title 1", "Title 2", "Title 3"]);
    assert_eq!(texts["Title 1"].0.trim(), long("ferry").trim());
    assert!(texts["No link"].0.contains("nowhere else"));
    assert!(!texts.contains_key("Title 6"), "a title alone is no article");
    assert!(pages(&bench).contains(&"/lamp.png".to_owned()), "pictures are files as for pages");
    // No bytes are doubled: the snapshot points into the feed's own capture, and is understood from it again.
    let archive = bench.open();
    let reader = archive.reader();
    let (_, row) = reader.find("https://blog.example/1").unwrap().unwrap();
    let capture = reader.capture(&row.snapshots[0]).unwrap().unwrap();
    assert_eq!(capture.record.from_entry, Some(row.snapshots[0].digest));
    let (url, head, payload) = reader.answer(&row.snapshots[0].digest).unwrap().unwrap();
    assert_eq!((url.as_str(), &payload), ("https://blog.example/feed.xml", &capture.payload));
    let document = feed::parse(&payload, head.header("content-type").unwrap(), Some(&url));
    let items = entry::items(&document, &url);
    let item = entry::pointed_at(&items, capture.record.target.hint.as_ref().unwrap()).unwrap();
    let again = entry::document(item, Some("渡口"), &url);
    assert_eq!(again.html, reader.document(&row.snapshots[0]).unwrap().html);
    // Not found is tried again; the entry without a page is listed, shown and exported like any other.
    assert!(reader.pending().any(|row| row.unwrap().0.url.as_str() == "https://blog.example/1"));
    let (key, _) =
        reader.articles().map(|row| row.unwrap()).find(|(_, row)| row.title.as_deref() == Some("No link")).unwrap();
    drop((reader, archive));
    assert!(key.as_str().starts_with("entry:blog.example:"), "{key}");
    assert!(bench.wangqi(&["list"]).contains("No link"));
    let shown = bench.wangqi(&["show", key.as_str()]);
    assert!(
        shown.starts_with("# No link\n") && shown.contains("nowhere else") && !shown.contains(".invalid"),
        "{shown}"
    );
    assert!(bench.wangqi(&["stats", "--json"]).contains("\"articles\":5"), "{}", bench.wangqi(&["stats", "--json"]));
    assert!(bench.wangqi(&["export", "--format", "markdown", "-o", "notes"]).is_empty());
    // The same entries again bring nothing.
    bench.ahead(TimeDelta::minutes(10));
    let (again, _) = poll(&bench).await;
    assert_eq!((again.counts.new, again.counts.edited), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_later_takes_its_place_and_is_no_edit() {
    let site = Site::default();
    site.feed("/feed.xml", &[item(1, &content(&long("ferry")))]);
    let bench = bench(&site, "").await;
    poll(&bench).await;
    assert!(held(&bench)["Title 1"].1);
    site.page("/1", "Title 1", &format!("{}\nAnd the page has more.", long("ferry")));
    bench.ahead(TimeDelta::minutes(70));
    bench.crawl(Pass { due: true, ..Pass::default() }).await;
    let texts = held(&bench);
    assert!(!texts["Title 1"].1 && texts["Title 1"].0.contains("the page has more"), "{texts:?}");
    let archive = bench.open();
    let (key, row) = archive.reader().find("https://blog.example/1").unwrap().unwrap();
    assert_eq!((row.snapshots.len(), row.state), (2, ArticleState::Alive));
    let kinds: Vec<_> = archive.reader().changes_of(&key).unwrap().iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::New]);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_says_what_is_fetched() {
    let site = Site::default();
    let items =
        [item(1, &content(&long("ferry"))), format!("<item><title>No link</title>{}</item>", content("Words."))];
    site.feed("/feed.xml", &items);
    site.page("/1", "Title 1", &long("page"));
    let only_feed = bench(&site, "content = \"feed\"\n").await;
    poll(&only_feed).await;
    assert_eq!(pages(&only_feed), [""; 0], "no page is asked for");
    assert_eq!(held(&only_feed).values().filter(|(_, is_entry)| *is_entry).count(), 2);
    only_feed.ahead(TimeDelta::days(31));
    only_feed.crawl(Pass { due: true, recheck: true, ..Pass::default() }).await;
    assert_eq!(pages(&only_feed), [""; 0], "nor later");
    let only_page = bench(&site, "content = \"page\"\n").await;
    poll(&only_page).await;
    assert_eq!(held(&only_page).keys().collect::<Vec<_>>(), ["Title 1"]);
    site.set("/1", 403, "", "");
    let no_page = bench(&site, "content = \"page\"\n").await;
    assert_eq!(poll(&no_page).await.0.counts.new, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_changed_is_looked_at_again() {
    let site = Site::default();
    site.feed("/feed.xml", &[item(1, &content(&long("ferry"))), item(2, &content(&long("barge")))]);
    site.page("/1", "Title 1", &long("ferry"));
    site.page("/2", "Title 2", &long("barge"));
    let bench = bench(&site, "").await;
    poll(&bench).await;
    bench.ahead(TimeDelta::minutes(10));
    site.feed("/feed.xml", &[item(1, &content(&long("steamer"))), item(2, &content(&long("barge")))]);
    site.page("/1", "Title 1", &long("steamer"));
    let before = pages(&bench).len();
    let (summary, reports) = poll(&bench).await;
    assert_eq!((summary.counts.edited, summary.counts.new), (1, 0), "{reports:#?}");
    assert_eq!(pages(&bench)[before..], ["/1"], "the other one is left alone");
    assert!(held(&bench)["Title 1"].0.contains("steamer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_feed_tells_has_its_versions_and_trifles_are_not_told() {
    let site = Site::default();
    let said = |text: &str| [format!("<item><guid>g</guid><title>Log</title>{}</item>", content(text))];
    let first = long("ferry");
    site.feed("/feed.xml", &said(&first));
    let bench = bench(&site, "").await;
    poll(&bench).await;
    let states = [
        (first.replacen("dawn", "dusk", 1), Outcome::Unchanged, 2, ArticleState::Alive),
        (format!("{first}{}", long("barge")), Outcome::Edited, 3, ArticleState::Edited),
    ];
    for (text, outcome, snapshots, state) in states {
        bench.ahead(TimeDelta::minutes(10));
        site.feed("/feed.xml", &said(&text));
        let (_, reports) = poll(&bench).await;
        let visited: Vec<_> = reports.iter().filter(|report| report.kind == TargetKind::Article).collect();
        assert_eq!(visited.iter().map(|report| report.outcome).collect::<Vec<_>>(), [outcome]);
        let row = bench.open().reader().articles().next().unwrap().unwrap().1;
        assert_eq!((row.snapshots.len(), row.state), (snapshots, state));
        assert_eq!(held(&bench)["Log"].0.trim(), text.trim());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guids_that_change_and_hosts_that_flip_fetch_nothing_again() {
    let site = Site::default();
    let feed = |poll: usize| {
        let entry = |n: usize| {
            let link = format!("https://{HOST}/{n}?utm_campaign={poll}");
            format!(
                "<item><guid>{poll}-{n}</guid><link>{link}</link><title>Title {n}</title>{}</item>",
                content(&long("raft"))
            )
        };
        site.feed("/feed.xml", &(0..10).map(entry).collect::<Vec<_>>());
    };
    (0..10).for_each(|n| site.page(&format!("/{n}"), &format!("Title {n}"), &long("raft")));
    let bench = bench(&site, "").await;
    for n in 0..3 {
        feed(n);
        let (summary, reports) = poll(&bench).await;
        assert_eq!(summary.counts.new, if n == 0 { 10 } else { 0 }, "{reports:#?}");
        assert_eq!(summary.counts.edited, 0);
        bench.ahead(TimeDelta::minutes(10));
    }
    assert_eq!(pages(&bench).len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_keep_and_block_before_anything_is_asked_for() {
    let site = Site::default();
    let author = |name: &str| format!("<author>{name}</author>");
    let items = [
        item(1, &content("A river walk in words enough.")),
        item(2, &content("A river walk, sponsored.")),
        item(3, &author("ads@blog.example (Ads)")),
        item(4, ""),
        format!("<item><guid>g</guid><link>https://{HOST}/ads/5</link><title>Title 5</title></item>"),
    ];
    site.feed("/feed.xml", &items);
    (1..6).for_each(|n| site.page(&format!("/{n}"), &format!("Title {n}"), &long("river")));
    let rules = "keep = { title = \"^Title [1235]$\" }\nblock = { text = \"(?i)SPONSORED\", author = \"Ads\", link = \"/ads/\" }\n";
    let bench = bench(&site, rules).await;
    let (_, reports) = poll(&bench).await;
    assert_eq!(pages(&bench), ["/1"]);
    let polled = reports.iter().find(|report| report.kind == TargetKind::Feed).unwrap();
    assert_eq!((polled.ruled_out, polled.reason.as_deref()), (4, Some("4 blocked by rule")));
    let said = bench.wangqi(&["crawl", "--jsonl"]);
    assert!(!said.contains("/2"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_of_every_changed_poll_are_kept_and_no_others() {
    let site = Site::default();
    let bench = {
        site.feed("/feed.xml", &[item(1, &content(&long("ferry")))]);
        bench(&site, "content = \"feed\"\n").await
    };
    let mut written = BTreeSet::new();
    for version in 0..3 {
        let items: Vec<String> = (0..=version).map(|n| item(n, &content(&long("ferry")))).collect();
        site.feed("/feed.xml", &items);
        written.insert(site.0.lock().unwrap()["/feed.xml"].2.clone());
        for _ in 0..2 {
            poll(&bench).await;
            bench.ahead(TimeDelta::minutes(10));
        }
    }
    let archive = bench.open();
    let reader = archive.reader();
    assert_eq!(reader.stats().unwrap().payloads, 3, "one for each change");
    let mut kept = BTreeSet::new();
    for (_, row) in reader.articles().map(|row| row.unwrap()) {
        let (url, head, payload) = reader.answer(&row.snapshots[0].digest).unwrap().unwrap();
        let once = feed::parse(&payload, head.header("content-type").unwrap(), Some(&url));
        let twice = feed::parse(&payload, head.header("content-type").unwrap(), Some(&url));
        assert!(once == twice && !once.entries.is_empty(), "the same entries from the same bytes");
        kept.insert(String::from_utf8(payload).unwrap());
    }
    assert_eq!(kept, written);
}

fn atom(entries: std::ops::Range<usize>, links: &str) -> String {
    let entry = |n: usize| {
        format!(
            "<entry><id>e{n}</id><title>Title {n}</title><link href=\"https://{HOST}/{n}\"/><updated>2024-01-01T00:00:00Z</updated></entry>"
        )
    };
    let entries: String = entries.map(entry).collect();
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>t</title><id>f</id><updated>2024-01-01T00:00:00Z</updated>\
        <link href=\"https://{HOST}/\"/>{links}{entries}</feed>"
    )
}

/// The paths of articles that were asked for, and of everything else.
fn asked(bench: &Bench) -> (BTreeSet<String>, Vec<String>) {
    let (articles, others): (Vec<_>, Vec<_>) =
        pages(bench).into_iter().partition(|path| path[1..].bytes().all(|byte| byte.is_ascii_digit()));
    (articles.into_iter().collect(), others)
}

fn with_pages(count: usize) -> Site {
    let site = Site::default();
    (0..count).for_each(|n| site.page(&format!("/{n}"), &format!("Title {n}"), &long("river")));
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_read_through_the_archives_that_a_feed_names() {
    let site = with_pages(12);
    let older = |n: usize| format!("<link rel=\"prev-archive\" href=\"/archive/{n}\"/>");
    site.set("/feed.xml", 200, "application/atom+xml", &atom(9..12, &older(3)));
    site.set("/archive/3", 200, "application/atom+xml", &atom(6..9, &older(2)));
    site.set("/archive/2", 200, "application/atom+xml", &atom(3..6, &older(1)));
    // It ends in a loop.
    site.set("/archive/1", 200, "application/atom+xml", &atom(0..3, &older(3)));
    let none = bench(&site, "").await;
    poll(&none).await;
    assert_eq!(asked(&none), (["/10", "/11", "/9"].map(str::to_owned).into(), vec![]), "off by default");
    let some = bench(&site, "backfill = 4\n").await;
    poll(&some).await;
    assert_eq!((asked(&some).0.len(), asked(&some).1.len()), (7, 2), "three, and four of its history");
    let all = bench(&site, "backfill = 500\n").await;
    // Stopped on its way, it goes on where it was.
    all.crawl_until(Pass { poll: true, due: true, ..Pass::default() }, |reports| reports.len() >= 3).await;
    all.ahead(TimeDelta::minutes(10));
    poll(&all).await;
    let (articles, archives) = asked(&all);
    assert_eq!((articles.len(), archives), (12, ["/archive/3", "/archive/2", "/archive/1"].map(str::to_owned).into()));
    all.ahead(TimeDelta::minutes(10));
    poll(&all).await;
    assert_eq!(asked(&all).1.len(), 3, "once");
    let rels: BTreeSet<Rel> = {
        let archive = all.open();
        let reader = archive.reader();
        let rows: Vec<_> = reader.articles().map(|row| row.unwrap().1).collect();
        rows.iter().map(|row| reader.visit(&row.snapshots[0]).unwrap().target.rel).collect()
    };
    assert_eq!(rels, [Rel::Entry, Rel::History].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_read_again_when_more_of_it_is_wanted() {
    let site = with_pages(6);
    site.set("/feed.xml", 200, "application/atom+xml", &atom(3..6, "<link rel=\"prev-archive\" href=\"/archive/1\"/>"));
    site.set("/archive/1", 200, "application/atom+xml", &atom(0..3, ""));
    let bench = bench(&site, "").await;
    poll(&bench).await;
    assert_eq!((asked(&bench).0.len(), asked(&bench).1.len()), (3, 0));
    let file = bench.path("crawl.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\nbackfill = 500\n")).unwrap();
    bench.ahead(TimeDelta::minutes(10));
    poll(&bench).await;
    assert_eq!((asked(&bench).0.len(), asked(&bench).1.len()), (6, 1), "though its bytes are the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_rests_keeps_no_entry_from_the_archive() {
    let site = Site::default();
    site.feed("/feed.xml", &[item(1, &content(&long("ferry")))]);
    site.set("/1", 503, "text/html", "busy");
    let bench = bench(&site, "").await;
    poll(&bench).await;
    bench.ahead(TimeDelta::minutes(10));
    poll(&bench).await;
    assert_eq!(held(&bench).keys().collect::<Vec<_>>(), ["Title 1"], "from the feed");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_read_through_the_pages_of_wordpress() {
    let site = with_pages(9);
    let generator = "<generator uri=\"https://wordpress.org/\">WordPress</generator>";
    site.set("/feed.xml", 200, "application/atom+xml", &atom(6..9, generator));
    site.set("/feed.xml?paged=2", 200, "application/atom+xml", &atom(3..6, generator));
    site.set("/feed.xml?paged=3", 200, "application/atom+xml", &atom(0..3, generator));
    let ends_in_404 = bench(&site, "backfill = 500\n").await;
    poll(&ends_in_404).await;
    assert_eq!(asked(&ends_in_404).0.len(), 9);
    let pages = |bench: &Bench| bench.asked().iter().filter(|asked| asked.path.contains("paged")).count();
    assert_eq!(pages(&ends_in_404), 3, "the last is not found");
    // A site that does not know of pages says the same each time.
    let (same, also) = (atom(6..9, generator), atom(6..9, &format!("{generator}<!-- another moment -->")));
    for repeated in [same, also] {
        site.set("/feed.xml?paged=2", 200, "application/atom+xml", &repeated);
        let bench = bench(&site, "backfill = 500\n").await;
        poll(&bench).await;
        assert_eq!((asked(&bench).0.len(), pages(&bench)), (3, 1));
    }
    site.set(
        "/feed.xml?paged=2",
        200,
        "text/html",
        "<html><body><p>Our newest articles, and a picture.</p></body></html>",
    );
    let html = bench(&site, "backfill = 500\n").await;
    poll(&html).await;
    assert_eq!((asked(&html).0.len(), pages(&html)), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_read_through_a_sitemap_within_the_feeds_own_pages() {
    let site = with_pages(3);
    (3..8).for_each(|n| site.page(&format!("/blog/{n}"), &format!("Title {n}"), &long("river")));
    let link = format!("<link rel=\"alternate\" href=\"https://{HOST}/blog/\"/>");
    let feed = atom(0..3, "").replace(&format!("<link href=\"https://{HOST}/\"/>"), &link);
    site.set("/feed.xml", 200, "application/atom+xml", &feed);
    let index = "<sitemapindex><sitemap><loc>https://blog.example/posts.xml</loc></sitemap>\
        <sitemap><loc>https://blog.example/category-sitemap.xml</loc></sitemap>\
        <sitemap><loc>https://elsewhere.example/posts.xml</loc></sitemap></sitemapindex>";
    site.set("/sitemap.xml", 200, "application/xml", index);
    let url = |path: &str, day: usize| {
        format!("<url><loc>https://{HOST}{path}</loc><lastmod>2024-01-{day:02}</lastmod></url>")
    };
    let urls: String = (3..8).map(|n| url(&format!("/blog/{n}"), n)).collect();
    let urls = format!("<urlset>{}{}{urls}</urlset>", url("/about", 9), url("/blog/", 9));
    site.set("/posts.xml", 200, "text/xml", &urls);
    let bench = bench(&site, "backfill = 3\n").await;
    poll(&bench).await;
    let found: BTreeSet<String> = pages(&bench).into_iter().filter(|path| path.starts_with("/blog")).collect();
    assert_eq!(found, ["/blog/5", "/blog/6", "/blog/7"].map(str::to_owned).into(), "the newest, and no more");
    assert!(!pages(&bench).iter().any(|path| path == "/about" || path.contains("category")));
}

#[test]
fn a_bad_rule_is_told_with_its_place() {
    let folder = crate::support::folder();
    let told = |rule: &str| {
        let toml = format!("[[feed]]\nurl = \"https://blog.example/feed.xml\"\n{rule}\n");
        std::fs::write(folder.path().join("crawl.toml"), toml).unwrap();
        let config = wangqi::config::Config::load(Some(&folder.path().join("crawl.toml")), folder.path(), []);
        config.unwrap_err().to_string()
    };
    let said = told("block = { title = \"(unclosed\" }");
    assert!(said.contains("\"(unclosed\" is no regular expression: unclosed group"), "{said}");
    assert!(said.contains("crawl.toml:3:19") && said.contains("^^^^^^^^^^^"), "{said}");
    let said = told("keep = { text = '(?:\\pL{1000}){1000}' }");
    assert!(said.contains("bytes once it is compiled; make it smaller"), "{said}");
    let said = told("keep = { headline = \"x\" }");
    assert!(said.contains("headline"), "{said}");
    let said = told("content = \"pages\"");
    assert!(said.contains("is neither \"auto\", \"page\" nor \"feed\"; did you mean \"page\"?"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captcha_keeps_no_entry_from_the_archive() {
    use wangqi::cli::demo::address::ACCOUNTS_HOST;
    use wangqi::cli::demo::site;
    let handler: Handler = Arc::new(|asked: &Asked| match (asked.host.as_str(), asked.path.as_str()) {
        (HOST, "/feed.xml") => {
            let link = format!("https://{}/blocked", site::CAPTCHA_HOST);
            let item = format!(
                "<item><guid>g</guid><link>{link}</link><title>Behind</title>{}</item>",
                content(&long("ferry"))
            );
            let head = "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>t</title>";
            Answer::ok("application/rss+xml", format!("{head}{item}</channel></rss>"))
        }
        (ACCOUNTS_HOST | site::CAPTCHA_HOST, _) => site::answer(asked, 1, 1),
        _ => Answer::status(404),
    });
    let feed = format!("[[feed]]\nname = \"blog\"\nurl = \"https://{HOST}/feed.xml\"\n");
    let bench = Bench::start(&[HOST, ACCOUNTS_HOST, site::CAPTCHA_HOST], handler, &feed).await;
    let (summary, reports) = poll(&bench).await;
    assert_eq!(summary.counts.blocked, 1, "{reports:#?}");
    assert!(held(&bench)["Behind"].1, "what the feed says is there already");
    assert_eq!(bench.open().reader().pending().count(), 1, "and the page is still waited for");
}
