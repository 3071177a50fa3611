//! Opening an archive: whatever a crash left behind, end with segments that hold whole visits and an index that agrees.
//!
//! The index is made anew where it does not open, has another format, or claims more than the segments hold; otherwise only
//! what lies past its high-water marks is replayed. Both go through [`apply`], visit by visit, in sequence order.

use crate::archive::apply::apply;
use crate::archive::error::ArchiveError;
use crate::archive::files;
use crate::archive::index::ledger::{Ledger, read_row};
use crate::archive::index::sled::SledIndex;
use crate::archive::index::{Index, keys};
use crate::archive::segments::scan::{Scan, Step, StoredVisit};
use crate::archive::segments::{self, SegmentFile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::Path;

/// The shape of the index's rows; another number means rebuild.
const INDEX_FORMAT: u32 = 4;

/// How many rows are laid over the index before they are committed, while many visits are replayed: bounds memory.
const REPLAY_ROWS: usize = 4096;

/// How far the index follows the segments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct HighWater {
    /// The shape of the rows.
    pub(crate) format: u32,
    /// The next visit's number.
    pub(crate) next_seq: u64,
    /// Segment number → bytes applied.
    pub(crate) segments: BTreeMap<u32, u64>,
}

/// What opening did, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Visits that were replayed from the segments.
    pub replayed: u64,
    /// Whether the index was made anew.
    pub rebuilt: bool,
    /// What was found damaged or cut, one sentence each.
    pub notes: Vec<String>,
}

/// Is told how many visits were replayed so far, for a progress line.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// Opens the index in `root` and brings it up to the segments.
pub(crate) fn recover(root: &Path, progress: Progress<'_>) -> Result<(SledIndex, HighWater, Recovery), ArchiveError> {
    let segments = segments::list(&root.join("segments"))?;
    let mut recovery = Recovery::default();
    let (index, mut mark) = match usable_index(root, &segments, &mut recovery)? {
        Some(found) => found,
        None => (fresh_index(root, &mut recovery, !segments.is_empty())?, HighWater::default()),
    };
    mark.format = INDEX_FORMAT;
    replay(root, &segments, &index, &mut mark, &mut recovery, progress)?;
    Ok((index, mark, recovery))
}

/// The index as it is on disk, where it can be trusted.
fn usable_index(
    root: &Path,
    segments: &[SegmentFile],
    recovery: &mut Recovery,
) -> Result<Option<(SledIndex, HighWater)>, ArchiveError> {
    let folder = root.join("index");
    if !folder.exists() {
        return Ok(None);
    }
    let opened = SledIndex::open(&folder).and_then(|index| {
        let mark = index.get(&keys::meta("high_water"))?;
        let mark = mark.map(|bytes| read_row::<HighWater>(&bytes)).transpose()?;
        Ok((index, mark))
    });
    let (index, mark) = match opened {
        Ok((index, mark)) => (index, mark.unwrap_or_default()),
        Err(ArchiveError::Index { why, .. }) => {
            recovery
                .notes
                .push(format!("the index did not open and is made anew: {}", why.trim_end_matches(" backtrace ()")));
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if mark == HighWater::default() && segments.is_empty() {
        return Ok(Some((index, mark)));
    }
    if mark.format != INDEX_FORMAT {
        recovery.notes.push("the index has no or another format and is made anew".into());
        return Ok(None);
    }
    for (number, applied) in mark.segments.iter().filter(|(_, applied)| **applied > 0) {
        let Some(segment) = segments.iter().find(|segment| segment.number == *number) else {
            // No crash does that: a segment's name is synced before anything is appended to it.
            return Err(ArchiveError::Missing { segment: format!("{number:06}"), bytes: *applied });
        };
        let length = std::fs::metadata(&segment.path).map_or(0, |file| file.len());
        if length < *applied {
            let note = format!(
                "segment {number:06} holds {length} bytes where {applied} were written; the index is made anew"
            );
            recovery.notes.push(note);
            return Ok(None);
        }
    }
    Ok(Some((index, mark)))
}

fn fresh_index(root: &Path, recovery: &mut Recovery, rebuild: bool) -> Result<SledIndex, ArchiveError> {
    let folder = root.join("index");
    recovery.rebuilt = rebuild;
    if folder.exists() {
        let aside = files::move_aside(&folder, &root.join("lost+found"), "index")?;
        recovery.notes.push(format!("the old index is in {}", aside.display()));
    }
    files::make_folder(&folder)?;
    SledIndex::open(&folder)
}

/// Replays every segment past its high-water mark, all of them together in sequence order.
fn replay(
    root: &Path,
    segments: &[SegmentFile],
    index: &dyn Index,
    mark: &mut HighWater,
    recovery: &mut Recovery,
    progress: Progress<'_>,
) -> Result<(), ArchiveError> {
    let mut walks = Vec::new();
    for segment in segments {
        if std::fs::metadata(&segment.path).is_ok_and(|file| file.len() == 0) {
            // Created in the last moment before a crash: a segment begins with its own record.
            std::fs::remove_file(&segment.path).map_err(ArchiveError::file("remove", &segment.path))?;
            files::sync_folder(&root.join("segments"))?;
            continue;
        }
        let from = mark.segments.get(&segment.number).copied().unwrap_or(0);
        let mut walk = Walk { scan: Scan::new(segment, from)?, segment, next: None, end: from };
        walk.advance(root, recovery)?;
        // There may be more segments than files that may be open.
        walk.scan.rest();
        walks.push(walk);
    }
    let mut ledger = Ledger::new(index);
    while let Some(walk) = walks.iter_mut().filter(|walk| walk.next.is_some()).min_by_key(|walk| walk.seq()) {
        let Some(visit) = walk.next.take() else { break };
        apply(&mut ledger, &visit)?;
        mark.next_seq = mark.next_seq.max(visit.record.seq.saturating_add(1));
        mark.segments.insert(walk.segment.number, visit.end);
        recovery.replayed += 1;
        walk.advance(root, recovery)?;
        if ledger.len() >= REPLAY_ROWS {
            progress(recovery.replayed);
            index.commit(&std::mem::replace(&mut ledger, Ledger::new(index)).into_writes())?;
        }
    }
    for walk in &walks {
        let reached = mark.segments.entry(walk.segment.number).or_default();
        *reached = walk.end.max(*reached);
    }
    mark.next_seq = mark.next_seq.max(1);
    ledger.put(keys::meta("high_water"), mark);
    index.commit(&ledger.into_writes())?;
    index.flush()?;
    progress(recovery.replayed);
    Ok(())
}

/// One segment's walk, with the visit it stands before.
struct Walk<'a> {
    scan: Scan,
    segment: &'a SegmentFile,
    next: Option<StoredVisit>,
    end: u64,
}

impl Walk<'_> {
    fn seq(&self) -> u64 {
        self.next.as_ref().map_or(u64::MAX, |visit| visit.record.seq)
    }

    /// Goes to the next whole visit. A torn tail is moved to `lost+found/` and cut; damage in the middle stays, and is noted.
    fn advance(&mut self, root: &Path, recovery: &mut Recovery) -> Result<(), ArchiveError> {
        loop {
            match self.scan.step()? {
                None => {
                    self.end = self.scan.length();
                    return Ok(());
                }
                Some(Step::Visit(visit)) => {
                    self.end = visit.end;
                    self.next = Some(*visit);
                    return Ok(());
                }
                Some(Step::Damage { from, to, why }) => {
                    let name = self.segment.name();
                    if to < self.scan.length() {
                        recovery.notes.push(format!("segment {name} is damaged from byte {from} to {to}: {why}"));
                        continue;
                    }
                    let kept = cut_tail(root, self.segment, from)?;
                    recovery.notes.push(format!(
                        "segment {name} ended in a torn visit ({why}); its {} bytes are in {kept}",
                        to - from
                    ));
                    self.end = from;
                    return Ok(());
                }
            }
        }
    }
}

