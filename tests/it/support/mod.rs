//! What several tests stand on.

pub(crate) mod account;
mod bench;
pub(crate) mod raw;
pub(crate) mod seed;
pub(crate) mod server;

pub(crate) use bench::Bench;

/// Says why a test is skipped, where it is seen: what `println!` prints is kept from a test that passes.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}
