//! What each section of crawl.toml may say.

use crate::config::given::{self, Answer, Given};
use crate::config::reader::{Reader, Table};
use crate::config::{ArchiveSection, BackupSection, Config, ServeSection};
use crate::crawl::options::{AssetLimits, FeedOptions, Options as CrawlOptions};
use crate::crawl::rules::Rules;
use crate::fetch::{self, Session, SiteRule};
use crate::model::{FeedName, Follow};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Sets a field where the file or the environment gives it.
fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}

/// Reads every section.
pub(super) fn read<'a>(
    reader: &mut Reader<'a>,
    items: &'a toml_edit::Table,
    path: Option<&Path>,
    folder: &Path,
) -> Config {
    let mut root = Reader::root(items);
    // The file's folder for what the file says, the folder one is in for what the environment says.
    let home = path.and_then(Path::parent).unwrap_or(folder);
    let archive = archive(reader, &mut root, home, folder);
    let mut crawl = crawl(reader, &mut root);
    let mut fetch = fetch(reader, &mut root, home, folder);
    fetch.sites = sites(reader, &mut root);
    crawl.session = wechat(reader, &mut root, &mut fetch);
    let serve = serve(reader, &mut root);
    let backup = backup(reader, &mut root, (home, folder), &archive.path);
    crawl.feeds = feeds(reader, &mut root);
    reader.finish(&root);
    Config { path: path.map(Path::to_owned), archive, crawl, fetch, serve, backup }
}

/// A path, absolute from here on.
fn path<'f>(home: &'f Path, folder: &'f Path) -> impl Fn(&Given<'_>) -> Answer<PathBuf> + use<'f> {
    move |given| {
        let base = if matches!(given, Given::Variable(_)) { folder } else { home };
        Ok(base.join(given::line(given)?))
    }
}

fn archive<'a>(reader: &mut Reader<'a>, root: &mut Table<'a>, home: &Path, folder: &Path) -> ArchiveSection {
    let mut table = reader.table(root, "archive");
    let path = reader.value(&mut table, "path", path(home, folder)).unwrap_or_else(|| home.join("archive"));
    reader.finish(&table);
    ArchiveSection { path }
}

fn crawl<'a>(reader: &mut Reader<'a>, root: &mut Table<'a>) -> CrawlOptions {
    let mut table = reader.table(root, "crawl");
    let mut options = CrawlOptions::default();
    set(&mut options.timezone, reader.value(&mut table, "timezone", given::zone));
    set(&mut options.schedule, reader.value(&mut table, "schedule", given::schedule));
    set(&mut options.recheck, reader.list(&mut table, "recheck", given::some_time));
    options.recheck.sort_unstable();
    options.recheck.dedup();
    reader.finish(&table);
    options
}

fn fetch<'a>(reader: &mut Reader<'a>, root: &mut Table<'a>, home: &Path, folder: &Path) -> fetch::Options {
    let mut table = reader.table(root, "fetch");
    let mut options = fetch::Options::default();
    let number = |bounds| given::number(bounds);
    set(&mut options.user_agent, reader.value(&mut table, "user_agent", given::header).map(Some));
    set(&mut options.proxy, reader.secret(&mut table, "proxy", given::proxy).map(Some));
    set(&mut options.ca_file, reader.value(&mut table, "ca_file", path(home, folder)).map(Some));
    let hosts = reader.pairs(&mut table, "hosts", given::host_name, given::address);
    set(&mut options.hosts, hosts.map(BTreeMap::from_iter));
    set(&mut options.allow_private, reader.list(&mut table, "allow_private", given::network));
    set(&mut options.connect_timeout, reader.value(&mut table, "connect_timeout", given::some_time));
    set(&mut options.total_timeout, reader.value(&mut table, "total_timeout", given::some_time));
    set(&mut options.minimum_rate, reader.value(&mut table, "minimum_rate", given::size));
    set(&mut options.rate_window, reader.value(&mut table, "rate_window", given::some_time));
    set(&mut options.page_limit, reader.value(&mut table, "page_limit", given::size));
    set(&mut options.feed_limit, reader.value(&mut table, "feed_limit", given::size));
    set(&mut options.asset_limit, reader.value(&mut table, "asset_limit", given::size));
    set(&mut options.wire_limit, reader.value(&mut table, "wire_limit", given::size));
    set(&mut options.ratio_limit, reader.value(&mut table, "ratio_limit", number(1..=100_000)).map(u64::from));
    set(&mut options.ratio_floor, reader.value(&mut table, "ratio_floor", given::size));
    set(&mut options.max_redirects, reader.value(&mut table, "max_redirects", number(0..=50)).map(|n| n as usize));
    set(&mut options.concurrency, reader.value(&mut table, "concurrency", number(1..=1024)).map(|n| n as usize));
    reader.finish(&table);
    options
}

