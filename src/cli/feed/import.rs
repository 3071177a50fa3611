//! `wangqi feed import`: the feeds of lists that other readers wrote, into crawl.toml. Nothing is asked for.

use super::put::put_all;
use super::{LONGEST_NAME, crawl_toml, label, labels, shown};
use crate::cli::lines::read_file;
use crate::cli::{Context, Exit};
use crate::config::edit::NewFeed;
use crate::extract::feed::opml::{self, Listed, Opml};
use anyhow::Context as _;
use clap::{Arg, ArgMatches};

/// Its arguments.
pub(super) fn arguments() -> clap::Command {
    let files = Arg::new("file").value_name("FILE").num_args(1..).required(true);
    clap::Command::new("import")
        .about("Watch the feeds of OPML lists, or of plain lists of URLs, that other readers wrote")
        .long_about(
            "Watch the feeds of OPML lists; folders become labels. A file that is no OPML is read as a plain list of URLs, one a line\n\
             (labels may stand behind each, and ~NAME, as in newsboat's urls). What is watched already is skipped. Nothing is fetched.",
        )
        .arg(files.help("OPML, or a URL a line; .gz is unpacked, - is standard input"))
        .arg(label())
}

/// Imports all the files in one edit.
pub(super) fn run(context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
    let labels = labels(given).context(Exit::Usage)?;
    let (path, _) = crawl_toml(context)?;
    let mut wanted_feeds = Vec::new();
    for file in given.get_many::<String>("file").into_iter().flatten() {
        let payload = read_file(&context.folder, file)?;
        let list = list_of(&payload);
        let (file, count) = (shown(file, 300), list.feeds.len());
        let word = if count == 1 { "feed" } else { "feeds" };
        writeln!(context.err, "wangqi: {file}: {count} {word}")?;
        for problem in &list.problems {
            writeln!(context.err, "wangqi: {file}: {}", shown(problem, 300))?;
        }
        wanted_feeds.extend(list.feeds.into_iter().map(|listed| wanted(listed, &labels, None)));
    }
    if wanted_feeds.is_empty() {
        writeln!(context.err, "wangqi: there is no feed in it; an OPML list or a list of URLs is wanted, one a line")?;
        return Ok(Exit::NothingMatched);
    }
    put_all(context, &path, wanted_feeds)?;
    Ok(Exit::Ok)
}

/// What a file lists: OPML where it looks like markup, else a URL a line.
fn list_of(payload: &[u8]) -> Opml {
    let is_markup = opml::is_opml(payload, "") || {
        let head = String::from_utf8_lossy(&payload[..payload.len().min(4096)]).into_owned();
        let head = head.trim_start_matches('\u{feff}').trim_start();
        head.starts_with('<') || head.contains('\0') || head.to_ascii_lowercase().contains("<outline")
    };
    if is_markup { opml::read(payload, "") } else { opml::read_lines(payload) }
}

/// A listed feed as it is to be written.
pub(super) fn wanted(listed: Listed, labels: &[String], schedule: Option<&str>) -> NewFeed {
    let name = listed.name.map(|name| shown(&name, LONGEST_NAME).trim().to_owned()).filter(|name| !name.is_empty());
    let mut all = listed.labels;
    all.extend(labels.iter().filter(|label| !all.contains(label)).cloned().collect::<Vec<_>>());
    NewFeed { name, url: listed.url, schedule: schedule.map(ToOwned::to_owned), past_issues: None, labels: all }
}
