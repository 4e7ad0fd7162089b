//! `mortise audit`: the audit log of a company is exported, signed, and verified.
//!
//! Verifying needs no server, and, for an export, not even the data: the public keys of the installation and a head that
//! was signed before are enough.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use mortise::audit::{AuditActor, AuditFilter, AuditHead, AuditReport, Format, check_export, subject_named};
use mortise::identity::PublicKeys;
use mortise::model::{Network, Tenant};
use mortise::time::Timestamp;
use mortise::{Engine, ExportOptions};
use serde_json::json;

use super::place::{Place, context, tenant};
use super::{Outcome, output};

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Write out what happened in a company: as a table, or as JSON Lines with proofs
    Export(ExportFlags),
    /// Print how far the audit log has come, signed: to be kept elsewhere
    Head(HeadFlags),
    /// Print the public keys that heads are signed with, as a JSON Web Key Set: to be kept with the heads
    Keys,
    /// Look whether anybody changed the audit log, or an export of it
    Verify(VerifyFlags),
}

/// What is to be exported.
#[derive(Debug, Args)]
#[command(after_help = "\
The oldest entries come first, as far back as the company may see. That it was exported stands in the log. The server
must be stopped: a running one exports at /audit/export.

Examples:
  mortise audit export --tenant acme --format csv --from 2026-01-01T00:00:00Z > audit.csv
  mortise audit export --tenant acme --kind sign_in --address 192.0.2.0/24
  mortise audit export --tenant acme --proof --output audit.jsonl")]
pub(super) struct ExportFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// csv or jsonl
    #[arg(long, default_value = "jsonl", value_parser = format())]
    format: Format,
    /// With the records, so that `verify --export` proves it: JSON Lines of all entries from a moment on
    #[arg(long)]
    proof: bool,
    /// The file it goes to [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only this kind, such as sign_in.failed, or sign_in for all that begin so; may be repeated
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only what this party did: usr_…, key_… or root_…
    #[arg(long, value_name = "ID", value_parser = |text: &str| text.parse::<AuditActor>().map_err(|e| e.to_string()))]
    actor: Option<AuditActor>,
    /// Only what is about this thing, by its global id
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// Only what came from this address or network
    #[arg(long, value_name = "CIDR")]
    address: Option<Network>,
    /// Only what was written down at this moment or later
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Only what was written down before this moment
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
}

/// Whose head is printed.
#[derive(Debug, Args)]
#[command(after_help = "\
The server must be stopped.

Example:
  mortise audit head --tenant acme > acme-$(date +%F).head")]
pub(super) struct HeadFlags {
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// Answer as JSON, with what it says and the public keys
    #[arg(long)]
    json: bool,
}

/// What is to be verified, against what.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 1 on any difference. Without --public-keys the keys of the data folder are believed. The server must be
stopped, but for --export.

Examples:
  mortise audit verify
  mortise audit verify --tenant acme --head acme-2026-01-31.head --public-keys mortise-keys.json
  mortise audit verify --export audit.jsonl --head acme-2026-01-31.head --public-keys mortise-keys.json")]
pub(super) struct VerifyFlags {
    /// This company alone [default: all]
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: Option<String>,
    /// A head that was signed before; may be repeated
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// The public keys it was signed with: a JSON Web Key Set
    #[arg(long, value_name = "FILE")]
    public_keys: Option<PathBuf>,
    /// Verify this export, made with --proof, and no data folder: against the head in its last line, and those of --head
    #[arg(long, value_name = "FILE", requires = "public_keys", conflicts_with = "tenant")]
    export: Option<PathBuf>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

fn format() -> impl clap::builder::TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["csv", "jsonl"])
        .try_map(|name| Format::named(&name).ok_or("there is no such format"))
}

pub(super) async fn run(place: &Place, command: AuditCommand) -> anyhow::Result<Outcome> {
    match command {
        AuditCommand::Export(flags) => {
            place.with_existing(async |engine| export(engine, flags).await).await?;
        }
        AuditCommand::Head(flags) => {
            place.with_existing(async |engine| head(engine, &flags).await).await?;
        }
        AuditCommand::Keys => {
            place.with_existing(async |engine| output::json(&engine.public_keys())).await?;
        }
        AuditCommand::Verify(flags) => match &flags.export {
            Some(file) => return verify_export(file, &flags),
            None => return place.with_existing(async |engine| verify(engine, &flags).await).await,
        },
    }
    Ok(Outcome::Done)
}

async fn export(engine: &Engine, flags: ExportFlags) -> anyhow::Result<()> {
    let cx = context(tenant(engine, &flags.tenant)?.id);
    let filter = AuditFilter {
        kinds: flags.kind,
        actor: flags.actor,
        address: flags.address,
        subject: flags.subject.as_deref().map(subject_named).transpose()?,
        from: flags.from,
        to: flags.to,
    };
    let options = ExportOptions { filter, format: flags.format, proof: flags.proof };
    let mut export = engine.export_audit(&cx, options, None).await?;
    let mut to: Box<dyn std::io::Write + Send> = match &flags.output {
        Some(path) => {
            let file = std::fs::File::create_new(path);
            Box::new(file.with_context(|| format!("cannot write {}", path.display()))?)
        }
        None => Box::new(std::io::stdout()),
    };
    while let Some(text) = export.next().await? {
        to.write_all(text.as_bytes())?;
    }
    Ok(to.flush()?)
}

