//! `mortise job`: one change of many companies, done by a running server.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mortise::model::{TenantStatus, Tier};
use serde_json::{Value, json};

use super::remote::{Remote, ServerFlags, arguments};
use super::tenant::{status, tier};
use super::{Outcome, output};

/// What can be done with jobs.
#[derive(Debug, Subcommand)]
pub(super) enum JobCommand {
    /// Suspend companies
    Suspend(SuspendFlags),
    /// Open companies again that are suspended; closed ones refuse
    Resume(ResumeFlags),
    /// Sell another tier to companies
    Tier(TierFlags),
    /// Tell companies something: their super admins by mail, and all in their log
    Announce(AnnounceFlags),
    /// Say how far a job has come, and what came of each company
    Show(ShowFlags),
    /// End a job after the company it is at
    Cancel(CancelFlags),
    /// List jobs
    List(ListFlags),
}

/// Which companies.
#[derive(Debug, Args)]
#[group(id = "selection", required = true, multiple = true)]
struct Selection {
    /// The companies
    #[arg(value_name = "SLUG", conflicts_with_all = ["all", "with_status", "with_tier", "with_region"])]
    slugs: Vec<String>,
    /// Every company
    #[arg(long, conflicts_with_all = ["with_status", "with_tier", "with_region"])]
    all: bool,
    /// Those that stand so
    #[arg(long, value_name = "STATUS", value_parser = status())]
    with_status: Option<TenantStatus>,
    /// Those of this tier
    #[arg(long, value_name = "TIER", value_parser = tier())]
    with_tier: Option<Tier>,
    /// Those of this region
    #[arg(long, value_name = "REGION")]
    with_region: Option<String>,
}

/// What all beginnings of jobs take.
#[derive(Debug, Args)]
struct Begin {
    #[command(flatten)]
    selection: Selection,
    /// A name for this one job: repeated under it, the job that was begun is answered
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

/// A suspension of many.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  mortise job suspend acme globex --reads --reason 'an invoice is open' \\
      --server https://tracker.example.com --token-file root.key")]
pub(super) struct SuspendFlags {
    /// Let their people look at what is there
    #[arg(long)]
    reads: bool,
    /// Why: their people read it when they sign in
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    begin: Begin,
}

/// The end of a suspension of many.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise job resume --with-status suspended")]
pub(super) struct ResumeFlags {
    #[command(flatten)]
    begin: Begin,
}

/// Another tier for many.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  mortise job tier --to premium --with-tier basic --with-region eu-central"
)]
pub(super) struct TierFlags {
    /// What they buy
    #[arg(long, value_parser = tier())]
    to: Tier,
    #[command(flatten)]
    begin: Begin,
}

/// News for many.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  mortise job announce --all --subject 'Maintenance on Sunday' --text 'From 2 to 3 in the morning, UTC.'")]
pub(super) struct AnnounceFlags {
    /// In a line
    #[arg(long)]
    subject: String,
    /// At length
    #[arg(long)]
    text: String,
    #[command(flatten)]
    begin: Begin,
}

/// A job to be looked at.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise job show job_01k0zr5v8q3m7t1c9d4f6h8j0n --json")]
pub(super) struct ShowFlags {
    /// The job
    #[arg(value_name = "ID")]
    job: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

/// A job to be ended.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise job cancel job_01k0zr5v8q3m7t1c9d4f6h8j0n")]
pub(super) struct CancelFlags {
    /// The job
    #[arg(value_name = "ID")]
    job: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

/// How to list.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mortise job list --json")]
pub(super) struct ListFlags {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: ServerFlags,
}

const FIELDS: &str = "id kind tier subject status total done failed createdAt finishedAt";

pub(super) async fn run(command: JobCommand) -> anyhow::Result<Outcome> {
    match command {
        JobCommand::Suspend(SuspendFlags { reads, reason, begin }) => {
            let values = json!({ "input": { "reads": reads, "reason": reason } });
            start(begin, "tenantsSuspend", "$input: TenantSuspendInput!", values).await?;
        }
        JobCommand::Resume(flags) => start(flags.begin, "tenantsResume", "", json!({})).await?,
        JobCommand::Tier(TierFlags { to, begin }) => {
            start(begin, "tenantsRetier", "$tier: Tier!", json!({ "tier": to.as_str() })).await?;
        }
        JobCommand::Announce(AnnounceFlags { subject, text, begin }) => {
            let values = json!({ "input": { "subject": subject, "text": text } });
            start(begin, "tenantsAnnounce", "$input: AnnouncementInput!", values).await?;
        }
        JobCommand::Show(flags) => show(&flags).await?,
        JobCommand::Cancel(flags) => cancel(&flags).await?,
        JobCommand::List(flags) => list(&flags).await?,
    }
    Ok(Outcome::Done)
}

impl Selection {
    /// As the server's API takes it.
    async fn settle(self, remote: &Remote) -> anyhow::Result<Value> {
        if self.all {
            return Ok(json!({ "filter": {} }));
        }
        if self.slugs.is_empty() {
            return Ok(json!({ "filter": {
                "status": self.with_status.map(|one| [one.as_str()]),
                "tier": self.with_tier.map(|one| [one.as_str()]),
                "region": self.with_region.map(|one| [one]),
            } }));
        }
        let mut ids = Vec::new();
        for slug in &self.slugs {
            ids.push(remote.tenant_id(slug).await?);
        }
        Ok(json!({ "ids": ids }))
    }
}

async fn start(begin: Begin, field: &str, declared: &str, values: Value) -> anyhow::Result<()> {
    let remote = begin.at.remote().await?;
    let (mut variables, passed) = arguments(values);
    variables.insert("select".to_owned(), begin.selection.settle(&remote).await?);
    variables.insert("key".to_owned(), begin.idempotency_key.into());
    let document = format!(
        "mutation($select: TenantSelection!, $key: String {declared}) {{
            {field}(select: $select, idempotencyKey: $key{passed}) {{
                job {{ {FIELDS} }} userErrors {{ message }} }} }}"
    );
    say(&remote.change_of("job", &document, variables.into()).await?, begin.json)
}

