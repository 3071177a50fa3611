//! The tarball's names and its manifest: what `export` writes and `import` reads. The layout is docs/format.md.

use serde::{Deserialize, Serialize};

/// The one folder that everything stands in, so that unpacking does not spill.
pub const TOP: &str = "wangqi-archive";

/// What the tarball is, for people; the first entry.
pub const README: &str = "README.txt";

/// The archive's own VERSION file.
pub const VERSION: &str = "VERSION";

/// The folder of the segments.
pub const SEGMENTS: &str = "segments";

/// The folder of the articles for people.
pub const ARTICLES: &str = "articles";

/// The list of all files; the last entry.
pub const MANIFEST: &str = "manifest.jsonl";

/// The manifest's version that this program writes, and the newest it reads.
pub const MANIFEST_VERSION: u32 = 1;

/// The manifest's first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Always `tarball`.
    pub wangqi: String,
    /// The manifest's version.
    pub version: u32,
    /// The archive's id.
    pub archive: String,
    /// The archive's format.
    pub format: u32,
    /// How many articles it holds for people.
    pub articles: u64,
    /// How many files are listed.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// Whether it holds the segments, and so the whole archive; only then can it be imported.
    pub segments: bool,
    /// What was chosen; `null` for everything.
    pub selection: Option<serde_json::Value>,
}

/// One file of the tarball: a line of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its path in the tarball, [`TOP`] included.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
}
