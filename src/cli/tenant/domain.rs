//! A company's own domain: shown, and said to be its own.
//!
//! It does not know how that is seen: whoever runs the platform looks.

use clap::Args;
use mortise::Engine;
use serde_json::json;

use super::super::output;
use super::super::place::{Place, tenant};

/// Whose domain.
#[derive(Debug, Args)]
#[command(after_help = "\
Its super admins name a domain. Look for the challenge in a TXT record of it; then say that it is theirs. The server
must be stopped.

Examples:
  mortise tenant domain acme
  mortise tenant domain acme --verified issues.acme.example")]
pub(in crate::cli) struct DomainFlags {
    /// The company
    slug: String,
    /// It was seen that this domain is the company's: it leads to the company from now on
    #[arg(long, value_name = "DOMAIN")]
    verified: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Shows a company's domain, or takes it as its own.
///
/// # Errors
/// The company has named none, or as the engine says.
pub(super) async fn run(place: &Place, flags: DomainFlags) -> anyhow::Result<()> {
    place.with_existing(async |engine| show(engine, flags).await).await
}

async fn show(engine: &Engine, flags: DomainFlags) -> anyhow::Result<()> {
    let id = tenant(engine, &flags.slug)?.id;
    if let Some(domain) = flags.verified {
        engine.verify_custom_domain(id, domain).await?;
    }
    let record = tenant(engine, &flags.slug)?;
    let Some(own) = record.branding.as_ref().and_then(|own| own.domain.as_ref()) else {
        anyhow::bail!("{} has named no domain: its super admins do so with `customDomainSet`", flags.slug);
    };
    let challenge = engine.domain_challenge(id, &own.name).await?;
    if flags.json {
        let verified_at = own.verified_at.map(|at| at.to_string());
        return output::json(
            &json!({ "domain": own.name, "verifiedAt": verified_at, "challenge": challenge }),
        );
    }
    match own.verified_at {
        Some(at) => output::line(format_args!("{}: leads to {} since {at}", own.name, flags.slug))?,
        None => {
            output::line(format_args!("{}: leads nowhere; look for this in a TXT record of it:", own.name))?
        }
    }
    Ok(output::line(format_args!("{challenge}"))?)
}
