//! The command itself: serves the site, crawls it twice by a clock of its own, and says what happened.

use super::server::{Asked, Server};
use super::{serve, site};
use crate::archive::Reader;
use crate::cli::{Command, Context, Exit, list, open};
use crate::config::Config;
use crate::crawl::{Pass, Report, Summary};
use crate::model::{Clock, Outcome, Rel};
use anyhow::{Context as _, ensure};
use chrono::TimeDelta;
use clap::{Arg, ArgMatches};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

/// `wangqi demo`.
pub struct Demo;

impl Command for Demo {
    fn arguments(&self) -> clap::Command {
        let keep = Arg::new("archive").long("archive").value_name("FOLDER").value_parser(clap::value_parser!(PathBuf));
        clap::Command::new("demo")
            .about("Everything, offline: crawl a small bundled site twice and see what happens")
            .arg(keep.help("Where to leave the demo's archive and crawl.toml [default: a new temporary folder]"))
            .args(serve::arguments())
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        if let Some(address) = given.get_one::<SocketAddr>("serve") {
            return serve::serve(context, *address, given.get_one::<PathBuf>("config-out"));
        }
        let folder = match given.get_one::<PathBuf>("archive") {
            Some(folder) => context.folder.join(folder),
            None => temporary_folder()?,
        };
        std::fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
        let runtime = open::runtime()?;
        runtime.block_on(demo(context, &folder))
    }
}

/// What the passes of the demo brought.
struct Passes {
    first: (Summary, Vec<Report>),
    second: (Summary, Vec<Report>),
    third: (Summary, Vec<Report>),
}

async fn demo(context: &mut Context<'_>, folder: &Path) -> anyhow::Result<Exit> {
    let (pass, fetches) = (Arc::new(AtomicU32::new(1)), AtomicU64::new(0));
    let shown = Arc::clone(&pass);
    let handler = move |asked: &Asked| {
        site::answer(asked, shown.load(Ordering::Relaxed), fetches.fetch_add(1, Ordering::Relaxed))
    };
    let server = Server::start(true, site::HOSTS, Arc::new(handler)).await?;
    let config = configure(folder, &server)?;
    let ahead = Arc::new(AtomicI64::new(0));
    let passes = crawl_thrice(context, &config, &pass, &ahead).await?;
    let archive = open::archive(context, &config.archive.path).context(Exit::Archive)?;
    summarise(context, &archive.reader(), &passes, server.asked().len())?;
    next_steps(context, &archive.reader(), folder)?;
    Ok(Exit::Ok)
}

/// Writes the demo's crawl.toml and certificate, and reads them back as any crawl.toml is read.
fn configure(folder: &Path, server: &Server) -> anyhow::Result<Config> {
    let (ca_file, archive) = (folder.join("demo-ca.pem"), folder.join("archive"));
    ensure!(!archive.exists(), "{} exists already; give the demo a new folder", archive.display());
    std::fs::write(&ca_file, server.ca_pem()).with_context(|| format!("could not write {}", ca_file.display()))?;
    let path = folder.join("crawl.toml");
    let text = site::crawl_toml(server.address(), &ca_file, &archive);
    std::fs::write(&path, text).with_context(|| format!("could not write {}", path.display()))?;
    Config::load(Some(&path), folder, std::iter::empty()).context(Exit::Config)
}

/// First look; a day later, after the site has changed; an hour after that, for the second sighting of what is gone.
async fn crawl_thrice(
    context: &mut Context<'_>,
    config: &Config,
    pass: &AtomicU32,
    ahead: &Arc<AtomicI64>,
) -> anyhow::Result<Passes> {
    writeln!(context.out, "First pass: everything is new.")?;
    let first = crawl(context, config, ahead, true).await?;
    pass.store(2, Ordering::Relaxed);
    ahead.fetch_add(TimeDelta::hours(25).num_seconds(), Ordering::Relaxed);
    writeln!(context.out, "\nA day later: one article was edited, one deleted, two are new. Second pass:")?;
    let second = crawl(context, config, ahead, true).await?;
    ahead.fetch_add(TimeDelta::minutes(62).num_seconds(), Ordering::Relaxed);
    writeln!(context.out, "\nAn hour later: what looked deleted is looked at once more, before it is believed.")?;
    let third = crawl(context, config, ahead, false).await?;
    Ok(Passes { first, second, third })
}

/// One pass over the demo's site, opening the archive anew as every `wangqi crawl` does.
async fn crawl(
    context: &mut Context<'_>,
    config: &Config,
    ahead: &Arc<AtomicI64>,
    poll: bool,
) -> anyhow::Result<(Summary, Vec<Report>)> {
    let ahead = Arc::clone(ahead);
    let clock: Clock = Arc::new(move || chrono::Utc::now() + TimeDelta::seconds(ahead.load(Ordering::Relaxed)));
    let archive = open::archive(context, &config.archive.path).context(Exit::Archive)?;
    let crawler = open::crawler(config, archive, clock)?;
    let (reports, mut coming) = tokio::sync::mpsc::channel(64);
    let pass = Pass { poll, due: true, ..Pass::default() };
    let task = tokio::spawn(async move { crawler.pass(pass, Some(reports), std::future::pending()).await });
    let mut seen = Vec::new();
    while let Some(report) = coming.recv().await {
        if !matches!(report.outcome, Outcome::Asset) {
            writeln!(context.out, "{}", line(&report))?;
        }
        seen.push(report);
    }
    Ok((task.await?.context(Exit::Archive)?, seen))
}

