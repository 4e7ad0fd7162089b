//! The moves that a workflow lists, with what must hold before each and what follows from it.

use super::label::LabelNode;
use super::member::MemberNode;
use super::scalar::Duration;
use super::word::{Priority, Role, TransitionActor, TransitionField};
use super::workflow_state::StateNode;
use super::workflow_version::VersionNode;
use crate::context::{Asked, Snapshot, text_units};
use crate::error::Result;
use crate::lean::{Row, Rows};
use async_graphql::{Context, Enum};
use mortise_engine::filter::Span;
use mortise_engine::id::StateId;
use mortise_engine::model::{ApprovalRule, Assignee, Effect, Guard, WorkflowTransition};

/// A listed move, as the API shows it: where it stands, and not what it says.
#[derive(Debug, Clone)]
pub(crate) struct TransitionNode {
    from: Option<StateId>,
    to: StateId,
    of: VersionNode,
}

impl TransitionNode {
    /// A move of a version of a workflow.
    pub(crate) fn new(transition: &WorkflowTransition, of: VersionNode) -> Self {
        Self { from: transition.from, to: transition.to, of }
    }

    /// The moves that a version of a workflow lists. They are charged for.
    ///
    /// # Errors
    ///
    /// As [`Snapshot::charge`].
    pub(crate) fn all(cx: &Snapshot, of: &VersionNode) -> Result<Rows<Self>> {
        cx.charged(of.moves().iter().map(|transition| Self::new(transition, of.clone())))
    }

    /// What it says. Between two states there is one move at most.
    fn listed(&self) -> Option<&WorkflowTransition> {
        self.of.moves().iter().find(|one| (one.from, one.to) == (self.from, self.to))
    }
}

crate::lean_object! {
    /// A move that a workflow lists. In the mode `OPEN` moves that are not listed are allowed too, and take nothing.
    "WorkflowTransition" for TransitionNode, cx Snapshot {
        /// How it is shown, such as `Approve`.
        "name" name: Option<&str> = |edge, _| edge.listed().and_then(|listed| listed.name.as_deref());
        /// The state that is left; null means any.
        "from" from: Option<Row<StateNode>> = |edge, _| edge.from.map(|id| Row(edge.of.state(id)));
        /// The state that is entered.
        "to" to: Row<StateNode> = |edge, _| Row(edge.of.state(edge.to));
        /// Who must have approved it.
        "approvals" approvals: Option<Row<ApprovalRuleNode>> = |edge, _| {
            edge.listed().and_then(|listed| listed.approvals.clone()).map(|rule| Row(ApprovalRuleNode(rule)))
        };
    }
    stock {
        /// What must hold before it: all of these.
        async fn guards(&self, ctx: &Context<'_>) -> Result<Rows<GuardNode>> {
            let guards = self.listed().map_or(&[][..], |listed| &listed.guards);
            Asked::of(ctx)?.snapshot.charged(guards.iter().cloned().map(GuardNode))
        }

        /// What follows from it in the same change, in this order.
        async fn effects(&self, ctx: &Context<'_>) -> Result<Rows<EffectNode>> {
            let effects = self.listed().map_or(&[][..], |listed| &listed.effects);
            // As often as their texts are asked for, under whatever names.
            let times = ctx.look_ahead().field("comment").selection_fields().len();
            let units = effects.iter().map(|effect| 1 + times.saturating_mul(EffectNode::text_units(effect)));
            Asked::of(ctx)?.snapshot.charge(units.sum())?;
            Ok(effects.iter().cloned().map(EffectNode).collect())
        }
    }
}

/// What a guard looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum TransitionGuardKind {
    /// Who moves the issue has one of the `roles`.
    RoleIn,
    /// Who moves it is one of the `actors` to it.
    ActorIs,
    /// It has all of the `fields`.
    FieldsSet,
    /// No open issue blocks it.
    NoOpenBlockers,
    /// None of its sub-issues is open.
    NoOpenChildren,
    /// It has been in its state for `timeInState` at least.
    TimeInState,
}

/// A guard, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct GuardNode(Guard);

crate::lean_object! {
    /// Something that must hold before a move. Fields are looked at as the change that moves the issue leaves them.
    "TransitionGuard" for GuardNode, cx Snapshot {
        /// What it looks at.
        "kind" kind: TransitionGuardKind = |guard, _| match guard.0 {
            Guard::Role(_) => TransitionGuardKind::RoleIn,
            Guard::Actor(_) => TransitionGuardKind::ActorIs,
            Guard::Fields(_) => TransitionGuardKind::FieldsSet,
            Guard::NoOpenBlockers => TransitionGuardKind::NoOpenBlockers,
            Guard::NoOpenChildren => TransitionGuardKind::NoOpenChildren,
            Guard::TimeInState { .. } => TransitionGuardKind::TimeInState,
        };
        /// The roles of `ROLE_IN`.
        "roles" roles: Vec<Role> = |guard, _| match &guard.0 {
            Guard::Role(roles) => roles.iter().map(|role| (*role).into()).collect(),
            _ => Vec::new(),
        };
        /// Who may, of `ACTOR_IS`.
        "actors" actors: Vec<TransitionActor> = |guard, _| match &guard.0 {
            Guard::Actor(parties) => parties.iter().map(|party| (*party).into()).collect(),
            _ => Vec::new(),
        };
        /// The fields of `FIELDS_SET`.
        "fields" fields: Vec<TransitionField> = |guard, _| match &guard.0 {
            Guard::Fields(fields) => fields.iter().map(|field| (*field).into()).collect(),
            _ => Vec::new(),
        };
        /// The time of `TIME_IN_STATE`.
        "timeInState" time_in_state: Option<Duration> = |guard, _| match guard.0 {
            Guard::TimeInState { at_least_ms } => Some(Duration(Span::from_millis(at_least_ms))),
            _ => None,
        };
    }
}

