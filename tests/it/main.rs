//! The one integration binary: features at a boundary, a file per boundary.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on says so by panicking")]

mod albums;
mod archive;
mod config;
mod crash;
mod crawl;
mod daemon;
mod demo_site;
mod documents;
mod extract_cli;
mod fetch;
mod floors;
mod generic;
mod golden;
mod guard;
mod render;
mod schedule;
mod seed;
mod support;
mod urls;
mod wechat;
