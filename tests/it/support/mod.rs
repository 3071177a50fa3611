//! What several tests stand on.

mod bench;
pub(crate) mod seed;

pub(crate) use bench::Bench;
//! What several tests need: servers on loopback.
pub(crate) mod raw;
pub(crate) mod server;
