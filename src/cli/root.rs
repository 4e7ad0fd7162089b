//! `mortise root`: the operators of the platform, who see no company's issues.

use clap::{Args, Subcommand};

use super::place::Place;
use super::{Outcome, output, password};

/// What can be done with operators.
#[derive(Debug, Subcommand)]
pub(super) enum RootCommand {
    /// Make an operator
    Create(CreateFlags),
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
    let RootCommand::Create(flags) = command;
    let chosen = password::choose(flags.password_stdin).await?;
    let name = flags.name.as_deref().unwrap_or(&flags.email);
    let create =
        async |engine: &mortise::Engine| Ok(engine.create_root(&flags.email, name, chosen.password).await?);
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
    Ok(Outcome::Done)
}
