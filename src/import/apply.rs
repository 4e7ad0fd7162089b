//! The second pass: puts an archive that was surveyed into a tenant's team.
//!
//! Whatever is there already is passed over, for ids follow from the source's own: an interrupted import goes on when
//! it is run again, and a second run adds nothing. It does not know how an archive is read.

mod batches;
mod items;
mod plan;

use anyhow::Context as _;
use mortise::command::import::{ImportBatch, ImportItem};
use mortise::command::team::CreateTeam;
use mortise::context::{OpContext, Principal};
use mortise::event::{EventBody, Origin, Subject};
use mortise::id::{TeamId, TenantId};
use mortise::{Committed, Engine, ErrorCode};
use serde::Serialize;

use super::archive::Archive;
use super::validate::Survey;
use batches::Batch;
use items::Source;

pub(crate) use plan::{Plan, plan};

/// Where an archive goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The engine.
    pub(crate) engine: &'a Engine,
    /// The tenant.
    pub(crate) tenant: TenantId,
    /// The key of the team; it is made when it is missing.
    pub(crate) team: &'a str,
}

impl Target<'_> {
    /// The context of every write: in nobody's name, and marked as imported, so that nothing outside is told.
    fn context(&self) -> OpContext {
        OpContext::new(Principal::trusted_system(self.tenant)).with_origin(Origin::Import)
    }
}

/// What an import added. What is missing to the archive's own counts was there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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
    let team = match plan.team {
        Some(team) => team,
        None => make_team(target, plan, &mut added).await?,
    };
    let source = Source::new(target.tenant, team, &survey.repo, target.team);
    let first = items::people(survey).chain(items::labels(survey)).collect::<Vec<_>>();
    for items in first.chunks(mortise::command::import::IMPORT_ITEMS_MAX) {
        write(target, items.to_vec(), "people and labels", &mut added).await?;
    }
    let mut reading = batches::read(archive, source);
    while let Some(Batch { items, issues_passed, last }) = reading.next().await {
        write(target, items, &format!("issues up to number {last}"), &mut added).await?;
        progress(issues_passed);
    }
    reading.finish().await?;
    Ok(added)
}

/// Writes one batch. They follow one another: a comment is written after its issue.
async fn write(
    target: Target<'_>,
    items: Vec<ImportItem>,
    what: &str,
    added: &mut Added,
) -> anyhow::Result<()> {
    let written = target.engine.execute(target.context(), ImportBatch { items }).await;
    let done = written.map_err(|error| {
        let unavailable = error.code() == ErrorCode::Unavailable;
        let hint = if unavailable { "; run the import again, it goes on where it stopped" } else { "" };
        anyhow::Error::new(error).context(format!("cannot import {what}{hint}"))
    })?;
    added.count(&done);
    Ok(())
}

async fn make_team(target: Target<'_>, plan: &Plan, added: &mut Added) -> anyhow::Result<TeamId> {
    let command = CreateTeam {
        id: None,
        key: target.team.to_owned(),
        name: plan.team_name.clone(),
        description: None,
        workflow: None,
        private: false,
    };
    let made = target.engine.execute(target.context(), command).await;
    let done = made.with_context(|| format!("cannot make the team {}", target.team))?;
    added.count(&done);
    let team = done.subjects.iter().find_map(|s| if let Subject::Team(id) = s { Some(*id) } else { None });
    team.context("cannot make the team: the engine names none")
}

#[cfg(test)]
mod tests;
