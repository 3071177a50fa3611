//! `wangqi feed list`: what is watched, when next, and how it went last.

use super::facts::{Fact, facts};
use super::shown;
use crate::cli::list::fit;
use crate::cli::{Context, Exit};
use crate::config::Config;
use crate::crawl::FeedOptions;
use crate::crawl::poll::{Poll, is_ruled};
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

/// When it is polled next; `None` for never.
fn next_run(config: &Config, feed: &FeedOptions, fact: Option<&Fact>, now: Time) -> Option<Time> {
    if is_ruled(&feed.url) {
        let poll = fact.and_then(|fact| fact.poll.as_ref()).filter(|poll| poll.url == feed.url);
        return poll.map_or(Some(now), |poll| poll.next_at);
    }
    feed.schedule.as_ref().unwrap_or(&config.crawl.schedule).next_after(now, zone(config, feed))
}

/// Its schedule as it is shown: the owner's, or that there is none because the rules decide.
fn timing<'a>(config: &'a Config, feed: &'a FeedOptions) -> &'a str {
    let is_by_rule = is_ruled(&feed.url) && config.crawl.schedule_of(feed).is_none();
    if is_by_rule { "by its rate" } else { feed.schedule.as_ref().unwrap_or(&config.crawl.schedule).as_str() }
}

fn shape(config: &Config, feed: &FeedOptions, fact: Option<&Fact>, now: Time) -> Value {
    let zone = zone(config, feed);
    let poll = fact.and_then(|fact| fact.poll.as_ref());
    json!({
        "name": feed.name, "url": feed.url, "labels": feed.labels, "schedule": timing(config, feed),
        "timezone": zone.name(), "next_run": next_run(config, feed, fact, now).map(|at| at.with_timezone(&zone).to_rfc3339()),
        "polled_at": fact.and_then(Fact::asked_at), "outcome": fact.and_then(|fact| fact.ended(now)),
        "condition": poll.map(|poll| poll.condition(now)), "errors": poll.map(|poll| poll.errors),
        "error": poll.and_then(|poll| poll.error.as_deref()), "moved_to": poll.and_then(Poll::is_elsewhere),
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
    let schedule = timing(config, feed);
    let next = next_run(config, feed, fact, now).map_or_else(|| "never again".to_owned(), minute);
    let last = match fact {
        Some(fact) => match fact.asked_at() {
            Some(at) => format!("{} {}", fact.ended(now).map_or("polled", |outcome| outcome.word()), minute(at)),
            None => "not polled yet".to_owned(),
        },
        None => String::new(),
    };
    let words = fact.and_then(|fact| fact.poll.as_ref()).and_then(|poll| poll.words(now));
    let words = words.map(|words| shown(&words, 400)).unwrap_or_default();
    let (name, url) = (shown(&feed.name.0, 1000), feed.url.as_str());
    let labels = feed.labels.iter().map(|label| shown(label, 80)).collect::<Vec<_>>().join(", ");
    if context.out_is_terminal {
        let schedule = fit(schedule, 14);
        writeln!(context.out, "{}  {schedule}  next {next:<16}  {last}\n    {url}", fit(&name, 28))?;
        if !labels.is_empty() {
            writeln!(context.out, "    {labels}")?;
        }
        if !words.is_empty() {
            writeln!(context.out, "    {words}")?;
        }
    } else {
        let row = [name.as_str(), url, schedule, &next, &last, &labels, &words];
        writeln!(context.out, "{}", row.join("\t").trim_end_matches('\t'))?;
    }
    Ok(())
}
