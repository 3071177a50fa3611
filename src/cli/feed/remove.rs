//! `wangqi feed remove`: takes feeds out of crawl.toml. What the archive holds of them stays.

use super::{config_of, crawl_toml, hold, shown, write};
use crate::cli::{Context, Exit};
use crate::config::Config;
use crate::config::edit;
use crate::config::file::FileError;
use crate::model::CanonicalUrl;
use anyhow::{Context as _, anyhow};
use clap::{Arg, ArgMatches};

/// Its arguments.
pub(super) fn arguments() -> clap::Command {
    let feeds = Arg::new("feed").value_name("NAME|URL").num_args(1..).required(true);
    clap::Command::new("remove")
        .about("Watch a feed no longer; what the archive holds of it stays")
        .arg(feeds.help("Feeds by name or URL, as `wangqi feed list` shows them"))
}

/// Removes all that were named, or none where one of them is unknown.
pub(super) fn run(context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
    let (path, _) = crawl_toml(context)?;
    let mut held = hold(&path)?;
    let config = config_of(context, &path, held.text())?;
    let asked = given.get_many::<String>("feed").into_iter().flatten();
    let mut numbers = asked.map(|asked| number_of(&config, asked)).collect::<anyhow::Result<Vec<_>>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    let mut text = held.text().to_owned();
    // From the last to the first: the numbers before stay as they are.
    for number in numbers.iter().rev() {
        let strange = || FileError::Strange { path: path.clone() };
        text = edit::remove(&text, *number).ok_or_else(strange)?;
    }
    write(context, &mut held, &text)?;
    for number in numbers {
        let feed = &config.crawl.feeds[number];
        let name = &feed.name.0;
        writeln!(
            context.out,
            "removed {name:?}, {}, from {}; the archive keeps what it holds",
            feed.url,
            path.display()
        )?;
    }
    Ok(Exit::Ok)
}

pub(super) fn number_of(config: &Config, asked: &str) -> anyhow::Result<usize> {
    let feeds = &config.crawl.feeds;
    let url = CanonicalUrl::parse(asked).ok();
    let by_name = feeds.iter().position(|feed| feed.name.0 == asked.trim());
    let found = by_name.or_else(|| feeds.iter().position(|feed| Some(&feed.url) == url.as_ref()));
    let known = || feeds.iter().map(|feed| shown(&feed.name.0, 80)).collect::<Vec<_>>().join(", ");
    found
        .ok_or_else(|| anyhow!("no feed has the name or URL {asked:?}; crawl.toml has: {}", known()))
        .context(Exit::NothingMatched)
}
