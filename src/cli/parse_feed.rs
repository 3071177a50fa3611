//! `wangqi parse-feed`: read saved feeds, with no network.

use super::lines::{answer_each, read_file};
use super::{Command, Context, Exit};
use crate::extract::feed::doctor::{self, Problem};
use crate::extract::feed::{Source, examine};
use crate::model::{CanonicalUrl, FeedDocument};
use clap::{Arg, ArgAction, ArgMatches};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// `wangqi parse-feed`.
pub(super) struct ParseFeed;

impl Command for ParseFeed {
    fn arguments(&self) -> clap::Command {
        clap::Command::new("parse-feed")
            .about("Read saved feeds: RSS, Atom, JSON Feed")
            .long_about(
                "Read one saved feed (- for standard input). With --jsonl, read lines {\"id\", \"file\", \"url\"?, \"headers\"?}\n\
                 from standard input and answer one line for each, in any order, using all cores.",
            )
            .arg(Arg::new("file").value_name("FILE").required_unless_present("jsonl").help("The saved feed, or -"))
            .arg(Arg::new("url").long("url").value_name("URL").help("Where the feed came from"))
            .arg(
                Arg::new("jsonl")
                    .long("jsonl")
                    .action(ArgAction::SetTrue)
                    .conflicts_with_all(["file", "url"])
                    .help("Many feeds: lines in, lines out"),
            )
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        if given.get_flag("jsonl") {
            return answer_each(context, answer);
        }
        let text = |name: &str| given.get_one::<String>(name).cloned();
        let payload = read_file(&context.folder, &text("file").unwrap_or_default())?;
        let url = text("url");
        let examined = Examined::of(&payload, &Source { base: url.as_deref(), ..Source::default() });
        writeln!(context.out, "{}", serde_json::to_string_pretty(&examined)?)?;
        Ok(if examined.feed.error.is_some() { Exit::Error } else { Exit::Ok })
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    id: serde_json::Value,
    file: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
}

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    #[serde(flatten)]
    examined: Examined,
}

/// A feed, and what is wrong with it: in `problems` for people, in `diagnoses` for programs.
#[derive(Serialize)]
struct Examined {
    #[serde(flatten)]
    feed: FeedDocument,
    diagnoses: Vec<Problem>,
}

impl Examined {
    /// Reads it and asks the doctor, whose words join the parser's: of a line that the parser spoke of, its word on the XML stands.
    fn of(payload: &[u8], source: &Source<'_>) -> Self {
        let (mut feed, _) = examine(payload, source);
        let url = source.base.and_then(|url| CanonicalUrl::parse(url).ok());
        let diagnoses = doctor::examine(payload, source.content_type, url.as_ref());
        let spoken = feed.problems.clone();
        let is_said = |problem: &Problem| {
            let line = format!("line {}: ", problem.line);
            problem.code.is_syntax() && spoken.iter().any(|spoken| spoken.starts_with(&line))
        };
        feed.problems.extend(diagnoses.iter().filter(|problem| !is_said(problem)).map(ToString::to_string));
        Self { feed, diagnoses }
    }
}

/// The answer to one line; a feed that cannot be read is answered too.
fn answer(folder: &Path, line: &str) -> String {
    let failed = |id, error: String| {
        let problems = vec![error.clone()];
        let feed = FeedDocument { error: Some(error), bozo: true, problems, ..FeedDocument::default() };
        Answer { id, examined: Examined { feed, diagnoses: Vec::new() } }
    };
    let answer = match serde_json::from_str::<Asked>(line) {
        Err(error) => failed(serde_json::Value::Null, format!("a line is {{\"id\", \"file\", \"url\"?}}: {error}")),
        Ok(asked) => match read_file(folder, &asked.file) {
            Err(error) => failed(asked.id, format!("{error:#}")),
            Ok(payload) => {
                let headers = asked.headers.unwrap_or_default();
                let header = |wanted: &str| {
                    let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
                    found.map(|(_, value)| value.as_str())
                };
                let source = Source {
                    content_type: header("content-type").unwrap_or_default(),
                    base: asked.url.as_deref(),
                    language: header("content-language"),
                };
                Answer { examined: Examined::of(&payload, &source), id: asked.id }
            }
        },
    };
    serde_json::to_string(&answer).unwrap_or_else(|error| {
        serde_json::json!({ "id": answer.id, "error": error.to_string(), "entries": [] }).to_string()
    })
}
