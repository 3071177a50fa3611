//! A tar stream being written: POSIX ustar, a pax header where a path is not ASCII or too long, nothing that depends on when or where.

use crate::export::ExportError;
use crate::export::spool::Spool;
use crate::model::tarball::Listed;
use sha2::{Digest as _, Sha256};
use std::io::{Read, Write};
use std::path::PathBuf;
use tar::{EntryType, Header};

/// How many bytes are copied at once.
const CHUNK: usize = 256 * 1024;

/// How far an export is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Articles written.
    pub articles: u64,
    /// Files written.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Articles and files that could not be read, each with a warning.
    pub unread: u64,
}

/// Who is told how an export goes.
pub trait Watch {
    /// Says how far it is; `false` ends it. Called for every file, and every few hundred kilobytes.
    fn go_on(&mut self, done: Done) -> bool;

    /// Says what could not be read, in a sentence.
    fn warn(&mut self, sentence: &str);
}

/// A tar stream, and the list of what is in it.
pub(crate) struct Parcel<'a> {
    out: &'a mut dyn Write,
    watch: &'a mut dyn Watch,
    list: Spool,
    buffer: Vec<u8>,
    /// What was written so far.
    pub(crate) done: Done,
}

impl<'a> Parcel<'a> {
    /// An empty stream; its list waits in one of these folders.
    pub(crate) fn new(out: &'a mut dyn Write, watch: &'a mut dyn Watch, spool: &[PathBuf]) -> Self {
        Self { out, watch, list: Spool::new(spool), buffer: vec![0; CHUNK], done: Done::default() }
    }

    /// Says that something could not be read.
    pub(crate) fn warn(&mut self, sentence: &str) {
        self.done.unread += 1;
        self.watch.warn(sentence);
    }

    /// Says that it goes on, where nothing is written for a while.
    pub(crate) fn go_on(&mut self) -> Result<(), ExportError> {
        if self.watch.go_on(self.done) { Ok(()) } else { Err(ExportError::Stopped) }
    }

    /// Writes a small file.
    pub(crate) fn add(&mut self, path: &str, mtime: i64, bytes: &[u8]) -> Result<(), ExportError> {
        self.stream(path, mtime, bytes.len() as u64, bytes).map(|_| ())
    }

    /// Writes a file of a known size from where it is read, and lists it; answers with its digest in hexadecimal.
    pub(crate) fn stream(&mut self, path: &str, mtime: i64, size: u64, from: impl Read) -> Result<String, ExportError> {
        let sha256 = self.entry(path, mtime, size, from)?;
        let line = serde_json::to_string(&Listed { path: path.to_owned(), size, sha256: sha256.clone() });
        let line = line.expect("a listed file is plain data");
        self.list.add(line.as_bytes())?;
        self.list.add(b"\n")?;
        self.done.files += 1;
        self.go_on()?;
        Ok(sha256)
    }

    /// Ends the stream with the list as its last file, behind a first line.
    pub(crate) fn close_with_list(mut self, path: &str, head: &str) -> Result<Done, ExportError> {
        let list = std::mem::replace(&mut self.list, Spool::new(&[]));
        let size = head.len() as u64 + 1 + list.length();
        let done = self.done;
        let head = format!("{head}\n");
        self.entry(path, 0, size, head.as_bytes().chain(list.read()?))?;
        self.close()?;
        Ok(done)
    }

    /// Ends the stream.
    pub(crate) fn close(self) -> Result<Done, ExportError> {
        // Two empty blocks (POSIX.1-2017, pax, ustar interchange format).
        self.out.write_all(&[0; 1024]).map_err(ExportError::Write)?;
        Ok(self.done)
    }

    /// Writes header, bytes and padding; answers with the digest in hexadecimal.
    fn entry(&mut self, path: &str, mtime: i64, size: u64, mut from: impl Read) -> Result<String, ExportError> {
        self.header(path, mtime, size)?;
        let mut digest = Sha256::new();
        let mut left = size;
        while left > 0 {
            let most = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
            let Some(chunk) = self.buffer.get_mut(..most) else { break };
            let read = from.read(chunk).map_err(ExportError::file("read", path.as_ref()))?;
            if read == 0 {
                let why = std::io::Error::other(format!("it ended {left} bytes early"));
                return Err(ExportError::file("read", path.as_ref())(why));
            }
            digest.update(&chunk[..read]);
            self.out.write_all(&chunk[..read]).map_err(ExportError::Write)?;
            left -= read as u64;
            self.done.bytes += read as u64;
            self.go_on()?;
        }
        self.pad(size)?;
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn header(&mut self, path: &str, mtime: i64, size: u64) -> Result<(), ExportError> {
        let mut header = plain_header(EntryType::Regular, mtime, size);
        if !path.is_ascii() || header.set_path(path).is_err() {
            // The whole path as UTF-8 stands in a pax header: ustar says nothing of how its bytes are to be read.
            let record = pax_record("path", path);
            let mut pax = plain_header(EntryType::XHeader, 0, record.len() as u64);
            set_name(&mut pax, "PaxHeaders/path");
            self.raw(&pax, record.as_bytes())?;
            set_name(&mut header, path);
        }
        header.set_cksum();
        self.out.write_all(header.as_bytes()).map_err(ExportError::Write)
    }

    fn raw(&mut self, header: &Header, bytes: &[u8]) -> Result<(), ExportError> {
        self.out.write_all(header.as_bytes()).map_err(ExportError::Write)?;
        self.out.write_all(bytes).map_err(ExportError::Write)?;
        self.pad(bytes.len() as u64)
    }

    fn pad(&mut self, size: u64) -> Result<(), ExportError> {
        let over = (size % 512) as usize;
        if over == 0 {
            return Ok(());
        }
        self.out.write_all(&[0; 512][over..]).map_err(ExportError::Write)
    }
}

fn plain_header(kind: EntryType, mtime: i64, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(mtime).unwrap_or_default());
    header.set_size(size);
    header
}

/// Writes a name into the header's own field, cut to what it takes: what counts is in the pax header.
fn set_name(header: &mut Header, name: &str) {
    let end = (0..=name.len().min(99)).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    let field = &mut header.as_old_mut().name;
    field.fill(0);
    field[..end].copy_from_slice(&name.as_bytes()[..end]);
    header.set_cksum();
}

/// A pax record: its own length in decimal counts itself.
fn pax_record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + rest.to_string().len();
    if length.to_string().len() > rest.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}
