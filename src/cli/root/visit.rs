//! `mortise root visit` and `end-visit`: an operator looks into a company, which sees it, in the data folder or at a running
//! server.

use anyhow::Context as _;
use clap::Args;
use mortise::context::Operator;
use mortise::event::Origin;
use mortise::model::KeyScope;
use mortise::{Engine, NewVisit};
use serde_json::{Value, json};

use super::super::output;
use super::super::place::{Place, tenant};
use super::super::remote::{Desk, Remote, ServerFlags};

/// A visit to be begun.
#[derive(Debug, Args)]
#[command(after_help = "\
Standard output is the visit's token and nothing else; it is sent as `Authorization: Bearer …` and stops working when
the visit ends. At a running server it is the visit of the operator whose key it is, of scope admin; its
token works no more once that key is revoked.

Examples:
  TOKEN=$(mortise root visit acme --operator root@example.com --reason 'ticket 4711: search finds nothing')
  TOKEN=$(mortise root visit acme --reason 'ticket 4711: search finds nothing' \\
      --server https://tracker.example.com --token-file root.key)")]
pub(in crate::cli) struct VisitFlags {
    /// The company
    #[arg(value_name = "SLUG")]
    tenant: String,
    /// The address of the operator who visits; at a server it is whose key it is
    #[arg(long, value_name = "EMAIL")]
    operator: Option<String>,
    /// Why, in at least 10 characters: the company reads it
    #[arg(long)]
    reason: String,
    /// How far it reaches: read, write or admin
    #[arg(long, default_value = "read", value_parser = super::super::token::scope())]
    scope: KeyScope,
    /// How long it lasts, at most 480
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    #[command(flatten)]
    at: ServerFlags,
}

/// A visit to be ended.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  mortise root end-visit acme ses_01k0zr5v8q3m7t1c9d4f6h8j0n --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct EndVisitFlags {
    /// The company
    #[arg(value_name = "SLUG")]
    tenant: String,
    /// The visit: its id, as it was said when it began
    #[arg(value_name = "ID")]
    visit: String,
    #[command(flatten)]
    at: ServerFlags,
}

/// Begins a visit and says its token.
///
/// # Errors
/// As the engine or the server says: there is no such company or operator, or the reason is too short.
pub(super) async fn begin(place: &Place, flags: VisitFlags) -> anyhow::Result<()> {
    let (id, until, token) = match flags.at.desk(place).await? {
        Desk::Folder(place) => place.with_existing(async |engine| begin_here(engine, &flags).await).await?,
        Desk::Server(remote) => begin_there(&remote, &flags).await?,
    };
    let company = &flags.tenant;
    output::remark(format_args!("a visit to {company} until {until} ({id}); {company} can see it"));
    Ok(output::line(token)?)
}

async fn begin_here(engine: &Engine, flags: &VisitFlags) -> anyhow::Result<(String, String, String)> {
    let email = flags.operator.as_deref().context("say who visits with --operator")?;
    let operator = engine.root_by_email(email).await?;
    let operator = operator.with_context(|| format!("there is no operator {email}"))?;
    let new = NewVisit {
        tenant: tenant(engine, &flags.tenant)?.id,
        reason: flags.reason.clone(),
        scope: flags.scope,
        minutes: flags.minutes,
    };
    let (visit, token) = engine.begin_visit(operator, new).await?;
    Ok((visit.id.to_string(), visit.ends_at.to_string(), token.expose().to_owned()))
}

async fn begin_there(remote: &Remote, flags: &VisitFlags) -> anyhow::Result<(String, String, String)> {
    anyhow::ensure!(
        flags.operator.is_none(),
        "at a server the operator is whose key it is: leave out --operator"
    );
    let document = "mutation($id: ID!, $input: VisitBeginInput!) { visitBegin(tenantId: $id, input: $input) {
        visit { id endsAt } token userErrors { message } } }";
    let input = json!({ "reason": flags.reason, "scope": flags.scope.as_str(), "minutes": flags.minutes });
    let id = remote.tenant_id(&flags.tenant).await?;
    let begun = remote.change(document, json!({ "id": id, "input": input })).await?;
    let text = |pointer: &str| begun.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let told = || Some((text("/visit/id")?, text("/visit/endsAt")?, text("/token")?));
    told().context("the server tells of the visit in other words than this program's")
}

/// Ends a visit.
///
/// # Errors
/// As the engine or the server says: there is no such company or visit.
pub(super) async fn end(place: &Place, flags: &EndVisitFlags) -> anyhow::Result<()> {
    match flags.at.desk(place).await? {
        Desk::Folder(place) => {
            let visit = flags.visit.parse()?;
            let end = async |engine: &Engine| {
                let by = Operator::trusted().with_origin(Origin::Cli);
                let company = tenant(engine, &flags.tenant)?.id;
                Ok(engine.leave_company(&by, company, visit).await.map(drop)?)
            };
            place.with_existing(end).await?;
        }
        Desk::Server(remote) => {
            let document = "mutation($id: ID!, $visit: ID!) {
                visitEnd(tenantId: $id, visitId: $visit) { userErrors { message } } }";
            let id = remote.tenant_id(&flags.tenant).await?;
            remote.change(document, json!({ "id": id, "visit": flags.visit })).await?;
        }
    }
    Ok(output::line(format_args!("the visit {} to {} is over", flags.visit, flags.tenant))?)
}
