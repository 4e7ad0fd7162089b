//! `mortise tenant`: companies are founded, changed and listed.

mod sold;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use mortise::model::{SearchLanguage, Tenant, Tier};
use mortise::{Engine, FirstAdmin, NewTenant, TenantSettings};
use serde_json::json;

use super::place::{Place, tenant};
use super::{Outcome, output, password};

/// What can be done with companies.
#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Found a company
    Create(CreateFlags),
    /// Say in which language and time zone a company works
    Set(SetFlags),
    /// Sell another tier to a company; nothing is deleted when it is a lower one
    Tier(sold::TierFlags),
    /// Agree something with a company in place of what its tier includes
    Override(sold::OverrideFlags),
    /// Say what a company may have, and how much of it is used
    Limits(sold::LimitsFlags),
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
    /// The language most of its texts are in; search finds words by their stems [default: en]
    #[arg(long, value_parser = language())]
    language: Option<SearchLanguage>,
    /// Where its days and weeks begin, such as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// What is to be changed about a company.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant set acme --language de --time-zone Europe/Berlin")]
pub(super) struct SetFlags {
    /// The company
    slug: String,
    /// The language most of its texts are in; search finds words by their stems
    #[arg(long, value_parser = language(), required_unless_present = "time_zone")]
    language: Option<SearchLanguage>,
    /// Where its days and weeks begin, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
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

fn language() -> impl clap::builder::TypedValueParser<Value = SearchLanguage> {
    PossibleValuesParser::new(SearchLanguage::ALL.iter().map(|language| language.code()))
        .try_map(|code| SearchLanguage::from_code(&code).ok_or("there is no such language"))
}

pub(super) async fn run(place: &Place, command: TenantCommand) -> anyhow::Result<Outcome> {
    match command {
        TenantCommand::Create(flags) => create(place, flags).await?,
        TenantCommand::Set(flags) => {
            place.with_existing(async |engine| set(engine, flags).await).await?;
        }
        TenantCommand::Tier(flags) => {
            place.with_existing(async |engine| sold::tier(engine, flags).await).await?;
        }
        TenantCommand::Override(flags) => {
            place.with_existing(async |engine| sold::agree(engine, flags).await).await?;
        }
        TenantCommand::Limits(flags) => {
            place.with_existing(async |engine| sold::limits(engine, &flags).await).await?;
        }
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
        language: flags.language,
        time_zone: flags.time_zone,
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

async fn set(engine: &Engine, flags: SetFlags) -> anyhow::Result<()> {
    let id = tenant(engine, &flags.slug)?.id;
    let settings = TenantSettings {
        if_version: None,
        language: flags.language.map(Some),
        time_zone: flags.time_zone.map(Some),
    };
    let tenant = engine.set_tenant_settings(id, settings).await?;
    if flags.json {
        return output::json(&as_json(&tenant));
    }
    let language = tenant.language.unwrap_or(SearchLanguage::English).code();
    let zone = tenant.time_zone.as_deref().unwrap_or("UTC");
    Ok(output::line(format_args!("{}: language {language}, time zone {zone}", tenant.slug))?)
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
        "language": tenant.language.map(SearchLanguage::code),
        "timeZone": tenant.time_zone,
        "createdAt": tenant.created_at.to_string(),
    })
}
