//! The file itself: read under a lock, and replaced whole or not at all.
//!
//! Two that change one crawl.toml at the same time do it one after the other, and nobody reads half a file, unless the folder does
//! not let us replace it.

use crate::config::{Config, ConfigError};
use std::collections::BTreeMap;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thiserror::Error;

/// The longest crawl.toml that is read: judgement; a thousand feeds have under 200 kB.
const LARGEST: u64 = 4 << 20;

/// How long another that changes the file is waited for (judgement: a change takes milliseconds).
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the lock is asked for.
const GLANCE: Duration = Duration::from_millis(20);

/// Why crawl.toml could not be read or changed.
#[derive(Debug, Error)]
pub enum FileError {
    /// It is there already.
    #[error("{} exists already; it is left as it is", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It is a folder, a device, a pipe.
    #[error("{} is {what}, not a file; name a crawl.toml with --config", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
        /// What it is, with its article.
        what: &'static str,
    },
    /// Somebody else changes it, and does not come to an end.
    #[error("another program has {} locked; try again when it is done", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file system refuses.
    #[error("cannot {what} {}: {why}", path.display())]
    Io {
        /// What was attempted.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// What was to be written is no configuration; nothing was written.
    #[error("nothing was written, for the result would be wrong:\n{0}")]
    Result(
        /// What would be wrong with it.
        ConfigError,
    ),
    /// What was to be written could not be read again; nothing was written.
    #[error("nothing was written, for {} would have {bytes} bytes, and no more than {LARGEST} are read; watch fewer feeds", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How large it would be.
        bytes: u64,
    },
    /// What was to be written says something else than was meant; nothing was written.
    #[error("cannot change {} without changing something else in it; change it by hand", path.display())]
    Strange {
        /// The file.
        path: PathBuf,
    },
}

impl FileError {
    /// Whether the file could not be read or written, and nothing is wrong with what it says.
    pub fn is_io(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |why| Self::Io { what, path, why }
    }
}

/// How a file was written.
#[derive(Debug)]
pub enum Written {
    /// Replaced whole.
    Replaced,
    /// Written where it stood, since the folder does not let it be replaced: what the system said.
    InPlace(io::Error),
}

/// Writes a file that is not there yet, making its folder where that is not there either.
///
/// # Errors
/// When there is one, or the file system refuses.
pub fn create(path: &Path, text: &str) -> Result<(), FileError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(FileError::io("make the folder", folder))?;
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o644).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(FileError::Exists { path: path.to_owned() });
        }
        Err(error) => return Err(FileError::io("write", path)(error)),
    };
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|why| {
        // Half a file would stand in the way of the next try.
        let _ = fs::remove_file(path);
        FileError::io("write", path)(why)
    })?;
    sync_folder(path);
    Ok(())
}

/// Says what a path leads to, where that is no file.
///
/// # Errors
/// When it is not there, or is a folder, a device, a pipe.
pub fn must_be_file(path: &Path) -> Result<Metadata, FileError> {
    use std::os::unix::fs::FileTypeExt as _;
    let metadata = fs::metadata(path).map_err(FileError::io("read", path))?;
    let kind = metadata.file_type();
    let what = match kind {
        _ if kind.is_file() => return Ok(metadata),
        _ if kind.is_dir() => "a folder",
        _ if kind.is_fifo() => "a pipe",
        _ if kind.is_socket() => "a socket",
        _ => "a device",
    };
    Err(FileError::NotAFile { path: path.to_owned(), what })
}

/// Opens a plain file of a sensible size. A pipe or a device might never end, or never begin.
///
/// # Errors
/// When it is something else, or cannot be opened; without its path, which the caller names.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let about = fs::metadata(path)?;
    if !about.is_file() {
        let what = if about.is_dir() { "it is a folder" } else { "it is a pipe or a device" };
        return Err(io::Error::other(format!("{what}, not a file")));
    }
    if about.len() > LARGEST {
        return Err(too_large());
    }
    File::open(path)
}

/// What a file says, where that is of a sensible size.
///
/// # Errors
/// When it is larger, or cannot be read.
pub(crate) fn bytes_of(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST { Err(too_large()) } else { Ok(bytes) }
}

fn too_large() -> io::Error {
    let limit = LARGEST >> 20;
    io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {limit} MiB, far more than any crawl.toml"))
}

/// A crawl.toml that is being changed: locked for as long as this lives.
#[derive(Debug)]
pub struct Held {
    /// Where it is, links followed.
    path: PathBuf,
    file: File,
    text: String,
}

