//! `mortise import`: issues from elsewhere are brought in, into a data folder or at a running server. Reading and writing is
//! `crate::import`'s affair; here it is given its files and shown to people.

mod remote;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mortise::Engine;
use serde_json::Value;

use super::place::{Place, context, tenant};
use super::progress::{bytes_read, issues_written};
use super::{Outcome, output};
use crate::import::account::{account, for_people};
use crate::import::apply::{Target, apply, plan};
use crate::import::archive::Archive;
use crate::import::validate::Survey;

/// What can be imported.
#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// The archive of a GitHub repository: one JSON file of its labels, issues and pull requests
    Github(GithubFlags),
}

/// An archive and where it goes.
#[derive(Debug, Args)]
#[command(after_help = "\
The whole file is read and judged before anything is written; a broken one is refused with the position of the fault.
Numbers, authors and times are kept. Run it again after an interruption: it goes on; a second run adds nothing.

A running server holds its data folder: there a super admin of the company imports, whose API key of scope ADMIN, or
access token, is in the file. MORTISE_SERVER and MORTISE_TOKEN_FILE name no server here: they are for platform keys; while
MORTISE_SERVER is set, no data folder is opened.

Examples:
  mortise import github archive.json --tenant acme --team SPEC --dry-run
  mortise import github archive.json --tenant acme --team SPEC
  mortise import github archive.json --team SPEC --server https://tracker.example.com --token-file acme.key")]
pub(super) struct GithubFlags {
    /// The archive
    file: PathBuf,
    /// The company; at a server it is that of the key
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT", required_unless_present = "server")]
    tenant: Option<String>,
    /// The key of the team it goes to; a missing team is made and named like the repository
    #[arg(long, value_name = "KEY")]
    team: String,
    /// Read and judge, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: remote::CompanyServerFlags,
}

pub(super) async fn run(place: &Place, command: ImportCommand) -> anyhow::Result<Outcome> {
    let ImportCommand::Github(flags) = command;
    let account = match flags.at.server().await? {
        Some(server) => remote::import(&server, &flags).await?,
        None => {
            let (archive, survey) = survey(&flags.file).await?;
            place.with_existing(async |engine| import(engine, &flags, archive, &survey).await).await?
        }
    };
    if flags.json {
        output::json(&account)?;
    } else {
        output::line(
            for_people(&account)
                .context("the server tells of the import in other words than this program's")?,
        )?;
    }
    Ok(Outcome::Done)
}

/// Pass 1: everything is read and nothing written.
async fn survey(path: &Path) -> anyhow::Result<(Archive, Survey)> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let archive = Archive::open(&path)?;
        let bar = bytes_read("1/2", archive.bytes());
        let shown = bar.clone();
        let survey = archive.surveyed(move |bytes| {
            shown.set_position(bytes);
            true
        });
        bar.finish_and_clear();
        survey
    });
    read.await?.context("cannot import this archive; nothing was written")
}

/// Pass 2, or as much of it as a rehearsal does: none of it writes. Whoever can open the folder may import.
async fn import(
    engine: &Engine,
    flags: &GithubFlags,
    archive: Archive,
    survey: &Survey,
) -> anyhow::Result<Value> {
    let tenant = tenant(engine, flags.tenant.as_deref().context("name the company with --tenant")?)?;
    let importer = engine.begin_import(context(tenant.id), None).await?;
    let target = Target { importer: &importer, team: &flags.team };
    let plan = plan(target, survey).await?;
    if flags.dry_run {
        return Ok(account(&tenant.slug, &flags.team, survey, None));
    }
    let bar = issues_written("2/2", survey.numbers.count());
    let added = apply(target, &plan, archive, survey, |passed| bar.set_position(passed)).await;
    bar.finish_and_clear();
    Ok(account(&tenant.slug, &flags.team, survey, Some(added?)))
}
