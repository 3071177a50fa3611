//! What a command is given: where to write, which configuration, which archive, and how it may end.

use crate::archive::{Archive, ArchiveError, Reader};
use crate::cli::{control, open};
use crate::config::Config;
use anyhow::Context as _;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// What a command is given.
pub struct Context<'a> {
    /// Where data goes.
    pub out: &'a mut dyn Write,
    /// Where everything else goes.
    pub err: &'a mut dyn Write,
    /// Whether `out` is a terminal: tables there, plain lines elsewhere.
    pub out_is_terminal: bool,
    /// Whether `err` is a terminal: progress bars there, plain lines elsewhere.
    pub err_is_terminal: bool,
    /// The `--config` that was given.
    pub config: Option<PathBuf>,
    /// The folder that relative paths of the command line are relative to.
    pub folder: PathBuf,
    /// The arguments as typed, to be handed to whoever holds the archive.
    pub arguments: Vec<String>,
    /// The archive as its holder sees it, where this command runs on behalf of another process.
    pub held: Option<Reader>,
}

/// How a reading command comes to the archive.
pub(crate) enum Access {
    /// It was opened for this command.
    Opened(Archive),
    /// This process holds it already.
    Held(Reader),
    /// Another process held it, and has run the command there.
    Answered(Exit),
}

impl<'a> Context<'a> {
    /// The context of this very process.
    pub fn of_process(config: Option<PathBuf>, out: &'a mut std::io::Stdout, err: &'a mut std::io::Stderr) -> Self {
        use std::io::IsTerminal as _;
        Self {
            out_is_terminal: out.is_terminal(),
            err_is_terminal: err.is_terminal(),
            out,
            err,
            config,
            folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            // What is not UTF-8 can only be a path that clap took as one, and the holder of an archive needs none.
            arguments: std::env::args_os().skip(1).map(|given| given.to_string_lossy().into_owned()).collect(),
            held: None,
        }
    }

    /// Reads the configuration that applies.
    ///
    /// # Errors
    /// When it cannot be read or is invalid: exit code 3.
    pub fn load_config(&self) -> anyhow::Result<Config> {
        open::config(self)
    }

    /// Runs a reading command on the archive: here, or through the process that holds it.
    ///
    /// # Errors
    /// When the archive cannot be opened, or the command fails.
    pub fn read(&mut self, command: impl FnOnce(&mut Self, &Reader) -> anyhow::Result<Exit>) -> anyhow::Result<Exit> {
        match self.access()? {
            Access::Opened(archive) => command(self, &archive.reader()),
            Access::Held(reader) => command(self, &reader),
            Access::Answered(exit) => Ok(exit),
        }
    }

    fn access(&mut self) -> anyhow::Result<Access> {
        if let Some(reader) = &self.held {
            return Ok(Access::Held(reader.clone()));
        }
        let root = self.load_config()?.archive.path;
        open::must_exist(&root)?;
        match open::archive(self, &root) {
            Ok(archive) => Ok(Access::Opened(archive)),
            Err(error @ ArchiveError::Locked { .. }) => match control::forward(self, &root)? {
                Some(exit) => Ok(Access::Answered(exit)),
                None => Err(error).context(Exit::Archive),
            },
            Err(error) => Err(error).context(Exit::Archive),
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// It failed.
    Error = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration is invalid.
    Config = 3,
    /// Done in part: some fetches failed.
    Partial = 4,
    /// The archive is locked or damaged.
    Archive = 5,
    /// Nothing matched.
    NothingMatched = 6,
    /// Interrupted by Ctrl-C.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// The exit that a number means; an unknown one is a failure.
    pub fn of(code: u8) -> Self {
        let all = [
            Self::Ok,
            Self::Usage,
            Self::Config,
            Self::Partial,
            Self::Archive,
            Self::NothingMatched,
            Self::Interrupted,
            Self::Terminated,
        ];
        all.into_iter().find(|exit| *exit as u8 == code).unwrap_or(Self::Error)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ok => "done",
            Self::Error => "failed",
            Self::Usage => "wrong usage",
            Self::Config => "the configuration cannot be used",
            Self::Partial => "some fetches failed",
            Self::Archive => "the archive cannot be used",
            Self::NothingMatched => "nothing matched",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        })
    }
}
