//! The command line: which commands there are, what all of them take, and how they end.
//!
//! Exit codes: 0 done; 1 refused, failed, or a check found differences; 2 the command line or the settings file is
//! wrong. Answers go to standard output, everything else to standard error. It knows no rules of the engine: each
//! command asks the engine and says what it answered.

mod audit;
mod check;
mod chunks;
mod demo;
mod expiry;
mod import;
mod job;
mod logging;
mod mail;
mod member;
mod output;
mod password;
mod place;
mod plugin;
mod progress;
mod reindex;
mod remote;
mod root;
mod serve;
mod settings;
mod tenant;
mod token;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use logging::{LogFlags, Verbosity};
use place::Place;

const SETTINGS_HELP: &str = "\
Settings:
  Every flag that is not given is looked for in the environment (where its help names a variable), then in the
  TOML file of --config. Keys of the file are named like flags; flags of one command stand in its table:

    data = \"/var/lib/mortise\"
    log-format = \"json\"
    [serve]
    listen = \"127.0.0.1:8080\"
    [tenant.create]
    tier = \"premium\"

Examples:
  mortise demo
  mortise tenant create acme --name Acme --tier basic --admin-email ada@acme.example --team ENG
  mortise serve --data ./mortise-data --listen 127.0.0.1:4000";

/// An issue engine for many companies, in one program and one folder
#[derive(Debug, Parser)]
#[command(name = "mortise", version, about, after_help = SETTINGS_HELP, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Shared {
    /// Settings file (TOML)
    // Found by `settings` before the rest is parsed; it is declared for the help.
    #[arg(long, global = true, help_heading = "Options of every command", value_name = "FILE", env = settings::CONFIG_VARIABLE)]
    config: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    log: LogFlags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the GraphQL API
    Serve(serve::ServeFlags),
    /// Serve a prepared company, to look around in
    Demo(demo::DemoFlags),
    /// Operators of the platform
    #[command(subcommand)]
    Root(root::RootCommand),
    /// Companies
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Changes of many companies, on a running server
    #[command(subcommand)]
    Job(job::JobCommand),
    /// People of a company
    #[command(subcommand)]
    Member(member::MemberCommand),
    /// API keys
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Messages to people
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Bring in issues from elsewhere
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Write plugins, and look after those of a company
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// What happened in a company: export, sign, verify
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Recompute everything that is derived and print what differs
    Check(check::CheckFlags),
    /// Make search indexes anew
    Reindex(reindex::ReindexFlags),
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// As wished.
    Done,
    /// It found what it was to look for, and that is no good news.
    Differs,
}

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    let cli = match settings::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, with exit code 0. There is nobody left to tell of a failed print.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match start(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Differs) => ExitCode::FAILURE,
        // Whoever read our answer has read enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Stack of a thread that serves requests: 8 MiB, taken as it is used. The deepest document with the deepest filter that
/// the limits let pass overflows the usual 2 MiB in a build without optimisation.
const THREAD_STACK_BYTES: usize = 8 * 1024 * 1024;

fn start(cli: Cli) -> anyhow::Result<Outcome> {
    let Cli { shared, command } = cli;
    let verbosity = match command {
        Command::Serve(_) | Command::Demo(_) => Verbosity::Server,
        _ => Verbosity::Command,
    };
    logging::install(&shared.log, verbosity)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(THREAD_STACK_BYTES)
        .enable_all()
        .build()?;
    runtime.block_on(Box::pin(dispatch(&shared.place, command)))
}

async fn dispatch(place: &Place, command: Command) -> anyhow::Result<Outcome> {
    // Decided here for all of them: what could be meant for the server of the environment opens no folder instead.
    let guarded = matches!(
        command,
        Command::Root(_)
            | Command::Tenant(_)
            | Command::Job(_)
            | Command::Member(_)
            | Command::Token(_)
            | Command::Mail(_)
            | Command::Import(_)
    );
    let place = &place.unless_at(place::named_by_environment().filter(|_| guarded));
    match command {
        Command::Serve(flags) => serve::run(place, &flags).await,
        Command::Demo(flags) => Box::pin(demo::run(place, &flags)).await,
        Command::Root(command) => Box::pin(root::run(place, command)).await,
        Command::Job(command) => Box::pin(job::run(command)).await,
        Command::Tenant(command) => Box::pin(tenant::run(place, command)).await,
        Command::Member(command) => Box::pin(member::run(place, command)).await,
        Command::Token(command) => token::run(place, command).await,
        Command::Mail(command) => mail::run(place, command).await,
        Command::Import(command) => import::run(place, command).await,
        Command::Audit(command) => Box::pin(audit::run(place, command)).await,
        Command::Plugin(command) => Box::pin(plugin::run(place, command)).await,
        Command::Check(flags) => check::run(place, &flags).await,
        Command::Reindex(flags) => reindex::run(place, &flags).await,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
