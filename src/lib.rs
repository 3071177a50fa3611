//! wangqi (往期) watches feeds and WeChat official accounts, fetches every article, understands it, follows its past issues,
//! and keeps deduplicated snapshots for good.
//!
//! ```text
//! crawl.toml ─ feeds ─▶ schedule ─▶ frontier ─▶ fetch ─▶ extract ─▶ commit ─▶ archive
//!                                      ▲                               │
//!                                      └────────── follow (scope) ◀────┘
//! ```
//!
//! The rooms stand on floors and import only from floors below; `docs/architecture.md` has the map and
//! `tests/it/floors.rs` holds it. Read them in this order; the first function to read is `crawl::visit`.

pub mod model;

pub mod archive;
pub mod extract;
pub mod fetch;

pub mod crawl;
pub mod export;
pub mod import;

pub mod config;

pub mod cli;
