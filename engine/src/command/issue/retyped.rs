//! An issue that becomes another kind of work, where that kind has a workflow of its own: it begins there as a new issue does,
//! in the first state, and enters the one it is meant to be in only if the rules let it pass. Else a change of kind would be
//! a way around them.

use super::create::{initial, new_flow};
use super::moving;
use crate::access::Action;
use crate::command::World;
use crate::error::{Error, Result};
use crate::event::{Change, IssueChange};
use crate::id::StateId;
use crate::model::{Issue, IssueKind, Team, WorkflowState, WorkflowTransition};
use crate::workflow::{Flow, counterpart, fit};

/// A state that an issue enters by a change, and the rules of that.
pub(super) struct Entering<'w> {
    pub(super) to: &'w WorkflowState,
    pub(super) rules: Option<&'w WorkflowTransition>,
    /// Where it enters another workflow.
    pub(super) anew: Option<Anew>,
}

/// An issue at the beginning of another workflow.
pub(super) struct Anew {
    /// As it would stand there, before it enters another state than the first.
    issue: Box<Issue>,
    /// The name of the workflow; none where the state was asked for by name.
    guessed: Option<String>,
}

impl Entering<'_> {
    /// Lets it pass by the rules, when all other changes are known; answers the comments that are to be written.
    pub(super) fn pass(
        &self,
        world: &World<'_>,
        issue: &Issue,
        changes: &mut Vec<IssueChange>,
    ) -> Result<Vec<String>> {
        let Some(rules) = self.rules else { return Ok(Vec::new()) };
        let Some(anew) = &self.anew else { return moving::pass(world, issue, rules, self.to, changes) };
        let passed = moving::pass(world, &anew.issue, rules, self.to, changes);
        passed.map_err(|error| match &anew.guessed {
            Some(workflow) => which_state(workflow, &error),
            None => error,
        })
    }
}

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

/// The refusal of a kind whose workflow does not let the issue in, where nobody said which state it shall enter.
fn which_state(workflow: &str, why: &Error) -> Error {
    let message = format!(
        "issues of this type follow the workflow `{workflow}`: {}; say with `stateId` which of its states it enters",
        why.message()
    );
    Error::new(why.code(), message).with_field("type")
}
