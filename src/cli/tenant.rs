//! `mortise tenant`: companies are founded, changed, suspended, closed, moved, erased and listed, in the data folder or at a
//! running server.

mod create;
mod domain;
mod keeping;
mod sold;
mod standing;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use mortise::context::Operator;
use mortise::event::Origin;
use mortise::model::{SearchLanguage, Tenant, TenantStatus, Tier};
use mortise::{Engine, TenantFilter, TenantSettings};
use serde_json::{Map, Value, json};

use super::place::{Place, tenant};
use super::remote::{Desk, ServerFlags};
use super::{Outcome, output};

/// What can be done with companies.
#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Found a company
    Create(create::CreateFlags),
    /// Give the first super admin of a company another link, as long as nobody has worked there
    Invite(standing::InviteFlags),
    /// Say how a company is called, in which language and time zone it works, and where its data is to lie
    Set(SetFlags),
    /// Sell another tier to a company; nothing is deleted when it is a lower one
    Tier(standing::TierFlags),
    /// Agree something with a company in place of what its tier includes
    Override(sold::OverrideFlags),
    /// Say what a company may have, and how much of it is used
    Limits(sold::LimitsFlags),
    /// Suspend a company: nothing is changed there until it is opened again
    Suspend(standing::SuspendFlags),
    /// Open a company again that is suspended, or closed while its grace lasts
    Resume(standing::ResumeFlags),
    /// Close a company; after a time of grace it may be erased
    Close(standing::CloseFlags),
    /// Move a company's data to another store
    Move(keeping::MoveFlags),
    /// Erase companies for ever: those that were closed and whose grace is over
    Erase(keeping::EraseFlags),
    /// Show a company's own domain, or say that it was seen to be its own
    Domain(domain::DomainFlags),
    /// List companies
    List(ListFlags),
}

/// What is to be changed about a company.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant set acme --language de --time-zone Europe/Berlin")]
pub(super) struct SetFlags {
    /// The company
    slug: String,
    /// How it is shown
    #[arg(long)]
    name: Option<String>,
    /// The language most of its texts are in; search finds words by their stems
    #[arg(long, value_parser = language(), required_unless_present_any = ["time_zone", "name", "region"])]
    language: Option<SearchLanguage>,
    /// Where its days and weeks begin, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Where its data is to lie, in your own words
    #[arg(long)]
    region: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

/// Which to list, and how.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise tenant list --status suspended --json")]
pub(super) struct ListFlags {
    /// Only those that stand so
    #[arg(long, value_parser = status())]
    status: Option<TenantStatus>,
    /// Only those of this tier
    #[arg(long, value_parser = tier())]
    tier: Option<Tier>,
    /// Only those of this region
    #[arg(long)]
    region: Option<String>,
    /// Only those with this in their slug or name
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

pub(super) fn tier() -> impl clap::builder::TypedValueParser<Value = Tier> {
    PossibleValuesParser::new(["basic", "premium", "platinum"])
        .try_map(|word| Tier::from_word(&word.to_ascii_uppercase()).ok_or("there is no such tier"))
}

pub(super) fn status() -> impl clap::builder::TypedValueParser<Value = TenantStatus> {
    PossibleValuesParser::new(["active", "suspended", "closed"])
        .try_map(|word| TenantStatus::from_word(&word.to_ascii_uppercase()).ok_or("there is no such status"))
}

fn language() -> impl clap::builder::TypedValueParser<Value = SearchLanguage> {
    PossibleValuesParser::new(SearchLanguage::ALL.iter().map(|language| language.code()))
        .try_map(|code| SearchLanguage::from_code(&code).ok_or("there is no such language"))
}

/// Whoever can open the folder runs the platform.
fn operator() -> Operator {
    Operator::trusted().with_origin(Origin::Cli)
}

pub(super) async fn run(place: &Place, command: TenantCommand) -> anyhow::Result<Outcome> {
    match command {
        TenantCommand::Create(flags) => create::create(place, flags).await?,
        TenantCommand::Invite(flags) => standing::invite(place, flags).await?,
        TenantCommand::Set(flags) => set(place, flags).await?,
        TenantCommand::Tier(flags) => standing::tier(place, flags).await?,
        TenantCommand::Override(flags) => sold::agree(place, flags).await?,
        TenantCommand::Limits(flags) => sold::limits(place, flags).await?,
        TenantCommand::Move(flags) => keeping::relocate(place, flags).await?,
        TenantCommand::Suspend(flags) => standing::suspend(place, flags).await?,
        TenantCommand::Resume(flags) => standing::resume(place, flags).await?,
        TenantCommand::Close(flags) => standing::close(place, flags).await?,
        TenantCommand::Erase(flags) => keeping::erase(place, flags).await?,
        TenantCommand::Domain(flags) => domain::run(place, flags).await?,
        TenantCommand::List(flags) => list(place, flags).await?,
    }
    Ok(Outcome::Done)
}

/// What a company is asked for at a server.
const FIELDS: &str =
    "id slug name tier status hold { since reason reads graceUntil } region placement language
    timeZone createdAt version";

async fn set(place: &Place, flags: SetFlags) -> anyhow::Result<()> {
    let changed = match flags.at.desk(place).await? {
        Desk::Folder(place) => {
            let settings = TenantSettings {
                if_version: None,
                name: flags.name,
                language: flags.language.map(Some),
                time_zone: flags.time_zone.map(Some),
                region: flags.region.map(Some),
            };
            let set = async |engine: &Engine| {
                let id = tenant(engine, &flags.slug)?.id;
                Ok(as_json(&*engine.update_tenant(&operator(), id, settings).await?))
            };
            place.with_existing(set).await?
        }
        Desk::Server(remote) => {
            let document = format!(
                "mutation($id: ID!, $input: TenantUpdateInput!) {{ tenantUpdate(id: $id, input: $input) {{
                    tenant {{ {FIELDS} }} userErrors {{ message }} }} }}"
            );
            let said = [
                ("name", flags.name),
                ("language", flags.language.map(|language| language.code().to_owned())),
                ("timeZone", flags.time_zone),
                ("region", flags.region),
            ];
            let said = said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
            let input: Map<String, Value> = said.collect();
            let id = remote.tenant_id(&flags.slug).await?;
            remote.change_of("tenant", &document, json!({ "id": id, "input": input })).await?
        }
    };
    if flags.json {
        return output::json(&changed);
    }
    let text =
        |field: &str, default: &str| changed.get(field).and_then(Value::as_str).unwrap_or(default).to_owned();
    let (slug, language, zone) = (text("slug", ""), text("language", "en"), text("timeZone", "UTC"));
    Ok(output::line(format_args!("{slug}: language {language}, time zone {zone}"))?)
}

