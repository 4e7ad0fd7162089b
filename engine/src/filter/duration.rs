//! How long things take an issue: the rule that filters and rows share. It knows no view.

use super::{DurationField, Span};
use crate::model::Issue;
use crate::time::Timestamp;

impl DurationField {
    /// How long it took this issue, or takes at this moment; none where it does not apply.
    #[must_use]
    pub fn of(self, issue: &Issue, now: Timestamp) -> Option<Span> {
        let between =
            |from: Timestamp, to: Timestamp| Span::from_millis(to.millis().saturating_sub(from.millis()));
        match self {
            Self::Cycle => Some(between(issue.started_at?, issue.completed_at?)),
            Self::Lead => Some(between(issue.created_at, issue.completed_at?)),
            Self::Triage => Some(between(issue.created_at, issue.triaged_at?)),
            Self::Age => (!issue.category.is_terminal()).then(|| between(issue.created_at, now)),
            Self::InState => Some(between(issue.in_state_since(), now)),
        }
    }
}
