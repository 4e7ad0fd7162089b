//! `mortise root key`: platform keys are made in the data folder alone, and seen and revoked at a running server too.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mortise::context::Operator;
use mortise::identity::ApiKeyRecord;
use mortise::model::{KeyScope, Network};
use mortise::time::Timestamp;
use mortise::{Engine, NewPlatformKey};
use serde_json::{Value, json};

use super::super::expiry::Expiry;
use super::super::output;
use super::super::place::Place;
use super::super::remote::{Desk, ServerFlags};

/// What can be done with platform keys.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Make a platform key and print it
    Create(CreateFlags),
    /// List platform keys
    List(ListFlags),
    /// Revoke a platform key: it stops working at once
    Revoke(RevokeFlags),
}

/// A key to be made.
#[derive(Debug, Args)]
#[command(after_help = "\
Standard output is the key and nothing else, so a script can keep it. The server must not be running.

Example:
  mortise root key create --operator root@example.com --name sign-up --scope write --expires 90d > root.key")]
pub(in crate::cli) struct CreateFlags {
    /// The address of the operator in whose name it acts
    #[arg(long, value_name = "EMAIL")]
    operator: String,
    /// What it is for
    #[arg(long)]
    name: String,
    /// How far it reaches: read sees companies, write founds, suspends and changes them, admin closes them and opens closed
    /// ones, moves and erases them, and acts among their people
    #[arg(long, default_value = "read", value_parser = super::super::token::scope())]
    scope: KeyScope,
    /// A network that it may be used from, such as 192.0.2.0/24; may be repeated [default: from everywhere]
    #[arg(long, value_name = "CIDR")]
    from: Vec<Network>,
    /// When it stops working: a span such as 12h, 90d or 52w, or a time [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
}

/// How to list.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise root key list --json")]
pub(in crate::cli) struct ListFlags {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

/// A key to be revoked.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  mortise root key revoke key_01k0zr5v8q3m7t1c9d4f6h8j0n --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct RevokeFlags {
    /// The key: its id, as `mortise root key list` says it
    #[arg(value_name = "ID")]
    key: String,
    #[command(flatten)]
    at: ServerFlags,
}

pub(super) async fn run(place: &Place, command: KeyCommand) -> anyhow::Result<()> {
    match command {
        KeyCommand::Create(flags) => place.with_existing(async |engine| create(engine, flags).await).await,
        KeyCommand::List(flags) => list(place, &flags).await,
        KeyCommand::Revoke(flags) => revoke(place, &flags).await,
    }
}

async fn create(engine: &Engine, flags: CreateFlags) -> anyhow::Result<()> {
    let root = engine.root_by_email(&flags.operator).await?;
    let root = root.with_context(|| format!("there is no operator {}", flags.operator))?;
    let expires_at = flags.expires.map(|expiry| expiry.from(engine.clock().now())).transpose()?;
    let (name, scope, networks) = (flags.name, flags.scope, flags.from);
    let new = NewPlatformKey { root, name, scope, expires_at, networks };
    let (record, key) = engine.create_platform_key(new).await?;
    let until = expires_at.map_or_else(|| "without an end".to_owned(), |at| format!("until {at}"));
    output::remark(format_args!("platform key {}, {scope}, {until}; it is not shown again", record.id));
    Ok(output::line(key.expose())?)
}

async fn list(place: &Place, flags: &ListFlags) -> anyhow::Result<()> {
    let keys: Vec<Value> = match flags.at.desk(place).await? {
        Desk::Folder(place) => {
            let all = async |engine: &Engine| Ok(engine.platform_keys().iter().map(as_json).collect());
            place.with_existing(all).await?
        }
        Desk::Server(remote) => {
            let document =
                "{ platformKeys { id name shown scope createdAt expiresAt revokedAt lastUsedAt } }";
            let data = remote.ask(document, json!({})).await?;
            data.get("platformKeys").and_then(Value::as_array).cloned().unwrap_or_default()
        }
    };
    if flags.json {
        return output::json(&keys);
    }
    let columns = ["id", "name", "scope", "expiresAt", "revokedAt", "lastUsedAt"];
    let text = |key: &Value, field: &str| key.get(field).and_then(Value::as_str).unwrap_or("-").to_owned();
    let rows: Vec<Vec<String>> =
        keys.iter().map(|key| columns.iter().map(|field| text(key, field)).collect()).collect();
    Ok(output::table(&["Id", "Name", "Scope", "Until", "Revoked", "Last used"], &rows)?)
}

async fn revoke(place: &Place, flags: &RevokeFlags) -> anyhow::Result<()> {
    match flags.at.desk(place).await? {
        Desk::Folder(place) => {
            let id = flags.key.parse()?;
            let revoke = async |engine: &Engine| {
                Ok(engine.revoke_platform_key(&Operator::trusted(), id).await.map(drop)?)
            };
            place.with_existing(revoke).await?;
        }
        Desk::Server(remote) => {
            let document = "mutation($id: ID!) { platformKeyRevoke(id: $id) { userErrors { message } } }";
            remote.change(document, json!({ "id": flags.key })).await?;
        }
    }
    Ok(output::line(format_args!("revoked {}", flags.key))?)
}

/// A key as a server says it.
fn as_json(key: &ApiKeyRecord) -> Value {
    let at = |ms: i64| Timestamp::from_millis(ms).to_string();
    json!({
        "id": key.id.to_string(),
        "name": key.name,
        "shown": key.shown,
        "scope": key.reach().as_str(),
        "createdAt": at(key.created_ms),
        "expiresAt": key.expires_ms.map(at),
        "revokedAt": key.revoked_ms.map(at),
        "lastUsedAt": key.last_used_ms.map(at),
    })
}
