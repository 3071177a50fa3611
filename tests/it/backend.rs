//! The owner's own back-end: its list as one way more, how it rests, and that the session shows nowhere.

use crate::support::account::{self, Account, Backend, NAME, Post, long};
use crate::support::{Bench, process};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use wangqi::cli::demo::server::Answer;
use wangqi::crawl::{Pass, Report};

const TOKEN: &str = "1720034567";
const COOKIE: &str = "slave_sid=c2VjcmV0LXNlc3Npb24; data_ticket=dGlja2V0LW9mLXRoZS1vd25lcg";
/// What must show nowhere.
const SECRETS: [&str; 3] = [TOKEN, "c2VjcmV0LXNlc3Npb24", "dGlja2V0LW9mLXRoZS1vd25lcg"];

fn poll() -> Pass {
    Pass { poll: true, due: true, ..Pass::default() }
}

fn feed() -> String {
    let follow = "past_issues = 1, albums = true";
    format!("[[feed]]\nname = \"渡口\"\nurl = \"{}\"\nfollow = {{ {follow} }}\nassets = []\n", long(5))
}

/// An account of six articles, three of which only its back-end tells of.
fn site() -> Account {
    let mut posts: BTreeMap<u64, Post> = (1..=6).map(|mid| (mid, Post::default())).collect();
    posts.get_mut(&5).unwrap().past = vec![long(4)];
    let backend = Backend { token: TOKEN.into(), cookie: COOKIE.into(), list: vec![5, 3, 2, 1] };
    Account { posts, page: 2, backend, ..Account::default() }
}

fn lend(bench: &Bench, token: &str) {
    bench.set("WANGQI_WECHAT__TOKEN", token);
    bench.set("WANGQI_WECHAT__COOKIE", COOKIE);
}

fn asks(bench: &Bench) -> usize {
    bench.asked().iter().filter(|asked| asked.path.starts_with("/cgi-bin/")).count()
}

fn reasons(reports: &[Report]) -> String {
    reports.iter().filter_map(|report| report.reason.as_deref()).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_what_no_other_way_finds_and_is_caught_up_with() {
    let (site, handler) = site().shared();
    let bench = Bench::start(account::HOSTS, handler, &feed()).await;
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, asks(&bench)), (2, 0), "no session, no question");
    lend(&bench, TOKEN);
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, asks(&bench)), (3, 2), "{reports:#?}");
    site.lock().unwrap().backend.list.insert(0, 6);
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, asks(&bench)), (1, 3), "what is known says that the rest is too");
    // The cookie goes there, and nowhere else.
    for asked in bench.asked() {
        assert_eq!(
            asked.header("cookie").is_some(),
            asked.path.starts_with("/cgi-bin/appmsgpublish?"),
            "{}",
            asked.path
        );
        assert_eq!(asked.path.contains(TOKEN), asked.path.starts_with("/cgi-bin/appmsgpublish?"), "{}", asked.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_is_left_alone_until_another_comes_or_a_day_is_over() {
    let (_, handler) = site().shared();
    let bench = Bench::start(account::HOSTS, handler, &feed()).await;
    lend(&bench, "999999999");
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!(
        (summary.counts.new, summary.counts.failed, asks(&bench)),
        (2, 1, 1),
        "the feed goes on by the other ways"
    );
    let said = reasons(&reports);
    assert!(said.contains("sign in to mp.weixin.qq.com again and renew token and cookie"), "{said}");
    bench.ahead(TimeDelta::hours(3));
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.failed, asks(&bench)), (0, 1));
    bench.ahead(TimeDelta::hours(22));
    bench.crawl(poll()).await;
    assert_eq!(asks(&bench), 2, "a day later once more");
    lend(&bench, TOKEN);
    let (summary, _) = bench.crawl(poll()).await;
    assert_eq!(summary.counts.new, 3, "another session is asked at once");
    // What was pending, and its second page; the poll that goes beside them may be there a moment later and ask once more.
    assert!((4..=5).contains(&asks(&bench)), "{}", asks(&bench));
}

