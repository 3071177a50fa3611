//! A tar stream being read: POSIX ustar with pax headers, and what other tars make of it. Plain files and folders only; every
//! byte is either what it has to be, or the stream is refused. Writes nothing, and allocates nothing by what a header claims.

use crate::import::error::Trouble;
use crate::import::name::{LONGEST, shown};
use crate::import::whole::{Entries, Entry};
use std::io::Read;

const BLOCK: usize = 512;

/// The largest pax header that is read, in bytes: judgement; ours hold one path.
const LARGEST_PAX: u64 = 16 * 1024;

/// The most zeros that may follow the end: GNU tar fills up to 10 KiB by default, tapes had a little more. Judgement.
const MOST_FILLING: u64 = 1 << 20;

/// What pax headers may say beside `path` and `size`: facts about a file that are not read. Anything else changes what the file is.
const IDLE: &[&str] = &["mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "comment"];

/// A tar stream.
pub(crate) struct Tar<R> {
    from: R,
    /// Bytes of the current entry that are not read yet.
    left: u64,
    /// Zeros that follow them.
    filling: usize,
    /// The current entry, for messages.
    path: String,
}

/// What headers before an entry's own say of it.
#[derive(Default)]
struct Ahead {
    path: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<R: Read> Tar<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, left: 0, filling: 0, path: String::new() }
    }

    /// Fills the buffer, or says after what the stream ends.
    fn exactly(&mut self, into: &mut [u8]) -> Result<(), Trouble> {
        let mut filled = 0;
        while filled < into.len() {
            match self.from.read(&mut into[filled..]) {
                Ok(0) => return Err(self.ends_early()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(read_failed(error)),
            }
        }
        Ok(())
    }

    /// What the stream has come to, for messages.
    fn before(&self) -> &str {
        if self.path.is_empty() { "its beginning" } else { &self.path }
    }

    fn ends_early(&self) -> Trouble {
        Trouble::Wrong(format!("it ends in or behind {}, and is not all there", self.before()))
    }

    fn header(&mut self, block: &[u8; BLOCK]) -> Result<(Vec<u8>, u8, u64), Trouble> {
        let after = if self.path.is_empty() { String::new() } else { format!(" behind {}", self.path) };
        let wrong = |why: &str| Trouble::Wrong(format!("the header{after} {why}"));
        let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
        let field: u64 = block[148..156].iter().map(|byte| u64::from(*byte)).sum();
        if checksum(&block[148..156]) != Some(sum - field + 8 * u64::from(b' ')) {
            return Err(wrong("does not fit its checksum"));
        }
        let is_posix = &block[257..265] == b"ustar\x0000";
        if !is_posix && &block[257..265] != b"ustar  \0" {
            return Err(wrong("is of no tar that we know"));
        }
        let size = size_field(&block[124..136]).ok_or_else(|| wrong("has no size"))?;
        let mut path = until_nul(&block[..100]).to_vec();
        let prefix = until_nul(&block[345..500]);
        if is_posix && !prefix.is_empty() {
            path = [prefix, b"/", &path].concat();
        }
        Ok((path, block[156], size))
    }

    /// Reads the bytes of a header that is about the next entry.
    fn small(&mut self, size: u64, most: u64, what: &str) -> Result<Vec<u8>, Trouble> {
        if size > most {
            return Err(Trouble::Wrong(format!("{what} behind {} claims {size} bytes", self.before())));
        }
        let mut bytes = vec![0; size as usize];
        self.exactly(&mut bytes)?;
        self.filling = filling(size);
        self.close()?;
        Ok(bytes)
    }

    /// Reads the zeros behind an entry.
    fn close(&mut self) -> Result<(), Trouble> {
        let mut zeros = [0; BLOCK];
        let filling = std::mem::take(&mut self.filling);
        self.exactly(&mut zeros[..filling])?;
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(Trouble::Wrong(format!("something stands between {} and the next file", self.path)));
        }
        Ok(())
    }

    /// The second empty block, and nothing but zeros behind it.
    fn end(&mut self) -> Result<(), Trouble> {
        let mut block = [0; BLOCK];
        self.exactly(&mut block)?;
        let mut read = 0;
        loop {
            if block.iter().any(|byte| *byte != 0) || read > MOST_FILLING {
                return Err(Trouble::Wrong("something follows its end".into()));
            }
            block.fill(0);
            match self.from.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(more) => read += more as u64,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(read_failed(error)),
            }
        }
    }
}

