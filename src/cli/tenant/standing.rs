//! How companies stand: what they have bought, whether they are suspended or closed.

use std::sync::Arc;

use clap::Args;
use mortise::context::Operator;
use mortise::id::TenantId;
use mortise::model::{Tenant, Tier};
use mortise::{AdminInvitation, Closing, Destination, Engine, GRACE_DAYS_DEFAULT, Suspension};
use serde_json::{Value, json};

use super::super::output;
use super::super::place::{Place, tenant};
use super::super::remote::{Desk, ServerFlags, arguments};
use super::{FIELDS, as_json, operator};

/// Another tier.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant tier acme premium")]
pub(in crate::cli) struct TierFlags {
    /// The company
    slug: String,
    /// What it buys
    #[arg(value_parser = super::tier())]
    tier: Tier,
    #[command(flatten)]
    how: How,
}

/// A first super admin to be invited again.
#[derive(Debug, Args)]
#[command(after_help = "\
The former link ends. The company's log says so.

Example:
  mortise tenant invite acme --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct InviteFlags {
    /// The company
    slug: String,
    #[command(flatten)]
    how: How,
}

/// A suspension.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  mortise tenant suspend acme --reads --reason 'an invoice is open' \\
      --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct SuspendFlags {
    /// The company
    slug: String,
    /// Let its people look at what is there
    #[arg(long)]
    reads: bool,
    /// Why: its people read it when they sign in
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    how: How,
}

/// A company to be opened again.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant resume acme")]
pub(in crate::cli) struct ResumeFlags {
    /// The company
    slug: String,
    #[command(flatten)]
    how: How,
}

/// A company to be closed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant close acme --grace-days 14")]
pub(in crate::cli) struct CloseFlags {
    /// The company
    slug: String,
    /// Days in which it can be opened again, at most 365
    #[arg(long, default_value_t = GRACE_DAYS_DEFAULT)]
    grace_days: u32,
    /// Why: its people read it when they sign in
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    how: How,
}

/// How to answer, and where to ask.
#[derive(Debug, Args)]
pub(super) struct How {
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) at: ServerFlags,
}

pub(super) async fn tier(place: &Place, flags: TierFlags) -> anyhow::Result<()> {
    let TierFlags { slug, tier, how } = flags;
    let here = async |engine: &Engine, by: Operator, id| {
        engine.retier_tenant(&by, id, tier).await?;
        // The program ends with this command, so it does not leave the move to a task.
        Ok(engine.relocate_tenant(&by, id, Destination::Home).await?.tenant)
    };
    let asked = ("tenantRetier", "$tier: Tier!", json!({ "tier": tier.as_str() }));
    change(place, &how, &slug, here, asked).await
}

/// Gives a first super admin another link, and says its token.
///
/// # Errors
/// As the engine or the server says: somebody has worked there.
pub(super) async fn invite(place: &Place, flags: InviteFlags) -> anyhow::Result<()> {
    let InviteFlags { slug, how } = flags;
    let renewed = match how.at.desk(place).await? {
        Desk::Folder(place) => {
            let renew = async |engine: &Engine| {
                let made = engine.renew_invitation(&operator(), tenant(engine, &slug)?.id).await?;
                Ok(link(&made))
            };
            place.with_existing(renew).await?
        }
        Desk::Server(remote) => {
            let document = "mutation($id: ID!) { tenantInvitationRenew(id: $id) {
                invitation { token expiresAt } userErrors { message } } }";
            let id = remote.tenant_id(&slug).await?;
            remote.change_of("invitation", document, json!({ "id": id })).await?
        }
    };
    if how.json {
        return output::json(&renewed);
    }
    Ok(say_link(&renewed)?)
}

/// The link of a first super admin, as a server says it.
pub(super) fn link(of: &AdminInvitation) -> Value {
    json!({ "token": of.token.expose(), "expiresAt": of.expires_at.to_string() })
}

/// Says such a link.
///
/// # Errors
/// Nobody takes what is said.
pub(super) fn say_link(link: &Value) -> std::io::Result<()> {
    let text = |field: &str| link.get(field).and_then(Value::as_str).unwrap_or_default();
    let (until, token) = (text("expiresAt"), text("token"));
    output::line(format_args!("token of their link, until {until}: {token}"))
}

pub(super) async fn suspend(place: &Place, flags: SuspendFlags) -> anyhow::Result<()> {
    let SuspendFlags { slug, reads, reason, how } = flags;
    let suspension = Suspension { reads, reason: reason.clone() };
    let here = async |engine: &Engine, by: Operator, id| {
        Ok(engine.suspend_tenant(&by, id, suspension, None).await?)
    };
    let input = json!({ "reads": reads, "reason": reason });
    let asked = ("tenantSuspend", "$input: TenantSuspendInput!", json!({ "input": input }));
    change(place, &how, &slug, here, asked).await
}

pub(super) async fn resume(place: &Place, flags: ResumeFlags) -> anyhow::Result<()> {
    let here = async |engine: &Engine, by: Operator, id| Ok(engine.resume_tenant(&by, id, None).await?);
    change(place, &flags.how, &flags.slug, here, ("tenantResume", "", json!({}))).await
}

pub(super) async fn close(place: &Place, flags: CloseFlags) -> anyhow::Result<()> {
    let CloseFlags { slug, grace_days, reason, how } = flags;
    let closing = Closing { grace_days, reason: reason.clone() };
    let here =
        async |engine: &Engine, by: Operator, id| Ok(engine.close_tenant(&by, id, closing, None).await?);
    let input = json!({ "graceDays": grace_days, "reason": reason });
    let asked = ("tenantClose", "$input: TenantCloseInput!", json!({ "input": input }));
    change(place, &how, &slug, here, asked).await
}

/// Changes a company where it is, and says how it stands then. `asked` is the field of the server's API, the variables it
/// declares beside the id, and their values.
async fn change(
    place: &Place,
    how: &How,
    slug: &str,
    here: impl AsyncFnOnce(&Engine, Operator, TenantId) -> anyhow::Result<Arc<Tenant>>,
    asked: (&str, &str, Value),
) -> anyhow::Result<()> {
    let changed = match how.at.desk(place).await? {
        Desk::Folder(place) => {
            let change = async |engine: &Engine| {
                let id = tenant(engine, slug)?.id;
                Ok(as_json(&*here(engine, operator(), id).await?))
            };
            place.with_existing(change).await?
        }
        Desk::Server(remote) => {
            let (field, declared, values) = asked;
            let (mut variables, passed) = arguments(values);
            variables.insert("id".to_owned(), remote.tenant_id(slug).await?.into());
            let document = format!(
                "mutation($id: ID! {declared}) {{ {field}(id: $id{passed}) {{
                    tenant {{ {FIELDS} }} userErrors {{ message }} }} }}"
            );
            remote.change_of("tenant", &document, variables.into()).await?
        }
    };
    if how.json {
        return output::json(&changed);
    }
    let word = |pointer: &str| changed.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (tier, status) = (word("/tier").to_lowercase(), word("/status").to_lowercase());
    match word("/hold/graceUntil") {
        "" => output::line(format_args!("{slug}: {tier}, {status}"))?,
        until => {
            output::line(format_args!("{slug}: {tier}, {status}; it can be opened again until {until}"))?
        }
    }
    Ok(())
}