/// What an effect does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum TransitionEffectKind {
    /// The priority becomes `priority`.
    SetPriority,
    /// The size becomes `estimate`, or is taken away.
    SetEstimate,
    /// It is due `dueInDays` days from the day of the move on, or at no day.
    SetDueDate,
    /// Who moved it, who made it, or `member` works on it, alone.
    Assign,
    /// It gets `label`.
    AddLabel,
    /// It loses `label`.
    RemoveLabel,
    /// `comment` is written in the name of who moves it.
    Comment,
}

/// Who is given work by an effect, where that is not said by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum TransitionAssignee {
    /// Who moves the issue.
    Actor,
    /// Who made it.
    Creator,
}

crate::lean_enum!(TransitionGuardKind, TransitionEffectKind, TransitionAssignee);

/// An effect, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct EffectNode(Effect);

impl EffectNode {
    /// What its text counts for, each time that it is shown.
    fn text_units(effect: &Effect) -> usize {
        match effect {
            Effect::Comment(text) => text_units(text.len()),
            _ => 0,
        }
    }
}

crate::lean_object! {
    /// Something that follows from a move, in the same change. What cannot be done any more (a member who left, a label that
    /// was deleted) is passed over.
    "TransitionEffect" for EffectNode, cx Snapshot {
        /// What it does.
        "kind" kind: TransitionEffectKind = |effect, _| match effect.0 {
            Effect::Priority(_) => TransitionEffectKind::SetPriority,
            Effect::Estimate(_) => TransitionEffectKind::SetEstimate,
            Effect::DueIn(_) => TransitionEffectKind::SetDueDate,
            Effect::Assign(_) => TransitionEffectKind::Assign,
            Effect::AddLabel(_) => TransitionEffectKind::AddLabel,
            Effect::RemoveLabel(_) => TransitionEffectKind::RemoveLabel,
            Effect::Comment(_) => TransitionEffectKind::Comment,
        };
        /// The priority of `SET_PRIORITY`.
        "priority" priority: Option<Priority> = |effect, _| match effect.0 {
            Effect::Priority(to) => Some(to.into()),
            _ => None,
        };
        /// The size of `SET_ESTIMATE`; null takes it away.
        "estimate" estimate: Option<u32> = |effect, _| match effect.0 {
            Effect::Estimate(to) => to,
            _ => None,
        };
        /// The days of `SET_DUE_DATE`; null takes the date away.
        "dueInDays" due_in_days: Option<u32> = |effect, _| match effect.0 {
            Effect::DueIn(days) => days.map(u32::from),
            _ => None,
        };
        /// Who gets the work by `ASSIGN`, where it is not a certain member.
        "assignTo" assign_to: Option<TransitionAssignee> = |effect, _| match effect.0 {
            Effect::Assign(Assignee::Actor) => Some(TransitionAssignee::Actor),
            Effect::Assign(Assignee::Creator) => Some(TransitionAssignee::Creator),
            _ => None,
        };
        /// The member who gets the work by `ASSIGN`.
        "member" member: Option<Row<MemberNode>> = |effect, cx| match effect.0 {
            Effect::Assign(Assignee::Member(id)) => MemberNode::find(cx, id),
            _ => None,
        };
        /// The label of `ADD_LABEL` and `REMOVE_LABEL`.
        "label" label: Option<Row<LabelNode>> = |effect, cx| match effect.0 {
            Effect::AddLabel(id) | Effect::RemoveLabel(id) => {
                cx.directory().label(id).cloned().map(|label| Row(LabelNode(label)))
            }
            _ => None,
        };
        /// The text of `COMMENT`, in markdown.
        "comment" comment: Option<&str> = |effect, _| match &effect.0 {
            Effect::Comment(text) => Some(text.as_str()),
            _ => None,
        };
    }
}

/// Who must have approved a move, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct ApprovalRuleNode(pub(crate) ApprovalRule);

crate::lean_object! {
    /// Who must have approved a move. Those who asked for the approval cannot give it, and only approvals of those count
    /// who have one of the roles when the issue is moved.
    "ApprovalRule" for ApprovalRuleNode, cx Snapshot {
        /// How many members.
        "count" count: u32 = |rule, _| rule.0.count;
        /// The roles, of which each has one.
        "roles" roles: Vec<Role> = |rule, _| rule.0.roles.iter().map(|role| (*role).into()).collect();
    }
}
