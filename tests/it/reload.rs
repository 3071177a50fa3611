//! crawl.toml changes while the daemon runs: the real program, and the crawler and fetcher that are renewed.

use crate::feed::blog;
use crate::support::process::{self, Running};
use crate::support::{Bench, say};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wangqi::cli::demo::address::ACCOUNTS_HOST;
use wangqi::cli::demo::server::{Answer, Asked, Handler};
use wangqi::cli::demo::site;
use wangqi::config::template;

const HOSTS: &[&str] = &["blog.example", ACCOUNTS_HOST];

/// How often a path was asked for.
fn asked(bench: &Bench, path: &str) -> usize {
    bench.asked().iter().filter(|asked| asked.path == path).count()
}

fn append(bench: &Bench, text: &str) {
    let path = bench.path("crawl.toml");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(path, before + text).unwrap();
}

fn stop(running: Running) -> String {
    running.signal("TERM");
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.err
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_added_is_fetched_without_a_restart() {
    let bench = Bench::start(HOSTS, blog(), "").await;
    let mut daemon = process::start(&mut bench.command(&["run"]));
    daemon.says("waiting for a first feed: `wangqi feed add URL`");
    let added = process::run(&mut bench.command(&["feed", "add", "--name", "小报", "https://blog.example/feed.xml"]));
    assert_eq!(added.code, Some(0), "{added:?}");
    daemon.says("feed \"小报\" is watched from now on: https://blog.example/feed.xml");
    daemon.until("the feed is polled", |_| asked(&bench, "/feed.xml") == 2);
    daemon.says("https://blog.example/2");

    // What the holder of the archive knows reaches `feed list`, which reads crawl.toml by itself.
    let listed = || process::run(&mut bench.command(&["feed", "list", "--json"])).out;
    daemon.until("the poll is known", |_| listed().contains("\"outcome\": \"feed\""));

    let article = "https://mp.weixin.qq.com/s?__biz=";
    append(&bench, &format!("[[feed]]\nname = \"account\"\nurl = \"{}\"\n", site::feeds()[0].url));
    daemon.signal("HUP");
    daemon.says(&format!("feed \"account\" is watched from now on: {article}"));
    daemon.says("new: ");
    let removed = process::run(&mut bench.command(&["feed", "remove", "小报"]));
    assert_eq!(removed.code, Some(0), "{removed:?}");
    daemon.says("feed \"小报\" is watched no longer");
    let said = stop(daemon);
    assert_eq!(said.matches("is watched from now on").count(), 2, "{said}");
    assert!(bench.wangqi(&["list"]).contains(site::feeds()[0].name), "what is archived stays");
    assert!(bench.wangqi(&["verify"]).starts_with("clean"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_used_is_told_of_once_and_what_was_in_force_goes_on() {
    let feed = "[[feed]]\nname = \"a\"\nurl = \"https://blog.example/feed.xml\"\nschedule = \"* * * * * *\"\n";
    let bench = Bench::start(HOSTS, blog(), feed).await;
    let good = fs::read_to_string(bench.path("crawl.toml")).unwrap();
    let mut daemon = process::start(&mut bench.command(&["run"]));
    daemon.until("the feed is polled", |_| asked(&bench, "/feed.xml") > 0);
    append(&bench, "[[feed]]\nurll = \"https://b.example/\"\nschedule = \"never\"\n");
    daemon.says("cannot be used; what was in force goes on");
    daemon.says("did you mean");
    let polled = asked(&bench, "/feed.xml");
    // Four more polls are two more looks at the file.
    daemon.until("the old feed is still polled", |_| asked(&bench, "/feed.xml") >= polled + 4);
    let said = daemon.err();
    assert_eq!(said.matches("cannot be used").count(), 1, "{said}");
    assert!(said.matches('^').count() >= 2, "all that is wrong: {said}");
    daemon.signal("HUP");
    daemon.until("whoever asks is told all again", |daemon| {
        daemon.err().matches("cannot be used").count() == 2 && daemon.err().matches('^').count() >= 4
    });
    fs::write(bench.path("crawl.toml"), "# large\n".repeat(700_000)).unwrap();
    daemon.says("it has more than 4 MiB");
    fs::remove_file(bench.path("crawl.toml")).unwrap();
    daemon.says("No such file");
    assert!(!daemon.err().contains(&format!("{0}: cannot read {0}", bench.path("crawl.toml").display())));
    let good = good.replace("[archive]\npath = \"archive\"", "[archive]\npath = \"elsewhere\"");
    fs::write(bench.path("crawl.toml"), good.replace("* * * * * *", "@yearly") + "[fetch2]\n").unwrap();
    daemon.says("unknown key \"fetch2\"");
    fs::write(bench.path("crawl.toml"), good.replace("* * * * * *", "@yearly")).unwrap();
    daemon.says("feed \"a\": schedule is \"@yearly\" now (it was \"* * * * * *\")");
    daemon.says("elsewhere\" now");
    daemon.says("when wangqi is started again");
    stop(daemon);
    assert!(!bench.path("elsewhere").exists() && bench.path("archive").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_file_names_is_read_again_when_asked() {
    let bench = Bench::start(HOSTS, blog(), "").await;
    let (token, cookie) = (bench.path("token"), bench.path("cookie"));
    fs::write(&token, "123").unwrap();
    fs::write(&cookie, "slave_user=one").unwrap();
    let mut command = bench.command(&["run"]);
    command.env("WANGQI_WECHAT__TOKEN_FILE", &token).env("WANGQI_WECHAT__COOKIE_FILE", &cookie);
    let mut daemon = process::start(&mut command);
    daemon.says("waiting for a first feed");
    // Until it has looked once a change would be one of crawl.toml.
    append(&bench, "[crawl]\nschedule = \"@yearly\"\n");
    daemon.says("crawl.schedule is");
    fs::write(&cookie, "slave_user=two").unwrap();
    daemon.signal("HUP");
    let said = daemon.says("wechat: the session has changed");
    assert!(!said.contains("slave_user"), "{said}");
    stop(daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pending_and_what_is_out_outlives_a_change() {
    let held = Arc::new(AtomicBool::new(true));
    let gate = Arc::clone(&held);
    let feed = |count: usize| {
        let items: String = (0..count).map(|n| format!("<item><title>{n}</title><link>/{n}</link></item>")).collect();
        format!("<rss version=\"2.0\"><channel><title>x</title>{items}</channel></rss>")
    };
    let handler: Handler = Arc::new(move |asked: &Asked| match asked.path.as_str() {
        "/feed.xml" => Answer::ok("application/rss+xml", feed(12)),
        "/robots.txt" => Answer::status(404),
        path => {
            // The first pages are out while the file changes.
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
            while gate.load(Ordering::Relaxed) && std::time::Instant::now() < deadline {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            let text = format!("{path}. {}", "Every word of this page is its own. ".repeat(8));
            Answer::ok(
                "text/html",
                format!("<html><title>{path}</title><body><article><p>{text}</p></article></body></html>"),
            )
        }
    });
    let feeds = "[[feed]]\nname = \"a\"\nurl = \"https://blog.example/feed.xml\"\n";
    let bench = Bench::start(HOSTS, handler, feeds).await;
    let mut daemon = process::start(&mut bench.command(&["run"]));
    daemon.until("pages are out", |_| bench.asked().len() >= 2);
    // Another pace for the site, and no feed any more: its entries are pending all the same.
    let text = fs::read_to_string(bench.path("crawl.toml")).unwrap();
    let text = text.replacen("delay = \"0s\"\nconcurrency = 4", "delay = \"1ms\"\nconcurrency = 1", 1);
    fs::write(bench.path("crawl.toml"), text.replace(feeds, "")).unwrap();
    daemon.says("feed \"a\" is watched no longer");
    daemon.says("site \"blog.example\".concurrency is 1 now (it was 4)");
    held.store(false, Ordering::Relaxed);
    for number in 0..12 {
        daemon.says(&format!("new: /{number}"));
    }
    stop(daemon);
    let mut paths: Vec<String> = bench.asked().into_iter().map(|asked| asked.path).collect();
    paths.retain(|path| path != "/feed.xml");
    paths.sort();
    paths.dedup();
    assert_eq!((paths.len(), bench.asked().len()), (12, 13), "each once");
    assert!(bench.wangqi(&["verify"]).starts_with("clean"));
}

#[test]
fn an_empty_volume_gets_its_crawl_toml_and_waits() {
    let folder = crate::support::folder();
    let path = folder.path().join("crawl.toml");
    fs::create_dir(folder.path().join("lost+found")).unwrap();
    let run = |path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wangqi"));
        process::start(command.arg("run").arg("--config").arg(path).current_dir(folder.path()))
    };
    let mut daemon = run(&path);
    daemon.says("waiting for a first feed");
    let said = daemon.err();
    assert!(said.contains(&format!("wrote {}", path.display())), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), template());
    let mut command = Command::new(env!("CARGO_BIN_EXE_wangqi"));
    let list = process::run(command.arg("--config").arg(&path).args(["feed", "list"]));
    assert!(list.code == Some(0) && list.err.contains("nothing is watched yet"), "{list:?}");
    stop(daemon);
    assert!(folder.path().join("archive/VERSION").exists());

    // A slip in --config on a desk writes nothing.
    let wrong = run(&folder.path().join("crwal.toml")).end();
    assert!(wrong.code == Some(3) && wrong.err.contains("cannot read"), "{wrong:?}");
    assert!(!folder.path().join("crwal.toml").exists());
    let wrong = run(&folder.path().join("nowhere/crawl.toml")).end();
    assert_eq!(wrong.code, Some(3), "{wrong:?}");

    if Path::new("/config").exists() {
        say("a desk without crawl.toml: skipped, this machine has a /config");
        return;
    }
    for command in ["run", "crawl"] {
        let empty = crate::support::folder();
        let mut bare = Command::new(env!("CARGO_BIN_EXE_wangqi"));
        bare.arg(command).current_dir(empty.path()).env_remove("XDG_CONFIG_HOME").env_remove("HOME");
        let bare = process::run(&mut bare);
        assert!(bare.code == Some(3) && bare.err.contains("wangqi init"), "{bare:?}");
    }
}
