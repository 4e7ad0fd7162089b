//! What a draft would do, looked at before it is written: the rows as they would become, and what is proposed of each issue.

use super::{Draft, Stamp, Stamped};
use crate::event::{Amendment, EventBody, IssueChange, Subject};
use crate::id::IssueId;
use crate::model::{HookPoint, Issue};
use std::sync::Arc;

/// The part of a request that plugins are asked about at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct About {
    /// The issue.
    pub(crate) issue: IssueId,
    /// A new comment on it, and not its fields.
    pub(crate) comment: bool,
}

/// What a draft proposes of one issue.
#[derive(Debug, Clone)]
pub struct ProposedIssue {
    /// What it is.
    pub point: HookPoint,
    /// The issue as it is; none when it is being made.
    pub before: Option<Arc<Issue>>,
    /// The issue as it would become.
    pub after: Arc<Issue>,
    /// Its whole description, where that changes.
    pub description: Option<String>,
    /// What changes; nothing for one that is being made.
    pub changes: Vec<IssueChange>,
    /// The text of a new comment.
    pub comment: Option<String>,
}

impl Draft {
    /// The events and rows that it would make.
    pub(crate) fn preview(&self, stamp: Stamp) -> Stamped {
        Self { facts: self.facts.clone(), ..Self::default() }.stamp(stamp)
    }

    /// Takes all of another draft in, behind what is here.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.records.extend(other.records);
        self.errors.extend(other.errors);
        other.subjects.into_iter().for_each(|subject| self.answer_with(subject));
    }

    /// Says which plugins amended what happens to an issue. It stands at the first fact that holds fields of it.
    pub(crate) fn mark_amended(&mut self, issue: IssueId, amended: Vec<Amendment>) {
        let holds = |body: &EventBody| match body {
            EventBody::CommentCreated { .. } => false,
            other => concerns_plugins(other),
        };
        let about = Subject::Issue(issue);
        if let Some(fact) = self.facts.iter_mut().find(|fact| fact.subject == about && holds(&fact.body)) {
            fact.amended = amended;
        }
    }

    /// What it proposes of each issue, in the order of its facts; a comment apart from what changes beside it.
    pub(crate) fn proposed(&self, stamp: Stamp) -> Vec<ProposedIssue> {
        if !self.facts.iter().any(|fact| concerns_plugins(&fact.body)) {
            return Vec::new();
        }
        let rows = self.preview(stamp).rows;
        let after = |id: IssueId| {
            rows.iter().find_map(|row| match row {
                super::RowWrite::Issue { after, .. } if after.id == id => Some(after.clone()),
                _ => None,
            })
        };
        let mut proposed: Vec<ProposedIssue> = Vec::new();
        for fact in self.facts.iter().filter(|fact| concerns_plugins(&fact.body)) {
            let Subject::Issue(id) = fact.subject else { continue };
            let Some(after) = after(id) else { continue };
            let known = proposed.iter_mut().find(|one| one.after.id == id && one.comment.is_none());
            match (&fact.body, known) {
                (EventBody::IssueCreated { description, .. }, _) => proposed.push(ProposedIssue {
                    point: HookPoint::Create,
                    before: None,
                    after,
                    description: description.clone(),
                    changes: Vec::new(),
                    comment: None,
                }),
                (EventBody::IssueUpdated { changes }, Some(one)) => one.take(changes),
                (EventBody::IssueUpdated { changes }, None) => {
                    let (before, point) = (fact.issue.clone(), HookPoint::Update);
                    let mut one = ProposedIssue {
                        point,
                        before,
                        after,
                        description: None,
                        changes: Vec::new(),
                        comment: None,
                    };
                    one.take(changes);
                    proposed.push(one);
                }
                (EventBody::CommentCreated { comment }, _) => proposed.push(ProposedIssue {
                    point: HookPoint::Comment,
                    before: fact.issue.clone(),
                    after,
                    description: None,
                    changes: Vec::new(),
                    comment: Some(comment.body.clone()),
                }),
                _ => {}
            }
        }
        proposed
    }
}

impl ProposedIssue {
    /// Which part of a request it is, for a refusal.
    pub(crate) fn about(&self) -> About {
        About { issue: self.after.id, comment: self.comment.is_some() }
    }

    /// The fields in which another look at the same issue differs from this one.
    pub(crate) fn fields_unlike(&self, other: &Self) -> Vec<String> {
        let (one, two) = (&self.after, &other.after);
        let described = (&self.description, &one.description, one.description_bytes)
            != (&other.description, &two.description, two.description_bytes);
        let fields = [
            ("title", one.title != two.title),
            ("description", described),
            ("type", one.kind != two.kind),
            ("state", one.state != two.state),
            ("priority", one.priority != two.priority),
            ("assignees", one.assignees != two.assignees),
            ("labels", one.labels != two.labels),
            ("parent", one.parent != two.parent),
            ("estimate", one.estimate != two.estimate),
            ("startDate", one.start_date != two.start_date),
            ("dueDate", one.due_date != two.due_date),
        ];
        fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.to_owned()).collect()
    }

    /// Takes further changes in.
    fn take(&mut self, changes: &[IssueChange]) {
        for change in changes {
            if let IssueChange::Description { to, .. } = change {
                self.description = Some(to.clone().unwrap_or_default());
            }
            if self.point == HookPoint::Create {
                continue;
            }
            if matches!(change, IssueChange::State { .. }) {
                self.point = HookPoint::Transition;
            }
            self.changes.push(change.clone());
        }
    }
}

/// Whether plugins may be asked about this: what follows from changes of others, and the giving of approvals, is not theirs.
fn concerns_plugins(body: &EventBody) -> bool {
    match body {
        EventBody::IssueCreated { .. } | EventBody::CommentCreated { .. } => true,
        EventBody::IssueUpdated { changes } => changes
            .iter()
            .any(|change| !matches!(change, IssueChange::Referenced { .. } | IssueChange::Approval(_))),
        _ => false,
    }
}
