//! `wangqi stats`: how much is held, and how the sites stand.

use crate::archive::{Backup, Reader};
use crate::cli::progress::is_printable;
use crate::cli::{Command, Context, Exit};
use crate::crawl::poll::Poll;
use crate::crawl::{Stand, Standing};
use crate::model::{FeedName, Site, Time};
use chrono::TimeDelta;
use clap::{Arg, ArgAction, ArgMatches};
use indicatif::HumanBytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `wangqi stats`.
pub(crate) struct Stats;

impl Command for Stats {
    fn arguments(&self) -> clap::Command {
        let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print one JSON object");
        clap::Command::new("stats").about("How much is held: articles, snapshots, payloads, bytes").arg(json)
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        context.read(|context, reader| stats(context, reader, given.get_flag("json")))
    }

    fn reads_archive(&self) -> bool {
        true
    }
}

fn stats(context: &mut Context<'_>, reader: &Reader, json: bool) -> anyhow::Result<Exit> {
    let stats = reader.stats()?;
    let backup = reader.last_backup()?;
    let rows: [(&str, u64); 10] = [
        ("articles", stats.articles),
        ("snapshots", stats.snapshots),
        ("edited", stats.edited),
        ("gone", stats.gone),
        ("unchanged", stats.unchanged),
        ("payloads", stats.payloads),
        ("payload_bytes", stats.payload_bytes),
        ("segment_bytes", stats.segment_bytes),
        ("index_bytes", stats.index_bytes),
        ("pending", stats.pending),
    ];
    let now = chrono::Utc::now();
    let sites = sites(reader, now)?;
    let polls = polls(reader, now)?;
    if json {
        let mut object: serde_json::Map<_, _> =
            rows.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
        let shapes = sites.iter().map(|(standing, waiting)| shape(standing, *waiting, now)).collect();
        object.insert("sites".to_owned(), Value::Array(shapes));
        let told = polls.iter().map(|(feed, poll)| {
            json!({"feed": feed, "condition": poll.condition(now), "next_at": poll.next_at, "words": poll.words(now)})
        });
        object.insert("feeds".to_owned(), Value::Array(told.collect()));
        object.insert("last_backup".to_owned(), serde_json::to_value(&backup)?);
        writeln!(context.out, "{}", Value::Object(object))?;
        return Ok(Exit::Ok);
    }
    for (name, count) in rows {
        writeln!(context.out, "{:<14} {count:>14}", name.replace('_', " "))?;
    }
    for (standing, waiting) in &sites {
        // What nothing waits for and nothing stands against is not worth a line.
        let is_told = standing.stand(now) != Stand::Ready || *waiting > 0 || standing.rule.daily_limit.is_some();
        if is_told {
            writeln!(context.out, "{}", standing.words(now, Some(*waiting)))?;
        }
    }
    for (feed, poll) in &polls {
        // What answers and is where it was is not worth a line.
        if let Some(words) = poll.words(now) {
            let line: String = format!("{feed}: {words}").chars().filter(|letter| is_printable(*letter)).collect();
            writeln!(context.out, "{line}")?;
        }
    }
    if let Some(Backup { at, file, bytes, problem }) = backup {
        let file = file.map_or_else(|| "not written".to_owned(), |file| format!("{file} ({})", HumanBytes(bytes)));
        let problem = problem.map_or_else(String::new, |problem| format!("; {problem}"));
        let line = format!("{} {file}{problem}", at.format("%Y-%m-%d %H:%M UTC"));
        let line: String = line.chars().filter(|letter| is_printable(*letter)).collect();
        writeln!(context.out, "{:<14} {line}", "last backup")?;
    }
    Ok(Exit::Ok)
}

/// After so long without the poll that was planned a feed is watched no longer: the longest interval and a day (judgement).
const UNTENDED: TimeDelta = TimeDelta::days(9);

/// What is known of the feeds that are polled by rule. One that does not read was written by another version.
fn polls(reader: &Reader, now: Time) -> anyhow::Result<Vec<(FeedName, Poll)>> {
    let mut known = Vec::new();
    for row in reader.polls() {
        let (feed, kept) = row?;
        let poll: Option<Poll> = serde_json::from_str(&kept).ok();
        let poll = poll.filter(|poll| poll.next_at.is_none_or(|at| now - at < UNTENDED));
        known.extend(poll.map(|poll| (feed, poll)));
    }
    Ok(known)
}

/// The sites whose pace is known, each with how many targets wait for it: all but the rechecks that are planned for later.
fn sites(reader: &Reader, now: Time) -> anyhow::Result<Vec<(Standing, usize)>> {
    let mut standings = Vec::new();
    for pace in reader.paces() {
        let (site, pace) = pace?;
        standings.extend(Standing::read(Site::named_as(site), &pace).filter(|standing| !standing.pace.is_idle(now)));
    }
    let names: Vec<String> = standings.iter().map(|standing| standing.site.as_str().to_owned()).collect();
    let mut waiting: BTreeMap<Site, usize> = BTreeMap::new();
    for row in reader.pending() {
        let (target, _) = row?;
        if target.recheck.is_none() || target.not_before <= now {
            *waiting.entry(Site::of(&target.url, &names)).or_default() += 1;
        }
    }
    let sites = standings.into_iter().map(|standing| {
        let waiting = waiting.get(&standing.site).copied().unwrap_or(0);
        (standing, waiting)
    });
    Ok(sites.collect())
}

fn shape(standing: &Standing, waiting: usize, now: Time) -> Value {
    let stand = standing.stand(now);
    let until = (stand != Stand::Ready).then(|| standing.until(now));
    json!({
        "site": standing.site, "stand": stand.word(), "until": until, "blocks": standing.pace.blocks,
        "used_today": standing.pace.used_today(now), "daily_limit": standing.rule.daily_limit,
        "delay_seconds": standing.rule.delay.as_secs_f64(), "pending": waiting,
        "words": standing.words(now, Some(waiting)),
    })
}
