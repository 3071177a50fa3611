//! Walks a segment visit by visit, whatever its tail looks like.
//!
//! A visit is whole when its frames are contiguous, decode with their checksums, and end in the `metadata` record that names
//! the others. Past damage the walk finds the next frame that holds a record and goes on, so one bad byte loses one visit.

use crate::archive::error::ArchiveError;
use crate::archive::segments::{Locator, SegmentFile, frame};
use crate::archive::warc::Record;
use crate::model::VisitRecord;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// How much is read at first to find a frame's end: most frames are smaller.
const FIRST_READ: usize = 64 * 1024;

/// The largest number of a visit: 2^62, judgement. No archive gets there by counting, and the next one has to have a number too.
const LARGEST_SEQ: u64 = 1 << 62;

/// How the damage of a larger one is told.
pub(crate) const BEYOND: &str = "a visit's number is beyond any archive's";

/// A whole visit as it stands in a segment.
#[derive(Clone, Debug)]
pub(crate) struct StoredVisit {
    /// The metadata record's contents.
    pub(crate) record: VisitRecord,
    /// The place of the metadata record.
    pub(crate) place: Locator,
    /// The visit's other records, in file order: kind, id, place. Their blocks are not kept.
    pub(crate) others: Vec<(String, String, Locator)>,
    /// Where the visit ends.
    pub(crate) end: u64,
}

/// What the walk meets.
#[derive(Debug)]
pub(crate) enum Step {
    /// A whole visit.
    Visit(Box<StoredVisit>),
    /// Bytes that are no whole visit, from offset to offset, with what is wrong. At the end of the file this is a torn tail.
    Damage { from: u64, to: u64, why: String },
}

/// The walk itself: an iterator over a segment from an offset.
pub(crate) struct Scan {
    /// `None` while the walk rests.
    file: Option<File>,
    segment: SegmentFile,
    at: u64,
    length: u64,
    /// Called with every decoded record, for `verify`.
    check: Option<Check>,
    /// A step found while another was being reported.
    next: Option<Step>,
}

/// Looks at each record as it passes; an error is reported as damage.
pub(crate) type Check = Box<dyn FnMut(&Record, Locator) -> Result<(), String>>;

impl Scan {
    /// A walk over the segment from `from`.
    pub(crate) fn new(segment: &SegmentFile, from: u64) -> Result<Self, ArchiveError> {
        let file = File::open(&segment.path).map_err(ArchiveError::file("open", &segment.path))?;
        let length = file.metadata().map_err(ArchiveError::file("read", &segment.path))?.len();
        Ok(Self { file: Some(file), segment: segment.clone(), at: from, length, check: None, next: None })
    }

    /// Has every record looked at on the way.
    pub(crate) fn with_check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    /// Closes the file until the next step: where many walks stand side by side, few are on their way at once.
    pub(crate) fn rest(&mut self) {
        self.file = None;
    }

    /// The segment's length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The next step; `None` at the end of the file.
    pub(crate) fn step(&mut self) -> Result<Option<Step>, ArchiveError> {
        if let Some(step) = self.next.take() {
            return Ok(Some(step));
        }
        let from = self.at;
        let mut others = Vec::new();
        while self.at < self.length {
            let (record, place) = match self.record()? {
                Ok(found) => found,
                Err(why) => return self.damage(from, why).map(Some),
            };
            match record.kind() {
                // A segment's own header: no visit, and never inside one.
                "warcinfo" if others.is_empty() => return self.step(),
                "metadata" => return Ok(Some(self.close(from, &record, place, &others))),
                _ => others.push((record.kind().to_owned(), record.id().to_owned(), place)),
            }
        }
        if others.is_empty() {
            self.rest();
            return Ok(None);
        }
        Ok(Some(Step::Damage { from, to: self.length, why: "a visit without its metadata record".into() }))
    }

