//! Segments: append-only WARC files of zstd frames. They are the truth; everything else in an archive can be made from them.

pub(crate) mod frame;
pub(crate) mod origin;
pub(crate) mod scan;

use crate::archive::error::ArchiveError;
use crate::archive::files;
use crate::archive::warc::{self, Record};
use crate::model::{CanonicalUrl, TargetKind, Time};
use frame::FrameWriter;
use origin::Origin;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// A segment is closed and the next begun past this size: 1 GiB (our research, storage §8).
const ROLL_BYTES: u64 = 1 << 30;

/// The largest number of a segment that is taken from elsewhere: 2^31 - 1, judgement; as many may follow it.
pub(crate) const LARGEST_NUMBER: u32 = u32::MAX / 2;

/// What a segment holds: pages that compress well with each other, so that each family can have the dictionary that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    /// Pages of mp.weixin.qq.com.
    WeChat,
    /// Other pages and feeds.
    Web,
    /// Pictures, audio, video.
    Media,
}

impl Family {
    /// Where a visit's records go.
    pub(crate) fn of(kind: TargetKind, url: &CanonicalUrl) -> Self {
        match kind {
            TargetKind::Asset => Self::Media,
            _ if url.is_wechat() => Self::WeChat,
            _ => Self::Web,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::WeChat => "wechat",
            Self::Web => "web",
            Self::Media => "media",
        }
    }
}

/// Where a record stands: segment number, byte offset and length of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Locator(pub u32, pub u64, pub u32);

/// A segment file on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentFile {
    /// Its number, rising over the whole archive.
    pub(crate) number: u32,
    /// `wechat`, `web`, `media`.
    pub(crate) family: String,
    /// Where it is.
    pub(crate) path: PathBuf,
}

impl SegmentFile {
    /// Its file name, for messages.
    pub(crate) fn name(&self) -> String {
        file_name(self.number, &self.family)
    }
}

