//! A tar stream of notes → a folder of them, changing only what changed. What its owner edited, and what is not ours, stays as it is.
//!
//! The folder's own file `.wangqi-export` remembers the digest of everything that was written here: a file that has it still is ours to
//! replace, any other is its owner's.

use crate::export::ExportError;
use crate::export::index::{self, INDEX};
use crate::export::spool::unique;
use crate::export::target::outside;
use crate::model::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, Read, Write};
use std::path::{Component, Path, PathBuf};
use thiserror::Error;

/// What remembers the digests: lines of `digest path`, the last one of a path counts.
const STATE: &str = ".wangqi-export";

/// The state file's first line.
const TITLE: &str = "wangqi export 1";

/// The longest line of the state file that is read.
const LONGEST_LINE: u64 = 4096;

/// A folder of notes.
pub struct Vault {
    folder: PathBuf,
    known: BTreeMap<String, String>,
    /// The state file, once anything is written: held under a lock, so that two exports do not write into one folder.
    journal: Option<File>,
    seen: BTreeSet<String>,
    report: Report,
}

/// What was done to the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files written or written anew.
    pub written: u64,
    /// Files that were as they ought to be.
    pub unchanged: u64,
    /// Notes that stood under an earlier title and were taken away.
    pub renamed: u64,
    /// Paths that were left alone: edited by their owner, or never ours.
    pub kept: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} files written, {} unchanged", self.written, self.unchanged)?;
        if self.renamed > 0 {
            write!(out, ", {} under a new name", self.renamed)?;
        }
        if !self.kept.is_empty() {
            write!(out, "; left alone, because they were edited or are not ours: {}", self.kept.join(", "))?;
        }
        Ok(())
    }
}

/// Why unpacking ended early.
#[derive(Debug, Error)]
pub enum Broken {
    /// The stream broke off; whoever wrote it knows why.
    #[error("the stream of notes broke off")]
    Stream,
    /// The folder could not be written.
    #[error(transparent)]
    Folder(#[from] ExportError),
}

impl Vault {
    /// Opens a folder that an earlier export wrote, or begins one where there is nothing. Nothing is written into `archive`.
    ///
    /// # Errors
    /// When it is no folder, holds other things only, is in the archive, or the file system refuses.
    pub fn open(folder: &Path, archive: &Path) -> Result<Self, ExportError> {
        let foreign = |why: &str| ExportError::Foreign { path: folder.to_owned(), why: why.to_owned() };
        if folder.exists() && !folder.is_dir() {
            return Err(foreign("is not a folder"));
        }
        // A folder in the archive is refused before it is made.
        let standing = folder.ancestors().find(|part| part.is_dir()).unwrap_or(Path::new("."));
        outside(folder, standing, archive)?;
        let state = folder.join(STATE);
        let is_known = fs::symlink_metadata(&state).is_ok_and(|file| file.is_file());
        if !is_known && fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(foreign("holds other things"));
        }
        let known = if is_known { read_state(&state)? } else { BTreeMap::new() };
        Ok(Self { folder: folder.to_owned(), known, journal: None, seen: BTreeSet::new(), report: Report::default() })
    }

