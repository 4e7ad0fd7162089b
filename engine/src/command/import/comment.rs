//! A comment of an import.

use super::{Import, ImportedComment, source};
use crate::access::Action;
use crate::command::comment::{body, room};
use crate::command::issue::open_team;
use crate::error::{Error, Result};
use crate::event::Actor;
use crate::id::{CommentId, IssueId};
use crate::model::Comment;

impl Import<'_> {
    pub(super) fn comment(&mut self, item: &ImportedComment) -> Result<()> {
        if self.world.comments.has(item.id) || self.made.comments.contains_key(&item.id) {
            return Ok(());
        }
        let missing = || Error::not_found(format!("issue {} of comment {}", item.issue, item.source.id));
        let issue = self.made.issues.get(&item.issue).or_else(|| self.world.issues.get(&item.issue)).cloned();
        let Some(issue) = issue else {
            // One that was made confidential since is not for who imports: it takes nothing more.
            return if self.world.index.contains(item.issue) { Ok(()) } else { Err(missing()) };
        };
        if issue.deleted_at.is_some() {
            // Somebody deleted it between two batches: what was said there goes with it.
            return Ok(());
        }
        open_team(self.world, issue.team)?;
        let waiting = self.made.comments.values().filter(|(on, _)| *on == issue.id).count();
        room(self.world, &issue, waiting)?;
        let author = self.known_person(&item.author)?;
        let comment = Comment {
            id: item.id,
            issue: issue.id,
            author,
            body: body(self.world, &item.body)?,
            parent: item.parent.map(|parent| self.thread(issue.id, parent)).transpose()?,
            created_at: item.created_at,
            updated_at: item.updated_at.max(item.created_at),
            edited_at: None,
            deleted_at: None,
            version: 1,
            source: Some(source(&item.source)?),
        };
        self.made.comments.insert(comment.id, (comment.issue, comment.parent));
        self.draft.create_comment(self.world.policy.authorize(Action::Import, issue, None)?, comment);
        self.draft.happened(item.created_at, Actor::Member(author));
        Ok(())
    }

    /// A comment that can be answered: it is on this issue and opens a thread. It may have been deleted since.
    fn thread(&self, issue: IssueId, parent: CommentId) -> Result<CommentId> {
        let made = self.made.comments.get(&parent).copied();
        let there = || self.world.comments.get(parent).map(|comment| (comment.issue, comment.parent));
        match made.or_else(there) {
            Some((on, None)) if on == issue => Ok(parent),
            Some((on, None)) => {
                Err(Error::invalid("parent", format!("comment {parent} is on another issue, {on}")))
            }
            Some((_, Some(top))) => {
                Err(Error::invalid("parent", format!("comment {parent} is an answer itself, to {top}")))
            }
            None => Err(Error::not_found(format!("comment {parent}")).with_field("parent")),
        }
    }
}
