//! What can go wrong with an archive, by what a caller can do about it.

use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the archive could not do what was asked.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// Another process holds the archive.
    #[error("the archive {path} is in use by {}; wait for it, or stop it", by(*.holder))]
    Locked {
        /// The archive's folder.
        path: PathBuf,
        /// The holder's process number, where it left one.
        holder: Option<u32>,
    },
    /// The folder holds something else.
    #[error("{path} is not a wangqi archive: {why}; give an empty or new folder as [archive] path")]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What speaks against it.
        why: String,
    },
    /// The archive was written by a newer program.
    #[error("the archive {path} has format {found}, and this program reads up to format {known}; use a newer wangqi")]
    Newer {
        /// The archive's folder.
        path: PathBuf,
        /// The format found.
        found: u64,
        /// The newest format known.
        known: u32,
    },
    /// The VERSION file is not what it should be.
    #[error(
        "the VERSION file of the archive {path} {why}; put it back from a backup, or move it away: it is made anew from the segments"
    )]
    Version {
        /// The archive's folder.
        path: PathBuf,
        /// What is wrong with it: `is not text`.
        why: String,
    },
    /// VERSION names another archive than every segment does.
    #[error(
        "VERSION of {path} names archive {id}, and all its segments belong to {other}; put their VERSION file back, or move this one \
         away: it is made anew from the segments"
    )]
    Differs {
        /// The archive's folder.
        path: PathBuf,
        /// The id in VERSION.
        id: String,
        /// What the segments say.
        other: String,
    },
    /// There is not enough room for a copy that has to be made first.
    #[error(
        "the archive {path} has no room to {doing}: that takes {needed} bytes, and {free} are free; nothing was changed"
    )]
    NoRoom {
        /// The archive's folder.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// There are visits where an archive was to be restored.
    #[error(
        "the archive {path} holds visits already, and nothing is merged into it; import into a new folder: name another one as \
         [archive] path, or move this one away"
    )]
    Occupied {
        /// The archive's folder.
        path: PathBuf,
    },
    /// What was to be restored is no whole archive.
    #[error("what was to be imported is no whole archive: {why}; nothing was kept of it")]
    Unfit {
        /// What is wrong.
        why: String,
    },
    /// The file system refused.
    #[error("could not {doing} {path}: {why}{}", advice(.why))]
    File {
        /// What was attempted: `read`, `write to`, `sync`.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The index failed; it is derived and can be made anew.
    #[error("the index in {path} failed: {why}; `wangqi reindex` makes it anew from the segments")]
    Index {
        /// The index's folder.
        path: PathBuf,
        /// What the engine said.
        why: String,
    },
    /// Bytes in a segment are not what was written.
    #[error("segment {segment} is damaged at byte {offset}: {why}; `wangqi verify` lists all damage")]
    Damaged {
        /// The segment's file name.
        segment: String,
        /// Where.
        offset: u64,
        /// What is wrong.
        why: String,
    },
    /// A segment that the index knows is not there.
    #[error(
        "segment {segment} is missing, and {bytes} bytes with it: put it back into segments/ (a backup may have it), \
         or go on without by `wangqi reindex`"
    )]
    Missing {
        /// The segment's number.
        segment: String,
        /// How much it held.
        bytes: u64,
    },
    /// The writer stopped after a failed write or sync, and acknowledges nothing more.
    #[error("the archive stopped writing: {why}; nothing unacknowledged was kept as if it were — start wangqi again")]
    Stopped {
        /// The first failure.
        why: String,
        /// Whether it was a disk without room.
        full: bool,
    },
}

impl ArchiveError {
    /// Makes a `map_err` closure for a file operation.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |why| Self::File { doing, path, why }
    }

    /// Whether the disk has no room: it may have some later, and nothing else is wrong.
    pub fn is_full(&self) -> bool {
        match self {
            Self::File { why, .. } => is_full(why),
            Self::Stopped { full, .. } => *full,
            _ => false,
        }
    }

    /// Whether making the index anew may help.
    pub fn is_index(&self) -> bool {
        matches!(self, Self::Index { .. })
    }
}

fn by(holder: Option<u32>) -> String {
    holder.map_or("another wangqi process".to_owned(), |id| format!("another wangqi, process {id}"))
}

fn is_full(why: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(why.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// What a person can do about a file system that refuses.
fn advice(why: &std::io::Error) -> &'static str {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match why.kind() {
        PermissionDenied => "; the user that runs wangqi has to own the archive's folder and what is in it",
        ReadOnlyFilesystem => "; the archive needs a folder that can be written to",
        _ if is_full(why) => "; make room: what was kept before is safe",
        _ if is_starved(why) => "; raise the limit (`ulimit -n`), or stop what holds so many",
        _ => "",
    }
}

/// Whether the system is out of something that has nothing to do with the files: descriptors, memory.
pub(crate) fn is_starved(why: &std::io::Error) -> bool {
    /// ENOMEM, ENFILE and EMFILE, which have no kind of their own in every version of the standard library (Linux, `errno.h`).
    const STARVED: [i32; 3] = [12, 23, 24];
    why.raw_os_error().is_some_and(|code| STARVED.contains(&code))
}
