//! What a plugin would have done to something that happened.

use crate::convert;
use crate::host::wit::{self, Edit};
use mortise_engine::id::{IssueId, MemberId};
use mortise_engine::model::Seq;
use mortise_engine::time::Timestamp;
use mortise_engine::words;

words! {
    /// What it would have done.
    BacktestEffect {
        /// It would have said no.
        0 Denied = "DENIED",
        /// It would have changed something with it.
        1 Amended = "AMENDED",
        /// It would have been stopped, or failed.
        2 Failed = "FAILED",
    }
}

/// One thing that happened, and would not have, or not so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacktestFinding {
    /// The issue.
    pub issue: IssueId,
    /// Its key now, such as `ENG-12`.
    pub key: String,
    /// When it happened.
    pub at: Timestamp,
    /// Its place in the log.
    pub seq: Seq,
    /// Who did it; none: nobody of the company.
    pub by: Option<MemberId>,
    /// What it was, such as `issue.transitioned`.
    pub event: String,
    /// What would have been done.
    pub effect: BacktestEffect,
    /// The plugin's message; for an amendment what would have changed, in words; for a failure why.
    pub message: String,
    /// Fields at fault, or those that would have changed, each with the words for it.
    pub fields: Vec<(String, String)>,
}

/// Makes these edits in a draft, as far as its own fields go; says which fields became others.
pub(super) fn amend(issue: &mut wit::Issue, edits: &[Edit]) -> Vec<(String, String)> {
    let before = issue.clone();
    edits.iter().for_each(|edit| make(issue, edit));
    let mut changed = Vec::new();
    let mut note = |key: &str, differs: bool, now: String| {
        if differs {
            changed.push((key.to_owned(), now));
        }
    };
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    note("title", before.title != issue.title, issue.title.clone());
    note("description", before.description != issue.description, shown(&issue.description));
    note(
        "kind",
        before.kind != issue.kind,
        convert::kind_of(issue.kind).map_or_else(String::new, |kind| kind.as_str().to_lowercase()),
    );
    note(
        "priority",
        before.priority != issue.priority,
        convert::priority_of(issue.priority).map_or_else(String::new, |one| one.as_str().to_lowercase()),
    );
    note("assignees", before.assignees != issue.assignees, issue.assignees.join(", "));
    let points = issue.estimate.map_or_else(|| "none".to_owned(), |points| points.to_string());
    note("estimate", before.estimate != issue.estimate, points);
    note("start-date", before.start_date != issue.start_date, or_none(&issue.start_date));
    note("due-date", before.due_date != issue.due_date, or_none(&issue.due_date));
    note("parent", before.parent != issue.parent, or_none(&issue.parent));
    let names = |issue: &wit::Issue| issue.labels.iter().map(|l| l.name.clone()).collect::<Vec<_>>();
    note("labels", names(&before) != names(issue), names(issue).join(", "));
    changed
}

fn make(issue: &mut wit::Issue, edit: &Edit) {
    match edit {
        Edit::SetTitle(title) => issue.title.clone_from(title),
        Edit::SetDescription(text) => issue.description.clone_from(text),
        Edit::SetKind(kind) => issue.kind = *kind,
        Edit::SetPriority(priority) => issue.priority = *priority,
        Edit::SetAssignees(ids) => issue.assignees.clone_from(ids),
        Edit::SetEstimate(points) => issue.estimate = *points,
        Edit::SetStartDate(date) => issue.start_date.clone_from(date),
        Edit::SetDueDate(date) => issue.due_date.clone_from(date),
        Edit::SetParent(parent) => issue.parent.clone_from(parent),
        Edit::AddLabel(label) => {
            if !issue.labels.iter().any(|l| l.id == *label || l.name.eq_ignore_ascii_case(label)) {
                issue.labels.push(wit::LabelRef { id: label.clone(), name: label.clone() });
            }
        }
        Edit::RemoveLabel(label) => {
            issue.labels.retain(|l| l.id != *label && !l.name.eq_ignore_ascii_case(label));
        }
        Edit::SetField(_) | Edit::ClearField(_) => {}
    }
}

/// The beginning of a text.
fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}
