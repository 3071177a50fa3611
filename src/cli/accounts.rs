//! `wangqi list --account`: the WeChat accounts that the archive knows.

use crate::archive::{Account, Reader};
use crate::cli::list::{fit, plain};
use crate::cli::{Context, Exit};
use crate::model::url::biz_of;
use clap::ArgMatches;
use serde_json::{Value, json};

/// The numbers of the accounts that go by this name, `__biz`, `gh_…` id or alias.
pub(crate) fn named(reader: &Reader, said: &str) -> anyhow::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for account in reader.accounts() {
        let row = account?.row;
        if row.goes_by(said) {
            numbers.push(row.bizuin);
        }
    }
    Ok(numbers)
}

/// Prints the accounts, those with the most articles first.
pub(crate) fn list(context: &mut Context<'_>, reader: &Reader, given: &ArgMatches) -> anyhow::Result<Exit> {
    let accounts: Result<Vec<Account>, _> = reader.accounts().collect();
    let mut accounts = accounts?;
    accounts.sort_by_key(|account| (std::cmp::Reverse(account.articles), account.row.bizuin));
    accounts.truncate(given.get_one("limit").copied().unwrap_or(usize::MAX));
    if given.get_flag("json") {
        let all: Vec<Value> = accounts.iter().map(|account| shape(reader, account)).collect::<Result<_, _>>()?;
        writeln!(context.out, "{}", serde_json::to_string_pretty(&all)?)?;
    } else if given.get_flag("jsonl") {
        for account in &accounts {
            writeln!(context.out, "{}", shape(reader, account)?)?;
        }
    } else {
        table(context, reader, &accounts)?;
    }
    Ok(Exit::Ok)
}

/// The shape of one account in JSON.
fn shape(reader: &Reader, account: &Account) -> anyhow::Result<Value> {
    let row = &account.row;
    let other = |bizuin: u64| -> anyhow::Result<Value> {
        let name = reader.account(bizuin)?.and_then(|account| account.row.name);
        Ok(json!({"name": name, "biz": biz_of(bizuin), "bizuin": bizuin}))
    };
    let moved_from: Vec<Value> = row.moved_from.iter().map(|from| other(*from)).collect::<Result<_, _>>()?;
    Ok(json!({
        "name": row.name, "biz": row.biz, "bizuin": row.bizuin, "account_id": row.account_id, "alias": row.alias,
        "place": row.place, "former_names": row.former_names, "articles": account.articles,
        "first_seen": row.first_seen, "last_seen": account.last_seen,
        "moved_to": row.moved_to.map(other).transpose()?, "moved_from": moved_from,
    }))
}

/// A table for people; tabs between the columns where nobody looks.
fn table(context: &mut Context<'_>, reader: &Reader, accounts: &[Account]) -> anyhow::Result<()> {
    if accounts.is_empty() && context.out_is_terminal {
        writeln!(context.out, "no WeChat account is known yet")?;
    }
    for account in accounts {
        let row = &account.row;
        let name = row.name.as_deref().unwrap_or("(name unknown)");
        let id = row.alias.as_deref().or(row.account_id.as_deref()).unwrap_or_default();
        let place = row.place.as_deref().unwrap_or_default();
        let (articles, seen) = (account.articles.to_string(), account.last_seen.format("%Y-%m-%d").to_string());
        let moved = match row.moved_to {
            Some(to) => {
                let name = reader.account(to)?.and_then(|account| account.row.name);
                format!("moved to {}", name.unwrap_or_else(|| biz_of(to)))
            }
            None => String::new(),
        };
        if context.out_is_terminal {
            let (name, id, place, moved) = (fit(name, 24), fit(id, 20), fit(place, 8), plain(&moved));
            writeln!(context.out, "{name}  {articles:>6}  {seen}  {place}  {id}  {}  {moved}", row.biz)?;
        } else {
            let line = [name, &articles, &seen, place, id, &row.biz, &moved].map(plain);
            writeln!(context.out, "{}", line.join("\t"))?;
        }
    }
    Ok(())
}
