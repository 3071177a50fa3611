//! The index: an ordered key-value store beside the segments. Derived: delete it, and the segments give it back.
//!
//! Everything above this seam is written once; an engine is one file here that passes the contract in `contract.rs`.

#[cfg(test)]
mod contract;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod memory;
pub(crate) mod rows;
pub(crate) mod sled;

pub(crate) use self::sled::is_of_engine;

use crate::archive::error::ArchiveError;
use std::collections::BTreeMap;

/// Writes that become visible together: a key with its new value, or with `None` to remove it.
pub(crate) type Batch = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Keys and values of a range, in key order.
pub(crate) type Rows<'a> = Box<dyn Iterator<Item = Result<(Vec<u8>, Vec<u8>), ArchiveError>> + 'a>;

/// An ordered key-value store.
pub(crate) trait Index: Send + Sync {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ArchiveError>;

    /// All rows whose key begins with `prefix`, in key order; `after` starts behind that key.
    fn scan(&self, prefix: &[u8], after: Option<&[u8]>) -> Rows<'_>;

    /// Applies a batch: all of it becomes visible, or none.
    fn commit(&self, batch: &Batch) -> Result<(), ArchiveError>;

    /// Makes everything committed so far survive a loss of power, as far as the engine can promise it.
    fn flush(&self) -> Result<(), ArchiveError>;
}
