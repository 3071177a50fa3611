//! The tarball as a stream: a tar, or a tar in one zstd stream. Told apart by how it begins, never by its name.

use crate::import::error::ImportError;
use crate::import::source::{Source, What};
use crate::import::tar::Tar;
use crate::import::{Imported, Importer, Watch, whole};
use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

/// The magic number of a zstd frame (RFC 8878 §3.1.1).
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];

/// The largest zstd window, as a power of two: 128 MiB, what `zstd -d` takes without being asked.
const LARGEST_WINDOW: u32 = 27;

/// How much more a zstd stream may hold than it has, once past the floor: judgement; segments do not compress, and texts of articles
/// five times. A bomb has a thousand times and more.
const RATIO: u64 = 100;
const RATIO_FLOOR: u64 = 64 << 20;

/// `wangqi export --format tar`, with and without `--zstd`.
pub(crate) struct Tarball;

impl Importer for Tarball {
    fn name(&self) -> &'static str {
        "tarball"
    }

    fn claims(&self, source: &Source<'_>) -> bool {
        let What::Stream(beginning, _) = &source.what else { return false };
        beginning.starts_with(ZSTD) || beginning.get(257..262) == Some(b"ustar")
    }

    fn import(&self, source: Source<'_>, root: &Path, watch: &mut dyn Watch) -> Result<Imported, ImportError> {
        let name = source.name().to_owned();
        let What::Stream(beginning, rest) = source.what else { return Err(ImportError::Unknown { source_name: name }) };
        let is_zstd = beginning.starts_with(ZSTD);
        let stream = beginning.as_slice().chain(rest);
        if !is_zstd {
            return whole::restore(&name, &mut Tar::new(stream), root, watch);
        }
        let taken = Rc::new(Taken::default());
        let unpacked =
            Unzipped::new(stream, &taken).map_err(|error| ImportError::Read { source_name: name.clone(), error })?;
        whole::restore(&name, &mut Tar::new(unpacked), root, watch)
    }
}

/// What was taken from the packed stream.
#[derive(Default)]
struct Taken {
    bytes: Cell<u64>,
    /// Whether reading it failed: then that is the error, and not what zstd makes of it.
    failed: Cell<bool>,
}

struct Counted<R>(R, Rc<Taken>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into);
        match &read {
            Ok(read) => self.1.bytes.set(self.1.bytes.get() + *read as u64),
            Err(_) => self.1.failed.set(true),
        }
        read
    }
}

/// A zstd stream being unpacked, which stops where it grows past belief.
struct Unzipped<R: Read> {
    decoder: zstd::Decoder<'static, BufReader<Counted<R>>>,
    taken: Rc<Taken>,
    given: u64,
}

impl<R: Read> Unzipped<R> {
    fn new(stream: R, taken: &Rc<Taken>) -> io::Result<Self> {
        let mut decoder = zstd::Decoder::new(Counted(stream, Rc::clone(taken)))?;
        decoder.window_log_max(LARGEST_WINDOW)?;
        Ok(Self { decoder, taken: Rc::clone(taken), given: 0 })
    }
}

impl<R: Read> Read for Unzipped<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(into).map_err(|error| {
            if self.taken.failed.get() {
                return error;
            }
            io::Error::other(format!("its zstd stream does not unpack, so it is damaged or not all there ({error})"))
        })?;
        self.given += read as u64;
        if self.given > RATIO_FLOOR && self.given / RATIO > self.taken.bytes.get() {
            return Err(io::Error::other(format!(
                "it unpacks to more than {RATIO} times its size, which no tarball of ours does"
            )));
        }
        Ok(read)
    }
}
