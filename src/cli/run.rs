//! `wangqi run`: the daemon.

use crate::cli::backups::Backups;
use crate::cli::control::Control;
use crate::cli::crawl::sentence;
use crate::cli::reload::{InForce, Watch};
use crate::cli::supervisor::Supervisor;
use crate::cli::{Command, Context, Exit, first_start, full, open, progress, signals};
use crate::crawl::{Crawler, Report};
use crate::fetch::Fetcher;
use crate::model::Outcome;
use anyhow::Context as _;
use clap::ArgMatches;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// `wangqi run`.
pub(crate) struct Run;

impl Command for Run {
    fn arguments(&self) -> clap::Command {
        clap::Command::new("run").about("The daemon: poll every feed by its schedule until stopped (Ctrl-C, SIGTERM)")
    }

    fn run(&self, context: &mut Context<'_>, _: &ArgMatches) -> anyhow::Result<Exit> {
        signals::stopping_is_success();
        let supervisor = Arc::new(Supervisor::of(&open::environment()));
        supervisor.status("opening the archive");
        let config = first_start::config(context)?;
        // Before the archive: what nothing can be fetched with begins none.
        let fetcher = Fetcher::new(config.fetch.clone(), open::wall_clock()).context(Exit::Config)?;
        // Read once: a crawl.toml or a ca_file that is spoilt while we wait for room changes nothing of what is in force.
        let in_force = InForce::new(config, fetcher);
        full::outlast(context, &supervisor, |context| attempt(context, &supervisor, &in_force))
    }
}

/// The daemon until it is asked to stop, or cannot go on.
fn attempt(context: &mut Context<'_>, supervisor: &Arc<Supervisor>, in_force: &InForce) -> anyhow::Result<Exit> {
    let (config, fetcher) = in_force.now();
    let archive = Arc::new(open::archive(context, &config.archive.path).context(Exit::Archive)?);
    let control = Control::start(archive.reader(), context.err);
    let backups = Backups::start(&config, &archive, open::wall_clock())?;
    let crawler = Crawler::new(config.crawl.clone(), fetcher, archive, open::wall_clock()).context(Exit::Archive)?;
    if let Some(control) = &control {
        control.answer_for("run", crawler.pulse());
    }
    let feeds = config.crawl.feeds.len();
    writeln!(context.err, "wangqi: watching {feeds} feeds, archive {}", config.archive.path.display())?;
    if let (0, Some(path)) = (feeds, &config.path) {
        let path = path.display();
        writeln!(context.err, "wangqi: waiting for a first feed: `wangqi feed add URL`, or a [[feed]] in {path}")?;
    }
    let runtime = open::runtime()?;
    let (renewals, coming_renewals) = tokio::sync::mpsc::channel(1);
    let watch = Watch::new(in_force.clone(), context.folder.clone());
    let told = Arc::clone(supervisor);
    // Before it is ready: from then on a supervisor may ask it to read crawl.toml again.
    let hang_ups = {
        let _inside = runtime.enter();
        signal(SignalKind::hangup()).context("could not listen for SIGHUP")?
    };
    // Completes only where the terminal hung up.
    let watching = runtime.spawn(async move {
        match watch {
            Some(watch) => watch.go(renewals, hang_ups, &told).await,
            None => std::future::pending().await,
        }
    });
    let stop = signals::asked_to_stop();
    let ending = supervisor.told_of(async move {
        tokio::select! {
            () = stop => {}
            _ = watching => {}
        }
    });
    let watchdog = supervisor.watch(crawler.pulse());
    supervisor.ready(&format!("watching {feeds} feeds"));
    let (reports, mut coming) = tokio::sync::mpsc::channel::<Report>(256);
    let task = runtime.spawn(async move { crawler.run(Some(reports), Some(coming_renewals), ending).await });
    while let Some(report) = coming.blocking_recv() {
        say(&report);
        supervisor.status(&progress::line(&report));
    }
    let summary = runtime.block_on(task)?.context(Exit::Archive)?;
    drop((backups, control, watchdog));
    writeln!(context.err, "wangqi: stopped; {}", sentence(&summary))?;
    Ok(Exit::Ok)
}

/// One visit as one log line.
fn say(report: &Report) {
    let Report { url, outcome, feed, bytes, .. } = report;
    let said = words(report);
    match outcome {
        Outcome::Failed | Outcome::Blocked => tracing::warn!(%feed, url, outcome = outcome.word(), "{said}"),
        Outcome::Asset => tracing::debug!(%feed, url, bytes, "asset"),
        _ => tracing::info!(%feed, url, outcome = outcome.word(), bytes, "{said}"),
    }
}

/// What a visit came to, of which article, and why: as much of that as there is.
fn words(report: &Report) -> String {
    let about = [report.title.as_deref(), report.reason.as_deref()];
    std::iter::once(report.outcome.word()).chain(about.into_iter().flatten()).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FeedName, TargetKind};

    #[test]
    fn a_line_says_what_there_is_to_say() {
        let report = |title: Option<&str>, reason: Option<&str>| {
            let (title, reason) = (title.map(str::to_owned), reason.map(str::to_owned));
            words(&Report {
                url: "https://a.example/1".into(),
                key: None,
                outcome: Outcome::New,
                kind: TargetKind::Article,
                feed: FeedName("a".into()),
                via: None,
                depth: 0,
                title,
                reason,
                ruled_out: 0,
                bytes: 0,
            })
        };
        assert_eq!(report(Some("Tides"), Some("its page answered 404")), "new: Tides: its page answered 404");
        assert_eq!(report(Some("Tides"), None), "new: Tides");
        assert_eq!(report(None, None), "new");
    }
}
