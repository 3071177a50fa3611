//! The one integration binary: features at a boundary, a file per boundary.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on says so by panicking")]

mod accounts;
mod albums;
mod archive;
mod backend;
mod captcha;
mod config;
mod crash;
mod crawl;
mod daemon;
mod demo_site;
mod documents;
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
mod links;
mod providers;
mod render;
mod schedule;
mod seed;
mod support;
mod urls;
mod wechat;