impl<R: Read> Entries for Tar<R> {
    fn next(&mut self) -> Result<Option<Entry>, Trouble> {
        self.close()?;
        let mut ahead = Ahead::default();
        loop {
            let mut block = [0; BLOCK];
            self.exactly(&mut block)?;
            if block.iter().all(|byte| *byte == 0) {
                if ahead.path.is_some() || ahead.size.is_some() {
                    return Err(Trouble::Wrong(format!("a header without its file stands behind {}", self.before())));
                }
                self.end()?;
                return Ok(None);
            }
            let (path, kind, size) = self.header(&block)?;
            match kind {
                b'x' => {
                    let bytes = self.small(size, LARGEST_PAX, "a pax header")?;
                    pax(&bytes, &mut ahead)
                        .map_err(|why| Trouble::Wrong(format!("the pax header behind {} {why}", self.before())))?;
                    continue;
                }
                b'L' => {
                    let bytes = self.small(size, LONGEST as u64 + 1, "a long name")?;
                    ahead.path = Some(until_nul(&bytes).to_vec());
                    continue;
                }
                _ => {}
            }
            let (path, size) = (ahead.path.take().unwrap_or(path), ahead.size.take().unwrap_or(size));
            let name = shown(&path);
            let wrong =
                |what: &str| Err(Trouble::Wrong(format!("{name} is {what}, and only plain files can be imported")));
            match kind {
                b'0' | 0 => {}
                b'5' if size == 0 => {
                    self.path = name;
                    continue;
                }
                b'1' | b'2' => return wrong("a link"),
                b'3' | b'4' | b'6' => return wrong("a device or a pipe"),
                b'S' => return wrong("a sparse file"),
                _ => return wrong("of no kind that we know"),
            }
            let Ok(path) = String::from_utf8(path) else {
                return Err(Trouble::Wrong(format!("{name} has a name that is not UTF-8")));
            };
            (self.path, self.left, self.filling) = (name, size, filling(size));
            return Ok(Some(Entry { path, size }));
        }
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize, Trouble> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        if most == 0 {
            return Ok(0);
        }
        loop {
            match self.from.read(&mut into[..most]) {
                Ok(0) => return Err(self.ends_early()),
                Ok(read) => {
                    self.left -= read as u64;
                    return Ok(read);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(read_failed(error)),
            }
        }
    }
}

/// What does not unpack is no failure to read: another copy helps.
fn read_failed(error: std::io::Error) -> Trouble {
    match error.kind() {
        std::io::ErrorKind::InvalidData => Trouble::Wrong(error.to_string()),
        _ => Trouble::Read(error),
    }
}

fn filling(size: u64) -> usize {
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}

fn until_nul(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

fn octal(digits: &[u8]) -> Option<u64> {
    let text =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|digit| matches!(digit, b'0'..=b'7')))?;
    u64::from_str_radix(text, 8).ok()
}

/// A header's checksum: six digits, NUL and space, as POSIX has it, or seven digits and NUL.
fn checksum(field: &[u8]) -> Option<u64> {
    octal(field.strip_suffix(b"\0 ").or_else(|| field.strip_suffix(b"\0"))?)
}

/// A header's size: octal digits, or base 256 behind a set bit, as GNU tar writes 8 GiB and more.
fn size_field(field: &[u8]) -> Option<u64> {
    if field.first() == Some(&0x80) {
        let (high, low) = field.split_at(4);
        let low: [u8; 8] = low.try_into().ok()?;
        return (high == [0x80, 0, 0, 0]).then(|| u64::from_be_bytes(low));
    }
    let end = field.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(field.len());
    octal(&field[..end])
}

/// Reads pax records: `length key=value\n`, the length counting itself.
fn pax(mut bytes: &[u8], ahead: &mut Ahead) -> Result<(), String> {
    while !bytes.is_empty() {
        let space = bytes.iter().take(8).position(|byte| *byte == b' ').ok_or("does not read")?;
        let length = std::str::from_utf8(&bytes[..space]).ok().and_then(|digits| digits.parse::<usize>().ok());
        let length = length.filter(|length| *length > space + 1 && *length <= bytes.len()).ok_or("does not read")?;
        let record = bytes[space + 1..length].strip_suffix(b"\n").ok_or("does not read")?;
        let equals = record.iter().position(|byte| *byte == b'=').ok_or("does not read")?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" => ahead.path = Some(value.to_vec()),
            b"size" => {
                let size =
                    std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|digit| digit.is_ascii_digit()));
                ahead.size = Some(size.and_then(|size| size.parse().ok()).ok_or("has a size that is none")?);
            }
            _ if IDLE.iter().any(|idle| idle.as_bytes() == key) || key.starts_with(b"LIBARCHIVE.") => {}
            _ => return Err(format!("says {} of a file, which we do not know", shown(key))),
        }
        bytes = &bytes[length..];
    }
    Ok(())
}
