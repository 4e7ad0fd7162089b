//! `mortise member`: people of a company are added and listed.

use std::sync::Arc;

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use mortise::Engine;
use mortise::command::member::AddMember;
use mortise::event::Subject;
use mortise::model::{Member, Role};
use serde_json::json;

use super::place::{Place, context, tenant};
use super::{Outcome, output, password};

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(super) enum MemberCommand {
    /// Add somebody
    Add(AddFlags),
    /// List people
    List(ListFlags),
    /// Take away the second factor of somebody who has lost theirs
    ResetSecondFactor(ResetFlags),
}

/// Somebody to be added.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --password-stdin a password is made and said once.

Example:
  mortise member add --tenant acme --email bo@acme.example --name Bo --role admin")]
pub(super) struct AddFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// The address they sign in with
    #[arg(long)]
    email: String,
    /// How they are shown
    #[arg(long)]
    name: String,
    /// What they may do
    #[arg(long, default_value = "user", value_parser = role())]
    role: Role,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// How to list.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise member list --tenant acme --json")]
pub(super) struct ListFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Whose second factor is lost.
#[derive(Debug, Args)]
#[command(after_help = "\
For a super admin whom no other super admin can help. It stands in the company's log.

Example:
  mortise member reset-second-factor --tenant acme --email ada@acme.example")]
pub(super) struct ResetFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// The address they sign in with
    #[arg(long)]
    email: String,
}

fn role() -> impl clap::builder::TypedValueParser<Value = Role> {
    PossibleValuesParser::new(["user", "admin", "super-admin"]).try_map(|word| {
        Role::from_word(&word.to_ascii_uppercase().replace('-', "_")).ok_or("there is no such role")
    })
}

pub(super) async fn run(place: &Place, command: MemberCommand) -> anyhow::Result<Outcome> {
    match command {
        MemberCommand::Add(flags) => add(place, flags).await?,
        MemberCommand::List(flags) => {
            place.with_existing(async |engine| list(engine, &flags).await).await?;
        }
        MemberCommand::ResetSecondFactor(flags) => {
            place.with_existing(async |engine| reset(engine, &flags).await).await?;
        }
    }
    Ok(Outcome::Done)
}

async fn add(place: &Place, flags: AddFlags) -> anyhow::Result<()> {
    let chosen = password::choose(flags.password_stdin).await?;
    let command = AddMember {
        id: None,
        email: flags.email.clone(),
        name: flags.name,
        role: flags.role,
        password_hash: None,
    };
    let add = async |engine: &Engine| {
        let cx = context(tenant(engine, &flags.tenant)?.id);
        Ok(engine.add_member(cx, command, Some(chosen.password)).await?)
    };
    let done = place.with_existing(add).await?;
    let id = done.subjects.iter().find_map(|subject| match subject {
        Subject::Member(id) => Some(id.to_string()),
        _ => None,
    });
    if flags.json {
        return output::json(&json!({ "id": id, "email": flags.email, "password": chosen.made }));
    }
    output::line(format_args!("added {} ({})", flags.email, id.unwrap_or_default()))?;
    if let Some(made) = chosen.made {
        output::line(format_args!("password: {made}"))?;
    }
    Ok(())
}

async fn reset(engine: &Engine, flags: &ResetFlags) -> anyhow::Result<()> {
    let cx = context(tenant(engine, &flags.tenant)?.id);
    let reader = engine.reader(&cx.principal).await?;
    let member = reader.directory().member_by_email(&flags.email).map(|member| member.id);
    let member = member.with_context(|| format!("there is no member {} in {}", flags.email, flags.tenant))?;
    engine.reset_second_factor(cx, member).await?;
    Ok(output::line(format_args!("{} signs in with their password alone", flags.email))?)
}

async fn list(engine: &Engine, flags: &ListFlags) -> anyhow::Result<()> {
    let cx = context(tenant(engine, &flags.tenant)?.id);
    let reader = engine.reader(&cx.principal).await?;
    let mut members: Vec<Arc<Member>> = reader.directory().members().cloned().collect();
    members.sort_by(|a, b| (a.status, &a.name, a.id).cmp(&(b.status, &b.name, b.id)));
    if flags.json {
        let members: Vec<_> = members.iter().map(|member| as_json(member)).collect();
        return output::json(&members);
    }
    let rows: Vec<Vec<String>> = members
        .iter()
        .map(|member| {
            let word = |word: &str| word.to_lowercase().replace('_', "-");
            vec![
                member.name.clone(),
                member.email.clone().unwrap_or_default(),
                word(member.role.as_str()),
                word(member.status.as_str()),
                member.source.clone().unwrap_or_default(),
            ]
        })
        .collect();
    Ok(output::table(&["Name", "Address", "Role", "Status", "Imported as"], &rows)?)
}

fn as_json(member: &Member) -> serde_json::Value {
    json!({
        "id": member.id.to_string(),
        "name": member.name,
        "email": member.email,
        "role": member.role.as_str(),
        "status": member.status.as_str(),
        "source": member.source,
    })
}
