//! What several tests stand on.

mod bench;
pub(crate) mod raw;
pub(crate) mod seed;
pub(crate) mod server;

pub(crate) use bench::Bench;
