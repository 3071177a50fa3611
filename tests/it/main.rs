//! The one integration binary: features at a boundary, a file per boundary.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on says so by panicking")]

mod archive;
mod backup;
mod config;
mod crash;
mod crawl;
mod daemon;
mod demo_site;
mod documents;
mod export;
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
mod targets;
mod urls;
mod vault;
mod wechat;
