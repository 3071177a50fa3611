//! `wangqi init`: the first crawl.toml.

use crate::cli::{Command, Context, Exit, open};
use crate::config::{Config, file, template};
use anyhow::{Context as _, anyhow};
use clap::{Arg, ArgMatches};
use std::path::{Path, PathBuf};

/// `wangqi init`.
pub(crate) struct Init;

impl Command for Init {
    fn arguments(&self) -> clap::Command {
        let path = Arg::new("path").value_name("PATH").value_parser(clap::value_parser!(PathBuf));
        clap::Command::new("init")
            .about("Write a crawl.toml with every option explained; never over one that is there")
            .arg(path.help("Where to: a file, or a folder for its crawl.toml [default: --config, else ./crawl.toml]"))
    }

    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit> {
        let path = match (given.get_one::<PathBuf>("path"), &context.config) {
            (Some(_), Some(_)) => {
                return Err(anyhow!("say where to once: by PATH, or by --config")).context(Exit::Usage);
            }
            (Some(path), None) | (None, Some(path)) => context.folder.join(path),
            (None, None) => context.folder.join("crawl.toml"),
        };
        let path = if path.is_dir() { path.join("crawl.toml") } else { path };
        file::create(&path, &template())?;
        writeln!(context.out, "wrote {}, which watches nothing yet", path.display())?;
        writeln!(context.out, "next: wangqi{} feed add URL", option_for(context, &path))?;
        Ok(Exit::Ok)
    }
}

/// ` --config PATH`, ready to be typed, where the file would not be found without.
pub(crate) fn option_for(context: &Context<'_>, path: &Path) -> String {
    if Config::find(None, &context.folder, &open::environment()).as_deref() == Some(path) {
        return String::new();
    }
    let path = path.strip_prefix(&context.folder).unwrap_or(path).display().to_string();
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+=:@%,".contains(letter);
    let quoted = if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) };
    format!(" --config {quoted}")
}
