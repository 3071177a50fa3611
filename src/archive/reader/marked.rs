//! What is pending, and the states that are safely lost with the index.

use super::Reader;
use crate::archive::error::ArchiveError;
use crate::archive::index::keys;
use crate::archive::state::{Attempt, Backup};
use crate::model::{FeedName, Target, Time};

impl Reader {
    /// The pending targets, each with what was tried in vain.
    pub fn pending(&self) -> impl Iterator<Item = Result<(Target, Option<Attempt>), ArchiveError>> + '_ {
        self.rows::<Target>(&[keys::FRONTIER]).map(|row| {
            let (_, target) = row?;
            let attempt = self.attempt(&target)?;
            Ok((target, attempt))
        })
    }

    /// What was tried in vain for a target.
    ///
    /// # Errors
    /// When the index fails.
    pub fn attempt(&self, target: &Target) -> Result<Option<Attempt>, ArchiveError> {
        self.ledger().get(&keys::mark("attempt", &target.identity()))
    }

    /// Whether a target is still pending.
    ///
    /// # Errors
    /// When the index fails.
    pub fn is_pending(&self, target: &Target) -> Result<bool, ArchiveError> {
        Ok(self.index.get(&keys::frontier(target))?.is_some())
    }

    /// Whether a target was visited with a result that stands.
    ///
    /// # Errors
    /// When the index fails.
    pub fn was_visited(&self, target: &Target) -> Result<bool, ArchiveError> {
        self.ledger().was_visited(target)
    }

    /// The paces that were kept, by site.
    pub fn paces(&self) -> impl Iterator<Item = Result<(String, String), ArchiveError>> + '_ {
        let prefix = keys::mark("pace", "");
        let length = prefix.len();
        let rows = self.rows::<String>(&prefix);
        rows.map(move |row| row.map(|(key, pace)| (String::from_utf8_lossy(&key[length..]).into_owned(), pace)))
    }

    /// The scheduled run of a feed that was begun last.
    ///
    /// # Errors
    /// When the index fails.
    pub fn last_run(&self, feed: &FeedName) -> Result<Option<Time>, ArchiveError> {
        self.ledger().get(&keys::mark("run", &feed.0))
    }

    /// What is known of a feed that is polled by rule, as it was kept.
    ///
    /// # Errors
    /// When the index fails.
    pub fn poll(&self, feed: &FeedName) -> Result<Option<String>, ArchiveError> {
        self.ledger().get(&keys::mark("poll", &feed.0))
    }

    /// What is known of all feeds that were ever polled by rule.
    pub fn polls(&self) -> impl Iterator<Item = Result<(FeedName, String), ArchiveError>> + '_ {
        let prefix = keys::mark("poll", "");
        let length = prefix.len();
        let rows = self.rows::<String>(&prefix);
        rows.map(move |row| row.map(|(key, poll)| (FeedName(String::from_utf8_lossy(&key[length..]).into()), poll)))
    }

    /// How the last backup went.
    ///
    /// # Errors
    /// When the index fails.
    pub fn last_backup(&self) -> Result<Option<Backup>, ArchiveError> {
        self.ledger().get(&keys::mark("backup", ""))
    }
}
