//! Enumerations, each in both directions where there are two.

use crate::host::wit;
use mortise_engine::filter::Link;
use mortise_engine::model::{IssueKind, Priority, RelationKind, Resolution, StateCategory, WorkflowState};

/// The category of a state.
#[must_use]
pub(crate) const fn category(category: StateCategory) -> wit::Category {
    match category {
        StateCategory::Triage => wit::Category::Triage,
        StateCategory::Backlog => wit::Category::Backlog,
        StateCategory::Unstarted => wit::Category::Unstarted,
        StateCategory::Started => wit::Category::Started,
        StateCategory::Completed => wit::Category::Completed,
        StateCategory::Canceled => wit::Category::Canceled,
    }
}

/// The kind of an issue.
#[must_use]
pub(crate) const fn kind(kind: IssueKind) -> wit::Kind {
    match kind {
        IssueKind::Bug => wit::Kind::Bug,
        IssueKind::Feature => wit::Kind::Feature,
        IssueKind::Task => wit::Kind::Task,
        IssueKind::Epic => wit::Kind::Epic,
    }
}

/// The kind that a guest names; none for `unknown`.
#[must_use]
pub(crate) const fn kind_of(kind: wit::Kind) -> Option<IssueKind> {
    match kind {
        wit::Kind::Bug => Some(IssueKind::Bug),
        wit::Kind::Feature => Some(IssueKind::Feature),
        wit::Kind::Task => Some(IssueKind::Task),
        wit::Kind::Epic => Some(IssueKind::Epic),
        wit::Kind::Unknown => None,
    }
}

/// How pressing an issue is.
#[must_use]
pub(crate) const fn priority(priority: Priority) -> wit::Priority {
    match priority {
        Priority::None => wit::Priority::None,
        Priority::Low => wit::Priority::Low,
        Priority::Medium => wit::Priority::Medium,
        Priority::High => wit::Priority::High,
        Priority::Critical => wit::Priority::Critical,
    }
}

/// The priority that a guest names; none for `unknown`.
#[must_use]
pub(crate) const fn priority_of(priority: wit::Priority) -> Option<Priority> {
    match priority {
        wit::Priority::None => Some(Priority::None),
        wit::Priority::Low => Some(Priority::Low),
        wit::Priority::Medium => Some(Priority::Medium),
        wit::Priority::High => Some(Priority::High),
        wit::Priority::Critical => Some(Priority::Critical),
        wit::Priority::Unknown => None,
    }
}

/// A state of a workflow.
#[must_use]
pub(crate) fn state_ref(state: &WorkflowState) -> wit::StateRef {
    wit::StateRef {
        id: state.id.to_string(),
        key: state.key().into_owned(),
        name: state.name.clone(),
        category: category(state.category),
    }
}

/// The word for a relation, seen from one of its ends.
#[must_use]
pub(crate) const fn relation_word(link: Link) -> &'static str {
    match (link.kind, link.reversed) {
        (RelationKind::Blocks, false) => "blocks",
        (RelationKind::Blocks, true) => "blocked-by",
        (RelationKind::Duplicates, false) => "duplicate-of",
        (RelationKind::Duplicates, true) => "duplicated-by",
        (RelationKind::Relates, _) => "relates-to",
        (RelationKind::Precedes, false) => "precedes",
        (RelationKind::Precedes, true) => "follows",
    }
}

/// The relation that a guest names.
#[must_use]
pub(crate) fn link_of(word: &str) -> Option<Link> {
    let link = |kind, reversed| Some(Link { kind, reversed });
    match word {
        "blocks" => link(RelationKind::Blocks, false),
        "blocked-by" => link(RelationKind::Blocks, true),
        "duplicate-of" => link(RelationKind::Duplicates, false),
        "duplicated-by" => link(RelationKind::Duplicates, true),
        "relates-to" => link(RelationKind::Relates, false),
        "precedes" => link(RelationKind::Precedes, false),
        "follows" => link(RelationKind::Precedes, true),
        _ => None,
    }
}

/// The resolution that a guest names, in whichever case.
#[must_use]
pub(crate) fn resolution_of(word: &str) -> Option<Resolution> {
    Resolution::from_word(&word.to_ascii_uppercase().replace('-', "_"))
}
