//! `mortise reindex`: search indexes are made anew from the rows.

use clap::Args;
use mortise::Engine;
use mortise::model::Tenant;
use serde_json::json;
use std::time::Instant;

use super::place::{Place, tenant};
use super::{Outcome, output, progress};

/// What to index.
#[derive(Debug, Args)]
#[command(after_help = "\
A server need not do this: it finds an index that is missing or damaged by itself, and searches go on meanwhile.

Examples:
  mortise reindex
  mortise reindex --tenant acme --json")]
pub(super) struct ReindexFlags {
    /// This company alone
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(place: &Place, flags: &ReindexFlags) -> anyhow::Result<Outcome> {
    place.with_existing(async |engine| reindex(engine, flags).await).await
}

async fn reindex(engine: &Engine, flags: &ReindexFlags) -> anyhow::Result<Outcome> {
    let tenants = match &flags.tenant {
        Some(slug) => vec![tenant(engine, slug)?],
        None => engine.tenants(),
    };
    let mut done = Vec::with_capacity(tenants.len());
    for tenant in &tenants {
        let (issues, seconds) = one(engine, tenant).await?;
        let slug = &tenant.slug;
        if !flags.json {
            output::line(format_args!("{slug}: {issues} issues indexed in {seconds:.1} s"))?;
        }
        done.push(json!({ "tenant": slug, "issues": issues, "seconds": seconds }));
    }
    if flags.json {
        output::json(&done)?;
    }
    Ok(Outcome::Done)
}

/// Indexes one company; how many issues, and in how many seconds.
async fn one(engine: &Engine, tenant: &Tenant) -> anyhow::Result<(u64, f64)> {
    let (bar, start) = (progress::issues_indexed(&tenant.slug), Instant::now());
    let shown = bar.clone();
    engine
        .reindex(tenant.id, move |done, all| {
            shown.set_length(all);
            shown.set_position(done);
        })
        .await?;
    let issues = bar.position();
    bar.finish_and_clear();
    Ok((issues, start.elapsed().as_secs_f64()))
}
