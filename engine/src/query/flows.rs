//! Workflows for a reader: the moves that an issue may make, and what moving issues to a newer version would mean.

use super::Reader;
use crate::access::{Action, Scope};
use crate::command::workflow::StrayCounts;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::id::{IssueId, StateId, WorkflowId};
use crate::model::{Issue, IssueKind, RelationKind, Workflow, WorkflowState};
use crate::view::Followers;
use crate::workflow::{
    Flow, InTheWay, Move, Mover, Reason, ReasonCode, Situation, Surroundings, counterpart, moves,
};
use std::sync::Arc;

/// Issues that do not follow the newest version of the workflow that is for them, or the next, once it is published.
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
    /// Whether that version lacks the state, so that a map must say where they go.
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
        let directory = self.live()?.directory();
        let workflow = self.to_plan(&directory, id)?;
        Ok(self.plan(&directory, &followers(&directory, workflow), &workflow.states))
    }

    /// What it would mean to move issues to the next version of a workflow, if its draft were published as it is.
    ///
    /// # Errors
    ///
    /// As [`Reader::migration_plan`]; `NOT_FOUND` also when there is no draft.
    pub fn migration_plan_of_draft(&self, id: WorkflowId) -> Result<MigrationPlan> {
        let directory = self.live()?.directory();
        let workflow = self.to_plan(&directory, id)?;
        let missing = || Error::not_found(format!("a draft of workflow {id}"));
        let draft = directory.draft_of(id).ok_or_else(missing)?;
        let states = draft.states.iter().map(|state| state.id).collect();
        let followers = Followers { version: Some(draft.id), states, ..followers(&directory, workflow) };
        Ok(self.plan(&directory, &followers, &draft.states))
    }

    fn to_plan<'d>(&self, directory: &'d Directory, id: WorkflowId) -> Result<&'d Arc<Workflow>> {
        self.policy.authorize(Action::ManageWorkflows, (), None)?;
        directory.workflow(id).ok_or_else(|| Error::not_found(format!("workflow {id}")))
    }

    fn plan(&self, directory: &Directory, followers: &Followers, own: &[WorkflowState]) -> MigrationPlan {
        let scope = Scope::system("counts of all issues that are to be moved");
        let counts = self.with_present(&scope, |view| view.strays_by_state(&view.strays(followers)));
        let step = |(state, count)| MigrationStep {
            state,
            count,
            is_missing: own.iter().all(|one| one.id != state),
            suggested: counterpart(directory, own, state),
        };
        let mut states: Vec<_> = counts.into_iter().map(step).collect();
        states.sort_by_cached_key(|step| place(directory, step.state));
        MigrationPlan { total: states.iter().map(|step| step.count).sum(), states }
    }

    /// How many issues are left to be moved to the newest version of a workflow.
    #[must_use]
    pub fn to_migrate(&self, workflow: &Arc<Workflow>) -> u64 {
        let scope = Scope::system("counts of all issues that are to be moved");
        let followers = followers(&self.live.directory(), workflow);
        let counts = self.with_present(&scope, |view| view.strays_by_state(&view.strays(&followers)));
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
        Some(self.with_present(&scope, |view| {
            let unmarked = if is_first { view.unmarked_in(&states) } else { 0 };
            view.followers_of(flow.id()).saturating_add(unmarked)
        }))
    }
}

impl Surroundings for Reader {
    fn open_blockers(&self, issue: IssueId) -> InTheWay {
        let scope = Scope::system("guards look at all issues that block");
        self.with_present(&scope, |view| {
            let open = view.related_to(issue, RelationKind::Blocks).filter(|id| view.is_open(*id));
            InTheWay::of(open, |id| view.shows(&self.scope, id))
        })
    }

    fn open_children(&self, issue: IssueId) -> InTheWay {
        let scope = Scope::system("guards look at all sub-issues");
        self.with_present(&scope, |view| {
            let open = view.parts_of(issue).filter(|id| view.is_open(*id));
            InTheWay::of(open, |id| view.shows(&self.scope, id))
        })
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

/// The place of a state: its workflow, and where it stands there.
fn place(directory: &Directory, id: StateId) -> (Option<WorkflowId>, usize) {
    let workflow = directory.workflow_with(id);
    let place = workflow.and_then(|w| w.all_states().position(|state| state.id == id));
    (workflow.map(|w| w.id), place.unwrap_or(usize::MAX))
}
