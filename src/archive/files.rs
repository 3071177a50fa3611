//! The few file operations whose durability the archive's promises rest on.

use crate::archive::error::ArchiveError;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

/// What stays free of a file system when a copy of much is made: 16 MiB, judgement; the index and a log need room too.
pub(crate) const RESERVE: u64 = 16 << 20;

/// The bytes that may still be written to the file system of this path.
pub(crate) fn free_bytes(path: &Path) -> std::io::Result<u64> {
    let free = rustix::fs::statvfs(path)?;
    Ok(free.f_bavail.saturating_mul(free.f_frsize))
}

/// Opens a file for reading; a pipe under its name opens too, at once and with nothing to read.
pub(crate) fn open_without_waiting(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    File::options().read(true).custom_flags(flags).open(path)
}

/// Makes a folder's entries (new, renamed and removed names) survive a loss of power.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), ArchiveError> {
    let handle = File::open(folder).map_err(ArchiveError::file("open", folder))?;
    handle.sync_all().map_err(ArchiveError::file("sync", folder))
}

/// Makes a folder and its missing parents, each synced into its own parent.
pub(crate) fn make_folder(folder: &Path) -> Result<(), ArchiveError> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(ArchiveError::file("create", folder)(error))
        }
        _ => sync_folder(parent),
    }
}

/// Writes a small file so that it is there whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside).map_err(ArchiveError::file("create", &beside))?;
    file.write_all(bytes).map_err(ArchiveError::file("write to", &beside))?;
    file.sync_all().map_err(ArchiveError::file("sync", &beside))?;
    fs::rename(&beside, path).map_err(ArchiveError::file("rename into place", path))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Moves something aside under a name that is free, and says which.
pub(crate) fn move_aside(path: &Path, folder: &Path, name: &str) -> Result<std::path::PathBuf, ArchiveError> {
    make_folder(folder)?;
    let aside = free_name(folder, name);
    fs::rename(path, &aside).map_err(ArchiveError::file("move aside", path))?;
    sync_folder(folder)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    Ok(aside)
}

/// A path in the folder that nothing has yet: the name, then the name with a number.
pub(crate) fn free_name(folder: &Path, name: &str) -> std::path::PathBuf {
    let mut path = folder.join(name);
    let mut number = 1;
    while path.exists() {
        number += 1;
        path = folder.join(format!("{name}.{number}"));
    }
    path
}
