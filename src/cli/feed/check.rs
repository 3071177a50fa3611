//! `wangqi feed check`: polls feeds once and says how they are. Nothing is kept.

use super::remove::number_of;
use super::{fetcher, shown, until_interrupted};
use crate::cli::signals;
use crate::cli::{Context, Exit, open};
use crate::crawl::FeedOptions;
use crate::crawl::discover::{DiscoverError, Health, check};
use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Value, json};

/// The longest title that is shown.
const LONGEST_TITLE: usize = 70;

/// The most problems of one feed that are shown.
const MOST_PROBLEMS: usize = 20;

/// Its arguments.
pub(super) fn arguments() -> clap::Command {
    let feeds = Arg::new("feed").value_name("NAME|URL").num_args(0..);
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print a JSON array");
    clap::Command::new("check")
        .about("Poll feeds once, keep nothing, and say how they are: status, entries, what is wrong with them")
        .arg(feeds.help("Feeds by name or URL, as `wangqi feed list` shows them [default: all]"))
        .arg(json)
}

/// Checks one feed after the other, at their sites' pace.
pub(super) fn run(context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
    let config = open::config_with_feeds(context)?;
    let asked = given.get_many::<String>("feed").into_iter().flatten();
    let mut numbers = asked.map(|asked| number_of(&config, asked)).collect::<anyhow::Result<Vec<_>>>()?;
    if numbers.is_empty() {
        numbers = (0..config.crawl.feeds.len()).collect();
    }
    let fetcher = fetcher(&config)?;
    let runtime = open::runtime()?;
    let (mut all, mut failed) = (Vec::new(), 0);
    for number in numbers {
        let feed = &config.crawl.feeds[number];
        let Some(answer) = runtime.block_on(until_interrupted(check(&fetcher, &feed.url))) else {
            return Ok(signals::exit());
        };
        failed += usize::from(answer.is_err());
        if given.get_flag("json") {
            all.push(shape(feed, &answer));
        } else {
            tell(context, feed, &answer)?;
        }
    }
    if given.get_flag("json") {
        writeln!(context.out, "{}", serde_json::to_string_pretty(&all)?)?;
    }
    Ok(if failed == 0 { Exit::Ok } else { Exit::Partial })
}

fn tell(context: &mut Context<'_>, feed: &FeedOptions, answer: &Result<Health, DiscoverError>) -> anyhow::Result<()> {
    let name = shown(&feed.name.0, LONGEST_TITLE);
    let health = match answer {
        Ok(health) => health,
        Err(error) => {
            writeln!(context.out, "{name}: failed\n    {}", shown(&error.to_string(), 1000))?;
            return Ok(());
        }
    };
    let line = shown(&health.line, LONGEST_TITLE);
    let word = if health.entries == 1 { "entry" } else { "entries" };
    let kind = if health.version.is_empty() { "no feed" } else { &health.version };
    writeln!(context.out, "{name}: {line}, {kind}, {} {word}", health.entries)?;
    for (at, title) in &health.newest {
        let at = at.map_or_else(|| "          ".to_owned(), |at| at.format("%Y-%m-%d").to_string());
        writeln!(context.out, "    {at}  {}", shown(title, LONGEST_TITLE))?;
    }
    for problem in health.problems.iter().take(MOST_PROBLEMS) {
        writeln!(context.out, "    ! {}", shown(problem, 300))?;
    }
    if health.problems.len() > MOST_PROBLEMS {
        writeln!(context.out, "    ! and {} more", health.problems.len() - MOST_PROBLEMS)?;
    }
    Ok(())
}

fn shape(feed: &FeedOptions, answer: &Result<Health, DiscoverError>) -> Value {
    match answer {
        Ok(health) => json!({
            "name": feed.name, "url": feed.url, "error": null, "status": health.line, "title": health.title,
            "version": health.version, "entries": health.entries, "problems": health.problems,
            "newest": health.newest.iter().map(|(at, title)| json!({ "title": title, "published": at })).collect::<Vec<_>>(),
        }),
        Err(error) => json!({ "name": feed.name, "url": feed.url, "error": error.to_string() }),
    }
}
