//! Entries → a restored archive: every file is hashed on its way, segments are staged, and the manifest at the end decides.

use crate::archive::{ArchiveError, Restore, Version};
use crate::import::error::{ImportError, Trouble};
use crate::import::manifest::{Manifest, Unread};
use crate::import::name::{below_top, shown};
use crate::import::roll::{Met, Roll};
use crate::import::{Done, Imported, Watch};
use crate::model::tarball::{ARTICLES, Head, Listed, MANIFEST, MANIFEST_VERSION, README, SEGMENTS, VERSION};
use sha2::{Digest as _, Sha256};
use std::io::{self, BufReader, Read};
use std::path::Path;

/// How many bytes are read at once.
const CHUNK: usize = 256 * 1024;

/// The largest file for people: 1 GiB, judgement; a page with its pictures in it is larger than any record.
const LARGEST_ARTICLE_FILE: u64 = 1 << 30;

/// The largest README and VERSION: judgement; ours have a few kilobytes.
const LARGEST_TEXT: u64 = 64 * 1024;

/// A file as it is announced.
pub(crate) struct Entry {
    /// Its path, the top folder included, as written: not looked at yet.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) size: u64,
}

/// The files of a tarball, one after the other.
pub(crate) trait Entries {
    /// The next file; `None` at the end. The one before has been read to its end.
    fn next(&mut self) -> Result<Option<Entry>, Trouble>;

    /// Reads on in the current file; 0 at its end.
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Trouble>;
}

/// Restores the archive that these entries hold, into a folder without visits.
pub(crate) fn restore(
    source_name: &str,
    entries: &mut dyn Entries,
    root: &Path,
    watch: &mut dyn Watch,
) -> Result<Imported, ImportError> {
    let restore = Restore::begin(root)?;
    let roll = Roll::new(restore.scratch())?;
    let (version, folder) = (None, None);
    let mut taking = Taking {
        source_name,
        entries,
        restore,
        roll,
        watch,
        version,
        folder,
        articles: 0,
        segments: 0,
        done: Done::default(),
        buffer: vec![0; CHUNK],
    };
    let head = taking.all()?;
    let Taking { restore, segments, done, watch, .. } = taking;
    let notes = match restore.complete(head.articles, &mut || watch.go_on(done)) {
        Ok(Some(notes)) => notes,
        Ok(None) => return Err(ImportError::Stopped),
        Err(ArchiveError::Unfit { why }) => return Err(Trouble::Wrong(why).of(source_name)),
        Err(error) => return Err(error.into()),
    };
    Ok(Imported { archive: head.archive, articles: head.articles, segments, done, notes })
}

struct Taking<'a> {
    source_name: &'a str,
    entries: &'a mut dyn Entries,
    restore: Restore,
    roll: Roll,
    watch: &'a mut dyn Watch,
    version: Option<Version>,
    /// The article's folder that the last file stood in, and how many there were.
    folder: Option<String>,
    articles: u64,
    segments: u64,
    done: Done,
    buffer: Vec<u8>,
}

