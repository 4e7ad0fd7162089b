//! Deleting an issue, and taking it back.

use super::{IssueRef, open_team};
use crate::access::Action;
use crate::command::{Command, Reads, World};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Change, IssueChange};
use crate::model::Role;

/// For so long after making it may a user delete an issue of their own: one hour.
const OWN_DELETE_MS: i64 = 60 * 60 * 1000;

/// Deletes an issue. It can be restored; its number is never given again.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct DeleteIssue {
    /// Which.
    #[n(0)]
    pub issue: IssueRef,
    /// The version it was read at; another one is a conflict.
    #[n(1)]
    pub if_version: Option<u64>,
}

impl Command for DeleteIssue {
    fn operation(&self) -> &'static str {
        "issueDelete"
    }

    fn reads(&self) -> Reads {
        Reads { issues: vec![self.issue.clone()], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let issue = world.issue(&self.issue)?;
        world.expect_version(&self.issue.to_string(), self.if_version, issue.version)?;
        let owner = issue.creator;
        let permit = world.policy.authorize(Action::DeleteIssue, issue, Some(owner))?;
        open_team(world, permit.resource().team)?;
        let age = world.now.millis().saturating_sub(permit.resource().created_at.millis());
        if world.policy.role() == Role::User && age > OWN_DELETE_MS {
            return Err(Error::forbidden("delete this issue: it is older than an hour; ask an admin"));
        }
        let mut draft = Draft::new();
        let change = Change { from: None, to: Some(world.now) };
        draft.update_issue(permit, vec![IssueChange::Deleted(change)]);
        Ok(draft)
    }
}

/// Takes a deleted issue back. One that is not deleted stays as it is.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct RestoreIssue {
    /// Which.
    #[n(0)]
    pub issue: IssueRef,
}

impl Command for RestoreIssue {
    fn operation(&self) -> &'static str {
        "issueRestore"
    }

    fn reads(&self) -> Reads {
        Reads { issues: vec![self.issue.clone()], ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let issue = world.issue_even_deleted(&self.issue)?;
        let owner = issue.creator;
        let deleted_at = issue.deleted_at;
        let permit = world.policy.authorize(Action::RestoreIssue, issue, Some(owner))?;
        open_team(world, permit.resource().team)?;
        let mut draft = Draft::new();
        let change = deleted_at.map(|_| IssueChange::Deleted(Change { from: deleted_at, to: None }));
        draft.update_issue(permit, change.into_iter().collect());
        Ok(draft)
    }
}
