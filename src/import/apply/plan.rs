//! What must hold before anything is written: the team can take the archive's numbers, and the tenant its labels and people.
//!
//! It reads and writes nothing else.

use anyhow::Context as _;
use mortise::Error;
use mortise::command::IssueRef;
use mortise::command::import::ImportItem;
use mortise::command::team::CreateTeam;
use mortise::id::TeamId;
use mortise::query::Reader;

use super::super::text::clip;
use super::super::validate::Survey;
use super::Target;
use super::items::{self, SYSTEM};

/// The most numbers listed that are in the way.
const LISTED_MAX: usize = 5;

/// The longest name of a team made from a repository's, in bytes; the engine's bound is 100 characters.
const NAME_BYTES_MAX: usize = 100;

/// An import that can be done.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The team; none when it is to be made.
    pub(crate) team: Option<TeamId>,
    /// How the team is called, or will be.
    pub(crate) team_name: String,
}

impl Plan {
    /// The team that is to be made, under this key.
    pub(super) fn new_team(&self, key: &str) -> CreateTeam {
        CreateTeam {
            id: None,
            key: key.to_owned(),
            name: self.team_name.clone(),
            description: None,
            workflow: None,
            private: false,
        }
    }
}

/// Looks whether the archive fits into the target.
///
/// # Errors
/// The team's issues have numbers of the archive's, it is archived or cannot be made, there would be too many labels, people
/// or issues, the tenant cannot be read, or who imports may no more.
pub(crate) async fn plan(target: Target<'_>, survey: &Survey) -> anyhow::Result<Plan> {
    let reader = target.importer.reader().await?;
    enough_room(&reader, survey)?;
    enough_people(&reader, survey)?;
    let all = survey.numbers.count();
    let Some(team) = reader.directory().team_by_key(target.team) else {
        let (_, name) = survey.repo.rsplit_once('/').unwrap_or_default();
        let name = clip(name.trim(), NAME_BYTES_MAX);
        let team_name = if name.is_empty() { target.team.to_uppercase() } else { name.to_owned() };
        enough_issues(target, all).await?;
        let plan = Plan { team: None, team_name };
        let made = target.importer.rehearse(plan.new_team(target.team)).await;
        made.with_context(|| format!("cannot make the team {}; nothing was written", target.team))?;
        return Ok(plan);
    };
    if team.archived_at.is_some() {
        let message = "it is archived; name another team";
        return Err(Error::rejected(format!("cannot import into team {}: {message}", team.key)).into());
    }
    let there = numbers_are_free(&reader, target, survey).await?;
    // That took a while.
    target.importer.expect_may().await?;
    enough_issues(target, all.saturating_sub(there)).await?;
    Ok(Plan { team: Some(team.id), team_name: team.name.clone() })
}

fn enough_room(reader: &Reader, survey: &Survey) -> anyhow::Result<()> {
    let directory = reader.directory();
    let there = directory.labels().filter(|label| label.deleted_at.is_none()).count();
    let known = |name: &String| directory.label_by_name(None, &items::label_name(name)).is_some();
    let new = survey.labels.keys().filter(|name| !known(name)).count();
    let max = reader.limits().labels_per_tenant_max;
    if there.saturating_add(new) > max {
        let message =
            format!("cannot import {new} labels: there are {there} already, and at most {max} are allowed");
        return Err(Error::invalid("labels", message).into());
    }
    Ok(())
}

fn enough_people(reader: &Reader, survey: &Survey) -> anyhow::Result<()> {
    let directory = reader.directory();
    let is_new = |item: &ImportItem| matches!(item, ImportItem::Person { source, .. } if directory.member_by_source(source.trim()).is_none());
    let (there, new) = (directory.ghosts(), items::people(survey).filter(is_new).count());
    let max = reader.limits().ghosts_max;
    if new == 0 || there.saturating_add(new) <= max {
        return Ok(());
    }
    let message = format!(
        "cannot import {new} people: {there} who take no part are there already, and at most {max} are allowed; \
         nothing was written"
    );
    Err(Error::invalid("people", message).into())
}

/// The company may have so many issues more.
async fn enough_issues(target: Target<'_>, more: u64) -> anyhow::Result<()> {
    let room = target.importer.engine().expect_room_for_issues(target.importer.tenant(), more).await;
    room.with_context(|| format!("cannot import {more} issues; nothing was written"))
}

/// Numbers are kept, so an issue that has one of them and is not from this archive is in the way. Answers how many of the
/// archive's are there already.
async fn numbers_are_free(reader: &Reader, target: Target<'_>, survey: &Survey) -> anyhow::Result<u64> {
    let mut taken = Vec::new();
    let mut there = 0_u64;
    for number in survey.numbers.iter() {
        let key = IssueRef::Key(
            target.team.to_uppercase(),
            u32::try_from(number).context("a number is too large")?,
        );
        let Some(issue) = reader.issue_even_deleted(&key).await? else { continue };
        let id = items::issue_source(&survey.repo, target.team, number);
        let ours = issue.source.as_ref().is_some_and(|source| source.system == SYSTEM && source.id == id);
        if ours {
            there += 1;
        } else {
            taken.push(format!("{}-{number}", target.team.to_uppercase()));
        }
        if taken.len() > LISTED_MAX {
            break;
        }
    }
    if taken.is_empty() {
        return Ok(there);
    }
    if taken.len() > LISTED_MAX {
        taken.truncate(LISTED_MAX);
        taken.push("more".to_owned());
    }
    let message = format!(
        "cannot keep the archive's numbers: {} are other issues; name an empty or a new team",
        taken.join(", ")
    );
    Err(Error::conflict(message).into())
}