    fn close(&mut self, from: u64, record: &Record, place: Locator, others: &[(String, String, Locator)]) -> Step {
        let to = self.at;
        let visit: VisitRecord = match serde_json::from_slice(&record.block) {
            Ok(visit) => visit,
            Err(error) => {
                return Step::Damage { from, to, why: format!("a metadata record that does not read: {error}") };
            }
        };
        if visit.seq > LARGEST_SEQ {
            return Step::Damage { from, to, why: format!("{BEYOND}: {}", visit.seq) };
        }
        // Records of a visit that was torn may stand before this one's; only those it names belong to it.
        let named = others.len().saturating_sub(visit.records.len());
        let (stray, own) = others.split_at(named);
        if !own.iter().map(|(_, id, _)| id).eq(&visit.records) {
            return Step::Damage {
                from,
                to,
                why: format!("visit {} does not stand with the records it names", visit.seq),
            };
        }
        let begin = own.first().map_or(place.1, |(_, _, place)| place.1);
        let seq = visit.seq;
        let found = Step::Visit(Box::new(StoredVisit { record: visit, place, others: own.to_vec(), end: to }));
        if stray.is_empty() {
            return found;
        }
        self.next = Some(found);
        Step::Damage { from, to: begin, why: format!("records of a torn visit before visit {seq}") }
    }

    /// Reads the frame at the current offset and moves past it.
    fn record(&mut self) -> Result<Result<(Record, Locator), String>, ArchiveError> {
        let Some(bytes) = self.frame_at(self.at)? else { return Ok(Err("no whole frame".into())) };
        let place = Locator(self.segment.number, self.at, bytes.len() as u32);
        let record = frame::decode(&bytes).and_then(|bytes| Record::parse(&bytes));
        let record = match (record, &mut self.check) {
            (Ok(record), Some(check)) => check(&record, place).map(|()| record),
            (record, _) => record,
        };
        if record.is_ok() {
            self.at += bytes.len() as u64;
        }
        Ok(record.map(|record| (record, place)))
    }

    fn frame_at(&mut self, at: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
        let mut want = FIRST_READ;
        loop {
            let left = (self.length - at) as usize;
            let bytes = self.read(at, want.min(left))?;
            if let Some(length) = frame::length(&bytes) {
                let mut bytes = bytes;
                bytes.truncate(length);
                return Ok(Some(bytes));
            }
            if bytes.len() == left || !frame::may_begin(&bytes) {
                return Ok(None);
            }
            want *= 4;
        }
    }

    fn read(&mut self, at: u64, length: usize) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = vec![0; length];
        if self.file.is_none() {
            let file = File::open(&self.segment.path).map_err(ArchiveError::file("open", &self.segment.path))?;
            self.file = Some(file);
        }
        let file = self.file.as_ref().expect("opened just above");
        let read = file.read_exact_at(&mut bytes, at);
        read.map_err(ArchiveError::file("read", &self.segment.path))?;
        Ok(bytes)
    }

    /// Finds the next frame that holds a record after bad bytes: what lies between is damage; without one it is a torn tail.
    fn damage(&mut self, from: u64, why: String) -> Result<Step, ArchiveError> {
        const MAGIC: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
        let mut at = self.at + 1;
        while at < self.length {
            let window = self.read(at, (1usize << 20).min((self.length - at) as usize))?;
            for (hit, _) in window.windows(4).enumerate().filter(|(_, four)| *four == MAGIC) {
                let candidate = at + hit as u64;
                let found = self.frame_at(candidate)?;
                let record =
                    found.and_then(|bytes| frame::decode(&bytes).ok()).and_then(|bytes| Record::parse(&bytes).ok());
                // Visits begin with a request, or are a metadata record alone.
                if record.is_some_and(|record| matches!(record.kind(), "request" | "metadata")) {
                    self.at = candidate;
                    return Ok(Step::Damage { from, to: candidate, why });
                }
            }
            if window.len() < 4 {
                break;
            }
            at += window.len() as u64 - 3;
        }
        self.at = self.length;
        Ok(Step::Damage { from, to: self.length, why })
    }
}
