//! `wangqi list`: the articles held, newest first; with `--account` alone, the WeChat accounts.

use crate::archive::{ArticleRow, Reader};
use crate::cli::accounts;
use crate::cli::progress::is_printable;
use crate::cli::{Command, Context, Exit, selection};
use crate::export::page;
use crate::model::Key;
use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// `wangqi list`.
pub(crate) struct List;

impl Command for List {
    fn arguments(&self) -> clap::Command {
        let option = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
        let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
        clap::Command::new("list")
            .about("The articles held, newest first")
            .arg(option("feed", "FEED").help("Only of this feed"))
            .arg(
                option("account", "ACCOUNT").num_args(0..=1).default_missing_value("").help(
                    "Only of this account: its name, __biz, gh_… id or alias; without one, the accounts themselves",
                ),
            )
            .arg(option("state", "STATE").value_parser(selection::states()).help("Only in this state"))
            .arg(option("limit", "N").value_parser(clap::value_parser!(usize)).help("At most so many"))
            .arg(flag("json").help("Print a JSON array").conflicts_with("jsonl"))
            .arg(flag("jsonl").help("Print one line of JSON for each article"))
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        context.read(|context, reader| list(context, reader, given))
    }

    fn reads_archive(&self) -> bool {
        true
    }
}

fn list(context: &mut Context<'_>, reader: &Reader, given: &ArgMatches) -> anyhow::Result<Exit> {
    let wanted = |name: &str| given.get_one::<String>(name).map(String::as_str);
    let (feed, account, state) = (wanted("feed"), wanted("account"), wanted("state"));
    if account == Some("") {
        if feed.or(state).is_some() {
            writeln!(
                context.err,
                "wangqi: --account without a name lists the accounts, which are of no feed and no state"
            )?;
            return Ok(Exit::Usage);
        }
        return accounts::list(context, reader, given);
    }
    let of_account = account.map(|said| accounts::named(reader, said)).transpose()?.unwrap_or_default();
    let mut articles = Vec::new();
    for row in reader.articles() {
        let (key, row) = row?;
        let is_wanted = feed.is_none_or(|feed| row.feed.0 == feed)
            && account.is_none_or(|account| {
                row.account.as_deref() == Some(account) || key.bizuin().is_some_and(|own| of_account.contains(&own))
            })
            && state.is_none_or(|state| row.state.word() == state);
        if is_wanted {
            articles.push((key, row));
        }
    }
    articles.sort_by_key(|(key, row)| (std::cmp::Reverse(when(row)), key.clone()));
    articles.truncate(given.get_one("limit").copied().unwrap_or(usize::MAX));
    if given.get_flag("json") {
        let all: Result<Vec<_>, _> = articles.iter().map(|(key, row)| shape(reader, key, row)).collect();
        writeln!(context.out, "{}", serde_json::to_string_pretty(&all?)?)?;
    } else if given.get_flag("jsonl") {
        for (key, row) in &articles {
            writeln!(context.out, "{}", shape(reader, key, row)?)?;
        }
    } else {
        table(context, &articles)?;
    }
    let is_filtered = feed.or(account).or(state).is_some();
    if articles.is_empty() && is_filtered {
        writeln!(context.err, "wangqi: nothing matched; `wangqi list` without options shows what is held")?;
        return Ok(Exit::NothingMatched);
    }
    Ok(Exit::Ok)
}

/// What an article is sorted by: when it was published, else when it was first captured.
fn when(row: &ArticleRow) -> Option<crate::model::Time> {
    let captured = row.snapshots.first().map(|first| first.captured_at);
    row.published.map(|at| at.to_utc()).or(captured)
}

/// The fixed shape of `list --json`.
fn shape(reader: &Reader, key: &Key, row: &ArticleRow) -> anyhow::Result<Value> {
    let seen = reader.seen(key)?;
    Ok(json!({
        "key": key, "title": row.title, "account": row.account, "author": row.author, "published": row.published,
        "url": page(row), "feed": row.feed, "kind": row.kind, "state": row.state, "snapshots": row.snapshots.len(),
        "seen_gone_once": row.is_seen_gone_once(), "moved_to": row.moved_to,
        "captured_at": row.snapshots.last().map(|last| last.captured_at),
        "seen_at": seen.map(|seen| seen.at), "unchanged": seen.map_or(0, |seen| seen.unchanged), "depth": row.depth,
    }))
}

/// A table for people; tabs between the columns where nobody looks.
fn table(context: &mut Context<'_>, articles: &[(Key, ArticleRow)]) -> anyhow::Result<()> {
    if articles.is_empty() && context.out_is_terminal {
        writeln!(context.out, "nothing held yet: `wangqi crawl` fetches what crawl.toml names")?;
    }
    for (key, row) in articles {
        let published = row.published.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
        let account = row.account.as_deref().unwrap_or_default();
        let title = row.title.as_deref().unwrap_or("(never captured)");
        let state = row.state.word();
        if context.out_is_terminal {
            let (account, title) = (fit(account, 16), fit(title, 48));
            // A mark, not a state: it is not believed before it was seen twice.
            let mark = if row.is_seen_gone_once() { " (seen gone once)" } else { "" };
            writeln!(context.out, "{published:<16}  {account}  {title}  {state:<9}  {key}{mark}")?;
        } else {
            let line = [published.as_str(), account, title, state, key.as_str()];
            let line: Vec<_> = line.iter().map(|cell| plain(cell)).collect();
            writeln!(context.out, "{}", line.join("\t"))?;
        }
    }
    Ok(())
}

/// A cell of the table without a terminal: one line, and nothing that a terminal behind the pipe would obey.
pub(crate) fn plain(cell: &str) -> String {
    let cell = cell.replace(['\t', '\n', '\r'], " ");
    cell.chars().filter(|letter| is_printable(*letter)).collect()
}

/// Cuts or pads a text to so many columns; a Chinese character takes two. Control characters never reach a terminal.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let text: String = text.chars().filter(|letter| is_printable(*letter)).collect();
    let mut cut = String::new();
    let mut taken = 0;
    let room = if text.width() > columns { columns - 1 } else { columns };
    for letter in text.chars() {
        let width = letter.width().unwrap_or(0);
        if taken + width > room {
            cut.push('…');
            taken += 1;
            break;
        }
        cut.push(letter);
        taken += width;
    }
    cut.push_str(&" ".repeat(columns.saturating_sub(taken)));
    cut
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn texts_fit_their_columns() {
        assert_eq!(fit("往期", 6), "往期  ");
        assert_eq!(fit("往期回顾", 6), "往期… ");
        assert_eq!(fit("past\u{1b}[31m", 8), "past[31m");
    }
}
