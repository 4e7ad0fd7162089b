//! An issue that becomes another kind of work, where that kind has a workflow of its own: it begins there as a new issue does,
//! in the first state, and enters the one it is meant to be in only if the rules let it pass. Else a change of kind would be
//! a way around them. It does not know what the rules ask.

use super::create::{initial, new_flow};
use super::moving::{Anew, Entering, which_state};
use crate::access::Action;
use crate::command::World;
use crate::error::{Error, Result};
use crate::event::{Change, IssueChange};
use crate::id::StateId;
use crate::model::{Issue, IssueKind, Team, WorkflowState};
use crate::workflow::{Flow, counterpart, fit};

/// The workflow that an issue follows once it is of this kind, when that is another because of the kind.
pub(super) fn other_workflow<'w>(
    world: &'w World<'_>,
    team: &Team,
    issue: &Issue,
    kind: IssueKind,
) -> Option<Result<Flow<'w>>> {
    let due = team.workflow_for(kind);
    if team.workflow_for(issue.kind) == due {
        return None;
    }
    let other = world.flow(issue).map(|now| now.workflow().id != due);
    match other {
        Ok(false) => None,
        Ok(true) => Some(new_flow(world, team, kind)),
        Err(error) => Some(Err(error)),
    }
}

/// Lets an issue begin in another workflow, and enter the state that is asked for, or else the one that is like its own.
pub(super) fn enter<'w>(
    world: &'w World<'_>,
    issue: &Issue,
    flow: Flow<'w>,
    asked: Option<StateId>,
    changes: &mut Vec<IssueChange>,
) -> Result<Entering<'w>> {
    world.policy.authorize(Action::TransitionIssue, (), Some(issue.creator))?;
    let (first, name) = (initial(&flow)?, &flow.workflow().name);
    let (to, rules) = match asked {
        Some(asked) => fit(&flow, first.id, asked)?,
        None => {
            let like = like(world, issue, &flow).unwrap_or(first);
            if issue.category.is_terminal() && !like.category.is_terminal() {
                let message = "none of its states is like the one that the issue was closed in";
                return Err(which_state(name, &Error::rejected(message)));
            }
            fit(&flow, first.id, like.id).map_err(|error| which_state(name, &error))?
        }
    };
    let from = world.flow(issue)?.workflow().id;
    changes.push(IssueChange::Flow {
        workflow: Change { from, to: flow.workflow().id },
        version: Change { from: issue.workflow_version, to: flow.mark() },
    });
    let issue = Issue {
        state: first.id,
        category: first.category,
        state_since: Some(world.now),
        approvals: Vec::new(),
        ..issue.clone()
    };
    let guessed = asked.is_none().then(|| name.clone());
    Ok(Entering { to, rules, anew: Some(Anew { issue: Box::new(issue), guessed }) })
}

/// The state there that is like the one it is in, open or closed as that.
fn like<'w>(world: &World<'_>, issue: &Issue, flow: &Flow<'w>) -> Option<&'w WorkflowState> {
    let state = flow.state(counterpart(world.directory, flow.states(), issue.state)?)?;
    (state.category.is_terminal() == issue.category.is_terminal()).then_some(state)
}
