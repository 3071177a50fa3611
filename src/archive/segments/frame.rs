//! One record, one zstd frame: written with content size and checksum, so that a torn or flipped frame never passes.

use std::io;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{CParameter, find_frame_compressed_size, get_frame_content_size};

/// Level for new records: judgement between 350 MB/s at level 3 and 79 MB/s at 9 (our research, storage §3); `compact` re-packs.
const LEVEL: i32 = 3;

/// Largest record, decoded: 1 GiB, judgement. A capture's own ceiling is far below; this guards against a forged size field.
const LARGEST: u64 = 1 << 30;

/// Makes frames. One per writer: it holds its working memory.
pub(crate) struct FrameWriter(Compressor<'static>);

impl FrameWriter {
    /// A writer at the archive's level.
    pub(crate) fn new() -> io::Result<Self> {
        let mut compressor = Compressor::new(LEVEL)?;
        compressor.set_parameter(CParameter::ChecksumFlag(true))?;
        compressor.set_parameter(CParameter::ContentSizeFlag(true))?;
        Ok(Self(compressor))
    }

    /// One frame holding these bytes.
    pub(crate) fn frame(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        if bytes.len() as u64 > LARGEST {
            // Kept, it could not be read back.
            return Err(io::Error::other(format!("a record of {} bytes is larger than any that is kept", bytes.len())));
        }
        self.0.compress(bytes)
    }
}

/// Decodes one whole frame.
///
/// # Errors
/// With a sentence, when the frame is torn, its checksum fails, or it claims an absurd size.
pub(crate) fn decode(frame: &[u8]) -> Result<Vec<u8>, String> {
    decode_up_to(frame, LARGEST)
}

/// Decodes one whole frame of at most so many bytes.
///
/// # Errors
/// As [`decode`].
pub(crate) fn decode_up_to(frame: &[u8], largest: u64) -> Result<Vec<u8>, String> {
    let size = match get_frame_content_size(frame) {
        Ok(Some(size)) if size <= largest => size,
        Ok(Some(size)) => return Err(format!("a frame claims {size} bytes")),
        _ => return Err("a frame without a content size".into()),
    };
    let mut decoder = Decompressor::new().map_err(|error| error.to_string())?;
    decoder.decompress(frame, size as usize).map_err(|error| format!("the frame does not decode: {error}"))
}

/// The length in bytes of the frame that `bytes` begins with; `None` where it is not all there, or is no frame.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    find_frame_compressed_size(bytes).ok().filter(|length| *length <= bytes.len())
}

/// Whether `bytes` may be the beginning of a frame that goes on beyond them.
pub(crate) fn may_begin(bytes: &[u8]) -> bool {
    const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
    MAGIC.starts_with(&bytes[..bytes.len().min(4)])
}
