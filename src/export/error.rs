//! What can go wrong with an export, by what a caller can do about it.

use crate::archive::ArchiveError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why nothing was exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The archive could not be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Something stands there already.
    #[error("{path} exists already; name another with -o, or give --force to replace it")]
    Exists {
        /// The target.
        path: PathBuf,
    },
    /// The target would become part of what is exported.
    #[error("{path} is in the archive's own folder {archive}; choose a place outside it with -o")]
    InArchive {
        /// The target.
        path: PathBuf,
        /// The archive's folder.
        archive: PathBuf,
    },
    /// The same of a backup.
    #[error("{path} is in the archive's own folder {archive}; give [backup] in crawl.toml a path outside it")]
    BackupInArchive {
        /// Where backups are to go.
        path: PathBuf,
        /// The archive's folder.
        archive: PathBuf,
    },
    /// The folder holds something else.
    #[error("{path} {why}; name a new or empty folder, or one that an earlier export has written")]
    Foreign {
        /// The target.
        path: PathBuf,
        /// What speaks against it.
        why: String,
    },
    /// Another export writes there just now.
    #[error("{path} is being written by another export just now; wait for it, or name another folder with -o")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("could not {doing} {path}: {source}")]
    File {
        /// What was attempted.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever was to read it went away, or its device is full.
    #[error("could not write the export: {0}; make room, or name another place with -o")]
    Write(#[source] io::Error),
    /// It was asked to stop.
    #[error("stopped before its end; nothing was kept of it")]
    Stopped,
}

impl ExportError {
    /// Makes a `map_err` closure for a file operation.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}
