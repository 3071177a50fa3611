//! The effective configuration as TOML.

use crate::config::Config;
use crate::config::given::written_size;
use crate::crawl::options::{AssetKind, FeedOptions};
use crate::fetch::{Options, RobotsPolicy, SiteRule};
use crate::model::duration;
use std::fmt::Display;
use std::time::Duration;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};
use url::Url;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// Header fields whose values are no secret; any other may be one.
const OPEN_HEADERS: &[&str] = &["accept", "accept-language", "referer", "user-agent"];

/// Every option spelled out, secrets hidden.
pub(super) fn show(config: &Config) -> String {
    let mut document = DocumentMut::new();
    document["archive"] = table([("path", config.archive.path.display().to_string().into())]);
    let crawl = &config.crawl;
    document["crawl"] = table([
        ("timezone", crawl.timezone.name().into()),
        ("schedule", crawl.schedule.as_str().into()),
        ("recheck", list(crawl.recheck.iter().map(|length| duration::written(*length)))),
    ]);
    document["fetch"] = fetch(&config.fetch);
    let sites = config.fetch.sites.iter().cloned().chain(SiteRule::defaults());
    let mut shown: Vec<SiteRule> = Vec::new();
    for site in sites {
        if shown.iter().all(|other| other.host != site.host) {
            shown.push(site);
        }
    }
    document["site"] = several(shown.iter().map(site));
    document["wechat"] = table([
        ("bare_link_delay", duration::written(config.fetch.bare_link_delay).into()),
        ("backend_delay", duration::written(config.fetch.backend_delay).into()),
    ]);
    if config.crawl.session.is_some()
        && let Some(table) = document["wechat"].as_table_mut()
    {
        table.decor_mut().set_prefix("\n# token and cookie: *** (from the environment)\n");
    }
    document["serve"] = table([("listen", config.serve.listen.to_string().into())]);
    let backup = &config.backup;
    document["backup"] =
        table([("path", backup.path.display().to_string().into()), ("keep", i64::from(backup.keep).into())]);
    if let Some(schedule) = &backup.schedule {
        document["backup"]["schedule"] = value(schedule.as_str());
    }
    document["feed"] = several(crawl.feeds.iter().map(|one| feed(one, config)));
    document.to_string()
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Item {
    let mut table = Table::new();
    for (key, given) in entries {
        table[key] = value(given);
    }
    Item::Table(table)
}

fn several(tables: impl Iterator<Item = Table>) -> Item {
    Item::ArrayOfTables(tables.collect::<ArrayOfTables>())
}

fn list(texts: impl IntoIterator<Item = impl Display>) -> Value {
    Value::Array(texts.into_iter().map(|text| text.to_string()).collect::<Array>())
}

fn pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Value {
    Value::InlineTable(pairs.into_iter().map(|(key, text)| (key, Value::from(text))).collect::<InlineTable>())
}

fn time(length: Duration) -> Item {
    value(duration::written(length))
}

fn count(number: usize) -> Item {
    value(i64::try_from(number).unwrap_or(i64::MAX))
}

fn fetch(options: &Options) -> Item {
    let mut table = Table::new();
    for (key, given) in
        [("user_agent", options.user_agent.clone()), ("proxy", options.proxy.as_deref().map(without_user))]
    {
        if let Some(given) = given {
            table[key] = value(given);
        }
    }
    if let Some(path) = &options.ca_file {
        table["ca_file"] = value(path.display().to_string());
    }
    table["hosts"] = value(pairs(options.hosts.iter().map(|(host, address)| (host.clone(), address.to_string()))));
    table["allow_private"] = value(list(&options.allow_private));
    table["connect_timeout"] = time(options.connect_timeout);
    table["total_timeout"] = time(options.total_timeout);
    table["minimum_rate"] = value(written_size(options.minimum_rate));
    table["rate_window"] = time(options.rate_window);
    table["page_limit"] = value(written_size(options.page_limit));
    table["feed_limit"] = value(written_size(options.feed_limit));
    table["asset_limit"] = value(written_size(options.asset_limit));
    table["wire_limit"] = value(written_size(options.wire_limit));
    table["ratio_limit"] = count(usize::try_from(options.ratio_limit).unwrap_or(usize::MAX));
    table["ratio_floor"] = value(written_size(options.ratio_floor));
    table["max_redirects"] = count(options.max_redirects);
    table["concurrency"] = count(options.concurrency);
    Item::Table(table)
}

/// A proxy's URL with its user name and password hidden.
fn without_user(proxy: &str) -> String {
    let Ok(mut url) = Url::parse(proxy) else { return HIDDEN.to_owned() };
    if url.username().is_empty() && url.password().is_none() {
        return proxy.to_owned();
    }
    // Neither call fails: there is a host.
    let _ = url.set_username(HIDDEN);
    let _ = url.set_password(url.password().map(|_| HIDDEN).map(str::to_owned).as_deref());
    url.to_string()
}

fn site(rule: &SiteRule) -> Table {
    let mut table = Table::new();
    table["host"] = value(rule.host.as_str());
    table["delay"] = time(rule.delay);
    table["jitter"] = value(rule.jitter);
    table["concurrency"] = count(rule.concurrency);
    table["daily_limit"] = value(i64::from(rule.daily_limit.unwrap_or(0)));
    table["robots"] = value(match rule.robots {
        RobotsPolicy::Respect => "respect",
        RobotsPolicy::Ignore => "ignore",
    });
    if let Some(agent) = &rule.user_agent {
        table["user_agent"] = value(agent.as_str());
    }
    let open = |name: &str| OPEN_HEADERS.iter().any(|open| open.eq_ignore_ascii_case(name));
    let shown =
        |(name, text): &(String, String)| (name.clone(), if open(name) { text.clone() } else { HIDDEN.to_owned() });
    table["headers"] = value(pairs(rule.headers.iter().map(shown)));
    table
}

fn feed(feed: &FeedOptions, config: &Config) -> Table {
    let mut table = Table::new();
    table["name"] = value(feed.name.0.as_str());
    table["url"] = value(feed.url.as_str());
    table["schedule"] = value(feed.schedule.as_ref().unwrap_or(&config.crawl.schedule).as_str());
    table["timezone"] = value(feed.timezone.unwrap_or(config.crawl.timezone).name());
    let mut follow = InlineTable::new();
    follow.insert("past_issues", i64::from(feed.follow.past_issues).into());
    follow.insert("albums", feed.follow.albums.into());
    follow.insert("max_articles", i64::from(feed.follow.max_articles).into());
    table["follow"] = value(follow);
    table["labels"] = value(list(&feed.labels));
    table["assets"] = value(list(feed.assets.iter().map(|kind: &AssetKind| kind.word())));
    let limits = &feed.limits;
    for (key, limit) in [("max_image", limits.image), ("max_audio", limits.audio), ("max_video", limits.video)] {
        table[key] = value(written_size(limit));
    }
    table["content"] = value(feed.content.word());
    for (key, rules) in [("keep", &feed.keep), ("block", &feed.block)] {
        let written = rules.fields().into_iter().filter_map(|(field, pattern)| Some((field, pattern?.as_str())));
        table[key] = value(pairs(written.map(|(field, pattern)| (field.to_owned(), pattern.to_owned()))));
    }
    table["backfill"] = value(i64::from(feed.backfill));
    table
}
