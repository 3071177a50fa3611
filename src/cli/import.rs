//! `wangqi import`: what an export wrote becomes an archive again.

use crate::cli::{Command, Context, Exit, open, signals};
use crate::import::{Done, ImportError, Imported, Source, Watch, import};
use anyhow::{Context as _, bail};
use clap::{Arg, ArgAction, ArgMatches};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a pipe is waited for before the wish to stop is looked at again.
const WAIT: rustix::event::Timespec = rustix::event::Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// `wangqi import`.
pub(crate) struct Import;

impl Command for Import {
    fn arguments(&self) -> clap::Command {
        let source = Arg::new("source").value_name("FILE|-|FOLDER").required(true);
        clap::Command::new("import")
            .about("Restore an archive from the tarball that `export` writes, into a folder that holds no visits yet")
            .arg(
                source.help("The tarball (.tar or .tar.zst), - for standard input, or the folder it was unpacked into"),
            )
            .arg(
                Arg::new("json")
                    .long("json")
                    .action(ArgAction::SetTrue)
                    .help("Print one JSON object: what was restored"),
            )
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        let root = context.load_config()?.archive.path;
        let stop = Arc::new(AtomicBool::new(false));
        let runtime = open::runtime()?;
        let (told, asked) = (Arc::clone(&stop), signals::asked_to_stop());
        runtime.spawn(async move {
            asked.await;
            told.store(true, Ordering::Relaxed);
        });
        let name = given.get_one::<String>("source").map(String::as_str).unwrap_or_default();
        let source = source(context, name, &stop);
        let mut shown = Shown::new(context.err_is_terminal, Arc::clone(&stop));
        let imported = source.and_then(|source| import(source, &root, &mut shown).map_err(anyhow::Error::from));
        shown.end();
        let imported = match imported {
            Ok(imported) => imported,
            Err(_) if stop.load(Ordering::Relaxed) => {
                writeln!(context.err, "wangqi: interrupted; nothing was imported")?;
                return Ok(signals::exit());
            }
            Err(error) if matches!(error.downcast_ref(), Some(ImportError::Archive(_))) => {
                return Err(error).context(Exit::Archive);
            }
            Err(error) => return Err(error),
        };
        // From here on it is an archive; opening it makes its index.
        let archive = open::archive(context, &root).context(Exit::Archive)?;
        let stats = archive.reader().stats()?;
        say(context, &root, &imported, &stats, given.get_flag("json"))?;
        for note in &imported.notes {
            writeln!(context.err, "wangqi: {note}")?;
        }
        if imported.articles <= stats.articles {
            return Ok(Exit::Ok);
        }
        let (listed, back) = (imported.articles, stats.articles);
        writeln!(
            context.err,
            "wangqi: the tarball lists {listed} articles, {back} came back; the text of the others is in its articles/ folder"
        )?;
        Ok(Exit::Partial)
    }
}

fn say(
    context: &mut Context<'_>,
    root: &Path,
    imported: &Imported,
    stats: &crate::archive::Stats,
    json: bool,
) -> anyhow::Result<()> {
    let Imported { archive, segments, done, .. } = imported;
    let (articles, snapshots) = (stats.articles, stats.snapshots);
    if json {
        let object = serde_json::json!({
            "archive": archive, "path": root, "articles": articles, "snapshots": snapshots, "segments": segments,
            "files": done.files, "bytes": done.bytes,
        });
        writeln!(context.out, "{object}")?;
        return Ok(());
    }
    let path = root.display();
    writeln!(context.err, "imported {articles} articles, {snapshots} snapshots in {segments} segments into {path}")?;
    Ok(())
}

fn source(context: &Context<'_>, name: &str, stop: &Arc<AtomicBool>) -> anyhow::Result<Source<'static>> {
    let (file, name) = if name == "-" {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Err(anyhow::anyhow!("standard input is a terminal; pipe a tarball into it, or name a file"))
                .context(Exit::Usage);
        }
        (
            File::from(stdin.as_fd().try_clone_to_owned().context("could not read standard input")?),
            "standard input".into(),
        )
    } else {
        let path = context.folder.join(name);
        if path.is_dir() {
            return Ok(Source::folder(&path));
        }
        // A named pipe is waited for as any other, where the wish to stop is looked at.
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let file = File::options()
            .read(true)
            .custom_flags(flags)
            .open(&path)
            .with_context(|| format!("could not open {}", path.display()))?;
        (file, path.display().to_string())
    };
    match Source::stream(name.clone(), Box::new(Patient { file, stop: Arc::clone(stop) })) {
        Ok(source) => Ok(source),
        Err(error) => bail!("could not read {name}: {error}"),
    }
}

/// A file or a pipe, read so that a pipe which gives nothing keeps nobody from stopping.
struct Patient {
    file: File,
    stop: Arc<AtomicBool>,
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, poll};
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(io::Error::other("stopped"));
            }
            let mut waited = [PollFd::new(&self.file, PollFlags::IN)];
            match poll(&mut waited, Some(&WAIT)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // Whatever cannot be waited for is read at once.
                _ => match self.file.read(into) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    read => return read,
                },
            }
        }
    }
}

/// What a person sees: one line that moves, on a terminal.
struct Shown {
    bar: Option<ProgressBar>,
    stop: Arc<AtomicBool>,
}

impl Shown {
    fn new(is_terminal: bool, stop: Arc<AtomicBool>) -> Self {
        let bar = is_terminal.then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, stop }
    }

    fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Watch for Shown {
    fn go_on(&mut self, done: Done) -> bool {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("checked {} files, {}", done.files, HumanBytes(done.bytes)));
        }
        !self.stop.load(Ordering::Relaxed)
    }
}