async fn head(engine: &Engine, flags: &HeadFlags) -> anyhow::Result<()> {
    let cx = context(tenant(engine, &flags.tenant)?.id);
    let (head, signed) = engine.audit_head(&cx).await?;
    if !flags.json {
        return Ok(output::line(signed)?);
    }
    output::json(&json!({
        "tenant": head.tenant.to_string(),
        "at": head.at.to_string(),
        "log": head.log.seq.0,
        "security": head.security.seq.0,
        "signed": signed,
        "publicKeys": engine.public_keys(),
    }))
}

/// The head in a file: its signed form alone, or the JSON that has it.
fn read_head(path: &Path, keys: &PublicKeys) -> anyhow::Result<AuditHead> {
    let cannot = || format!("cannot use the head in {}", path.display());
    let text = std::fs::read_to_string(path).with_context(cannot)?;
    let inside = serde_json::from_str::<serde_json::Value>(&text).ok();
    let inside = inside.as_ref().and_then(|json| json.get("signed")?.as_str());
    AuditHead::read(inside.unwrap_or(&text), keys).with_context(cannot)
}

fn read_keys(path: &Path) -> anyhow::Result<PublicKeys> {
    let cannot = || format!("cannot use the public keys in {}", path.display());
    PublicKeys::from_json(&std::fs::read_to_string(path).with_context(cannot)?).with_context(cannot)
}

async fn verify(engine: &Engine, flags: &VerifyFlags) -> anyhow::Result<Outcome> {
    let keys = match &flags.public_keys {
        Some(path) => read_keys(path)?,
        None => PublicKeys::from_json(&serde_json::to_string(&engine.public_keys())?)?,
    };
    let heads = flags.head.iter().map(|path| read_head(path, &keys)).collect::<anyhow::Result<Vec<_>>>()?;
    let tenants = match &flags.tenant {
        Some(slug) => vec![tenant(engine, slug)?],
        None => engine.tenants(),
    };
    for head in &heads {
        let known = tenants.iter().any(|tenant| tenant.id == head.tenant);
        anyhow::ensure!(known, "the head of {} is of {}, which is not verified here", head.at, head.tenant);
    }
    let mut reports = Vec::with_capacity(tenants.len());
    for tenant in &tenants {
        let of_it = heads.iter().filter(|head| head.tenant == tenant.id).cloned().collect();
        // One that cannot be read is a finding; the others are verified all the same.
        let report = engine.verify_audit(tenant.id, of_it).await.unwrap_or_else(|error| AuditReport {
            differences: vec![format!("cannot be read: {error:?}")],
            ..AuditReport::default()
        });
        if !flags.json {
            say(&tenant.slug, &report)?;
        }
        reports.push(report);
    }
    if flags.json {
        let named = |(tenant, report): (&std::sync::Arc<Tenant>, &AuditReport)| as_json(&tenant.slug, report);
        output::json(&tenants.iter().zip(&reports).map(named).collect::<Vec<_>>())?;
    }
    Ok(outcome(reports.iter().all(AuditReport::is_clean)))
}

fn verify_export(file: &Path, flags: &VerifyFlags) -> anyhow::Result<Outcome> {
    let keys = flags.public_keys.as_deref().context("an export is verified with --public-keys")?;
    let keys = read_keys(keys)?;
    let cannot = || format!("cannot read the export {}", file.display());
    let text = std::fs::File::open(file).map(BufReader::new).with_context(cannot)?;
    let heads = flags.head.iter().map(|path| read_head(path, &keys)).collect::<anyhow::Result<Vec<_>>>()?;
    let (own, report) = check_export(text.lines(), &keys, &heads).with_context(cannot)?;
    if flags.json {
        output::json(&as_json("export", &report))?;
    } else {
        say(&format!("export of {} up to {}", own.tenant, own.at), &report)?;
    }
    Ok(outcome(report.is_clean()))
}

const fn outcome(clean: bool) -> Outcome {
    if clean { Outcome::Done } else { Outcome::Differs }
}

fn say(what: &str, report: &AuditReport) -> std::io::Result<()> {
    let AuditReport { events, erased, before, security_events, dropped, heads, heads_outlived, .. } = report;
    let found = match report.differences.len() as u64 + report.unlisted {
        0 => "nothing was changed".to_owned(),
        1 => "1 difference".to_owned(),
        count => format!("{count} differences"),
    };
    let erased = if *erased > 0 { format!(" ({erased} erased)") } else { String::new() };
    let before = if *before > 0 { format!(" behind {before} others") } else { String::new() };
    let dropped =
        if *dropped > 0 { format!(" ({dropped} before them no longer kept)") } else { String::new() };
    let outlived = match heads_outlived {
        0 => String::new(),
        some => format!(" ({some} by the log alone: their security events are no longer kept)"),
    };
    output::line(format_args!(
        "{what}: {events} events{before}{erased}, {security_events} security events{dropped}, \
         {heads} heads{outlived}: {found}"
    ))?;
    report.differences.iter().try_for_each(|difference| output::line(format_args!("  {difference}")))?;
    if report.unlisted > 0 {
        output::line(format_args!("  and {} more", report.unlisted))?;
    }
    Ok(())
}

fn as_json(what: &str, report: &AuditReport) -> serde_json::Value {
    json!({
        "tenant": what,
        "events": report.events,
        "erased": report.erased,
        "before": report.before,
        "securityEvents": report.security_events,
        "dropped": report.dropped,
        "heads": report.heads,
        "headsOutlived": report.heads_outlived,
        "differences": report.differences,
        "unlisted": report.unlisted,
    })
}