    /// Makes the folder and takes it, before anything is written into it.
    fn begin(&mut self) -> Result<(), ExportError> {
        if self.journal.is_some() {
            return Ok(());
        }
        let state = self.folder.join(STATE);
        fs::create_dir_all(&self.folder).map_err(ExportError::file("create", &self.folder))?;
        let journal = OpenOptions::new().create(true).append(true).open(&state);
        let mut journal = journal.map_err(ExportError::file("write to", &state))?;
        if matches!(journal.try_lock(), Err(fs::TryLockError::WouldBlock)) {
            return Err(ExportError::Busy { path: self.folder.clone() });
        }
        // What a run that was killed left half written; nobody else writes here while the lock is ours.
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with(".wangqi-") && name.ends_with(".partial")) {
                let _ = fs::remove_file(entry.path());
            }
        }
        // A line that was cut short is ended here, and counts for nothing.
        let is_new = journal.metadata().map_or(0, |file| file.len()) == 0;
        let start = if is_new { format!("{TITLE}\n") } else { "\n".to_owned() };
        journal.write_all(start.as_bytes()).map_err(ExportError::file("write to", &state))?;
        self.journal = Some(journal);
        Ok(())
    }

    /// Unpacks the notes of a whole stream.
    ///
    /// # Errors
    /// When the stream breaks off, or the folder cannot be written; what was unpacked by then stays, and the next run goes on.
    pub fn unpack(mut self, stream: impl Read) -> Result<Report, Broken> {
        let mut tar = tar::Archive::new(stream);
        let mut chosen = None;
        for entry in tar.entries().map_err(|_| Broken::Stream)? {
            let mut entry = entry.map_err(|_| Broken::Stream)?;
            let name = entry.path().map_err(|_| Broken::Stream)?.into_owned();
            let Some(name) = inside(&name) else { return Err(Broken::Stream) };
            self.begin()?;
            if name == INDEX {
                let mut text = String::new();
                entry.read_to_string(&mut text).map_err(|_| Broken::Stream)?;
                chosen = Some(text);
                continue;
            }
            self.place(&name, &mut entry)?;
        }
        // Read to its very end: whoever writes it must not find nobody listening.
        io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(|_| Broken::Stream)?;
        if self.journal.is_some() {
            self.take_away_renamed()?;
            if let Some(chosen) = chosen {
                self.place_index(&chosen)?;
            }
            self.write_state()?;
        }
        Ok(self.report)
    }

    /// Lists every note of ours that is in the folder, whatever was chosen this time.
    fn place_index(&mut self, chosen: &str) -> Result<(), Broken> {
        // What stands there is read where we wrote it: an edited one stays as it is anyway.
        let path = self.folder.join(INDEX);
        let is_file = fs::symlink_metadata(&path).is_ok_and(|file| file.is_file());
        let is_ours = is_file && self.known.get(INDEX) == Some(&digest_of(&path)?);
        let standing = if is_ours { fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let is_note = |name: &&String| {
            let is_named = name.strip_suffix(".md").is_some() && !name.contains('/') && *name != INDEX;
            is_named && fs::symlink_metadata(self.folder.join(name)).is_ok_and(|file| file.is_file())
        };
        // A note that was chosen is listed also where a file of its owner's stands in its place.
        let seen = self.seen.iter().filter(|name| name.strip_suffix(".md").is_some() && !name.contains('/'));
        let names: BTreeSet<&String> = self.known.keys().filter(is_note).chain(seen).collect();
        let text = index::completed(names.into_iter(), &[chosen, &standing]);
        self.place(INDEX, &mut text.as_bytes())
    }

    /// Puts one file where it belongs, if that is ours to do.
    fn place(&mut self, name: &str, from: &mut dyn Read) -> Result<(), Broken> {
        let path = self.folder.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ExportError::file("create", folder))?;
        }
        let beside = Beside(self.folder.join(format!(".wangqi-{}.partial", unique())));
        let digest = copy(from, &beside.0)?;
        self.seen.insert(name.to_owned());
        match fs::symlink_metadata(&path) {
            Ok(standing) if standing.is_file() => {
                let found = digest_of(&path)?;
                if found == digest {
                    self.report.unchanged += 1;
                    return Ok(self.remember(name, &digest)?);
                }
                if self.known.get(name) != Some(&found) {
                    self.report.kept.push(name.to_owned());
                    return Ok(());
                }
            }
            // A link, a folder, a pipe: not ours, and not to be read.
            Ok(_) => {
                self.report.kept.push(name.to_owned());
                return Ok(());
            }
            Err(_) => {}
        }
        fs::rename(&beside.0, &path).map_err(ExportError::file("move into place", &path))?;
        self.report.written += 1;
        Ok(self.remember(name, &digest)?)
    }

    /// Notes what was written, before anything else is: the next run knows it for ours also where this one is interrupted.
    fn remember(&mut self, name: &str, digest: &str) -> Result<(), ExportError> {
        if self.known.get(name).is_some_and(|known| known == digest) {
            return Ok(());
        }
        let line = format!("{digest} {name}\n");
        if let Some(journal) = &mut self.journal {
            let state = self.folder.join(STATE);
            journal.write_all(line.as_bytes()).map_err(ExportError::file("write to", &state))?;
        }
        self.known.insert(name.to_owned(), digest.to_owned());
        Ok(())
    }

    /// Takes away notes whose article now has another title: the digest at the end of a name is the article.
    fn take_away_renamed(&mut self) -> Result<(), ExportError> {
        let tail = |name: &str| {
            name.strip_suffix(".md").and_then(|name| name.rsplit_once(' ')).map(|(_, tail)| tail.to_owned())
        };
        let tails: BTreeSet<String> = self.seen.iter().filter_map(|name| tail(name)).collect();
        let known: Vec<(String, String)> = self.known.clone().into_iter().collect();
        for (name, digest) in known {
            let is_renamed = !self.seen.contains(&name) && tail(&name).is_some_and(|tail| tails.contains(&tail));
            if !is_renamed {
                continue;
            }
            let path = self.folder.join(&name);
            let is_file = fs::symlink_metadata(&path).is_ok_and(|file| file.is_file());
            if is_file && digest_of(&path)? == digest {
                fs::remove_file(&path).map_err(ExportError::file("remove", &path))?;
                self.report.renamed += 1;
            } else if is_file {
                self.report.kept.push(name.clone());
            }
            self.known.remove(&name);
        }
        Ok(())
    }

    /// Writes the state anew, one line a file.
    fn write_state(&self) -> Result<(), ExportError> {
        let path = self.folder.join(STATE);
        let beside = Beside(self.folder.join(format!(".wangqi-{}.partial", unique())));
        let mut text = format!("{TITLE}\n");
        for (name, digest) in &self.known {
            text.push_str(&format!("{digest} {name}\n"));
        }
        let mut file = File::create_new(&beside.0).map_err(ExportError::file("create", &beside.0))?;
        file.write_all(text.as_bytes()).map_err(ExportError::file("write to", &beside.0))?;
        file.sync_all().map_err(ExportError::file("sync", &beside.0))?;
        fs::rename(&beside.0, &path).map_err(ExportError::file("move into place", &path))
    }
}

