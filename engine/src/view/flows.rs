//! Which version of a workflow issues follow: those that should follow its newest and do not.

use super::View;
use crate::id::{IssueId, StateId, TeamId, WorkflowVersionId};
use crate::model::IssueKind;
use roaring::RoaringBitmap;

/// The issues that a workflow is for, and the version that they should follow.
#[derive(Debug, Clone)]
pub struct Followers {
    /// The teams, each with the kinds of its issues.
    pub teams: Vec<(TeamId, Vec<IssueKind>)>,
    /// What the row of an issue names that follows the version; none: the first of a workflow.
    pub version: Option<WorkflowVersionId>,
    /// The states of the version.
    pub states: Vec<StateId>,
}

/// Issues that do not follow the version that they should.
#[derive(Debug, Clone, Default)]
pub struct Strays(RoaringBitmap);

impl View {
    /// The issues that do not follow the version that they should, archived and deleted ones included.
    #[must_use]
    pub fn strays(&self, followers: &Followers) -> Strays {
        let mut meant = RoaringBitmap::new();
        for (team, kinds) in &followers.teams {
            if let Some(of_team) = self.sets.team.of(team) {
                meant |= of_team & self.sets.kind.named(kinds);
            }
        }
        let there = match followers.version {
            Some(version) => self.sets.workflow_version.named(&[version]),
            // A row that names no version is of the first version of the workflow that its state belongs to.
            None => self.sets.state.named(&followers.states) - self.sets.workflow_version.any(),
        };
        Strays(meant - there)
    }

    /// How many of them there are in each state, states without any left out.
    #[must_use]
    pub fn strays_by_state(&self, strays: &Strays) -> Vec<(StateId, u64)> {
        let counts = self.sets.state.iter().map(|(state, set)| (*state, set.intersection_len(&strays.0)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The first of them that are in one of these states, at most `limit`.
    #[must_use]
    pub fn first_strays(&self, strays: &Strays, states: &[StateId], limit: usize) -> Vec<IssueId> {
        let found = &strays.0 & self.sets.state.named(states);
        found.iter().take(limit).filter_map(|at| self.id_of(at)).collect()
    }

    /// How many issues' rows name this version.
    #[must_use]
    pub fn followers_of(&self, version: WorkflowVersionId) -> u64 {
        self.sets.workflow_version.of(&version).map_or(0, RoaringBitmap::len)
    }

    /// How many issues in these states name no version.
    #[must_use]
    pub fn unmarked_in(&self, states: &[StateId]) -> u64 {
        (self.sets.state.named(states) - self.sets.workflow_version.any()).len()
    }
}
