//! `wangqi crawl`: one pass over the feeds. `wangqi save`: these pages, now.

use crate::cli::control::Control;
use crate::cli::listener::{Listener, told};
use crate::cli::progress::{Progress, is_printable, line};
use crate::cli::{Command, Context, Exit, open, signals};
use crate::crawl::{Crawler, Pass, Report, Summary, Waiting, minute};
use crate::model::{CanonicalUrl, FeedName};
use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches};

/// How many reports may wait to be printed: judgement; a slow pipe slows the crawl rather than fill memory.
const WAITING_REPORTS: usize = 32;

/// `wangqi crawl`.
pub(crate) struct Crawl;

/// `wangqi save`.
pub(crate) struct Save;

impl Command for Crawl {
    fn arguments(&self) -> clap::Command {
        let feeds =
            Arg::new("feed").value_name("FEED").num_args(0..).help("Only these feeds, by name or URL [default: all]");
        clap::Command::new("crawl")
            .about("One pass: poll the feeds, visit what is new and what is due again")
            .arg(feeds)
            .arg(flag("recheck").help("Look again at everything held, for edits and deletion"))
            .args(output())
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        let config = open::config_with_feeds(context)?;
        let mut feeds = Vec::new();
        for name in given.get_many::<String>("feed").into_iter().flatten() {
            let url = CanonicalUrl::parse(name).ok();
            let feed = config.crawl.feeds.iter().find(|feed| feed.name.0 == *name || Some(&feed.url) == url.as_ref());
            let known = || config.crawl.feeds.iter().map(|feed| feed.name.0.as_str()).collect::<Vec<_>>().join(", ");
            let feed = feed.with_context(|| format!("no feed is called {name:?}; crawl.toml has: {}", known()));
            feeds.push(feed.context(Exit::NothingMatched)?.name.clone());
        }
        let pass = Pass { feeds, poll: true, due: true, recheck: given.get_flag("recheck"), pages: Vec::new() };
        crawl(context, given, &config, pass)
    }
}

impl Command for Save {
    fn arguments(&self) -> clap::Command {
        let urls = Arg::new("url").value_name("URL").num_args(1..).required(true).help("The pages to archive");
        clap::Command::new("save").about("Archive these pages now, with their pictures").arg(urls).args(output())
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        let config = context.load_config()?;
        let urls = given.get_many::<String>("url").into_iter().flatten();
        let pages: Result<Vec<_>, _> = urls.map(|url| CanonicalUrl::parse(url)).collect();
        let pages = pages.context(Exit::Usage)?;
        open::can_fetch(&config)?;
        let feeds = vec![FeedName("save".into())];
        crawl(context, given, &config, Pass { feeds, pages, poll: false, due: true, recheck: false })
    }
}

fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

fn output() -> [Arg; 2] {
    [
        flag("json").help("Print one JSON object at the end: the counts").conflicts_with("jsonl"),
        flag("jsonl").help("Print one line of JSON for each visit, after its acknowledgement"),
    ]
}

fn crawl(
    context: &mut Context<'_>,
    given: &ArgMatches,
    config: &crate::config::Config,
    pass: Pass,
) -> anyhow::Result<Exit> {
    let archive = open::archive(context, &config.archive.path).context(Exit::Archive)?;
    let control = Control::start(archive.reader(), context.err);
    let crawler = open::crawler(config, archive, open::wall_clock())?;
    if let Some(control) = &control {
        control.answer_for("crawl", crawler.pulse());
    }
    let (summary, heard) = watch(context, &crawler, pass, given.get_flag("jsonl"))?;
    drop(control);
    if given.get_flag("json") {
        writeln!(context.out, "{}", serde_json::to_string(&summary)?)?;
    } else {
        let _ = writeln!(context.err, "{}", sentence(&summary));
        for words in &summary.paused {
            let _ = writeln!(context.err, "wangqi: {words}");
        }
    }
    for waiting in &summary.waiting {
        let _ = writeln!(context.err, "wangqi: {}", waits(waiting));
    }
    if !heard? {
        let _ = writeln!(context.err, "wangqi: standard output is not read: not every line was printed; all is kept");
    }
    Ok(match &summary {
        Summary { interrupted: true, .. } => signals::exit(),
        Summary { counts, .. } if counts.failed + counts.blocked > 0 => Exit::Partial,
        Summary { waiting, paused, .. } if !(waiting.is_empty() && paused.is_empty()) => Exit::Partial,
        _ => Exit::Ok,
    })
}

/// Runs the pass beside this thread, and shows each report as it comes; also says whether every line of `--jsonl` was taken.
fn watch(
    context: &mut Context<'_>,
    crawler: &Crawler,
    pass: Pass,
    jsonl: bool,
) -> anyhow::Result<(Summary, anyhow::Result<bool>)> {
    let runtime = open::runtime()?;
    let (reports, mut coming) = tokio::sync::mpsc::channel::<Report>(WAITING_REPORTS);
    // Ctrl-C is watched for until the very end: the reader of standard output may outlast the pass.
    let (tell, mut stopped) = tokio::sync::watch::channel(false);
    let asked = signals::asked_to_stop();
    runtime.spawn(async move {
        asked.await;
        tell.send_replace(true);
    });
    let (crawler, mut shutdown) = (crawler.clone(), stopped.clone());
    let task = runtime.spawn(async move { crawler.pass(pass, Some(reports), told(&mut shutdown)).await });
    let mut listener = if jsonl { Some(Listener::start()?) } else { None };
    let mut progress = Progress::new(context.err_is_terminal);
    while let Some(report) = coming.blocking_recv() {
        progress.show(&report);
        if let Some(listener) = &mut listener {
            listener.say(&runtime, serde_json::to_string(&report)?, &mut stopped);
        } else if !context.err_is_terminal {
            let _ = writeln!(context.err, "{}", line(&report));
        }
    }
    progress.end();
    let summary = runtime.block_on(task)?.context(Exit::Archive)?;
    let heard = listener.map_or(Ok(true), |listener| listener.end(&runtime, &mut stopped));
    Ok((summary, heard))
}

/// What a site that is left alone means for what is due there.
fn waits(waiting: &Waiting) -> String {
    let Waiting { site, until, targets, why } = waiting;
    let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let what = if *targets == 1 { "1 target waits".to_owned() } else { format!("{targets} targets wait") };
    let line = format!(
        "{site} is left alone until {}{why}; {what}, and is kept for the first pass after that",
        minute(*until)
    );
    line.chars().filter(|letter| is_printable(*letter)).collect()
}

/// A pass in one sentence for people.
pub(crate) fn sentence(summary: &Summary) -> String {
    let counts = &summary.counts;
    let mut parts = vec![format!("{} new", counts.new), format!("{} unchanged", counts.unchanged)];
    let rest = [
        (counts.edited, "edited"),
        (counts.gone, "gone upstream"),
        (counts.blocked, "blocked"),
        (counts.failed, "failed"),
    ];
    parts.extend(rest.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
    let kilobytes = counts.bytes / 1024;
    let seconds = summary.seconds;
    let mut text = format!("{}; {} files; {kilobytes} kB in {seconds:.1} s", parts.join(", "), counts.assets);
    if summary.pending > 0 {
        text.push_str(&format!("; {} left for later", summary.pending));
    }
    if summary.interrupted {
        text.push_str("; interrupted, everything reported is kept");
    }
    text
}
