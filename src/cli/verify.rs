//! `wangqi verify`: checks every byte of the archive. `wangqi reindex`: makes the index anew from the segments.

use crate::archive::{forget_index, verify};
use crate::cli::{Command, Context, Exit, open};
use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches};

/// `wangqi verify`.
pub(crate) struct Verify;

/// `wangqi reindex`.
pub(crate) struct Reindex;

impl Command for Verify {
    fn arguments(&self) -> clap::Command {
        let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print the report as JSON");
        clap::Command::new("verify")
            .about("Check every record, digest and link of the archive, and the index against them")
            .arg(json)
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        let root = context.load_config()?.archive.path;
        open::must_exist(&root)?;
        let archive = open::archive(context, &root).context(Exit::Archive)?;
        let report = verify(&archive.reader()).context(Exit::Archive)?;
        if given.get_flag("json") {
            let report = serde_json::json!({
                "segments": report.segments, "records": report.records, "visits": report.visits,
                "payloads": report.payloads, "problems": report.problems,
            });
            writeln!(context.out, "{report}")?;
        } else {
            for problem in &report.problems {
                writeln!(context.out, "{problem}")?;
            }
            let verdict =
                if report.problems.is_empty() { "clean".into() } else { format!("{} problems", report.problems.len()) };
            let (segments, records, visits, payloads) =
                (report.segments, report.records, report.visits, report.payloads);
            writeln!(
                context.out,
                "{verdict}: {segments} segments, {records} records, {visits} visits, {payloads} payloads checked"
            )?;
        }
        Ok(if report.problems.is_empty() { Exit::Ok } else { Exit::Archive })
    }
}

impl Command for Reindex {
    fn arguments(&self) -> clap::Command {
        clap::Command::new("reindex").about("Make the index anew from the segments")
    }

    fn run(&self, context: &mut Context<'_>, _: &ArgMatches) -> anyhow::Result<Exit> {
        let root = context.load_config()?.archive.path;
        open::must_exist(&root)?;
        forget_index(&root).context(Exit::Archive)?;
        open::archive(context, &root).context(Exit::Archive)?;
        Ok(Exit::Ok)
    }
}
