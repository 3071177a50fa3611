//! Lists of feeds in and out, and looking for feeds: by the real program against a server on loopback.

use crate::support::Bench;
use crate::support::process::{self, Ended};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::config::Config;

const HOSTS: &[&str] = &["blog.example", "lamp.substack.com", "www.bilibili.com", "quiet.example"];

const OPML: &str = "<opml version='1.0'><head><title>Old \u{1b}reader</title></head><body>\
    <outline text='Tech'><outline text='Rust'><outline text='A &amp; B' xmlUrl='https://a.example/f?x=1&y=2'/></outline>\
    <outline text='Lamp' xmlUrl='https://blog.example/feed.xml'/></outline>\
    <outline text='Lamp' xmlUrl='https://c.example/f'/><outline text='Lamp again' xmlUrl='https://c.example/f#x'/>\
    <outline type='rss' text='nowhere'/></body></opml>";

fn rss(entries: usize) -> String {
    let items: String = (0..entries)
        .map(|n| {
            format!(
                "<item><title>No. {n}</title><link>/{n}</link><pubDate>0{} May 2026 10:30:00 GMT</pubDate></item>",
                n + 1
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Lamp</title><link>/</link>{items}</channel></rss>"
    )
}

fn site() -> Handler {
    Arc::new(|asked: &Asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("blog.example", "/feed.xml") => Answer::ok("application/rss+xml", rss(2)).with("etag", "\"1\""),
        ("blog.example", "/comments.xml") => Answer::ok("application/rss+xml", rss(1)),
        ("blog.example", "/none.xml") => Answer::ok("application/rss+xml", rss(0)),
        ("blog.example", "/list.opml") => Answer::ok("text/x-opml", OPML),
        ("blog.example", "/empty.opml") => Answer::ok("text/x-opml", "<opml><body/></opml>"),
        ("blog.example", "/named") => Answer::ok(
            "text/html",
            "<link rel=alternate type=application/rss+xml href=/comments.xml title=Comments>\
             <link rel=alternate type=application/rss+xml href=/feed.xml><link rel=alternate type=application/rss+xml href=/gone.xml>",
        ),
        ("blog.example", "/linked") => Answer::ok("text/html", "<p>Text</p><a href='/feed.xml'>RSS</a>"),
        ("quiet.example", "/") => Answer::ok("text/html", "<p>Nothing is named here.</p>"),
        ("quiet.example", "/index.xml") | ("lamp.substack.com", "/feed") => Answer::ok("application/rss+xml", rss(3)),
        ("www.bilibili.com", _) => Answer::ok("text/html", "<p>Videos.</p>"),
        _ => Answer::status(404),
    })
}

async fn bench() -> Bench {
    Bench::start(HOSTS, site(), "# 关注\r\n").await
}

fn wangqi(bench: &Bench, arguments: &[&str]) -> Ended {
    process::run(&mut bench.command(arguments))
}

fn toml(bench: &Bench) -> String {
    fs::read_to_string(bench.path("crawl.toml")).unwrap()
}

fn feeds(bench: &Bench) -> Vec<String> {
    let config = Config::load(Some(&bench.path("crawl.toml")), Path::new("/"), std::iter::empty()).unwrap();
    let row = |feed: &wangqi::crawl::FeedOptions| format!("{}|{}|{}", feed.name.0, feed.url, feed.labels.join(","));
    config.crawl.feeds.iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_comes_in_goes_out_and_comes_in_again() {
    let bench = bench().await;
    let before = toml(&bench);
    fs::write(bench.path("old.opml"), OPML).unwrap();
    let old = bench.path("old.opml").display().to_string();
    let imported = wangqi(&bench, &["feed", "import", &old, "--label", "old"]);
    assert_eq!(imported.code, Some(0), "{imported:?}");
    let expected = [
        "A & B|https://a.example/f?x=1&y=2|Tech,Rust,old",
        "Lamp|https://blog.example/feed.xml|Tech,old",
        "Lamp (2)|https://c.example/f|old",
    ];
    assert_eq!(feeds(&bench), expected);
    assert!(toml(&bench).starts_with(&before) && imported.out.lines().count() == 3, "{imported:?}");
    assert!(imported.err.contains("listed a second time") && imported.err.contains("no xmlUrl"), "{imported:?}");
    assert!(bench.asked().is_empty(), "nothing is asked for");

    let again = wangqi(&bench, &["feed", "import", &old]);
    assert_eq!((again.code, again.out.as_str(), feeds(&bench).len()), (Some(0), "", 3), "{again:?}");
    assert!(again.err.contains("watched already"), "{again:?}");

    let file = bench.path("new.opml").display().to_string();
    let exported = wangqi(&bench, &["feed", "export", "-o", &file]);
    assert_eq!((exported.code, exported.out.as_str()), (Some(0), ""), "{exported:?}");
    assert_eq!(wangqi(&bench, &["feed", "export", "-o", &file]).code, Some(1), "what is there stays");
    assert_eq!(wangqi(&bench, &["feed", "export", "-o", &file, "--force"]).code, Some(0));
    let printed = wangqi(&bench, &["feed", "export"]);
    let dated =
        |text: &str| text.lines().filter(|line| !line.contains("dateCreated")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(dated(&printed.out), dated(&fs::read_to_string(&file).unwrap()));

    let listed = wangqi(&bench, &["feed", "list", "--label", "Rust"]);
    assert!(
        listed.code == Some(0) && listed.out.lines().count() == 1 && listed.out.contains("Tech, Rust, old"),
        "{listed:?}"
    );
    assert_eq!(wangqi(&bench, &["feed", "list", "--label", "none"]).code, Some(6));

    let all = ["https://a.example/f?x=1&y=2", "Lamp", "https://c.example/f"];
    let removed = wangqi(&bench, &[&["feed", "remove"], &all[..]].concat());
    assert_eq!((removed.code, toml(&bench)), (Some(0), before), "{removed:?}");
    assert_eq!(wangqi(&bench, &["feed", "import", &file]).code, Some(0));
    let mut back = feeds(&bench);
    back.sort();
    let mut expected = expected;
    expected.sort_unstable();
    assert_eq!(back, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_are_one_edit_and_lists_of_urls_are_read() {
    let bench = bench().await;
    let many: String =
        (0..600).map(|n| format!("<outline text='f{}' xmlUrl='https://h{n}.example/f'/>", n % 7)).collect();
    fs::write(bench.path("many.opml"), format!("<opml><body>{many}")).unwrap();
    fs::write(bench.path("urls"), "https://u.example/f \"a label\" \"~Its name\"\n# no\nh1.example/f\n").unwrap();
    let path = |name: &str| bench.path(name).display().to_string();
    let imported = wangqi(&bench, &["feed", "import", &path("many.opml"), &path("urls")]);
    assert_eq!(imported.code, Some(0), "{imported:?}");
    assert_eq!((feeds(&bench).len(), imported.out.lines().count()), (601, 601));
    assert_eq!(feeds(&bench)[600], "Its name|https://u.example/f|a label");
    assert!(imported.err.contains("https://h1.example/f is watched already"), "{}", imported.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_behind_a_url_is_added() {
    let bench = bench().await;
    let added =
        wangqi(&bench, &["feed", "add", "https://blog.example/list.opml", "--schedule", "@daily", "--label", "x"]);
    assert_eq!((added.code, feeds(&bench).len()), (Some(0), 3), "{added:?}");
    assert!(added.err.contains("Old reader: an OPML list of 3 feeds"), "{added:?}");
    assert_eq!(toml(&bench).matches("schedule = \"@daily\"").count(), 3);
    let empty = wangqi(&bench, &["feed", "add", "https://blog.example/empty.opml"]);
    assert_eq!((empty.code, feeds(&bench).len()), (Some(6), 3), "{empty:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_found_by_name_by_link_by_habit_and_by_platform() {
    let bench = bench().await;
    let found = |url: &str| {
        let found = wangqi(&bench, &["feed", "discover", url]);
        let urls: Vec<_> =
            found.out.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect();
        (found.code, urls.join(" "))
    };
    let one = |url: &str| (Some(0), url.to_owned());
    // The comments come last, and what is not there does not come at all.
    let named = "https://blog.example/feed.xml https://blog.example/comments.xml";
    assert_eq!(found("https://blog.example/named"), one(named));
    assert_eq!(found("https://blog.example/linked"), one("https://blog.example/feed.xml"));
    assert_eq!(found("https://quiet.example/"), one("https://quiet.example/index.xml"));
    let before = bench.asked().len();
    assert_eq!(found("https://lamp.substack.com/p/something"), one("https://lamp.substack.com/feed"));
    assert_eq!(bench.asked().len(), before + 1, "the page itself is not asked");
    assert_eq!(found("https://blog.example/feed.xml"), one("https://blog.example/feed.xml"));
    assert_eq!(found("https://blog.example/list.opml"), one("https://blog.example/list.opml"));
    assert_eq!(found("https://blog.example/missing"), (Some(4), String::new()));
    let before = bench.asked().len();
    let none = wangqi(&bench, &["feed", "discover", "https://www.bilibili.com/v"]);
    assert!(none.code == Some(6) && none.err.contains("Bilibili has none of its own"), "{none:?}");
    assert_eq!(bench.asked().len(), before + 1, "no path is tried");
    let json = wangqi(&bench, &["feed", "discover", "https://quiet.example/", "--json"]);
    let all: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&all[0]["kind"], &all[0]["entries"]), (&"feed".into(), &3.into()), "{json:?}");
    let added = wangqi(&bench, &["feed", "add", "https://quiet.example/", "--label", "quiet"]);
    assert_eq!(
        (added.code, feeds(&bench)),
        (Some(0), vec!["Lamp|https://quiet.example/index.xml|quiet".to_owned()]),
        "{added:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_how_feeds_are_and_keeps_nothing() {
    let bench = bench().await;
    for (name, path) in [("good", "feed.xml"), ("empty", "none.xml"), ("gone", "gone.xml"), ("page", "named")] {
        let url = format!("https://blog.example/{path}");
        assert_eq!(wangqi(&bench, &["feed", "add", "--as-is", "--name", name, &url]).code, Some(0));
    }
    let checked = wangqi(&bench, &["feed", "check"]);
    assert_eq!(checked.code, Some(4), "{checked:?}");
    let lines: Vec<&str> = checked.out.lines().collect();
    assert!(lines[0].starts_with("good: ") && lines[0].ends_with("200 OK, rss20, 2 entries"), "{checked:?}");
    assert_eq!(lines[1], "    2026-05-02  No. 1", "{checked:?}");
    for words in [
        "! it has no entries",
        "neither ETag nor Last-Modified",
        "gone: failed",
        "404",
        "a page and no feed, but names one",
    ] {
        assert!(checked.out.contains(words), "{words}: {checked:?}");
    }
    let one = wangqi(&bench, &["feed", "check", "good", "--json"]);
    let all: serde_json::Value = serde_json::from_str(&one.out).unwrap();
    assert_eq!((one.code, &all[0]["entries"], all.as_array().unwrap().len()), (Some(0), &2.into(), 1), "{one:?}");
    assert_eq!(wangqi(&bench, &["feed", "check", "nobody"]).code, Some(6));
    assert!(!bench.path("archive").exists(), "nothing is kept");
}