fn sites<'a>(reader: &mut Reader<'a>, root: &mut Table<'a>) -> Vec<SiteRule> {
    let mut sites: Vec<SiteRule> = Vec::new();
    for table in reader.tables(root, "site") {
        let span = table.span();
        let Some(site) = site(reader, table) else { continue };
        if sites.iter().any(|other| other.host == site.host) {
            reader.problem(span, format!("a second [[site]] for {:?}; write one", site.host));
        }
        sites.push(site);
    }
    sites
}

/// One site: what is compiled in for its host, with what the owner says over it, field by field.
fn site<'a>(reader: &mut Reader<'a>, mut table: Table<'a>) -> Option<SiteRule> {
    let written = table.has("host");
    let host = reader.value(&mut table, "host", given::host);
    if !written {
        reader.problem(table.span(), "a [[site]] needs its host, as in host = \"example.org\"".to_owned());
    }
    let mut rule = SiteRule::default_for(host.as_deref().unwrap_or_default());
    set(&mut rule.delay, reader.value(&mut table, "delay", given::length_of_time));
    set(&mut rule.jitter, reader.value(&mut table, "jitter", given::share));
    set(&mut rule.concurrency, reader.value(&mut table, "concurrency", given::number(1..=64)).map(|n| n as usize));
    let daily = reader.value(&mut table, "daily_limit", given::number(0..=10_000_000));
    set(&mut rule.daily_limit, daily.map(|limit| (limit > 0).then_some(limit)));
    set(&mut rule.robots, reader.value(&mut table, "robots", given::robots));
    set(&mut rule.user_agent, reader.value(&mut table, "user_agent", given::header).map(Some));
    for (name, value) in reader.pairs(&mut table, "headers", given::header_name, given::header).unwrap_or_default() {
        rule.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        rule.headers.push((name, value));
    }
    reader.finish(&table);
    host.map(|_| rule)
}

/// WeChat: the paces of what needs one of its own, and the owner's session.
fn wechat<'a>(reader: &mut Reader<'a>, root: &mut Table<'a>, fetch: &mut fetch::Options) -> Option<Session> {
    let mut table = reader.table(root, "wechat");
    set(&mut fetch.bare_link_delay, reader.value(&mut table, "bare_link_delay", given::some_time));
    set(&mut fetch.backend_delay, reader.value(&mut table, "backend_delay", given::some_time));
    let token = reader.outside(&mut table, "token", given::token);
    let cookie = reader.outside(&mut table, "cookie", given::cookie);
    reader.finish(&table);
    match (token, cookie) {
        (Some(token), Some(cookie)) => Some(Session::new(token, cookie)),
        (Some(_), None) => {
            reader.wrong_variable("WANGQI_WECHAT__COOKIE", "a session needs its cookie beside its token".to_owned());
            None
        }
        (None, Some(_)) => {
            reader.wrong_variable("WANGQI_WECHAT__TOKEN", "a session needs its token beside its cookie".to_owned());
            None
        }
        (None, None) => None,
    }
}

fn serve<'a>(reader: &mut Reader<'a>, root: &mut Table<'a>) -> ServeSection {
    let mut table = reader.table(root, "serve");
    let mut section = ServeSection::default();
    set(&mut section.listen, reader.value(&mut table, "listen", given::address));
    reader.finish(&table);
    section
}

fn backup<'a>(
    reader: &mut Reader<'a>,
    root: &mut Table<'a>,
    (home, folder): (&Path, &Path),
    archive: &Path,
) -> BackupSection {
    let mut table = reader.table(root, "backup");
    let mut section = BackupSection::beside(home);
    set(&mut section.schedule, reader.value(&mut table, "schedule", given::schedule).map(Some));
    let apart = |path: PathBuf| if is_within(&path, archive) { Err(in_archive(archive)) } else { Ok(path) };
    let given = reader.value(&mut table, "path", |given| path(home, folder)(given).and_then(apart));
    // Where backups go by default may be in the archive as well; that is wrong only where there are any.
    if given.is_none() && !table.has("path") && section.schedule.is_some() && is_within(&section.path, archive) {
        reader.problem(
            table.span_of("schedule"),
            format!("backups go to [backup] path, {}: {}", section.path.display(), in_archive(archive)),
        );
    }
    set(&mut section.path, given);
    set(&mut section.keep, reader.value(&mut table, "keep", given::number(1..=10_000)));
    section.is_idle = section.schedule.is_none() && (table.has("path") || table.has("keep"));
    reader.finish(&table);
    section
}

