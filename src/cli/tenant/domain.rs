//! A company's own domain: shown, and said to be its own.
//!
//! It does not know how that is seen: whoever runs the platform looks.

use anyhow::Context as _;
use clap::Args;
use mortise::Engine;
use mortise::model::CustomDomain;
use serde_json::{Value, json};

use super::super::output;
use super::super::place::{Place, tenant};
use super::super::remote::{Desk, Remote};
use super::operator;
use super::standing::How;

/// Whose domain.
#[derive(Debug, Args)]
#[command(after_help = "\
Its super admins name a domain. Look for the challenge in a TXT record of it; then say that it is theirs.

Examples:
  mortise tenant domain acme
  mortise tenant domain acme --verified issues.acme.example
  mortise tenant domain acme --server https://tracker.example.com --token-file root.key")]
pub(in crate::cli) struct DomainFlags {
    /// The company
    slug: String,
    /// It was seen that this domain is the company's: it leads to the company from now on
    #[arg(long, value_name = "DOMAIN")]
    verified: Option<String>,
    #[command(flatten)]
    how: How,
}

/// Shows a company's domain, or takes it as its own.
///
/// # Errors
/// The company has named none, or as the engine or the server says.
pub(super) async fn run(place: &Place, flags: DomainFlags) -> anyhow::Result<()> {
    let DomainFlags { slug, verified, how } = flags;
    let named = match how.at.desk(place).await? {
        Desk::Folder(place) => {
            place.with_existing(async |engine| looked_at(engine, &slug, verified).await).await?
        }
        Desk::Server(remote) => asked_for(&remote, &slug, verified).await?,
    };
    let none = || format!("{slug} has named no domain: its super admins do so with `customDomainSet`");
    let domain = named.with_context(none)?;
    if how.json {
        return output::json(&domain);
    }
    let text = |field: &str| domain.get(field).and_then(Value::as_str).unwrap_or_default();
    let name = text("domain");
    match text("verifiedAt") {
        "" => output::line(format_args!("{name}: leads nowhere; look for this in a TXT record of it:"))?,
        at => output::line(format_args!("{name}: leads to {slug} since {at}"))?,
    }
    Ok(output::line(text("challenge"))?)
}

async fn looked_at(engine: &Engine, slug: &str, verified: Option<String>) -> anyhow::Result<Option<Value>> {
    let id = tenant(engine, slug)?.id;
    let named = match verified {
        Some(domain) => Some(engine.verify_domain_of(&operator(), id, domain).await?),
        None => engine.named_domain(id).await?,
    };
    Ok(named.map(|(CustomDomain { name, verified_at }, challenge)| {
        let verified_at = verified_at.map(|at| at.to_string());
        json!({ "domain": name, "verifiedAt": verified_at, "challenge": challenge })
    }))
}

async fn asked_for(remote: &Remote, slug: &str, verified: Option<String>) -> anyhow::Result<Option<Value>> {
    const FIELDS: &str = "domain: name verifiedAt challenge";
    let id = remote.tenant_id(slug).await?;
    let named = match verified {
        Some(domain) => {
            let document = format!(
                "mutation($id: ID!, $domain: String!) {{ tenantDomainVerify(id: $id, domain: $domain) {{
                    domain {{ {FIELDS} }} userErrors {{ message }} }} }}"
            );
            remote.change_of("domain", &document, json!({ "id": id, "domain": domain })).await?
        }
        None => {
            let document = format!("query($id: ID!) {{ tenantDomain(id: $id) {{ {FIELDS} }} }}");
            let mut data = remote.ask(&document, json!({ "id": id })).await?;
            data.get_mut("tenantDomain").map(Value::take).unwrap_or_default()
        }
    };
    Ok(Some(named).filter(|named| !named.is_null()))
}
