//! An event of the log as an automation gets it: the issue as it stands now, and what changed then.

use crate::convert::{self, Bounds, Sight};
use crate::host::wit::automation::Other;
use crate::host::wit::{self, Commented, Event as WitEvent, Updated};
use mortise_engine::event::{Change, Event, EventBody, IssueChange};
use mortise_engine::model::Issue;
use serde_json::json;
use std::sync::Arc;

/// The event for a guest; none when nothing of it may be told.
pub(crate) fn told(sight: &Sight, event: &Event, issue: wit::Issue) -> Option<WitEvent> {
    let other = |json: serde_json::Value| {
        let name = event.body.as_ref().map(EventBody::name).unwrap_or_default().to_owned();
        Some(WitEvent::Other(Other { name, json: json.to_string() }))
    };
    match event.body.as_ref()? {
        EventBody::IssueCreated { .. } => Some(WitEvent::Created(issue)),
        EventBody::IssueUpdated { changes } if changes.iter().any(is_deletion) => {
            Some(WitEvent::Deleted(issue))
        }
        EventBody::IssueUpdated { changes } => {
            let changes = convert::changes(sight, changes);
            (!changes.is_empty()).then_some(WitEvent::Updated(Updated { issue, changes }))
        }
        EventBody::CommentCreated { comment } => {
            let comment = sight.comment(comment, Bounds::ONE);
            Some(WitEvent::Commented(Commented { issue, comment }))
        }
        EventBody::CommentEdited { comment, body } => other(
            json!({ "issue": issue.id, "comment": comment.to_string(), "body": convert::text(body, 65_536) }),
        ),
        EventBody::CommentDeleted { comment, .. } => {
            other(json!({ "issue": issue.id, "comment": comment.to_string() }))
        }
        _ => None,
    }
}

/// Whether an event may still be acted on, as the issue stands now: what was deleted since is gone, and only that is told.
pub(crate) fn is_timely(event: &Event, row: &Arc<Issue>) -> bool {
    let deletion = || match &event.body {
        Some(EventBody::IssueUpdated { changes }) => changes.iter().any(is_deletion),
        _ => false,
    };
    row.deleted_at.is_none() || deletion()
}

const fn is_deletion(change: &IssueChange) -> bool {
    matches!(change, IssueChange::Deleted(Change { to: Some(_), .. }))
}
