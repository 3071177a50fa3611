//! The one integration binary: features at a boundary, a file per boundary.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on says so by panicking")]

mod floors;
mod guard;
mod render;
mod urls;
