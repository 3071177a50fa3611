//! A folder with an archive in it, and what the program says of it: for tests that take one as it lies on disk.

use super::child::run;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A throw-away folder with a crawl.toml whose archive is in `archive`.
pub(crate) struct Held {
    folder: tempfile::TempDir,
}

impl Held {
    /// Without an archive yet.
    pub(crate) fn empty() -> Self {
        let folder = crate::support::folder();
        fs::write(folder.path().join("crawl.toml"), "[archive]\npath = \"archive\"\n").unwrap();
        Self { folder }
    }

    /// With a copy of this archive, its index and lock apart.
    pub(crate) fn copy_of(archive: &Path) -> Self {
        let held = Self::empty();
        fs::create_dir_all(held.segments()).unwrap();
        fs::copy(archive.join("VERSION"), held.archive().join("VERSION")).unwrap();
        for (name, bytes) in files(&archive.join("segments")) {
            fs::write(held.segments().join(name), bytes).unwrap();
        }
        held
    }

    /// With a copy of the archive of format 1 that the tests bring along.
    pub(crate) fn format_1() -> Self {
        Self::copy_of(&format_1())
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The archive.
    pub(crate) fn archive(&self) -> PathBuf {
        self.path("archive")
    }

    /// The folder of its segments.
    pub(crate) fn segments(&self) -> PathBuf {
        self.archive().join("segments")
    }

    /// The program, told of this crawl.toml.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wangqi"));
        command.arg("--config").arg(self.path("crawl.toml")).args(arguments).current_dir(self.folder.path());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn wangqi(&self, arguments: &[&str]) -> Output {
        run(&mut self.command(arguments))
    }

    /// Runs the program, which must refuse with this exit code; what it says on standard error.
    pub(crate) fn refusal(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.wangqi(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert_eq!(said.lines().count(), 1, "one sentence: {said}");
        said
    }

    /// What `list`, `show` of every key, and `stats` answer. The size of the index's files is left out: it depends on the order
    /// and the moment of its writes, not on what it holds.
    pub(crate) fn answers(&self) -> Value {
        let json = |arguments: &[&str]| -> Value {
            let output = self.wangqi(arguments);
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).unwrap()
        };
        let list = json(&["list", "--json"]);
        let shown = list.as_array().unwrap().iter().filter(|article| article["snapshots"] != 0);
        let show: BTreeMap<String, Value> = shown
            .map(|article| article["key"].as_str().unwrap())
            .map(|key| (key.to_owned(), json(&["show", key, "--json"])))
            .collect();
        let mut stats = json(&["stats", "--json"]);
        stats.as_object_mut().unwrap().remove("index_bytes");
        json!({ "list": list, "show": show, "stats": stats })
    }

    /// `verify` says clean; its report.
    pub(crate) fn verified(&self) -> String {
        let output = self.wangqi(&["verify"]);
        let report = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && report.starts_with("clean"), "{report}");
        report
    }
}

/// The archive of format 1 that the tests bring along.
pub(crate) fn format_1() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/archive/format-1")
}

/// A folder's files with their bytes, by name.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// The names in a folder; none where it is not there.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