async fn show(flags: &ShowFlags) -> anyhow::Result<()> {
    let remote = flags.at.remote().await?;
    let document = format!("query($id: ID!) {{ job(id: $id) {{ {FIELDS} }} }}");
    let data = remote.ask(&document, json!({ "id": flags.job })).await?;
    let job = data.get("job").filter(|job| !job.is_null());
    let mut job = job.cloned().with_context(|| format!("there is no job {}", flags.job))?;
    let items = items(&remote, &flags.job).await?;
    if flags.json {
        if let Some(job) = job.as_object_mut() {
            job.insert("items".to_owned(), items.into());
        }
        return output::json(&job);
    }
    say(&job, false)?;
    let text = |item: &Value, field: &str| item.get(field).and_then(Value::as_str).unwrap_or("-").to_owned();
    let row = |item: &Value| {
        let result = if item.get("at").is_none_or(Value::is_null) { "-" } else { "done" };
        let result = item.get("errorCode").and_then(Value::as_str).unwrap_or(result).to_owned();
        vec![text(item, "slug"), result, text(item, "error")]
    };
    let rows: Vec<_> = items.iter().map(row).collect();
    Ok(output::table(&["Company", "Result", "Why"], &rows)?)
}

/// All companies of a job, page by page.
async fn items(remote: &Remote, job: &str) -> anyhow::Result<Vec<Value>> {
    let document = "query($id: ID!, $after: String) { job(id: $id) { items(first: 250, after: $after) {
        nodes { tenantId slug at errorCode error } pageInfo { hasNextPage endCursor } } } }";
    let (mut items, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = remote.ask(document, json!({ "id": job, "after": after })).await?;
        let nodes = data.pointer("/job/items/nodes").and_then(Value::as_array);
        items.extend(nodes.into_iter().flatten().cloned());
        after = data.pointer("/job/items/pageInfo/endCursor").cloned().unwrap_or_default();
        let goes_on = data.pointer("/job/items/pageInfo/hasNextPage") == Some(&Value::Bool(true));
        if !goes_on || after.is_null() {
            return Ok(items);
        }
    }
}

async fn cancel(flags: &CancelFlags) -> anyhow::Result<()> {
    let remote = flags.at.remote().await?;
    let document = format!(
        "mutation($id: ID!) {{ jobCancel(id: $id) {{ job {{ {FIELDS} }} userErrors {{ message }} }} }}"
    );
    say(&remote.change_of("job", &document, json!({ "id": flags.job })).await?, flags.json)
}

async fn list(flags: &ListFlags) -> anyhow::Result<()> {
    let remote = flags.at.remote().await?;
    let document = format!(
        "query($first: Int, $after: String) {{ jobs(first: $first, after: $after) {{
            nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let jobs = remote.list(&document, json!({})).await?;
    if flags.json {
        return output::json(&jobs);
    }
    let rows: Vec<_> = jobs.iter().map(row).collect();
    Ok(output::table(&["Job", "Kind", "Status", "Done", "Refused", "Begun"], &rows)?)
}

fn row(job: &Value) -> Vec<String> {
    let text = |field: &str| job.get(field).and_then(Value::as_str).unwrap_or_default();
    let count = |field: &str| job.get(field).and_then(Value::as_u64).unwrap_or_default();
    vec![
        text("id").to_owned(),
        text("kind").to_lowercase(),
        text("status").to_lowercase(),
        format!("{}/{}", count("done"), count("total")),
        count("failed").to_string(),
        text("createdAt").to_owned(),
    ]
}

fn say(job: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(job);
    }
    let cells = row(job);
    let [id, kind, status, done, refused, _] = cells.as_slice() else { return Ok(()) };
    Ok(output::line(format_args!("{id}: {kind}, {status}; {done} companies, {refused} of them refused"))?)
}
