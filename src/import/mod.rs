//! Files of the world → the archive: today, the tarball that `export` writes, as a file, a pipe or an unpacked folder.
//!
//! Everything that is imported is hostile until it is checked: limits come first, nothing is put into place before all of it is
//! right, and what was wrong leaves nothing behind. What this room must not do: fetch, or merge into what is held.

mod error;
mod manifest;
mod name;
mod roll;
mod source;
mod tar;
mod tarball;
mod unpacked;
mod whole;

pub use error::ImportError;
pub use source::Source;

use std::path::Path;

/// A kind of file that can be imported.
pub trait Importer: Sync {
    /// Its name, for messages.
    fn name(&self) -> &'static str;

    /// Whether this source is of its kind, by how it begins.
    fn claims(&self, source: &Source<'_>) -> bool;

    /// Brings the source into the archive in this folder: all of it, or nothing.
    ///
    /// # Errors
    /// When the source is not what it should be, the folder cannot take it, or the watch ends it.
    fn import(&self, source: Source<'_>, root: &Path, watch: &mut dyn Watch) -> Result<Imported, ImportError>;
}

/// All importers; the first that claims a source gets it.
pub static IMPORTERS: &[&dyn Importer] = &[&unpacked::Unpacked, &tarball::Tarball];

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Files read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Who is told how an import goes.
pub trait Watch {
    /// Says how far it is; `false` ends it. Called for every file, and every few hundred kilobytes.
    fn go_on(&mut self, done: Done) -> bool;
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The archive's id.
    pub archive: String,
    /// Articles, as the source says.
    pub articles: u64,
    /// Segments restored.
    pub segments: u64,
    /// Files checked, and their bytes.
    pub done: Done,
    /// What was in the folder before and was set aside, one sentence each.
    pub notes: Vec<String>,
}

/// Imports a source into the archive in this folder, which must hold no visits yet. Opening it afterwards makes its index.
///
/// # Errors
/// When nobody claims the source; and as [`Importer::import`].
pub fn import(source: Source<'_>, root: &Path, watch: &mut dyn Watch) -> Result<Imported, ImportError> {
    let importer = IMPORTERS.iter().find(|importer| importer.claims(&source));
    let importer = importer.ok_or_else(|| ImportError::Unknown { source_name: source.name().to_owned() })?;
    importer.import(source, root, watch)
}