impl Held {
    /// Locks a file and reads it.
    ///
    /// # Errors
    /// When it is no file, may not be written, or is locked for longer than some seconds.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        must_be_file(path)?;
        let until = Instant::now() + PATIENCE;
        loop {
            let real = fs::canonicalize(path).map_err(FileError::io("find", path))?;
            let mut file =
                OpenOptions::new().read(true).write(true).open(&real).map_err(FileError::io("write", path))?;
            if !lock(&file, until).map_err(FileError::io("lock", path))? {
                return Err(FileError::Locked { path: path.to_owned() });
            }
            // Whoever had the lock may have put another file in its place.
            let now = must_be_file(&real)?;
            let ours = file.metadata().map_err(FileError::io("read", path))?;
            if (now.dev(), now.ino()) == (ours.dev(), ours.ino()) {
                if ours.len() > LARGEST {
                    return Err(FileError::io("read", path)(too_large()));
                }
                let mut text = String::new();
                let taken = (&mut file).take(LARGEST).read_to_string(&mut text);
                taken.map_err(FileError::io("read", path))?;
                return Ok(Self { path: real, file, text });
            }
        }
    }

    /// What the file says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Replaces the file by one that says this, with the same mode and owner. Nothing is written where the result would not load, or
    /// would say anything else than before but for its feeds.
    ///
    /// # Errors
    /// When it would not, or the file system refuses; then the file is as it was.
    pub fn write(
        &mut self,
        text: &str,
        folder: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Written, FileError> {
        if text.len() as u64 > LARGEST {
            return Err(FileError::TooLarge { path: self.path.clone(), bytes: text.len() as u64 });
        }
        let read = |text: &str| Config::parse(text, Some(&self.path), folder, environment).map_err(FileError::Result);
        let (old, new) = (read(&self.text)?, read(text)?);
        if old.without_feeds().show() != new.without_feeds().show() {
            return Err(FileError::Strange { path: self.path.clone() });
        }
        match self.replace(text) {
            Ok(()) => Ok(Written::Replaced),
            Err(Trouble::Folder(why)) => {
                self.overwrite(text).map_err(FileError::io("write", &self.path))?;
                Ok(Written::InPlace(why))
            }
            Err(Trouble::Other(why)) => Err(FileError::io("write", &self.path)(why)),
        }
    }

    /// A new file beside the old one, then in its place.
    fn replace(&self, text: &str) -> Result<(), Trouble> {
        let old = self.file.metadata().map_err(Trouble::Other)?;
        let (mut file, path) = new_beside(&self.path).map_err(Trouble::of)?;
        let replaced = (|| {
            let new = file.metadata().map_err(Trouble::Other)?;
            if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
                // Where we may not give it to its owner it keeps him by being written where it stands.
                fchown(&file, Some(old.uid()), Some(old.gid())).map_err(Trouble::Folder)?;
            }
            file.set_permissions(old.permissions()).map_err(Trouble::Folder)?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(Trouble::Other)?;
            fs::rename(&path, &self.path).map_err(Trouble::of)
        })();
        if replaced.is_err() {
            let _ = fs::remove_file(&path);
        } else {
            sync_folder(&self.path);
        }
        replaced
    }

    /// The file where it stands: only from where it differs, and back as it was where that fails.
    fn overwrite(&mut self, text: &str) -> io::Result<()> {
        let same = self.text.bytes().zip(text.bytes()).take_while(|(one, other)| one == other).count();
        let put = |file: &mut File, text: &str| {
            file.seek(SeekFrom::Start(same as u64))?;
            file.write_all(&text.as_bytes()[same..])?;
            file.set_len(text.len() as u64)?;
            file.sync_all()
        };
        put(&mut self.file, text).inspect_err(|_| drop(put(&mut self.file, &self.text)))
    }
}

/// Why a file could not be replaced.
enum Trouble {
    /// The folder does not let it be, the file may.
    Folder(io::Error),
    /// Anything else.
    Other(io::Error),
}

impl Trouble {
    /// A mounted file cannot be renamed over, and a folder may be closed to us.
    fn of(why: io::Error) -> Self {
        match why.kind() {
            ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::ResourceBusy
            | ErrorKind::CrossesDevices => Self::Folder(why),
            _ => Self::Other(why),
        }
    }
}

/// Waits for the lock; false where it was not to be had in time.
fn lock(file: &File, until: Instant) -> io::Result<bool> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return Ok(false),
            Err(TryLockError::WouldBlock) => std::thread::sleep(GLANCE),
            // A file system without locks: then there is no waiting for each other.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// A new file of ours in the same folder; what a process that was killed left there is in nobody's way.
fn new_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..100 {
        let new = path.with_file_name(format!(".{name}.{}-{number}.new", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, new)),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "no free name beside it"))
}

/// The name of a file outlives a loss of power once its folder is synced; where that cannot be done nothing else is lost.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent() {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}
