//! `wangqi demo --serve`: the bundled site for other processes to crawl, until it is stopped; a container is tried so without the internet.

use super::command::temporary_folder;
use super::server::{Asked, Server};
use super::site;
use crate::cli::{Context, Exit, open, signals};
use anyhow::{Context as _, ensure};
use clap::Arg;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the crawl.toml that is written begins with. Only a file that begins so is written over.
const MARK: &str = "# Written by `wangqi demo --serve`";

/// The name of the certificate, beside crawl.toml.
const CERTIFICATE: &str = "demo-ca.pem";

/// The options that serving has.
pub(super) fn arguments() -> [Arg; 2] {
    let serve = Arg::new("serve")
        .long("serve")
        .value_name("ADDR")
        .num_args(0..=1)
        .default_missing_value("127.0.0.1:8443")
        .value_parser(clap::value_parser!(SocketAddr))
        .conflicts_with("archive")
        .help("Only serve the site, until stopped, and print the crawl.toml that crawls it [127.0.0.1:8443]");
    let config = Arg::new("config-out")
        .long("config-out")
        .value_name("PATH")
        .requires("serve")
        .value_parser(clap::value_parser!(PathBuf))
        .help("Write that crawl.toml here, with the certificate beside it, instead of printing it");
    [serve, config]
}

/// Serves the site as it is in its first pass.
pub(super) fn serve(
    context: &mut Context<'_>,
    address: SocketAddr,
    config_out: Option<&PathBuf>,
) -> anyhow::Result<Exit> {
    signals::stopping_is_success();
    let runtime = open::runtime()?;
    let fetches = AtomicU64::new(0);
    let handler = move |asked: &Asked| site::answer(asked, 1, fetches.fetch_add(1, Ordering::Relaxed));
    let server = runtime.block_on(Server::start_on(address, true, site::HOSTS, Arc::new(handler)))?;
    let (path, is_asked_for) = match config_out {
        Some(path) => (context.folder.join(path), true),
        None => (temporary_folder().context("say with --config-out where to write")?.join("crawl.toml"), false),
    };
    let text = write(&path, &server, is_asked_for)?;
    if is_asked_for {
        writeln!(context.out, "crawl it with: wangqi --config {} crawl", path.display())?;
    } else {
        write!(context.out, "{text}")?;
    }
    context.out.flush()?;
    let _ = writeln!(context.err, "wangqi: serving the demo's site on {} until stopped", server.address());
    runtime.block_on(signals::asked_to_stop());
    let _ = writeln!(context.err, "wangqi: stopped; {} requests were answered", server.asked().len());
    Ok(Exit::Ok)
}

/// Writes the certificate, and the crawl.toml where it is asked for; gives the crawl.toml's text.
fn write(path: &Path, server: &Server, is_asked_for: bool) -> anyhow::Result<String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if is_asked_for {
        let held = std::fs::read(path).unwrap_or_default();
        let is_ours = held.is_empty() || held.starts_with(MARK.as_bytes());
        ensure!(is_ours, "{} is there already, and not from the demo; name another file", path.display());
        std::fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    }
    let certificate = folder.join(CERTIFICATE);
    std::fs::write(&certificate, server.ca_pem())
        .with_context(|| format!("could not write {}; say with --config-out where to", certificate.display()))?;
    // Beside the crawl.toml, so that the folder may be mounted elsewhere; printed, it may be put anywhere.
    let certificate = if is_asked_for { Path::new(CERTIFICATE) } else { &certificate };
    let text = site::crawl_toml(within_reach(server.address()), certificate, Path::new("archive"));
    let text = format!("{MARK} for its own site; real sites are not reached with it.\n\n{text}");
    if is_asked_for {
        std::fs::write(path, &text).with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(text)
}

/// Where this machine reaches a server that listens on all its addresses.
fn within_reach(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}
