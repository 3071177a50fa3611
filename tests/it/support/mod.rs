//! What several tests need: servers on loopback.

pub(crate) mod raw;
pub(crate) mod server;
