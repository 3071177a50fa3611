//! The one integration binary: features at a boundary, a file per boundary.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on says so by panicking")]

mod accounts;
mod albums;
mod archive;
mod assets;
mod backend;
mod backup;
mod captcha;
mod config;
mod crash;
mod crawl;
mod daemon;
mod demo_site;
mod documents;
mod door;
mod edit;
mod export;
mod extract_cli;
mod failures;
mod feed;
mod fetch;
mod floors;
mod generic;
mod golden;
mod gone;
mod guard;
mod import;
mod links;
mod lists;
mod providers;
mod reload;
mod render;
mod schedule;
mod seed;
mod support;
mod targets;
mod urls;
mod vault;
mod version;
mod wechat;