/// Moves what follows the last whole visit to `lost+found/`, and cuts the segment there.
fn cut_tail(root: &Path, segment: &SegmentFile, at: u64) -> Result<String, ArchiveError> {
    use std::io::{Seek as _, SeekFrom};
    let folder = root.join("lost+found");
    files::make_folder(&folder)?;
    let kept = files::free_name(&folder, &format!("{}.{at}", segment.name()));
    let file = OpenOptions::new().read(true).write(true).open(&segment.path);
    let mut file = file.map_err(ArchiveError::file("open", &segment.path))?;
    let failed = |error| ArchiveError::file("move the torn tail of", &segment.path)(error);
    file.seek(SeekFrom::Start(at)).map_err(failed)?;
    let mut copy = std::fs::File::create(&kept).map_err(ArchiveError::file("create", &kept))?;
    std::io::copy(&mut file, &mut copy).map_err(failed)?;
    copy.sync_all().map_err(ArchiveError::file("sync", &kept))?;
    files::sync_folder(&folder)?;
    if at == 0 {
        // Not even its first record was whole: a segment begins with one, so the file goes too.
        std::fs::remove_file(&segment.path).map_err(failed)?;
        files::sync_folder(&root.join("segments"))?;
        return Ok(kept.display().to_string());
    }
    cut(&segment.path, &file, at)?;
    Ok(kept.display().to_string())
}

/// Cuts a segment. One that has another name too, as in a backup made of links, keeps its bytes there.
fn cut(path: &Path, file: &std::fs::File, at: u64) -> Result<(), ArchiveError> {
    use std::os::unix::fs::MetadataExt as _;
    let failed = |error| ArchiveError::file("cut the torn tail of", path)(error);
    if file.metadata().map_err(failed)?.nlink() < 2 {
        file.set_len(at).map_err(failed)?;
        return file.sync_all().map_err(ArchiveError::file("sync", path));
    }
    let beside = path.with_extension("new");
    std::fs::copy(path, &beside).map_err(failed)?;
    let copy = OpenOptions::new().write(true).open(&beside).map_err(failed)?;
    copy.set_len(at).map_err(failed)?;
    copy.sync_all().map_err(ArchiveError::file("sync", &beside))?;
    std::fs::rename(&beside, path).map_err(failed)?;
    files::sync_folder(path.parent().unwrap_or(Path::new(".")))
}
