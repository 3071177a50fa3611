//! Does the archive still hold what an earlier backup holds? Segments only grow, so the answer is in their first bytes.

use crate::archive::Segment;
use crate::export::trailer::Trailer;
use crate::export::{Done, ExportError, Job, Watch};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

/// How many bytes are read at once.
const CHUNK: usize = 256 * 1024;

/// What the archive's segments begin with, as far as earlier backups reach.
pub(crate) struct Held {
    lengths: BTreeMap<String, u64>,
    beginnings: BTreeMap<(String, u64), String>,
}

impl Held {
    /// Reads each segment once, however many backups there are to compare with.
    pub(crate) fn read(job: &Job<'_>, backups: &[&Trailer], watch: &mut dyn Watch) -> Result<Self, ExportError> {
        let (mut lengths, mut beginnings) = (BTreeMap::new(), BTreeMap::new());
        for segment in &job.reach.segments {
            let name = segment.name();
            // Without a digest, as older versions wrote them, the length alone is compared.
            let cuts = backups.iter().filter(|backup| backup.digests.contains_key(&name));
            let cuts: BTreeSet<u64> = cuts.filter_map(|backup| backup.segments.get(&name).copied()).collect();
            for cut in cuts.iter().filter(|cut| **cut <= segment.bytes) {
                beginnings.insert((name.clone(), *cut), String::new());
            }
            hash(segment, &name, &mut beginnings, watch)?;
            lengths.insert(name, segment.bytes);
        }
        Ok(Self { lengths, beginnings })
    }

    /// What a backup holds and the archive does not, a clause for each segment; empty where the archive holds it all.
    pub(crate) fn lacks(&self, backup: &Trailer) -> Vec<String> {
        let mut found = Vec::new();
        for (name, bytes) in &backup.segments {
            let held = self.lengths.get(name).copied().unwrap_or_default();
            let digest = backup.digests.get(name);
            if held < *bytes {
                found.push(format!("segment {name} holds {held} bytes, and {bytes} there"));
            } else if digest.is_some() && digest != self.beginnings.get(&(name.clone(), *bytes)) {
                found.push(format!("the first {bytes} bytes of segment {name} are not the same"));
            }
        }
        found
    }
}

/// The digests of a segment's beginnings, each of its own length.
fn hash(
    segment: &Segment,
    name: &str,
    beginnings: &mut BTreeMap<(String, u64), String>,
    watch: &mut dyn Watch,
) -> Result<(), ExportError> {
    let mut from = segment.open()?;
    let (mut digest, mut at, mut buffer) = (Sha256::new(), 0, vec![0; CHUNK]);
    for ((_, cut), text) in beginnings.range_mut((name.to_owned(), 0)..=(name.to_owned(), u64::MAX)) {
        while at < *cut {
            let most = CHUNK.min(usize::try_from(*cut - at).unwrap_or(CHUNK));
            let read = from.read(&mut buffer[..most]).map_err(ExportError::file("read", Path::new(name)))?;
            if read == 0 {
                // Shorter than it ought to be: what is not there is not the same.
                return Ok(());
            }
            digest.update(&buffer[..read]);
            at += read as u64;
            if !watch.go_on(Done::default()) {
                return Err(ExportError::Stopped);
            }
        }
        *text = digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    }
    Ok(())
}
