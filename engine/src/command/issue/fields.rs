//! Parsing the values of an issue's fields against the tenant: what is named must exist and fit.

use crate::command::{IssueRef, World, text};
use crate::error::{Error, Result};
use crate::event::{Change, IssueChange};
use crate::id::{IssueId, LabelId, MemberId};
use crate::model::{Issue, Resolution, StateCategory, Team};

/// The largest estimate, in points.
const ESTIMATE_MAX: u32 = 10_000;

/// The longest rank, in characters.
const RANK_CHARS_MAX: usize = 64;

pub(super) fn title(world: &World<'_>, title: &str) -> Result<String> {
    text::line("title", "the title", title, world.limits.title_chars_max)
}

pub(super) fn description(world: &World<'_>, description: Option<&str>) -> Result<Option<String>> {
    text::body("description", "the description", description, world.limits.description_bytes_max)
}

/// Members who can be given work in a team, each once, in the given order. Those who have the work already may keep it.
pub(super) fn assignees(
    world: &World<'_>,
    team: &Team,
    ids: &[MemberId],
    kept: &[MemberId],
) -> Result<Vec<MemberId>> {
    let mut list = Vec::with_capacity(ids.len());
    for id in ids {
        if world.directory.member(*id).is_none() || !kept.contains(id) {
            insider(world, team, *id).map_err(|error| error.with_field("assigneeIds"))?;
        }
        if !list.contains(id) {
            list.push(*id);
        }
    }
    let max = world.limits.assignees_max;
    if list.len() > max {
        return Err(Error::invalid("assigneeIds", format!("an issue has at most {max} assignees")));
    }
    Ok(list)
}

/// Refuses whom the team's issues are nothing for: who is not active, and who does not belong to a private team.
pub(super) fn insider(world: &World<'_>, team: &Team, id: MemberId) -> Result<()> {
    let member = world.directory.member(id).filter(|member| member.is_active());
    let member = member.ok_or_else(|| Error::not_found(format!("active member {id}")))?;
    if !team.takes_in(member) {
        let message = format!(
            "`{}` does not belong to the private team {}: add them to it first",
            member.name, team.key
        );
        return Err(Error::rejected(message));
    }
    Ok(())
}

/// Labels that the team can use, each once, in order of id. Those on the issue already may stay.
pub(super) fn labels(
    world: &World<'_>,
    team: &Team,
    ids: &[LabelId],
    kept: &[LabelId],
) -> Result<Vec<LabelId>> {
    let mut list = ids.to_vec();
    list.sort_unstable();
    list.dedup();
    for id in &list {
        let usable = world.directory.label(*id).is_some_and(|label| {
            kept.contains(id) || (label.deleted_at.is_none() && label.team.is_none_or(|t| t == team.id))
        });
        if !usable {
            return Err(Error::not_found(format!("label {id}")).with_field("labelIds"));
        }
    }
    labels_fit(world, &list)?;
    Ok(list)
}

/// Refuses more labels than an issue can have.
fn labels_fit(world: &World<'_>, labels: &[LabelId]) -> Result<()> {
    let max = world.limits.labels_max;
    if labels.len() > max {
        return Err(Error::invalid("labelIds", format!("an issue has at most {max} labels")));
    }
    Ok(())
}

/// An issue that this one may become a part of: it exists, and no circle or too deep a tree arises.
pub(super) fn parent(world: &World<'_>, child: Option<IssueId>, parent: &IssueRef) -> Result<IssueId> {
    let id = world.issue(parent).map_err(|e| e.with_field("parentId"))?.id;
    let max = world.limits.parent_depth_max;
    let above = std::iter::successors(Some(id), |at| world.index.parent_of(*at));
    let above: Vec<IssueId> = above.take(max).collect();
    if child.is_some_and(|child| above.contains(&child)) {
        return Err(Error::invalid("parentId", "an issue cannot be a part of itself or of its own parts"));
    }
    if above.len().saturating_add(levels(world, child, max)) > max {
        return Err(Error::invalid("parentId", format!("issues nest at most {max} levels deep")));
    }
    Ok(id)
}

/// The levels of an issue and its parts, counted up to `max`; a new issue has one.
fn levels(world: &World<'_>, issue: Option<IssueId>, max: usize) -> usize {
    let Some(issue) = issue else { return 1 };
    let below = |level: &Vec<IssueId>| {
        let parts: Vec<IssueId> = level.iter().flat_map(|issue| world.index.parts_of(*issue)).collect();
        Some(parts).filter(|parts| !parts.is_empty())
    };
    std::iter::successors(Some(vec![issue]), below).take(max).count()
}

pub(super) fn estimate(value: u32) -> Result<u32> {
    if value > ESTIMATE_MAX {
        return Err(Error::invalid("estimate", format!("an estimate is at most {ESTIMATE_MAX}")));
    }
    Ok(value)
}

pub(super) fn rank(value: &str) -> Result<String> {
    let shape = (1..=RANK_CHARS_MAX).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if shape {
        return Ok(value.to_owned());
    }
    Err(Error::invalid("rank", format!("a rank has 1 to {RANK_CHARS_MAX} letters a to z and digits")))
}

/// The resolution an issue has in a category: asked for, else the usual one; none while it is open.
pub(super) fn resolution(category: StateCategory, asked: Option<Resolution>) -> Result<Option<Resolution>> {
    match category {
        StateCategory::Completed => Ok(Some(asked.unwrap_or(Resolution::Done))),
        StateCategory::Canceled => Ok(Some(asked.unwrap_or(Resolution::WontDo))),
        _ if asked.is_some() => Err(Error::invalid(
            "resolution",
            "only a closed issue has a resolution: move it to a closed state",
        )),
        _ => Ok(None),
    }
}

/// The resolution an issue has when it is in a category from now on: one that stays closed in the same way keeps why it
/// was closed.
pub(in crate::command) fn resolution_after(
    issue: &Issue,
    category: StateCategory,
    asked: Option<Resolution>,
) -> Result<Option<Resolution>> {
    let stays = category.is_terminal() && issue.category == category;
    resolution(category, asked.or(issue.resolution.filter(|_| stays)))
}

/// Notes a change of a field, unless it stays.
pub(super) fn push<T: Clone + PartialEq>(
    changes: &mut Vec<IssueChange>,
    from: &T,
    to: T,
    make: impl FnOnce(Change<T>) -> IssueChange,
) {
    if *from != to {
        changes.push(make(Change { from: from.clone(), to }));
    }
}