fn in_archive(archive: &Path) -> String {
    format!("backups cannot lie in the archive's own folder {}; name a folder outside it", archive.display())
}

/// Whether a path leads into a folder, as far as names and the links that are there tell.
fn is_within(path: &Path, folder: &Path) -> bool {
    let (path, folder) = (real(path), real(folder));
    path.starts_with(folder)
}

/// A path without `.`, `..` and links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                found.pop();
            }
            part => found.push(part),
        }
        found = std::fs::canonicalize(&found).unwrap_or(found);
    }
    found
}

fn feeds<'a>(reader: &mut Reader<'a>, root: &mut Table<'a>) -> Vec<FeedOptions> {
    let mut feeds: Vec<FeedOptions> = Vec::new();
    // A list of feeds may have brought thousands.
    let (mut names, mut urls) = (BTreeSet::new(), BTreeMap::new());
    for table in reader.tables(root, "feed") {
        let spans = (table.span_of("name"), table.span_of("url"));
        let Some(feed) = feed(reader, table) else { continue };
        if !names.insert(feed.name.clone()) {
            let message = format!("a second feed with the name {:?}; a name stands for one feed", feed.name.0);
            reader.problem(spans.0, message);
        } else if let Some(other) = urls.get(&feed.url) {
            reader.problem(spans.1, format!("the feed {other:?} has this URL already"));
        }
        urls.entry(feed.url.clone()).or_insert_with(|| feed.name.0.clone());
        feeds.push(feed);
    }
    feeds
}

fn feed<'a>(reader: &mut Reader<'a>, mut table: Table<'a>) -> Option<FeedOptions> {
    let written = table.has("url");
    let name = reader.value(&mut table, "name", given::line);
    let url = reader.value(&mut table, "url", given::url);
    if !written {
        reader
            .problem(table.span(), "a [[feed]] needs its url, as in url = \"https://example.org/atom.xml\"".to_owned());
    }
    let schedule = reader.value(&mut table, "schedule", given::schedule);
    let timezone = reader.value(&mut table, "timezone", given::zone);
    let follow = follow(reader, &mut table);
    let mut labels: Vec<String> = Vec::new();
    for label in reader.list(&mut table, "labels", given::line).unwrap_or_default() {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let assets = reader.list(&mut table, "assets", given::asset);
    let mut limits = AssetLimits::default();
    set(&mut limits.image, reader.value(&mut table, "max_image", given::size));
    set(&mut limits.audio, reader.value(&mut table, "max_audio", given::size));
    set(&mut limits.video, reader.value(&mut table, "max_video", given::size));
    let content = reader.value(&mut table, "content", given::content);
    let keep = rules(reader, &mut table, "keep");
    let block = rules(reader, &mut table, "block");
    let backfill = reader.value(&mut table, "backfill", given::number(0..=1_000_000)).unwrap_or_default();
    reader.finish(&table);
    let mut feed =
        FeedOptions { schedule, timezone, follow, labels, limits, keep, block, backfill, ..FeedOptions::new(url?) };
    set(&mut feed.content, content);
    set(&mut feed.name, name.map(FeedName));
    set(&mut feed.assets, assets.map(BTreeSet::from_iter));
    Some(feed)
}

fn rules<'a>(reader: &mut Reader<'a>, feed: &mut Table<'a>, key: &'static str) -> Rules {
    let mut table = reader.table(feed, key);
    let rules = Rules {
        title: reader.value(&mut table, "title", given::pattern),
        author: reader.value(&mut table, "author", given::pattern),
        link: reader.value(&mut table, "link", given::pattern),
        text: reader.value(&mut table, "text", given::pattern),
    };
    reader.finish(&table);
    rules
}

fn follow<'a>(reader: &mut Reader<'a>, feed: &mut Table<'a>) -> Follow {
    let mut table = reader.table(feed, "follow");
    let mut follow = Follow::default();
    let steps = reader.value(&mut table, "past_issues", given::number(0..=255));
    set(&mut follow.past_issues, steps.and_then(|steps| u8::try_from(steps).ok()));
    set(&mut follow.albums, reader.value(&mut table, "albums", given::boolean));
    set(&mut follow.max_articles, reader.value(&mut table, "max_articles", given::number(0..=10_000_000)));
    reader.finish(&table);
    follow
}
