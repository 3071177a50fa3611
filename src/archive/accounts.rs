//! Visit record → the rows of WeChat accounts: who published an article, and who moved where. A part of `apply`.

use crate::archive::error::ArchiveError;
use crate::archive::index::keys;
use crate::archive::index::ledger::Ledger;
use crate::archive::index::rows::AccountRow;
use crate::model::url::biz_of;
use crate::model::{Document, Key, Rel, VisitRecord};

/// Lays what a visit says of accounts over the index. `key` is the article it is about.
pub(crate) fn learn(ledger: &mut Ledger<'_>, record: &VisitRecord, key: &Key) -> Result<(), ArchiveError> {
    let Some(bizuin) = key.bizuin() else { return Ok(()) };
    if let Some(document) = &record.snapshot {
        describe(ledger, record, bizuin, document)?;
    }
    // The page that was left names the new account by its link; or the page that was reached so says whose it is.
    if let Some(to) = record.moved_to.as_ref().and_then(|url| Key::of_url(url).bizuin()) {
        moved(ledger, record, bizuin, to)?;
    }
    if record.target.rel == Rel::Migrated
        && let Some(via) = &record.target.via
        && let Some(from) = ledger.key_of(via)?.bizuin()
    {
        moved(ledger, record, from, bizuin)?;
    }
    Ok(())
}

/// What an article says of its account.
fn describe(
    ledger: &mut Ledger<'_>,
    record: &VisitRecord,
    bizuin: u64,
    document: &Document,
) -> Result<(), ArchiveError> {
    let mut row = row_of(ledger, record, bizuin)?;
    // A page of another host may show an account, not speak for it: it fills gaps.
    let is_own = record.final_url.as_ref().unwrap_or(&record.target.url).is_wechat();
    let set = |held: &mut Option<String>, said: Option<&String>| {
        if said.is_some() && (is_own || held.is_none()) {
            *held = said.cloned();
        }
    };
    let before = row.name.clone();
    set(&mut row.name, document.account.as_ref());
    if let Some(before) = before.filter(|before| row.name.as_ref() != Some(before)) {
        row.former_names.retain(|name| *name != before && row.name.as_ref() != Some(name));
        row.former_names.push(before);
    }
    if let Some(facts) = &document.wechat {
        set(&mut row.account_id, facts.account_id.as_ref());
        set(&mut row.alias, facts.alias.as_ref());
        set(&mut row.place, facts.account_place.as_ref().or(document.place.as_ref()));
    }
    ledger.put(keys::account(bizuin), &row);
    Ok(())
}

/// Notes on both accounts that one moved to the other.
fn moved(ledger: &mut Ledger<'_>, record: &VisitRecord, from: u64, to: u64) -> Result<(), ArchiveError> {
    if from == to {
        return Ok(());
    }
    let mut old = row_of(ledger, record, from)?;
    old.moved_to = Some(to);
    ledger.put(keys::account(from), &old);
    let mut new = row_of(ledger, record, to)?;
    if !new.moved_from.contains(&from) {
        new.moved_from.push(from);
    }
    ledger.put(keys::account(to), &new);
    Ok(())
}

fn row_of(ledger: &Ledger<'_>, record: &VisitRecord, bizuin: u64) -> Result<AccountRow, ArchiveError> {
    let held = ledger.get(&keys::account(bizuin))?;
    Ok(held.unwrap_or_else(|| AccountRow {
        bizuin,
        biz: biz_of(bizuin),
        name: None,
        former_names: Vec::new(),
        account_id: None,
        alias: None,
        place: None,
        first_seen: record.at,
        moved_to: None,
        moved_from: Vec::new(),
    }))
}
