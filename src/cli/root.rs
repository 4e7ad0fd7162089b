//! `mortise root`: the operators of the platform, who see a company's issues by a visit alone, and their keys.

mod key;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mortise::model::KeyScope;
use mortise::{Engine, NewVisit};

use super::place::{Place, tenant};
use super::{Outcome, output, password};

/// What can be done with operators.
#[derive(Debug, Subcommand)]
pub(super) enum RootCommand {
    /// Make an operator
    Create(CreateFlags),
    /// Look into a company, for a reason and for a time; it stands in the company's log
    Visit(VisitFlags),
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

/// A visit to be begun.
#[derive(Debug, Args)]
#[command(after_help = "\
Standard output is the visit's token and nothing else; it is sent as `Authorization: Bearer …` and stops working when
the visit ends.

Example:
  TOKEN=$(mortise root visit acme --operator root@example.com --reason 'ticket 4711: search finds nothing')")]
pub(super) struct VisitFlags {
    /// The company
    #[arg(value_name = "SLUG")]
    tenant: String,
    /// The address of the operator who visits
    #[arg(long, value_name = "EMAIL")]
    operator: String,
    /// Why, in at least 10 characters: the company reads it
    #[arg(long)]
    reason: String,
    /// How far it reaches: read, write or admin
    #[arg(long, default_value = "read", value_parser = super::token::scope())]
    scope: KeyScope,
    /// How long it lasts, at most 480
    #[arg(long, default_value_t = 30)]
    minutes: u32,
}

pub(super) async fn run(place: &Place, command: RootCommand) -> anyhow::Result<Outcome> {
    match command {
        RootCommand::Create(flags) => create(place, flags).await?,
        RootCommand::Visit(flags) => {
            place.with_existing(async |engine| visit(engine, &flags).await).await?;
        }
        RootCommand::Key(command) => Box::pin(key::run(place, command)).await?,
    }
    Ok(Outcome::Done)
}

async fn visit(engine: &Engine, flags: &VisitFlags) -> anyhow::Result<()> {
    let operator = engine.root_by_email(&flags.operator).await?;
    let operator = operator.with_context(|| format!("there is no operator {}", flags.operator))?;
    let new = NewVisit {
        tenant: tenant(engine, &flags.tenant)?.id,
        reason: flags.reason.clone(),
        scope: flags.scope,
        minutes: flags.minutes,
    };
    let (visit, token) = engine.begin_visit(operator, new).await?;
    output::remark(format_args!(
        "a visit to {} until {}; {} can see it",
        flags.tenant, visit.ends_at, flags.tenant
    ));
    Ok(output::line(token.expose())?)
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
