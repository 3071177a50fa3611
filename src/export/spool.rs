//! Bytes that have to wait: in memory while they are few, in a nameless file where they are many.

use crate::export::ExportError;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes wait in memory: judgement; some four thousand lines of a manifest.
const IN_MEMORY: usize = 1 << 20;

/// Bytes that are written first and read back once.
pub(crate) struct Spool {
    folders: Vec<PathBuf>,
    memory: Vec<u8>,
    file: Option<File>,
    length: u64,
}

impl Spool {
    /// An empty spool that goes to the first of these folders that takes it.
    pub(crate) fn new(folders: &[PathBuf]) -> Self {
        Self { folders: folders.to_vec(), memory: Vec::new(), file: None, length: 0 }
    }

    /// How many bytes it holds.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Adds bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.length += bytes.len() as u64;
        self.memory.extend_from_slice(bytes);
        if self.memory.len() > IN_MEMORY { self.spill() } else { Ok(()) }
    }

    /// Everything, from the beginning.
    pub(crate) fn read(mut self) -> Result<Box<dyn Read>, ExportError> {
        if self.file.is_none() {
            return Ok(Box::new(io::Cursor::new(self.memory)));
        }
        self.spill()?;
        let Some(mut file) = self.file else { return Ok(Box::new(io::empty())) };
        file.seek(SeekFrom::Start(0)).map_err(ExportError::Write)?;
        Ok(Box::new(io::BufReader::new(file)))
    }

    fn spill(&mut self) -> Result<(), ExportError> {
        if self.file.is_none() {
            self.file = Some(nameless(&self.folders)?);
        }
        if let Some(file) = &mut self.file {
            let folder = self.folders.first().cloned().unwrap_or_default();
            file.write_all(&self.memory).map_err(ExportError::file("write a temporary file in", &folder))?;
        }
        self.memory.clear();
        Ok(())
    }
}

/// A file without a name: it is gone with the process, however that ends.
fn nameless(folders: &[PathBuf]) -> Result<File, ExportError> {
    let mut failed = None;
    for folder in folders {
        let path = folder.join(format!(".wangqi-{}.spool", unique()));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        match file.and_then(|file| std::fs::remove_file(&path).map(|()| file)) {
            Ok(file) => return Ok(file),
            Err(error) => failed = Some(ExportError::file("create a temporary file", &path)(error)),
        }
    }
    let none = io::Error::other("there is no folder for temporary files");
    Err(failed.unwrap_or(ExportError::Write(none)))
}

/// A name that no other export has: process and number.
pub(crate) fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
