//! What a command is given: where to write, which configuration, and how it may end.

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
}

impl<'a> Context<'a> {
    /// The context of this very process.
    pub fn of_process(config: Option<PathBuf>, out: &'a mut std::io::Stdout, err: &'a mut std::io::Stderr) -> Self {
        use std::io::IsTerminal as _;
        let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        Self { out_is_terminal: out.is_terminal(), err_is_terminal: err.is_terminal(), out, err, config, folder }
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
            Self::Config => "the configuration is invalid",
            Self::Partial => "some fetches failed",
            Self::Archive => "the archive is locked or damaged",
            Self::NothingMatched => "nothing matched",
            Self::Interrupted => "interrupted",
        })
    }
}
