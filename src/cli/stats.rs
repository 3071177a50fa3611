//! `wangqi stats`: how much is held.

use crate::archive::{Backup, Reader};
use crate::cli::progress::is_printable;
use crate::cli::{Command, Context, Exit};
use clap::{Arg, ArgAction, ArgMatches};
use indicatif::HumanBytes;

/// `wangqi stats`.
pub(crate) struct Stats;

impl Command for Stats {
    fn arguments(&self) -> clap::Command {
        let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print one JSON object");
        clap::Command::new("stats").about("How much is held: articles, snapshots, payloads, bytes").arg(json)
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        context.read(|context, reader| stats(context, reader, given.get_flag("json")))
    }

    fn reads_archive(&self) -> bool {
        true
    }
}

fn stats(context: &mut Context<'_>, reader: &Reader, json: bool) -> anyhow::Result<Exit> {
    let stats = reader.stats()?;
    let backup = reader.last_backup()?;
    let rows: [(&str, u64); 10] = [
        ("articles", stats.articles),
        ("snapshots", stats.snapshots),
        ("edited", stats.edited),
        ("gone", stats.gone),
        ("unchanged", stats.unchanged),
        ("payloads", stats.payloads),
        ("payload_bytes", stats.payload_bytes),
        ("segment_bytes", stats.segment_bytes),
        ("index_bytes", stats.index_bytes),
        ("pending", stats.pending),
    ];
    if json {
        let mut object: serde_json::Map<_, _> =
            rows.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
        object.insert("last_backup".into(), serde_json::to_value(&backup)?);
        writeln!(context.out, "{}", serde_json::Value::Object(object))?;
        return Ok(Exit::Ok);
    }
    for (name, count) in rows {
        writeln!(context.out, "{:<14} {count:>14}", name.replace('_', " "))?;
    }
    if let Some(Backup { at, file, bytes, problem }) = backup {
        let file = file.map_or_else(|| "not written".to_owned(), |file| format!("{file} ({})", HumanBytes(bytes)));
        let problem = problem.map_or_else(String::new, |problem| format!("; {problem}"));
        let line = format!("{} {file}{problem}", at.format("%Y-%m-%d %H:%M UTC"));
        let line: String = line.chars().filter(|letter| is_printable(*letter)).collect();
        writeln!(context.out, "{:<14} {line}", "last backup")?;
    }
    Ok(Exit::Ok)
}
