//! `wangqi export`: the archive, or some of its articles, as a tarball or a folder of Markdown.

use crate::archive::Reader;
use crate::cli::interrupt::Interrupt;
use crate::cli::selection::{self, Selection};
use crate::cli::signals;
use crate::cli::{Command, Context, Exit};
use crate::export::{Done, EXPORTERS, ExportError, Exporter, Job, Target, Watch, vault};
use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches};
use indicatif::ProgressBar;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// `wangqi export`.
pub(crate) struct Export;

impl Command for Export {
    fn arguments(&self) -> clap::Command {
        let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
        let names: Vec<&str> = EXPORTERS.iter().map(|exporter| exporter.name()).collect();
        let format = Arg::new("format").long("format").value_name("FORMAT").default_value(names[0]);
        let output = Arg::new("output").short('o').long("output").value_name("PATH");
        let command = clap::Command::new("export")
            .about("Write the archive as a tarball, or its articles as a folder of Markdown")
            .arg(format.value_parser(clap::builder::PossibleValuesParser::new(names)).help("tarball, or Markdown"))
            .arg(output.value_parser(clap::value_parser!(PathBuf)).help(
                "Where to: a file, for Markdown a folder, or - for standard output [default: wangqi-DATE.tar, wangqi-markdown]",
            ))
            .arg(flag("force").help("Replace the file that stands there"))
            .arg(flag("zstd").help("Compress the tarball: .tar.zst"))
            .arg(flag("readable").help("Leave the segments out: only what people read"))
            .arg(flag("front-matter").help("Begin each Markdown text with YAML front matter"));
        selection::arguments(command)
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        if let Some(reader) = context.held.clone() {
            // Another process asked for it, and puts it where it is wanted.
            return stream(context, &reader, given, None).map_err(coded);
        }
        check(given)?;
        let output = given.get_one::<PathBuf>("output").map(PathBuf::as_path);
        let root = context.load_config()?.archive.path;
        let is_output = output.is_some_and(|path| path == Path::new("-") || path == Path::new("/dev/stdout"));
        let interrupt = Interrupt::start()?;
        if is_output {
            if context.out_is_terminal {
                let why = "an export is not for a terminal; pipe it into a program, or name a file with -o";
                return Err(anyhow::anyhow!(why)).context(Exit::Usage);
            }
            return finish(
                context.read(|context, reader| stream(context, reader, given, Some(&interrupt))),
                &interrupt,
            );
        }
        let done = if exporter(given).is_folder() {
            to_folder(context, given, &root, &interrupt)
        } else {
            to_file(context, given, &root, &interrupt)
        };
        finish(done, &interrupt)
    }

    fn reads_archive(&self) -> bool {
        true
    }
}

fn exporter(given: &ArgMatches) -> &'static dyn Exporter {
    let name = given.get_one::<String>("format").map(String::as_str).unwrap_or_default();
    EXPORTERS.iter().copied().find(|exporter| exporter.name() == name).unwrap_or(EXPORTERS[0])
}

/// Refuses what makes no sense together.
fn check(given: &ArgMatches) -> anyhow::Result<()> {
    if exporter(given).is_folder() {
        for option in ["zstd", "readable", "force"] {
            if given.get_flag(option) {
                let why =
                    format!("--{option} is for --format tar; Markdown goes into a folder, which is kept up to date");
                return Err(anyhow::anyhow!(why)).context(Exit::Usage);
            }
        }
    }
    Ok(())
}

/// An interruption has its own exit code, whatever it broke off.
fn finish(done: anyhow::Result<Exit>, interrupt: &Interrupt) -> anyhow::Result<Exit> {
    match done {
        Err(error) if interrupt.is_asked() => Err(error.context(signals::exit())),
        done => done.map_err(coded),
    }
}

/// The error with its exit code.
fn coded(error: anyhow::Error) -> anyhow::Error {
    let exit = match error.downcast_ref::<ExportError>() {
        Some(ExportError::Archive(_)) => Exit::Archive,
        Some(ExportError::InArchive { .. }) => Exit::Usage,
        _ => return error,
    };
    error.context(exit)
}

