//! The daemon and its control socket: feeds by their schedule, and answers while it holds the archive.

use crate::crawl::demo_site;
use crate::support::{Bench, Watched};
use chrono::TimeDelta;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use wangqi::cli::demo::site;

fn one_feed() -> String {
    let feed = &site::feeds()[0];
    format!("[[feed]]\nname = \"a\"\nurl = \"{}\"\nschedule = \"@every 2h\"\n", feed.url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_polled_when_its_schedule_says_so_and_not_twice() {
    let (_, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &one_feed()).await;
    // Intervals are counted from the epoch: stand just past the beginning of one.
    let into = chrono::Utc::now().timestamp() % 7200;
    bench.ahead(TimeDelta::seconds(7200 - into + 10));
    let pages = |bench: &Bench| bench.asked().iter().filter(|asked| asked.path.starts_with("/s?")).count();
    bench.run_what_is_due().await;
    assert_eq!(pages(&bench), 1, "a new feed is looked at now");
    bench.run_what_is_due().await;
    assert_eq!(pages(&bench), 1, "its run was claimed: a restart does not repeat it");
    bench.ahead(TimeDelta::minutes(119));
    bench.run_what_is_due().await;
    assert_eq!(pages(&bench), 1);
    bench.ahead(TimeDelta::minutes(2));
    bench.run_what_is_due().await;
    assert_eq!(pages(&bench), 2);
    bench.ahead(TimeDelta::days(3));
    bench.run_what_is_due().await;
    assert_eq!(pages(&bench), 3, "runs missed while nothing ran are made up for once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_says_what_it_visits() {
    let (_, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &one_feed()).await;
    let mut daemon = Watched::spawn(bench.command(&["run"]).stderr(Stdio::piped()));
    let mut said = BufReader::new(daemon.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("new: ")), "the log names the article that is new");
    drop(daemon);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_commands_are_answered_while_the_daemon_holds_the_archive() {
    let (_, handler) = demo_site();
    let bench = Bench::start(site::HOSTS, handler, &one_feed()).await;
    bench.run_what_is_due().await;
    let mut daemon = Watched::spawn(bench.command(&["run"]).stderr(Stdio::piped()));
    let mut said = BufReader::new(daemon.stderr.take().unwrap()).lines();
    let first = said.next().unwrap().unwrap();
    assert!(first.contains("watching 1 feed"), "{first}");
    // One that connects and leaves, and one that connects and is silent, keep nobody from an answer.
    let socket = bench.path("archive/control.sock");
    drop(std::os::unix::net::UnixStream::connect(&socket).unwrap());
    let silent = std::os::unix::net::UnixStream::connect(&socket).unwrap();
    let list: serde_json::Value = serde_json::from_str(&bench.wangqi(&["list", "--json"])).unwrap();
    let key = list[0]["key"].as_str().unwrap();
    assert!(bench.wangqi(&["show", key]).starts_with("# "));
    assert!(bench.wangqi(&["stats"]).contains("articles"));
    drop(silent);
    let missing = bench.command(&["show", "wx:1:2:3"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(6), "exit codes come through the socket");
    let refused = bench.command(&["crawl"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in use by another wangqi"), "{refused:?}");
    let stopped = Command::new("kill").arg(daemon.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert_eq!(daemon.wait().code(), Some(0));
    assert!(said.map_while(Result::ok).any(|line| line.contains("stopped")));
    assert!(bench.wangqi(&["verify"]).starts_with("clean"));
}
