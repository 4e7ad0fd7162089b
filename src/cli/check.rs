//! `mortise check`: everything derived is computed again, and what differs is printed.

use clap::Args;
use mortise::Engine;
use mortise::check::CheckReport;
use mortise::model::Tenant;
use serde_json::json;

use super::place::{Place, tenant};
use super::{Outcome, output};

/// What to check.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 on any difference.

Examples:
  mortise check
  mortise check --tenant acme --json")]
pub(super) struct CheckFlags {
    /// This company alone
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(place: &Place, flags: &CheckFlags) -> anyhow::Result<Outcome> {
    place.with_existing(async |engine| check(engine, flags).await).await
}

async fn check(engine: &Engine, flags: &CheckFlags) -> anyhow::Result<Outcome> {
    let tenants = match &flags.tenant {
        Some(slug) => vec![tenant(engine, slug)?],
        None => engine.tenants(),
    };
    let mut reports = Vec::with_capacity(tenants.len());
    for tenant in &tenants {
        // One that cannot be read is a finding; the others are checked all the same.
        let report = engine.check(tenant.id).await.unwrap_or_else(|error| CheckReport {
            differences: vec![format!("cannot be read: {error:?}")],
            ..CheckReport::default()
        });
        if !flags.json {
            say(tenant, &report)?;
        }
        reports.push(report);
    }
    if flags.json {
        let all: Vec<_> =
            tenants.iter().zip(&reports).map(|(tenant, report)| as_json(tenant, report)).collect();
        output::json(&all)?;
    }
    let clean = reports.iter().all(CheckReport::is_clean);
    Ok(if clean { Outcome::Done } else { Outcome::Differs })
}

fn say(tenant: &Tenant, report: &CheckReport) -> std::io::Result<()> {
    let CheckReport { events, erased, issues, comments, .. } = report;
    let found = match report.differences.len() as u64 + report.unlisted {
        0 => "no differences".to_owned(),
        1 => "1 difference".to_owned(),
        count => format!("{count} differences"),
    };
    let erased = if *erased > 0 { format!(" ({erased} erased)") } else { String::new() };
    let slug = &tenant.slug;
    output::line(format_args!(
        "{slug}: {events} events{erased}, {issues} issues, {comments} comments: {found}"
    ))?;
    report.differences.iter().try_for_each(|difference| output::line(format_args!("  {difference}")))?;
    if report.unlisted > 0 {
        output::line(format_args!("  and {} more", report.unlisted))?;
    }
    Ok(())
}

fn as_json(tenant: &Tenant, report: &CheckReport) -> serde_json::Value {
    json!({
        "tenant": tenant.slug,
        "events": report.events,
        "erased": report.erased,
        "issues": report.issues,
        "comments": report.comments,
        "differences": report.differences,
        "unlisted": report.unlisted,
    })
}
