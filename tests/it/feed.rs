//! The first start: `init`, and `feed add|list|remove` by the real program against a server on loopback.

use crate::support::Bench;
use crate::support::process::{self, Ended};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use wangqi::cli::demo::address::{ACCOUNTS_HOST, Address};
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::cli::demo::site;
use wangqi::config::{Config, template};

const HOSTS: &[&str] = &["blog.example", "moved.example", ACCOUNTS_HOST, site::CAPTCHA_HOST];

const RSS: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>渡口\u{1b}[31m &amp; 小报</title><link>https://blog.example/</link>\
    <item><title>旧的一篇</title><link>/1</link><pubDate>Mon, 02 Nov 2026 10:00:00 +0800</pubDate></item>\
    <item><title>新的\u{202e}一篇</title><link>/2</link><pubDate>Tue, 03 Nov 2026 10:00:00 +0800</pubDate></item></channel></rss>";

const PAGE: &str = "<html><head><title>Blog</title><link rel=alternate type=application/rss+xml href=/gone.xml title=Gone>\
    <link rel=alternate type=application/rss+xml href=/feed.xml title=Main>\
    <link rel=alternate type=application/atom+xml href=/comments.xml title='Comments\u{7}'></head><body><p>Hello</p></body></html>";

/// A blog that moves about, and the demo's accounts.
pub(crate) fn blog() -> Handler {
    Arc::new(|asked: &Asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("blog.example", "/feed.xml" | "/feed2.xml") => Answer::ok("application/rss+xml", RSS),
        ("blog.example", "/" | "/page") => Answer::ok("text/html", PAGE),
        ("moved.example", "/plain") => Answer::ok("text/html", "<html><body><p>No feed here.</p></body></html>"),
        ("blog.example", "/broken.xml") => Answer::ok("application/rss+xml", "<rss version=\"2.0\"><channel><item>"),
        ("blog.example", "/old.xml") => Answer::status(301).with("location", "/moved.xml"),
        ("blog.example", "/moved.xml") => Answer::status(308).with("location", "https://blog.example/feed2.xml"),
        ("blog.example", "/today.xml") => Answer::status(302).with("location", "/feed.xml"),
        (ACCOUNTS_HOST | site::CAPTCHA_HOST, _) => site::answer(asked, 1, 1),
        _ => Answer::status(404),
    })
}

async fn bench() -> Bench {
    Bench::start(HOSTS, blog(), "# 关注\r\n").await
}

fn toml(bench: &Bench) -> String {
    fs::read_to_string(bench.path("crawl.toml")).unwrap()
}

fn wangqi(bench: &Bench, arguments: &[&str]) -> Ended {
    process::run(&mut bench.command(arguments))
}

