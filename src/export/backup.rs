//! Backups: the whole archive as a compressed tarball under the day's name, and the oldest of them taken away.
//!
//! What is taken away is only what was certainly made here: a whole backup of this very archive, by name and by its trailer, no newer
//! than now. While the archive is damaged nothing good is taken away, and never one that holds what the archive does not.

use crate::archive::Reader;
use crate::export::held::Held;
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

/// The same, where an earlier backup holds what the archive does not: it was restored from an older one, or lost a segment.
const DIFFERS: &str = "-differs";

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
    /// Which earlier backup holds what the archive does not, in a sentence; none is told of a damaged archive.
    pub differs: Option<String>,
    /// How many older backups were taken away.
    pub removed: u64,
    /// Those that could not be, with the reason.
    pub stuck: Vec<String>,
}

/// Which backups are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Series {
    /// The archive goes on from every one of them.
    Plain,
    /// It does not go on from one that is there.
    Differs,
    /// It is damaged.
    Damaged,
}

impl Series {
    /// What stands in a name for it.
    fn word(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Differs => DIFFERS,
            Self::Damaged => DAMAGED,
        }
    }
}

/// A backup of this archive that is known to be whole.
struct Own {
    path: PathBuf,
    at: Time,
    series: Series,
    trailer: Trailer,
}

/// Writes a backup and takes the oldest away.
///
/// # Errors
/// When the archive cannot be read, the folder cannot be written, or `watch` ends it; nothing is left of it then, and nothing was taken away.
pub fn make(reader: &Reader, plan: &Plan, now: Time, watch: &mut dyn Watch) -> Result<Made, ExportError> {
    make_folder(reader, plan)?;
    let folder = &plan.folder;
    sweep(folder);
    let mut job = Job::new(reader, vec![folder.clone()])?;
    job.zstd = true;
    let mut damage = damage(&job, watch)?;
    let earlier = own(folder, &job.reach.id, now)?;
    let compared: Vec<&Trailer> =
        earlier.iter().filter(|own| own.series != Series::Damaged).map(|own| &own.trailer).collect();
    // What is damaged is not the same either; nothing good is taken away for it anyway.
    let held = if damage.is_empty() { Some(Held::read(&job, &compared, watch)?) } else { None };
    let named = |word: &str| folder.join(format!("wangqi-{}{word}{ENDING}", now.format(STAMP)));
    let mut target = Target::begin(&named(""), reader.root(), false)?;
    let done = Tar.export(&job, &mut target, watch).map_err(|error| match error {
        // There is no -o to give.
        ExportError::Write(source) => ExportError::file("write a backup into", folder)(source),
        error => error,
    })?;
    if done.unread > 0 {
        damage.push(format!("{} articles or files could not be read", done.unread));
    }
    let differs = held.as_ref().filter(|_| damage.is_empty()).and_then(|held| difference(held, &earlier));
    let series = match (damage.is_empty(), &differs) {
        (false, _) => Series::Damaged,
        (true, Some(_)) => Series::Differs,
        (true, None) => Series::Plain,
    };
    let path = named(series.word());
    target.keep_as(&path)?;
    let bytes = fs::metadata(&path).map_or(0, |file| file.len());
    let mut made = Made { path, bytes, done, damage, differs, removed: 0, stuck: Vec::new() };
    rotate(&mut made, series, held.as_ref(), earlier, plan.keep);
    Ok(made)
}

/// Makes the folder of backups, where it is not there yet.
///
/// # Errors
/// When it is in the archive, or cannot be made.
pub fn make_folder(reader: &Reader, plan: &Plan) -> Result<(), ExportError> {
    let folder = &plan.folder;
    outside(folder, existing(folder), reader.root()).map_err(|error| match error {
        ExportError::InArchive { path, archive } => ExportError::BackupInArchive { path, archive },
        error => error,
    })?;
    if folder.is_dir() {
        return Ok(());
    }
    // Its last part only: a disk that is not mounted is no reason to fill another.
    fs::create_dir(folder).map_err(ExportError::file("create the folder", folder))
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

/// What the archive does not go on from: the newest such backup, and why.
fn difference(held: &Held, earlier: &[Own]) -> Option<String> {
    let good = earlier.iter().filter(|own| own.series != Series::Damaged);
    let lacking = good.map(|own| (own, held.lacks(&own.trailer))).filter(|(_, lacks)| !lacks.is_empty());
    let (last, lacks) = lacking.max_by_key(|(own, _)| own.at)?;
    let (name, lacks) = (last.path.display(), lacks.join("; "));
    Some(format!(
        "the archive is sound, but it holds less than the backup {name}, or something else: {lacks}; \
         such backups stay until you move or delete them"
    ))
}

/// Takes away what is more than enough: damaged ones for a damaged one, else only what the archive holds all of.
fn rotate(made: &mut Made, series: Series, held: Option<&Held>, mut earlier: Vec<Own>, keep: usize) {
    // Once there is none left that differs, those that were named so are of the one history again, and counted with it.
    earlier.retain(|own| own.series == series || (series == Series::Plain && own.series == Series::Differs));
    earlier.retain(|own| own.path != made.path);
    if series != Series::Damaged {
        earlier.retain(|own| held.is_some_and(|held| held.lacks(&own.trailer).is_empty()));
    }
    earlier.sort_by_key(|own| std::cmp::Reverse(own.at));
    let enough = if series == Series::Damaged { 0 } else { keep.saturating_sub(1) };
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
        let Some((at, series)) = name.to_str().and_then(read_name) else { continue };
        // A file only, not what a link leads to, and nothing that opening would wait for.
        if at > now || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        // One that cannot be read is not known to be ours.
        let Ok(Some(trailer)) = File::open(&path).and_then(|file| Trailer::read(&file)) else { continue };
        if trailer.archive == id && !id.is_empty() && !trailer.segments.is_empty() {
            found.push(Own { path, at, series, trailer });
        }
    }
    Ok(found)
}

/// When a backup was made, and in which series, by its name.
fn read_name(name: &str) -> Option<(Time, Series)> {
    let stem = name.strip_prefix("wangqi-")?.strip_suffix(ENDING)?;
    let marked = [Series::Damaged, Series::Differs].into_iter();
    let mut marked = marked.filter_map(|series| Some((stem.strip_suffix(series.word())?, series)));
    let (stamp, series) = marked.next().unwrap_or((stem, Series::Plain));
    let at = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?.and_utc();
    (at.format(STAMP).to_string() == stamp).then_some((at, series))
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
        let read = |name: &str| read_name(name).map(|(at, series)| (at.to_rfc3339(), series));
        assert_eq!(read("wangqi-20260719T023000Z.tar.zst"), Some(("2026-07-19T02:30:00+00:00".into(), Series::Plain)));
        for series in [Series::Damaged, Series::Differs] {
            let name = format!("wangqi-20260719T023000Z{}.tar.zst", series.word());
            assert_eq!(read(&name), Some(("2026-07-19T02:30:00+00:00".into(), series)));
        }
        for foreign in
            ["wangqi-2026-07-19.tar.zst", "wangqi-20260719T023000Z.tar", "wangqi-20261319T023000Z.tar.zst", "x"]
        {
            assert_eq!(read(foreign), None, "{foreign}");
        }
    }
}
