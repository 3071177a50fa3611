//! How far the archive reaches at an instant: the one view that everything in an export agrees with.

use crate::archive::error::ArchiveError;
use crate::archive::index::keys;
use crate::archive::index::ledger::read_row;
use crate::archive::reader::Reader;
use crate::archive::recover::HighWater;
use crate::archive::segments::scan::{Scan, Step};
use crate::archive::segments::{self, Locator, SegmentFile};
use std::fs::File;
use std::io::{Read, Take};

/// An archive as it stood at an instant: what was acknowledged by then, and no more. Segments only grow, so it stays readable.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The archive's id.
    pub id: String,
    /// The archive's format.
    pub format: u32,
    /// Its VERSION file, byte for byte.
    pub version: Vec<u8>,
    /// Its segments, by number.
    pub segments: Vec<Segment>,
}

/// A segment, as far as its visits were acknowledged.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its bytes that count.
    pub bytes: u64,
    file: SegmentFile,
}

impl Segment {
    /// Its file name.
    pub fn name(&self) -> String {
        self.file.name()
    }

    /// Its bytes, from the first to the last that counts.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(&self) -> Result<Take<File>, ArchiveError> {
        let file = File::open(&self.file.path).map_err(ArchiveError::file("open", &self.file.path))?;
        Ok(file.take(self.bytes))
    }

    /// Reads every record of the segment and says what is damaged, one sentence each; `go_on` is asked now and then.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn damage(&self, go_on: &mut dyn FnMut() -> bool) -> Result<Vec<String>, ArchiveError> {
        let mut found = Vec::new();
        let mut scan = Scan::new(&self.file, 0)?;
        if scan.length() < self.bytes {
            found.push(format!(
                "segment {} holds {} bytes where {} were written",
                self.name(),
                scan.length(),
                self.bytes
            ));
        }
        while go_on()
            && let Some(step) = scan.step()?
        {
            match step {
                Step::Visit(visit) if visit.end >= self.bytes => break,
                // What stands behind the last acknowledged visit is being written just now.
                Step::Damage { from, .. } if from >= self.bytes => break,
                Step::Damage { from, to, why } => {
                    found.push(format!("segment {} is damaged from byte {from} to {to}: {why}", self.name()));
                }
                Step::Visit(_) => {}
            }
        }
        Ok(found)
    }
}

impl Reach {
    /// Whether a record had been acknowledged.
    pub fn holds(&self, Locator(number, offset, length): Locator) -> bool {
        let segment = self.segments.iter().find(|segment| segment.file.number == number);
        segment.is_some_and(|segment| offset + u64::from(length) <= segment.bytes)
    }
}

impl Reader {
    /// How far the archive reaches now.
    ///
    /// # Errors
    /// When the index fails, the folder cannot be read, or a segment that was written to is gone.
    pub fn reach(&self) -> Result<Reach, ArchiveError> {
        let path = self.root().join("VERSION");
        let version = std::fs::read(&path).map_err(ArchiveError::file("read", &path))?;
        let text = String::from_utf8_lossy(&version);
        let field =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).map(str::to_owned);
        let id = field("id").unwrap_or_default();
        let format = field("wangqi archive format").and_then(|number| number.parse().ok()).unwrap_or_default();
        let mark = self.index().get(&keys::meta("high_water"))?;
        let mark: HighWater = mark.map(|bytes| read_row(&bytes)).transpose()?.unwrap_or_default();
        let mut files = segments::list(&self.root().join("segments"))?;
        let mut reached = Vec::new();
        // A file that was removed because not even its first record was whole leaves a mark of nothing.
        for (number, bytes) in mark.segments.into_iter().filter(|(_, bytes)| *bytes > 0) {
            let Some(at) = files.iter().position(|file| file.number == number) else {
                let why = "the segment file is missing".to_owned();
                return Err(ArchiveError::Damaged { segment: format!("{number:06}"), offset: 0, why });
            };
            reached.push(Segment { bytes, file: files.swap_remove(at) });
        }
        Ok(Reach { id, format, version, segments: reached })
    }
}
