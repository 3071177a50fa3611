//! The documents say what is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wangqi::config::Config;

const READERS: &[&str] = &["README.md", "README.zh-CN.md"];
const DOCUMENTS: &[&str] = &[
    "README.md",
    "README.zh-CN.md",
    "CHANGELOG.md",
    "archive/README.md",
    "docs/architecture.md",
    "docs/decisions.md",
    "docs/format.md",
    "docs/style.md",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text_of(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

/// The blocks of code in this language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let opened = text.split("```").skip(1).step_by(2);
    opened.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).map(str::to_owned).collect()
}

/// What stands between backticks, outside of blocks.
fn quoted(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    prose.lines().flat_map(|line| line.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn the_configurations_in_the_readmes_are_right() {
    for document in READERS {
        let found = blocks(&text_of(document), "toml");
        assert!(!found.is_empty(), "{document}");
        let mut feeds = Vec::new();
        for block in found {
            let config = Config::parse(&block, None, Path::new("/"), &BTreeMap::new());
            feeds.push(config.unwrap_or_else(|error| panic!("{document}: {error}")).crawl.feeds.len());
        }
        assert_eq!(feeds, [2, 0], "{document}: one to begin with, and the backups");
    }
}

#[test]
fn the_mistake_in_the_readmes_is_told_like_that() {
    for document in READERS {
        let text = text_of(document);
        let [shown] =
            &blocks(&text, "").into_iter().filter(|block| block.contains("did you mean")).collect::<Vec<_>>()[..]
        else {
            panic!("{document} shows one mistake");
        };
        let config = Config::parse("\n[crawl]\nshedule = \"0 9 * * *\"\n", None, Path::new("/"), &BTreeMap::new());
        assert_eq!(shown.trim(), config.unwrap_err().to_string(), "{document}");
    }
}

#[test]
fn the_commands_of_the_readmes_are_there() {
    let arguments = wangqi::cli::arguments();
    for document in READERS {
        let text = text_of(document);
        let lines = blocks(&text, "sh").join("\n");
        let named = lines.lines().filter_map(|line| line.strip_prefix("wangqi ")?.split_whitespace().next());
        let named: Vec<&str> = named.collect();
        assert!(named.len() >= 5, "{document}");
        for name in named {
            assert!(arguments.find_subcommand(name).is_some(), "{document}: there is no `wangqi {name}`");
        }
    }
}

#[test]
fn the_tests_that_hold_the_invariants_are_there() {
    let mut tests = String::new();
    let mut folders = vec![root().join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                tests.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let architecture = text_of("docs/architecture.md");
    let table: Vec<&str> = architecture.lines().filter(|line| line.starts_with("| ") && line.contains("::")).collect();
    assert!(table.len() >= 10);
    for name in table.iter().flat_map(|line| quoted(line)) {
        if let Some((_, test)) = name.split_once("::") {
            assert!(tests.contains(&format!("fn {test}(")), "there is no test {name}");
        }
    }
    assert!(architecture.lines().count() <= 200, "the map fits on a few screens");
}

#[test]
fn files_that_documents_name_are_there() {
    for document in DOCUMENTS {
        let text = text_of(document);
        let folder = root().join(document).parent().unwrap().to_owned();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            assert!(folder.join(link).exists(), "{document} links to {link}");
        }
        for name in quoted(&text)
            .iter()
            .filter(|name| ["src/", "tests/it", "tests/slow"].iter().any(|start| name.starts_with(start)))
        {
            assert!(root().join(name).exists(), "{document} names {name}");
        }
    }
}
