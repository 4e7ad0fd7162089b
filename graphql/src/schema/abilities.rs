//! What who asks may do with a thing, so that a client shows no button that is refused.
//!
//! The role's answer: a rule of the moment (a workflow's moves, the hour in which one may delete one's own issue) can
//! still refuse.

use crate::context::Snapshot;
use mortise_engine::access::Action;
use mortise_engine::id::MemberId;
use mortise_engine::model::{Comment, Issue};
use mortise_engine::saved_view::{SavedView, ready_made_view};

/// The answer for one thing: whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IssueAbilities {
    owner: MemberId,
    is_open: bool,
}

impl IssueAbilities {
    /// For this issue. Nobody changes the issues of an archived team.
    pub(crate) fn of(cx: &Snapshot, issue: &Issue) -> Self {
        let is_open = cx.directory().team(issue.team).is_some_and(|team| team.archived_at.is_none());
        Self { owner: issue.creator, is_open }
    }

    fn may(self, cx: &Snapshot, action: Action) -> bool {
        self.is_open && cx.reader().policy().may(action, Some(self.owner))
    }
}

crate::lean_object! {
    /// What who asks may do with an issue, by their role. A rule of the moment can still refuse: a move that the workflow
    /// does not have, or deleting one's own issue after an hour.
    "IssueAbilities" for IssueAbilities, cx Snapshot {
        /// Change its fields.
        "update" update: bool = |issue, cx| issue.may(cx, Action::UpdateIssue);
        /// Say who works on it.
        "assign" assign: bool = |issue, cx| issue.may(cx, Action::AssignIssue);
        /// Move it to another state.
        "transition" transition: bool = |issue, cx| issue.may(cx, Action::TransitionIssue);
        /// Put it into the archive and take it out.
        "archive" archive: bool = |issue, cx| issue.may(cx, Action::ArchiveIssue);
        /// Delete it.
        "delete" delete: bool = |issue, cx| issue.may(cx, Action::DeleteIssue);
        /// Take it back when it is deleted.
        "restore" restore: bool = |issue, cx| issue.may(cx, Action::RestoreIssue);
        /// Write a comment on it.
        "comment" comment: bool = |issue, cx| issue.may(cx, Action::CreateComment);
    }
}

/// The answer for one comment: whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommentAbilities(MemberId);

impl CommentAbilities {
    /// For this comment.
    pub(crate) const fn of(comment: &Comment) -> Self {
        Self(comment.author)
    }
}

crate::lean_object! {
    /// What who asks may do with a comment, by their role.
    "CommentAbilities" for CommentAbilities, cx Snapshot {
        /// Edit its text.
        "update" update: bool = |comment, cx| cx.reader().policy().may(Action::EditComment, Some(comment.0));
        /// Delete it.
        "delete" delete: bool = |comment, cx| cx.reader().policy().may(Action::DeleteComment, Some(comment.0));
    }
}

/// The answer for one saved view: whose it is, unless it is one that nobody may change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ViewAbilities(Option<MemberId>);

impl ViewAbilities {
    /// For this view.
    pub(crate) fn of(view: &SavedView) -> Self {
        Self(Some(view.owner).filter(|_| ready_made_view(view.id).is_none()))
    }

    fn may(self, cx: &Snapshot) -> bool {
        self.0.is_some_and(|owner| cx.reader().policy().may(Action::ManageView, Some(owner)))
    }
}

crate::lean_object! {
    /// What who asks may do with a saved view, by their role.
    "ViewAbilities" for ViewAbilities, cx Snapshot {
        /// Change it.
        "update" update: bool = |view, cx| view.may(cx);
        /// Delete it.
        "delete" delete: bool = |view, cx| view.may(cx);
    }
}
