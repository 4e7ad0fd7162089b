//! Changing many issues in the same way.

use super::{IssuePatch, IssueRef};
use crate::access::Action;
use crate::command::{Command, Reads, World};
use crate::draft::{Draft, UserError};
use crate::error::{Error, Result};

/// Bulk changes of up to so many issues are open to every role.
const SMALL_BULK_MAX: usize = 50;

/// Issues that one batch of the store changes: each is a row and an event, and a batch holds 100 keys.
pub(crate) const PER_BATCH: usize = 40;

/// Issues that one batch of the store changes where their moves write comments: to each belong another event and two rows.
pub(crate) const COMMENTING_MAX: usize = 16;

/// Changes several issues in the same way, in one batch. Larger best-effort requests are cut into several of these.
#[derive(Debug, Clone, PartialEq, minicbor::Encode)]
pub struct UpdateIssues {
    /// Which, each once.
    #[n(0)]
    pub issues: Vec<IssueRef>,
    /// What to change in each.
    #[n(1)]
    pub patch: IssuePatch,
    /// All or none; else each that can be changed is.
    #[n(2)]
    pub atomic: bool,
    /// How many issues the whole request names, of which this is a part.
    #[n(3)]
    pub request_size: u32,
    /// The place of the first issue here in the whole request.
    #[n(4)]
    pub first_index: u32,
}

impl Command for UpdateIssues {
    fn operation(&self) -> &'static str {
        "issueBatchUpdate"
    }

    fn reads(&self) -> Reads {
        let parent = self.patch.parent.clone().flatten();
        Reads { issues: self.issues.iter().cloned().chain(parent).collect(), ..Reads::default() }
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let size = self.issues.len().max(self.request_size as usize);
        let large = size > SMALL_BULK_MAX;
        let action = if large { Action::BulkUpdateLarge } else { Action::BulkUpdate };
        world.policy.authorize(action, (), None)?;
        let mut draft = Draft::new();
        let (mut seen, mut comments) = (Vec::with_capacity(self.issues.len()), false);
        for (index, issue) in (self.first_index as usize..).zip(&self.issues) {
            match self.one(world, issue, &mut seen, &mut draft) {
                Ok(commenting) => comments |= commenting,
                Err(error) if self.atomic => return Err(error.at_item(index)),
                Err(error) => UserError::of_item(&error, index).for_each(|one| draft.refuse(one)),
            }
        }
        if comments && size > COMMENTING_MAX && self.atomic {
            let message = format!(
                "{size} issues are named: 1 to {COMMENTING_MAX} can be changed at once or not at all by a move that writes comments"
            );
            return Err(Error::invalid("ids", message));
        }
        Ok(draft)
    }
}

impl UpdateIssues {
    /// Changes one of them; says whether that writes comments.
    fn one(
        &self,
        world: &World<'_>,
        issue: &IssueRef,
        seen: &mut Vec<crate::id::IssueId>,
        draft: &mut Draft,
    ) -> Result<bool> {
        let row = world.issue(issue)?;
        if seen.contains(&row.id) {
            return Err(Error::invalid("ids", format!("{issue} is named twice")));
        }
        seen.push(row.id);
        let decided = self.patch.decide(world, row)?;
        let comments = !decided.comments.is_empty();
        decided.write(world, draft)?;
        Ok(comments)
    }
}
