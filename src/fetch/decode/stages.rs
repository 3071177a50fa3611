//! The codings themselves, each as a writer that passes on what it unpacks.

use super::{DecodeError, Limits};
use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zstd::stream::raw::{DParameter, InBuffer, Operation as _, OutBuffer};

/// Largest window of a zstd frame, as a power of two: 8 MiB, which RFC 9659 sets for HTTP.
const ZSTD_WINDOW: u32 = 23;
/// Codings over codings that we undo: judgement; real servers use one, rarely two.
const DEEPEST: usize = 3;
/// The room each coding unpacks into before it passes it on.
const BUFFER: usize = 32 * 1024;

/// A writer at the end of which the payload comes out.
pub(super) trait Stage: Write + Send {
    /// Ends the input and hands the payload back.
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>>;
    /// What has arrived at the end so far.
    fn abandon(&mut self) -> Vec<u8>;
}

/// The end of the way.
pub(super) struct Payload(Vec<u8>);

impl Payload {
    pub(super) fn with_capacity(expected: usize) -> Self {
        Self(Vec::with_capacity(expected))
    }
}

/// Stands before a stage and counts what passes.
pub(super) struct Meter {
    next: Box<dyn Stage>,
    passed: u64,
    limits: Limits,
    wire: Arc<AtomicU64>,
}

impl Meter {
    pub(super) fn new(next: Box<dyn Stage>, limits: Limits, wire: Arc<AtomicU64>) -> Self {
        Self { next, passed: 0, limits, wire }
    }

    pub(super) fn into_next(self) -> Box<dyn Stage> {
        self.next
    }
}

impl Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limits.size.saturating_sub(self.passed);
        let part = &bytes[..bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        self.next.write_all(part)?;
        self.passed += part.len() as u64;
        if part.len() < bytes.len() {
            return Err(io::Error::other(DecodeError::TooLarge(self.limits.size)));
        }
        let honest = self.wire.load(Ordering::Relaxed).saturating_mul(self.limits.ratio);
        if self.passed > self.limits.ratio_floor && self.passed > honest {
            return Err(io::Error::other(DecodeError::Bomb(self.limits.ratio)));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A content coding that we can undo.
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// The codings that these header values list, in the order they were applied. Words that are no coding at all (`utf-8`, `none`)
    /// stand there by mistake and mean nothing.
    pub(super) fn listed(values: &[String]) -> Result<Vec<Self>, DecodeError> {
        let mut codings = Vec::new();
        for word in values.iter().flat_map(|value| value.split(',')).map(|word| word.trim().to_ascii_lowercase()) {
            codings.push(match word.as_str() {
                "gzip" | "x-gzip" => Self::Gzip,
                "deflate" => Self::Deflate,
                "br" => Self::Brotli,
                "zstd" => Self::Zstd,
                "compress" | "x-compress" | "dcb" | "dcz" | "exi" | "pack200-gzip" => {
                    return Err(DecodeError::Unknown(word));
                }
                _ => continue,
            });
        }
        if codings.len() > DEEPEST {
            return Err(DecodeError::Unknown(values.join(", ").chars().take(100).collect()));
        }
        Ok(codings)
    }

    /// The writer that undoes this coding into the next.
    pub(super) fn undone_into(self, next: Meter) -> io::Result<Box<dyn Stage>> {
        Ok(match self {
            Self::Gzip => Box::new(Gzip(Member::Reading(Box::new(GzDecoder::new(next))))),
            Self::Deflate => Box::new(Deflate::Unknown(next, Vec::new())),
            Self::Brotli => Box::new(Brotli(brotli::DecompressorWriter::new(next, BUFFER))),
            Self::Zstd => {
                let mut decoder = zstd::stream::raw::Decoder::new()?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW))?;
                Box::new(Zstd { decoder, buffer: vec![0; BUFFER], between_frames: false, next })
            }
        })
    }
}

/// gzip: members after members; what follows the last and is none is left out, as browsers do.
struct Gzip(Member);

enum Member {
    Reading(Box<GzDecoder<Meter>>),
    Ended(Meter),
    Gone,
}

