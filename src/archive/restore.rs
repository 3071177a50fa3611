//! Segments from a copy → an archive again: staged in the archive's own folder, looked over, and moved into place by last steps
//! that a crash cannot leave half done. Into a folder without visits only; nothing is ever merged.

use crate::archive::error::ArchiveError;
use crate::archive::index::is_of_engine;
use crate::archive::segments::origin::{self, Origin};
use crate::archive::segments::scan::{BEYOND, Scan, Step};
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

/// The largest segment that is believed: 1 TiB, judgement; ours are closed past 1 GiB.
const LARGEST_SEGMENT: u64 = 1 << 40;

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
        if number > segments::LARGEST_NUMBER {
            return Err(unfit(format!("segment number {number} is beyond any archive's")));
        }
        if size > LARGEST_SEGMENT {
            return Err(unfit(format!("segment {name} claims {size} bytes")));
        }
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
    /// index. `articles` is how many it is said to hold; `go_on` is asked at every visit. What was set aside on the way, one
    /// sentence each; `None` where `go_on` ended it, and nothing is left behind.
    ///
    /// # Errors
    /// When the segments are not of one archive, or hold no visit where there should be articles: then nothing is left behind. When
    /// the file system refuses.
    pub fn complete(
        mut self,
        articles: u64,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Vec<String>>, ArchiveError> {
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
        let Some(visits) = visits(&staged, go_on)? else { return Ok(None) };
        if articles > 0 && visits == 0 {
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
        let mut notes = Vec::new();
        place(&self.root, &mut notes)?;
        Ok(Some(notes))
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
        // The index goes before other segments come: its marks would be taken for theirs.
        if index.symlink_metadata().is_ok() && !remove_empty_index(root, &index)? {
            let aside = files::move_aside(&index, &root.join("lost+found"), "index")?;
            notes.push(format!("what was in index/ before the import is in {}", aside.display()));
        }
        let is_between = holds_visits(root)?;
        if folder.symlink_metadata().is_ok() && (is_between || !remove_empty_segments(&folder)?) {
            let aside = files::move_aside(&folder, &root.join("lost+found"), "segments")?;
            let what = if is_between {
                "visits that came between the import and its last steps are"
            } else {
                "what was in segments/ before the import is"
            };
            notes.push(format!("{what} in {}", aside.display()));
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

/// Removes the segments of an empty archive, file by file; `false`, and nothing is touched, where anything else is there.
fn remove_empty_segments(folder: &Path) -> Result<bool, ArchiveError> {
    let Some(paths) = plain_files(folder)? else { return Ok(false) };
    let segments = segments::list(folder)?;
    if segments.len() != paths.len() {
        return Ok(false);
    }
    for segment in &segments {
        if !origin::is_alone(segment)? || origin::of(segment)? == Origin::Unknown {
            return Ok(false);
        }
    }
    remove_each(folder, &paths)
}

/// Removes the index of an archive without visits, file by file; `false`, and nothing is touched, where anything else is there.
fn remove_empty_index(root: &Path, folder: &Path) -> Result<bool, ArchiveError> {
    let blobs = folder.join("blobs");
    let Some(mut paths) = listed(folder)? else { return Ok(false) };
    if blobs.symlink_metadata().is_ok_and(|found| found.is_dir())
        && plain_files(&blobs)?.is_some_and(|held| held.is_empty())
    {
        paths.retain(|path| *path != blobs);
    }
    let is_ours = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_file()) && is_of_engine(path);
    if holds_visits(root)? || !paths.iter().all(is_ours) {
        return Ok(false);
    }
    if blobs.exists() {
        fs::remove_dir(&blobs).map_err(ArchiveError::file("remove", &blobs))?;
    }
    let is_removed = remove_each(folder, &paths)?;
    files::sync_folder(root)?;
    Ok(is_removed)
}

fn remove_each(folder: &Path, paths: &[PathBuf]) -> Result<bool, ArchiveError> {
    for path in paths {
        fs::remove_file(path).map_err(ArchiveError::file("remove", path))?;
    }
    fs::remove_dir(folder).map_err(ArchiveError::file("remove", folder))?;
    Ok(true)
}

/// What is in a folder; `None` where it is none.
fn listed(folder: &Path) -> Result<Option<Vec<PathBuf>>, ArchiveError> {
    if !folder.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return Ok(None);
    }
    let entries = fs::read_dir(folder).map_err(ArchiveError::file("list", folder))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    paths.map(Some).map_err(ArchiveError::file("list", folder))
}

/// The files in a folder; `None` where anything in it is something else.
fn plain_files(folder: &Path) -> Result<Option<Vec<PathBuf>>, ArchiveError> {
    let is_plain = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_file());
    Ok(listed(folder)?.filter(|paths| paths.iter().all(is_plain)))
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

/// How many whole visits there are; `None` where `go_on` ended the counting. Damage is taken as it is, but for a visit that no
/// archive of ours can have written.
fn visits(staged: &[segments::SegmentFile], go_on: &mut dyn FnMut() -> bool) -> Result<Option<u64>, ArchiveError> {
    let mut visits = 0;
    for segment in staged {
        let mut scan = Scan::new(segment, 0)?;
        loop {
            if !go_on() {
                return Ok(None);
            }
            match scan.step()? {
                None => break,
                Some(Step::Visit(_)) => visits += 1,
                Some(Step::Damage { why, .. }) if why.starts_with(BEYOND) => {
                    return Err(ArchiveError::Unfit { why: format!("in segment {}, {why}", segment.name()) });
                }
                Some(Step::Damage { .. }) => {}
            }
        }
    }
    Ok(Some(visits))
}
