//! From an event to the items that it makes in the history of its issue.
//!
//! A new change of the engine needs one arm here and one entry in the table of types.

use super::{
    CommentCreatedEvent, CommentDeletedEvent, CommentEditedEvent, Common, ErasedEvent,
    IssueApprovalChangedEvent, IssueArchivedEvent, IssueAssigneesChangedEvent,
    IssueConfidentialityChangedEvent, IssueCreatedEvent, IssueDeletedEvent, IssueDescriptionChangedEvent,
    IssueDueDateChangedEvent, IssueEstimateChangedEvent, IssueHistoryItem, IssueLabelsChangedEvent,
    IssueParentChangedEvent, IssuePriorityChangedEvent, IssueRankChangedEvent, IssueRelationsChangedEvent,
    IssueResolutionChangedEvent, IssueRestoredEvent, IssueStartDateChangedEvent, IssueStateChangedEvent,
    IssueTitleChangedEvent, IssueTypeChangedEvent, IssueUnarchivedEvent, IssueWorkflowChangedEvent,
};
use crate::context::Snapshot;
use crate::lean::{Row, Rows};
use crate::schema::issue_transition::ApprovalNode;
use crate::schema::label::LabelNode;
use crate::schema::member::MemberNode;
use crate::schema::relation::RelationChangeNode;
use crate::schema::scalar::{self, Date};
use crate::schema::workflow_state::StateNode;
use crate::schema::workflow_version::VersionNode;
use mortise_engine::event::{Change, Event, EventBody, IssueChange};
use mortise_engine::filter::Link;
use mortise_engine::id::{IssueId, LabelId, MemberId, StateId, WorkflowVersionId};
use mortise_engine::model::{Approval, Relation};

/// How many items an event makes.
pub(in crate::schema) fn count(event: &Event) -> usize {
    match &event.body {
        Some(EventBody::IssueUpdated { changes }) => changes.len(),
        _ => 1,
    }
}

/// The items of an event, in the order in which a history shows them: the last change first.
pub(in crate::schema) fn items(cx: &Snapshot, event: &Event) -> Vec<IssueHistoryItem> {
    let Some(EventBody::IssueUpdated { changes }) = &event.body else {
        return vec![whole(cx, event)];
    };
    let item = |(index, change): (usize, &IssueChange)| {
        of_change(cx, Common::of(cx, event, Some((index, change.field()))), change)
    };
    changes.iter().enumerate().rev().map(item).collect()
}

/// The item of an event that is no change of fields.
fn whole(cx: &Snapshot, event: &Event) -> IssueHistoryItem {
    let common = Common::of(cx, event, None);
    match &event.body {
        Some(EventBody::IssueCreated { issue, .. }) => {
            let state = StateNode::of(&cx.directory(), issue.state);
            IssueCreatedEvent::item(common, issue.title.clone(), Row(state))
        }
        Some(EventBody::CommentCreated { comment }) => {
            CommentCreatedEvent::item(common, scalar::global(comment.id))
        }
        Some(EventBody::CommentEdited { comment, .. }) => {
            CommentEditedEvent::item(common, scalar::global(*comment))
        }
        Some(EventBody::CommentDeleted { comment, .. }) => {
            CommentDeletedEvent::item(common, scalar::global(*comment))
        }
        // No other event is about an issue.
        _ => ErasedEvent::item(common),
    }
}

