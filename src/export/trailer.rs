//! What a compressed tarball ends with: a skippable zstd frame that says whose it is and how long. Programs that unpack zstd pass over
//! it (RFC 8878 §3.1.2); by it a backup is known to be whole without reading it through.

use crate::export::parcel::Done;
use crate::export::{Job, tar};
use crate::model::tarball::MANIFEST_VERSION;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt as _;

/// The frame's magic number: one of the sixteen that are skipped; WARC dictionaries have another.
const MAGIC: [u8; 4] = [0x57, 0x2A, 0x4D, 0x18];

/// What the frame itself ends with, so that it is found from the end of the file.
const END: &[u8; 8] = b"\nwangqi\n";

/// The largest trailer that is read: it names every segment, of which there is one a gigabyte.
const LARGEST: u64 = 16 << 20;

/// What stands in the frame, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trailer {
    /// The manifest's version.
    pub(crate) version: u32,
    /// The archive's id.
    pub(crate) archive: String,
    /// How many bytes stand before this frame.
    pub(crate) stream: u64,
    /// How many articles it holds.
    pub(crate) articles: u64,
    /// Its segments and how long each is; empty where it holds none.
    pub(crate) segments: BTreeMap<String, u64>,
    /// The SHA-256 of each segment as far as it is held here, in hexadecimal; missing where an older version wrote it.
    #[serde(default)]
    pub(crate) digests: BTreeMap<String, String>,
}

impl Trailer {
    /// The trailer of a job's tarball, `stream` bytes of which were written.
    pub(crate) fn of(job: &Job<'_>, stream: u64, done: Done, digests: BTreeMap<String, String>) -> Self {
        let segments = job.reach.segments.iter().filter(|_| tar::is_whole(job));
        Self {
            version: MANIFEST_VERSION,
            archive: job.reach.id.clone(),
            stream,
            articles: done.articles,
            segments: segments.map(|segment| (segment.name(), segment.bytes)).collect(),
            digests,
        }
    }

    /// Writes the frame.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let json = serde_json::to_vec(self)?;
        let length = u32::try_from(json.len()).map_err(io::Error::other)?;
        out.write_all(&MAGIC)?;
        out.write_all(&(length + 4 + END.len() as u32).to_le_bytes())?;
        out.write_all(&json)?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(END)
    }

    /// Reads the frame at the end of a file; `None` where there is none, or the file is not as long as it says.
    pub(crate) fn read(file: &File) -> io::Result<Option<Self>> {
        let whole = file.metadata()?.len();
        let tail_length = 4 + END.len() as u64;
        if whole < tail_length + 8 {
            return Ok(None);
        }
        let mut tail = [0; 12];
        file.read_exact_at(&mut tail, whole - tail_length)?;
        let length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
        if tail[4..] != *END || length > LARGEST || length + tail_length + 8 > whole {
            return Ok(None);
        }
        let start = whole - tail_length - length - 8;
        let mut bytes = vec![0; 8 + length as usize];
        file.read_exact_at(&mut bytes, start)?;
        if bytes[..4] != MAGIC {
            return Ok(None);
        }
        let found: Option<Self> = serde_json::from_slice(&bytes[8..]).ok();
        Ok(found.filter(|found| found.stream == start))
    }
}

/// Counts what is written through it.
pub(crate) struct Counted<'a> {
    out: &'a mut dyn Write,
    /// Bytes so far.
    pub(crate) bytes: u64,
}

impl<'a> Counted<'a> {
    /// Nothing written yet.
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, bytes: 0 }
    }
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
