//! `wangqi feed add`: looks at a URL, shows what is there, and writes it into crawl.toml.

use super::put::put_all;
use super::{
    LONGEST_NAME, config_of, crawl_toml, fetcher, hold, label, labels, shown, until_interrupted, watching, write,
};
use crate::cli::signals;
use crate::cli::{Context, Exit, open};
use crate::config::edit::{self, NewFeed};
use crate::config::file::FileError;
use crate::config::{Config, without_secrets};
use crate::crawl::discover::{DiscoverError, Found, FoundKind, discover};
use crate::crawl::schedule::Schedule;
use crate::model::CanonicalUrl;
use anyhow::{Context as _, anyhow};
use clap::{Arg, ArgAction, ArgMatches};
use std::path::Path;
use url::Url;

/// The longest title that is shown.
const LONGEST_TITLE: usize = 70;

/// Its arguments.
pub(super) fn arguments() -> clap::Command {
    let option = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let urls = Arg::new("url").value_name("URL").num_args(1..).required(true);
    let steps = option("follow-past-issues", "N").value_parser(clap::value_parser!(u8));
    clap::Command::new("add")
        .about(
            "Watch a feed, the feed of a page, the feeds of an OPML list, or a WeChat account by one of its articles",
        )
        .arg(urls.help("An RSS, Atom or JSON feed; a page that has one; an OPML list; an article of a WeChat account"))
        .arg(option("name", "NAME").help("What to call it [default: its title, or the account's name]"))
        .arg(
            option("schedule", "SCHEDULE")
                .help("When to poll it: \"30 8 * * 1-5\", @hourly [default: that of [crawl]]"),
        )
        .arg(label())
        .arg(steps.help("Follow so many steps of past issues (往期回顾) [default: none]"))
        .arg(Arg::new("as-is").long("as-is").action(ArgAction::SetTrue).help("Write it down without looking at it"))
}

/// What was typed, understood.
struct Wish {
    urls: Vec<CanonicalUrl>,
    name: Option<String>,
    schedule: Option<String>,
    past_issues: Option<u8>,
    labels: Vec<String>,
    as_is: bool,
}

/// How a URL ended that was not added.
enum Not {
    /// Nothing answered as it should.
    Fetched,
    /// There is nothing to watch.
    Found,
    /// Ctrl-C.
    Interrupted,
}

/// Adds each URL; one that fails keeps no other out.
pub(super) fn run(context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
    let wish = wish(given).context(Exit::Usage)?;
    let (path, config) = crawl_toml(context)?;
    if let Some(name) = &wish.name
        && let Some(other) = config.crawl.feeds.iter().find(|feed| feed.name.0 == *name)
        && wish.urls.iter().any(|url| watching(&config, url).is_none())
    {
        let why = anyhow!("{name:?} is the name of {} already; choose another --name", other.url);
        return Err(why).context(Exit::Usage);
    }
    // One for all: what is asked of one site is asked at its pace.
    let fetcher = fetcher(&config)?;
    let runtime = open::runtime()?;
    let look = |url: &CanonicalUrl| runtime.block_on(until_interrupted(discover(&fetcher, url)));
    let mut failures = Vec::new();
    for url in &wish.urls {
        match add(context, &path, url, &wish, look)? {
            Ok(()) => {}
            Err(Not::Interrupted) => return Ok(signals::exit()),
            Err(not) => failures.push(not),
        }
    }
    Ok(match failures.len() {
        0 => Exit::Ok,
        // Nothing was to be found anywhere; anything else is partial, or a fetch that failed.
        count if count == wish.urls.len() && failures.iter().all(|not| matches!(not, Not::Found)) => {
            Exit::NothingMatched
        }
        _ => Exit::Partial,
    })
}

