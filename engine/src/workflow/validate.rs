//! What must hold of a workflow before issues may follow it.

use crate::directory::Directory;
use crate::id::{StateId, TeamId};
use crate::model::{
    Assignee, Effect, StateCategory, Workflow, WorkflowMode, WorkflowState, WorkflowTransition,
    WorkflowVersion, words,
};
use rustc_hash::FxHashSet;

words! {
    /// What is wrong with a workflow.
    ProblemCode {
        /// The state of new issues is not one of the states.
        0 NoInitial = "NO_INITIAL",
        /// There is no state of the category COMPLETED.
        1 NoCompleted = "NO_COMPLETED",
        /// No moves lead from the initial state to this one.
        2 Unreachable = "UNREACHABLE",
        /// No moves lead from this state to a closed one.
        3 NoEnd = "NO_END",
        /// A move names a state that is not there.
        4 StrayMove = "STRAY_MOVE",
        /// The state had another category in an earlier version.
        5 CategoryChanged = "CATEGORY_CHANGED",
        /// An effect names a label that is not there.
        6 MissingLabel = "MISSING_LABEL",
        /// An effect names a member who is not active.
        7 MissingMember = "MISSING_MEMBER",
        /// A warning: in the mode OPEN this state can be entered past the rules of the moves that lead there.
        8 RulesAvoided = "RULES_AVOIDED",
        /// A warning: an effect gives a label that no team can use whose issues follow the workflow.
        9 UnusableLabel = "UNUSABLE_LABEL",
    }
}

impl ProblemCode {
    /// Whether issues cannot follow a workflow that has this problem; else it is a warning.
    #[must_use]
    pub const fn blocks(self) -> bool {
        !matches!(self, Self::RulesAvoided | Self::UnusableLabel)
    }
}

/// One reason for which issues cannot follow a workflow, or not as it seems to be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub code: ProblemCode,
    /// A sentence that says it, with the name of the state.
    pub message: String,
    /// The state that fails, or that a failing move enters.
    pub state: Option<StateId>,
}

/// States and moves to be judged.
struct Judged<'a> {
    mode: WorkflowMode,
    states: &'a [WorkflowState],
    initial: StateId,
    transitions: &'a [WorkflowTransition],
}

/// What is wrong with the newest version of a workflow, if it had this mode; nothing when it can be used.
#[must_use]
pub fn problems(workflow: &Workflow) -> Vec<Problem> {
    Judged {
        mode: workflow.mode,
        states: &workflow.states,
        initial: workflow.initial,
        transitions: &workflow.transitions,
    }
    .problems()
}

/// What is wrong with a draft; it can be published when none of it blocks.
#[must_use]
pub fn problems_of_draft(
    draft: &WorkflowVersion,
    workflow: &Workflow,
    directory: &Directory,
) -> Vec<Problem> {
    let judged = Judged {
        mode: workflow.mode,
        states: &draft.states,
        initial: draft.initial,
        transitions: &draft.transitions,
    };
    let mut found = judged.problems();
    found.extend(draft.states.iter().filter_map(|state| changed_category(state, workflow)));
    found.extend(draft.transitions.iter().flat_map(|step| judged.missing(step, directory)));
    found.extend(judged.avoided());
    let teams: Vec<_> = directory.teams().filter(|team| team.workflows().contains(&workflow.id)).collect();
    if !teams.is_empty() {
        let usable = |id| teams.iter().any(|team| team.id == id);
        found.extend(draft.transitions.iter().flat_map(|step| judged.unusable(step, directory, &usable)));
    }
    found
}

fn changed_category(state: &WorkflowState, workflow: &Workflow) -> Option<Problem> {
    let before = workflow.any_state(state.id).filter(|before| before.category != state.category)?;
    Some(Problem {
        code: ProblemCode::CategoryChanged,
        message: format!(
            "state `{}` was {} in an earlier version: what a state means is fixed; give the new one another key",
            state.name, before.category
        ),
        state: Some(state.id),
    })
}

