//! crawl.toml: typed once, everything wrong told at once, and the shipped file complete.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use wangqi::config::{BackupSection, Config, ConfigError, Place};
use wangqi::crawl::options::{AssetKind, Options as CrawlOptions};
use wangqi::fetch::{RobotsPolicy, SiteRule};

const SHIPPED: &str = include_str!("../../crawl.toml");

fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Some(Path::new("/etc/w/crawl.toml")), Path::new("/etc/w"), &BTreeMap::new())
}

fn with_environment(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::parse(text, Some(Path::new("/etc/w/crawl.toml")), Path::new("/here"), &environment(variables))
}

/// The shipped file with its shown options in force: lines with no space after the `#` are options.
fn with_options_in_force() -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(option) if option.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '[') => {
            option.to_owned()
        }
        _ => line.to_owned(),
    };
    SHIPPED.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_file_is_the_defaults_and_one_feed() {
    let config = parse(SHIPPED).unwrap();
    let feed = &config.crawl.feeds[0];
    assert_eq!(feed.name.0, "AI深度研究员");
    assert_eq!(feed.url.wechat_ids(), Some((3_895_788_938, 2_247_491_825, 1)));
    assert_eq!(feed.url.wechat_rank(), 2, "the link keeps its sn and chksm");
    assert_eq!((feed.follow.past_issues, feed.follow.albums, feed.follow.max_articles), (1, false, 200));
    let bare = parse("").unwrap();
    let without_feeds = Config { crawl: CrawlOptions { feeds: Vec::new(), ..config.crawl.clone() }, ..config.clone() };
    assert_eq!(without_feeds.show(), bare.show());
    assert_eq!(bare.crawl, CrawlOptions::default());
}

#[test]
fn the_shipped_file_shows_every_option_with_its_default() {
    let text = with_options_in_force();
    let config = parse(&text).unwrap_or_else(|error| panic!("{error}"));
    // What has no default is an example there.
    let examples = BTreeSet::from(["user_agent", "proxy", "ca_file", "hosts", "allow_private"]);
    let fields = |config: &Config| {
        let text = format!("{:#?}", config.fetch);
        let start = |line: &str| line.strip_prefix("    ").is_some_and(|rest| !rest.starts_with([' ', ']', '}', ')']));
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        let mut last = String::new();
        for line in text.lines() {
            if start(line) {
                last = line.trim().split(':').next().unwrap().to_owned();
            }
            fields.entry(last.clone()).or_default().push_str(line);
        }
        fields.retain(|name, _| !examples.contains(name.as_str()) && name != "sites" && !name.is_empty());
        fields
    };
    assert!(fields(&config).len() > 10);
    assert_eq!(fields(&config), fields(&parse("").unwrap()));
    assert_eq!(config.serve, parse("").unwrap().serve);
    assert_eq!(config.archive, parse("").unwrap().archive);
    let backup = BackupSection { schedule: None, ..config.backup.clone() };
    assert_eq!(backup, parse("").unwrap().backup);
    let crawl = CrawlOptions { feeds: Vec::new(), ..config.crawl.clone() };
    assert_eq!(crawl, CrawlOptions::default());
    // The rules it shows are those compiled in.
    assert_eq!(config.fetch.sites.len(), 2);
    for rule in &config.fetch.sites {
        assert_eq!(rule, &SiteRule::default_for(&rule.host));
        assert!(SiteRule::defaults().contains(rule), "{} is not compiled in", rule.host);
    }
    for rule in SiteRule::defaults() {
        assert!(SHIPPED.contains(&rule.host), "{} is compiled in and not shown", rule.host);
    }
}

#[test]
fn the_shipped_file_has_every_key() {
    let document = toml_edit::Document::parse(with_options_in_force()).unwrap();
    let mut shown = BTreeSet::new();
    collect("", document.as_table(), &mut shown);
    let missing: Vec<String> = Config::keys().difference(&shown).cloned().collect();
    assert!(missing.is_empty(), "crawl.toml does not show {missing:?}");
    assert!(Config::keys().contains("feed.follow.past_issues") && Config::keys().contains("fetch.proxy"));
}

