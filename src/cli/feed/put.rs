//! Many feeds into crawl.toml, in one edit.

use super::{config_of, hold, shown, write};
use crate::cli::Context;
use crate::config::edit::{self, NewFeed};
use crate::config::file::FileError;
use std::collections::HashSet;
use std::path::Path;

/// How many feeds that are watched already are named, where many are (judgement: a list is imported again after a year).
const MOST_NAMED: usize = 5;

/// Writes all of these that are not watched yet into crawl.toml, under its lock and in one edit, and says which: how many were added.
pub(super) fn put_all(context: &mut Context<'_>, path: &Path, feeds: Vec<NewFeed>) -> anyhow::Result<usize> {
    let mut held = hold(path)?;
    let config = config_of(context, path, held.text())?;
    let mut urls: HashSet<String> = HashSet::new();
    let mut names: HashSet<String> = HashSet::new();
    let mut articles = HashSet::new();
    for feed in &config.crawl.feeds {
        urls.insert(feed.url.to_string());
        names.insert(feed.name.0.clone());
        articles.extend(feed.url.wechat_ids());
    }
    let (mut added, mut known) = (Vec::new(), Vec::new());
    for mut feed in feeds {
        let is_known = feed.url.wechat_ids().is_some_and(|ids| !articles.insert(ids));
        if !urls.insert(feed.url.to_string()) || is_known {
            known.push(feed.url);
            continue;
        }
        feed.name = feed.name.map(|name| free(&names, name));
        // What has no name is called by its URL, which no other feed may be called by.
        names.insert(feed.name.clone().unwrap_or_else(|| feed.url.to_string()));
        added.push(feed);
    }
    if !added.is_empty() {
        let strange = || FileError::Strange { path: path.to_owned() };
        let text = edit::add_all(held.text(), &added).ok_or_else(strange)?;
        write(context, &mut held, &text)?;
    }
    for feed in &added {
        let name = feed.name.as_deref().unwrap_or(feed.url.as_str());
        writeln!(context.out, "added {name:?}, {}, to {}", feed.url, path.display())?;
    }
    for url in known.iter().take(MOST_NAMED) {
        writeln!(context.err, "wangqi: {url} is watched already")?;
    }
    if known.len() > MOST_NAMED {
        writeln!(context.err, "wangqi: {} more are watched already", known.len() - MOST_NAMED)?;
    }
    if added.is_empty() {
        writeln!(context.err, "wangqi: nothing was changed")?;
    } else {
        let word = if added.len() == 1 { "feed" } else { "feeds" };
        writeln!(context.err, "wangqi: added {} {word} to {}", added.len(), shown(&path.display().to_string(), 1000))?;
    }
    Ok(added.len())
}

/// The name, or the first of `name (2)`, `name (3)`, … that is free.
fn free(names: &HashSet<String>, name: String) -> String {
    if !names.contains(&name) {
        return name;
    }
    // There are fewer names than numbers.
    let mut numbers = (2..=names.len() + 2).map(|number| format!("{name} ({number})"));
    numbers.find(|name| !names.contains(name)).unwrap_or(name)
}
