//! `wangqi show`: one article, as it is held.

use crate::archive::{ArticleRow, Reader, SnapshotRow};
use crate::cli::progress::is_printable;
use crate::cli::{Command, Context, Exit};
use crate::export::{canonical, past_issues, shape};
use crate::extract::head::article_markdown;
use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches};

/// `wangqi show`.
pub(crate) struct Show;

impl Command for Show {
    fn arguments(&self) -> clap::Command {
        let format = Arg::new("format").long("format").value_name("FORMAT").default_value("markdown");
        clap::Command::new("show")
            .about("One article: its latest snapshot, or another")
            .arg(Arg::new("article").value_name("KEY|URL").required(true).help("Its key, or any URL that leads to it"))
            .arg(format.value_parser(["markdown", "json", "html", "text"]).help("How to print it"))
            .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("The same as --format json"))
            .arg(
                Arg::new("snapshot")
                    .long("snapshot")
                    .value_name("ID")
                    .value_parser(clap::value_parser!(u64))
                    .help("The snapshot to show, by the id that `--format json` lists [default: the latest]"),
            )
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        context.read(|context, reader| show(context, reader, given))
    }

    fn reads_archive(&self) -> bool {
        true
    }
}

fn show(context: &mut Context<'_>, reader: &Reader, given: &ArgMatches) -> anyhow::Result<Exit> {
    let asked = given.get_one::<String>("article").map(String::as_str).unwrap_or_default();
    let Some((key, row)) = reader.find(asked)? else {
        writeln!(context.err, "wangqi: nothing held under {asked}; `wangqi list` shows what is")?;
        return Ok(Exit::NothingMatched);
    };
    let Some(snapshot) = pick(&row, given.get_one("snapshot").copied()) else {
        let why = row.sighting.as_ref().and_then(|sighting| sighting.reason.as_deref()).unwrap_or("no snapshot");
        let moved = row.moved_to.as_ref().map(|url| format!("; it went to {url}")).unwrap_or_default();
        let said: String = format!("{why}{moved}").chars().filter(|letter| is_printable(*letter)).collect();
        writeln!(context.err, "wangqi: {key} has no such snapshot: {} ({said})", row.state.word())?;
        return Ok(Exit::NothingMatched);
    };
    let document = reader.document(snapshot).context(Exit::Archive)?;
    let format = given.get_one::<String>("format").map(String::as_str);
    match format.filter(|_| !given.get_flag("json")).or(Some("json")) {
        Some("json") => {
            let shape = shape(reader, &key, &row, &document)?;
            writeln!(context.out, "{}", serde_json::to_string_pretty(&shape)?)?;
        }
        Some("html") => writeln!(context.out, "{}", printable(context, document.html))?,
        Some("text") => writeln!(context.out, "{}", printable(context, document.text))?,
        _ => {
            let past = past_issues(reader, &document)?;
            let url = canonical(&document, &row);
            let markdown = article_markdown(&document, url.as_str(), &past);
            write!(context.out, "{}", printable(context, markdown))?;
        }
    }
    Ok(Exit::Ok)
}

fn pick(row: &ArticleRow, id: Option<u64>) -> Option<&SnapshotRow> {
    match id {
        Some(id) => row.snapshots.iter().find(|snapshot| snapshot.id == id),
        None => row.snapshots.last(),
    }
}

/// A text as it may reach a terminal; a file or a pipe gets it as it is held.
fn printable(context: &Context<'_>, text: String) -> String {
    if !context.out_is_terminal {
        return text;
    }
    text.chars().filter(|letter| matches!(letter, '\n' | '\t') || is_printable(*letter)).collect()
}
