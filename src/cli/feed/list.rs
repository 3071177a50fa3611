//! `wangqi feed list`: what is watched, when next, and how it went last.

use super::facts::{Fact, facts};
use super::shown;
use crate::cli::list::fit;
use crate::cli::{Context, Exit};
use crate::config::Config;
use crate::crawl::FeedOptions;
use crate::model::{FeedName, Time};
use chrono_tz::Tz;
use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Its arguments.
pub(super) fn arguments() -> clap::Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print a JSON array");
    let label = Arg::new("label").long("label").value_name("LABEL").help("Only what is filed under this label");
    clap::Command::new("list")
        .about("What is watched, when it is polled next, and how it went last")
        .arg(json)
        .arg(label)
}

/// Lists the feeds in crawl.toml's order.
pub(super) fn run(context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
    let config = context.load_config()?;
    let label = given.get_one::<String>("label");
    let feeds = config.crawl.feeds.iter().filter(|feed| label.is_none_or(|label| feed.labels.contains(label)));
    let feeds: Vec<&FeedOptions> = feeds.collect();
    if let Some(label) = label
        && feeds.is_empty()
    {
        writeln!(context.err, "wangqi: no feed is filed under {label:?}")?;
        return Ok(Exit::NothingMatched);
    }
    let names: Vec<&FeedName> = feeds.iter().map(|feed| &feed.name).collect();
    let known = if names.is_empty() { BTreeMap::new() } else { facts(context, &names) };
    let now = chrono::Utc::now();
    if given.get_flag("json") {
        let all: Vec<Value> = feeds.iter().map(|feed| shape(&config, feed, known.get(&feed.name), now)).collect();
        writeln!(context.out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(Exit::Ok);
    }
    if feeds.is_empty() {
        writeln!(context.err, "wangqi: nothing is watched yet; `wangqi feed add URL` adds a feed")?;
    }
    for feed in feeds {
        line(context, &config, feed, known.get(&feed.name), now)?;
    }
    Ok(Exit::Ok)
}

fn zone(config: &Config, feed: &FeedOptions) -> Tz {
    feed.timezone.unwrap_or(config.crawl.timezone)
}

/// When its schedule has it polled next; `None` where the years that it names are over.
fn next_run(config: &Config, feed: &FeedOptions, now: Time) -> Option<Time> {
    feed.schedule.as_ref().unwrap_or(&config.crawl.schedule).next_after(now, zone(config, feed))
}

fn shape(config: &Config, feed: &FeedOptions, fact: Option<&Fact>, now: Time) -> Value {
    let zone = zone(config, feed);
    json!({
        "name": feed.name, "url": feed.url, "labels": feed.labels, "schedule": feed.schedule.as_ref().unwrap_or(&config.crawl.schedule).as_str(),
        "timezone": zone.name(), "next_run": next_run(config, feed, now).map(|at| at.with_timezone(&zone).to_rfc3339()),
        "polled_at": fact.and_then(|fact| fact.polled_at), "outcome": fact.and_then(|fact| fact.outcome),
        "past_issues": feed.follow.past_issues,
    })
}

fn line(
    context: &mut Context<'_>,
    config: &Config,
    feed: &FeedOptions,
    fact: Option<&Fact>,
    now: Time,
) -> anyhow::Result<()> {
    let zone = zone(config, feed);
    let minute = |at: Time| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let schedule = feed.schedule.as_ref().unwrap_or(&config.crawl.schedule).as_str();
    let next = next_run(config, feed, now).map_or_else(|| "never again".to_owned(), minute);
    let last = match fact {
        Some(Fact { polled_at: Some(at), outcome, .. }) => {
            format!("{} {}", outcome.map_or("polled", |outcome| outcome.word()), minute(*at))
        }
        Some(_) => "not polled yet".to_owned(),
        None => String::new(),
    };
    let (name, url) = (shown(&feed.name.0, 1000), feed.url.as_str());
    let labels = feed.labels.iter().map(|label| shown(label, 80)).collect::<Vec<_>>().join(", ");
    if context.out_is_terminal {
        let schedule = fit(schedule, 14);
        writeln!(context.out, "{}  {schedule}  next {next:<16}  {last}\n    {url}", fit(&name, 28))?;
        if !labels.is_empty() {
            writeln!(context.out, "    {labels}")?;
        }
    } else {
        writeln!(context.out, "{}", [name.as_str(), url, schedule, &next, &last, &labels].join("\t"))?;
    }
    Ok(())
}
