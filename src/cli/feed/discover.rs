//! `wangqi feed discover`: which feeds there are behind a URL. Nothing is written down.

use super::add::{preview, url_of};
use super::{fetcher, shown, until_interrupted};
use crate::cli::signals;
use crate::cli::{Context, Exit, open};
use crate::crawl::discover::{Found, FoundKind, discover_all};
use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Value, json};

/// The longest title that is printed.
const LONGEST_TITLE: usize = 200;

/// Its arguments.
pub(super) fn arguments() -> clap::Command {
    let url = Arg::new("url").value_name("URL").required(true);
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print a JSON array");
    clap::Command::new("discover")
        .about("Which feeds a page has: those it names, links to, or has where most sites do")
        .arg(url.help("A page, a feed, an OPML list, or an article of a WeChat account"))
        .arg(json)
}

/// Prints each feed that was found and read, the best first: URL, title, entries.
pub(super) fn run(context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
    let typed = given.get_one::<String>("url").map_or("", String::as_str);
    let url = url_of(typed).context(Exit::Usage)?;
    let config = context.load_config()?;
    let fetcher = fetcher(&config)?;
    let found = open::runtime()?.block_on(until_interrupted(discover_all(&fetcher, &url)));
    let found = match found {
        None => return Ok(signals::exit()),
        Some(Ok(found)) => found,
        Some(Err(error)) => {
            writeln!(context.err, "wangqi: {}", shown(&error.to_string(), 1000))?;
            if given.get_flag("json") {
                writeln!(context.out, "[]")?;
            }
            return Ok(if error.is_fetch() { Exit::Partial } else { Exit::NothingMatched });
        }
    };
    if given.get_flag("json") {
        let all: Vec<Value> = found.iter().map(shape).collect();
        writeln!(context.out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(Exit::Ok);
    }
    for one in &found {
        if context.out_is_terminal {
            writeln!(context.out, "{}", one.url)?;
            preview(context, &Found { others: Vec::new(), ..one.clone() })?;
            continue;
        }
        let name = shown(one.name.as_deref().unwrap_or_default(), LONGEST_TITLE);
        writeln!(context.out, "{}\t{name}\t{}", one.url, counted(one))?;
    }
    Ok(Exit::Ok)
}

fn counted(found: &Found) -> String {
    match &found.kind {
        FoundKind::Feed { entries: 1, .. } => "1 entry".to_owned(),
        FoundKind::Feed { entries, .. } => format!("{entries} entries"),
        FoundKind::List { feeds, .. } => format!("an OPML list of {}", feeds.len()),
        FoundKind::Account { .. } => "a WeChat account".to_owned(),
    }
}

fn shape(found: &Found) -> Value {
    let (kind, entries, newest) = match &found.kind {
        FoundKind::Feed { entries, newest } => ("feed", *entries, newest.as_slice()),
        FoundKind::List { feeds, .. } => ("list", feeds.len(), &[][..]),
        FoundKind::Account { .. } => ("account", 0, &[][..]),
    };
    let newest: Vec<Value> = newest.iter().map(|(at, title)| json!({ "title": title, "published": at })).collect();
    json!({ "url": found.url, "title": found.name, "kind": kind, "entries": entries, "newest": newest })
}
