//! `VERSION`: which format an archive has, and which archive it is.
//!
//! Read strictly: what is not exactly ours is refused, because everything else in the folder is read by what stands here.

use crate::archive::error::ArchiveError;
use crate::archive::index::is_of_engine;
use crate::archive::segments::origin::{self, Origin};
use crate::archive::{files, restore, segments};
use crate::model::Digest;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// The format this program writes, and the newest it reads (docs/format.md).
pub const FORMAT: u32 = 2;

/// Nothing longer is a VERSION file; ours has two or three lines. Judgement.
const LONGEST: u64 = 4096;

const FIRST_LINE: &str = "wangqi archive format ";

/// What a VERSION file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The format.
    pub format: u32,
    /// The archive's id: 32 hexadecimal digits.
    pub id: String,
    /// Segments up to this number that do not say which archive they are of are this one's; 0 in all but archives of format 1 that
    /// had lost their VERSION file once.
    pub(crate) adopted: u32,
}

impl Version {
    /// Reads the text of a VERSION file; `root` is the folder that messages name.
    ///
    /// # Errors
    /// When the format is newer, or a line is not ours.
    pub fn parse(bytes: &[u8], root: &Path) -> Result<Self, ArchiveError> {
        let wrong = |why: &str| ArchiveError::Version { path: root.to_owned(), why: why.to_owned() };
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("is not text"))?;
        let mut lines = text.lines();
        let format = lines.next().and_then(|line| line.strip_prefix(FIRST_LINE)).and_then(number);
        let format = format.filter(|format| *format > 0).ok_or_else(|| wrong("does not begin as ours do"))?;
        let format = match u32::try_from(format) {
            Ok(format) if format <= FORMAT => format,
            // The lines below are the newer program's business.
            _ => return Err(ArchiveError::Newer { path: root.to_owned(), found: format, known: FORMAT }),
        };
        let is_digit = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        let id = lines.next().and_then(|line| line.strip_prefix("id "));
        let id = id.filter(|id| id.len() == 32 && id.bytes().all(is_digit)).ok_or_else(|| wrong("names no id"))?;
        let adopted = match lines.next() {
            None => 0,
            Some(line) => {
                let upto = line.strip_prefix("adopted ").and_then(number).and_then(|upto| u32::try_from(upto).ok());
                upto.filter(|_| format > 1).ok_or_else(|| wrong("has a line that is not ours"))?
            }
        };
        if lines.next().is_some() {
            return Err(wrong("has more lines than ours do"));
        }
        Ok(Self { format, id: id.to_owned(), adopted })
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let adopted = if self.adopted > 0 { format!("adopted {}\n", self.adopted) } else { String::new() };
        format!("{FIRST_LINE}{}\nid {}\n{adopted}", self.format, self.id)
    }

    /// Writes the file, whole or not at all.
    pub(crate) fn write(&self, root: &Path) -> Result<(), ArchiveError> {
        files::write_whole(&root.join("VERSION"), self.text().as_bytes())
    }
}