fn collect(section: &str, table: &dyn toml_edit::TableLike, keys: &mut BTreeSet<String>) {
    for (key, item) in table.iter() {
        let full = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
        if let Some(inner) = item.as_table_like() {
            collect(&full, inner, keys);
        }
        for inner in item.as_array_of_tables().into_iter().flatten() {
            collect(&full, inner, keys);
        }
        keys.insert(full);
    }
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one file, and everything that is said of it: the point is to see them together"
)]
fn everything_wrong_is_told_at_once_with_line_and_caret() {
    let text = r#"[crawl]
timezone = "Asia/Shangai"
shedule = "0 9 * * *"
recheck = ["1h", "1 fortnight", 7]

[fetch]
page_limit = 16
allow_private = ["192.168.1.0/24", "192.168.1.0/33"]
hosts = { "a.example" = "127.0.0.1", "b.example:80" = "127.0.0.1:80" }

[feeds]

[[site]]
delay = "6"
robots = "ingore"

[[feed]]
name = "往期"
url = "ftp://example.org/"
schedule = "61 * * * *"

[[feed]]
name = "one"
url = "https://example.org/a"

[[feed]]
name = "one"
url = "https://example.org/b"
follow = { past_isues = 1, albums = "yes" }

[[feed]]
name = "three"
url = "https://example.org/b"
"#;
    let expected = r#"crawl.toml:2:12: "Asia/Shangai" is no time zone; did you mean "Asia/Shanghai"?
  2 | timezone = "Asia/Shangai"
    |            ^^^^^^^^^^^^^^

crawl.toml:3:1: unknown key "shedule" in [crawl]; did you mean "schedule"?
  3 | shedule = "0 9 * * *"
    | ^^^^^^^

crawl.toml:4:18: "1 fortnight" is not a length of time such as "6s", "15m", "1h30m" or "7d"
  4 | recheck = ["1h", "1 fortnight", 7]
    |                  ^^^^^^^^^^^^^

crawl.toml:4:33: expected a length of time such as "6s", "15m", "1h30m" or "7d", found a number
  4 | recheck = ["1h", "1 fortnight", 7]
    |                                 ^

crawl.toml:7:14: expected a size such as "512KiB", "16MiB" or "2GB", found a number
  7 | page_limit = 16
    |              ^^

crawl.toml:8:36: "192.168.1.0/33" is not a network such as "192.168.1.0/24" or "fd00::/8"
  8 | allow_private = ["192.168.1.0/24", "192.168.1.0/33"]
    |                                    ^^^^^^^^^^^^^^^^

crawl.toml:9:25: "127.0.0.1" is not an address with a port, such as "127.0.0.1:8443" or "[::1]:8443"
  9 | hosts = { "a.example" = "127.0.0.1", "b.example:80" = "127.0.0.1:80" }
    |                         ^^^^^^^^^^^

crawl.toml:9:38: "b.example:80" is not a host such as "example.org" (no scheme, port or path)
  9 | hosts = { "a.example" = "127.0.0.1", "b.example:80" = "127.0.0.1:80" }
    |                                      ^^^^^^^^^^^^^^

crawl.toml:11:2: unknown key "feeds"; did you mean "feed"?
  11 | [feeds]
     |  ^^^^^

crawl.toml:13:1: a [[site]] needs its host, as in host = "example.org"
  13 | [[site]]
     | ^^^^^^^^

crawl.toml:14:9: "6" is not a length of time such as "6s", "15m", "1h30m" or "7d"
  14 | delay = "6"
     |         ^^^

crawl.toml:15:10: "ingore" is neither "respect" nor "ignore"; did you mean "ignore"?
  15 | robots = "ingore"
     |          ^^^^^^^^

crawl.toml:19:7: "ftp://example.org/" is a ftp: link; only http and https can be visited
  19 | url = "ftp://example.org/"
     |       ^^^^^^^^^^^^^^^^^^^^

crawl.toml:20:12: "61" cannot be the minute: 61 is not from 0 to 59
  20 | schedule = "61 * * * *"
     |            ^^^^^^^^^^^^

crawl.toml:27:1: a second feed with the name "one"; a name stands for one feed
  27 | name = "one"
     | ^^^^

crawl.toml:29:12: unknown key "past_isues" in [feed.follow]; did you mean "past_issues"?
  29 | follow = { past_isues = 1, albums = "yes" }
     |            ^^^^^^^^^^

crawl.toml:29:37: expected true or false, found a text
  29 | follow = { past_isues = 1, albums = "yes" }
     |                                     ^^^^^

crawl.toml:33:1: the feed "one" has this URL already
  33 | url = "https://example.org/b"
     | ^^^"#;
    assert_eq!(parse(text).unwrap_err().to_string(), expected);
}

