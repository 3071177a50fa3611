//! crawl.toml and the environment → typed options, once.
//!
//! Every room has its own `Options` and never sees this one. All problems are told at once, each with its line and a caret.
//! Precedence: command line, then environment, then file, then default.

mod changes;
pub mod edit;
pub mod file;
mod given;
mod problem;
mod reader;
mod sections;
mod show;
mod suggest;
mod syntax;
mod template;

pub use changes::{Change, changes};
pub use problem::{ConfigError, Place, Problem, without_secrets};
pub use template::template;

use crate::{crawl, fetch};
use reader::Reader;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml_edit::{Document, Table};

/// What the owner wants, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The file it was read from; `None` where there is none, and everything is as by default.
    pub path: Option<PathBuf>,
    /// Where the archive is.
    pub archive: ArchiveSection,
    /// When to look, at what, and how far to follow.
    pub crawl: crawl::options::Options,
    /// How to fetch, each site's rules among it.
    pub fetch: fetch::Options,
    /// Where the reader will listen.
    pub serve: ServeSection,
    /// When and where backups are written.
    pub backup: BackupSection,
}

/// The `[archive]` section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveSection {
    /// The folder that holds the archive.
    pub path: PathBuf,
}

/// The `[backup]` section.
#[derive(Clone, Debug, PartialEq)]
pub struct BackupSection {
    /// When `run` writes one, in the time zone of `[crawl]`; `None` for never.
    pub schedule: Option<crawl::schedule::Schedule>,
    /// The folder they go to.
    pub path: PathBuf,
    /// How many are kept.
    pub keep: u32,
}

impl BackupSection {
    /// None, and where there are any, seven in `backups` beside the file.
    fn beside(home: &Path) -> Self {
        Self { schedule: None, path: home.join("backups"), keep: 7 }
    }
}

/// The `[serve]` section. Nothing listens yet: the reader comes in a later version, and its address is checked already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeSection {
    /// The address to listen on.
    pub listen: SocketAddr,
}

impl Default for ServeSection {
    /// This machine only, port 8080.
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8080)) }
    }
}

impl Config {
    /// Finds and reads the configuration: the file that was `asked` for, else the first of [`places`](Self::places) that is there, else
    /// the defaults; and over it the `WANGQI_…` variables of the environment. Relative paths that do not come from the file are
    /// relative to `folder`.
    ///
    /// # Errors
    /// When the file cannot be read, or anything in it or in the environment is wrong.
    pub fn load(
        asked: Option<&Path>,
        folder: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let environment: BTreeMap<String, String> = environment.into_iter().collect();
        let Some(path) = Self::find(asked, folder, &environment) else {
            return Self::parse("", None, folder, &environment);
        };
        let bytes = file::open(&path)
            .and_then(|file| file::bytes_of(&file))
            .map_err(|why| ConfigError::Unreadable { path: path.clone(), why })?;
        Self::of_bytes(&bytes, &path, folder, &environment)
    }

    /// Reads a configuration from what its file holds.
    ///
    /// # Errors
    /// When that is no UTF-8, or anything in it or in the environment is wrong.
    pub fn of_bytes(
        bytes: &[u8],
        path: &Path,
        folder: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.valid_up_to();
                let text = String::from_utf8_lossy(bytes);
                let place = Place::in_file(&name_of(path, folder), &text, &(at..at + 1));
                let message = "this is not UTF-8; save the file as UTF-8".to_owned();
                return Err(ConfigError::Invalid(vec![Problem { message, place }]));
            }
        };
        Self::parse(text, Some(path), folder, environment)
    }

    /// The file that [`load`](Self::load) reads: the one that was `asked` for, whether it is there or not, else the first of
    /// [`places`](Self::places) that is there.
    pub fn find(asked: Option<&Path>, folder: &Path, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
        match asked {
            Some(path) => Some(folder.join(path)),
            None => Self::places(folder, environment).into_iter().find(|path| is_there(path)),
        }
    }

    /// Where a configuration is looked for when none is asked for, in this order: `crawl.toml` in the folder one is in, in
    /// `$XDG_CONFIG_HOME/wangqi` (by default `~/.config/wangqi`), and in `/config`, where containers have it.
    pub fn places(folder: &Path, environment: &BTreeMap<String, String>) -> Vec<PathBuf> {
        let variable = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")));
        let folders = [Some(folder.to_owned()), home.map(|home| home.join("wangqi")), Some(PathBuf::from("/config"))];
        folders.into_iter().flatten().map(|folder| folder.join("crawl.toml")).collect()
    }

    /// Reads a configuration's text. `path` is the file it came from: relative paths in it are relative to that file's folder.
    ///
    /// # Errors
    /// When anything in it or in the environment is wrong.
    pub fn parse(
        text: &str,
        path: Option<&Path>,
        folder: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let name = path.map_or_else(|| "crawl.toml".to_owned(), |path| name_of(path, folder));
        let document = Document::parse(text).map_err(|error| {
            let problem = |(span, message)| Problem { message, place: Place::in_file(&name, text, &span) };
            ConfigError::Invalid(syntax::mistakes(text, &error).into_iter().map(problem).collect())
        })?;
        let mut reader = Reader::new(&name, text, environment);
        let config = sections::read(&mut reader, document.as_table(), path, folder);
        let (_, problems) = reader.end();
        if problems.is_empty() { Ok(config) } else { Err(ConfigError::Invalid(problems)) }
    }

    /// The effective configuration as TOML, every option spelled out, secrets as `***`.
    pub fn show(&self) -> String {
        show::show(self)
    }

    /// The same with nothing to watch.
    pub(crate) fn without_feeds(&self) -> Self {
        let crawl = crawl::options::Options { feeds: Vec::new(), ..self.crawl.clone() };
        Self { crawl, ..self.clone() }
    }

    /// Every key that can be given, as `section.key`: what the shipped crawl.toml must show.
    pub fn keys() -> BTreeSet<String> {
        // One of each table of which there may be several, so that their keys are asked for too.
        let probe = Document::parse("[[site]]\n[[feed]]\n").map_or_else(|_| Table::new(), Document::into_table);
        let nothing = BTreeMap::new();
        let mut reader = Reader::new("", "", &nothing);
        sections::read(&mut reader, &probe, None, Path::new(""));
        reader.end().0
    }
}

/// Whether anything stands at this path, a folder or a link to nothing among it, or it cannot be told: reading it says what is wrong.
fn is_there(path: &Path) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    std::fs::symlink_metadata(path).map_or_else(|why| !matches!(why.kind(), NotFound | NotADirectory), |_| true)
}

/// How a file is called in messages: as seen from the folder one is in.
fn name_of(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_found_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let (path, nothing) = (folder.path().join("crawl.toml"), BTreeMap::new());
        assert_ne!(Config::find(None, folder.path(), &nothing), Some(path.clone()));
        std::fs::create_dir(&path).unwrap();
        let told = Config::load(None, folder.path(), []).unwrap_err().to_string();
        assert!(told.contains("it is a folder, not a file"), "{told}");
        std::fs::remove_dir(&path).unwrap();
        std::os::unix::fs::symlink("nowhere", &path).unwrap();
        let told = Config::load(None, folder.path(), []).unwrap_err().to_string();
        assert!(told.contains("cannot read"), "{told}");
    }
}
