//! What has changed from one configuration to the next, a line for each change. Pure.

use crate::config::Config;
use crate::config::given::written_size;
use crate::crawl::options::{AssetKind, FeedOptions};
use crate::crawl::rules::Rules;
use std::collections::BTreeMap;
use toml_edit::{Document, Item, TableLike};

/// Sections that are read once, when the program starts.
const READ_ONCE: &[&str] = &["archive.", "backup.", "serve."];

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What has changed, in words. No secrets.
    pub text: String,
    /// Whether it takes a new start of the program.
    pub needs_restart: bool,
}

/// Every change, feeds first. None where both mean the same.
pub fn changes(old: &Config, new: &Config) -> Vec<Change> {
    let mut lines = Vec::new();
    feeds(&old.crawl.feeds, &new.crawl.feeds, &mut lines);
    let mut changes: Vec<Change> = lines.into_iter().map(|text| Change { text, needs_restart: false }).collect();
    let (before, after) = (flat(old), flat(new));
    for (key, now) in &after {
        let text = match before.get(key) {
            Some(was) if was == now => continue,
            Some(was) => format!("{key} is {now} now (it was {was})"),
            None => format!("{key} is {now} now"),
        };
        changes.push(Change { text, needs_restart: is_read_once(key) });
    }
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        changes.push(Change { text: format!("{key} is as by default now"), needs_restart: is_read_once(key) });
    }
    let told = |name: &str| changes.iter().any(|change| change.text.starts_with(name));
    if old.fetch != new.fetch && !told("fetch.") && !told("site ") {
        // A header or a proxy whose value is not shown.
        changes.push(Change { text: "fetch: a value that may be secret has changed".into(), needs_restart: false });
    }
    if old.crawl.session != new.crawl.session {
        changes.push(Change { text: "wechat: the session has changed".into(), needs_restart: false });
    }
    changes
}

fn is_read_once(key: &str) -> bool {
    READ_ONCE.iter().any(|section| key.starts_with(section))
}

fn feeds(old: &[FeedOptions], new: &[FeedOptions], lines: &mut Vec<String>) {
    let named = |feeds: &[FeedOptions], feed: &FeedOptions| feeds.iter().any(|other| other.name == feed.name);
    for feed in old.iter().filter(|feed| !named(new, feed)) {
        match new.iter().find(|other| other.url == feed.url && !named(old, other)) {
            Some(other) => lines.push(format!("feed {:?} is called {:?} now", feed.name.0, other.name.0)),
            None => {
                lines.push(format!(
                    "feed {:?} is watched no longer; the archive keeps what it holds of it",
                    feed.name.0
                ));
            }
        }
    }
    for feed in new {
        let Some(before) = old.iter().find(|other| other.name == feed.name) else {
            if !old.iter().any(|other| other.url == feed.url && !named(new, other)) {
                lines.push(format!("feed {:?} is watched from now on: {}", feed.name.0, feed.url));
            }
            continue;
        };
        for ((key, was), (_, now)) in shown(before).into_iter().zip(shown(feed)) {
            if was != now {
                lines.push(format!("feed {:?}: {key} is {now} now (it was {was})", feed.name.0));
            }
        }
    }
}

/// A feed's own options, without those that it has from `[crawl]`.
fn shown(feed: &FeedOptions) -> [(&'static str, String); 14] {
    let by_default = || "that of [crawl]".to_owned();
    let assets: Vec<&str> = feed.assets.iter().map(|kind: &AssetKind| kind.word()).collect();
    [
        ("url", feed.url.to_string()),
        ("schedule", feed.schedule.as_ref().map_or_else(by_default, |schedule| format!("{:?}", schedule.as_str()))),
        ("timezone", feed.timezone.map_or_else(by_default, |zone| format!("{:?}", zone.name()))),
        ("follow.past_issues", feed.follow.past_issues.to_string()),
        ("follow", format!("albums {}, max_articles {}", feed.follow.albums, feed.follow.max_articles)),
        ("labels", format!("[{}]", feed.labels.join(", "))),
        ("assets", format!("[{}]", assets.join(", "))),
        ("max_image", format!("{:?}", written_size(feed.limits.image))),
        ("max_audio", format!("{:?}", written_size(feed.limits.audio))),
        ("max_video", format!("{:?}", written_size(feed.limits.video))),
        ("content", format!("{:?}", feed.content.word())),
        ("keep", ruled(&feed.keep)),
        ("block", ruled(&feed.block)),
        ("backfill", feed.backfill.to_string()),
    ]
}

fn ruled(rules: &Rules) -> String {
    let written = rules.fields().into_iter().filter_map(|(field, pattern)| Some((field, pattern?.as_str())));
    let written: Vec<String> = written.map(|(field, pattern)| format!("{field} = {pattern:?}")).collect();
    format!("{{ {} }}", written.join(", "))
}

/// Everything but the feeds, as `section.key` with its value, secrets hidden.
fn flat(config: &Config) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Ok(document) = Document::parse(config.without_feeds().show()) {
        flatten("", document.as_table(), &mut found);
    }
    found
}