fn feeds(bench: &Bench) -> Vec<(String, String)> {
    let config = Config::load(Some(&bench.path("crawl.toml")), Path::new("/"), std::iter::empty()).unwrap();
    config.crawl.feeds.iter().map(|feed| (feed.name.0.clone(), feed.url.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_shown_added_listed_and_removed_without_a_trace() {
    let bench = bench().await;
    let before = toml(&bench);
    let added = wangqi(&bench, &["feed", "add", "https://blog.example/feed.xml", "--schedule", "@hourly"]);
    assert_eq!(added.code, Some(0), "{added:?}");
    let name = "渡口[31m & 小报";
    assert!(
        added.err.contains(&format!("{name}: 2 entries\n  2026-11-03  新的一篇\n  2026-11-02  旧的一篇\n")),
        "{added:?}"
    );
    let lines =
        format!("[[feed]]\nname = \"{name}\"\nurl = \"https://blog.example/feed.xml\"\nschedule = \"@hourly\"\n");
    assert_eq!(toml(&bench), format!("{before}\n{lines}"), "nothing but the new lines");
    assert_eq!(bench.asked().len(), 1, "one request");

    let again = wangqi(&bench, &["feed", "add", "https://blog.example/feed.xml#top"]);
    assert_eq!((again.code, bench.asked().len()), (Some(0), 1), "{again:?}");
    assert!(again.err.contains("watched already") && toml(&bench).ends_with(&lines));

    let listed = wangqi(&bench, &["feed", "list"]);
    let line: Vec<&str> = listed.out.trim_end_matches('\n').split('\t').collect();
    assert_eq!((line[0], line[1], line[2]), (name, "https://blog.example/feed.xml", "@hourly"));
    assert_eq!(line[3].len(), "2026-11-03 10:00".len(), "{listed:?}");
    assert_eq!(wangqi(&bench, &["crawl"]).code, Some(4), "its pages are not there");
    let listed = wangqi(&bench, &["feed", "list", "--json"]);
    let all: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!((&all[0]["name"], &all[0]["outcome"]), (&name.into(), &"feed".into()), "{listed:?}");

    assert_eq!(wangqi(&bench, &["feed", "remove", "nobody"]).code, Some(6));
    let removed = wangqi(&bench, &["feed", "remove", "https://blog.example/feed.xml"]);
    assert_eq!((removed.code, toml(&bench)), (Some(0), before), "{removed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_stands_for_its_first_feed_that_can_be_read() {
    let bench = bench().await;
    let added = wangqi(&bench, &["feed", "add", "https://blog.example/page", "https://blog.example/today.xml"]);
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(
        added.err.contains("https://blog.example/gone.xml  Gone\n  https://blog.example/comments.xml  Comments\n"),
        "{added:?}"
    );
    let moved = wangqi(&bench, &["feed", "add", "https://blog.example/old.xml"]);
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let name = "渡口[31m & 小报";
    let expected = [("", "feed.xml"), (" (2)", "today.xml"), (" (3)", "feed2.xml")];
    let expected = expected.map(|(end, file)| (format!("{name}{end}"), format!("https://blog.example/{file}")));
    assert_eq!(feeds(&bench), expected, "permanent redirects are followed into the URL, temporary ones are not");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_stands_for_its_account() {
    let bench = bench().await;
    let address = Address::published_by(1)[0];
    let typed = format!("{}&scene=27#wechat_redirect", address.long_link());
    let added = wangqi(&bench, &["feed", "add", &typed, "--follow-past-issues", "2"]);
    assert_eq!(added.code, Some(0), "{added:?}");
    assert_eq!(feeds(&bench), [(address.account().name.to_owned(), address.long_link())], "sn and chksm stay");
    assert!(toml(&bench).ends_with("follow = { past_issues = 2 }\n"));
    let bare = typed.split("&sn=").next().unwrap();
    let again = wangqi(&bench, &["feed", "add", bare]);
    assert!(again.code == Some(0) && again.err.contains("watched already"), "{again:?}");
    let blocked = wangqi(&bench, &["feed", "add", "https://captcha.weixin.example/s/0behindTheCaptcha00000"]);
    assert_eq!(blocked.code, Some(4), "{blocked:?}");
    assert!(blocked.err.contains("verification") && blocked.err.contains("--as-is"), "{blocked:?}");
    let wrong = wangqi(&bench, &["feed", "add", &typed.replace("&sn=", "&sn=0")]);
    assert!(wrong.code == Some(0), "the same article: {wrong:?}");
    let wrong = wangqi(&bench, &["feed", "add", "https://mp.weixin.qq.com/s/nothing"]);
    assert!(wrong.code == Some(6) && wrong.err.contains("参数错误"), "{wrong:?}");
    assert_eq!(feeds(&bench).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_watched_is_not_written_and_keeps_nothing_else_out() {
    let bench = bench().await;
    let before = toml(&bench);
    for (url, code, why) in [
        ("https://moved.example/plain", 6, "is no feed, and names none"),
        ("https://blog.example/broken.xml", 6, "cannot be read"),
        ("https://blog.example/missing.xml", 4, "404"),
        ("http://127.0.0.1:9/feed.xml", 4, "allow_private"),
    ] {
        let not = wangqi(&bench, &["feed", "add", url]);
        assert_eq!(not.code, Some(code), "{url}: {not:?}");
        assert!(not.err.contains(why) && not.err.contains("--as-is"), "{url}: {not:?}");
        assert_eq!((toml(&bench), not.out.as_str()), (before.clone(), ""));
    }
    let partial = wangqi(&bench, &["feed", "add", "https://moved.example/plain", "https://blog.example/feed.xml"]);
    assert_eq!((partial.code, feeds(&bench).len()), (Some(4), 1), "{partial:?}");
    let as_is =
        wangqi(&bench, &["feed", "add", "--as-is", "https://moved.example/plain", "http://127.0.0.1:9/feed.xml"]);
    assert_eq!((as_is.code, feeds(&bench).len()), (Some(0), 3), "{as_is:?}");
    assert_eq!(feeds(&bench)[1].0, "https://moved.example/plain", "a feed without a name is called by its URL");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_the_pen_is_usage_and_shows_no_secret() {
    let bench = bench().await;
    wangqi(&bench, &["feed", "add", "--as-is", "--name", "小报", "https://blog.example/feed.xml"]);
    let before = toml(&bench);
    for (arguments, why) in [
        (&["feed", "add", "https://me:geheim@blog.example/x.xml"][..], "user name or password"),
        (&["feed", "add", "https://me:geheim@/x.xml"], "wrong usage"),
        (&["feed", "add", "--as-is", "ftp://me:geheim@blog.example/"], "wrong usage"),
        (&["feed", "add", "blog.example/x.xml"], "https://"),
        (&["feed", "add", "https://blog.example/x", "--schedule", "every day"], "--schedule"),
        (&["feed", "add", "--as-is", "https://blog.example/x", "--schedule", "0 0 30 2 *"], "--schedule"),
        (&["feed", "add", "https://blog.example/x", "--name", "小报"], "name of"),
        (&["feed", "add", "https://blog.example/x", "--name", " "], "empty"),
        (&["feed", "add", "https://blog.example/x", "https://blog.example/y", "--name", "z"], "one URL"),
        (&["feed", "add", "https://blog.example/x", "--follow-past-issues", "256"], "256"),
        (&["feed", "add"], "URL"),
        (&["feed"], "Usage"),
    ] {
        let slip = wangqi(&bench, arguments);
        assert_eq!(slip.code, Some(2), "{arguments:?}: {slip:?}");
        assert!(slip.err.contains(why) && !slip.err.contains("geheim"), "{arguments:?}: {slip:?}");
    }
    assert_eq!((toml(&bench), bench.asked().len()), (before, 0), "nothing was asked, nothing written");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_add_at_the_same_time_are_both_kept() {
    let bench = bench().await;
    let add = |number: usize| {
        let url = format!("https://blog.example/{number}.xml");
        process::start(&mut bench.command(&["feed", "add", "--as-is", "--name", &number.to_string(), &url]))
    };
    let running: Vec<_> = (0..8).map(add).collect();
    for one in running {
        let ended = one.end();
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let mut names: Vec<String> = feeds(&bench).into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    let left: Vec<_> = fs::read_dir(bench.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".new")), "{left:?}");
}

/// `feed add --as-is` on a crawl.toml of its own.
fn add_to(path: &Path) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wangqi"));
    process::run(command.arg("--config").arg(path).args(["feed", "add", "--as-is", "https://a.example/feed.xml"]))
}

#[test]
fn links_modes_and_owners_stay_and_only_files_are_changed() {
    let folder = crate::support::folder();
    let (real, link) = (folder.path().join("real.toml"), folder.path().join("crawl.toml"));
    fs::write(&real, "# mine").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.toml", &link).unwrap();
    let added = add_to(&link);
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "the link is still a link");
    let text = fs::read_to_string(&real).unwrap();
    assert_eq!(
        (text.as_str(), fs::metadata(&real).unwrap().mode() & 0o7777),
        ("# mine\n\n[[feed]]\nurl = \"https://a.example/feed.xml\"", 0o640)
    );

    let pipe = folder.path().join("pipe.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, what) in [(pipe.as_path(), "a pipe"), (Path::new("/dev/null"), "a device"), (folder.path(), "a folder")]
    {
        let refused = add_to(path);
        assert!(refused.code == Some(3) && refused.err.contains(what), "{path:?}: {refused:?}");
    }
    let nowhere = add_to(&folder.path().join("nowhere.toml"));
    assert_eq!(nowhere.code, Some(3), "{nowhere:?}");
    fs::write(&real, "[crawl]\nsched = 1\nfeed = \"x\"\n").unwrap();
    let wrong = add_to(&link);
    assert!(wrong.code == Some(3) && wrong.err.matches('^').count() >= 2, "{wrong:?}");
    assert_eq!(fs::read_to_string(&real).unwrap(), "[crawl]\nsched = 1\nfeed = \"x\"\n");
}

#[test]
fn where_the_folder_is_closed_the_file_is_written_where_it_stands() {
    let folder = crate::support::folder();
    let path = folder.path().join("crawl.toml");
    fs::write(&path, "# mine\n").unwrap();
    let before = fs::metadata(&path).unwrap().ino();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let added = add_to(&path);
    let is_root = fs::write(folder.path().join("probe"), "").is_ok();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(added.code, Some(0), "{added:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n\n[[feed]]\nurl = \"https://a.example/feed.xml\"\n");
    if is_root {
        crate::support::say("a closed folder: skipped, root may write everywhere");
        return;
    }
    assert_eq!(fs::metadata(&path).unwrap().ino(), before);
    assert!(added.err.contains("mount the folder"), "{added:?}");
}

#[test]
fn init_writes_once_says_where_and_what_comes_next() {
    let folder = crate::support::folder();
    let init = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wangqi"));
        process::run(
            command.args(arguments).current_dir(folder.path()).env_remove("XDG_CONFIG_HOME").env_remove("HOME"),
        )
    };
    let first = init(&["init"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let path = folder.path().join("crawl.toml");
    assert_eq!(fs::read_to_string(&path).unwrap(), template());
    assert!(first.out.contains("crawl.toml") && first.out.ends_with("next: wangqi feed add URL\n"), "{first:?}");
    fs::write(&path, "# mine").unwrap();
    let second = init(&["init"]);
    assert!(second.code == Some(1) && second.err.contains("exists already"), "{second:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine");
    let deep = init(&["init", "a b/c/my.toml"]);
    assert!(
        deep.code == Some(0) && deep.out.contains("next: wangqi --config 'a b/c/my.toml' feed add URL"),
        "{deep:?}"
    );
    assert_eq!(fs::read_to_string(folder.path().join("a b/c/my.toml")).unwrap(), template());
    let within = init(&["init", "--config", "a b"]);
    assert!(within.code == Some(0) && folder.path().join("a b/crawl.toml").is_file(), "{within:?}");
    assert_eq!(init(&["init", "x.toml", "--config", "y.toml"]).code, Some(2));
    symlink("nowhere/at/all", folder.path().join("dangling.toml")).unwrap();
    assert_eq!(init(&["init", "dangling.toml"]).code, Some(1), "a link is something that is there");
}
