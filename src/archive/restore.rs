//! Segments from a copy → an archive again: staged in the archive's own folder, looked over, and moved into place by last steps
//! that a crash cannot leave half done. Into a folder without visits only; nothing is ever merged.

use crate::archive::error::ArchiveError;
use crate::archive::segments::origin::{self, Origin};
use crate::archive::segments::scan::{Scan, Step};
use crate::archive::version::{self, Version};
use crate::archive::{files, segments};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Where segments are staged. Whoever opens the archive and finds it removes it.
pub(crate) const STAGE: &str = "import.new";

/// What the stage is called once it is whole and synced. Whoever opens the archive and finds it finishes the last steps.
pub(crate) const READY: &str = "import.ready";

/// An archive being restored. Holds the archive's lock; dropped before it is complete, it leaves nothing behind.
#[derive(Debug)]
pub struct Restore {
    root: PathBuf,
    stage: PathBuf,
    version: Option<Version>,
    numbers: BTreeSet<u32>,
    /// Whether the folder was made for it, and goes with it.
    is_new: bool,
    is_complete: bool,
    _lock: File,
}

/// A segment being written into the stage.
#[derive(Debug)]
pub struct StagedSegment {
    file: File,
    path: PathBuf,
}

impl Restore {
    /// Begins in this folder, which is made where it is not there.
    ///
    /// # Errors
    /// When the folder holds visits, or something else, or another process holds it, or the file system refuses.
    pub fn begin(root: &Path) -> Result<Self, ArchiveError> {
        version::refuse_foreign(root)?;
        let is_new = !root.exists();
        files::make_folder(root)?;
        let lock = super::lock(root)?;
        let stage = root.join(STAGE);
        let made = Self {
            root: root.to_owned(),
            stage: stage.clone(),
            version: None,
            numbers: BTreeSet::new(),
            is_new,
            is_complete: false,
            _lock: lock,
        };
        settle(root, &mut Vec::new())?;
        if holds_visits(root)? {
            return Err(ArchiveError::Occupied { path: root.to_owned() });
        }
        // Synced when it is whole; until then there is nothing in it that anybody may rely on.
        fs::create_dir_all(stage.join("segments")).map_err(ArchiveError::file("create", &stage))?;
        Ok(made)
    }

    /// A path in the stage for what is to be remembered meanwhile; it goes with the stage.
    pub fn scratch(&self) -> PathBuf {
        self.stage.join("scratch")
    }

    /// Takes the VERSION file, byte for byte; `from` is where it comes from, for messages.
    ///
    /// # Errors
    /// When it is not ours or of a newer format, or cannot be written.
    pub fn version(&mut self, bytes: &[u8], from: &Path) -> Result<Version, ArchiveError> {
        let version = Version::parse(bytes, from)?;
        let path = self.stage.join("VERSION");
        let mut file = File::create(&path).map_err(ArchiveError::file("create", &path))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(ArchiveError::file("write to", &path))?;
        self.version = Some(version.clone());
        Ok(version)
    }

    /// Begins a segment of this file name and size.
    ///
    /// # Errors
    /// When the name is not one that a segment has, its number was there already, it would fill the file system, or it cannot be
    /// written.
    pub fn segment(&mut self, name: &str, size: u64) -> Result<StagedSegment, ArchiveError> {
        let unfit = |why: String| ArchiveError::Unfit { why };
        let (number, _) = segments::parse_name(name).ok_or_else(|| unfit(format!("{name:?} is no segment's name")))?;
        if !self.numbers.insert(number) {
            return Err(unfit(format!("segment number {number} is there twice")));
        }
        let free =
            files::free_bytes(&self.stage).map_err(ArchiveError::file("ask for the free space of", &self.stage))?;
        let needed = size.saturating_add(files::RESERVE);
        if free < needed {
            return Err(ArchiveError::NoRoom { path: self.root.clone(), doing: "take another segment", needed, free });
        }
        let path = self.stage.join("segments").join(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        Ok(StagedSegment { file: file.map_err(ArchiveError::file("create", &path))?, path })
    }

    /// Looks over what was staged and moves it into place. From then on it is an archive, whatever happens; opening it makes its
    /// index. `articles` is how many it is said to hold.
    ///
    /// # Errors
    /// When the segments are not of one archive, or hold no visit where there should be articles: then nothing is left behind. When
    /// the file system refuses.
    pub fn complete(mut self, articles: u64) -> Result<(), ArchiveError> {
        let unfit = |why: String| ArchiveError::Unfit { why };
        let version = self.version.clone().ok_or_else(|| unfit("it has no VERSION file".into()))?;
        let folder = self.stage.join("segments");
        let staged = segments::list(&folder)?;
        for segment in &staged {
            let origin = origin::of(segment)?;
            if origin.is_of(&version, segment.number) == Some(false) {
                let other = if let Origin::Named(id) = &origin { format!("archive {id:?}") } else { "another".into() };
                let (name, id) = (segment.name(), &version.id);
                return Err(unfit(format!("segment {name} belongs to {other}, and its VERSION file names {id}")));
            }
        }
        if articles > 0 && !any_visit(&staged)? {
            return Err(unfit(format!("it tells of {articles} articles, and its segments hold not one whole visit")));
        }
        let scratch = self.scratch();
        if scratch.exists() {
            fs::remove_file(&scratch).map_err(ArchiveError::file("remove", &scratch))?;
        }
        files::sync_folder(&folder)?;
        files::sync_folder(&self.stage)?;
        let ready = self.root.join(READY);
        fs::rename(&self.stage, &ready).map_err(ArchiveError::file("rename into place", &ready))?;
        self.is_complete = true;
        files::sync_folder(&self.root)?;
        place(&self.root, &mut Vec::new())
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        if self.is_complete {
            return;
        }
        // What cannot be removed now is removed by whoever opens the folder next.
        let _ = fs::remove_dir_all(&self.stage);
        if self.is_new {
            let _ = fs::remove_file(self.root.join("lock"));
            let _ = fs::remove_dir(&self.root);
        }
    }
}

impl StagedSegment {
    /// Appends bytes.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.file.write_all(bytes).map_err(ArchiveError::file("write to", &self.path))
    }

