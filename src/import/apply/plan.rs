//! What must hold before anything is written: the team can take the archive's numbers, and the tenant its labels.
//!
//! It reads and writes nothing else.

use anyhow::Context as _;
use mortise::command::IssueRef;
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

/// Looks whether the archive fits into the target.
///
/// # Errors
/// The team's issues have numbers of the archive's, it is archived, there would be too many labels or issues, or the
/// tenant cannot be read.
pub(crate) async fn plan(target: Target<'_>, survey: &Survey) -> anyhow::Result<Plan> {
    let reader = target.engine.reader(&target.context().principal).await?;
    enough_room(&reader, survey)?;
    let all = survey.numbers.count();
    let Some(team) = reader.directory().team_by_key(target.team) else {
        let (_, name) = survey.repo.rsplit_once('/').unwrap_or_default();
        let name = clip(name.trim(), NAME_BYTES_MAX);
        let team_name = if name.is_empty() { target.team.to_uppercase() } else { name.to_owned() };
        enough_issues(target, all).await?;
        return Ok(Plan { team: None, team_name });
    };
    anyhow::ensure!(
        team.archived_at.is_none(),
        "cannot import into team {}: it is archived; name another one with --team",
        team.key
    );
    let there = numbers_are_free(&reader, target, survey).await?;
    enough_issues(target, all.saturating_sub(there)).await?;
    Ok(Plan { team: Some(team.id), team_name: team.name.clone() })
}

fn enough_room(reader: &Reader, survey: &Survey) -> anyhow::Result<()> {
    let directory = reader.directory();
    let there = directory.labels().filter(|label| label.deleted_at.is_none()).count();
    let known = |name: &String| directory.label_by_name(None, &items::label_name(name)).is_some();
    let new = survey.labels.keys().filter(|name| !known(name)).count();
    let max = reader.limits().labels_per_tenant_max;
    anyhow::ensure!(
        there.saturating_add(new) <= max,
        "cannot import {new} labels: there are {there} already, and at most {max} are allowed"
    );
    Ok(())
}

/// The company may have so many issues more.
async fn enough_issues(target: Target<'_>, more: u64) -> anyhow::Result<()> {
    let room = target.engine.expect_room_for_issues(target.tenant, more).await;
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
    anyhow::bail!(
        "cannot keep the archive's numbers: {} are other issues; name an empty or a new team with --team",
        taken.join(", ")
    )
}
