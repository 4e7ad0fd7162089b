//! Who sees an issue that not everybody sees.

use super::fields::push;
use super::update::deltas;
use super::{IssuePatch, fields};
use crate::command::World;
use crate::error::{Error, Result};
use crate::event::IssueChange;
use crate::id::MemberId;
use crate::model::{Confidential, Issue, Role, Team};

/// The audience of a new issue; its maker is always in it.
pub(super) fn of_new(
    world: &World<'_>,
    team: &Team,
    confidential: bool,
    participants: &[MemberId],
) -> Result<Option<Confidential>> {
    match (confidential, participants) {
        (true, ids) => Ok(Some(Confidential { participants: named(world, team, ids, &[])? })),
        (false, []) => Ok(None),
        (false, ids) => named(world, team, ids, &[]).and(Err(open_to_all())),
    }
}

impl IssuePatch {
    /// What changes of who sees an issue.
    pub(super) fn audience(
        &self,
        world: &World<'_>,
        team: &Team,
        issue: &Issue,
        changes: &mut Vec<IssueChange>,
    ) -> Result<()> {
        let now = issue.confidential.as_ref().map(|c| c.participants.as_slice()).unwrap_or_default();
        let (set, added) = (self.participants.as_deref(), &self.added_participants);
        if let Some(id) = self.removed_participants.iter().find(|id| world.directory.member(**id).is_none()) {
            return Err(Error::not_found(format!("member {id}")).with_field("removedParticipantIds"));
        }
        let wanted = deltas(now, set, added, &self.removed_participants);
        let to = match (self.confidential.unwrap_or(issue.confidential.is_some()), wanted) {
            (false, None) => None,
            (false, Some(ids)) => return named(world, team, &ids, now).and(Err(open_to_all())),
            (true, wanted) => {
                let mut participants = match &wanted {
                    Some(ids) => named(world, team, ids, now)?,
                    None => now.to_vec(),
                };
                if issue.confidential.is_none() {
                    stay_inside(world, issue, changes, &mut participants);
                }
                Some(Confidential { participants })
            }
        };
        push(changes, &issue.confidential, to, IssueChange::Confidential);
        Ok(())
    }
}

/// Who makes an issue confidential does not shut themselves out.
fn stay_inside(world: &World<'_>, issue: &Issue, changes: &[IssueChange], participants: &mut Vec<MemberId>) {
    let Some(asker) = world.policy.member() else { return };
    let assigned = changes.iter().find_map(|change| match change {
        IssueChange::Assignees(change) => Some(change.to.contains(&asker)),
        _ => None,
    });
    let inside = world.policy.role() == Role::SuperAdmin
        || issue.creator == asker
        || assigned.unwrap_or_else(|| issue.assignees.contains(&asker));
    if let Err(at) = participants.binary_search(&asker)
        && !inside
    {
        participants.insert(at, asker);
    }
}

/// Members who can be named, each once, in order of id. Those who are named already may stay.
fn named(world: &World<'_>, team: &Team, ids: &[MemberId], kept: &[MemberId]) -> Result<Vec<MemberId>> {
    let mut list = ids.to_vec();
    list.sort_unstable();
    list.dedup();
    for id in list.iter().filter(|id| !kept.contains(id)) {
        fields::insider(world, team, *id).map_err(|error| error.with_field("participantIds"))?;
    }
    let max = world.limits.participants_max;
    if list.len() > max {
        let message = format!("an issue names at most {max} people who see it");
        return Err(Error::invalid("participantIds", message));
    }
    Ok(list)
}

fn open_to_all() -> Error {
    let message = "only a confidential issue names who sees it: make it confidential in the same change";
    Error::invalid("participantIds", message)
}
