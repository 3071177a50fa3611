//! Why an import came to nothing, by what its owner can do about it.

use crate::archive::ArchiveError;
use thiserror::Error;

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// Nobody knows what it is.
    #[error(
        "{source_name} is nothing that can be imported: it begins neither as a tar nor as a zstd stream, and is no folder with a \
         wangqi-archive in it"
    )]
    Unknown {
        /// What was given.
        source_name: String,
    },
    /// It is not as it was written.
    #[error("{source_name} is not as it was written: {why}; nothing was imported — take another copy, or export again")]
    Wrong {
        /// What was given.
        source_name: String,
        /// Which file, and what is wrong with it.
        why: String,
    },
    /// It holds articles for reading, and no segments.
    #[error(
        "{source_name} has no segments in it, only articles for reading (made with --readable or of a selection), and cannot \
         restore an archive; import one that `wangqi export` made without them"
    )]
    NotWhole {
        /// What was given.
        source_name: String,
    },
    /// A newer program wrote it.
    #[error(
        "{source_name} has manifest version {found}, and this program reads up to version {known}; use a newer wangqi"
    )]
    Newer {
        /// What was given.
        source_name: String,
        /// The version found.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// It could not be read.
    #[error("could not read {source_name}: {error}; nothing was imported")]
    Read {
        /// What was given.
        source_name: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// What was to be remembered meanwhile could not be.
    #[error("could not write beside the archive: {0}; nothing was imported")]
    Scratch(std::io::Error),
    /// The watch ended it.
    #[error("stopped; nothing was imported")]
    Stopped,
    /// The archive refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// What an entry's reader comes upon; the source's name is added where it is known.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It is not as it was written; a clause: which file, and what is wrong.
    Wrong(String),
    /// It could not be read.
    Read(std::io::Error),
}

impl Trouble {
    /// The error about this source.
    pub(crate) fn of(self, source_name: &str) -> ImportError {
        let source_name = source_name.to_owned();
        match self {
            Self::Wrong(why) => ImportError::Wrong { source_name, why },
            Self::Read(error) => ImportError::Read { source_name, error },
        }
    }
}