    /// Makes what was written survive a loss of power.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn close(self) -> Result<(), ArchiveError> {
        self.file.sync_all().map_err(ArchiveError::file("sync", &self.path))
    }
}

/// What an import that was cut short has left: finished where it was whole, undone where it was not. Under the lock only.
pub(crate) fn settle(root: &Path, notes: &mut Vec<String>) -> Result<(), ArchiveError> {
    if root.join(READY).exists() {
        place(root, notes)?;
        notes.push("an import that had been cut short in its last steps was finished".into());
    }
    let stage = root.join(STAGE);
    if stage.symlink_metadata().is_ok() {
        fs::remove_dir_all(&stage).map_err(ArchiveError::file("remove", &stage))?;
        files::sync_folder(root)?;
        notes.push("an import that had been cut short was undone; import again".into());
    }
    Ok(())
}

/// Whether a folder has the beginnings of an archive: one that is there, or one that an opening will finish.
pub fn exists(root: &Path) -> bool {
    ["VERSION", "segments", READY].iter().any(|name| root.join(name).exists())
}

/// The last steps. Each is one rename, and done again from where they were left they come to the same.
fn place(root: &Path, notes: &mut Vec<String>) -> Result<(), ArchiveError> {
    let (ready, folder, index) = (root.join(READY), root.join("segments"), root.join("index"));
    let staged = ready.join("segments");
    if staged.exists() {
        // The index is the empty archive's that was here before.
        if index.exists() {
            fs::remove_dir_all(&index).map_err(ArchiveError::file("remove", &index))?;
            // Gone before other segments come: its marks would be taken for theirs.
            files::sync_folder(root)?;
        }
        if holds_visits(root)? {
            let aside = files::move_aside(&folder, &root.join("lost+found"), "segments")?;
            notes.push(format!("visits that came between the import and its last steps are in {}", aside.display()));
        } else if folder.exists() {
            fs::remove_dir_all(&folder).map_err(ArchiveError::file("remove", &folder))?;
        }
        fs::rename(&staged, &folder).map_err(ArchiveError::file("rename into place", &folder))?;
        files::sync_folder(&ready)?;
        files::sync_folder(root)?;
    }
    let (staged, version) = (ready.join("VERSION"), root.join("VERSION"));
    if staged.exists() {
        fs::rename(&staged, &version).map_err(ArchiveError::file("rename into place", &version))?;
        files::sync_folder(root)?;
    }
    fs::remove_dir_all(&ready).map_err(ArchiveError::file("remove", &ready))?;
    files::sync_folder(root)
}

/// Whether a segment holds more than its first record: visits, or what is left of some.
fn holds_visits(root: &Path) -> Result<bool, ArchiveError> {
    let folder = root.join("segments");
    if !folder.exists() {
        return Ok(false);
    }
    for segment in segments::list(&folder)? {
        if !origin::is_alone(&segment)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn any_visit(staged: &[segments::SegmentFile]) -> Result<bool, ArchiveError> {
    for segment in staged {
        let mut scan = Scan::new(segment, 0)?;
        while let Some(step) = scan.step()? {
            if matches!(step, Step::Visit(_)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