/// A number without sign, spaces or more digits than a number has.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Reads the archive's VERSION; `None` where there is none.
///
/// # Errors
/// When it is not ours, or cannot be read.
pub(crate) fn read(root: &Path) -> Result<Option<Version>, ArchiveError> {
    let path = root.join("VERSION");
    let file = match files::open_without_waiting(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ArchiveError::file("read", &path)(error)),
    };
    let wrong = |why: &str| ArchiveError::Version { path: root.to_owned(), why: why.to_owned() };
    if !file.metadata().map_err(ArchiveError::file("read", &path))?.is_file() {
        return Err(wrong("is no regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(ArchiveError::file("read", &path))?;
    if bytes.len() as u64 > LONGEST {
        return Err(wrong("is far too long"));
    }
    match Version::parse(&bytes, root) {
        // Other programs have VERSION files too.
        Err(ArchiveError::Version { path, why }) if !root.join("segments").is_dir() => {
            Err(ArchiveError::Foreign { path, why: format!("its VERSION file {why}") })
        }
        read => read.map(Some),
    }
}

/// Refuses a folder that has no VERSION file and holds what no archive holds. Writes nothing.
///
/// # Errors
/// When the folder is somebody else's, or cannot be listed.
pub(crate) fn refuse_foreign(root: &Path) -> Result<(), ArchiveError> {
    const OURS: &[&str] = &[
        "lock",
        "README.md",
        "VERSION.new",
        "control.sock",
        ".gitignore",
        "lost+found",
        "segments",
        "index",
        restore::STAGE,
        restore::READY,
    ];
    if root.is_file() {
        return Err(ArchiveError::Foreign { path: root.to_owned(), why: "it is a file".into() });
    }
    if read(root)?.is_some() || !root.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(root).map_err(ArchiveError::file("list", root))? {
        let name = entry.map_err(ArchiveError::file("list", root))?.file_name();
        // Segments without a VERSION file are an archive whose first second was cut short, or that lost the file.
        if !OURS.iter().any(|known| name == *known) {
            let why = format!("it holds {:?} and no VERSION file", name.display().to_string());
            return Err(ArchiveError::Foreign { path: root.to_owned(), why });
        }
    }
    holds_only_ours(root, "segments", &|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // What a cut leaves for a moment ends in `.new`.
        let name = name.strip_suffix(".new").map_or(name.to_owned(), |cut| format!("{cut}.zst"));
        segments::parse_name(&name).is_some()
    })?;
    holds_only_ours(root, "index", &is_of_engine)
}

/// Refuses a folder of ours by name in which anything stands that we do not put there.
fn holds_only_ours(root: &Path, name: &str, is_ours: &dyn Fn(&Path) -> bool) -> Result<(), ArchiveError> {
    let folder = root.join(name);
    if folder.symlink_metadata().is_err() {
        return Ok(());
    }
    let foreign = |why: String| Err(ArchiveError::Foreign { path: root.to_owned(), why });
    if !folder.is_dir() {
        return foreign(format!("its {name} is no folder"));
    }
    for entry in fs::read_dir(&folder).map_err(ArchiveError::file("list", &folder))? {
        let path = entry.map_err(ArchiveError::file("list", &folder))?.path();
        if !is_ours(&path) {
            let found = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            return foreign(format!("it holds {found:?} and no VERSION file"));
        }
    }
    Ok(())
}

/// Reads the archive's VERSION, or writes one: a new archive's, or the one that its segments tell of.
///
/// # Errors
/// When it is not ours, the folder is somebody else's, or the segments are of several archives.
pub(crate) fn read_or_begin(root: &Path, notes: &mut Vec<String>) -> Result<Version, ArchiveError> {
    if let Some(version) = read(root)? {
        return Ok(version);
    }
    refuse_foreign(root)?;
    let folder = root.join("segments");
    let segments = if folder.exists() { segments::list(&folder)? } else { Vec::new() };
    let (mut named, mut adopted) = (BTreeSet::new(), 0);
    for segment in &segments {
        match origin::of(segment)? {
            Origin::Named(id) => drop(named.insert(id)),
            Origin::Unnamed(_) => adopted = adopted.max(segment.number),
            Origin::Unknown => {}
        }
    }
    let mut named = named.into_iter();
    let version = match (named.next(), named.next()) {
        (Some(_), Some(_)) => {
            let why = "is missing, and its segments are of several archives".to_owned();
            return Err(ArchiveError::Version { path: root.to_owned(), why });
        }
        (Some(id), None) => Version { format: FORMAT, id, adopted },
        // Segments that name no archive are of format 1, and what holds them is upgraded as such.
        (None, _) if adopted > 0 => Version { format: 1, id: new_id(root)?, adopted: 0 },
        (None, _) => Version { format: FORMAT, id: new_id(root)?, adopted: 0 },
    };
    version.write(root)?;
    if !segments.is_empty() {
        notes.push("the VERSION file was missing and was made anew from the segments".into());
    }
    Ok(version)
}

/// An id that no other archive has: record ids are made from it.
fn new_id(root: &Path) -> Result<String, ArchiveError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; 32];
    let read = File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(ArchiveError::file("read", source))?;
    let seed = format!("{}{:?}", root.display(), bytes);
    Ok(Digest::of(seed.as_bytes()).hex()[..32].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn parse(text: &str) -> Result<Version, ArchiveError> {
        Version::parse(text.as_bytes(), Path::new("a"))
    }

    #[test]
    fn only_what_we_write_is_read() {
        for version in [
            Version { format: 1, id: ID.into(), adopted: 0 },
            Version { format: 2, id: ID.into(), adopted: 0 },
            Version { format: 2, id: ID.into(), adopted: 17 },
        ] {
            assert_eq!(parse(&version.text()).unwrap(), version);
        }
        for wrong in [
            "",
            "\n",
            "wangqi archive format\n",
            "wangqi archive format 0\nid 0123456789abcdef0123456789abcdef\n",
            "wangqi archive format +2\nid 0123456789abcdef0123456789abcdef\n",
            "wangqi archive format 2 \nid 0123456789abcdef0123456789abcdef\n",
            "wangqi archive format 99999999999999999999999\nid 0123456789abcdef0123456789abcdef\n",
            "wangqi archive format 2\n",
            "wangqi archive format 2\nid 0123456789abcdef0123456789abcde\n",
            "wangqi archive format 2\nid 0123456789ABCDEF0123456789abcdef\n",
            "wangqi archive format 2\nid 0123456789abcdef0123456789abcdef\nadopted -1\n",
            "wangqi archive format 1\nid 0123456789abcdef0123456789abcdef\nadopted 1\n",
            "wangqi archive format 2\nid 0123456789abcdef0123456789abcdef\nadopted 1\nx\n",
        ] {
            assert!(matches!(parse(wrong), Err(ArchiveError::Version { .. })), "{wrong:?}");
        }
        for newer in ["wangqi archive format 3", "wangqi archive format 9999999999\nwhatever it says\n"] {
            assert!(matches!(parse(newer), Err(ArchiveError::Newer { known: FORMAT, .. })), "{newer:?}");
        }
    }
}
