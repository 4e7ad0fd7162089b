//! The second pass: puts an archive that was surveyed into a tenant's team.
//!
//! Whatever is there already is passed over, for ids follow from the source's own: an interrupted import goes on when
//! it is run again, and a second run adds nothing. It does not know how an archive is read.

mod batches;
mod items;
mod plan;

use anyhow::Context as _;
use mortise::command::import::{IMPORT_ITEMS_MAX, ImportBatch, ImportItem};
use mortise::event::{EventBody, Subject};
use mortise::id::TeamId;
use mortise::{Committed, ErrorCode, Importer};
use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::validate::Survey;
use batches::Batch;
use items::Source;

pub(crate) use plan::{Plan, plan};

/// Where an archive goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// Who imports, and into which company. What they write is marked as imported, so that nothing outside is told.
    pub(crate) importer: &'a Importer,
    /// The key of the team; it is made when it is missing.
    pub(crate) team: &'a str,
}

/// What an import added. What is missing to the archive's own counts was there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Added {
    /// Teams: one or none.
    pub(crate) teams: u64,
    /// People, as ghost members.
    pub(crate) people: u64,
    /// Labels.
    pub(crate) labels: u64,
    /// Issues and pull requests.
    pub(crate) issues: u64,
    /// Comments, reviews and remarks.
    pub(crate) comments: u64,
}

impl Added {
    fn count(&mut self, done: &Committed) {
        for body in done.events.iter().filter_map(|event| event.body.as_ref()) {
            match body {
                EventBody::IssueCreated { .. } => self.issues += 1,
                EventBody::CommentCreated { .. } => self.comments += 1,
                EventBody::MemberSaved { .. } => self.people += 1,
                EventBody::LabelSaved { .. } => self.labels += 1,
                EventBody::TeamSaved { .. } => self.teams += 1,
                _ => {}
            }
        }
    }
}

/// Adds what the archive holds and the tenant does not. `progress` is told after each batch how many issues of the
/// archive have been passed.
///
/// # Errors
/// The archive has changed since the survey, or the engine refuses or fails. What was added until then stays, and the
/// next run goes on from there.
pub(crate) async fn apply(
    target: Target<'_>,
    plan: &Plan,
    archive: Archive,
    survey: &Survey,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<Added> {
    let mut added = Added::default();
    target.importer.note_beginning(plan.team, told(target, survey)).await.context("cannot import")?;
    let team = match plan.team {
        Some(team) => team,
        None => make_team(target, plan, &mut added).await?,
    };
    let source = Source::new(target.importer.tenant(), team, &survey.repo, target.team);
    let mut first = items::people(survey).chain(items::labels(survey));
    loop {
        let items: Vec<ImportItem> = first.by_ref().take(IMPORT_ITEMS_MAX).collect();
        if items.is_empty() {
            break;
        }
        write(target, items, "people and labels", &mut added).await?;
    }
    let mut reading = batches::read(archive, source);
    while let Some(Batch { items, issues_passed, last }) = reading.next().await {
        write(target, items, &format!("issues up to number {last}"), &mut added).await?;
        progress(issues_passed);
    }
    reading.finish().await?;
    Ok(added)
}

/// What stands in the audit log of an import: the issues in it stand there in the names of who wrote them.
fn told(target: Target<'_>, survey: &Survey) -> String {
    let repo = if survey.repo.is_empty() { "an unnamed archive" } else { &survey.repo };
    format!("into {} from {repo}, {} issues", target.team.to_uppercase(), survey.numbers.count())
}

/// Writes one batch. They follow one another: a comment is written after its issue.
async fn write(
    target: Target<'_>,
    items: Vec<ImportItem>,
    what: &str,
    added: &mut Added,
) -> anyhow::Result<()> {
    let written = target.importer.execute(ImportBatch { items }).await;
    let done = written.map_err(|error| {
        let unavailable = error.code() == ErrorCode::Unavailable;
        let hint = if unavailable { "; run the import again, it goes on where it stopped" } else { "" };
        anyhow::Error::new(error).context(format!("cannot import {what}{hint}"))
    })?;
    added.count(&done);
    Ok(())
}

async fn make_team(target: Target<'_>, plan: &Plan, added: &mut Added) -> anyhow::Result<TeamId> {
    let made = target.importer.execute(plan.new_team(target.team)).await;
    let done = made.with_context(|| format!("cannot make the team {}", target.team))?;
    added.count(&done);
    let team = done.subjects.iter().find_map(|s| if let Subject::Team(id) = s { Some(*id) } else { None });
    team.context("cannot make the team: the engine names none")
}

#[cfg(test)]
mod tests;
