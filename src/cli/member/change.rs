//! Inviting people, and changing those who are there.

use anyhow::Context as _;
use clap::Args;
use mortise::command::member::UpdateMember;
use mortise::command::service::CreateServiceAccount;
use mortise::context::OpContext;
use mortise::event::Subject;
use mortise::id::MemberId;
use mortise::model::{MemberStatus, Role};
use mortise::{Engine, NewInvitation};
use serde_json::{Value, json};

use super::super::output;
use super::super::place::{Place, context, member, tenant};
use super::super::remote::{Desk, arguments};
use super::{ResetFlags, Why};

/// Whom to invite.
#[derive(Debug, Args)]
#[command(after_help = "\
The letter waits in the company's outbox until a server sends it. Its link is good for a week. Whom the platform invites at
a running server takes part when a super admin of the company says so.

Examples:
  mortise member invite --tenant acme --email bo@acme.example --role admin
  mortise member invite --tenant acme --email bo@acme.example --reason 'ticket 4711: they asked for it' \\
      --server https://tracker.example.com --token-file root.key")]
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
    #[command(flatten)]
    why: Why,
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
    #[command(flatten)]
    why: Why,
}

/// A role for somebody.
#[derive(Debug, Args)]
#[command(after_help = "\
At a running server nobody becomes a super admin by it.

Example:
  mortise member role --tenant acme --member bo@acme.example --role super-admin")]
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
    #[command(flatten)]
    why: Why,
}

pub(super) async fn invite(place: &Place, flags: InviteFlags) -> anyhow::Result<()> {
    let InviteFlags { tenant: slug, email, name, role, json, why } = flags;
    let id = match why.at.desk(place).await? {
        Desk::Folder(place) => {
            let new = NewInvitation { email: email.clone(), name, role };
            let run =
                async |engine: &Engine| Ok(engine.invite(context(tenant(engine, &slug)?.id), new).await?);
            let done = place.with_existing(run).await?;
            let invited = |subject: &Subject| match subject {
                Subject::Invitation(id) => Some(id.to_string()),
                _ => None,
            };
            done.subjects.iter().find_map(invited).unwrap_or_default()
        }
        Desk::Server(remote) => {
            let document = "mutation($id: ID!, $input: MemberInviteInput!) {
                memberInvite(tenantId: $id, input: $input) { invitationId userErrors { message } } }";
            let input =
                json!({ "email": email, "name": name, "role": role.as_str(), "reason": why.reason()? });
            let id = remote.tenant_id(&slug).await?;
            let id = remote.change_of("invitationId", document, json!({ "id": id, "input": input })).await?;
            id.as_str().unwrap_or_default().to_owned()
        }
    };
    if json {
        return output::json(&json!({ "id": id, "email": email }));
    }
    Ok(output::line(format_args!("invited {email} ({id})"))?)
}

pub(super) async fn role(place: &Place, flags: RoleFlags) -> anyhow::Result<()> {
    let RoleFlags { who, role } = flags;
    let here = async |engine: &Engine, cx: OpContext, member| {
        let change = UpdateMember { role: Some(role), ..UpdateMember::of(member) };
        Ok(engine.execute(cx, change).await.map(drop)?)
    };
    let asked = ("memberRoleChange", "$role: Role!", json!({ "role": role.as_str() }));
    change(place, &who, here, asked).await?;
    let role = role.as_str().to_lowercase().replace('_', "-");
    Ok(output::line(format_args!("{} is {role}", who.member))?)
}

pub(super) async fn status(place: &Place, who: WhoFlags, status: MemberStatus) -> anyhow::Result<()> {
    let here = async |engine: &Engine, cx: OpContext, member| {
        let change = UpdateMember { status: Some(status), ..UpdateMember::of(member) };
        Ok(engine.execute(cx, change).await.map(drop)?)
    };
    let field = if status == MemberStatus::Active { "memberReactivate" } else { "memberSuspend" };
    change(place, &who, here, (field, "", json!({}))).await?;
    Ok(output::line(format_args!("{} is {}", who.member, status.as_str().to_lowercase()))?)
}

