//! `wangqi healthcheck`: asks whoever holds the archive how it is.

use crate::cli::control::{self, Talk};
use crate::cli::{Command, Context, Exit, open};
use crate::config::Config;
use anyhow::{Context as _, bail};
use clap::ArgMatches;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// How long everything together may take, reading crawl.toml included. Judgement: a holder that is well answers within milliseconds, and
/// a busy machine gets a thousand times that.
const DEADLINE: Duration = Duration::from_secs(3);

/// How soon a holder is asked again that had no hands free.
const AGAIN: Duration = Duration::from_millis(100);

/// `wangqi healthcheck`.
pub(crate) struct Healthcheck;

impl Command for Healthcheck {
    fn arguments(&self) -> clap::Command {
        clap::Command::new("healthcheck").about(
            "Ask whoever holds the archive (`run`, or a `crawl`) whether it is well: exit 0, or 1 and why; 3 s at most",
        )
    }

    fn run(&self, context: &mut Context<'_>, _: &ArgMatches) -> anyhow::Result<Exit> {
        let (config, folder) = (context.config.clone(), context.folder.clone());
        let (told, answer) = sync_channel(1);
        let begun = Instant::now();
        // A thread of its own, because a file system or a socket may hold it for ever: it is left behind then.
        let ask = move || {
            let _ = told.send(ask(config.as_deref(), &folder, Instant::now() + DEADLINE));
        };
        std::thread::Builder::new().name("healthcheck".into()).spawn(ask).context("could not ask")?;
        match answer.recv_timeout(DEADLINE) {
            Ok(Ok(well)) => {
                writeln!(context.out, "healthy: {well}")?;
                return Ok(Exit::Ok);
            }
            // Which of the two clocks is the first to say that the time is over is chance.
            Ok(Err(ill)) if begun.elapsed() + AGAIN < DEADLINE => writeln!(context.err, "unhealthy: {ill:#}")?,
            Ok(Err(_)) | Err(_) => {
                writeln!(context.err, "unhealthy: no answer within {} s; start wangqi again", DEADLINE.as_secs())?;
            }
        }
        Ok(Exit::Error)
    }
}

fn ask(config: Option<&Path>, folder: &Path, until: Instant) -> anyhow::Result<String> {
    let root = archive(config, folder)?;
    let arguments = vec!["healthcheck".to_owned()];
    let asked = control::Asked { arguments, folder: folder.to_owned(), terminal: false };
    loop {
        let (mut well, mut ill) = (Vec::new(), Vec::new());
        let left = until.saturating_duration_since(Instant::now()).max(AGAIN);
        match control::converse(&root, &asked, left, &mut well, &mut ill)? {
            Talk::Ended(Exit::Ok) => return Ok(String::from_utf8_lossy(&well).trim().to_owned()),
            Talk::Ended(_) => bail!("{}", String::from_utf8_lossy(&ill).trim()),
            // Hung up on: it answers sixteen at once, and they may all be long.
            Talk::HungUp { .. } if until.saturating_duration_since(Instant::now()) > AGAIN => std::thread::sleep(AGAIN),
            Talk::HungUp { .. } => bail!("the answer on {} broke off", root.join("control.sock").display()),
            Talk::Refused(error) => {
                let path = root.join("control.sock");
                bail!(
                    "nobody answers on {}: {error}; is `wangqi run` running, and is there room on the disk?",
                    path.display()
                )
            }
        }
    }
}

/// The archive's folder. A crawl.toml that was spoilt after the holder read it makes the holder no worse.
fn archive(config: Option<&Path>, folder: &Path) -> anyhow::Result<PathBuf> {
    let environment: BTreeMap<String, String> = open::environment();
    let named = environment.get("WANGQI_ARCHIVE__PATH").filter(|path| !path.is_empty()).map(|path| folder.join(path));
    match Config::load(config, folder, environment) {
        Ok(config) => Ok(config.archive.path),
        Err(error) => match named {
            Some(path) => Ok(path),
            None => Err(error).context("could not read where the archive is"),
        },
    }
}