/// One visit as a line of the demo.
fn line(report: &Report) -> String {
    let what = report.title.clone().unwrap_or_else(|| report.url.clone());
    let how = match (report.depth, &report.reason) {
        (_, Some(reason)) => reason.clone(),
        (0, None) => format!("feed {}", report.feed),
        (depth, None) => format!("past issue, step {depth} from {}", report.feed),
    };
    format!("  {:<9}  {}  {how}", report.outcome.word(), list::fit(&what, 44))
}

fn summarise(context: &mut Context<'_>, reader: &Reader, passes: &Passes, requests: usize) -> anyhow::Result<()> {
    let stats = reader.stats()?;
    let titles = |(_, reports): &(Summary, Vec<Report>), outcome| -> Vec<String> {
        let found = reports.iter().filter(|report| report.outcome == outcome);
        found.map(|report| report.title.clone().unwrap_or_else(|| report.url.clone())).collect()
    };
    let gone: Vec<String> = reader
        .articles()
        .filter_map(Result::ok)
        .filter(|(_, row)| row.state.is_gone())
        .filter_map(|(_, row)| row.title)
        .collect();
    let followed: BTreeSet<&String> = passes
        .first
        .1
        .iter()
        .filter(|report| report.depth > 0 && report.outcome == Outcome::New)
        .map(|report| &report.url)
        .collect();
    let counts = |(summary, _): &(Summary, Vec<Report>)| summary.counts;
    let (first, second) = (counts(&passes.first), counts(&passes.second));
    let looked_at = second.unchanged + counts(&passes.third).unchanged;
    let rows = [
        (
            "new",
            format!(
                "{} articles and {} pictures in the first pass, {} articles in the second",
                first.new, first.assets, second.new
            ),
        ),
        ("past issues", format!("{} of the articles were reached by following 往期回顾", followed.len())),
        ("unchanged", format!("{looked_at} looked at again: other nonces, same article, so nothing stored twice")),
        ("edited", format!("《{}》: both versions are kept", titles(&passes.second, Outcome::Edited).join("》《"))),
        ("deleted", format!("《{}》: seen gone twice, kept here", gone.join("》《"))),
        ("blocked", format!("{} captcha page: its site is left alone, nothing stored, nothing solved", first.blocked)),
        (
            "held",
            format!(
                "{} articles, {} snapshots, {} payloads of {} kB in {} kB on disk",
                stats.articles,
                stats.snapshots,
                stats.payloads,
                stats.payload_bytes / 1024,
                stats.segment_bytes / 1024
            ),
        ),
        ("asked", format!("{requests} requests, all of them to this machine")),
    ];
    writeln!(context.out, "\nWhat happened")?;
    for (name, what) in rows {
        writeln!(context.out, "  {name:<11} {what}")?;
    }
    Ok(())
}

fn next_steps(context: &mut Context<'_>, reader: &Reader, folder: &Path) -> anyhow::Result<()> {
    let config = folder.join("crawl.toml");
    let program = std::env::current_exe().ok();
    let program = program.as_deref().map_or_else(|| "wangqi".into(), |path| path.display().to_string());
    let edited = reader.articles().filter_map(Result::ok).find(|(_, row)| row.snapshots.len() > 1);
    let linked = reader.articles().filter_map(Result::ok).find_map(|(key, row)| {
        let links = reader.linked_from(&key, &row).ok()?;
        links.iter().any(|(_, rel)| *rel == Rel::PastIssue).then_some(key)
    });
    writeln!(context.out, "\nWhat to type next")?;
    writeln!(context.out, "  {program} --config {} list", config.display())?;
    if let Some((key, _)) = edited {
        writeln!(context.out, "  {program} --config {} show {key}", config.display())?;
    }
    if let Some(key) = linked {
        writeln!(context.out, "  {program} --config {} show {key} --format json", config.display())?;
    }
    writeln!(context.out, "  {program} --config {} verify", config.display())?;
    writeln!(context.out, "then put your own feeds into crawl.toml and type: {program} crawl")?;
    Ok(())
}

/// A folder of the demo's own below the system's temporary folder.
pub(super) fn temporary_folder() -> anyhow::Result<PathBuf> {
    let base = std::env::temp_dir();
    for number in 0..10_000 {
        let folder = base.join(format!("wangqi-demo-{}-{number}", std::process::id()));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("could not create {}", folder.display())),
        }
    }
    anyhow::bail!("no free name below {}", base.display())
}