fn of_change(cx: &Snapshot, common: Common, change: &IssueChange) -> IssueHistoryItem {
    let state = |id| Row(StateNode::of(&cx.directory(), id));
    match change {
        IssueChange::Title(Change { from, to }) => {
            IssueTitleChangedEvent::item(common, from.clone(), to.clone())
        }
        IssueChange::Description { to, .. } => IssueDescriptionChangedEvent::item(common, to.clone()),
        IssueChange::Kind(Change { from, to }) => {
            IssueTypeChangedEvent::item(common, (*from).into(), (*to).into())
        }
        IssueChange::State { state: Change { from, to }, category, .. } => IssueStateChangedEvent::item(
            common,
            state(*from),
            state(*to),
            category.from.into(),
            category.to.into(),
        ),
        IssueChange::Resolution(Change { from, to }) => {
            IssueResolutionChangedEvent::item(common, from.map(Into::into), to.map(Into::into))
        }
        IssueChange::Priority(Change { from, to }) => {
            IssuePriorityChangedEvent::item(common, (*from).into(), (*to).into())
        }
        IssueChange::Assignees(change) => assignees(cx, common, change),
        IssueChange::Labels(change) => labels(cx, common, change),
        IssueChange::Parent(Change { from, to }) => {
            IssueParentChangedEvent::item(common, from.map(scalar::global), to.map(scalar::global))
        }
        IssueChange::Estimate(Change { from, to }) => IssueEstimateChangedEvent::item(common, *from, *to),
        IssueChange::StartDate(Change { from, to }) => {
            IssueStartDateChangedEvent::item(common, from.map(Date), to.map(Date))
        }
        IssueChange::DueDate(Change { from, to }) => {
            IssueDueDateChangedEvent::item(common, from.map(Date), to.map(Date))
        }
        IssueChange::Rank(Change { from, to }) => {
            IssueRankChangedEvent::item(common, from.clone(), to.clone())
        }
        IssueChange::Confidential(Change { from, to }) => {
            let named = to.as_ref().map(|to| to.participants.as_slice()).unwrap_or_default();
            let named = MemberNode::all(cx, named);
            IssueConfidentialityChangedEvent::item(common, from.is_some(), to.is_some(), named)
        }
        IssueChange::Flow { workflow, version } => {
            let node = |workflow, version: Option<WorkflowVersionId>| {
                let id = version.unwrap_or(WorkflowVersionId::first_of(workflow));
                VersionNode::of(&cx.directory(), id).map(Row)
            };
            let (from, to) = (node(workflow.from, version.from), node(workflow.to, version.to));
            IssueWorkflowChangedEvent::item(common, from, to)
        }
        IssueChange::Approval(Change { from, to }) => approval(cx, common, from.as_deref(), to.as_deref()),
        IssueChange::Archived(Change { to: Some(_), .. }) => IssueArchivedEvent::item(common),
        IssueChange::Archived(_) => IssueUnarchivedEvent::item(common),
        IssueChange::Deleted(Change { to: Some(_), .. }) => IssueDeletedEvent::item(common),
        IssueChange::Deleted(_) => IssueRestoredEvent::item(common),
        IssueChange::Relations(change) => relations(common, change),
        IssueChange::Referenced { by, kind, added } => {
            let seen = related(Link { kind: *kind, reversed: true }, *by);
            let (came, went) = if *added { (vec![seen], Vec::new()) } else { (Vec::new(), vec![seen]) };
            IssueRelationsChangedEvent::item(common, Rows(came), Rows(went))
        }
    }
}

fn approval(
    cx: &Snapshot,
    common: Common,
    from: Option<&Approval>,
    to: Option<&Approval>,
) -> IssueHistoryItem {
    // One of the two is there: an approval that neither was nor became is no change.
    let id = to.or(from).map_or(StateId::from_uuid(uuid::Uuid::nil()), |approval| approval.to);
    let state = Row(StateNode::of(&cx.directory(), id));
    let node = |approval: Option<&Approval>| approval.map(|approval| Row(ApprovalNode::then(approval)));
    IssueApprovalChangedEvent::item(common, state, node(from), node(to))
}

fn assignees(cx: &Snapshot, common: Common, change: &Change<Vec<MemberId>>) -> IssueHistoryItem {
    let (added, removed) = difference(change);
    let nodes = |ids: &[MemberId]| MemberNode::all(cx, ids);
    IssueAssigneesChangedEvent::item(common, nodes(&added), nodes(&removed), nodes(&change.to))
}

fn labels(cx: &Snapshot, common: Common, change: &Change<Vec<LabelId>>) -> IssueHistoryItem {
    let (added, removed) = difference(change);
    IssueLabelsChangedEvent::item(common, LabelNode::all(cx, &added), LabelNode::all(cx, &removed))
}

fn relations(common: Common, change: &Change<Vec<Relation>>) -> IssueHistoryItem {
    let (added, removed) = difference(change);
    let nodes = |relations: Vec<Relation>| {
        relations.into_iter().map(|r| related(Link { kind: r.kind, reversed: false }, r.to)).collect()
    };
    IssueRelationsChangedEvent::item(common, nodes(added), nodes(removed))
}

const fn related(link: Link, issue: IssueId) -> RelationChangeNode {
    RelationChangeNode { link, issue }
}

/// What came and what went.
fn difference<T: Copy + PartialEq>(change: &Change<Vec<T>>) -> (Vec<T>, Vec<T>) {
    let without = |list: &[T], other: &[T]| list.iter().filter(|x| !other.contains(x)).copied().collect();
    (without(&change.to, &change.from), without(&change.from, &change.to))
}