#[test]
fn the_caret_stands_under_wide_characters_and_tabs() {
    let error = parse("[[feed]]\n\tname = \"往期回顾\"\n\turl = '深度'  # 研究\n").unwrap_err().to_string();
    assert_eq!(
        error,
        "crawl.toml:3:8: \"深度\" is not a URL: relative URL without a base; write it whole, as in https://example.org/article\n  3 |     url = '深度'  # 研究\n    |           ^^^^^^"
    );
    let error = parse("feed = [{ name = \"往期\", 回 = 1, url = \"https://a.example/\" }]").unwrap_err().to_string();
    let caret = "  1 | feed = [{ name = \"往期\", 回 = 1, url = \"https://a.example/\" }]";
    assert!(error.starts_with("crawl.toml:1:"), "{error}");
    assert!(error.contains(caret), "{error}");
}

#[test]
fn broken_toml_has_line_and_caret_too() {
    for (text, line) in [
        ("[crawl\nx = 1", 1),
        ("[crawl]\ntimezone = \"UTC\nschedule = \"@daily\"\n", 2),
        ("[crawl]\ntimezone = \"UTC\"\ntimezone = \"UTC\"\n", 3),
        ("[[feed]]\nurl = https://example.org/\n", 2),
        ("a = [1, 2", 1),
    ] {
        let error = parse(text).unwrap_err();
        let [problem] = error.problems() else { panic!("{text:?}: {error}") };
        assert!(matches!(problem.place, Place::File { line: at, .. } if at == line), "{text:?}: {error}");
        assert!(error.to_string().contains('^'), "{error}");
    }
    let error = parse("[crawl\ntimezone = UTC\n\n[fetch]\nproxy = \"x\nca_file = \"y\"\n").unwrap_err();
    let lines = error.problems().iter().map(|problem| match &problem.place {
        Place::File { line, .. } => *line,
        Place::Variable(_) => 0,
    });
    assert_eq!(lines.collect::<Vec<_>>(), [1, 2, 5], "{error}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("crawl.toml"), b"[crawl]\n# \xb9\xd8\n").unwrap();
    let error = Config::load(None, folder.path(), []).unwrap_err().to_string();
    assert!(error.starts_with("crawl.toml:2:3: this is not UTF-8"), "{error}");
}

#[test]
fn wrong_kinds_are_told_in_words() {
    for (text, expected) in [
        ("crawl = 1", "`crawl` is one table: write [crawl]"),
        ("[feed]\nurl = \"https://a.example/\"", "there may be several of `feed`: write [[feed]]"),
        ("site = [1]", "there may be several of `site`: write [[site]]"),
        ("[[feed]]\nurl = \"https://a.example/\"\nfollow = 2", "`follow` is one table: write follow = { … }"),
        ("[crawl]\nrecheck = \"1h\"", "expected a list, found a text"),
        ("[crawl.schedule]\n", "`schedule` is one value, not a table"),
        ("[fetch]\nconcurrency = 0", "expected a whole number from 1 to 1024"),
        ("[fetch]\nconnect_timeout = \"0s\"", "this cannot be zero"),
        ("[fetch]\nhosts = 1", "expected hosts = { \"name\" = \"value\" }"),
        ("[fetch]\nproxy = \"127.0.0.1:1080\"", "this is not a proxy such as"),
        ("[fetch]\npage_limit = \"9999999GiB\"", "is not a size"),
        ("[crawl]\nschedule = \"0 0 30 2 *\"", "it would never run"),
        ("[crawl]\nqwertz = 1", "unknown key \"qwertz\" in [crawl]; it has timezone, schedule, recheck"),
        ("[[site]]\nhost = \"*.example.org\"", "no stars here"),
        ("[[site]]\nhost = \"a.example\"\n[[site]]\nhost = \"A.example\"", "a second [[site]] for \"a.example\""),
        ("[[site]]\nhost = \"a.example\"\nheaders = { \"a b\" = \"c\" }", "cannot be the name of a header field"),
        ("[[site]]\nhost = \"a.example\"\njitter = -1", "expected a number from 0.0 to 10.0"),
        ("[[feed]]\nurl = \"https://me:pw@a.example/\"", "a user name or password cannot stand in a feed's URL"),
        ("[[feed]]\nurl = \"https://a.example/\"\nname = \" \"", "this is empty"),
        ("[[feed]]\nurl = \"https://a.example/\"\nassets = [\"images\"]", "did you mean \"image\"?"),
        ("[[feed]]\n", "a [[feed]] needs its url"),
        ("[serve]\nlisten = \"8080\"", "is not an address with a port"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.problems().len(), 1, "{text:?}: {error}");
        assert!(error.problems()[0].message.contains(expected), "{text:?}: {error}");
    }
}

#[test]
fn the_environment_stands_over_the_file() {
    let text = "[crawl]\nschedule = \"@daily\"\n[archive]\npath = \"data\"\n";
    let plain = parse(text).unwrap();
    assert_eq!(plain.archive.path, PathBuf::from("/etc/w/data"));
    assert_eq!(plain.crawl.schedule.as_str(), "@daily");
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "socks5://me:hunter2@10.0.0.1:1080\n").unwrap();
    let config = with_environment(
        text,
        &[
            ("WANGQI_CRAWL__SCHEDULE", "@hourly"),
            ("WANGQI_CRAWL__RECHECK", "7d, 1h"),
            ("WANGQI_ARCHIVE__PATH", "elsewhere"),
            ("WANGQI_FETCH__HOSTS", "a.example=127.0.0.1:80,b.example=[::1]:81"),
            ("WANGQI_FETCH__MAX_REDIRECTS", "3"),
            ("WANGQI_FETCH__CA_FILE", "/ca.pem"),
            ("WANGQI_FETCH__PROXY_FILE", secret.path().to_str().unwrap()),
            ("WANGQI_CRAWL__TIMEZONE", ""),
            ("WANGQI_LOG", "debug"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.crawl.schedule.as_str(), "@hourly");
    assert_eq!(config.crawl.recheck, [Duration::from_secs(3600), Duration::from_secs(7 * 86_400)]);
    assert_eq!(config.archive.path, PathBuf::from("/here/elsewhere"));
    assert_eq!(config.fetch.hosts["b.example"], "[::1]:81".parse().unwrap());
    assert_eq!(config.fetch.max_redirects, 3);
    assert_eq!(config.fetch.ca_file, Some(PathBuf::from("/ca.pem")));
    assert_eq!(config.fetch.proxy.as_deref(), Some("socks5://me:hunter2@10.0.0.1:1080"));
    assert_eq!(config.crawl.timezone.name(), "Asia/Shanghai");

    let error = with_environment(
        text,
        &[
            ("WANGQI_CRAWL__SHEDULE", "@hourly"),
            ("WANGQI_CRAWL__TIMEZONE", "Mars"),
            ("WANGQI_FEED__URL", "https://a.example/"),
            ("WANGQI_FETCH__PROXY_FILE", "/nowhere/at/all"),
        ],
    );
    let error = error.unwrap_err();
    let told: BTreeSet<String> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 4, "{error}");
    assert!(
        told.contains("WANGQI_CRAWL__SHEDULE: no such option; did you mean \"WANGQI_CRAWL__SCHEDULE\"?"),
        "{error}"
    );
    assert!(told.contains("WANGQI_CRAWL__TIMEZONE: \"Mars\" is no time zone"), "{error}");
    assert!(told.contains("WANGQI_FEED__URL: no such option"), "{error}");
    assert!(
        told.iter().any(|text| text.starts_with("WANGQI_FETCH__PROXY_FILE: cannot read /nowhere/at/all")),
        "{error}"
    );
}

#[test]
fn the_file_is_found_where_it_is_promised() {
    let (here, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |folder: &Path, zone: &str| {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("crawl.toml"), format!("[crawl]\ntimezone = \"{zone}\"\n")).unwrap();
    };
    let variables = || [("XDG_CONFIG_HOME".to_owned(), home.path().to_str().unwrap().to_owned())];
    let zone = |asked: Option<&Path>| {
        let config = Config::load(asked, here.path(), variables()).unwrap();
        config.crawl.timezone.name()
    };
    assert_eq!(zone(None), "Asia/Shanghai");
    write(&home.path().join("wangqi"), "Asia/Tokyo");
    assert_eq!(zone(None), "Asia/Tokyo");
    write(here.path(), "Europe/Berlin");
    assert_eq!(zone(None), "Europe/Berlin");
    write(&here.path().join("other"), "Asia/Taipei");
    assert_eq!(zone(Some(Path::new("other/crawl.toml"))), "Asia/Taipei");
    let loaded = Config::load(Some(Path::new("other/crawl.toml")), here.path(), variables()).unwrap();
    assert_eq!(loaded.archive.path, here.path().join("other/archive"), "relative to the file's folder");
    let error = Config::load(Some(Path::new("none.toml")), here.path(), variables()).unwrap_err();
    assert!(error.to_string().contains("none.toml"), "{error}");
    let places = Config::places(Path::new("/w"), &environment(&[("HOME", "/home/me")]));
    let expected = ["/w/crawl.toml", "/home/me/.config/wangqi/crawl.toml", "/config/crawl.toml"];
    assert_eq!(places, expected.map(PathBuf::from));
}

#[test]
fn a_site_is_changed_field_by_field() {
    let text = "[[site]]\nhost = \"MP.weixin.qq.com\"\ndelay = \"0s\"\ndaily_limit = 0\nheaders = { Cookie = \"a=1\", accept = \"*/*\" }\n\n[[site]]\nhost = \"example.org\"\n";
    let config = parse(text).unwrap();
    let compiled = SiteRule::default_for("mp.weixin.qq.com");
    let [wechat, other] = &config.fetch.sites[..] else { panic!("two sites") };
    assert_eq!((wechat.host.as_str(), wechat.delay, wechat.daily_limit), ("mp.weixin.qq.com", Duration::ZERO, None));
    assert_eq!((wechat.concurrency, wechat.robots), (compiled.concurrency, RobotsPolicy::Ignore));
    assert_eq!(wechat.user_agent, compiled.user_agent);
    let header = |name: &str| {
        let mut found = wechat.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} stands there once");
        first
    };
    assert_eq!(header("accept"), Some("*/*"));
    assert_eq!(header("accept-language"), Some("zh-CN,zh;q=0.9"));
    assert_eq!(other, &SiteRule { host: "example.org".to_owned(), ..SiteRule::general() });
    let assets =
        parse("[[feed]]\nurl = \"https://a.example/\"\nassets = []\n[[feed]]\nurl = \"https://b.example/\"\n").unwrap();
    assert!(assets.crawl.feeds[0].assets.is_empty());
    assert_eq!(assets.crawl.feeds[1].assets, BTreeSet::from([AssetKind::Image]));
    assert_eq!(assets.crawl.feeds[1].name.0, "https://b.example/");
}

