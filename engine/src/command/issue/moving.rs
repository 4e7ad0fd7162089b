//! Moving an issue to another state by the rules of its workflow, whichever command moves it.

use super::fields::push;
use crate::access::{Action, Authorized};
use crate::command::{World, comment};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::event::{Change, IssueChange};
use crate::model::{Comment, Issue, WorkflowState, WorkflowTransition};
use crate::workflow::{Applying, Reason, apply_effects, refusals};
use std::mem::discriminant;
use std::sync::Arc;

/// Changes of an issue with leave to make them, and the comments that follow from them.
pub(in crate::command) struct Decided {
    pub(in crate::command) permit: Authorized<Arc<Issue>>,
    pub(in crate::command) changes: Vec<IssueChange>,
    pub(in crate::command) comments: Vec<String>,
}

impl Decided {
    /// Puts all of it into a draft.
    pub(in crate::command) fn write(self, world: &World<'_>, draft: &mut Draft) -> Result<()> {
        let issue = self.permit.resource().clone();
        draft.update_issue(self.permit, self.changes);
        for body in self.comments {
            let permit = world.policy.authorize(Action::CreateComment, issue.clone(), None)?;
            let comment = Comment {
                id: world.circumstances.fresh_comment(),
                issue: issue.id,
                author: world.policy.member().unwrap_or_else(crate::command::system_member),
                body,
                parent: None,
                created_at: world.now,
                updated_at: world.now,
                edited_at: None,
                deleted_at: None,
                version: 1,
                source: None,
            };
            draft.create_comment(permit, comment);
        }
        Ok(())
    }
}

/// A state that an issue enters by a change, and the rules of that.
pub(super) struct Entering<'w> {
    pub(super) to: &'w WorkflowState,
    pub(super) rules: Option<&'w WorkflowTransition>,
    /// Where it enters another workflow.
    pub(super) anew: Option<Anew>,
}

/// An issue at the beginning of another workflow.
pub(super) struct Anew {
    /// As it would stand there, before it enters another state than the first.
    pub(super) issue: Box<Issue>,
    /// The name of the workflow; none where the state was asked for by name.
    pub(super) guessed: Option<String>,
}

impl Entering<'_> {
    /// Lets it pass by the rules, when all other changes are known; answers the comments that are to be written.
    pub(super) fn pass(
        &self,
        world: &World<'_>,
        issue: &Issue,
        changes: &mut Vec<IssueChange>,
    ) -> Result<Vec<String>> {
        let Some(rules) = self.rules else { return Ok(Vec::new()) };
        let Some(anew) = &self.anew else { return pass(world, issue, rules, self.to, changes) };
        let passed = pass(world, &anew.issue, rules, self.to, changes);
        passed.map_err(|error| match &anew.guessed {
            Some(workflow) => which_state(workflow, &error),
            None => error,
        })
    }
}

/// The refusal of a kind whose workflow does not let the issue in, where nobody said which state it shall enter.
pub(super) fn which_state(workflow: &str, why: &Error) -> Error {
    let message = format!(
        "issues of this type follow the workflow `{workflow}`: {}; say with `stateId` which of its states it enters",
        why.message()
    );
    Error::new(why.code(), message).with_field("type")
}

/// The move of an issue to this state, as a change.
pub(in crate::command) const fn state_change(issue: &Issue, to: &WorkflowState) -> IssueChange {
    IssueChange::State {
        state: Change { from: issue.state, to: to.id },
        category: Change { from: issue.category, to: to.category },
        before: None,
    }
}

/// Lets a move pass by its rules: the guards judge the issue as the other changes leave it, then the effects join the
/// changes. Answers the comments that are to be written.
///
/// # Errors
///
/// `REJECTED` with everything that refuses it.
pub(super) fn pass(
    world: &World<'_>,
    issue: &Issue,
    rules: &WorkflowTransition,
    to: &WorkflowState,
    changes: &mut Vec<IssueChange>,
) -> Result<Vec<String>> {
    if rules.is_plain() || world.circumstances.guards_later {
        return Ok(Vec::new());
    }
    let mut after = changed(world, issue, changes);
    let reasons = refusals(rules, &world.situation(&after));
    if !reasons.is_empty() {
        let key = world.directory.identifier(issue.team, issue.number);
        let message = format!("cannot move {key} to `{}`: {}", to.name, in_words(&reasons));
        return Err(Error::rejected(message).with_field("stateId"));
    }
    if rules.effects.is_empty() {
        return Ok(Vec::new());
    }
    let applying = Applying {
        mover: world.policy.member(),
        today: world.today(),
        directory: world.directory,
        labels_max: world.limits.labels_max,
    };
    let mut comments = apply_effects(rules, &mut after, &applying);
    if comment::room(world, issue, comments.len().saturating_sub(1)).is_err() {
        // As with labels: an issue that is full moves on all the same.
        comments.clear();
    }
    put(changes, &issue.priority, after.priority, IssueChange::Priority);
    put(changes, &issue.estimate, after.estimate, IssueChange::Estimate);
    put(changes, &issue.due_date, after.due_date, IssueChange::DueDate);
    put(changes, &issue.assignees, after.assignees, IssueChange::Assignees);
    put(changes, &issue.labels, after.labels, IssueChange::Labels);
    Ok(comments.into_iter().map(str::to_owned).collect())
}

/// Reasons in a sentence.
pub(super) fn in_words(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// Whoever leaves a state leaves the approvals behind that were given there.
pub(in crate::command) fn end_approvals(issue: &Issue, changes: &mut Vec<IssueChange>) {
    let ended =
        issue.approvals.iter().map(|approval| Change { from: Some(Box::new(approval.clone())), to: None });
    changes.extend(ended.map(IssueChange::Approval));
}

/// The issue with these changes, still in its state.
fn changed(world: &World<'_>, issue: &Issue, changes: &[IssueChange]) -> Issue {
    let mut after = issue.clone();
    for change in changes.iter().filter(|change| !matches!(change, IssueChange::State { .. })) {
        after.apply(std::slice::from_ref(change), issue.last_event, world.now);
    }
    after
}

/// Puts a change of a field in the place of one that may be there.
fn put<T: Clone + PartialEq>(
    changes: &mut Vec<IssueChange>,
    from: &T,
    to: T,
    make: impl Fn(Change<T>) -> IssueChange,
) {
    let kind = discriminant(&make(Change { from: from.clone(), to: from.clone() }));
    changes.retain(|change| discriminant(change) != kind);
    push(changes, from, to, make);
}
