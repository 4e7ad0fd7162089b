//! The process's log: one subscriber on standard error, for people or for machines.
//!
//! It does not know what is logged. Fields the lines have in common: `request.id` and `tenant.id`.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// What is logged, and how.
#[derive(Debug, Args)]
pub(super) struct LogFlags {
    /// What is logged: error, warn, info, debug, trace, or by module as in `info,mortise_engine=debug`
    /// [default: info for servers, else warn]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "FILTER",
        env = "MORTISE_LOG"
    )]
    log: Option<String>,
    /// How lines are written: for people, or as JSON
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_enum,
        default_value_t,
        env = "MORTISE_LOG_FORMAT"
    )]
    log_format: LogFormat,
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum LogFormat {
    /// A line of text, in colour on a terminal.
    #[default]
    Human,
    /// An object in a line.
    Json,
}

/// How much a command logs when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verbosity {
    /// It runs for long, and its log is how one knows.
    Server,
    /// It answers on standard output; the log is for troubles.
    Command,
}

impl Verbosity {
    const fn filter(self) -> &'static str {
        match self {
            Self::Server => "info",
            Self::Command => "warn",
        }
    }
}

/// Makes the process log to standard error.
///
/// # Errors
/// The filter cannot be read.
pub(super) fn install(flags: &LogFlags, verbosity: Verbosity) -> anyhow::Result<()> {
    let filter = flags.log.as_deref().unwrap_or(verbosity.filter());
    let filter =
        EnvFilter::try_new(filter).with_context(|| format!("cannot read the log filter `{filter}`"))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match flags.log_format {
        LogFormat::Human => lines.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}
