//! `mortise root`: the operators of the platform, who see a company's issues by a visit alone, and their keys.

mod key;
mod visit;

use clap::{Args, Subcommand};
use mortise::Engine;

use super::place::Place;
use super::{Outcome, output, password};

/// What can be done with operators.
#[derive(Debug, Subcommand)]
pub(super) enum RootCommand {
    /// Make an operator
    Create(CreateFlags),
    /// Look into a company, for a reason and for a time; it stands in the company's log
    Visit(visit::VisitFlags),
    /// End a visit before its time
    EndVisit(visit::EndVisitFlags),
    /// Platform keys: with what operators and their programs ask a running server
    #[command(subcommand)]
    Key(key::KeyCommand),
}

/// An operator to be made.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --password-stdin a password is made and said once.

Examples:
  mortise root create --email root@example.com
  pass show mortise/root | mortise root create --email root@example.com --password-stdin")]
pub(super) struct CreateFlags {
    /// The address they sign in with
    #[arg(long)]
    email: String,
    /// How they are shown [default: the address]
    #[arg(long)]
    name: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(place: &Place, command: RootCommand) -> anyhow::Result<Outcome> {
    match command {
        RootCommand::Create(flags) => create(place, flags).await?,
        RootCommand::Visit(flags) => visit::begin(place, flags).await?,
        RootCommand::EndVisit(flags) => visit::end(place, &flags).await?,
        RootCommand::Key(command) => Box::pin(key::run(place, command)).await?,
    }
    Ok(Outcome::Done)
}

async fn create(place: &Place, flags: CreateFlags) -> anyhow::Result<()> {
    let chosen = password::choose(flags.password_stdin).await?;
    let name = flags.name.as_deref().unwrap_or(&flags.email);
    let create = async |engine: &Engine| Ok(engine.create_root(&flags.email, name, chosen.password).await?);
    let id = place.with_engine(create).await?;
    if flags.json {
        output::json(&serde_json::json!({
            "id": id.to_string(), "email": flags.email, "password": chosen.made,
        }))?;
    } else {
        output::line(format_args!("made operator {} ({id})", flags.email))?;
        if let Some(made) = chosen.made {
            output::line(format_args!("password: {made}"))?;
        }
    }
    Ok(())
}
