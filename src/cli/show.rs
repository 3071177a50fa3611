//! `wangqi show`: one article, as it is held.

use crate::archive::{ArticleRow, Reader, SnapshotRow};
use crate::cli::progress::is_printable;
use crate::cli::{Command, Context, Exit};
use crate::extract::head::article_markdown;
use crate::model::{CanonicalUrl, Document, Key, Rel};
use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Value, json};

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

/// The page's own name for itself, as far as it speaks for the host that it came from.
fn canonical(document: &Document, row: &ArticleRow) -> CanonicalUrl {
    let own = document.canonical_url.as_ref().filter(|url| url.host() == row.url.host());
    own.unwrap_or(&row.url).clone()
}

/// A text as it may reach a terminal; a file or a pipe gets it as it is held.
fn printable(context: &Context<'_>, text: String) -> String {
    if !context.out_is_terminal {
        return text;
    }
    text.chars().filter(|letter| matches!(letter, '\n' | '\t') || is_printable(*letter)).collect()
}

/// The past issues an article links to, by the title under which they are held, else the link's own.
fn past_issues(reader: &Reader, document: &Document) -> anyhow::Result<Vec<(String, String)>> {
    let links = document.links.iter().filter(|link| link.rel == Rel::PastIssue);
    let mut past = Vec::new();
    for link in links {
        let held = reader.article(&reader.key_of(&link.url)?)?;
        let title = held.and_then(|row| row.title).unwrap_or_else(|| link.title.clone());
        past.push((title, link.url.to_string()));
    }
    Ok(past)
}

/// The fixed shape of `show --format json`: the document, and what the archive knows beside it.
fn shape(reader: &Reader, key: &Key, row: &ArticleRow, document: &Document) -> anyhow::Result<Value> {
    let mut shape = serde_json::to_value(document)?;
    let snapshots = row.snapshots.iter().map(|snapshot| {
        json!({"id": snapshot.id, "captured_at": snapshot.captured_at, "digest": snapshot.digest, "extractor": snapshot.extractor})
    });
    let linked_from = reader.linked_from(key, row)?.into_iter().map(|(from, rel)| json!({"key": from, "rel": rel}));
    let more = json!({
        "key": key, "state": row.state, "feed": row.feed, "depth": row.depth, "url": row.url,
        "seen_gone_once": row.is_seen_gone_once(), "moved_to": row.moved_to, "changes": changes(reader, key)?,
        "snapshots": snapshots.collect::<Vec<_>>(), "aliases": row.aliases, "sighting": row.sighting,
        "assets": assets(reader, document)?, "past_issues": linked_past_issues(reader, document)?,
        "linked_from": linked_from.collect::<Vec<_>>(),
    });
    if let (Value::Object(shape), Value::Object(more)) = (&mut shape, more) {
        shape.extend(more);
    }
    Ok(shape)
}

/// What happened to the article, oldest first.
fn changes(reader: &Reader, key: &Key) -> anyhow::Result<Vec<Value>> {
    let changes = reader.changes_of(key)?.into_iter();
    Ok(changes
        .map(|change| json!({"at": change.at, "kind": change.kind, "status": change.status, "reason": change.reason}))
        .collect())
}

fn linked_past_issues(reader: &Reader, document: &Document) -> anyhow::Result<Vec<Value>> {
    let mut past = Vec::new();
    for link in document.links.iter().filter(|link| link.rel == Rel::PastIssue) {
        let key = reader.key_of(&link.url)?;
        let held = reader.article(&key)?.filter(|row| !row.snapshots.is_empty());
        let title = held.as_ref().and_then(|row| row.title.clone()).unwrap_or_else(|| link.title.clone());
        past.push(json!({"url": link.url, "title": title, "key": key, "held": held.is_some()}));
    }
    Ok(past)
}

/// The article's files, cover first, each with what is held of it.
fn assets(reader: &Reader, document: &Document) -> anyhow::Result<Vec<Value>> {
    let urls = document.cover.iter().chain(document.images.iter().map(|image| &image.url));
    let urls = urls.chain(document.media.iter().map(|media| &media.url));
    let mut assets = Vec::new();
    for named in urls {
        let Ok(url) = CanonicalUrl::parse(named) else { continue };
        let digest = reader.url(&url)?.and_then(|row| row.digest);
        let payload = digest.map(|digest| reader.payload_row(&digest)).transpose()?.flatten();
        assets.push(json!({
            "url": named, "canonical_url": url, "digest": digest,
            "size": payload.as_ref().map(|payload| payload.size),
            "media_type": payload.and_then(|payload| payload.media_type),
        }));
    }
    Ok(assets)
}
