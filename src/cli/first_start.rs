//! The first start of a daemon that has nothing yet: a container with an empty volume gets its crawl.toml, a desk hears what to type.

use crate::cli::{Context, Exit, open};
use crate::config::{Config, file, template};
use anyhow::{Context as _, anyhow};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Where containers have their configuration.
const CONTAINER: &str = "/config";

/// What may lie in a volume that is still empty, beside hidden files.
const NOTHING: &[&str] = &["lost+found", "archive"];

/// The configuration that applies, written first where this is a container's first start: `/config` is there and there is no crawl.toml
/// anywhere, or `--config` names one that is not there in a folder with nothing in it.
pub(crate) fn config(context: &mut Context<'_>) -> anyhow::Result<Config> {
    let environment = open::environment();
    let asked = context.config.is_some();
    let path = match Config::find(context.config.as_deref(), &context.folder, &environment) {
        Some(path) if asked && is_missing(&path) && path.parent().is_some_and(is_empty) => path,
        Some(_) => return open::config(context),
        None if Path::new(CONTAINER).is_dir() => Path::new(CONTAINER).join("crawl.toml"),
        None => {
            let why =
                anyhow!("there is no crawl.toml here; `wangqi init` writes one, and --config names one elsewhere");
            return Err(why).context(Exit::Config);
        }
    };
    write(context, path)
}

fn write(context: &mut Context<'_>, path: PathBuf) -> anyhow::Result<Config> {
    if let Err(error) = file::create(&path, &template()) {
        let user = fs::metadata("/proc/self").map_or_else(|_| String::new(), |process| format!(" {}", process.uid()));
        let why = anyhow!(
            "there is no crawl.toml, and none can be written: {error}; mount a folder that user{user} may write"
        );
        return Err(why).context(Exit::Config);
    }
    writeln!(
        context.err,
        "wangqi: wrote {}: every option is explained there, and nothing is watched yet",
        path.display()
    )?;
    context.config = Some(path);
    open::config(context)
}

fn is_missing(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Whether a folder is there and holds nothing that somebody put there.
fn is_empty(folder: &Path) -> bool {
    let Ok(mut entries) = fs::read_dir(folder) else { return false };
    entries.all(|entry| {
        entry.is_ok_and(|entry| {
            let name = entry.file_name();
            NOTHING.iter().any(|nothing| name == *nothing) || name.as_encoded_bytes().starts_with(b".")
        })
    })
}
