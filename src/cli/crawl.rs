//! `wangqi crawl`: one pass over the feeds. `wangqi save`: these pages, now.

use crate::cli::control::Control;
use crate::cli::progress::{Progress, line};
use crate::cli::{Command, Context, Exit, open};
use crate::crawl::{Crawler, Pass, Report, Summary};
use crate::model::{CanonicalUrl, FeedName};
use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches};

/// How many reports may wait to be printed: judgement; a slow pipe slows the crawl rather than fill memory.
const WAITING_REPORTS: usize = 256;

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
    let summary = watch(context, &crawler, pass, given.get_flag("jsonl"))?;
    drop(control);
    if given.get_flag("json") {
        writeln!(context.out, "{}", serde_json::to_string(&summary)?)?;
    } else {
        let _ = writeln!(context.err, "{}", sentence(&summary));
        for words in &summary.paused {
            let _ = writeln!(context.err, "{words}");
        }
    }
    Ok(match &summary {
        Summary { interrupted: true, .. } => Exit::Interrupted,
        Summary { counts, .. } if counts.failed + counts.blocked > 0 => Exit::Partial,
        _ => Exit::Ok,
    })
}

/// Runs the pass beside this thread, and shows each report as it comes.
fn watch(context: &mut Context<'_>, crawler: &Crawler, pass: Pass, mut jsonl: bool) -> anyhow::Result<Summary> {
    let runtime = open::runtime()?;
    let (reports, mut coming) = tokio::sync::mpsc::channel::<Report>(WAITING_REPORTS);
    let crawler = crawler.clone();
    let task = runtime.spawn(async move { crawler.pass(pass, Some(reports), open::interrupted()).await });
    let mut progress = Progress::new(context.err_is_terminal);
    while let Some(report) = coming.blocking_recv() {
        progress.show(&report);
        if jsonl {
            // A reader that went away (`| head`) does not stop the crawl.
            let line = serde_json::to_string(&report)?;
            jsonl = writeln!(context.out, "{line}").and_then(|()| context.out.flush()).is_ok();
        } else if !context.err_is_terminal {
            let _ = writeln!(context.err, "{}", line(&report));
        }
    }
    progress.end();
    runtime.block_on(task)?.context(Exit::Archive)
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