pub(super) async fn remove(place: &Place, who: WhoFlags) -> anyhow::Result<()> {
    let here = async |engine: &Engine, cx: OpContext, member| {
        Ok(engine.remove_member(cx, member).await.map(drop)?)
    };
    change(place, &who, here, ("memberRemove", "", json!({}))).await?;
    Ok(output::line(format_args!("{} is removed", who.member))?)
}

pub(super) async fn reset_second_factor(place: &Place, flags: ResetFlags) -> anyhow::Result<()> {
    let ResetFlags { tenant, email, why } = flags;
    let who = WhoFlags { tenant, member: email, why };
    let here = async |engine: &Engine, cx: OpContext, member| {
        Ok(engine.reset_second_factor(cx, member).await.map(drop)?)
    };
    change(place, &who, here, ("secondFactorReset", "", json!({}))).await?;
    Ok(output::line(format_args!("{} signs in with their password alone", who.member))?)
}

pub(super) async fn add_service(place: &Place, flags: ServiceFlags) -> anyhow::Result<()> {
    let ServiceFlags { tenant: slug, name, role, json, why } = flags;
    let id = match why.at.desk(place).await? {
        Desk::Folder(place) => {
            let command = CreateServiceAccount { id: None, name: name.clone(), role };
            let run = async |engine: &Engine| {
                Ok(engine.execute(context(tenant(engine, &slug)?.id), command).await?)
            };
            let done = place.with_existing(run).await?;
            let made = |subject: &Subject| match subject {
                Subject::Member(id) => Some(id.to_string()),
                _ => None,
            };
            done.subjects.iter().find_map(made).unwrap_or_default()
        }
        Desk::Server(remote) => {
            let document = "mutation($id: ID!, $input: ServiceAccountCreateInput!) {
                serviceAccountCreate(tenantId: $id, input: $input) { member { id } userErrors { message } } }";
            let input = json!({ "name": name, "role": role.as_str(), "reason": why.reason()? });
            let id = remote.tenant_id(&slug).await?;
            let made = remote.change_of("member", document, json!({ "id": id, "input": input })).await?;
            made.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
    };
    if json {
        return output::json(&json!({ "id": id, "name": name }));
    }
    Ok(output::line(format_args!("made the service account {name} ({id})"))?)
}

/// Changes somebody where their company is. `asked` is the field of the server's API, the variables it declares beside the ids
/// and the reason, and their values.
async fn change(
    place: &Place,
    who: &WhoFlags,
    here: impl AsyncFnOnce(&Engine, OpContext, MemberId) -> anyhow::Result<()>,
    (field, declared, values): (&str, &str, Value),
) -> anyhow::Result<()> {
    match who.why.at.desk(place).await? {
        Desk::Folder(place) => {
            let run = async |engine: &Engine| {
                let cx = context(tenant(engine, &who.tenant)?.id);
                let found = member(engine, &cx, &who.member).await?;
                let found =
                    found.with_context(|| format!("there is no member {} in {}", who.member, who.tenant))?;
                here(engine, cx, found.id).await
            };
            place.with_existing(run).await
        }
        Desk::Server(remote) => {
            let (mut variables, passed) = arguments(values);
            let document = format!(
                "mutation($tenant: ID!, $member: ID!, $reason: String! {declared}) {{
                    {field}(tenantId: $tenant, memberId: $member, reason: $reason{passed}) {{
                        userErrors {{ message }} }} }}"
            );
            variables.insert("reason".to_owned(), who.why.reason()?.into());
            let (tenant, member) = remote.member_id(&who.tenant, &who.member).await?;
            variables.insert("tenant".to_owned(), tenant.into());
            variables.insert("member".to_owned(), member.into());
            remote.change(&document, variables.into()).await.map(drop)
        }
    }
}
