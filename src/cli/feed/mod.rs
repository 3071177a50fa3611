//! `wangqi feed add|list|remove|check|discover|import|export`: what crawl.toml watches. The file is edited as its owner would, and nothing else in it changes.

mod add;
mod check;
mod discover;
mod export;
mod facts;
mod import;
mod list;
mod put;
mod remove;

pub(crate) use facts::FeedFacts;

use crate::cli::progress::is_printable;
use crate::cli::{Command, Context, Exit, open, signals};
use crate::config::{Config, ConfigError, file};
use crate::crawl::FeedOptions;
use crate::fetch::Fetcher;
use crate::model::CanonicalUrl;
use anyhow::{Context as _, anyhow};
use clap::{Arg, ArgAction, ArgMatches};
use std::path::{Path, PathBuf};

/// The longest name that is taken from a title (judgement).
const LONGEST_NAME: usize = 80;

/// `wangqi feed`.
pub(crate) struct Feed;

impl Command for Feed {
    fn arguments(&self) -> clap::Command {
        clap::Command::new("feed")
            .about("Add, list, check and remove what crawl.toml watches, keeping its comments; OPML in and out")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands([add::arguments(), list::arguments(), remove::arguments(), check::arguments()])
            .subcommands([discover::arguments(), import::arguments(), export::arguments()])
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        match given.subcommand() {
            Some(("add", given)) => add::run(context, given),
            Some(("remove", given)) => remove::run(context, given),
            Some(("check", given)) => check::run(context, given),
            Some(("discover", given)) => discover::run(context, given),
            Some(("import", given)) => import::run(context, given),
            Some(("export", given)) => export::run(context, given),
            Some((_, given)) => list::run(context, given),
            None => Ok(Exit::Usage),
        }
    }
}

/// The crawl.toml that applies, and what it says. Only a file can be changed: a pipe or a device is refused before it is read.
fn crawl_toml(context: &Context<'_>) -> anyhow::Result<(PathBuf, Config)> {
    let environment = open::environment();
    let Some(path) = Config::find(context.config.as_deref(), &context.folder, &environment) else {
        let places = Config::places(&context.folder, &environment);
        let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
        let why = anyhow!("there is no crawl.toml (looked for {}); `wangqi init` writes one", places.join(", "));
        return Err(why).context(Exit::Config);
    };
    file::must_be_file(&path).context(Exit::Config)?;
    Ok((path, open::config(context)?))
}

/// What a file that is held says now.
fn config_of(context: &Context<'_>, path: &Path, text: &str) -> anyhow::Result<Config> {
    let config = Config::parse(text, Some(path), &context.folder, &open::environment());
    config.map_err(|error| invalid(&error))
}

/// Each problem has a picture of several lines: they begin on a line of their own.
fn invalid(error: &ConfigError) -> anyhow::Error {
    anyhow::Error::msg(format!("\n{error}")).context(Exit::Config)
}

/// Takes the file for a change.
fn hold(path: &Path) -> anyhow::Result<file::Held> {
    file::Held::open(path).map_err(by_hand)
}

/// What to do where the file system refuses.
fn by_hand(error: file::FileError) -> anyhow::Error {
    let is_io = error.is_io();
    let error = anyhow::Error::new(error);
    if is_io {
        return error.context("crawl.toml was not changed; let this user write it, or change it by hand");
    }
    error
}

/// Writes what the file is to say, and tells where it could not be replaced whole.
fn write(context: &mut Context<'_>, held: &mut file::Held, text: &str) -> anyhow::Result<()> {
    if let file::Written::InPlace(why) = held.write(text, &context.folder, &open::environment()).map_err(by_hand)? {
        let _ = writeln!(
            context.err,
            "wangqi: crawl.toml was written where it stands, since its folder does not let it be replaced ({why}); in a container \
             mount the folder instead of the file"
        );
    }
    Ok(())
}

/// What asks for feeds: one for all, so that what is asked of one site is asked at its pace.
fn fetcher(config: &Config) -> anyhow::Result<Fetcher> {
    Fetcher::new(config.fetch.clone(), open::wall_clock()).context(Exit::Config)
}

/// What comes of it; `None` after Ctrl-C.
async fn until_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = signals::asked_to_stop() => None,
    }
}

/// `--label`, for what is added.
fn label() -> Arg {
    let label = Arg::new("label").long("label").value_name("LABEL").action(ArgAction::Append);
    label.help("File it under this label; may be given several times")
}

/// The labels that were given, each once.
fn labels(given: &ArgMatches) -> anyhow::Result<Vec<String>> {
    let mut labels: Vec<String> = Vec::new();
    for label in given.get_many::<String>("label").into_iter().flatten() {
        let label = label.trim();
        anyhow::ensure!(!label.is_empty(), "--label is empty");
        anyhow::ensure!(!label.chars().any(char::is_control), "--label holds control characters");
        if labels.iter().all(|other| other != label) {
            labels.push(label.to_owned());
        }
    }
    Ok(labels)
}

/// The feed that watches this URL already, or the same WeChat article by another form of its link.
fn watching<'a>(config: &'a Config, url: &CanonicalUrl) -> Option<&'a FeedOptions> {
    let same =
        |other: &CanonicalUrl| other == url || other.wechat_ids().is_some_and(|ids| url.wechat_ids() == Some(ids));
    config.crawl.feeds.iter().find(|feed| same(&feed.url))
}

/// A text from the web as a terminal may have it: one line, cut to so many letters.
fn shown(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = line.chars().filter(|letter| is_printable(*letter));
    let mut cut: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() {
        cut.push('…');
    }
    cut
}
