//! The moves that an issue may make, with the reasons for which they are refused, and the approvals that were asked for.

use super::member::MemberNode;
use super::scalar::DateTime;
use super::transition::{ApprovalRuleNode, TransitionNode};
use super::word::TransitionReasonCode;
use super::workflow_state::StateNode;
use super::workflow_version::VersionNode;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::{Row, Rows};
use async_graphql::Context;
use mortise_engine::directory::Directory;
use mortise_engine::model::{Approval, ApprovalGrant, ApprovalRule, Issue};
use mortise_engine::workflow::{Flow, Reason};
use std::sync::Arc;

/// A move out of an issue's state, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct IssueTransitionNode {
    to: StateNode,
    transition: Option<TransitionNode>,
    reasons: Arc<[Reason]>,
}

impl IssueTransitionNode {
    /// The moves of an issue. They are charged for.
    ///
    /// # Errors
    ///
    /// As [`Snapshot::charge`].
    pub(crate) async fn all(cx: &Snapshot, issue: &Arc<Issue>) -> Result<Rows<Self>> {
        // To judge is work, whatever comes of it.
        cx.charge(1)?;
        let refused = cx.forbidden_moves(issue).await;
        let directory = cx.directory();
        let Some(flow) = Flow::of(&directory, issue) else { return Ok(Rows(Vec::new())) };
        let of = match directory.version(flow.id()) {
            Some(version) => VersionNode::new(flow.workflow().clone(), version.clone()),
            None => VersionNode::of_row(flow.workflow()),
        };
        let moves = cx.reader().moves(&directory, issue);
        cx.charged(moves.into_iter().map(|found| Self {
            to: StateNode::newest(flow.workflow(), found.to.id),
            transition: found.transition.map(|listed| TransitionNode::new(listed, of.clone())),
            reasons: {
                let by_plugins = refused.iter().filter(|(state, _)| *state == found.to.id);
                found.reasons.into_iter().chain(by_plugins.map(|(_, reason)| reason.clone())).collect()
            },
        }))
    }
}

crate::lean_object! {
    /// A move out of an issue's state.
    "IssueTransition" for IssueTransitionNode, cx Snapshot {
        /// The state it leads to.
        "to" to: Row<StateNode> = |step, _| Row(step.to.clone());
        /// The move that the workflow lists; null where the mode `OPEN` allows what is not listed.
        "transition" transition: Option<Row<TransitionNode>> = |step, _| step.transition.clone().map(Row);
        /// Whether who asks may make it now.
        "allowed" allowed: bool = |step, _| step.reasons.is_empty();
    }
    stock {
        /// Why it is refused; empty when it is allowed.
        async fn reasons(&self, ctx: &Context<'_>) -> Result<Rows<ReasonNode>> {
            Asked::of(ctx)?.snapshot.charged(self.reasons.iter().cloned().map(ReasonNode))
        }
    }
}

/// A reason, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct ReasonNode(Reason);

crate::lean_object! {
    /// A reason for which a move is refused at the moment.
    "TransitionReason" for ReasonNode, cx Snapshot {
        /// Its kind.
        "code" code: TransitionReasonCode = |reason, _| reason.0.code.into();
        /// What is so, such as `2 blocking issues are open`.
        "message" message: &str = |reason, _| reason.0.message.as_str();
    }
}

/// An approval that was asked for, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct ApprovalNode {
    approval: Arc<Approval>,
    rule: Option<ApprovalRule>,
}

impl ApprovalNode {
    /// The approvals that were asked for an issue's moves.
    pub(crate) fn all(directory: &Directory, issue: &Issue) -> Vec<Self> {
        if issue.approvals.is_empty() {
            return Vec::new();
        }
        let flow = Flow::of(directory, issue);
        let rule = |approval: &Approval| flow?.transition(issue.state, approval.to)?.approvals.clone();
        issue.approvals.iter().map(|a| Self { approval: Arc::new(a.clone()), rule: rule(a) }).collect()
    }

    /// An approval as it was once.
    pub(crate) fn then(approval: &Approval) -> Self {
        Self { approval: Arc::new(approval.clone()), rule: None }
    }
}

crate::lean_object! {
    /// Approval of one move out of an issue's state. It ends when the issue leaves the state.
    "IssueApproval" for ApprovalNode, cx Snapshot {
        /// The state that the move leads to.
        "to" to: Row<StateNode> = |approval, cx| Row(StateNode::of(&cx.directory(), approval.approval.to));
        /// Who asked for it, and cannot give it; null when an operator on a visit or the program that embeds the engine did:
        /// the history says who that was.
        "requester" requester: Option<Row<MemberNode>> = |approval, cx| {
            approval.approval.requester.and_then(|id| MemberNode::find(cx, id))
        };
        /// When it was asked for.
        "requestedAt" requested_at: DateTime = |approval, _| DateTime(approval.approval.requested_at);
        /// What the move asks for; null in a history, and when the workflow asks for nothing any more.
        "rule" rule: Option<Row<ApprovalRuleNode>> = |approval, _| {
            approval.rule.clone().map(|rule| Row(ApprovalRuleNode(rule)))
        };
    }
    stock {
        /// Who approved, in the order in which they did.
        async fn grants(&self, ctx: &Context<'_>) -> Result<Rows<ApprovalGrantNode>> {
            Asked::of(ctx)?.snapshot.charged(self.approval.grants.iter().copied().map(ApprovalGrantNode))
        }
    }
}

/// One member's approval, as the API shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ApprovalGrantNode(ApprovalGrant);

crate::lean_object! {
    /// One member's approval of a move.
    "ApprovalGrant" for ApprovalGrantNode, cx Snapshot {
        /// Who.
        "member" member: Option<Row<MemberNode>> = |grant, cx| MemberNode::find(cx, grant.0.member);
        /// When.
        "at" at: DateTime = |grant, _| DateTime(grant.0.at);
    }
}
