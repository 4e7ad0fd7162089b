//! Inviting people, and changing those who are there.

use anyhow::Context as _;
use clap::Args;
use mortise::command::member::UpdateMember;
use mortise::command::service::CreateServiceAccount;
use mortise::event::Subject;
use mortise::id::MemberId;
use mortise::model::{MemberStatus, Role};
use mortise::{Committed, Engine, NewInvitation};
use serde_json::json;

use super::super::output;
use super::super::place::{Place, context, tenant};

/// Whom to invite.
#[derive(Debug, Args)]
#[command(after_help = "\
The letter waits in the company's outbox until a server sends it. Its link is good for a week.

Example:
  mortise member invite --tenant acme --email bo@acme.example --role admin")]
pub(in crate::cli) struct InviteFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// The address that the letter goes to
    #[arg(long)]
    email: String,
    /// How the letter calls them
    #[arg(long)]
    name: Option<String>,
    /// What they may do once they have joined
    #[arg(long, default_value = "user", value_parser = super::role())]
    role: Role,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Who, by address or id.
#[derive(Debug, Args)]
pub(in crate::cli) struct WhoFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// The address they sign in with, or the id, as `member list --json` shows it
    #[arg(long, value_name = "ADDRESS|ID")]
    member: String,
}

/// A role for somebody.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  mortise member role --tenant acme --member bo@acme.example --role super-admin"
)]
pub(in crate::cli) struct RoleFlags {
    #[command(flatten)]
    who: WhoFlags,
    /// What they may do from now on
    #[arg(long, value_parser = super::role())]
    role: Role,
}

/// A program's account.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise member add-service --tenant acme --name Deployer --role user")]
pub(in crate::cli) struct ServiceFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// How it is shown
    #[arg(long)]
    name: String,
    /// What it may do
    #[arg(long, default_value = "user", value_parser = super::role())]
    role: Role,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn invite(place: &Place, flags: InviteFlags) -> anyhow::Result<()> {
    let new = NewInvitation { email: flags.email.clone(), name: flags.name, role: flags.role };
    let run =
        async |engine: &Engine| Ok(engine.invite(context(tenant(engine, &flags.tenant)?.id), new).await?);
    let done = place.with_existing(run).await?;
    let id = done.subjects.iter().find_map(|subject| match subject {
        Subject::Invitation(id) => Some(id.to_string()),
        _ => None,
    });
    if flags.json {
        return output::json(&json!({ "id": id, "email": flags.email }));
    }
    Ok(output::line(format_args!("invited {} ({})", flags.email, id.unwrap_or_default()))?)
}

pub(super) async fn role(place: &Place, flags: RoleFlags) -> anyhow::Result<()> {
    let change = |member| UpdateMember { role: Some(flags.role), ..UpdateMember::of(member) };
    update(place, &flags.who, change).await?;
    let role = flags.role.as_str().to_lowercase().replace('_', "-");
    Ok(output::line(format_args!("{} is {role}", flags.who.member))?)
}

pub(super) async fn status(place: &Place, flags: WhoFlags, status: MemberStatus) -> anyhow::Result<()> {
    let change = |member| UpdateMember { status: Some(status), ..UpdateMember::of(member) };
    update(place, &flags, change).await?;
    Ok(output::line(format_args!("{} is {}", flags.member, status.as_str().to_lowercase()))?)
}

pub(super) async fn remove(place: &Place, flags: WhoFlags) -> anyhow::Result<()> {
    let run = async |engine: &Engine| {
        let cx = context(tenant(engine, &flags.tenant)?.id);
        let member = find(engine, &flags).await?;
        Ok(engine.remove_member(cx, member).await?)
    };
    place.with_existing(run).await?;
    Ok(output::line(format_args!("{} is removed", flags.member))?)
}

pub(super) async fn add_service(place: &Place, flags: ServiceFlags) -> anyhow::Result<()> {
    let command = CreateServiceAccount { id: None, name: flags.name.clone(), role: flags.role };
    let run = async |engine: &Engine| {
        Ok(engine.execute(context(tenant(engine, &flags.tenant)?.id), command).await?)
    };
    let done = place.with_existing(run).await?;
    let id = done.subjects.iter().find_map(|subject| match subject {
        Subject::Member(id) => Some(id.to_string()),
        _ => None,
    });
    if flags.json {
        return output::json(&json!({ "id": id, "name": flags.name }));
    }
    Ok(output::line(format_args!("made the service account {} ({})", flags.name, id.unwrap_or_default()))?)
}

async fn update(
    place: &Place,
    who: &WhoFlags,
    change: impl FnOnce(MemberId) -> UpdateMember,
) -> anyhow::Result<Committed> {
    let run = async |engine: &Engine| {
        let cx = context(tenant(engine, &who.tenant)?.id);
        let member = find(engine, who).await?;
        Ok(engine.execute(cx, change(member)).await?)
    };
    place.with_existing(run).await
}

/// The member whom the flags name.
async fn find(engine: &Engine, who: &WhoFlags) -> anyhow::Result<MemberId> {
    let cx = context(tenant(engine, &who.tenant)?.id);
    let reader = engine.reader(&cx.principal).await?;
    let directory = reader.directory();
    let member = match who.member.parse::<MemberId>() {
        Ok(id) => directory.member(id),
        Err(_) => directory.member_by_email(&who.member),
    };
    let member = member.with_context(|| format!("there is no member {} in {}", who.member, who.tenant))?;
    Ok(member.id)
}