/// Writes a file: beside its target, and in its place when it is whole.
fn to_file(context: &mut Context<'_>, given: &ArgMatches, root: &Path, interrupt: &Interrupt) -> anyhow::Result<Exit> {
    let path = file_path(context, given);
    let mut target = interrupt.makes(|| Target::begin(&path, root, given.get_flag("force")), Target::beside)?;
    let exit = read_into(context, &mut target, given, interrupt).with_context(|| path.display().to_string())?;
    if !matches!(exit, Exit::Ok | Exit::Partial) {
        return Ok(exit);
    }
    target.keep()?;
    interrupt.keeps();
    let size = std::fs::metadata(&path).map_or(0, |file| file.len());
    writeln!(context.err, "wangqi: wrote {} ({})", path.display(), indicatif::HumanBytes(size))?;
    Ok(exit)
}

/// The file to write: the one that was named, or one with the day's date, in the folder that was named or the one one is in.
fn file_path(context: &Context<'_>, given: &ArgMatches) -> PathBuf {
    let named = given.get_one::<PathBuf>("output").map(|path| context.folder.join(path));
    if let Some(path) = named.as_ref().filter(|path| !path.is_dir()) {
        return path.clone();
    }
    let ending = if given.get_flag("zstd") { "tar.zst" } else { "tar" };
    let is_whole = !given.get_flag("readable") && Selection::of(given).written().is_none();
    let word = if is_whole { "wangqi" } else { "wangqi-readable" };
    let name = format!("{word}-{}.{ending}", chrono::Utc::now().format("%Y-%m-%d"));
    named.unwrap_or_else(|| context.folder.clone()).join(name)
}

/// Brings a folder up to date.
fn to_folder(
    context: &mut Context<'_>,
    given: &ArgMatches,
    root: &Path,
    interrupt: &Interrupt,
) -> anyhow::Result<Exit> {
    let named = given.get_one::<PathBuf>("output").cloned().unwrap_or_else(|| PathBuf::from("wangqi-markdown"));
    let path = context.folder.join(named);
    let vault = vault::Vault::open(&path, root)?;
    let (reading, mut writing) = std::io::pipe().context("could not make a pipe")?;
    let work = move || vault.unpack(reading);
    let unpacking = std::thread::Builder::new().name("vault".into()).spawn(work)?;
    let written = read_into(context, &mut writing, given, interrupt);
    drop(writing);
    let unpacked =
        unpacking.join().map_err(|_| anyhow::anyhow!("a note could not be written: a bug ended its thread"))?;
    // What went wrong with the folder is why the stream broke off, not the other way round. A stream that broke off by itself is told by
    // whoever wrote it.
    let exit = match (written, unpacked) {
        (Ok(exit), Ok(report)) if matches!(exit, Exit::Ok | Exit::Partial) => {
            writeln!(context.err, "wangqi: {}: {report}", path.display())?;
            exit
        }
        (Ok(exit), _) if !matches!(exit, Exit::Ok | Exit::Partial) => exit,
        (Err(error), Ok(_) | Err(vault::Broken::Stream)) => return Err(error),
        (_, Err(vault::Broken::Stream)) => anyhow::bail!("the notes broke off in the middle; run it again to go on"),
        (_, Err(vault::Broken::Folder(error))) => return Err(error.into()),
        (Ok(exit), Ok(_)) => exit,
    };
    Ok(exit)
}

/// Runs the export with its bytes going into `out`: here, or in the process that holds the archive.
fn read_into(
    context: &mut Context<'_>,
    out: &mut dyn Write,
    given: &ArgMatches,
    interrupt: &Interrupt,
) -> anyhow::Result<Exit> {
    let mut inner = Context {
        out,
        err: &mut *context.err,
        out_is_terminal: false,
        err_is_terminal: context.err_is_terminal,
        config: context.config.clone(),
        folder: context.folder.clone(),
        arguments: context.arguments.clone(),
        held: None,
    };
    inner.read(|context, reader| stream(context, reader, given, Some(interrupt)))
}

/// Writes the export's bytes to the context's output.
fn stream(
    context: &mut Context<'_>,
    reader: &Reader,
    given: &ArgMatches,
    interrupt: Option<&Interrupt>,
) -> anyhow::Result<Exit> {
    let selection = Selection::of(given);
    let exporter = exporter(given);
    let mut job = Job::new(reader, spool(context, given)).map_err(ExportError::from)?;
    let takes = |key: &_, row: &_| selection.takes(key, row);
    job.wanted = &takes;
    job.selection = selection.written();
    (job.readable, job.zstd) = (given.get_flag("readable"), given.get_flag("zstd"));
    job.front_matter = given.get_flag("front-matter");
    let mut watch = Shown::new(context.err, context.err_is_terminal, interrupt);
    let articles = count(&job, &mut watch)?;
    if articles == 0 && (job.selection.is_some() || job.readable || exporter.is_folder()) {
        watch.end();
        writeln!(context.err, "wangqi: nothing matched; `wangqi list` shows what is held")?;
        return Ok(Exit::NothingMatched);
    }
    watch.expect(articles, &job);
    let hurt = if exporter.is_folder() { 0 } else { damage(&job, &mut watch)? };
    let done = exporter.export(&job, context.out, &mut watch);
    watch.end();
    let done = done?;
    context.out.flush()?;
    Ok(if done.unread + hurt > 0 { Exit::Partial } else { Exit::Ok })
}

