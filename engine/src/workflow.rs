//! The workflow's rules: which states there are, which moves fit, what must hold before one and what follows. Pure.
//!
//! It judges one issue as it is handed over, and knows of others only what [`Surroundings`] answers.

mod effect;
mod flow;
mod guard;
mod moves;
mod validate;

pub use effect::{Applying, apply_effects};
pub use flow::Flow;
pub use guard::{InTheWay, Mover, Reason, ReasonCode, Situation, Surroundings, refusals};
pub use moves::{Move, moves};
pub use validate::{Problem, ProblemCode, problems, problems_of_draft};

use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::id::{StateId, WorkflowId};
use crate::model::{StateCategory, Workflow, WorkflowMode, WorkflowState, WorkflowTransition};
use crate::time::Timestamp;

/// The states and moves that a new tenant starts with: Open → In Progress → In Review → Closed, any move allowed; its
/// moves are listed for those who make it strict.
#[must_use]
pub fn seed_workflow(now: Timestamp) -> Workflow {
    let state = |key: &str, name: &str, category, color: &str| WorkflowState {
        id: StateId::generate(),
        name: name.to_owned(),
        category,
        color: color.to_owned(),
        key: Some(key.to_owned()),
        wip_limit: None,
    };
    let states = vec![
        state("open", "Open", StateCategory::Unstarted, "#5e6ad2"),
        state("in_progress", "In Progress", StateCategory::Started, "#f2c94c"),
        state("in_review", "In Review", StateCategory::Started, "#f2994a"),
        state("closed", "Closed", StateCategory::Completed, "#4cb782"),
    ];
    let steps = [(0, 1), (1, 0), (1, 2), (2, 1), (0, 3), (1, 3), (2, 3), (3, 0)];
    let transitions = steps
        .iter()
        .filter_map(|(from, to)| {
            let (from, to) = (states.get(*from)?, states.get(*to)?);
            Some(WorkflowTransition::plain(Some(from.id), to.id))
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
        published: None,
        retired: Vec::new(),
        migration: None,
    }
}

/// The state that an issue enters, and the listed move that leads there, if one does; whether that move's guards let it
/// pass is another question. The same state always fits.
///
/// # Errors
///
/// `INVALID_INPUT` for a state that is not of what the issue follows, `REJECTED` for a move that a strict workflow does
/// not list.
pub fn fit<'a>(
    flow: &Flow<'a>,
    from: StateId,
    to: StateId,
) -> Result<(&'a WorkflowState, Option<&'a WorkflowTransition>)> {
    let target = flow.state(to).ok_or_else(|| {
        Error::invalid("stateId", format!("state {to} is not one of the workflow `{}`", flow.workflow().name))
    })?;
    if from == to {
        return Ok((target, None));
    }
    let listed = flow.transition(from, to);
    if listed.is_some() || flow.workflow().mode == WorkflowMode::Open {
        return Ok((target, listed));
    }
    let source = flow.state(from).map_or("its present state", |s| s.name.as_str());
    Err(Error::rejected(format!(
        "cannot move from `{source}` to `{}`: the workflow has no such move",
        target.name
    ))
    .with_field("stateId"))
}

/// Where issues in a state could go among other states: the same state; else one with the same key, the same name, or the
/// same meaning. An end stays an end by its key.
#[must_use]
pub fn counterpart(directory: &Directory, states: &[WorkflowState], of: StateId) -> Option<StateId> {
    if states.iter().any(|state| state.id == of) {
        return Some(of);
    }
    let lost = directory.state(of)?;
    let (key, name) = (lost.key(), lost.name.to_lowercase());
    let found = states
        .iter()
        .find(|other| other.key() == key && other.category.is_terminal() == lost.category.is_terminal())
        .or_else(|| states.iter().find(|other| other.name.to_lowercase() == name))
        .or_else(|| states.iter().find(|other| other.category == lost.category));
    found.map(|other| other.id)
}

#[cfg(test)]
mod tests;
