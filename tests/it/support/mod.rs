//! What several tests stand on.

mod bench;
pub(crate) mod seed;

pub(crate) use bench::Bench;