async fn list(place: &Place, flags: ListFlags) -> anyhow::Result<()> {
    let tenants: Vec<Value> = match flags.at.desk(place).await? {
        Desk::Folder(place) => {
            let filter = TenantFilter {
                status: flags.status.map(|one| vec![one]),
                tier: flags.tier.map(|one| vec![one]),
                region: flags.region.map(|one| vec![one]),
                search: flags.search,
            };
            let find = async |engine: &Engine| {
                Ok(engine.find_tenants(&filter).iter().map(|tenant| as_json(tenant)).collect())
            };
            place.with_existing(find).await?
        }
        Desk::Server(remote) => {
            let document = format!(
                "query($filter: TenantFilter, $first: Int, $after: String) {{
                    tenants(filter: $filter, first: $first, after: $after) {{
                        nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let filter = json!({
                "status": flags.status.map(|one| [one.as_str()]),
                "tier": flags.tier.map(|one| [one.as_str()]),
                "region": flags.region.map(|one| [one]),
                "search": flags.search,
            });
            remote.list(&document, json!({ "filter": filter })).await?
        }
    };
    if flags.json {
        return output::json(&tenants);
    }
    let rows: Vec<Vec<String>> = tenants
        .iter()
        .map(|tenant| {
            let text = |field: &str| tenant.get(field).and_then(Value::as_str).unwrap_or_default();
            let word = |field: &str| text(field).to_lowercase();
            vec![
                text("slug").to_owned(),
                text("name").to_owned(),
                word("tier"),
                word("status"),
                text("placement").to_owned(),
                text("createdAt").to_owned(),
            ]
        })
        .collect();
    Ok(output::table(&["Slug", "Name", "Tier", "Status", "Placement", "Founded"], &rows)?)
}

/// A company as a server says it.
fn as_json(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id.to_string(),
        "slug": tenant.slug,
        "name": tenant.name,
        "tier": tenant.tier.as_str(),
        "status": tenant.status.as_str(),
        "hold": tenant.lifecycle.as_ref().map(|held| json!({
            "since": held.since.to_string(),
            "reason": held.reason,
            "reads": held.reads,
            "graceUntil": held.grace_until.map(|until| until.to_string()),
        })),
        "region": tenant.region,
        "language": tenant.language.map(SearchLanguage::code),
        "timeZone": tenant.time_zone,
        "placement": tenant.placement.to_string(),
        "createdAt": tenant.created_at.to_string(),
        "version": tenant.version,
    })
}
