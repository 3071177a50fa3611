//! `wangqi extract`: understand saved pages, one or many, with no network.

use super::lines::{answer_each, read_file};
use super::{Command, Context, Exit};
use crate::extract::{self, Hints, Page, head};
use crate::model::{CanonicalUrl, Document, Extracted, PageStatus, Rel};
use anyhow::{Context as _, anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The URL of a page that was given none: a name that never resolves (RFC 2606).
const NOWHERE: &str = "http://page.invalid/";

/// The command.
pub(super) struct Extract;

impl Command for Extract {
    fn arguments(&self) -> clap::Command {
        clap::Command::new("extract")
            .about("Understand saved pages: title, account, author, date, place, cover, body, links")
            .long_about(
                "Understand one saved page (a .gz file is unpacked; - reads standard input). With --jsonl, read lines\n\
                 {\"id\", \"file\", \"url\"} from standard input and answer one line for each, in any order, using all cores.",
            )
            .arg(Arg::new("file").value_name("FILE").required_unless_present("jsonl").help("The saved page, or -"))
            .arg(Arg::new("url").long("url").value_name("URL").help("Where the page came from"))
            .arg(
                Arg::new("format")
                    .long("format")
                    .value_parser(["json", "markdown", "html", "text"])
                    .default_value("json")
                    .help("What to print"),
            )
            .arg(
                Arg::new("jsonl")
                    .long("jsonl")
                    .action(ArgAction::SetTrue)
                    .conflicts_with_all(["file", "url", "format"])
                    .help("Many pages: lines in, lines out"),
            )
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        if given.get_flag("jsonl") {
            return answer_each(context, answer);
        }
        let text = |name: &str| given.get_one::<String>(name).map(String::as_str);
        let file = text("file").unwrap_or("-");
        let payload = read_file(&context.folder, file)?;
        let url = text("url").unwrap_or(NOWHERE);
        let url = CanonicalUrl::parse(url).with_context(|| format!("--url {url}: give the page's own http(s) URL"))?;
        let document = match understand(&url, &payload) {
            Extracted::Document(document) => *document,
            Extracted::Feed(_) => bail!("{file} is a feed: read it with `wangqi parse-feed`"),
            Extracted::Opaque => bail!("{file} is no page that can be read: nothing was recognised in it"),
        };
        print(context, &document, text("format").unwrap_or("json"))?;
        Ok(Exit::Ok)
    }
}

fn print(context: &mut Context<'_>, document: &Document, format: &str) -> anyhow::Result<()> {
    let text = match format {
        "markdown" => {
            let url = document.canonical_url.as_ref().map(ToString::to_string).unwrap_or_default();
            let past = document.links.iter().filter(|link| link.rel == Rel::PastIssue);
            let past: Vec<_> = past.map(|link| (link.title.clone(), link.url.to_string())).collect();
            head::article_markdown(document, &url, &past)
        }
        "html" => document.html.clone(),
        "text" => document.text.clone(),
        _ => serde_json::to_string_pretty(document)?,
    };
    writeln!(context.out, "{}", text.trim_end())?;
    Ok(())
}

/// One line asked.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    id: serde_json::Value,
    file: PathBuf,
    #[serde(default)]
    url: Option<String>,
}

/// One line answered: the document, and whose it is.
#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    #[serde(flatten)]
    document: Document,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Answer {
    fn failed(id: serde_json::Value, error: &anyhow::Error) -> Self {
        let error = format!("{error:#}");
        let mut document = Document::new(PageStatus::NotAnArticle, "none");
        document.reason = Some(error.clone());
        Self { id, document, error: Some(error) }
    }
}

/// The answer to one line; a page that cannot be read is answered too.
fn answer(folder: &Path, line: &str) -> String {
    let answer = match serde_json::from_str::<Asked>(line) {
        Ok(asked) => {
            let id = asked.id.clone();
            document_of(folder, &asked).map_or_else(
                |error| Answer::failed(id.clone(), &error),
                |document| Answer { id: id.clone(), document, error: None },
            )
        }
        Err(error) => {
            let error = anyhow::Error::new(error).context("reading a line: each is {\"id\", \"file\", \"url\"}");
            Answer::failed(serde_json::Value::Null, &error)
        }
    };
    serde_json::to_string(&answer).unwrap_or_else(|error| {
        serde_json::json!({ "id": answer.id, "status": "not_an_article", "error": error.to_string() }).to_string()
    })
}

fn document_of(folder: &Path, asked: &Asked) -> anyhow::Result<Document> {
    let payload = read_file(folder, &asked.file.to_string_lossy())?;
    let url = asked.url.as_deref().filter(|url| !url.is_empty()).unwrap_or(NOWHERE);
    let url = CanonicalUrl::parse(url).with_context(|| format!("reading the url of {}", asked.file.display()))?;
    // A fault of ours costs this page's answer, not the others'.
    let understood = std::panic::catch_unwind(|| understand(&url, &payload));
    match understood.map_err(|_| anyhow!("understanding the page failed: please report it, with the page"))? {
        Extracted::Document(document) => Ok(*document),
        Extracted::Feed(_) => bail!("{} is a feed: read it with `wangqi parse-feed`", asked.file.display()),
        Extracted::Opaque => bail!("{} is no page that can be read", asked.file.display()),
    }
}

fn understand(url: &CanonicalUrl, payload: &[u8]) -> Extracted {
    let page = Page { url, final_url: url, content_type: "", payload };
    extract::extract(&page, &Hints::default())
}
