//! `wangqi feed-facts`: what the archive knows of feeds. Not for people: `feed list` asks it of whoever holds the archive, which may
//! not be allowed to read the crawl.toml that `feed list` reads.

use crate::cli::{Command, Context, Exit};
use crate::crawl::poll::{Condition, Poll};
use crate::model::{FeedName, Outcome, Time};
use clap::{Arg, ArgMatches};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most letters of names in one question: far below what the control socket takes.
const MOST_LETTERS: usize = 16 * 1024;

/// `wangqi feed-facts`.
pub(crate) struct FeedFacts;

/// What the archive knows of one feed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fact {
    /// Its name.
    feed: FeedName,
    /// When it was polled last.
    pub(super) polled_at: Option<Time>,
    /// How that ended.
    pub(super) outcome: Option<Outcome>,
    /// What is known of it beside that, where it is polled by rule.
    #[serde(default)]
    pub(super) poll: Option<Poll>,
}

impl Fact {
    /// When it was polled last, also where that brought nothing new.
    pub(super) fn asked_at(&self) -> Option<Time> {
        self.poll.as_ref().and_then(|poll| poll.checked_at).max(self.polled_at)
    }

    /// How that ended: what is kept of an answer that brings nothing is only its state.
    pub(super) fn ended(&self, now: Time) -> Option<Outcome> {
        match self.poll.as_ref().map(|poll| poll.condition(now)) {
            Some(Condition::Failing | Condition::Dormant | Condition::Gone) => Some(Outcome::Failed),
            Some(Condition::Blocked) => Some(Outcome::Blocked),
            Some(Condition::Fine | Condition::New) | None => self.outcome,
        }
    }
}

impl Command for FeedFacts {
    fn arguments(&self) -> clap::Command {
        let names = Arg::new("name").value_name("NAME").num_args(0..);
        clap::Command::new("feed-facts").hide(true).about("What the archive knows of feeds, for `feed list`").arg(names)
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        let names: Vec<FeedName> =
            given.get_many::<String>("name").into_iter().flatten().cloned().map(FeedName).collect();
        context.read(|context, reader| {
            for feed in names {
                let row = reader.feed(&feed)?;
                let poll = reader.poll(&feed)?.and_then(|kept| serde_json::from_str(&kept).ok());
                let fact = Fact { feed, polled_at: row.polled_at, outcome: row.outcome, poll };
                writeln!(context.out, "{}", serde_json::to_string(&fact)?)?;
            }
            Ok(Exit::Ok)
        })
    }

    fn reads_archive(&self) -> bool {
        true
    }
}

/// What the archive knows of these feeds; nothing of any where it cannot be read now.
pub(super) fn facts(context: &mut Context<'_>, names: &[&FeedName]) -> BTreeMap<FeedName, Fact> {
    let mut known = BTreeMap::new();
    let mut rest = names;
    while !rest.is_empty() {
        let mut letters = 0;
        let fits = rest.iter().take_while(|name| {
            letters += name.0.len() + 8;
            letters < MOST_LETTERS
        });
        let count = fits.count().max(1);
        match ask(context, &rest[..count]) {
            Ok(facts) => known.extend(facts.into_iter().map(|fact| (fact.feed.clone(), fact))),
            Err(error) => {
                tracing::debug!(%error, "the archive says nothing of feeds now");
                break;
            }
        }
        rest = &rest[count..];
    }
    known
}

fn ask(context: &mut Context<'_>, names: &[&FeedName]) -> anyhow::Result<Vec<Fact>> {
    let mut arguments = vec!["feed-facts".to_owned(), "--".to_owned()];
    arguments.extend(names.iter().map(|name| name.0.clone()));
    let given =
        crate::cli::arguments().try_get_matches_from(std::iter::once("wangqi".to_owned()).chain(arguments.clone()))?;
    let mut out = Vec::new();
    let mut asking = Context {
        out: &mut out,
        err: &mut *context.err,
        out_is_terminal: false,
        err_is_terminal: context.err_is_terminal,
        config: context.config.clone(),
        folder: context.folder.clone(),
        arguments,
        held: context.held.clone(),
    };
    if let Some(given) = given.subcommand_matches("feed-facts") {
        FeedFacts.run(&mut asking, given)?;
    }
    let text = String::from_utf8_lossy(&out);
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}