/// A file under a name of its own, removed unless it was moved.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A path of the stream as it may stand in the folder: plain names only, two deep at most, none hidden.
fn inside(path: &Path) -> Option<String> {
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => names.push(name.to_str().filter(|name| !name.starts_with('.'))?),
            _ => return None,
        }
    }
    (1..=2).contains(&names.len()).then(|| names.join("/"))
}

/// Copies a file of the stream, and gives its digest.
fn copy(from: &mut dyn Read, to: &Path) -> Result<String, Broken> {
    let mut file = File::create_new(to).map_err(ExportError::file("create", to))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).map_err(|_| Broken::Stream)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(ExportError::file("write to", to))?;
    }
    Ok(hex(&digest))
}

fn digest_of(path: &Path) -> Result<String, ExportError> {
    let mut file = File::open(path).map_err(ExportError::file("read", path))?;
    let mut digest = Sha256::new();
    io::copy(&mut file, &mut digest).map_err(ExportError::file("read", path))?;
    Ok(hex(&digest))
}

fn hex(digest: &Sha256) -> String {
    digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the state; a line that does not read counts for nothing, and its file is left alone.
fn read_state(path: &Path) -> Result<BTreeMap<String, String>, ExportError> {
    let failed = |error| ExportError::file("read", path)(error);
    let mut lines = io::BufReader::new(File::open(path).map_err(failed)?);
    let mut known = BTreeMap::new();
    loop {
        let mut line = Vec::new();
        let read = (&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(|error| ExportError::file("read", path)(error))? == 0 {
            return Ok(known);
        }
        let Ok(line) = String::from_utf8(line) else { continue };
        let Some((digest, name)) = line.strip_suffix('\n').and_then(|line| line.split_once(' ')) else { continue };
        if Digest::parse(digest).is_some() && inside(Path::new(name)).as_deref() == Some(name) {
            known.insert(name.to_owned(), digest.to_owned());
        }
    }
}
