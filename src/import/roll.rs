//! The files met so far, to be compared with the manifest that comes last. On disk, in order; in memory only what tells that a
//! path came before.

use crate::import::error::ImportError;
use crate::import::name::shown;
use crate::model::tarball::Listed;
use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader, BufWriter, Lines, Write as _};
use std::path::PathBuf;

/// The most files of one source: judgement; a million articles with twenty files each. Bounds memory: eight bytes and some for each.
const MOST: usize = 20_000_000;

/// The files met so far.
pub(crate) struct Roll {
    path: PathBuf,
    file: BufWriter<File>,
    met: HashSet<u64>,
    keyed: RandomState,
}

impl Roll {
    /// None yet; they are kept in a file at this path.
    pub(crate) fn new(path: PathBuf) -> Result<Self, ImportError> {
        let file = BufWriter::new(File::create(&path).map_err(ImportError::Scratch)?);
        Ok(Self { path, file, met: HashSet::new(), keyed: RandomState::new() })
    }

    /// Notes that a file of this path begins.
    ///
    /// # Errors
    /// With a clause when it came before, or there are too many.
    pub(crate) fn begin(&mut self, path: &str) -> Result<Result<(), String>, ImportError> {
        if self.met.len() >= MOST {
            return Ok(Err(format!("it holds more than {MOST} files")));
        }
        // Two paths may have one hash: what is on disk decides.
        if !self.met.insert(self.keyed.hash_one(path)) && self.has(path)? {
            return Ok(Err(format!("{} is in it twice", shown(path.as_bytes()))));
        }
        Ok(Ok(()))
    }

    /// Notes what was met. The path has no line breaks.
    pub(crate) fn add(&mut self, met: &Listed) -> Result<(), ImportError> {
        writeln!(self.file, "{} {} {}", met.size, met.sha256, met.path).map_err(ImportError::Scratch)
    }

    /// What was met, in order.
    pub(crate) fn met(&mut self) -> Result<Met, ImportError> {
        self.file.flush().map_err(ImportError::Scratch)?;
        Ok(Met(BufReader::new(File::open(&self.path).map_err(ImportError::Scratch)?).lines()))
    }

    fn has(&mut self, path: &str) -> Result<bool, ImportError> {
        for met in self.met()? {
            if met?.path == path {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What was met, read back.
pub(crate) struct Met(Lines<BufReader<File>>);

impl Iterator for Met {
    type Item = Result<Listed, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = match self.0.next()? {
            Ok(line) => line,
            Err(error) => return Some(Err(ImportError::Scratch(error))),
        };
        let mut parts = line.splitn(3, ' ');
        let size = parts.next().and_then(|size| size.parse().ok()).unwrap_or_default();
        let sha256 = parts.next().unwrap_or_default().to_owned();
        Some(Ok(Listed { path: parts.next().unwrap_or_default().to_owned(), size, sha256 }))
    }
}
