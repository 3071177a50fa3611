//! `wangqi demo`: a bundled site on loopback, crawled twice.
//!
//! [`site`] is the site as one pure function, [`server`] lets it answer over TLS, [`texts`] is what it says.

pub mod address;
mod certificate;
mod command;
pub mod escape;
mod padding;
pub mod pages;
pub mod picture;
mod serve;
pub mod server;
pub mod site;
pub mod special;
pub mod texts;
pub mod web;
pub mod wechat_page;
mod wechat_script;

pub use command::Demo;
