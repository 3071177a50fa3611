//! Reader → files for the world: the tarball, a folder of Markdown, and the backups that `run` writes.
//!
//! ```text
//! articles ─▶ exporter ─▶ parcel (tar) ─▶ target: a file, a pipe, the control socket ─▶ vault: a folder
//! ```
//!
//! Every exporter writes a tar stream: it can be piped, sent through the control socket, and unpacked into a folder, all by the same
//! bytes. The same archive and choice give the same bytes. What this room must not do: write the archive, or fetch.

mod article;
pub mod backup;
mod error;
mod held;
mod index;
mod kind;
mod markdown;
mod names;
mod page;
mod parcel;
mod shape;
mod spool;
mod tar;
mod target;
mod trailer;
pub mod vault;

pub use error::ExportError;
pub use parcel::{Done, Watch};
pub use shape::{canonical, page, past_issues, shape};
pub use target::Target;

use crate::archive::{ArchiveError, ArticleRow, Reach, Reader};
use crate::model::Key;
use std::io::Write;
use std::path::PathBuf;

/// A form in which an archive leaves.
pub trait Exporter: Sync {
    /// What `--format` calls it.
    fn name(&self) -> &'static str;

    /// Whether the tar stream is made to be unpacked into a folder that is kept up to date.
    fn is_folder(&self) -> bool;

    /// Writes the articles of this job, and says what it wrote.
    ///
    /// # Errors
    /// When the archive cannot be read or the bytes cannot be written; an article that cannot be read is a warning.
    fn export(&self, job: &Job<'_>, out: &mut dyn Write, watch: &mut dyn Watch) -> Result<Done, ExportError>;
}

/// All exporters, the default first.
pub static EXPORTERS: &[&dyn Exporter] = &[&tar::Tar, &markdown::Markdown];

/// What to export.
pub struct Job<'a> {
    /// The archive.
    pub reader: &'a Reader,
    /// How far it reaches: the one instant that everything agrees with.
    pub reach: Reach,
    /// The caller's choice, key by key.
    pub wanted: &'a dyn Fn(&Key, &ArticleRow) -> bool,
    /// What was chosen, for the manifest; `None` for everything.
    pub selection: Option<serde_json::Value>,
    /// Whether the segments are left out though everything was chosen.
    pub readable: bool,
    /// Whether the Markdown opens with YAML front matter.
    pub front_matter: bool,
    /// Whether the tarball is one zstd stream.
    pub zstd: bool,
    /// Folders for temporary files, the first that takes one.
    pub spool: Vec<PathBuf>,
}

impl<'a> Job<'a> {
    /// Everything that is held, as it stands now.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub fn new(reader: &'a Reader, spool: Vec<PathBuf>) -> Result<Self, ArchiveError> {
        let reach = reader.reach()?;
        let (selection, readable, front_matter, zstd) = (None, false, false, false);
        Ok(Self { reader, reach, wanted: &|_, _| true, selection, readable, front_matter, zstd, spool })
    }

    /// The articles to export, in the order of their keys, each as it stood at the job's instant.
    pub fn articles(&self) -> impl Iterator<Item = Result<(Key, ArticleRow), ArchiveError>> + '_ {
        let rows = self.reader.articles();
        rows.filter_map(|row| match row {
            Ok((key, row)) => self.chosen(&key, row).map(|row| Ok((key, row))),
            Err(error) => Some(Err(error)),
        })
    }

    /// The article as it stood at the job's instant, where it is to be exported.
    fn chosen(&self, key: &Key, mut row: ArticleRow) -> Option<ArticleRow> {
        row.snapshots.retain(|snapshot| self.reach.holds(snapshot.place));
        (!row.snapshots.is_empty() && (self.wanted)(key, &row)).then_some(row)
    }
}