#[tokio::test(flavor = "multi_thread")]
async fn held_back_it_rests_for_hours_and_restarts_do_not_help() {
    let (site, handler) = site().shared();
    let bench = Bench::start(account::HOSTS, handler, &feed()).await;
    let refusal = "{\"base_resp\":{\"ret\":200013,\"err_msg\":\"freq control\"}}";
    site.lock().unwrap().instead = vec![("appmsgpublish".into(), Answer::ok("application/json", refusal))];
    lend(&bench, TOKEN);
    let (summary, reports) = bench.crawl(poll()).await;
    assert_eq!((summary.counts.new, summary.counts.failed), (2, 1));
    assert!(reasons(&reports).contains("the feed goes on by the other ways"), "{reports:?}");
    for (hours, expected) in [(5, 1), (2, 2), (11, 2), (2, 3)] {
        bench.ahead(TimeDelta::hours(hours));
        bench.crawl(poll()).await;
        assert_eq!(asks(&bench), expected, "six hours, then twelve");
    }
    // Sent away to the login, it has ended; the redirect is not followed with the session.
    let away = Answer::status(302).with("location", "https://feeds.example/login");
    site.lock().unwrap().instead = vec![("appmsgpublish".into(), away)];
    bench.ahead(TimeDelta::hours(25));
    let (_, reports) = bench.crawl(poll()).await;
    assert!(reasons(&reports).contains("sign in to mp.weixin.qq.com again"), "{reports:?}");
    assert!(bench.asked().iter().all(|asked| asked.path != "/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_page_that_was_refused_once_is_asked_again() {
    for (ret, hours) in [(200_013, 7), (200_003, 25), (99, 2)] {
        let mut account = site();
        account.backend.list = vec![6, 5, 4, 3, 2, 1];
        let (site, handler) = account.shared();
        let bench = Bench::start(account::HOSTS, handler, &feed()).await;
        lend(&bench, TOKEN);
        let refusal = Answer::ok("application/json", format!("{{\"base_resp\":{{\"ret\":{ret},\"err_msg\":\"no\"}}}}"));
        site.lock().unwrap().instead = vec![("begin=2".into(), refusal)];
        let (summary, reports) = bench.crawl(poll()).await;
        assert_eq!((summary.counts.new, asks(&bench), summary.counts.failed), (3, 2, 1), "{ret}: {reports:#?}");
        site.lock().unwrap().instead = Vec::new();
        bench.ahead(TimeDelta::hours(hours));
        let (summary, reports) = bench.crawl(poll()).await;
        assert_eq!(summary.counts.new, 3, "{ret}: {reports:#?}");
        let pending = bench.open().reader().pending().filter(|row| row.as_ref().unwrap().0.recheck.is_none()).count();
        assert_eq!(pending, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_waits_for_a_session_is_asked_by_the_next_one() {
    let (_, handler) = site().shared();
    let bench = Bench::start(account::HOSTS, handler, &feed()).await;
    lend(&bench, "999999999");
    bench.crawl(poll()).await;
    assert_eq!(asks(&bench), 1);
    // Started again with another session, it asks at once: nothing else is due.
    lend(&bench, TOKEN);
    let (summary, _) = bench.crawl(Pass { due: true, ..Pass::default() }).await;
    assert_eq!((summary.counts.new, asks(&bench)), (3, 3));
}

/// Every file below a folder, unpacked where it is packed.
fn bytes_below(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            bytes_below(&path, found);
        } else if entry.file_type().unwrap().is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let mut unpacked = Vec::new();
            if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
                unpacked = zstd::stream::decode_all(&bytes[..]).unwrap();
            } else if bytes.starts_with(&[0x1f, 0x8b]) {
                flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).unwrap();
            }
            found.push((path.clone(), unpacked));
            found.push((path, bytes));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_shows_nowhere() {
    let (site, handler) = site().shared();
    let bench = Bench::start(account::HOSTS, handler, &feed()).await;
    let secrets = crate::support::folder();
    for (name, secret) in [("TOKEN", TOKEN), ("COOKIE", COOKIE)] {
        let path = secrets.path().join(name);
        std::fs::write(&path, format!("{secret}\n")).unwrap();
        bench.set(&format!("WANGQI_WECHAT__{name}_FILE"), path.to_str().unwrap());
    }
    let mut said: Vec<(String, String)> = Vec::new();
    let mut run = |arguments: &[&str], log: &str| {
        let mut command = bench.command(arguments);
        command.env("WANGQI_LOG", log);
        let ended = tokio::task::block_in_place(|| process::run(&mut command));
        said.push((format!("{arguments:?} {log}"), format!("{}\n{}", ended.out, ended.err)));
        ended
    };
    let crawled = run(&["crawl", "--jsonl"], "wangqi=trace");
    assert!(crawled.out.contains("/cgi-bin/appmsgpublish"), "the list is a visit like any other: {}", crawled.out);
    // A refusal that repeats the token, and a login page that does.
    let refusal = format!("{{\"base_resp\":{{\"ret\":7,\"err_msg\":\"bad token {TOKEN}\"}}}}");
    site.lock().unwrap().instead = vec![("appmsgpublish".into(), Answer::ok("application/json", refusal))];
    let refused = run(&["crawl", "--jsonl"], "trace");
    assert!(refused.out.contains("ret 7: bad token ***"), "{}", refused.out);
    let login = Answer::ok("text/html", format!("<html><script>var t='{TOKEN}'</script></html>"));
    let login = login.with("set-cookie", COOKIE).with("x-echo", TOKEN);
    site.lock().unwrap().instead = vec![("appmsgpublish".into(), login)];
    run(&["crawl"], "wangqi=debug");
    for arguments in [
        &["config", "show"][..],
        &["config", "check"],
        &["stats"],
        &["stats", "--json"],
        &["list", "--json"],
        &["verify"],
        &["export", "--format", "tar", "-o", bench.path("export.tar").to_str().unwrap()],
    ] {
        run(arguments, "wangqi=debug");
    }
    assert!(
        said.iter().any(|(_, said)| said.contains("token and cookie: ***")),
        "config show says that they are there"
    );
    // Through the control socket of a daemon that holds them.
    let mut command = bench.command(&["run"]);
    command.env("WANGQI_LOG", "wangqi=debug");
    let mut daemon = process::start(&mut command);
    tokio::task::block_in_place(|| daemon.says("watching"));
    let through = tokio::task::block_in_place(|| process::run(&mut bench.command(&["stats"])));
    said.push(("stats through the daemon".into(), format!("{}{}", through.out, through.err)));
    daemon.signal("TERM");
    let ended = tokio::task::block_in_place(|| daemon.end());
    said.push(("run".into(), format!("{}{}", ended.out, ended.err)));
    nothing_shows(&bench.path(""), &said);
}

/// Neither what was said nor any file holds a secret, and the back-end's answers are not kept.
fn nothing_shows(folder: &Path, said: &[(String, String)]) {
    for (what, text) in said {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in what {what} says: {text}");
        }
    }
    let mut files = Vec::new();
    bytes_below(folder, &mut files);
    let packed = files.iter().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(NAME)).count();
    assert!(packed >= 2, "segments and the tarball are unpacked");
    for (path, bytes) in &files {
        for secret in SECRETS {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
    }
    let kept: Vec<_> =
        files.iter().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("publish_list")).collect();
    assert!(kept.is_empty(), "the back-end's answers are the owner's, and are not kept");
}

#[test]
fn a_session_comes_from_the_environment_and_whole() {
    use std::collections::BTreeMap as Map;
    use wangqi::config::Config;
    let parse = |text: &str, variables: &[(&str, &str)]| {
        let environment: Map<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::parse(text, Some(Path::new("/etc/w/crawl.toml")), Path::new("/etc/w"), &environment)
    };
    let (token, cookie) = (("WANGQI_WECHAT__TOKEN", TOKEN), ("WANGQI_WECHAT__COOKIE", COOKIE));
    let config = parse("", &[token, cookie]).unwrap();
    assert!(config.crawl.session.is_some());
    let (shown, debug) = (config.show(), format!("{config:?}"));
    assert!(SECRETS.iter().all(|secret| !shown.contains(secret) && !debug.contains(secret)), "{shown}");
    assert!(parse(&shown, &[]).unwrap().crawl.session.is_none(), "what is shown can be read");
    for (text, variables, expected) in [
        ("", vec![token], "a session needs its cookie beside its token"),
        ("", vec![cookie], "a session needs its token beside its cookie"),
        ("", vec![("WANGQI_WECHAT__TOKEN", "c2VjcmV0LXNlc3Npb24"), cookie], "this is not a token"),
        ("", vec![token, ("WANGQI_WECHAT__COOKIE", "c2VjcmV0LXNlc3Npb24")], "these are no cookies on one line"),
        ("[wechat]\ntoken = \"1720034567\"\n", vec![], "cannot stand in this file"),
        ("[wechat]\ncookie = \"a=c2VjcmV0LXNlc3Npb24\"\n", vec![], "WANGQI_WECHAT__COOKIE_FILE"),
    ] {
        let said = parse(text, &variables).unwrap_err().to_string();
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(SECRETS.iter().all(|secret| !said.contains(secret)), "{said}");
    }
}

#[test]
fn the_shipped_file_tells_of_the_session_s_variables() {
    let shipped = include_str!("../../crawl.toml");
    for name in [
        "WANGQI_WECHAT__TOKEN_FILE",
        "WANGQI_WECHAT__COOKIE_FILE",
        "bare_link_delay = \"30m\"",
        "backend_delay = \"3m\"",
    ] {
        assert!(shipped.contains(name), "{name}");
    }
}
