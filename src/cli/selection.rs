//! Which articles a command is about: by feed, account, date and state.

use crate::archive::{ArticleRow, SnapshotRow};
use crate::model::{ArticleState, Key};
use chrono::NaiveDate;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

/// A choice of articles. What is named twice is either; what is named differently is both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Selection {
    feeds: Vec<String>,
    accounts: Vec<String>,
    states: Vec<ArticleState>,
    since: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

/// All states, as `--state` names them.
const STATES: &[ArticleState] = &[
    ArticleState::Alive,
    ArticleState::Edited,
    ArticleState::Deleted,
    ArticleState::Violation,
    ArticleState::AccountClosed,
    ArticleState::AccountMigrated,
    ArticleState::Restricted,
    ArticleState::Unavailable,
];

/// Adds the options to a command.
pub(crate) fn arguments(command: Command) -> Command {
    let option = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    command
        .arg(
            option("feed", "FEED").action(ArgAction::Append).help("Only of this feed, by its name; may be given again"),
        )
        .arg(option("account", "ACCOUNT").action(ArgAction::Append).help("Only of this account; may be given again"))
        .arg(option("since", "DATE").value_parser(date).help("Only published on this day or later, as in 2024-07-11"))
        .arg(option("until", "DATE").value_parser(date).help("Only published on this day or earlier"))
        .arg(
            option("state", "STATE")
                .action(ArgAction::Append)
                .value_parser(states())
                .help("Only in this state; may be given again"),
        )
}

/// The states as a command line may name them.
pub(crate) fn states() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(STATES.iter().map(|state| state.word()))
}

fn date(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "a date is written as 2024-07-11".to_owned())
}

impl Selection {
    /// What the command line chose.
    pub(crate) fn of(given: &ArgMatches) -> Self {
        let all = |name: &str| given.get_many::<String>(name).into_iter().flatten().cloned().collect::<Vec<_>>();
        let words = all("state");
        Self {
            feeds: all("feed"),
            accounts: all("account"),
            states: STATES.iter().copied().filter(|state| words.iter().any(|word| word == state.word())).collect(),
            since: given.get_one("since").copied(),
            until: given.get_one("until").copied(),
        }
    }

    /// Whether this article is chosen. Its day is the one it was published on, in its own zone, else the one it was first captured on.
    pub(crate) fn takes(&self, _: &Key, row: &ArticleRow) -> bool {
        let captured = row.snapshots.first().map(|first: &SnapshotRow| first.captured_at.date_naive());
        let day = row.published.map(|at| at.date_naive()).or(captured);
        let named = |names: &[String], name: Option<&str>| {
            names.is_empty() || name.is_some_and(|name| names.iter().any(|wanted| wanted == name))
        };
        named(&self.feeds, Some(&row.feed.0))
            && named(&self.accounts, row.account.as_deref())
            && (self.states.is_empty() || self.states.contains(&row.state))
            && self.since.is_none_or(|since| day.is_some_and(|day| day >= since))
            && self.until.is_none_or(|until| day.is_some_and(|day| day <= until))
    }

    /// The choice for the manifest; `None` for everything.
    pub(crate) fn written(&self) -> Option<Value> {
        if *self == Self::default() {
            return None;
        }
        let states: Vec<&str> = self.states.iter().map(|state| state.word()).collect();
        Some(json!({
            "feeds": self.feeds, "accounts": self.accounts, "since": self.since, "until": self.until, "states": states,
        }))
    }
}
