//! An issue's history as what somebody was about to do each time: the proposals that a plugin would have been asked about.
//!
//! Pure: it folds events that somebody else has read.

use mortise_engine::event::{Event, EventBody, IssueChange};
use mortise_engine::hooks::Proposal;
use mortise_engine::model::{HookPoint, Issue};
use std::sync::Arc;

/// One issue on its way through its history.
#[derive(Debug)]
pub(super) struct Past {
    row: Option<Arc<Issue>>,
    /// The whole text, which a row may hold in part only.
    description: Option<String>,
}

impl Past {
    /// Before the first event.
    pub(super) const fn new() -> Self {
        Self { row: None, description: None }
    }

    /// Takes the next event, and says what was proposed by it; nothing for what plugins are not asked about, and for all that
    /// follows when the first event is not there.
    pub(super) fn take(&mut self, event: &Event) -> Option<Proposal> {
        let body = event.body.as_ref();
        if let Some(EventBody::IssueCreated { issue, description }) = body {
            let mut row = Issue::clone(issue);
            row.set_description(description.as_deref());
            self.description.clone_from(description);
            return Some(self.became(HookPoint::Create, None, Arc::new(row), Vec::new()));
        }
        let before = self.row.clone()?;
        let mut after = Issue::clone(&before);
        after.take(event);
        let after = Arc::new(after);
        match body {
            Some(EventBody::IssueUpdated { changes }) => {
                for change in changes {
                    if let IssueChange::Description { to, .. } = change {
                        self.description.clone_from(to);
                    }
                }
                let moved = changes.iter().any(|change| matches!(change, IssueChange::State { .. }));
                let point = if moved { HookPoint::Transition } else { HookPoint::Update };
                let proposal = self.became(point, Some(before), after, changes.clone());
                changes.iter().any(is_asked_about).then_some(proposal)
            }
            Some(EventBody::CommentCreated { comment }) => {
                let mut proposal = self.became(HookPoint::Comment, Some(before.clone()), after, Vec::new());
                // The comment is not there yet.
                proposal.after = before;
                proposal.comment = Some(comment.body.clone());
                Some(proposal)
            }
            _ => {
                self.row = Some(after);
                None
            }
        }
    }

    fn became(
        &mut self,
        point: HookPoint,
        before: Option<Arc<Issue>>,
        after: Arc<Issue>,
        changes: Vec<IssueChange>,
    ) -> Proposal {
        self.row = Some(after.clone());
        let description = Some(self.description.clone().unwrap_or_default());
        Proposal { point, before, after, description, changes, comment: None }
    }
}

/// Whether a change is one that people make of an issue, and not what follows from others or keeps its place.
const fn is_asked_about(change: &IssueChange) -> bool {
    !matches!(
        change,
        IssueChange::Referenced { .. }
            | IssueChange::Rank(_)
            | IssueChange::Flow { .. }
            | IssueChange::Approval(_)
            | IssueChange::Deleted(_)
            | IssueChange::Archived(_)
    )
}
