//! `mortise tenant`: companies are founded and listed.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use mortise::model::{Tenant, Tier};
use mortise::{Engine, FirstAdmin, NewTenant};
use serde_json::json;

use super::place::Place;
use super::{Outcome, output, password};

/// What can be done with companies.
#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Found a company
    Create(CreateFlags),
    /// List companies
    List(ListFlags),
}

/// A company to be founded.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --admin-password-stdin a password is made and said once.

Examples:
  mortise tenant create acme --name \"Acme Ltd\" --tier basic --admin-email ada@acme.example --team ENG
  echo \"$SECRET\" | mortise tenant create acme --name Acme --tier premium \\
      --admin-email ada@acme.example --admin-password-stdin")]
pub(super) struct CreateFlags {
    /// The name people type at sign-in: 2 to 40 of a-z, 0-9 and hyphens
    slug: String,
    /// How it is shown
    #[arg(long)]
    name: String,
    /// What it has bought
    #[arg(long, value_parser = tier())]
    tier: Tier,
    /// The address of its first super admin
    #[arg(long)]
    admin_email: String,
    /// How the first super admin is shown [default: the address]
    #[arg(long)]
    admin_name: Option<String>,
    /// Read the first super admin's password from the first line of standard input
    #[arg(long)]
    admin_password_stdin: bool,
    /// Make a first team with this key, such as ENG
    #[arg(long, value_name = "KEY")]
    team: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// How to list.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant list --json")]
pub(super) struct ListFlags {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

fn tier() -> impl clap::builder::TypedValueParser<Value = Tier> {
    PossibleValuesParser::new(["basic", "premium", "platinum"])
        .try_map(|word| Tier::from_word(&word.to_ascii_uppercase()).ok_or("there is no such tier"))
}

pub(super) async fn run(place: &Place, command: TenantCommand) -> anyhow::Result<Outcome> {
    match command {
        TenantCommand::Create(flags) => create(place, flags).await?,
        TenantCommand::List(flags) => {
            place.with_existing(async |engine| list(engine, flags.json)).await?;
        }
    }
    Ok(Outcome::Done)
}

async fn create(place: &Place, flags: CreateFlags) -> anyhow::Result<()> {
    let chosen = password::choose(flags.admin_password_stdin).await?;
    let admin = FirstAdmin {
        name: flags.admin_name.unwrap_or_else(|| flags.admin_email.clone()),
        email: flags.admin_email.clone(),
        password: Some(chosen.password),
    };
    let new = NewTenant {
        slug: flags.slug,
        name: flags.name,
        tier: flags.tier,
        admin: Some(admin),
        team: flags.team.clone(),
    };
    let founded = place.with_engine(async |engine| Ok(engine.create_tenant(new).await?)).await?;
    if flags.json {
        return output::json(&json!({
            "tenant": as_json(&founded.tenant),
            "adminId": founded.admin.map(|id| id.to_string()),
            "teamId": founded.team.map(|id| id.to_string()),
            "password": chosen.made,
        }));
    }
    output::line(format_args!("founded {} ({})", founded.tenant.slug, founded.tenant.id))?;
    output::line(format_args!("super admin: {}", flags.admin_email))?;
    if let Some(made) = chosen.made {
        output::line(format_args!("password: {made}"))?;
    }
    if let Some(key) = flags.team {
        output::line(format_args!("first team: {}", key.to_uppercase()))?;
    }
    Ok(())
}

fn list(engine: &Engine, json: bool) -> anyhow::Result<()> {
    let tenants = engine.tenants();
    if json {
        return output::json(&tenants.iter().map(|tenant| as_json(tenant)).collect::<Vec<_>>());
    }
    let rows: Vec<Vec<String>> = tenants
        .iter()
        .map(|tenant| {
            let tier = tenant.tier.as_str().to_lowercase();
            let status = tenant.status.as_str().to_lowercase();
            vec![tenant.slug.clone(), tenant.name.clone(), tier, status, tenant.created_at.to_string()]
        })
        .collect();
    Ok(output::table(&["Slug", "Name", "Tier", "Status", "Founded"], &rows)?)
}

fn as_json(tenant: &Tenant) -> serde_json::Value {
    json!({
        "id": tenant.id.to_string(),
        "slug": tenant.slug,
        "name": tenant.name,
        "tier": tenant.tier.as_str(),
        "status": tenant.status.as_str(),
        "createdAt": tenant.created_at.to_string(),
    })
}
