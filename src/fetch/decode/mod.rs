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
