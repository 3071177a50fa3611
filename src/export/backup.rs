//! Backups: the whole archive as a compressed tarball under the day's name, and the oldest of them taken away.
//!
//! What is taken away is only what was certainly made here: a whole backup of this very archive, by name and by its trailer, no newer
//! than now. While the archive is damaged nothing good is taken away.

use crate::archive::Reader;
use crate::export::tar::Tar;
use crate::export::target::{outside, parent};
use crate::export::trailer::Trailer;
use crate::export::{Done, ExportError, Exporter, Job, Target, Watch};
use crate::model::Time;
use chrono::NaiveDateTime;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// What a backup's name ends with.
const ENDING: &str = ".tar.zst";

/// What stands before that in the name of a backup of a damaged archive.
const DAMAGED: &str = "-damaged";

/// How the time stands in a name.
const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// Where backups go, and how many are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Their folder.
    pub folder: PathBuf,
    /// How many whole ones are kept; at least one is.
    pub keep: usize,
}

/// What came of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// What is in it.
    pub done: Done,
    /// Why no older backup was taken away for it, a sentence each; empty where the archive is sound.
    pub damage: Vec<String>,
    /// How many older backups were taken away.
    pub removed: u64,
    /// Those that could not be, with the reason.
    pub stuck: Vec<String>,
}

/// A backup of this archive that is known to be whole.
struct Own {
    path: PathBuf,
    at: Time,
    is_damaged: bool,
    trailer: Trailer,
}

/// Writes a backup and takes the oldest away.
///
/// # Errors
/// When the archive cannot be read, the folder cannot be written, or `watch` ends it; nothing is left of it then, and nothing was taken away.
pub fn make(reader: &Reader, plan: &Plan, now: Time, watch: &mut dyn Watch) -> Result<Made, ExportError> {
    let folder = &plan.folder;
    outside(folder, existing(folder), reader.root())?;
    if !folder.is_dir() {
        // Its last part only: a disk that is not mounted is no reason to fill another.
        fs::create_dir(folder).map_err(ExportError::file("create the folder", folder))?;
    }
    sweep(folder);
    let mut job = Job::new(reader, vec![folder.clone()])?;
    job.zstd = true;
    let mut damage = damage(&job, watch)?;
    let earlier = own(folder, &job.reach.id, now)?;
    if let Some(last) = earlier.iter().filter(|own| !own.is_damaged).max_by_key(|own| own.at) {
        damage.extend(losses(&job, last));
    }
    let named = |word: &str| folder.join(format!("wangqi-{}{word}{ENDING}", now.format(STAMP)));
    let mut target = Target::begin(&named(""), reader.root(), false)?;
    let done = Tar.export(&job, &mut target, watch)?;
    if done.unread > 0 {
        damage.push(format!("{} articles or files could not be read", done.unread));
    }
    let path = named(if damage.is_empty() { "" } else { DAMAGED });
    target.keep_as(&path)?;
    let bytes = fs::metadata(&path).map_or(0, |file| file.len());
    let mut made = Made { path, bytes, done, damage, removed: 0, stuck: Vec::new() };
    rotate(&mut made, earlier, plan.keep);
    Ok(made)
}

/// When the newest whole backup of this archive was made, as far as it is not from the future.
///
/// # Errors
/// When the folder cannot be read; one that is not there has none.
pub fn last(reader: &Reader, plan: &Plan, now: Time) -> Result<Option<Time>, ExportError> {
    if !plan.folder.is_dir() {
        return Ok(None);
    }
    Ok(own(&plan.folder, &reader.reach()?.id, now)?.iter().map(|own| own.at).max())
}

/// Everything that is damaged, after reading every record once.
fn damage(job: &Job<'_>, watch: &mut dyn Watch) -> Result<Vec<String>, ExportError> {
    let mut found = Vec::new();
    for segment in &job.reach.segments {
        found.extend(segment.damage(&mut || watch.go_on(Done::default()))?);
        if !watch.go_on(Done::default()) {
            return Err(ExportError::Stopped);
        }
    }
    Ok(found)
}

