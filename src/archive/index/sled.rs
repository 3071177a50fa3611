//! sled 0.34.7 as the index: the only place that names it.
//!
//! Measured habits (our research, storage §1 and §4): `flush()` is `sync_file_range`, not a sync, so its file, its blobs and its
//! folders are synced here; garbage is collected only by its background flusher, so `flush_every_ms` stays on; large values
//! become unsynced files, so rows stay small. It can still be unopenable after a loss of power: then it is rebuilt.

use crate::archive::error::{ArchiveError, is_starved};
use crate::archive::files;
use crate::archive::index::{Batch, Index, Rows};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// sled's page cache, in bytes: judgement; it takes two to three times as much memory as it is given.
const CACHE_BYTES: u64 = 16 << 20;

/// How often sled's own flusher runs, in milliseconds: it is what reclaims space.
const FLUSHER_MS: u64 = 500;

/// The archive's lock is ours, so sled's own is held at most by what is just ending: for a moment, not worth a rebuild.
const LOCK_TRIES: u32 = 40;
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// An open sled database.
pub(crate) struct SledIndex {
    tree: sled::Db,
    folder: PathBuf,
}

impl SledIndex {
    /// Opens or creates the database in this folder. sled may panic on a damaged file; that too comes back as an error.
    pub(crate) fn open(folder: &Path) -> Result<Self, ArchiveError> {
        let config = sled::Config::new()
            .path(folder)
            .mode(sled::Mode::LowSpace)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSHER_MS));
        let mut tries = 0;
        loop {
            match guarded(folder, || Ok(config.open())) {
                Ok(Ok(tree)) => return Ok(Self { tree, folder: folder.to_owned() }),
                Ok(Err(error)) if is_locked(&error) && tries < LOCK_TRIES => tries += 1,
                Ok(Err(error)) => return Err(not_opened(folder, error)),
                Err(panicked) => return Err(panicked),
            }
            std::thread::sleep(LOCK_WAIT);
        }
    }

    fn sync_files(&self) -> Result<(), ArchiveError> {
        let db = self.folder.join("db");
        let file = File::open(&db).map_err(ArchiveError::file("open", &db))?;
        file.sync_all().map_err(ArchiveError::file("sync", &db))?;
        let blobs = self.folder.join("blobs");
        if let Ok(entries) = std::fs::read_dir(&blobs) {
            for path in entries.flatten().map(|entry| entry.path()) {
                // A blob may be collected between listing and opening it.
                if let Ok(file) = File::open(&path) {
                    file.sync_all().map_err(ArchiveError::file("sync", &path))?;
                }
            }
            files::sync_folder(&blobs)?;
        }
        files::sync_folder(&self.folder)
    }
}

impl Index for SledIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ArchiveError> {
        Ok(guarded(&self.folder, || self.tree.get(key))?.map(|value| value.to_vec()))
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>) -> Rows<'_> {
        let prefix = prefix.to_vec();
        let rows = match after {
            Some(after) => self.tree.range((std::ops::Bound::Excluded(after.to_vec()), std::ops::Bound::Unbounded)),
            None => self.tree.range(prefix.clone()..),
        };
        let rows = rows.map(|row| match row {
            Ok((key, value)) => Ok((key.to_vec(), value.to_vec())),
            Err(error) => Err(failed(&self.folder, error.to_string())),
        });
        Box::new(rows.take_while(move |row| row.as_ref().map_or(true, |(key, _)| key.starts_with(&prefix))))
    }

    fn commit(&self, batch: &Batch) -> Result<(), ArchiveError> {
        let mut writes = sled::Batch::default();
        for (key, value) in batch {
            match value {
                Some(value) => writes.insert(key.as_slice(), value.as_slice()),
                None => writes.remove(key.as_slice()),
            }
        }
        guarded(&self.folder, || self.tree.apply_batch(writes))
    }

    fn flush(&self) -> Result<(), ArchiveError> {
        guarded(&self.folder, || self.tree.flush())?;
        self.sync_files()
    }
}

fn is_locked(error: &sled::Error) -> bool {
    // sled has no variant for it, only this sentence.
    matches!(error, sled::Error::Io(why) if why.to_string().contains("could not acquire lock"))
}

/// What a failed opening means: a file system that refuses is no reason to make the index anew, anything else is.
fn not_opened(folder: &Path, error: sled::Error) -> ArchiveError {
    let is_locked = is_locked(&error);
    match error {
        sled::Error::Io(why) if is_locked || is_refusal(&why) => ArchiveError::file("open the index in", folder)(why),
        error => failed(folder, error.to_string()),
    }
}

/// Whether the system refused, whatever the files hold: another opening may fare better.
fn is_refusal(why: &std::io::Error) -> bool {
    use std::io::ErrorKind::{
        FileTooLarge, OutOfMemory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let refused = [FileTooLarge, OutOfMemory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull];
    refused.contains(&why.kind()) || is_starved(why)
}

fn guarded<T>(folder: &Path, work: impl FnOnce() -> sled::Result<T>) -> Result<T, ArchiveError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Err(sled::Error::Io(why))) if is_refusal(&why) => Err(ArchiveError::file("use the index in", folder)(why)),
        Ok(done) => done.map_err(|error| failed(folder, error.to_string())),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(failed(folder, text.unwrap_or_else(|| "it panicked".into())))
        }
    }
}

fn failed(folder: &Path, why: String) -> ArchiveError {
    ArchiveError::Index { path: folder.to_owned(), why }
}

/// Whether a file in an index's folder has a name that the engine gives (sled 0.34: `conf`, `db`, `blobs/`, `snap.` and a number).
pub(crate) fn is_of_engine(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    matches!(name, "conf" | "db" | "blobs") || name.strip_prefix("snap.").is_some_and(is_number)
}