impl Judged<'_> {
    fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut problem = |code, message, state| found.push(Problem { code, message, state });
        if self.state(self.initial).is_none() {
            problem(ProblemCode::NoInitial, "the initial state is not one of the states".to_owned(), None);
        }
        if !self.states.iter().any(|state| state.category == StateCategory::Completed) {
            let message = "a workflow needs a state of the category COMPLETED";
            problem(ProblemCode::NoCompleted, message.to_owned(), None);
        }
        for transition in self.transitions {
            let ends = transition.from.into_iter().chain([transition.to]);
            if let Some(stray) = ends.into_iter().find(|id| self.state(*id).is_none()) {
                let message = format!("a move names {stray}, which is not one of the states");
                problem(ProblemCode::StrayMove, message, None);
            }
        }
        let reached = self.led_to([self.initial]);
        for state in self.states.iter().filter(|state| !reached.contains(&state.id)) {
            let message = format!("state `{}` cannot be reached from the initial state", state.name);
            problem(ProblemCode::Unreachable, message, Some(state.id));
        }
        let ends = self.states.iter().filter(|state| state.category.is_terminal()).map(|state| state.id);
        let ending = self.leading_to(ends);
        for state in self.states.iter().filter(|state| !ending.contains(&state.id)) {
            let message = format!("no closed state can be reached from `{}`", state.name);
            problem(ProblemCode::NoEnd, message, Some(state.id));
        }
        found
    }

    fn state(&self, id: StateId) -> Option<&WorkflowState> {
        self.states.iter().find(|state| state.id == id)
    }

    /// The states that moves lead to from these, themselves included.
    fn led_to(&self, starts: impl IntoIterator<Item = StateId>) -> FxHashSet<StateId> {
        self.closure(starts, |at, enter| {
            let onward = self.transitions.iter().filter(|t| t.from.is_none_or(|from| from == at));
            onward.for_each(|t| enter(t.to));
        })
    }

    /// The states from which moves lead to these, themselves included.
    fn leading_to(&self, ends: impl IntoIterator<Item = StateId>) -> FxHashSet<StateId> {
        self.closure(ends, |at, enter| {
            for transition in self.transitions.iter().filter(|t| t.to == at) {
                match transition.from {
                    Some(from) => enter(from),
                    None => self.states.iter().for_each(|state| enter(state.id)),
                }
            }
        })
    }

    /// All that is found by going on from these, again and again; in an open workflow every state leads to every other.
    fn closure(
        &self,
        starts: impl IntoIterator<Item = StateId>,
        next: impl Fn(StateId, &mut dyn FnMut(StateId)),
    ) -> FxHashSet<StateId> {
        let mut waiting: Vec<StateId> = starts.into_iter().collect();
        if self.mode == WorkflowMode::Open && !waiting.is_empty() {
            return self.states.iter().map(|state| state.id).collect();
        }
        let mut seen: FxHashSet<StateId> = waiting.iter().copied().collect();
        while let Some(at) = waiting.pop() {
            next(at, &mut |state| {
                if seen.insert(state) {
                    waiting.push(state);
                }
            });
        }
        seen
    }

    /// States that a move with rules leads to, and that can be entered past them: in an open workflow a move that is not
    /// listed takes nothing.
    fn avoided(&self) -> Vec<Problem> {
        if self.mode != WorkflowMode::Open {
            return Vec::new();
        }
        let avoided = |to: &WorkflowState| {
            let leads = |step: &&WorkflowTransition| step.to == to.id;
            let ruled = |step: &WorkflowTransition| !step.guards.is_empty() || step.approvals.is_some();
            let listed: Vec<_> = self.transitions.iter().filter(leads).collect();
            if !listed.iter().any(|step| ruled(step)) {
                return None;
            }
            let is_listed =
                |from: StateId| listed.iter().any(|step| step.from.is_none_or(|left| left == from));
            let from = self.states.iter().find(|from| from.id != to.id && !is_listed(from.id))?;
            let message = format!(
                "in the mode OPEN an issue can enter `{}` from `{}` past the rules of the moves that are listed: make the workflow STRICT, or list a move from any state",
                to.name, from.name
            );
            Some(Problem { code: ProblemCode::RulesAvoided, message, state: Some(to.id) })
        };
        self.states.iter().filter_map(avoided).collect()
    }

    /// Labels that a move gives and that none of the teams can use.
    fn unusable(
        &self,
        transition: &WorkflowTransition,
        directory: &Directory,
        usable: &impl Fn(TeamId) -> bool,
    ) -> Vec<Problem> {
        let to = self.state(transition.to).map_or("?", |state| state.name.as_str());
        let of_effect = |effect: &Effect| {
            let Effect::AddLabel(id) = effect else { return None };
            let label = directory.label(*id).filter(|label| label.deleted_at.is_none())?;
            label.team.filter(|team| !usable(*team))?;
            let message = format!(
                "a move to `{to}` gives the label `{}`, which none of the teams can use whose issues follow this workflow",
                label.name
            );
            Some(Problem { code: ProblemCode::UnusableLabel, message, state: Some(transition.to) })
        };
        transition.effects.iter().filter_map(of_effect).collect()
    }

    /// What the rules of a move name and is not there.
    fn missing(&self, transition: &WorkflowTransition, directory: &Directory) -> Vec<Problem> {
        let name = self.state(transition.to).map_or("?", |state| state.name.as_str());
        let problem = |code, what: String| Problem {
            code,
            message: format!("a move to `{name}` names {what}"),
            state: Some(transition.to),
        };
        let of_effect = |effect: &Effect| match effect {
            Effect::AddLabel(id) | Effect::RemoveLabel(id) => {
                let there = directory.label(*id).is_some_and(|label| label.deleted_at.is_none());
                (!there)
                    .then(|| problem(ProblemCode::MissingLabel, format!("label {id}, which is not there")))
            }
            Effect::Assign(Assignee::Member(id)) => {
                let active = directory.member(*id).is_some_and(|member| member.is_active());
                let what = || format!("member {id}, who is not active");
                (!active).then(|| problem(ProblemCode::MissingMember, what()))
            }
            _ => None,
        };
        transition.effects.iter().filter_map(of_effect).collect()
    }
}
