//! A manifest's bytes → its head and its lines. A line is exactly as `export` writes it, or it is not ours.

use crate::import::error::Trouble;
use crate::model::tarball::{Head, Listed, MANIFEST, MANIFEST_VERSION};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{BufRead, Read as _};

/// The longest line, in bytes: judgement; a path has at most 1024, its escapes six times as many.
const LONGEST: u64 = 8 * 1024;

/// A manifest being read.
pub(crate) struct Manifest<R> {
    from: R,
    line: Vec<u8>,
    number: u64,
}

/// Why a manifest cannot be read on.
pub(crate) enum Unread {
    /// It has a version that is not known yet.
    Newer(u32),
    /// Anything else.
    Trouble(Trouble),
}

impl<R: BufRead> Manifest<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, line: Vec::new(), number: 0 }
    }

    /// Its first line.
    pub(crate) fn head(&mut self) -> Result<Head, Unread> {
        if !self.advance().map_err(Unread::Trouble)? {
            return Err(Unread::Trouble(Trouble::Wrong(format!("{MANIFEST} is empty"))));
        }
        // A newer one may say more, and say it in another way.
        let asked: Option<serde_json::Value> = serde_json::from_slice(&self.line).ok();
        let version =
            asked.as_ref().filter(|head| head["wangqi"] == "tarball").and_then(|head| head["version"].as_u64());
        match version.map(u32::try_from) {
            Some(Ok(version)) if version > MANIFEST_VERSION => return Err(Unread::Newer(version)),
            _ => {}
        }
        let head: Head = self.parse().map_err(Unread::Trouble)?;
        if head.wangqi == "tarball" && head.version == MANIFEST_VERSION {
            return Ok(head);
        }
        Err(Unread::Trouble(self.wrong()))
    }

    /// The next file; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Listed>, Trouble> {
        if self.advance()? { self.parse().map(Some) } else { Ok(None) }
    }

    fn advance(&mut self) -> Result<bool, Trouble> {
        self.line.clear();
        self.number += 1;
        self.from.by_ref().take(LONGEST).read_until(b'\n', &mut self.line).map_err(Trouble::Read)?;
        if self.line.is_empty() {
            return Ok(false);
        }
        if self.line.pop() == Some(b'\n') { Ok(true) } else { Err(self.wrong()) }
    }

    fn parse<T: DeserializeOwned + Serialize>(&self) -> Result<T, Trouble> {
        let read: Option<T> = serde_json::from_slice(&self.line).ok();
        // Read back it must be the same to the byte: then there is nothing in the line that was not looked at.
        let read = read.filter(|read| serde_json::to_vec(read).is_ok_and(|line| line == self.line));
        read.ok_or_else(|| self.wrong())
    }

    fn wrong(&self) -> Trouble {
        Trouble::Wrong(format!("line {} of {MANIFEST} is not one that we write", self.number))
    }
}
