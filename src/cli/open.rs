//! What most commands begin with: the configuration, the archive and the crawler.

use crate::archive::{Archive, ArchiveError};
use crate::cli::{Context, Exit};
use crate::config::Config;
use crate::crawl::Crawler;
use crate::fetch::Fetcher;
use crate::model::Clock;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

/// The configuration that applies to this command.
pub(crate) fn config(context: &Context<'_>) -> anyhow::Result<Config> {
    Config::load(context.config.as_deref(), &context.folder, environment()).map_err(|error| {
        // Each problem has a picture of several lines: they begin on a line of their own.
        let begin = if error.problems().is_empty() { "" } else { "\n" };
        anyhow::Error::msg(format!("{begin}{error}")).context(Exit::Config)
    })
}

/// The variables of this very process; what is not UTF-8 cannot be ours.
pub(crate) fn environment() -> BTreeMap<String, String> {
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    std::env::vars_os().filter_map(text).collect()
}

/// The configuration of a command that needs feeds to watch.
pub(crate) fn config_with_feeds(context: &Context<'_>) -> anyhow::Result<Config> {
    let config = config(context)?;
    if config.crawl.feeds.is_empty() {
        let why = match &config.path {
            Some(path) => format!("{} names no feed; `wangqi feed add URL` adds one", path.display()),
            None => {
                "there is no crawl.toml here; `wangqi init` writes one, and --config names one elsewhere".to_owned()
            }
        };
        return Err(anyhow::anyhow!(why)).context(Exit::Config);
    }
    can_fetch(&config)?;
    Ok(config)
}

/// Refuses a configuration that nothing can be fetched with, before anything is made or opened: a ca_file that is none, say.
pub(crate) fn can_fetch(config: &Config) -> anyhow::Result<()> {
    Fetcher::new(config.fetch.clone(), wall_clock()).context(Exit::Config)?;
    Ok(())
}

/// Opens the archive, saying what had to be mended.
pub(crate) fn archive(context: &mut Context<'_>, root: &Path) -> Result<Archive, ArchiveError> {
    let terminal = context.err_is_terminal;
    let mut shown = 0;
    let mut progress = |visits: u64| {
        // Opening is silent unless it takes long: an index that is made anew says how far it is.
        if terminal && visits >= shown + 1000 {
            shown = visits;
            eprint!("\rmaking the index anew: {visits} visits");
        }
    };
    let archive = Archive::open(root, &mut progress)?;
    if shown > 0 {
        eprintln!();
    }
    let recovery = archive.recovery();
    for note in &recovery.notes {
        let _ = writeln!(context.err, "wangqi: {note}");
    }
    if recovery.rebuilt {
        let _ = writeln!(context.err, "wangqi: the index was made anew from {} visits", recovery.replayed);
    }
    Ok(archive)
}

/// Refuses where there is no archive: a command that only reads must not begin one.
pub(crate) fn must_exist(root: &Path) -> anyhow::Result<()> {
    if crate::archive::exists(root) {
        return Ok(());
    }
    let why = format!("there is no archive in {}; `wangqi crawl` begins one", root.display());
    Err(anyhow::anyhow!(why)).context(Exit::Archive)
}

/// A crawler over the archive, as the configuration has it.
pub(crate) fn crawler(config: &Config, archive: impl Into<Arc<Archive>>, clock: Clock) -> anyhow::Result<Crawler> {
    let fetcher = Fetcher::new(config.fetch.clone(), Arc::clone(&clock)).context(Exit::Config)?;
    Crawler::new(config.crawl.clone(), fetcher, archive.into(), clock).context(Exit::Archive)
}

/// The wall clock.
pub(crate) fn wall_clock() -> Clock {
    Arc::new(chrono::Utc::now)
}

/// How many file descriptors are free at least when a crawl begins: the runtime takes eight (measured), a fetch two, a commit two.
const SPARE_DESCRIPTORS: usize = 12;

/// The runtime of the commands that wait on sockets and on time.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    // The runtime panics where it gets no descriptors for its signals: it is asked for a few more beforehand.
    let spare = || std::fs::File::open("/dev/null");
    let probed: std::io::Result<Vec<_>> = (0..SPARE_DESCRIPTORS).map(|_| spare()).collect();
    let started = probed.and_then(|spare| {
        drop(spare);
        tokio::runtime::Builder::new_multi_thread().enable_all().build()
    });
    started.context("could not start: raise the limit of open files (`ulimit -n`), or stop what holds so many")
}
