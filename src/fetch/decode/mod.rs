//! Undoing `Content-Encoding`, as the bytes come, within limits.
//!
//! Each encoding is a writer that passes what it unpacks to the next; between them stand meters, so that neither the end result nor
//! anything on the way to it grows past the limits. Memory: the result, and a small buffer per encoding.

mod stages;

use stages::{Coding, Meter, Payload, Stage};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use thiserror::Error;

/// How far unpacking may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The most bytes.
    pub(super) size: u64,
    /// The most times the wire form's size, past `ratio_floor`.
    pub(super) ratio: u64,
    /// Below this size the ratio is not asked.
    pub(super) ratio_floor: u64,
}

/// Why unpacking stopped.
#[derive(Debug, Error)]
pub(super) enum DecodeError {
    /// The result is larger than the limit.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// It grows out of all proportion.
    #[error("more than {0} times its size")]
    Bomb(u64),
    /// The bytes are not in this encoding.
    #[error("not as its Content-Encoding says: {0}")]
    Corrupt(String),
    /// The bytes end too early.
    #[error("its encoding ends too early")]
    EndsEarly,
    /// We know no such encoding.
    #[error("its Content-Encoding {0:?} is one that we did not ask for")]
    Unknown(String),
}

/// How much of the wire form is unpacked in one go, so that the ratio is judged against little more than what was unpacked.
const PART: usize = 32 * 1024;

/// A body on its way from the wire to its payload.
pub(super) struct Decoder {
    stage: Box<dyn Stage>,
    wire: Arc<AtomicU64>,
    encoded: bool,
}

impl Decoder {
    /// For a body under these `Content-Encoding` values; `expected` is how much room to make at once.
    pub(super) fn new(encodings: &[String], limits: Limits, expected: usize) -> Result<Self, DecodeError> {
        let wire = Arc::new(AtomicU64::new(0));
        let meter = |next: Box<dyn Stage>| Meter::new(next, limits, Arc::clone(&wire));
        let codings = Coding::listed(encodings)?;
        let encoded = !codings.is_empty();
        // The coding applied last is listed last, and is undone first.
        let mut stage = meter(Box::new(Payload::with_capacity(if encoded { 0 } else { expected })));
        for coding in codings {
            stage = meter(coding.undone_into(stage)?);
        }
        // What arrives is metered by the reader.
        let stage: Box<dyn Stage> = if encoded { stage.into_next() } else { Box::new(stage) };
        Ok(Self { stage, wire, encoded })
    }

    /// Takes the next bytes from the wire.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        for part in bytes.chunks(PART) {
            self.wire.fetch_add(part.len() as u64, Ordering::Relaxed);
            self.stage.write_all(part).map_err(DecodeError::from)?;
        }
        Ok(())
    }

    /// The payload, when the body has ended.
    pub(super) fn finish(self) -> Result<Vec<u8>, DecodeError> {
        // No body at all is no broken encoding: 304 answers carry the header too.
        if self.encoded && self.wire.load(Ordering::Relaxed) == 0 {
            return Ok(Vec::new());
        }
        self.stage.finish().map_err(DecodeError::from)
    }

    /// What has been unpacked so far, given up on the rest.
    pub(super) fn so_far(mut self) -> Vec<u8> {
        self.stage.abandon()
    }
}

impl From<io::Error> for DecodeError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::EndsEarly;
        }
        let text = error.to_string();
        error.into_inner().and_then(|inner| inner.downcast::<Self>().ok()).map_or(Self::Corrupt(text), |own| *own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::{Read as _, Write as _};

    const LIMITS: Limits = Limits { size: 1 << 20, ratio: 200, ratio_floor: 1 << 16 };
    const CODINGS: &[&str] = &["gzip", "deflate", "br", "zstd", "identity"];

    fn coded(coding: &str, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match coding {
            "gzip" => drop(flate2::read::GzEncoder::new(plain, flate2::Compression::fast()).read_to_end(&mut out)),
            "deflate" => drop(flate2::read::ZlibEncoder::new(plain, flate2::Compression::fast()).read_to_end(&mut out)),
            "br" => drop(brotli::CompressorWriter::new(&mut out, 4096, 3, 18).write_all(plain)),
            "zstd" => out = zstd::encode_all(plain, 1).unwrap(),
            _ => out = plain.to_vec(),
        }
        out
    }

    fn decoded(codings: &[String], wire: &[u8], step: usize) -> Result<Vec<u8>, DecodeError> {
        let mut decoder = Decoder::new(codings, LIMITS, 0)?;
        wire.chunks(step.max(1)).try_for_each(|chunk| decoder.push(chunk))?;
        decoder.finish()
    }

    proptest! {
        #[test]
        fn what_was_coded_comes_back_however_it_is_cut(
            plain in proptest::collection::vec(0_u8..4, 1..5000),
            codings in proptest::collection::vec(proptest::sample::select(CODINGS), 0..3),
            step in 1_usize..700,
        ) {
            let wire = codings.iter().fold(plain.clone(), |bytes, coding| coded(coding, &bytes));
            let codings: Vec<String> = codings.iter().map(ToString::to_string).collect();
            prop_assert_eq!(decoded(&codings, &wire, step).unwrap(), plain.clone());
            prop_assert_eq!(decoded(&[codings.join(", ")], &wire, step).unwrap().len(), plain.len());
        }

        #[test]
        fn no_bytes_make_it_panic_or_swell(
            plain in proptest::collection::vec(0_u8..4, 0..2000),
            coding in proptest::sample::select(CODINGS),
            hurt in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
            keep in any::<proptest::sample::Index>(),
            step in 1_usize..300,
        ) {
            let mut wire = coded(coding, &plain);
            for (at, byte) in hurt {
                if !wire.is_empty() {
                    let at = at.index(wire.len());
                    wire[at] = byte;
                }
            }
            wire.truncate(keep.index(wire.len() + 1));
            if let Ok(payload) = decoded(&[coding.to_owned()], &wire, step) {
                prop_assert!(payload.len() as u64 <= LIMITS.size);
            }
        }
    }
}
