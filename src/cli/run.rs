//! `wangqi run`: the daemon.

use crate::cli::control::Control;
use crate::cli::crawl::sentence;
use crate::cli::supervisor::Supervisor;
use crate::cli::{Command, Context, Exit, open, progress, signals};
use crate::crawl::Report;
use crate::model::Outcome;
use anyhow::Context as _;
use clap::ArgMatches;
use std::sync::Arc;

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
        let config = open::config_with_feeds(context)?;
        let archive = open::archive(context, &config.archive.path).context(Exit::Archive)?;
        let control = Control::start(archive.reader(), context.err);
        let crawler = open::crawler(&config, archive, open::wall_clock())?;
        if let Some(control) = &control {
            control.answer_for("run", crawler.pulse());
        }
        let feeds = config.crawl.feeds.len();
        writeln!(context.err, "wangqi: watching {feeds} feeds, archive {}", config.archive.path.display())?;
        supervisor.ready(&format!("watching {feeds} feeds"));
        let watchdog = supervisor.watch(crawler.pulse());
        let asked_to_stop = supervisor.told_of(signals::asked_to_stop());
        let runtime = open::runtime()?;
        let (reports, mut coming) = tokio::sync::mpsc::channel::<Report>(256);
        let task = runtime.spawn(async move { crawler.run(Some(reports), asked_to_stop).await });
        while let Some(report) = coming.blocking_recv() {
            say(&report);
            supervisor.status(&progress::line(&report));
        }
        let summary = runtime.block_on(task)?.context(Exit::Archive)?;
        drop((control, watchdog));
        writeln!(context.err, "wangqi: stopped; {}", sentence(&summary))?;
        Ok(Exit::Ok)
    }
}

/// One visit as one log line.
fn say(report: &Report) {
    let Report { url, outcome, feed, title, reason, bytes, .. } = report;
    let (title, reason) = (title.as_deref().unwrap_or_default(), reason.as_deref().unwrap_or_default());
    match outcome {
        Outcome::Failed | Outcome::Blocked => {
            tracing::warn!(%feed, url, outcome = outcome.word(), "{}: {reason}", outcome.word());
        }
        Outcome::Asset => tracing::debug!(%feed, url, bytes, "asset"),
        _ => tracing::info!(%feed, url, outcome = outcome.word(), bytes, "{}: {title}{reason}", outcome.word()),
    }
}
