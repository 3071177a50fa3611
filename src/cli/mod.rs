//! The command line: one file per command, one line in [`COMMANDS`].
//!
//! Data goes to standard output, everything else to standard error; tables and progress only on a terminal.

mod accounts;
mod backups;
mod config;
mod context;
mod control;
mod crawl;
pub mod demo;
mod export;
mod extract;
mod feed;
mod first_start;
mod full;
mod health;
mod healthcheck;
mod identity;
mod import;
mod init;
mod interrupt;
mod lines;
mod list;
mod listener;
mod open;
mod parse_feed;
mod progress;
mod reload;
mod run;
mod selection;
mod show;
mod signals;
mod stats;
mod supervisor;
mod verify;

pub use context::{Context, Exit};

use clap::{Arg, ArgMatches};
use std::path::PathBuf;
use std::process::ExitCode;

/// One command.
pub trait Command: Sync {
    /// Its name, its help and its arguments.
    fn arguments(&self) -> clap::Command;

    /// Runs it.
    ///
    /// # Errors
    /// When it could not do what it was asked; the error's chain is printed on one line, and the exit code is 1.
    fn run(&self, context: &mut Context<'_>, given: &ArgMatches) -> anyhow::Result<Exit>;

    /// Whether it only reads the archive, so that whoever holds the archive may run it on behalf of another process.
    fn reads_archive(&self) -> bool {
        false
    }
}

/// All commands, in the order of the help text.
pub static COMMANDS: &[&dyn Command] = &[
    &demo::Demo,
    &init::Init,
    &feed::Feed,
    &feed::FeedFacts,
    &run::Run,
    &crawl::Crawl,
    &crawl::Save,
    &list::List,
    &show::Show,
    &stats::Stats,
    &export::Export,
    &extract::Extract,
    &parse_feed::ParseFeed,
    &import::Import,
    &verify::Verify,
    &verify::Reindex,
    &config::ConfigCommand,
    &healthcheck::Healthcheck,
];

/// Runs the program and says how it ended.
pub fn main() -> ExitCode {
    let given = match arguments().try_get_matches() {
        Ok(given) => given,
        Err(error) => {
            // Help and version go to standard output and are no failure; the rest is usage.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    let keeps_files = given.subcommand_name() != Some("healthcheck");
    if let Err(error) = identity::settle(&open::environment(), keeps_files, &mut std::io::stderr()) {
        eprintln!("wangqi: {error:#}");
        return error.downcast_ref::<Exit>().copied().unwrap_or(Exit::Error).into();
    }
    signals::watch();
    begin_logging();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let config = given.get_one::<PathBuf>("config").cloned();
    let mut context = Context::of_process(config, &mut out, &mut err);
    let exit = dispatch(&mut context, &given);
    // A reader that went away (`wangqi list | head`) is no failure of ours.
    let _ = context.out.flush();
    exit.into()
}

/// Logs go to standard error; `WANGQI_LOG` chooses what (`wangqi=debug`), by default what a person running the daemon wants.
fn begin_logging() {
    use std::io::IsTerminal as _;
    let filter = tracing_subscriber::EnvFilter::try_from_env("WANGQI_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("wangqi=info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second program in this process, as in a test, keeps the first one's.
    let _ = logs.with_ansi(std::io::stderr().is_terminal()).try_init();
}

/// The whole command line as clap sees it.
pub fn arguments() -> clap::Command {
    let config = Arg::new("config")
        .long("config")
        .global(true)
        .value_name("PATH")
        .value_parser(clap::value_parser!(PathBuf))
        .help("The crawl.toml to use [default: ./crawl.toml, then $XDG_CONFIG_HOME/wangqi/crawl.toml, then /config/crawl.toml]");
    clap::Command::new("wangqi")
        .version(env!("CARGO_PKG_VERSION"))
        .about("wangqi (往期): crawl feeds and WeChat official accounts, follow their past issues, keep every snapshot")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .arg(config)
        .subcommands(COMMANDS.iter().map(|command| command.arguments()))
}

/// Runs the command that was named, printing an error's whole chain on one line.
pub fn dispatch(context: &mut Context<'_>, given: &ArgMatches) -> Exit {
    let Some((name, given)) = given.subcommand() else { return Exit::Usage };
    let Some(command) = COMMANDS.iter().find(|command| command.arguments().get_name() == name) else {
        return Exit::Usage;
    };
    match command.run(context, given) {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Ok,
        Err(error) => {
            // What a command prints is the one thing that it does without saying what.
            let bare = error.downcast_ref::<std::io::Error>().is_some() && error.chain().count() == 1;
            let error = if bare { error.context("could not write to standard output") } else { error };
            // What has several lines begins on one of its own.
            let told = told(&error).replace(": \n", ":\n");
            let _ = writeln!(context.err, "wangqi: {told}");
            error.downcast_ref::<Exit>().copied().unwrap_or(Exit::Error)
        }
    }
}

/// An error with its causes on one line; a cause that the sentence before it has repeated already is not said twice.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(broken))
}
