//! Where an export goes: written beside its target under a name of its own, and moved there when it is whole.

use crate::export::ExportError;
use crate::export::spool::unique;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// A file that is being written. Dropped before it is kept, it is gone.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    /// The name it is written under; `None` where it is written straight: a pipe, a device.
    beside: Option<PathBuf>,
    file: File,
    force: bool,
}

impl Target {
    /// Begins a file at `path`; what stands there is replaced at the end, and only with `force`. Nothing is written into `archive`.
    ///
    /// # Errors
    /// When something stands there, the place is the archive's own, or the file system refuses.
    pub fn begin(path: &Path, archive: &Path, force: bool) -> Result<Self, ExportError> {
        let standing = fs::metadata(path).map(|standing| standing.file_type()).ok();
        if standing.is_some_and(|kind| kind.is_fifo() || kind.is_char_device() || kind.is_socket()) {
            let file = OpenOptions::new().write(true).open(path).map_err(ExportError::file("open", path))?;
            return Ok(Self { path: path.to_owned(), beside: None, file, force });
        }
        let folder = parent(path);
        if !folder.is_dir() {
            let why = io::Error::new(ErrorKind::NotFound, format!("there is no folder {}", folder.display()));
            return Err(ExportError::file("write", path)(why));
        }
        outside(path, folder, archive)?;
        let taken = fs::symlink_metadata(path).is_ok();
        if taken && (!force || standing.is_some_and(|kind| kind.is_dir())) {
            return Err(ExportError::Exists { path: path.to_owned() });
        }
        let beside = folder.join(format!(".wangqi-{}.partial", unique()));
        let file = OpenOptions::new().write(true).create_new(true).open(&beside);
        let file = file.map_err(ExportError::file("create a file beside", path))?;
        // By this others know that it is being written. Some file systems have no locks; they have no such others either.
        let _ = file.try_lock();
        Ok(Self { path: path.to_owned(), beside: Some(beside), file, force })
    }

    /// The name it is written under, to be removed by whoever ends the process in the middle.
    pub fn beside(&self) -> Option<&Path> {
        self.beside.as_deref()
    }

    /// The same as [`keep`](Self::keep), under another name in the same folder.
    pub(crate) fn keep_as(mut self, path: &Path) -> Result<(), ExportError> {
        path.clone_into(&mut self.path);
        self.keep()
    }

    /// Makes the file survive a loss of power, and gives it its name.
    ///
    /// # Errors
    /// When the file system refuses, or something has come to stand there; the file is gone then.
    pub fn keep(mut self) -> Result<(), ExportError> {
        let Some(beside) = &self.beside else {
            return self.file.flush().map_err(ExportError::file("write to", &self.path));
        };
        self.file.sync_all().map_err(ExportError::file("sync", &self.path))?;
        self.place(beside)?;
        self.beside = None;
        let folder = parent(&self.path);
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        // Some file systems cannot sync a folder; the file is there all the same.
        synced
            .or_else(|error| {
                if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) {
                    Ok(())
                } else {
                    Err(error)
                }
            })
            .map_err(ExportError::file("sync the folder of", &self.path))
    }

    fn place(&self, beside: &Path) -> Result<(), ExportError> {
        let failed = |error| ExportError::file("move into place", &self.path)(error);
        if self.force {
            return fs::rename(beside, &self.path).map_err(failed);
        }
        // A link is refused where a name is taken, a renaming is not.
        match fs::hard_link(beside, &self.path) {
            Ok(()) => fs::remove_file(beside).map_err(failed),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(ExportError::Exists { path: self.path.clone() })
            }
            // A file system without links.
            Err(_) if fs::symlink_metadata(&self.path).is_ok() => Err(ExportError::Exists { path: self.path.clone() }),
            Err(_) => fs::rename(beside, &self.path).map_err(failed),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}

/// Refuses a place within the archive's folder, by whatever way it is named.
pub(crate) fn outside(path: &Path, folder: &Path, archive: &Path) -> Result<(), ExportError> {
    let (Ok(real), Ok(root)) = (fs::canonicalize(folder), fs::canonicalize(archive)) else { return Ok(()) };
    if real.starts_with(&root) {
        return Err(ExportError::InArchive { path: path.to_owned(), archive: archive.to_owned() });
    }
    Ok(())
}

/// The folder a path is in.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
