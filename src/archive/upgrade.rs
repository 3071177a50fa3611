//! Format 1 → format 2: a backup, then a new VERSION. Segments stay as they are, byte for byte, and are never appended to again;
//! the next visit begins new ones.

use crate::archive::error::ArchiveError;
use crate::archive::files;
use crate::archive::segments::origin::{self, Origin};
use crate::archive::segments::{self, SegmentFile};
use crate::archive::version::{FORMAT, Version};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Where the backup lies, in `lost+found/`: itself an archive of format 1.
const BACKUP: &str = "before-format-2";

/// How a backup is made: so that a test can take away what a file system may lack.
struct Means {
    link: fn(&Path, &Path) -> io::Result<()>,
    free: fn(&Path) -> io::Result<u64>,
}

/// Upgrades the archive, and notes where its backup is. Cut short at any moment it is done again at the next opening.
///
/// # Errors
/// When the backup cannot be made: then the archive is as it was.
pub(crate) fn upgrade(root: &Path, version: Version, notes: &mut Vec<String>) -> Result<Version, ArchiveError> {
    upgrade_by(&Means { link: |from, to| fs::hard_link(from, to), free: files::free_bytes }, root, version, notes)
}

fn upgrade_by(means: &Means, root: &Path, version: Version, notes: &mut Vec<String>) -> Result<Version, ArchiveError> {
    if version.format >= FORMAT {
        return Ok(version);
    }
    let segments = segments::list(&root.join("segments"))?;
    let mut new = Version { format: FORMAT, ..version.clone() };
    for segment in &segments {
        // Format 1 read whatever lay there, so what lies there is a part of the archive.
        let origin = origin::of(segment)?;
        if matches!(origin, Origin::Unnamed(_)) && origin.is_of(&new, segment.number) == Some(false) {
            new.adopted = new.adopted.max(segment.number);
        }
    }
    if segments.is_empty() {
        new.write(root)?;
        return Ok(new);
    }
    let backup = back_up(means, root, &version, &segments)?;
    new.write(root)?;
    let backup = backup.display();
    notes.push(format!("the archive was upgraded from format 1 to format {FORMAT}; what it was before is in {backup}"));
    Ok(new)
}

/// Makes the backup: whole under its name, or not there.
fn back_up(means: &Means, root: &Path, version: &Version, segments: &[SegmentFile]) -> Result<PathBuf, ArchiveError> {
    let folder = root.join("lost+found");
    let backup = folder.join(BACKUP);
    if is_backup_of(&backup, version, segments) {
        return Ok(backup);
    }
    let new = folder.join(format!("{BACKUP}.new"));
    let made = fill(means, root, &new, version, segments);
    if made.is_err() {
        // What was begun takes room and is of no use. Where it cannot be removed, the next attempt does it.
        let _ = fs::remove_dir_all(&new);
        made?;
    }
    let backup = files::free_name(&folder, BACKUP);
    fs::rename(&new, &backup).map_err(ArchiveError::file("rename into place", &backup))?;
    files::sync_folder(&folder)?;
    Ok(backup)
}

/// Whether this is what an upgrade that was cut short has left: the same files, linked or as long.
fn is_backup_of(backup: &Path, version: &Version, segments: &[SegmentFile]) -> bool {
    let length = |path: &Path| fs::metadata(path).map(|file| file.len()).ok();
    let is_same = |segment: &SegmentFile| {
        let held = length(&backup.join("segments").join(segment.name()));
        held.is_some() && held == length(&segment.path)
    };
    fs::read(backup.join("VERSION")).is_ok_and(|text| text == version.text().as_bytes())
        && segments::list(&backup.join("segments")).is_ok_and(|held| held.len() == segments.len())
        && segments.iter().all(is_same)
}

