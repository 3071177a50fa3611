//! An index in memory: what `verify` rebuilds to compare with, and what tests use.

use crate::archive::error::ArchiveError;
use crate::archive::index::{Batch, Index, Rows};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A sorted map behind a lock.
#[derive(Default)]
pub(crate) struct MemoryIndex(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl MemoryIndex {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Vec<u8>>> {
        // No code panics while it holds the lock, so a poisoned map is a whole one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index for MemoryIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ArchiveError> {
        Ok(self.rows().get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>) -> Rows<'_> {
        let rows = self.rows();
        let from = after.unwrap_or(prefix).to_vec();
        let range = rows.range(from..);
        let range = range.skip_while(|(key, _)| after.is_some_and(|after| key.as_slice() <= after));
        let found = range.take_while(|(key, _)| key.starts_with(prefix));
        let found: Vec<_> = found.map(|(key, value)| Ok((key.clone(), value.clone()))).collect();
        Box::new(found.into_iter())
    }

    fn commit(&self, batch: &Batch) -> Result<(), ArchiveError> {
        let mut rows = self.rows();
        for (key, value) in batch {
            match value {
                Some(value) => rows.insert(key.clone(), value.clone()),
                None => rows.remove(key),
            };
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), ArchiveError> {
        Ok(())
    }
}