/// The segment files of an archive, by number.
pub(crate) fn list(folder: &Path) -> Result<Vec<SegmentFile>, ArchiveError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(ArchiveError::file("list", folder))? {
        let path = entry.map_err(ArchiveError::file("list", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some((number, family)) = parse_name(name) {
            found.push(SegmentFile { number, family, path });
        }
    }
    found.sort_by_key(|segment| segment.number);
    Ok(found)
}

/// The number and the family in a segment's file name; `None` where it is not exactly a name that we give.
pub(crate) fn parse_name(name: &str) -> Option<(u32, String)> {
    let (number, family) = name.strip_suffix(".warc.zst")?.split_once('-')?;
    let number = number.parse().ok()?;
    let is_family = !family.is_empty() && family.bytes().all(|letter| letter.is_ascii_lowercase());
    (is_family && file_name(number, family) == name).then(|| (number, family.to_owned()))
}

/// Reads one record by its place. Every call reads the file anew: the segment may still be growing.
pub(crate) fn read(folder: &Path, at: Locator) -> Result<Record, ArchiveError> {
    let Locator(number, offset, length) = at;
    let segment = list(folder)?.into_iter().find(|segment| segment.number == number);
    let Some(segment) = segment else {
        let why = "the segment file is missing".to_owned();
        return Err(ArchiveError::Damaged { segment: format!("{number:06}"), offset, why });
    };
    let file = File::open(&segment.path).map_err(ArchiveError::file("open", &segment.path))?;
    let mut bytes = vec![0; length as usize];
    let damaged = |why: String| ArchiveError::Damaged { segment: segment.name(), offset, why };
    file.read_exact_at(&mut bytes, offset).map_err(|error| damaged(error.to_string()))?;
    frame::decode(&bytes).and_then(|bytes| Record::parse(&bytes)).map_err(damaged)
}

/// The segments that are being appended to: at most one a family, owned by the writer alone.
pub(crate) struct OpenSegments {
    folder: PathBuf,
    /// `None` once the numbers are used up.
    next_number: Option<u32>,
    archive_id: String,
    open: BTreeMap<Family, Open>,
    /// Segments that were closed since the archive was opened: their visits belong to the high-water mark too.
    closed: Vec<(u32, u64)>,
    frames: FrameWriter,
}

struct Open {
    number: u32,
    path: PathBuf,
    file: File,
    length: u64,
    dirty: bool,
}

impl OpenSegments {
    /// Goes on with the newest segment of each family that names this archive: those of format 1 are closed.
    pub(crate) fn new(folder: &Path, archive_id: &str) -> Result<Self, ArchiveError> {
        let files = list(folder)?;
        let next_number = files.last().map_or(Some(1), |segment| segment.number.checked_add(1));
        let mut open = BTreeMap::new();
        for segment in files {
            let family = [Family::WeChat, Family::Web, Family::Media];
            let Some(family) = family.into_iter().find(|family| family.word() == segment.family) else { continue };
            if origin::of(&segment)? != Origin::Named(archive_id.to_owned()) {
                open.remove(&family);
                continue;
            }
            let file = OpenOptions::new().append(true).open(&segment.path);
            let file = file.map_err(ArchiveError::file("open", &segment.path))?;
            let length = file.metadata().map_err(ArchiveError::file("read", &segment.path))?.len();
            open.insert(family, Open { number: segment.number, path: segment.path, file, length, dirty: false });
        }
        let frames = FrameWriter::new().map_err(ArchiveError::file("start compressing for", folder))?;
        Ok(Self {
            folder: folder.to_owned(),
            next_number,
            archive_id: archive_id.to_owned(),
            open,
            closed: Vec::new(),
            frames,
        })
    }

    /// Appends a visit's records as one write, and says where each stands. All of them, or none.
    pub(crate) fn append(
        &mut self,
        family: Family,
        records: &[Record],
        now: Time,
    ) -> Result<Vec<Locator>, ArchiveError> {
        let mut bytes = Vec::new();
        let mut places = Vec::new();
        for record in records {
            let frame =
                self.frames.frame(&record.to_bytes()).map_err(ArchiveError::file("compress for", &self.folder))?;
            places.push((bytes.len() as u64, frame.len() as u32));
            bytes.extend_from_slice(&frame);
        }
        let open = self.open_for(family, now)?;
        let start = open.length;
        if let Err(error) = open.file.write_all(&bytes) {
            // What was written of it must not stay: the next visit would stand behind half a frame.
            open.file.set_len(start).map_err(ArchiveError::file("cut back", &open.path))?;
            return Err(ArchiveError::file("write to", &open.path)(error));
        }
        open.length += bytes.len() as u64;
        open.dirty = true;
        let number = open.number;
        Ok(places.into_iter().map(|(at, length)| Locator(number, start + at, length)).collect())
    }

    /// Makes everything appended so far survive a loss of power.
    pub(crate) fn sync(&mut self) -> Result<(), ArchiveError> {
        for open in self.open.values_mut().filter(|open| open.dirty) {
            open.file.sync_data().map_err(ArchiveError::file("sync", &open.path))?;
            open.dirty = false;
        }
        Ok(())
    }

    /// How far each segment written to reaches: the high-water mark once it is synced.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let open = self.open.values().map(|open| (open.number, open.length));
        self.closed.iter().copied().chain(open)
    }

    fn open_for(&mut self, family: Family, now: Time) -> Result<&mut Open, ArchiveError> {
        let full = self.open.get(&family).is_some_and(|open| open.length >= ROLL_BYTES);
        if full && let Some(closed) = self.open.remove(&family) {
            if closed.dirty {
                closed.file.sync_data().map_err(ArchiveError::file("sync", &closed.path))?;
            }
            self.closed.push((closed.number, closed.length));
        }
        if !self.open.contains_key(&family) {
            let begun = self.begin(family, now)?;
            self.open.insert(family, begun);
        }
        Ok(self.open.get_mut(&family).expect("inserted just above"))
    }

    /// A new segment: created, its first record written, file and folder synced — and only then appended to.
    fn begin(&mut self, family: Family, now: Time) -> Result<Open, ArchiveError> {
        let Some(number) = self.next_number else {
            let why = std::io::Error::other("the numbers of segments are used up");
            return Err(ArchiveError::file("begin a segment in", &self.folder)(why));
        };
        let path = self.folder.join(file_name(number, family.word()));
        let id = record_id(&self.archive_id, u64::from(number), "segment");
        let info = warc::warcinfo(&id, now, family.word(), &self.archive_id).to_bytes();
        let info = self.frames.frame(&info).map_err(ArchiveError::file("compress for", &path))?;
        let file = OpenOptions::new().append(true).create_new(true).open(&path);
        let mut file = file.map_err(ArchiveError::file("create", &path))?;
        file.write_all(&info).map_err(ArchiveError::file("write to", &path))?;
        file.sync_all().map_err(ArchiveError::file("sync", &path))?;
        files::sync_folder(&self.folder)?;
        self.next_number = number.checked_add(1);
        Ok(Open { number, path, file, length: info.len() as u64, dirty: false })
    }
}

/// A record's id: a version-8 UUID (RFC 9562 §5.8) made from archive, number and role, so that nothing depends on chance.
pub(crate) fn record_id(archive_id: &str, number: u64, role: &str) -> String {
    let hex = crate::model::Digest::of_parts(&[archive_id, &number.to_string(), role]).hex();
    format!("urn:uuid:{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

fn file_name(number: u32, family: &str) -> String {
    format!("{number:06}-{family}.warc.zst")
}