fn fill(
    means: &Means,
    root: &Path,
    new: &Path,
    version: &Version,
    segments: &[SegmentFile],
) -> Result<(), ArchiveError> {
    if new.exists() {
        fs::remove_dir_all(new).map_err(ArchiveError::file("remove", new))?;
    }
    let folder = new.join("segments");
    files::make_folder(&folder)?;
    let mut unlinked = Vec::new();
    let mut bytes = 0;
    for segment in segments {
        // A link costs nothing and cannot be wrong: segments of format 1 are written to no more, and are cut only as a copy.
        // What is a symbolic link itself is copied: a link to a link may lead nowhere from here.
        if segment.path.is_symlink() || (means.link)(&segment.path, &folder.join(segment.name())).is_err() {
            bytes += fs::metadata(&segment.path).map_err(ArchiveError::file("read", &segment.path))?.len();
            unlinked.push(segment);
        }
    }
    if !unlinked.is_empty() {
        let free = (means.free)(new).map_err(ArchiveError::file("ask for the free space of", new))?;
        if free < bytes + files::RESERVE {
            let doing = "upgrade it to format 2, which copies its segments first";
            return Err(ArchiveError::NoRoom { path: root.to_owned(), doing, needed: bytes + files::RESERVE, free });
        }
    }
    for segment in unlinked {
        let copy = folder.join(segment.name());
        fs::copy(&segment.path, &copy).map_err(ArchiveError::file("copy", &segment.path))?;
        let file = File::open(&copy).map_err(ArchiveError::file("open", &copy))?;
        file.sync_all().map_err(ArchiveError::file("sync", &copy))?;
    }
    files::sync_folder(&folder)?;
    version.write(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> (tempfile::TempDir, Version) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("segments")).unwrap();
        fs::write(root.path().join("segments/000001-web.warc.zst"), "any bytes").unwrap();
        let version = Version { format: 1, id: "0123456789abcdef0123456789abcdef".into(), adopted: 0 };
        version.write(root.path()).unwrap();
        (root, version)
    }

    const NO_LINKS: fn(&Path, &Path) -> io::Result<()> = |_, _| Err(io::Error::from(io::ErrorKind::Unsupported));

    #[test]
    fn without_links_it_is_a_copy() {
        let (root, version) = archive();
        let means = Means { link: NO_LINKS, free: |_| Ok(u64::MAX) };
        let mut notes = Vec::new();
        assert_eq!(upgrade_by(&means, root.path(), version.clone(), &mut notes).unwrap().format, FORMAT);
        let backup = root.path().join("lost+found").join(BACKUP);
        assert_eq!(fs::read(backup.join("segments/000001-web.warc.zst")).unwrap(), b"any bytes");
        assert_eq!(fs::read_to_string(backup.join("VERSION")).unwrap(), version.text());
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn without_links_and_room_nothing_is_changed() {
        let (root, version) = archive();
        let means = Means { link: NO_LINKS, free: |_| Ok(1000) };
        let refused = upgrade_by(&means, root.path(), version.clone(), &mut Vec::new()).unwrap_err();
        assert!(matches!(refused, ArchiveError::NoRoom { free: 1000, .. }), "{refused}");
        assert_eq!(crate::archive::version::read(root.path()).unwrap().unwrap(), version);
        assert_eq!(fs::read_dir(root.path().join("lost+found")).unwrap().count(), 0);
    }

    #[test]
    fn cut_short_behind_its_backup_it_does_not_make_another() {
        let (root, version) = archive();
        let means = Means { link: |from, to| fs::hard_link(from, to), free: |_| Ok(0) };
        for _ in 0..2 {
            upgrade_by(&means, root.path(), version.clone(), &mut Vec::new()).unwrap();
            version.write(root.path()).unwrap();
        }
        assert_eq!(fs::read_dir(root.path().join("lost+found")).unwrap().count(), 1);
        fs::write(root.path().join("segments/000002-web.warc.zst"), "more bytes").unwrap();
        upgrade_by(&means, root.path(), version, &mut Vec::new()).unwrap();
        assert_eq!(fs::read_dir(root.path().join("lost+found")).unwrap().count(), 2, "another archive, another backup");
    }
}