impl Taking<'_> {
    /// Takes every entry; the manifest's head where all of it is right.
    fn all(&mut self) -> Result<Head, ImportError> {
        let mut head = None;
        while let Some(entry) = self.entries.next().map_err(|trouble| trouble.of(self.source_name))? {
            let path = entry.path.clone();
            let rest = below_top(&path).map_err(|why| self.wrong(why))?;
            if head.is_some() {
                return Err(self.wrong(format!("{} stands behind its manifest", shown(rest.as_bytes()))));
            }
            if rest == MANIFEST {
                head = Some(self.manifest()?);
            } else {
                self.roll.begin(&path)?.map_err(|why| self.wrong(why))?;
                self.take(&entry, rest)?;
            }
        }
        head.ok_or_else(|| self.wrong(format!("it ends without {MANIFEST}, and is not all there")))
    }

    /// Takes one file, and notes what it was.
    fn take(&mut self, entry: &Entry, rest: &str) -> Result<(), ImportError> {
        let sha256 = match rest.split_once('/') {
            None if rest == README => self.text(entry)?.1,
            None if rest == VERSION => self.version(entry)?,
            Some((folder, name)) if folder == SEGMENTS => self.segment(entry, name)?,
            Some((folder, name)) if folder == ARTICLES => self.article(entry, name)?,
            _ => return Err(self.wrong(format!("{} is no part of a tarball", shown(rest.as_bytes())))),
        };
        self.done.files += 1;
        self.roll.add(&Listed { path: entry.path.clone(), size: entry.size, sha256 })
    }

    fn version(&mut self, entry: &Entry) -> Result<String, ImportError> {
        let (bytes, sha256) = self.text(entry)?;
        match self.restore.version(&bytes, Path::new(self.source_name)) {
            Ok(version) => self.version = Some(version),
            Err(ArchiveError::Version { why, .. }) => return Err(self.wrong(format!("its {VERSION} file {why}"))),
            Err(error) => return Err(error.into()),
        }
        Ok(sha256)
    }

    fn segment(&mut self, entry: &Entry, name: &str) -> Result<String, ImportError> {
        let mut staged = match self.restore.segment(name, entry.size) {
            Ok(staged) => staged,
            Err(ArchiveError::Unfit { why }) => return Err(self.wrong(why)),
            Err(error) => return Err(error.into()),
        };
        let sha256 = self.each_chunk(entry, &mut |chunk| staged.write(chunk))?;
        staged.close()?;
        self.segments += 1;
        Ok(sha256)
    }

    /// A file for people: it has to be right, and is not kept, because it follows from the segments.
    fn article(&mut self, entry: &Entry, name: &str) -> Result<String, ImportError> {
        if self.version.is_none() {
            return Err(ImportError::NotWhole { source_name: self.source_name.to_owned() });
        }
        self.at_most(entry, LARGEST_ARTICLE_FILE)?;
        let folder = name.split_once('/').map(|(folder, _)| folder);
        if folder.is_none() || folder != self.folder.as_deref() {
            self.folder = folder.map(str::to_owned);
            self.articles += 1;
        }
        self.each_chunk(entry, &mut |_| Ok(()))
    }

    fn text(&mut self, entry: &Entry) -> Result<(Vec<u8>, String), ImportError> {
        self.at_most(entry, LARGEST_TEXT)?;
        let mut bytes = Vec::new();
        let sha256 = self.each_chunk(entry, &mut |chunk| {
            bytes.extend_from_slice(chunk);
            Ok(())
        })?;
        Ok((bytes, sha256))
    }

    fn at_most(&self, entry: &Entry, most: u64) -> Result<(), ImportError> {
        if entry.size <= most {
            return Ok(());
        }
        Err(self.wrong(format!("{} claims {} bytes", shown(entry.path.as_bytes()), entry.size)))
    }

    /// Reads a file to its end; its digest in hexadecimal.
    fn each_chunk(
        &mut self,
        entry: &Entry,
        keep: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<String, ImportError> {
        let mut digest = Sha256::new();
        let mut size = 0;
        loop {
            if !self.watch.go_on(self.done) {
                return Err(ImportError::Stopped);
            }
            let read = self.entries.read(&mut self.buffer).map_err(|trouble| trouble.of(self.source_name))?;
            if read == 0 {
                break;
            }
            size += read as u64;
            self.done.bytes += read as u64;
            digest.update(&self.buffer[..read]);
            keep(&self.buffer[..read])?;
        }
        if size != entry.size {
            return Err(self.wrong(format!("{} changed while it was read", shown(entry.path.as_bytes()))));
        }
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Compares what was met with what the manifest lists, line by line.
    fn manifest(&mut self) -> Result<Head, ImportError> {
        let met = self.roll.met()?;
        let mut current = Current { entries: &mut *self.entries, trouble: None };
        let read = compare(met, BufReader::with_capacity(CHUNK, &mut current));
        let head = match (current.trouble.take(), read) {
            (None, Ok(head)) => head,
            (None, Err(Mismatch::Import(error))) => return Err(error),
            (None, Err(Mismatch::Unread(Unread::Newer(found)))) => {
                let source_name = self.source_name.to_owned();
                return Err(ImportError::Newer { source_name, found, known: MANIFEST_VERSION });
            }
            (Some(trouble), _) | (None, Err(Mismatch::Unread(Unread::Trouble(trouble)))) => {
                return Err(trouble.of(self.source_name));
            }
        };
        if !head.segments {
            return Err(ImportError::NotWhole { source_name: self.source_name.to_owned() });
        }
        let Some(version) = &self.version else { return Err(self.wrong(format!("{VERSION} is missing"))) };
        let Done { files, bytes } = self.done;
        let is_so = [
            ("archive", head.archive == version.id),
            ("format", head.format == version.format),
            ("articles", head.articles == self.articles),
            ("files", head.files == files),
            ("bytes", head.bytes == bytes),
            ("selection", head.selection.is_none()),
        ];
        match is_so.iter().find(|(_, is_so)| !is_so) {
            Some((name, _)) => Err(self.wrong(format!("what {MANIFEST} says of its {name} is not so"))),
            None => Ok(head),
        }
    }

    fn wrong(&self, why: String) -> ImportError {
        Trouble::Wrong(why).of(self.source_name)
    }
}

enum Mismatch {
    Import(ImportError),
    Unread(Unread),
}

fn compare(mut met: Met, manifest: impl io::BufRead) -> Result<Head, Mismatch> {
    let wrong = |why: String| Err(Mismatch::Unread(Unread::Trouble(Trouble::Wrong(why))));
    let mut manifest = Manifest::new(manifest);
    let head = manifest.head().map_err(Mismatch::Unread)?;
    loop {
        let listed = manifest.next().map_err(|trouble| Mismatch::Unread(Unread::Trouble(trouble)))?;
        let met = met.next().transpose().map_err(Mismatch::Import)?;
        match (listed, met) {
            (None, None) => return Ok(head),
            (Some(listed), None) => return wrong(format!("{} is missing", shown(listed.path.as_bytes()))),
            (None, Some(met)) => return wrong(format!("{} is not in its manifest", shown(met.path.as_bytes()))),
            (Some(listed), Some(met)) if listed.path != met.path => {
                let (met, listed) = (shown(met.path.as_bytes()), shown(listed.path.as_bytes()));
                return wrong(format!("{met} stands where its manifest has {listed}"));
            }
            (Some(listed), Some(met)) if listed != met => {
                let name = shown(met.path.as_bytes());
                let why = if listed.size == met.size {
                    "its SHA-256 is another".into()
                } else {
                    format!("it has {} bytes, and the manifest says {}", met.size, listed.size)
                };
                return wrong(format!("{name} was changed: {why}"));
            }
            _ => {}
        }
    }
}

/// The current entry as a reader; what went wrong is kept whole beside it.
struct Current<'a> {
    entries: &'a mut dyn Entries,
    trouble: Option<Trouble>,
}

impl Read for Current<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.entries.read(into).map_err(|trouble| {
            self.trouble = Some(trouble);
            io::Error::other("the manifest cannot be read on")
        })
    }
}