/// Warns of all damage in the segments that go along, and counts it.
fn damage(job: &Job<'_>, watch: &mut Shown<'_>) -> Result<u64, ExportError> {
    let mut hurt = 0;
    let goes_along = job.selection.is_none() && !job.readable;
    for segment in job.reach.segments.iter().filter(|_| goes_along) {
        for found in segment.damage(&mut || watch.go_on(Done::default()))? {
            watch.warn(&format!("{found}; it is exported as it is"));
            hurt += 1;
        }
        if !watch.go_on(Done::default()) {
            return Err(ExportError::Stopped);
        }
    }
    Ok(hurt)
}

/// How many articles there are to export, before anything is written.
fn count(job: &Job<'_>, watch: &mut Shown<'_>) -> Result<u64, ExportError> {
    let mut articles = 0;
    for found in job.articles() {
        found?;
        articles += 1;
        if !watch.go_on(Done::default()) {
            return Err(ExportError::Stopped);
        }
    }
    Ok(articles)
}

/// Where the list of files waits: beside the target, else where temporary files are.
fn spool(context: &Context<'_>, given: &ArgMatches) -> Vec<PathBuf> {
    let named = given.get_one::<PathBuf>("output").filter(|_| context.held.is_none());
    let path = named.map(|path| context.folder.join(path));
    let beside =
        path.map(|path| if path.is_dir() { path } else { path.parent().map(Path::to_owned).unwrap_or_default() });
    let beside = beside.filter(|folder| folder.is_dir() && !folder.starts_with("/dev") && !folder.starts_with("/proc"));
    beside.into_iter().chain([std::env::temp_dir()]).collect()
}

/// How often whoever asked from another process is told that it goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// The progress of an export: a bar on a terminal, a sign of life to another process, warnings everywhere.
struct Shown<'a> {
    err: &'a mut dyn Write,
    bar: Option<ProgressBar>,
    bytes: u64,
    interrupt: Option<&'a Interrupt>,
    told: Instant,
}

impl<'a> Shown<'a> {
    fn new(err: &'a mut dyn Write, is_terminal: bool, interrupt: Option<&'a Interrupt>) -> Self {
        let bar = is_terminal.then(|| {
            let style = indicatif::ProgressStyle::with_template("{bar:30} {percent}%  {elapsed}  {msg}");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()))
        });
        Self { err, bar, bytes: 0, interrupt, told: Instant::now() }
    }

    /// Says how much there is to do: an article counts as much as the average of what stands in the segments.
    fn expect(&mut self, articles: u64, job: &Job<'_>) {
        let whole = job.selection.is_none() && !job.readable;
        self.bytes = if whole { job.reach.segments.iter().map(|segment| segment.bytes).sum() } else { 0 };
        if let Some(bar) = &self.bar {
            bar.set_length(articles.max(1) + self.bytes / PER_ARTICLE);
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// How many bytes of segments take about as long as one article (judgement, for the bar alone).
const PER_ARTICLE: u64 = 1 << 20;

impl Watch for Shown<'_> {
    fn go_on(&mut self, done: Done) -> bool {
        if let Some(bar) = &self.bar {
            bar.set_position(done.articles + done.bytes.min(self.bytes) / PER_ARTICLE);
            bar.set_message(format!("{} articles, {}", done.articles, indicatif::HumanBytes(done.bytes)));
        }
        if self.told.elapsed() >= SIGN_OF_LIFE {
            self.told = Instant::now();
            // To another process this sends something even where there is nothing to say; one that is gone ends the export.
            if self.err.flush().is_err() {
                return self.interrupt.is_some();
            }
        }
        !self.interrupt.is_some_and(Interrupt::is_asked)
    }

    fn warn(&mut self, sentence: &str) {
        let write = |err: &mut dyn Write| writeln!(err, "wangqi: {sentence}");
        let _ = match &self.bar {
            Some(bar) => bar.suspend(|| write(self.err)),
            None => write(self.err),
        };
    }
}
