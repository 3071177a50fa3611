//! Visit record → the rows of WeChat accounts: who published an article, and who moved where, a part of `apply`; and how they are read.

use crate::archive::error::ArchiveError;
use crate::archive::index::keys;
use crate::archive::index::ledger::Ledger;
use crate::archive::index::rows::{AccountRow, ArticleRow};
use crate::archive::reader::Reader;
use crate::model::url::biz_of;
use crate::model::{Document, Key, Rel, Time, VisitRecord};

/// A WeChat account, with what follows from its articles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What its pages say of it.
    pub row: AccountRow,
    /// How many of its articles are held with a snapshot.
    pub articles: u64,
    /// When one of its articles was last looked at.
    pub last_seen: Time,
}

impl Reader {
    /// The WeChat accounts, in the order of their numbers.
    pub fn accounts(&self) -> impl Iterator<Item = Result<Account, ArchiveError>> + '_ {
        let rows = self.rows::<AccountRow>(&[keys::ACCOUNT]);
        rows.map(|row| row.and_then(|(_, row)| self.account_of(row)))
    }

    /// A WeChat account, by the number that its `__biz` encodes.
    ///
    /// # Errors
    /// When the index fails.
    pub fn account(&self, bizuin: u64) -> Result<Option<Account>, ArchiveError> {
        let row = self.ledger().get(&keys::account(bizuin))?;
        row.map(|row| self.account_of(row)).transpose()
    }

    fn account_of(&self, row: AccountRow) -> Result<Account, ArchiveError> {
        let (mut articles, mut last_seen) = (0, row.first_seen);
        for article in self.rows::<ArticleRow>(&keys::articles_of(row.bizuin)) {
            let (key, article) = article?;
            articles += u64::from(!article.snapshots.is_empty());
            let key = Key::from_written(String::from_utf8_lossy(&key[1..]));
            last_seen = self.seen(&key)?.map_or(last_seen, |seen| seen.at.max(last_seen));
        }
        Ok(Account { row, articles, last_seen })
    }
}

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
