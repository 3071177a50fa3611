//! docs/failures.md, held row by row: each row is a case here that runs the real program on the bad input itself and compares
//! everything it prints, its exit code, and what the archive holds afterwards.
//!
//! A case is a `#[test]` function that begins with `Scene::new("its own name")` and ends in `scene.tells(…)`. Its file is its
//! group. `UPDATE_FAILURES=1 cargo test --test it failures::` writes what is printed today into the document.

mod archive;
mod command_line;
mod configuration;
mod disk;
mod document;
mod exports;
mod feeds;
mod first_start;
mod health;
mod hostile;
mod imports;
mod network;
mod pages;
mod scene;
mod signals;
mod text;

/// The groups, in the document's order, with the cases' source: the names of its tests are the names of its rows.
const GROUPS: &[(&str, &str)] = &[
    ("Configuration", include_str!("configuration.rs")),
    ("Command line", include_str!("command_line.rs")),
    ("Archive", include_str!("archive.rs")),
    ("Disk", include_str!("disk.rs")),
    ("Network", include_str!("network.rs")),
    ("Pages", include_str!("pages.rs")),
    ("Feeds", include_str!("feeds.rs")),
    ("First start", include_str!("first_start.rs")),
    ("Export", include_str!("exports.rs")),
    ("Import", include_str!("imports.rs")),
    ("Health", include_str!("health.rs")),
    ("Signals", include_str!("signals.rs")),
];

#[test]
fn every_row_has_its_case_and_every_case_its_row() {
    let rows: Vec<(String, String)> =
        document::rows(&document::read()).into_iter().map(|row| (row.group, row.name)).collect();
    let mut cases = Vec::new();
    for (group, source) in GROUPS {
        for after in source.split("#[test]\nfn ").skip(1) {
            let name = after.split('(').next().unwrap_or_default();
            let body = after.split("\n}").next().unwrap_or_default();
            assert!(body.contains(&format!("Scene::new(\"{name}\")")), "{name} has to be a scene of its own name");
            assert!(
                body.contains(".tells(") || body.contains(".tells_but_for("),
                "{name} compares nothing with its row"
            );
            cases.push(((*group).to_owned(), name.to_owned()));
        }
    }
    let without = |these: &[(String, String)], those: &[(String, String)]| -> Vec<String> {
        these.iter().filter(|one| !those.contains(one)).map(|(group, name)| format!("{group}: {name}")).collect()
    };
    assert_eq!(without(&rows, &cases), Vec::<String>::new(), "rows of docs/failures.md without a case");
    assert_eq!(without(&cases, &rows), Vec::<String>::new(), "cases without a row in docs/failures.md");
    assert_eq!(rows, cases, "rows and cases stand in the same order, each once");
}