/// What the last good backup holds and the archive does not any more: segments only grow.
fn losses(job: &Job<'_>, last: &Own) -> Vec<String> {
    let held = |name: &str| {
        let found = job.reach.segments.iter().find(|segment| segment.name() == name);
        found.map_or(0, |segment| segment.bytes)
    };
    let shorter = last.trailer.segments.iter().filter(|(name, bytes)| held(name) < **bytes);
    let backup = last.path.display();
    shorter.map(|(name, bytes)| format!("segment {name} holds {} bytes, and {bytes} in {backup}", held(name))).collect()
}

/// Takes away what is more than enough: good ones for a good one, damaged ones for a damaged one.
fn rotate(made: &mut Made, mut earlier: Vec<Own>, keep: usize) {
    let is_damaged = !made.damage.is_empty();
    earlier.retain(|own| own.is_damaged == is_damaged && own.path != made.path);
    earlier.sort_by_key(|own| std::cmp::Reverse(own.at));
    let enough = if is_damaged { 0 } else { keep.saturating_sub(1) };
    for own in earlier.into_iter().skip(enough) {
        match fs::remove_file(&own.path) {
            Ok(()) => made.removed += 1,
            Err(error) => made.stuck.push(format!("could not remove {}: {error}", own.path.display())),
        }
    }
}

/// The whole backups of this archive in a folder.
fn own(folder: &Path, id: &str, now: Time) -> Result<Vec<Own>, ExportError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(ExportError::file("list", folder))? {
        let entry = entry.map_err(ExportError::file("list", folder))?;
        let name = entry.file_name();
        let Some((at, is_damaged)) = name.to_str().and_then(read_name) else { continue };
        // A file only, not what a link leads to, and nothing that opening would wait for.
        if at > now || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        // One that cannot be read is not known to be ours.
        let Ok(Some(trailer)) = File::open(&path).and_then(|file| Trailer::read(&file)) else { continue };
        if trailer.archive == id && !id.is_empty() && !trailer.segments.is_empty() {
            found.push(Own { path, at, is_damaged, trailer });
        }
    }
    Ok(found)
}

/// When a backup was made, and whether of a damaged archive, by its name.
fn read_name(name: &str) -> Option<(Time, bool)> {
    let stem = name.strip_prefix("wangqi-")?.strip_suffix(ENDING)?;
    let (stamp, is_damaged) = stem.strip_suffix(DAMAGED).map_or((stem, false), |stamp| (stamp, true));
    let at = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?.and_utc();
    (at.format(STAMP).to_string() == stamp).then_some((at, is_damaged))
}

/// Removes what a process that was killed left half written. One that is still being written is locked by whoever writes it.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_partial = name.to_str().is_some_and(|name| name.starts_with(".wangqi-") && name.ends_with(".partial"));
        if !is_partial || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let unlocked = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if unlocked {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The nearest folder above that is there.
fn existing(folder: &Path) -> &Path {
    let mut found = folder;
    while !found.is_dir() && parent(found) != found && parent(found) != Path::new(".") {
        found = parent(found);
    }
    if found.is_dir() { found } else { Path::new(".") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_strictly() {
        let read = |name: &str| read_name(name).map(|(at, damaged)| (at.to_rfc3339(), damaged));
        assert_eq!(read("wangqi-20260719T023000Z.tar.zst"), Some(("2026-07-19T02:30:00+00:00".into(), false)));
        assert_eq!(read("wangqi-20260719T023000Z-damaged.tar.zst"), Some(("2026-07-19T02:30:00+00:00".into(), true)));
        for foreign in
            ["wangqi-2026-07-19.tar.zst", "wangqi-20260719T023000Z.tar", "wangqi-20261319T023000Z.tar.zst", "x"]
        {
            assert_eq!(read(foreign), None, "{foreign}");
        }
    }
}