impl Write for Gzip {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::mem::replace(&mut self.0, Member::Gone) {
            Member::Reading(mut member) => {
                let taken = member.write(bytes)?;
                let over = taken == 0 && !bytes.is_empty();
                if !over {
                    self.0 = Member::Reading(member);
                    return Ok(taken);
                }
                let next = member.finish()?;
                self.0 = if bytes[0] == 0x1f {
                    Member::Reading(Box::new(GzDecoder::new(next)))
                } else {
                    Member::Ended(next)
                };
                self.write(bytes)
            }
            ended => {
                self.0 = ended;
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `deflate`: by the standard a zlib stream, in the wild also a bare one; the first two bytes tell.
enum Deflate {
    Unknown(Meter, Vec<u8>),
    Zlib(Box<ZlibDecoder<Meter>>),
    Bare(Box<DeflateDecoder<Meter>>),
    Gone,
}

impl Write for Deflate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = match self {
            Self::Zlib(stream) => stream.write(bytes)?,
            Self::Bare(stream) => stream.write(bytes)?,
            Self::Gone => bytes.len(),
            Self::Unknown(_, head) if head.len() + bytes.len() < 2 => {
                head.extend_from_slice(bytes);
                bytes.len()
            }
            Self::Unknown(..) => {
                let Self::Unknown(next, head) = std::mem::replace(self, Self::Gone) else { return Ok(bytes.len()) };
                let mut first = head.iter().chain(bytes).copied();
                let (method, flags) = (first.next().unwrap_or(0), first.next().unwrap_or(0));
                let zlib = method & 0x0f == 8 && u16::from_be_bytes([method, flags]) % 31 == 0;
                *self = if zlib {
                    Self::Zlib(Box::new(ZlibDecoder::new(next)))
                } else {
                    Self::Bare(Box::new(DeflateDecoder::new(next)))
                };
                self.write_all(&head)?;
                self.write(bytes)?
            }
        };
        // A stream that has ended takes nothing more; what follows is left out.
        Ok(if taken == 0 { bytes.len() } else { taken })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Brotli(brotli::DecompressorWriter<Meter>);

impl Write for Brotli {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.0.write(bytes)?;
        Ok(if taken == 0 { bytes.len() } else { taken })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Zstd {
    decoder: zstd::stream::raw::Decoder<'static>,
    buffer: Vec<u8>,
    between_frames: bool,
    next: Meter,
}

impl Write for Zstd {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut input = InBuffer::around(bytes);
        loop {
            let mut output = OutBuffer::around(self.buffer.as_mut_slice());
            let hint = self.decoder.run(&mut input, &mut output)?;
            let (written, full) = (output.pos(), output.pos() == output.capacity());
            self.between_frames = hint == 0;
            self.next.write_all(&self.buffer[..written])?;
            if input.pos() >= bytes.len() && !full {
                return Ok(bytes.len());
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Payload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stage for Payload {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        Ok(self.0)
    }

    fn abandon(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

impl Stage for Meter {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        self.next.finish()
    }

    fn abandon(&mut self) -> Vec<u8> {
        self.next.abandon()
    }
}

impl Stage for Gzip {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        match self.0 {
            Member::Reading(member) => member.finish()?.next.finish(),
            Member::Ended(next) => next.next.finish(),
            Member::Gone => Err(ends_early()),
        }
    }

    fn abandon(&mut self) -> Vec<u8> {
        match &mut self.0 {
            Member::Reading(member) => member.get_mut().abandon(),
            Member::Ended(next) => next.abandon(),
            Member::Gone => Vec::new(),
        }
    }
}

impl Stage for Deflate {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        match *self {
            Self::Zlib(stream) => stream.finish()?.next.finish(),
            Self::Bare(stream) => stream.finish()?.next.finish(),
            Self::Unknown(..) | Self::Gone => Err(ends_early()),
        }
    }

    fn abandon(&mut self) -> Vec<u8> {
        match self {
            Self::Zlib(stream) => stream.get_mut().abandon(),
            Self::Bare(stream) => stream.get_mut().abandon(),
            Self::Unknown(..) | Self::Gone => Vec::new(),
        }
    }
}

impl Stage for Brotli {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        // A corrupt stream has failed while it was written: what can still be wrong is that it lacks its end.
        self.0.into_inner().map_err(|_| ends_early())?.next.finish()
    }

    fn abandon(&mut self) -> Vec<u8> {
        self.0.get_mut().abandon()
    }
}

impl Stage for Zstd {
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        if self.between_frames { Box::new(self.next).finish() } else { Err(ends_early()) }
    }

    fn abandon(&mut self) -> Vec<u8> {
        self.next.abandon()
    }
}

fn ends_early() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