fn flatten(section: &str, table: &dyn TableLike, found: &mut BTreeMap<String, String>) {
    for (key, item) in table.iter() {
        let full = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
        match item {
            Item::Table(inner) => flatten(&full, inner, found),
            Item::ArrayOfTables(tables) => {
                for inner in tables {
                    let host = inner.get("host").and_then(Item::as_str).unwrap_or_default();
                    flatten(&format!("{key} {host:?}"), inner, found);
                }
            }
            Item::Value(value) => drop(found.insert(full, value.to_string().trim().to_owned())),
            Item::None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn config(text: &str) -> Config {
        Config::parse(text, Some(Path::new("/w/crawl.toml")), Path::new("/w"), &BTreeMap::new()).unwrap()
    }

    #[test]
    fn every_change_has_a_line_and_nothing_else_has() {
        let old = config(
            "[[feed]]\nname = \"a\"\nurl = \"https://a.example/\"\n[[feed]]\nname = \"b\"\nurl = \"https://b.example/\"\n\
            [[feed]]\nname = \"c\"\nurl = \"https://c.example/\"\n[fetch]\nproxy = \"http://me:one@p.example\"\n",
        );
        assert_eq!(changes(&old, &old.clone()), []);
        let new = config(
            "[archive]\npath = \"other\"\n[crawl]\nschedule = \"@hourly\"\n[fetch]\nproxy = \"http://me:one@p.example\"\n\
            [[site]]\nhost = \"a.example\"\ndelay = \"3s\"\n\
            [[feed]]\nname = \"a\"\nurl = \"https://a.example/\"\nschedule = \"@daily\"\nfollow = { past_issues = 2 }\n\
            [[feed]]\nname = \"bb\"\nurl = \"https://b.example/\"\n[[feed]]\nname = \"d\"\nurl = \"https://d.example/\"\n",
        );
        let lines: Vec<_> = changes(&old, &new).into_iter().map(|change| (change.text, change.needs_restart)).collect();
        let texts: Vec<&str> = lines.iter().map(|(text, _)| text.as_str()).collect();
        for expected in [
            "feed \"b\" is called \"bb\" now",
            "feed \"c\" is watched no longer; the archive keeps what it holds of it",
            "feed \"a\": schedule is \"@daily\" now (it was that of [crawl])",
            "feed \"a\": follow.past_issues is 2 now (it was 0)",
            "feed \"d\" is watched from now on: https://d.example/",
            "archive.path is \"/w/other\" now (it was \"/w/archive\")",
            "crawl.schedule is \"@hourly\" now (it was \"0 */2 * * *\")",
            "site \"a.example\".delay is \"3s\" now",
        ] {
            assert!(texts.contains(&expected), "{expected}: {texts:#?}");
        }
        assert_eq!(texts.iter().filter(|text| text.starts_with("feed ")).count(), 5, "{texts:#?}");
        assert_eq!(lines.iter().filter(|(_, restart)| *restart).count(), 1);
        let secret = config("[fetch]\nproxy = \"http://me:two@p.example\"\n");
        let bare = config("[fetch]\nproxy = \"http://me:one@p.example\"\n");
        let lines = changes(&bare, &secret);
        assert!(lines.len() == 1 && !lines[0].text.contains("two"), "{lines:?}");
    }

    #[test]
    fn limits_of_files_and_the_session_have_their_lines_too() {
        let feed = |more: &str| config(&format!("[[feed]]\nname = \"a\"\nurl = \"https://a.example/\"\n{more}"));
        let lines = changes(&feed(""), &feed("max_image = \"1MiB\"\nmax_audio = \"2MiB\"\nmax_video = \"3MiB\"\n"));
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].text.starts_with("feed \"a\": max_image is \"1"), "{lines:?}");
        let with = |token: &str, cookie: &str| {
            let mut config = feed("");
            config.crawl.session = Some(crate::fetch::Session::new(token, cookie));
            config
        };
        let lines = changes(&with("1", "one"), &with("1", "two"));
        assert!(lines.len() == 1 && lines[0].text == "wechat: the session has changed", "{lines:?}");
    }
}
