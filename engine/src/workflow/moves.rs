//! The moves that an issue may make from where it is, those included that are refused at the moment, with the reasons.

use super::{Flow, InTheWay, Reason, Situation, Surroundings, refusals};
use crate::id::IssueId;
use crate::model::{WorkflowMode, WorkflowState, WorkflowTransition};
use std::cell::OnceCell;

/// A move to another state.
#[derive(Debug, Clone)]
pub struct Move<'a> {
    /// The state it leads to.
    pub to: &'a WorkflowState,
    /// The move that the workflow lists; none where an open workflow lets pass what it does not list.
    pub transition: Option<&'a WorkflowTransition>,
    /// Why it is refused; nothing when it is allowed.
    pub reasons: Vec<Reason>,
}

/// The moves out of an issue's state, in the order of the states they lead to: in an open workflow to every other state,
/// in a strict one those that it lists.
pub fn moves<'a>(flow: &Flow<'a>, situation: &Situation<'_>) -> Vec<Move<'a>> {
    let (here, open) = (situation.issue.state, flow.workflow().mode == WorkflowMode::Open);
    let others = Once { others: situation.others, blockers: OnceCell::new(), children: OnceCell::new() };
    let situation = &Situation { others: &others, ..*situation };
    let others = flow.states().iter().filter(|state| state.id != here);
    let found = others.filter_map(|to| {
        let transition = flow.transition(here, to.id);
        (open || transition.is_some()).then(|| {
            let reasons = transition.map_or_else(Vec::new, |listed| refusals(listed, situation));
            Move { to, transition, reasons }
        })
    });
    found.collect()
}

/// What lies around the one issue whose moves are judged, counted once though many guards ask.
struct Once<'a> {
    others: &'a dyn Surroundings,
    blockers: OnceCell<InTheWay>,
    children: OnceCell<InTheWay>,
}

impl Surroundings for Once<'_> {
    fn open_blockers(&self, issue: IssueId) -> InTheWay {
        *self.blockers.get_or_init(|| self.others.open_blockers(issue))
    }

    fn open_children(&self, issue: IssueId) -> InTheWay {
        *self.children.get_or_init(|| self.others.open_children(issue))
    }
}