#[test]
fn what_is_shown_reads_back_and_holds_no_secret() {
    let config = parse(&with_options_in_force()).unwrap();
    let shown = config.show();
    let again = Config::parse(&shown, None, Path::new("/"), &BTreeMap::new())
        .unwrap_or_else(|error| panic!("{error}\n{shown}"));
    assert_eq!(again.show(), shown);
    assert_eq!(again.crawl.feeds.len(), 2);
    let text = "[fetch]\nproxy = \"http://me:hunter2@10.0.0.1/\"\n[[site]]\nhost = \"a.example\"\nheaders = { Cookie = \"hunter2\", X-Key = \"hunter2\" }\n";
    let shown = parse(text).unwrap().show();
    assert!(!shown.contains("hunter2") && shown.contains("http://***:***@10.0.0.1"), "{shown}");
}

#[test]
fn messages_hold_no_secret() {
    for text in [
        "[fetch]\nproxy = \"sock://me:hunter2@10.0.0.1/\"\n",
        "[fetch]\nproxy = \"http://me:hunter2@10.0.0.1/\n",
        "[fetch]\nproxy = [\"http://me:hunter2@10.0.0.1/\"]\n",
        "[fetch]\nproxi = \"http://me:hunter2@10.0.0.1/\"\n",
        "[[feed]]\nurl = \"https://me:hunter2@a.example/\"\n",
        "[[site]]\nhost = \"a b\"\nheaders = { Cookie = \"hunter2\", \"X Y\" = \"z\" }\n",
        "[[site]]\nhost = \"a.example\"\nheaders = { Authorization = \"hunter2\" \"x\" }\n",
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(!error.contains("hunter2") && error.contains('^'), "{error}");
    }
    let variable = [("WANGQI_FETCH__PROXY", "sock://me:hunter2@10.0.0.1/")];
    let error = with_environment("", &variable).unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn the_command_ends_with_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wangqi"));
        command.args(arguments).current_dir(folder.path()).env_clear().env("HOME", folder.path());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let write = |text: &str| std::fs::write(folder.path().join("crawl.toml"), text).unwrap();
    let (code, out, err) = run(&["config", "check"]);
    // Unless this machine has a /config/crawl.toml, there is none.
    assert!(
        Path::new("/config/crawl.toml").exists() || code == Some(3) && err.contains("there is no crawl.toml"),
        "{out}{err}"
    );
    write("[crawl]\nshedule = 1\n[[feed]]\n");
    let (code, out, err) = run(&["config", "check"]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(
        err.contains("\ncrawl.toml:2:1: unknown key") && err.contains("\ncrawl.toml:3:1: a [[feed]] needs"),
        "{err}"
    );
    // Any command that needs it says the same.
    assert_eq!(run(&["crawl"]), (Some(3), out, err));
    // Backups in the archive would be a part of the next backup.
    write("[backup]\nschedule = \"@daily\"\npath = \"x/../archive/backups\"\n");
    let (code, _, err) = run(&["config", "check"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("\ncrawl.toml:3:8: backups cannot lie in the archive's own folder"), "{err}");
    assert_eq!(run(&["run"]).0, Some(3));
    write("[archive]\npath = \".\"\n[backup]\nschedule = \"@daily\"\n");
    let (code, _, err) = run(&["config", "check"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("\ncrawl.toml:4:1: backups go to [backup] path"), "{err}");
    write("[archive]\npath = \".\"\n");
    assert_eq!(run(&["config", "check"]).0, Some(0));
    write("[backup]\nkeep = 3\n");
    let (code, out, _) = run(&["config", "check"]);
    assert!(code == Some(0) && out.contains("note: [backup] has no schedule"), "{out}");
    write(SHIPPED);
    let (code, out, err) = run(&["config", "check"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("AI深度研究员") && out.matches(" +08:00\n").count() == 5, "{out}");
    let (code, out, _) = run(&["config", "show", "--config", "crawl.toml"]);
    assert_eq!(code, Some(0));
    let again = Config::parse(&out, None, folder.path(), &BTreeMap::new()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.crawl.feeds.len(), 1);
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in "(\\[\\[?(crawl|fetch|site|feed|serve|archive)\\]\\]?|[a-z_]{1,9}|=|\"[^\"\\n]{0,12}\"|[0-9]{1,4}|\\{|\\}|\\[|\\]|\\.|,|\n|\t| |#.|期|\\PC){0,40}") {
        if let Err(error) = parse(&text) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn no_damage_to_the_shipped_file_is_too_strange(line in 0usize..140, at in 0usize..90, put in "[\"\\[\\]{}=,.#x0 期\n]{0,3}") {
        let mut lines: Vec<String> = with_options_in_force().lines().map(str::to_owned).collect();
        let line = line % lines.len();
        let letters: Vec<char> = lines[line].chars().collect();
        let at = at.min(letters.len());
        let (before, after) = (letters[..at].iter(), letters[at..].iter().skip(1));
        lines[line] = before.chain(put.chars().collect::<Vec<_>>().iter()).chain(after).collect();
        if let Err(error) = parse(&lines.join("\n")) {
            prop_assert!(error.to_string().contains('^'), "{}", error);
        }
    }
}
