//! Segments and index: nothing is lost, everything is found.
//!
//! [`Archive::commit`] and [`Archive::mark`] are the only write verbs; everyone else gets a [`Reader`]. What it must not do:
//! fetch, or understand a page. The layout on disk is docs/format.md.

mod accounts;
mod apply;
mod error;
mod files;
mod index;
mod judge;
mod reach;
mod reader;
mod recover;
mod restore;
mod segments;
mod sightings;
mod state;
mod strays;
mod upgrade;
mod verify;
mod version;
mod warc;
mod writer;

pub use accounts::Account;
pub use error::ArchiveError;
pub use index::rows::{AccountRow, ArticleRow, FeedRow, PayloadRow, SeenRow, SnapshotRow, UrlRow};
pub use reach::{Reach, Segment};
pub use reader::{HeldCapture, Reader, Stats};
pub use recover::{Progress, Recovery};
pub use restore::{Restore, StagedSegment, exists};
pub use segments::Locator;
pub use state::{Attempt, Backup, State};
pub use verify::{Report, verify};
pub use version::{FORMAT, Version};

use crate::model::{Key, Outcome, Target, Visit};
use index::Index;
use segments::OpenSegments;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use writer::{Ask, Writer};

/// How many asks may wait for the writer: bounds the payloads held in memory while it syncs.
const WAITING: usize = 64;

/// An open archive. One process holds it at a time; dropping it waits for the writer to finish what it was given.
pub struct Archive {
    asks: Option<SyncSender<Ask>>,
    writer: Option<JoinHandle<()>>,
    reader: Reader,
    recovery: Recovery,
    /// Held for as long as the archive is: the operating system lets go of it however the process ends.
    lock: File,
}

/// What came of a commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Committed {
    /// The visit's number.
    pub seq: u64,
    /// What the visit came to.
    pub outcome: Outcome,
    /// The article it is about.
    pub key: Option<Key>,
    /// The article that was asked for, where another one came.
    pub asked: Option<Key>,
    /// The targets that are pending because of it.
    pub follow: Vec<Target>,
    /// The targets that were pending before, by the better URLs that it showed.
    pub improved: Vec<Target>,
}

impl Archive {
    /// Opens the archive in this folder, or begins one; takes the lock, upgrades an older format behind a backup, cuts torn tails,
    /// and brings the index up to the segments.
    ///
    /// # Errors
    /// When another process holds it, the folder holds something else or a newer archive, or the file system refuses.
    pub fn open(root: &Path, progress: Progress<'_>) -> Result<Self, ArchiveError> {
        version::refuse_foreign(root)?;
        files::make_folder(root)?;
        let lock = lock(root)?;
        let mut notes = Vec::new();
        restore::settle(root, &mut notes)?;
        let version = version::read_or_begin(root, &mut notes)?;
        files::make_folder(&root.join("segments"))?;
        let version = upgrade::upgrade(root, version, &mut notes)?;
        strays::set_aside(root, &version, &mut notes)?;
        let archive_id = version.id;
        let (index, high_water, mut recovery) = recover::recover(root, progress)?;
        recovery.notes.splice(0..0, notes);
        let index: Arc<dyn Index> = Arc::new(index);
        let segments = OpenSegments::new(&root.join("segments"), &archive_id)?;
        let reader = Reader::new(root, Arc::clone(&index));
        let next_seq = high_water.next_seq;
        let stopped = reader.stopped_by_writer();
        let writer = Writer { index, segments, archive_id, next_seq, high_water, stopped };
        let (asks, waiting) = sync_channel(WAITING);
        let writer = std::thread::Builder::new()
            .name("archive-writer".into())
            .spawn(move || writer.run(&waiting))
            .map_err(ArchiveError::file("start the writer for", root))?;
        Ok(Self { asks: Some(asks), writer: Some(writer), reader, recovery, lock })
    }

    /// Keeps a visit: whole, or not at all. Blocks until it would survive a loss of power.
    ///
    /// # Errors
    /// When it could not be kept; then nothing of it was.
    pub fn commit(&self, visit: Visit) -> Result<Committed, ArchiveError> {
        let (reply, answer) = sync_channel(1);
        self.ask(Ask::Commit(Box::new(visit), reply))?;
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Keeps a state that is safely lost (docs/format.md lists them). Blocks until it is visible.
    ///
    /// # Errors
    /// When the index refuses.
    pub fn mark(&self, state: State) -> Result<(), ArchiveError> {
        let (reply, answer) = sync_channel(1);
        self.ask(Ask::Mark(Box::new(state), reply))?;
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// A read-only view, cheap to clone.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// What opening had to do.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    fn ask(&self, ask: Ask) -> Result<(), ArchiveError> {
        let asks = self.asks.as_ref().ok_or_else(gone)?;
        asks.send(ask).map_err(|_| gone())
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        drop(self.asks.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has acknowledged nothing it did not keep.
            let _ = writer.join();
        }
        // Said, not left to the closing of the file: a process that is just being started may hold a copy of it for a moment.
        let _ = self.lock.unlock();
    }
}

/// Removes the index of the archive in this folder, so that the next opening makes it anew.
///
/// # Errors
/// When another process holds the archive, or the file system refuses.
pub fn forget_index(root: &Path) -> Result<(), ArchiveError> {
    // A newer archive's index is not ours to remove.
    version::read(root)?;
    let _lock = lock(root)?;
    restore::settle(root, &mut Vec::new())?;
    let folder = root.join("index");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(ArchiveError::file("remove", &folder))?;
        files::sync_folder(root)?;
    }
    Ok(())
}

fn gone() -> ArchiveError {
    ArchiveError::Stopped { why: "its writer has ended".into(), full: false }
}

fn lock(root: &Path) -> Result<File, ArchiveError> {
    use std::os::unix::fs::MetadataExt as _;
    let path = root.join("lock");
    loop {
        let lock = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let mut lock = lock.map_err(ArchiveError::file("open", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let mut written = String::new();
                let _ = (&lock).take(32).read_to_string(&mut written);
                return Err(ArchiveError::Locked { path: root.to_owned(), holder: written.trim().parse().ok() });
            }
            Err(fs::TryLockError::Error(error)) => return Err(ArchiveError::file("lock", &path)(error)),
        }
        // An import that came to nothing removes the file it made: the lock counts only under its name.
        let (held, named) = (lock.metadata(), fs::metadata(&path));
        let held = held.map_err(ArchiveError::file("read", &path))?;
        if named.is_ok_and(|named| (named.dev(), named.ino()) == (held.dev(), held.ino())) {
            // For whoever finds it locked. It is the lock that counts: a full disk is no reason not to hold it.
            let _ = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
            return Ok(lock);
        }
    }
}
