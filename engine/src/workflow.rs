//! The workflow's rules: which states there are, which moves fit. Pure.

use crate::error::{Error, Result};
use crate::id::{StateId, WorkflowId};
use crate::model::{StateCategory, Workflow, WorkflowMode, WorkflowState, WorkflowTransition};
use crate::time::Timestamp;

/// The workflow that a new tenant starts with: Open → In Progress → In Review → Closed, any move allowed; its
/// moves are listed for those who make it strict.
#[must_use]
pub fn seed_workflow(now: Timestamp) -> Workflow {
    let state = |name: &str, category, color: &str| WorkflowState {
        id: StateId::generate(),
        name: name.to_owned(),
        category,
        color: color.to_owned(),
    };
    let states = vec![
        state("Open", StateCategory::Unstarted, "#5e6ad2"),
        state("In Progress", StateCategory::Started, "#f2c94c"),
        state("In Review", StateCategory::Started, "#f2994a"),
        state("Closed", StateCategory::Completed, "#4cb782"),
    ];
    let moves = [(0, 1), (1, 0), (1, 2), (2, 1), (0, 3), (1, 3), (2, 3), (3, 0)];
    let transitions = moves
        .iter()
        .filter_map(|(from, to)| {
            let (from, to) = (states.get(*from)?, states.get(*to)?);
            Some(WorkflowTransition { from: Some(from.id), to: to.id })
        })
        .collect();
    Workflow {
        id: WorkflowId::generate(),
        name: "Default".to_owned(),
        mode: WorkflowMode::Open,
        initial: states.first().map_or_else(StateId::generate, |s| s.id),
        states,
        transitions,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// Whether an issue may move from one state to another; the same state always fits.
///
/// # Errors
///
/// `INVALID_INPUT` for a state that is not of this workflow, `REJECTED` for a move that a strict workflow does not
/// list.
pub fn fit(workflow: &Workflow, from: StateId, to: StateId) -> Result<&WorkflowState> {
    let target = workflow.state(to).ok_or_else(|| {
        Error::invalid("stateId", format!("state {to} is not one of the workflow `{}`", workflow.name))
    })?;
    let allowed = from == to
        || workflow.mode == WorkflowMode::Open
        || workflow.transitions.iter().any(|t| t.to == to && t.from.is_none_or(|f| f == from));
    if allowed {
        return Ok(target);
    }
    let source = workflow.state(from).map_or("its present state", |s| s.name.as_str());
    Err(Error::rejected(format!(
        "cannot move from `{source}` to `{}`: the workflow has no such move",
        target.name
    ))
    .with_field("stateId"))
}

/// What must hold of a workflow before issues may follow it.
///
/// # Errors
///
/// `INVALID_INPUT`, saying which state fails which rule.
pub fn validate(workflow: &Workflow) -> Result<()> {
    let refuse = |why: String| Err(Error::invalid("states", why));
    if workflow.state(workflow.initial).is_none() {
        return refuse("the initial state is not one of the states".to_owned());
    }
    if workflow.first_of(StateCategory::Completed).is_none() {
        return refuse("a workflow needs a state of the category COMPLETED".to_owned());
    }
    for transition in &workflow.transitions {
        let ends = transition.from.into_iter().chain([transition.to]);
        if let Some(stray) = ends.into_iter().find(|id| workflow.state(*id).is_none()) {
            return refuse(format!("a move names {stray}, which is not one of the states"));
        }
    }
    if workflow.mode == WorkflowMode::Strict
        && let Some(lost) =
            workflow.states.iter().find(|s| !reachable(workflow, workflow.initial).contains(&s.id))
    {
        return refuse(format!("state `{}` cannot be reached from the initial state", lost.name));
    }
    for state in &workflow.states {
        let reach = reachable(workflow, state.id);
        let ends = workflow.states.iter().any(|s| s.category.is_terminal() && reach.contains(&s.id));
        if !ends {
            return refuse(format!("no closed state can be reached from `{}`", state.name));
        }
    }
    Ok(())
}

/// The states that can be reached from this one, itself included.
fn reachable(workflow: &Workflow, from: StateId) -> Vec<StateId> {
    if workflow.mode == WorkflowMode::Open {
        return workflow.states.iter().map(|s| s.id).collect();
    }
    let mut seen = vec![from];
    let mut next = 0;
    while let Some(at) = seen.get(next).copied() {
        next += 1;
        for transition in &workflow.transitions {
            if transition.from.is_none_or(|f| f == at) && !seen.contains(&transition.to) {
                seen.push(transition.to);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(workflow: &Workflow, name: &str) -> StateId {
        workflow.states.iter().find(|s| s.name == name).unwrap().id
    }

    #[test]
    fn the_seed_workflow_is_valid_in_both_modes() {
        let mut workflow = seed_workflow(Timestamp::default());
        validate(&workflow).unwrap();
        workflow.mode = WorkflowMode::Strict;
        validate(&workflow).unwrap();
    }

    #[test]
    fn a_strict_workflow_refuses_a_move_it_does_not_list() {
        let mut workflow = seed_workflow(Timestamp::default());
        workflow.mode = WorkflowMode::Strict;
        let (open, review) = (state(&workflow, "Open"), state(&workflow, "In Review"));
        let error = fit(&workflow, open, review).unwrap_err();
        assert_eq!(error.message(), "cannot move from `Open` to `In Review`: the workflow has no such move");
    }

    #[test]
    fn an_open_workflow_allows_any_move_and_no_foreign_state() {
        let workflow = seed_workflow(Timestamp::default());
        let (open, review) = (state(&workflow, "Open"), state(&workflow, "In Review"));
        assert_eq!(fit(&workflow, open, review).unwrap().name, "In Review");
        assert!(fit(&workflow, open, StateId::generate()).is_err());
    }

    #[test]
    fn a_state_without_a_way_to_the_end_is_named() {
        let mut workflow = seed_workflow(Timestamp::default());
        workflow.mode = WorkflowMode::Strict;
        let review = state(&workflow, "In Review");
        workflow.transitions.retain(|t| t.from != Some(review));
        assert!(validate(&workflow).unwrap_err().message().contains("`In Review`"));
    }
}
