//! What several tests stand on.

pub(crate) mod account;
pub(crate) mod article;
mod bench;
pub(crate) mod child;
pub(crate) mod held;
pub(crate) mod process;
pub(crate) mod raw;
pub(crate) mod seed;
pub(crate) mod server;
mod spent;
pub(crate) mod tarball;
mod watched;

pub(crate) use bench::Bench;
pub(crate) use spent::Spent;
pub(crate) use watched::Watched;

/// Says why a test is skipped, where it is seen: what `println!` prints is kept from a test that passes.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A throw-away folder whose archive can have a control socket, also where TMPDIR is long.
pub(crate) fn folder() -> tempfile::TempDir {
    if std::env::temp_dir().as_os_str().len() <= 48 { tempfile::tempdir().unwrap() } else { short_folder() }
}

/// A folder whose sockets fit into the 108 bytes that the system has for their paths, where there is one.
pub(crate) fn short_folder() -> tempfile::TempDir {
    let short = tempfile::Builder::new().prefix("wq").tempdir_in("/tmp");
    short.or_else(|_| tempfile::tempdir()).unwrap()
}
