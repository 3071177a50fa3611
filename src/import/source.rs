//! What is to be imported: a stream of bytes with its beginning looked at, or a folder.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How much of a stream is looked at: one block of a tar.
const BEGINNING: usize = 512;

/// Something to import.
pub struct Source<'a> {
    name: String,
    pub(crate) what: What<'a>,
}

pub(crate) enum What<'a> {
    /// Its first bytes, and what follows them.
    Stream(Vec<u8>, Box<dyn Read + 'a>),
    /// A folder.
    Folder(PathBuf),
}

impl<'a> Source<'a> {
    /// A stream; its first bytes are read at once. `name` is what messages call it.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn stream(name: String, mut from: Box<dyn Read + 'a>) -> io::Result<Self> {
        let mut beginning = Vec::new();
        from.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning)?;
        Ok(Self { name, what: What::Stream(beginning, from) })
    }

    /// A folder.
    pub fn folder(path: &Path) -> Self {
        Self { name: path.display().to_string(), what: What::Folder(path.to_owned()) }
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }
}
