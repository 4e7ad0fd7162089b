//! `mortise import`: issues from elsewhere are brought in. Reading and writing is `crate::import`'s affair; here it is
//! given its files and shown to people.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mortise::Engine;
use serde_json::json;

use super::place::{Place, tenant};
use super::progress::{bytes_read, issues_written};
use super::{Outcome, output};
use crate::import::apply::{Added, Target, apply, plan};
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

Examples:
  mortise import github archive.json --tenant acme --team SPEC --dry-run
  mortise import github archive.json --tenant acme --team SPEC")]
pub(super) struct GithubFlags {
    /// The archive
    file: PathBuf,
    /// The company
    #[arg(long, value_name = "SLUG", env = "MORTISE_TENANT")]
    tenant: String,
    /// The key of the team it goes to; a missing team is made and named like the repository
    #[arg(long, value_name = "KEY")]
    team: String,
    /// Read and judge, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(place: &Place, command: ImportCommand) -> anyhow::Result<Outcome> {
    let ImportCommand::Github(flags) = command;
    let (archive, survey) = survey(&flags.file).await?;
    let added = place.with_existing(async |engine| import(engine, &flags, archive, &survey).await).await?;
    report(&flags, &survey, added)?;
    Ok(Outcome::Done)
}

/// Pass 1: everything is read and nothing written.
async fn survey(path: &Path) -> anyhow::Result<(Archive, Survey)> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let archive = Archive::open(&path)?;
        let bar = bytes_read(archive.bytes());
        let shown = bar.clone();
        let mut archive = archive.watched(move |bytes| shown.set_position(bytes));
        let survey = archive.survey();
        bar.finish_and_clear();
        survey.map(|survey| (archive.unwatched(), survey))
    });
    read.await?.context("cannot import this archive; nothing was written")
}

/// Pass 2, or as much of it as a rehearsal does: none of it writes.
async fn import(
    engine: &Engine,
    flags: &GithubFlags,
    archive: Archive,
    survey: &Survey,
) -> anyhow::Result<Option<Added>> {
    let target = Target { engine, tenant: tenant(engine, &flags.tenant)?.id, team: &flags.team };
    let plan = plan(target, survey).await?;
    if flags.dry_run {
        return Ok(None);
    }
    let bar = issues_written(survey.numbers.count());
    let added = apply(target, &plan, archive, survey, |passed| bar.set_position(passed)).await;
    bar.finish_and_clear();
    added.map(Some)
}

fn report(flags: &GithubFlags, survey: &Survey, added: Option<Added>) -> anyhow::Result<()> {
    if flags.json {
        return output::json(&json!({
            "tenant": flags.tenant,
            "team": flags.team.to_uppercase(),
            "dryRun": flags.dry_run,
            "survey": survey,
            "added": added,
        }));
    }
    output::line(format_args!("{}\n{}", survey.repo, survey.report.to_table()))?;
    for problem in &survey.problems {
        output::line(format_args!("Odd: {} {}", problem.place, problem.what))?;
    }
    match added {
        None => output::line("\nNothing was written: this was a dry run.")?,
        Some(Added { teams, people, labels, issues, comments }) => output::line(format_args!(
            "\nAdded to {}: {issues} issues, {comments} comments, {people} people, {labels} labels, {teams} teams. \
             What else the archive holds was there already.",
            flags.team.to_uppercase()
        ))?,
    }
    Ok(())
}
