//! `wangqi feed export`: what is watched, as OPML for other readers.

use crate::cli::{Context, Exit};
use crate::export::Target;
use crate::extract::feed::opml::{self, Outline};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use std::io::Write as _;
use std::path::PathBuf;

/// Its arguments.
pub(super) fn arguments() -> clap::Command {
    let output = Arg::new("output").short('o').long("output").value_name("FILE").value_parser(value_parser!(PathBuf));
    let force = Arg::new("force").long("force").action(ArgAction::SetTrue).requires("output");
    clap::Command::new("export")
        .about("Print what is watched as OPML, for other readers; labels become folders")
        .arg(output.help("Write it there [default: standard output]"))
        .arg(force.help("Replace a file that is there"))
}

/// Writes all feeds of crawl.toml, in its order.
pub(super) fn run(context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
    let config = context.load_config()?;
    let outlines = config.crawl.feeds.iter().map(|feed| Outline {
        name: &feed.name.0,
        url: feed.url.as_str(),
        // An account's article is no feed to any other reader; ours knows it again.
        is_feed: !feed.url.is_wechat(),
        labels: &feed.labels,
    });
    let outlines: Vec<_> = outlines.collect();
    let text = opml::write(&outlines, chrono::Utc::now());
    let output = given.get_one::<PathBuf>("output").filter(|path| path.as_os_str() != "-");
    let Some(path) = output else {
        context.out.write_all(text.as_bytes())?;
        return Ok(Exit::Ok);
    };
    let path = context.folder.join(path);
    let mut target = Target::begin(&path, &config.archive.path, given.get_flag("force"))?;
    target.write_all(text.as_bytes())?;
    target.keep()?;
    let word = if outlines.len() == 1 { "feed" } else { "feeds" };
    writeln!(context.err, "wangqi: wrote {} {word} to {}", outlines.len(), path.display())?;
    Ok(Exit::Ok)
}
