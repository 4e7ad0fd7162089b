//! What changes, and what somebody is about to do, as guests get it.

use super::{Sight, state_ref};
use crate::host::wit::{self, Change, Value};
use mortise_engine::event::IssueChange;
use mortise_engine::hooks::Proposal;
use mortise_engine::id::{IssueId, StateId};
use mortise_engine::model::HookPoint;
use std::fmt::Display;

/// Bytes of a text in a change.
const TEXT_BYTES_MAX: usize = 32 << 10;

/// Changes that may be told, those of the state included.
#[must_use]
pub(crate) fn changes(sight: &Sight, changes: &[IssueChange]) -> Vec<Change> {
    changes.iter().filter_map(|one| change(sight, one)).collect()
}

/// A change as it may be told; none when nothing of it may.
#[must_use]
fn change(sight: &Sight, change: &IssueChange) -> Option<Change> {
    let told = |key: &str, before: Option<Value>, after: Option<Value>| {
        Some(Change { key: key.to_owned(), before, after })
    };
    let word = |word: &'static str| Some(Value::Text(word.to_owned()));
    let seen = |id: &Option<IssueId>| id.filter(|id| sight.sees(*id));
    match change {
        IssueChange::Title(c) => told("title", text(&c.from), text(&c.to)),
        IssueChange::Description { to, .. } => told("description", None, to.as_deref().and_then(text)),
        IssueChange::Kind(c) => told("kind", word(c.from.as_str()), word(c.to.as_str())),
        IssueChange::State { state, .. } => told("state", reference(state.from), reference(state.to)),
        IssueChange::Resolution(c) => {
            let name = |r: Option<mortise_engine::model::Resolution>| r.and_then(|r| word(r.as_str()));
            told("resolution", name(c.from), name(c.to))
        }
        IssueChange::Priority(c) => told("priority", word(c.from.as_str()), word(c.to.as_str())),
        IssueChange::Assignees(c) => told("assignees", references(&c.from), references(&c.to)),
        IssueChange::Labels(c) => told("labels", references(&c.from), references(&c.to)),
        IssueChange::Parent(c) => {
            let (from, to) = (seen(&c.from), seen(&c.to));
            if from == to { None } else { told("parent", from.and_then(reference), to.and_then(reference)) }
        }
        IssueChange::Estimate(c) => {
            let number = |n: Option<u32>| n.map(|n| Value::Number(n.into()));
            told("estimate", number(c.from), number(c.to))
        }
        IssueChange::StartDate(c) => told("start-date", day(c.from), day(c.to)),
        IssueChange::DueDate(c) => told("due-date", day(c.from), day(c.to)),
        IssueChange::Rank(c) => told("rank", text(&c.from), text(&c.to)),
        IssueChange::Archived(c) => told("archived", is(c.from.is_some()), is(c.to.is_some())),
        IssueChange::Deleted(c) => told("deleted", is(c.from.is_some()), is(c.to.is_some())),
        IssueChange::Confidential(c) => told("confidential", is(c.from.is_some()), is(c.to.is_some())),
        IssueChange::Relations(c) => {
            let others = |of: &[mortise_engine::model::Relation]| -> Vec<IssueId> {
                of.iter().map(|relation| relation.to).filter(|id| sight.sees(*id)).collect()
            };
            let (from, to) = (others(&c.from), others(&c.to));
            if from == to { None } else { told("relations", references(&from), references(&to)) }
        }
        IssueChange::Referenced { by, added, .. } => {
            let by = Some(*by).filter(|by| sight.sees(*by)).and_then(reference)?;
            if *added { told("referenced", None, Some(by)) } else { told("referenced", Some(by), None) }
        }
        IssueChange::Flow { workflow, .. } => {
            told("workflow", reference(workflow.from), reference(workflow.to))
        }
        IssueChange::Approval(c) => {
            let state =
                |a: &Option<Box<mortise_engine::model::Approval>>| a.as_ref().and_then(|a| reference(a.to));
            told("approval", state(&c.from), state(&c.to))
        }
    }
}

/// What somebody is about to do.
#[must_use]
pub(crate) fn proposal(sight: &Sight, proposal: &Proposal) -> wit::Proposal {
    match proposal.point {
        HookPoint::Create => wit::Proposal::Create,
        HookPoint::Comment => {
            let comment = proposal.comment.as_deref().unwrap_or_default();
            let end = comment.floor_char_boundary(TEXT_BYTES_MAX);
            wit::Proposal::Comment(comment.get(..end).unwrap_or_default().to_owned())
        }
        HookPoint::Update => wit::Proposal::Update(changes(sight, &proposal.changes)),
        HookPoint::Transition => {
            let from = proposal.before.as_ref().map_or(proposal.after.state, |before| before.state);
            let others = proposal.changes.iter().filter(|c| !matches!(c, IssueChange::State { .. }));
            wit::Proposal::Transition(wit::Transition {
                from: state(sight, from),
                to: state(sight, proposal.after.state),
                changes: others.filter_map(|one| change(sight, one)).collect(),
            })
        }
    }
}

/// The state with this id; of one that is not there the id alone.
fn state(sight: &Sight, id: StateId) -> wit::StateRef {
    let unknown = || wit::StateRef {
        id: id.to_string(),
        key: String::new(),
        name: String::new(),
        category: wit::Category::Unknown,
    };
    sight.directory().state(id).map_or_else(unknown, state_ref)
}

fn text(text: &(impl AsRef<str> + ?Sized)) -> Option<Value> {
    let text = text.as_ref();
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).map(|text| Value::Text(text.to_owned()))
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where there may be nothing")]
fn reference(id: impl Display) -> Option<Value> {
    Some(Value::Reference(id.to_string()))
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where there may be nothing")]
fn references<T: Display>(ids: &[T]) -> Option<Value> {
    Some(Value::References(ids.iter().map(ToString::to_string).collect()))
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where there may be nothing")]
fn is(is: bool) -> Option<Value> {
    Some(Value::Boolean(is))
}

fn day(day: Option<mortise_engine::time::CalendarDate>) -> Option<Value> {
    day.map(|day| Value::Day(day.to_string()))
}
