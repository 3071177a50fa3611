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
        let unpacked = Unzipped::new(stream).map_err(|error| ImportError::Read { source_name: name.clone(), error })?;
        whole::restore(&name, &mut Tar::new(unpacked), root, watch)
    }
}

/// The packed stream, which remembers whether reading it failed: then that is the error, and not what zstd makes of it.
struct Packed<R>(R, Rc<Cell<bool>>);

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into);
        if read.is_err() {
            self.1.set(true);
        }
        read
    }
}

/// A zstd stream being unpacked. It may hold any number of times its size, as the same picture in many articles does: what is only
/// hashed takes no room, and what is staged has to fit into the room that is free.
struct Unzipped<R: Read> {
    decoder: zstd::Decoder<'static, BufReader<Packed<R>>>,
    failed: Rc<Cell<bool>>,
}

impl<R: Read> Unzipped<R> {
    fn new(stream: R) -> io::Result<Self> {
        let failed = Rc::new(Cell::new(false));
        let mut decoder = zstd::Decoder::new(Packed(stream, Rc::clone(&failed)))?;
        decoder.window_log_max(LARGEST_WINDOW)?;
        Ok(Self { decoder, failed })
    }
}

impl<R: Read> Read for Unzipped<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(into).map_err(|error| {
            if self.failed.get() {
                return error;
            }
            let why = format!("its zstd stream does not unpack, so it is damaged or not all there ({error})");
            io::Error::new(io::ErrorKind::InvalidData, why)
        })
    }
}
