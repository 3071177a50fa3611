//! A segment's first record → which archive it is of.

use crate::archive::error::ArchiveError;
use crate::archive::segments::{SegmentFile, frame, record_id};
use crate::archive::version::Version;
use crate::archive::warc::Record;
use std::fs::File;
use std::io::Read as _;

/// The most a first record takes, packed or unpacked: ours have a few hundred bytes. Judgement.
const LARGEST: u64 = 64 * 1024;

/// What a segment's first record says of its archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It names the archive, as it does since format 2.
    Named(String),
    /// It has only its own id, which is made from the archive's: format 1.
    Unnamed(String),
    /// It cannot be read, which is damage and says nothing about where the segment is from.
    Unknown,
}

/// Reads it.
pub(crate) fn of(segment: &SegmentFile) -> Result<Origin, ArchiveError> {
    let bytes = beginning(segment)?;
    let Some(length) = frame::length(&bytes) else { return Ok(Origin::Unknown) };
    let record = frame::decode_up_to(&bytes[..length], LARGEST).and_then(|bytes| Record::parse(&bytes));
    let Some(record) = record.ok().filter(|record| record.kind() == "warcinfo") else { return Ok(Origin::Unknown) };
    Ok(match record.info("isPartOf") {
        Some(id) => Origin::Named(id),
        None => Origin::Unnamed(record.id().to_owned()),
    })
}

/// Whether the segment holds nothing but its first record, or nothing at all.
pub(crate) fn is_alone(segment: &SegmentFile) -> Result<bool, ArchiveError> {
    let bytes = beginning(segment)?;
    Ok(bytes.is_empty() || (bytes.len() as u64) < LARGEST && frame::length(&bytes) == Some(bytes.len()))
}

fn beginning(segment: &SegmentFile) -> Result<Vec<u8>, ArchiveError> {
    let file = File::open(&segment.path).map_err(ArchiveError::file("open", &segment.path))?;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(ArchiveError::file("read", &segment.path))?;
    Ok(bytes)
}

impl Origin {
    /// Whether a segment with this origin is a part of the archive; `None` where its first record cannot be read.
    pub(crate) fn is_of(&self, version: &Version, number: u32) -> Option<bool> {
        match self {
            Self::Named(id) => Some(*id == version.id),
            Self::Unnamed(id) => {
                let is_ours = *id == record_id(&version.id, u64::from(number), "segment");
                Some(is_ours || version.format < 2 || number <= version.adopted)
            }
            Self::Unknown => None,
        }
    }
}
