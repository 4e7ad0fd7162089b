//! Workflows for a reader: the moves that an issue may make, and what moving issues to a newer version would mean.

use super::Reader;
use crate::access::{Action, Scope};
use crate::command::workflow::StrayCounts;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::id::{IssueId, StateId, WorkflowId};
use crate::model::{Issue, IssueKind, RelationKind, Workflow};
use crate::view::Followers;
use crate::workflow::{Flow, Move, Mover, Reason, ReasonCode, Situation, Surroundings, moves};
use std::sync::Arc;

/// Issues that do not follow the newest version of the workflow that is for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationPlan {
    /// How many there are.
    pub total: u64,
    /// Their states, in the order of their workflows.
    pub states: Vec<MigrationStep>,
}

/// Issues in one state that are to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationStep {
    /// The state they are in.
    pub state: StateId,
    /// How many there are.
    pub count: u64,
    /// Whether the newest version lacks the state, so that a map must say where they go.
    pub is_missing: bool,
    /// Where they could go: the same state; else one with the same key, the same name, or the same meaning.
    pub suggested: Option<StateId>,
}

impl MigrationPlan {
    /// How many issues are to be moved.
    #[must_use]
    pub fn counts(&self) -> StrayCounts {
        let missing = self.states.iter().filter(|step| step.is_missing);
        StrayCounts { total: self.total, missing: missing.map(|step| (step.state, step.count)).collect() }
    }
}

impl Reader {
    /// Whether who asks manages workflows. Numbers of all issues, whoever may see them, are told to no others.
    #[must_use]
    pub fn manages_workflows(&self) -> bool {
        self.policy.may(Action::ManageWorkflows, None)
    }

    /// The moves out of an issue's state, with the reasons for which they are refused to who asks. These are the rules of
    /// the present, and the issues around it as they are now.
    #[must_use]
    pub fn moves<'d>(&self, directory: &'d Directory, issue: &Issue) -> Vec<Move<'d>> {
        let Some(flow) = Flow::of(directory, issue) else { return Vec::new() };
        let mover = Mover { member: self.policy.member(), role: self.policy.role() };
        let now = self.live.now();
        let mut found = moves(&flow, &Situation { issue, mover, now, directory, others: self });
        if let Some(reason) = self.may_move_none(directory, issue) {
            found.iter_mut().for_each(|one| one.reasons.push(reason.clone()));
        }
        found
    }

    /// Why none of the moves of an issue is allowed, if there is such a reason.
    fn may_move_none(&self, directory: &Directory, issue: &Issue) -> Option<Reason> {
        if !self.policy.may(Action::TransitionIssue, Some(issue.creator)) {
            let message = "you may not move issues to another state".to_owned();
            return Some(Reason { code: ReasonCode::NotPermitted, message });
        }
        let archived = directory.team(issue.team).is_some_and(|team| team.archived_at.is_some());
        archived.then(|| Reason {
            code: ReasonCode::TeamArchived,
            message: "the team is archived: its issues can be read only".to_owned(),
        })
    }

    /// What moving issues to the newest version of a workflow would mean. Numbers only: all issues are counted, whoever
    /// may see them.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for those who do not manage workflows, `NOT_FOUND` when there is no such workflow.
    pub fn migration_plan(&self, id: WorkflowId) -> Result<MigrationPlan> {
        self.policy.authorize(Action::ManageWorkflows, (), None)?;
        let directory = self.live.directory();
        let workflow = directory.workflow(id).ok_or_else(|| Error::not_found(format!("workflow {id}")))?;
        let scope = Scope::system("counts of all issues that are to be moved");
        let counts = self
            .live
            .with_view(&scope, |view| view.strays_by_state(&view.strays(&followers(&directory, workflow))));
        let step = |(state, count)| MigrationStep {
            state,
            count,
            is_missing: workflow.state(state).is_none(),
            suggested: suggested(&directory, workflow, state),
        };
        let mut states: Vec<_> = counts.into_iter().map(step).collect();
        states.sort_by_cached_key(|step| place(&directory, step.state));
        Ok(MigrationPlan { total: states.iter().map(|step| step.count).sum(), states })
    }

    /// How many issues are left to be moved to the newest version of a workflow.
    #[must_use]
    pub fn to_migrate(&self, workflow: &Arc<Workflow>) -> u64 {
        let scope = Scope::system("counts of all issues that are to be moved");
        let followers = followers(&self.live.directory(), workflow);
        let counts = self.live.with_view(&scope, |view| view.strays_by_state(&view.strays(&followers)));
        counts.into_iter().map(|(_, count)| count).sum()
    }

    /// How many issues follow a version of a workflow, whoever may see them; none for those who do not manage workflows.
    #[must_use]
    pub fn followers(&self, flow: &Flow<'_>) -> Option<u64> {
        if !self.manages_workflows() {
            return None;
        }
        let scope = Scope::system("counts of all issues that follow a version");
        let is_first = flow.id() == crate::id::WorkflowVersionId::first_of(flow.workflow().id);
        let states: Vec<_> = flow.states().iter().map(|state| state.id).collect();
        Some(self.live.with_view(&scope, |view| {
            let unmarked = if is_first { view.unmarked_in(&states) } else { 0 };
            view.followers_of(flow.id()).saturating_add(unmarked)
        }))
    }
}

impl Surroundings for Reader {
    fn open_blockers(&self, issue: IssueId) -> usize {
        let scope = Scope::system("guards count all issues that block");
        self.live.with_view(&scope, |view| {
            view.related_to(issue, RelationKind::Blocks).filter(|id| view.is_open(*id)).count()
        })
    }

    fn open_children(&self, issue: IssueId) -> usize {
        let scope = Scope::system("guards count all sub-issues");
        self.live.with_view(&scope, |view| view.parts_of(issue).filter(|id| view.is_open(*id)).count())
    }
}

/// The issues that a workflow is for. Those of archived teams can be read only.
pub(crate) fn followers(directory: &Directory, workflow: &Workflow) -> Followers {
    let teams = directory.teams().filter(|team| team.archived_at.is_none()).filter_map(|team| {
        let kinds = IssueKind::ALL.iter().copied();
        let kinds: Vec<_> = kinds.filter(|kind| team.workflow_for(*kind) == workflow.id).collect();
        (!kinds.is_empty()).then_some((team.id, kinds))
    });
    Followers {
        teams: teams.collect(),
        version: workflow.published,
        states: workflow.states.iter().map(|state| state.id).collect(),
    }
}

/// Where issues in a state could go.
fn suggested(directory: &Directory, workflow: &Workflow, state: StateId) -> Option<StateId> {
    if workflow.state(state).is_some() {
        return Some(state);
    }
    let lost = directory.state(state)?;
    let (key, name) = (lost.key(), lost.name.to_lowercase());
    let states = || workflow.states.iter();
    let found = states()
        .find(|other| other.key() == key && other.category.is_terminal() == lost.category.is_terminal())
        .or_else(|| states().find(|other| other.name.to_lowercase() == name))
        .or_else(|| states().find(|other| other.category == lost.category));
    found.map(|other| other.id)
}

/// The place of a state: its workflow, and where it stands there.
fn place(directory: &Directory, id: StateId) -> (Option<WorkflowId>, usize) {
    let workflow = directory.workflow_with(id);
    let place = workflow.and_then(|w| w.all_states().position(|state| state.id == id));
    (workflow.map(|w| w.id), place.unwrap_or(usize::MAX))
}
