//! Commands on approvals: asking that others approve a move, approving it, taking either back.
//!
//! Who may approve, and how many it takes, the move says; whether an approval counts is judged when the issue is moved.

use super::issue::open_team;
use super::{Command, IssueRef, Reads, World};
use crate::access::{Action, Authorized};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Change, IssueChange};
use crate::id::{MemberId, StateId};
use crate::model::{Approval, ApprovalGrant, ApprovalRule, Issue};
use std::sync::Arc;

/// The field that names the state.
const STATE: &str = "stateId";

/// Approvals that lie with one issue, those of all its moves together: its row is small.
const GRANTS_MAX: usize = 200;

/// Asks that others approve the move of an issue to a state. Where that was asked already, nothing changes.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct RequestApproval {
    /// Which issue.
    #[n(0)]
    pub issue: IssueRef,
    /// The state that the move leads to.
    #[n(1)]
    pub to: StateId,
}

impl Command for RequestApproval {
    fn operation(&self) -> &'static str {
        "approvalRequest"
    }

    fn reads(&self) -> Reads {
        Reads { issues: vec![self.issue.clone()], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = permit(world, &self.issue)?;
        rule(world, permit.resource(), self.to)?;
        let asked = permit.resource().approval_to(self.to).is_some();
        let approval =
            Approval { to: self.to, requester: permit.by(), requested_at: world.now, grants: Vec::new() };
        let change = (!asked).then(|| change(None, Some(approval)));
        let mut draft = Draft::new();
        draft.update_issue(permit, change.into_iter().collect());
        Ok(draft)
    }
}

/// Approves the move of an issue to a state, when that was asked for. Who approves twice has approved once.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct GrantApproval {
    /// Which issue.
    #[n(0)]
    pub issue: IssueRef,
    /// The state that the move leads to.
    #[n(1)]
    pub to: StateId,
}

impl Command for GrantApproval {
    fn operation(&self) -> &'static str {
        "approvalGrant"
    }

    fn reads(&self) -> Reads {
        Reads { issues: vec![self.issue.clone()], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = permit(world, &self.issue)?;
        let rule = rule(world, permit.resource(), self.to)?;
        let approval = asked(permit.resource(), self.to)?;
        let member = approver(world, rule, approval)?;
        let given = approval.grants.iter().any(|grant| grant.member == member);
        if !given {
            room(permit.resource())?;
        }
        let change = (!given).then(|| {
            let mut after = approval.clone();
            after.grants.push(ApprovalGrant { member, at: world.now });
            change(Some(approval), Some(after))
        });
        let mut draft = Draft::new();
        draft.update_issue(permit, change.into_iter().collect());
        Ok(draft)
    }
}

/// Takes back what one said: who approved, their approval; who asked for it, or manages workflows, the whole question with
/// all that was answered.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct WithdrawApproval {
    /// Which issue.
    #[n(0)]
    pub issue: IssueRef,
    /// The state that the move leads to.
    #[n(1)]
    pub to: StateId,
}

impl Command for WithdrawApproval {
    fn operation(&self) -> &'static str {
        "approvalWithdraw"
    }

    fn reads(&self) -> Reads {
        Reads { issues: vec![self.issue.clone()], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = permit(world, &self.issue)?;
        let approval = asked(permit.resource(), self.to)?;
        let mine = |grant: &ApprovalGrant| Some(grant.member) == permit.by();
        let after = if approval.grants.iter().any(mine) {
            let mut after = approval.clone();
            after.grants.retain(|grant| !mine(grant));
            Some(after)
        } else if approval.requester == permit.by() || world.policy.may(Action::ManageWorkflows, None) {
            None
        } else {
            return Err(Error::forbidden("take back an approval that you neither asked for nor gave"));
        };
        let change = change(Some(approval), after);
        let mut draft = Draft::new();
        draft.update_issue(permit, vec![change]);
        Ok(draft)
    }
}

/// An issue, with leave to say something about its moves.
fn permit(world: &World<'_>, issue: &IssueRef) -> Result<Authorized<Arc<Issue>>> {
    let issue = world.issue(issue).map_err(|error| error.with_field("issueId"))?;
    open_team(world, issue.team)?;
    let creator = issue.creator;
    world.policy.authorize(Action::TransitionIssue, issue, Some(creator))
}

/// What the move of an issue to this state asks of approvers.
fn rule<'w>(world: &'w World<'_>, issue: &Issue, to: StateId) -> Result<&'w ApprovalRule> {
    let flow = world.flow(issue)?;
    let (state, listed) = crate::workflow::fit(&flow, issue.state, to)?;
    listed.and_then(|listed| listed.approvals.as_ref()).ok_or_else(|| {
        let key = world.directory.identifier(issue.team, issue.number);
        let message = format!("moving {key} to `{}` takes no approval: just move it", state.name);
        Error::rejected(message).with_field(STATE)
    })
}

/// The approval that was asked for.
fn asked(issue: &Issue, to: StateId) -> Result<&Approval> {
    issue
        .approval_to(to)
        .ok_or_else(|| Error::not_found("the request to approve this move").with_field(STATE))
}

/// Refuses when as many approvals lie with an issue as can.
fn room(issue: &Issue) -> Result<()> {
    let given: usize = issue.approvals.iter().map(|approval| approval.grants.len()).sum();
    if given < GRANTS_MAX {
        return Ok(());
    }
    let message =
        format!("{GRANTS_MAX} approvals lie with this issue, and no more fit: move it, or take some back");
    Err(Error::rejected(message).with_field(STATE))
}

/// Who approves: a member with one of the roles, and not who asked.
fn approver(world: &World<'_>, rule: &ApprovalRule, approval: &Approval) -> Result<MemberId> {
    let Some(member) = world.policy.member() else {
        return Err(Error::forbidden("approve in the name of nobody: approvals are given by members"));
    };
    if approval.requester == Some(member) {
        return Err(
            Error::rejected("you asked for this approval: somebody else must give it").with_field(STATE)
        );
    }
    if !rule.roles.contains(&world.policy.role()) {
        let roles: Vec<_> = rule.roles.iter().map(|role| role.as_str()).collect();
        let message = format!("approve this move: it takes the role {}", roles.join(" or "));
        return Err(Error::forbidden(message).with_field(STATE));
    }
    Ok(member)
}

fn change(from: Option<&Approval>, to: Option<Approval>) -> IssueChange {
    IssueChange::Approval(Change { from: from.cloned().map(Box::new), to: to.map(Box::new) })
}
