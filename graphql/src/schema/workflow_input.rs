//! What a workflow shall say: the inputs of its states, moves and rules.

use super::scalar::{self, Duration};
use super::transition::TransitionAssignee;
use super::word::{Priority, Role, StateCategory, TransitionActor, TransitionField};
use async_graphql::{ID, InputObject, OneofObject};
use mortise_engine::command::workflow::{NewState, NewTransition, WorkflowContent};
use mortise_engine::model::{ApprovalRule, Assignee, Effect, Guard};
use mortise_engine::{Error, Result};

/// A state of a workflow. One that has the key of a state of an earlier version is that state.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowStateInput {
    /// What versions know it by, such as `in_review`: a letter a to z, then letters, digits and `_`, at most 32.
    key: String,
    /// How it is shown, 1 to 100 characters; unique in the version.
    name: String,
    /// What it means; fixed for a state of an earlier version.
    category: StateCategory,
    /// `#rrggbb`; one that goes with the category unless said.
    color: Option<String>,
    /// How many issues should be in it at once, for boards to show.
    wip_limit: Option<u32>,
}

impl WorkflowStateInput {
    fn state(self) -> NewState {
        let (key, name, category) = (self.key, self.name, self.category.into());
        NewState { key, name, category, color: self.color, wip_limit: self.wip_limit }
    }
}

/// A move of a workflow. Between two states there is one at most; one from a state goes before one from any.
#[derive(Debug, InputObject)]
pub(crate) struct WorkflowTransitionInput {
    /// How it is shown, such as `Approve`.
    name: Option<String>,
    /// The key of the state that is left; any unless said.
    from: Option<String>,
    /// The key of the state that is entered.
    to: String,
    /// What must hold before it: all of these. At most 10.
    #[graphql(default)]
    guards: Vec<TransitionGuardInput>,
    /// What follows from it in the same change, in this order. At most 10, and one comment among them.
    #[graphql(default)]
    effects: Vec<TransitionEffectInput>,
    /// Who must have approved it.
    approvals: Option<ApprovalRuleInput>,
}

impl WorkflowTransitionInput {
    fn transition(self, place: &str) -> Result<NewTransition> {
        let guards =
            (0..).zip(self.guards).map(|(n, g): (usize, _)| g.guard(&format!("{place}.guards[{n}]")));
        let effects =
            (0..).zip(self.effects).map(|(n, e): (usize, _)| e.effect(&format!("{place}.effects[{n}]")));
        Ok(NewTransition {
            name: self.name,
            from: self.from,
            to: self.to,
            guards: guards.collect::<Result<_>>()?,
            effects: effects.collect::<Result<_>>()?,
            approvals: self.approvals.map(|rule| ApprovalRule {
                count: rule.count,
                roles: rule.roles.into_iter().map(Into::into).collect(),
            }),
        })
    }
}

/// Who must have approved a move.
#[derive(Debug, InputObject)]
pub(crate) struct ApprovalRuleInput {
    /// How many members, 1 to 20. Those who ask for the approval do not count.
    count: u32,
    /// The roles, of which each has one.
    roles: Vec<Role>,
}

/// Something that must hold before a move: exactly one of these. Fields are looked at as the change that moves the issue
/// leaves them.
#[derive(Debug, OneofObject)]
pub(crate) enum TransitionGuardInput {
    /// Who moves the issue has one of these roles.
    RoleIn(Vec<Role>),
    /// Who moves it is one of these to it.
    ActorIs(Vec<TransitionActor>),
    /// It has all of these.
    FieldsSet(Vec<TransitionField>),
    /// True: no open issue blocks it.
    NoOpenBlockers(bool),
    /// True: none of its sub-issues is open.
    NoOpenChildren(bool),
    /// It has been in its state for so long, at most a year.
    TimeInState(Duration),
}

impl TransitionGuardInput {
    fn guard(self, place: &str) -> Result<Guard> {
        Ok(match self {
            Self::RoleIn(roles) => Guard::Role(roles.into_iter().map(Into::into).collect()),
            Self::ActorIs(actors) => Guard::Actor(actors.into_iter().map(Into::into).collect()),
            Self::FieldsSet(fields) => Guard::Fields(fields.into_iter().map(Into::into).collect()),
            Self::NoOpenBlockers(yes) => said(place, yes, Guard::NoOpenBlockers)?,
            Self::NoOpenChildren(yes) => said(place, yes, Guard::NoOpenChildren)?,
            Self::TimeInState(span) => Guard::TimeInState { at_least_ms: span.0.millis() },
        })
    }
}

/// Something that follows from a move: exactly one of these.
#[derive(Debug, OneofObject)]
pub(crate) enum TransitionEffectInput {
    /// The priority becomes this.
    SetPriority(Priority),
    /// The size becomes this, in points.
    SetEstimate(u32),
    /// True: the size is taken away.
    ClearEstimate(bool),
    /// It is due so many days from the day of the move on, where the company is.
    SetDueInDays(u16),
    /// True: it is due at no day.
    ClearDueDate(bool),
    /// This one works on it, alone.
    AssignTo(TransitionAssignee),
    /// This member works on it, alone.
    AssignMemberId(ID),
    /// It gets this label.
    AddLabelId(ID),
    /// It loses this label.
    RemoveLabelId(ID),
    /// This comment is written in the name of who moves it: markdown, at most 4 KiB.
    Comment(String),
}

impl TransitionEffectInput {
    fn effect(self, place: &str) -> Result<Effect> {
        Ok(match self {
            Self::SetPriority(to) => Effect::Priority(to.into()),
            Self::SetEstimate(to) => Effect::Estimate(Some(to)),
            Self::ClearEstimate(yes) => said(place, yes, Effect::Estimate(None))?,
            Self::SetDueInDays(days) => Effect::DueIn(Some(days)),
            Self::ClearDueDate(yes) => said(place, yes, Effect::DueIn(None))?,
            Self::AssignTo(TransitionAssignee::Actor) => Effect::Assign(Assignee::Actor),
            Self::AssignTo(TransitionAssignee::Creator) => Effect::Assign(Assignee::Creator),
            Self::AssignMemberId(id) => {
                let member = scalar::id(&format!("{place}.assignMemberId"), &id)?;
                Effect::Assign(Assignee::Member(member))
            }
            Self::AddLabelId(id) => Effect::AddLabel(scalar::id(&format!("{place}.addLabelId"), &id)?),
            Self::RemoveLabelId(id) => {
                Effect::RemoveLabel(scalar::id(&format!("{place}.removeLabelId"), &id)?)
            }
            Self::Comment(text) => Effect::Comment(text),
        })
    }
}

/// A rule that is there or is left out: saying no is saying nothing, and most likely a mistake.
fn said<T>(place: &str, yes: bool, rule: T) -> Result<T> {
    if yes {
        return Ok(rule);
    }
    Err(Error::invalid(place, format!("`{place}` is false: say true, or leave the rule out")))
}

/// The states and moves of a version.
///
/// # Errors
///
/// `INVALID_INPUT` for an id that cannot be read and a rule that says no; the place is named.
pub(super) fn content(
    states: Vec<WorkflowStateInput>,
    initial: String,
    transitions: Vec<WorkflowTransitionInput>,
) -> Result<WorkflowContent> {
    let steps = (0..).zip(transitions);
    let steps = steps.map(|(n, step): (usize, _)| step.transition(&format!("input.transitions[{n}]")));
    Ok(WorkflowContent {
        states: states.into_iter().map(WorkflowStateInput::state).collect(),
        initial,
        transitions: steps.collect::<Result<_>>()?,
    })
}
