//! `mortise member`: people of a company are added, invited, listed and changed, in the data folder or at a running server.
//!
//! At a server each change is an act of the platform among the company's people, and the company reads why.

mod change;

use std::sync::Arc;

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use mortise::Engine;
use mortise::command::member::AddMember;
use mortise::event::Subject;
use mortise::model::{Member, MemberStatus, Role};
use serde_json::{Value, json};

use super::place::{Place, context, tenant};
use super::remote::{Desk, Remote, ServerFlags};
use super::{Outcome, output, password};

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(super) enum MemberCommand {
    /// Add somebody
    Add(AddFlags),
    /// Invite somebody by a letter with a link
    Invite(change::InviteFlags),
    /// List people
    List(ListFlags),
    /// Change what somebody may do
    Role(change::RoleFlags),
    /// Close the door to somebody for now
    Suspend(change::WhoFlags),
    /// Let somebody in again; at a running server only whom the platform has suspended
    Reactivate(change::WhoFlags),
    /// Remove somebody: their access ends, their work stays
    Remove(change::WhoFlags),
    /// Make an account for a program; `mortise token create` makes its keys
    AddService(change::ServiceFlags),
    /// Take away the second factor of somebody who has lost theirs
    ResetSecondFactor(ResetFlags),
}

/// Somebody to be added.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --password-stdin a password is made and said once. At a running server nobody is given one: whom the
platform puts down takes part when a super admin of the company says so, who reads the reason.

Examples:
  mortise member add --tenant acme --email bo@acme.example --name Bo --role admin
  mortise member add --tenant acme --email bo@acme.example --name Bo --reason 'ticket 4711: nobody can sign in' \\
      --server https://tracker.example.com --token-file root.key")]
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
    #[arg(long, conflicts_with = "server")]
    password_stdin: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    why: Why,
}

/// Why it is done, and where.
#[derive(Debug, Args)]
pub(super) struct Why {
    /// Why the platform does it, in at least 10 characters; needed at a running server
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    at: ServerFlags,
}

impl Why {
    /// The reason, which a server asks for.
    fn reason(&self) -> anyhow::Result<&str> {
        self.reason.as_deref().context("say why with --reason: the company reads it")
    }
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
    #[command(flatten)]
    at: ServerFlags,
}

/// Whose second factor is lost.
#[derive(Debug, Args)]
#[command(after_help = "\
For a super admin whom no other super admin can help. It stands in the company's log.

Examples:
  mortise member reset-second-factor --tenant acme --email ada@acme.example
  mortise member reset-second-factor --tenant acme --email ada@acme.example --reason 'ticket 4711: her phone is lost' \\
      --server https://tracker.example.com --token-file root.key")]
pub(super) struct ResetFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// The address they sign in with
    #[arg(long)]
    email: String,
    #[command(flatten)]
    why: Why,
}

fn role() -> impl clap::builder::TypedValueParser<Value = Role> {
    PossibleValuesParser::new(["user", "admin", "super-admin"]).try_map(|word| {
        Role::from_word(&word.to_ascii_uppercase().replace('-', "_")).ok_or("there is no such role")
    })
}

pub(super) async fn run(place: &Place, command: MemberCommand) -> anyhow::Result<Outcome> {
    match command {
        MemberCommand::Add(flags) => add(place, flags).await?,
        MemberCommand::List(flags) => list(place, &flags).await?,
        MemberCommand::Invite(flags) => change::invite(place, flags).await?,
        MemberCommand::Role(flags) => change::role(place, flags).await?,
        MemberCommand::Suspend(flags) => change::status(place, flags, MemberStatus::Suspended).await?,
        MemberCommand::Reactivate(flags) => change::status(place, flags, MemberStatus::Active).await?,
        MemberCommand::Remove(flags) => change::remove(place, flags).await?,
        MemberCommand::AddService(flags) => change::add_service(place, flags).await?,
        MemberCommand::ResetSecondFactor(flags) => change::reset_second_factor(place, flags).await?,
    }
    Ok(Outcome::Done)
}

async fn add(place: &Place, flags: AddFlags) -> anyhow::Result<()> {
    if let Desk::Server(remote) = flags.why.at.desk(place).await? {
        return ask_to_add(&remote, &flags).await;
    }
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

/// Has a server put somebody down, who takes part when the company says so.
async fn ask_to_add(remote: &Remote, flags: &AddFlags) -> anyhow::Result<()> {
    let document = "mutation($id: ID!, $input: MemberAddInput!) {
        memberAdd(tenantId: $id, input: $input) { memberId userErrors { message } } }";
    let reason = flags.why.reason()?;
    let input = json!({
        "email": flags.email,
        "name": flags.name,
        "role": flags.role.as_str(),
        "reason": reason,
    });
    let id = remote.tenant_id(&flags.tenant).await?;
    let member = remote.change_of("memberId", document, json!({ "id": id, "input": input })).await?;
    if flags.json {
        return output::json(&json!({ "id": member, "email": flags.email, "password": null }));
    }
    output::line(format_args!("added {} ({})", flags.email, member.as_str().unwrap_or_default()))?;
    Ok(output::line("they take part when a super admin of the company says so")?)
}

async fn list(place: &Place, flags: &ListFlags) -> anyhow::Result<()> {
    let members: Vec<Value> = match flags.at.desk(place).await? {
        Desk::Folder(place) => place.with_existing(async |engine| people(engine, flags).await).await?,
        Desk::Server(remote) => {
            let document = "query($id: ID!, $first: Int, $after: String) {
                members(tenantId: $id, first: $first, after: $after) {
                    nodes { id name email role status source } pageInfo { hasNextPage endCursor } } }";
            let id = remote.tenant_id(&flags.tenant).await?;
            remote.list(document, json!({ "id": id })).await?
        }
    };
    if flags.json {
        return output::json(&members);
    }
    let rows: Vec<Vec<String>> = members
        .iter()
        .map(|member| {
            let text = |field: &str| member.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            let word = |field: &str| text(field).to_lowercase().replace('_', "-");
            vec![text("name"), text("email"), word("role"), word("status"), text("source")]
        })
        .collect();
    Ok(output::table(&["Name", "Address", "Role", "Status", "Imported as"], &rows)?)
}

async fn people(engine: &Engine, flags: &ListFlags) -> anyhow::Result<Vec<Value>> {
    let cx = context(tenant(engine, &flags.tenant)?.id);
    let reader = engine.reader(&cx.principal).await?;
    let mut members: Vec<Arc<Member>> = reader.directory().members().cloned().collect();
    members.sort_by(|a, b| (a.status, &a.name, a.id).cmp(&(b.status, &b.name, b.id)));
    Ok(members.iter().map(|member| as_json(member)).collect())
}

fn as_json(member: &Member) -> Value {
    json!({
        "id": member.id.to_string(),
        "name": member.name,
        "email": member.email,
        "role": member.role.as_str(),
        "status": member.status.as_str(),
        "source": member.source,
    })
}