fn wish(given: &ArgMatches) -> anyhow::Result<Wish> {
    let mut urls: Vec<CanonicalUrl> = Vec::new();
    for text in given.get_many::<String>("url").into_iter().flatten() {
        let url = url_of(text)?;
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    let name = given.get_one::<String>("name").map(|name| name.trim().to_owned());
    if let Some(name) = &name {
        anyhow::ensure!(!name.is_empty(), "--name is empty");
        anyhow::ensure!(!name.chars().any(char::is_control), "--name holds control characters");
        anyhow::ensure!(urls.len() == 1, "--name is for one URL, and there are {}", urls.len());
    }
    let schedule = given.get_one::<String>("schedule").cloned();
    if let Some(schedule) = &schedule {
        Schedule::parse(schedule).context("--schedule")?;
    }
    let past_issues = given.get_one::<u8>("follow-past-issues").copied();
    Ok(Wish { urls, name, schedule, past_issues, labels: labels(given)?, as_is: given.get_flag("as-is") })
}

pub(super) fn url_of(text: &str) -> anyhow::Result<CanonicalUrl> {
    let text = text.trim();
    let has_user = Url::parse(text).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    let starred = without_secrets(text);
    anyhow::ensure!(!has_user, "a user name or password cannot stand in a feed's URL: {starred}");
    match CanonicalUrl::parse(text) {
        Ok(url) => Ok(url),
        Err(_) if !text.contains("://") => Err(anyhow!("{starred:?} is no URL; write it with its https://")),
        // The parser repeats what it was given, where a password may stand.
        Err(error) => Err(anyhow!("{}", without_secrets(&error.to_string()))),
    }
}

/// Adds one URL, saying all that there is to say of it.
fn add(
    context: &mut Context<'_>,
    path: &Path,
    url: &CanonicalUrl,
    wish: &Wish,
    look: impl Fn(&CanonicalUrl) -> Option<Result<Found, DiscoverError>>,
) -> anyhow::Result<Result<(), Not>> {
    let config = open::config(context)?;
    if let Some(feed) = watching(&config, url) {
        let name = shown(&feed.name.0, LONGEST_NAME);
        writeln!(context.err, "wangqi: {url} is watched already, as {name:?}; nothing was changed")?;
        return Ok(Ok(()));
    }
    let mut feed = NewFeed {
        name: wish.name.clone(),
        url: url.clone(),
        schedule: wish.schedule.clone(),
        past_issues: wish.past_issues,
        labels: wish.labels.clone(),
    };
    let is_named = feed.name.is_some();
    if !wish.as_is {
        match look(url) {
            None => return Ok(Err(Not::Interrupted)),
            Some(Ok(Found { kind: FoundKind::List { feeds, .. }, .. })) if feeds.is_empty() => {
                writeln!(context.err, "wangqi: did not add {url}: it is an OPML list without feeds")?;
                return Ok(Err(Not::Found));
            }
            Some(Ok(found)) => {
                preview(context, &found)?;
                if let FoundKind::List { feeds, .. } = found.kind {
                    let feeds = feeds
                        .into_iter()
                        .map(|listed| super::import::wanted(listed, &wish.labels, wish.schedule.as_deref()));
                    put_all(context, path, feeds.collect())?;
                    return Ok(Ok(()));
                }
                feed.name = feed.name.or_else(|| name_of(&found));
                feed.url = found.url;
            }
            Some(Err(error)) => {
                let why = shown(&error.to_string(), 1000);
                let not = if error.is_fetch() { Not::Fetched } else { Not::Found };
                writeln!(context.err, "wangqi: did not add {url}: {why}; --as-is adds it without looking at it")?;
                return Ok(Err(not));
            }
        }
    }
    put(context, path, feed, is_named)?;
    Ok(Ok(()))
}

/// What is there, for the one who asked for it.
pub(super) fn preview(context: &mut Context<'_>, found: &Found) -> anyhow::Result<()> {
    let name = found.name.as_deref().map_or_else(|| "(no title)".to_owned(), |name| shown(name, LONGEST_TITLE));
    match &found.kind {
        FoundKind::Feed { entries, newest } => {
            let word = if *entries == 1 { "entry" } else { "entries" };
            writeln!(context.err, "{name}: {entries} {word}")?;
            for (at, title) in newest {
                let at = at.map_or_else(|| "          ".to_owned(), |at| at.format("%Y-%m-%d").to_string());
                writeln!(context.err, "  {at}  {}", shown(title, LONGEST_TITLE))?;
            }
        }
        FoundKind::List { feeds, problems } => {
            let word = if feeds.len() == 1 { "feed" } else { "feeds" };
            writeln!(context.err, "{name}: an OPML list of {} {word}", feeds.len())?;
            for problem in problems {
                writeln!(context.err, "  {}", shown(problem, 300))?;
            }
        }
        FoundKind::Account { article } => {
            let article = shown(article.as_deref().unwrap_or("(no title)"), LONGEST_TITLE);
            writeln!(context.err, "{name}: a WeChat account, watched by its article {article}")?;
        }
    }
    if !found.others.is_empty() {
        writeln!(context.err, "  the page names other feeds too, which were not added:")?;
    }
    for other in &found.others {
        writeln!(context.err, "  {}  {}", other.url, shown(&other.title, LONGEST_TITLE))?;
    }
    Ok(())
}

/// A name from a title: one line, and nothing that cannot stand in crawl.toml.
fn name_of(found: &Found) -> Option<String> {
    let name = shown(found.name.as_deref()?, LONGEST_NAME);
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Writes a feed into crawl.toml, under its lock: what was looked up before may have changed meanwhile.
fn put(context: &mut Context<'_>, path: &Path, mut feed: NewFeed, is_named: bool) -> anyhow::Result<()> {
    let mut held = hold(path)?;
    let config = config_of(context, path, held.text())?;
    if let Some(other) = watching(&config, &feed.url) {
        let name = shown(&other.name.0, LONGEST_NAME);
        writeln!(context.err, "wangqi: {} is watched already, as {name:?}; nothing was changed", feed.url)?;
        return Ok(());
    }
    if !is_named {
        feed.name = feed.name.map(|name| unique(&config, name));
    }
    let strange = || FileError::Strange { path: path.to_owned() };
    let text = edit::add(held.text(), &feed).ok_or_else(strange)?;
    write(context, &mut held, &text)?;
    let name = feed.name.as_deref().unwrap_or(feed.url.as_str());
    writeln!(context.out, "added {name:?}, {}, to {}", feed.url, path.display())?;
    Ok(())
}

/// The name, or the first of `name (2)`, `name (3)`, … that no feed has.
fn unique(config: &Config, name: String) -> String {
    let is_taken = |name: &str| config.crawl.feeds.iter().any(|feed| feed.name.0 == name);
    if !is_taken(&name) {
        return name;
    }
    // There are fewer feeds than numbers.
    let mut numbers = (2..=config.crawl.feeds.len() + 2).map(|number| format!("{name} ({number})"));
    numbers.find(|name| !is_taken(name)).unwrap_or(name)
}
