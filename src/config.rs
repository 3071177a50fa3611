//! crawl.toml and the environment → typed options, once.
