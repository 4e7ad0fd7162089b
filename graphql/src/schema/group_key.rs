//! What groups and facets are called, and how they look.

use crate::context::Snapshot;
use mortise_engine::view::GroupKey;

/// What a group has in common, as a global id or a word; none for the group of those that have none.
pub(crate) fn text(key: GroupKey) -> Option<String> {
    match key {
        GroupKey::State(id) => Some(id.to_string()),
        GroupKey::Category(category) => Some(category.to_string()),
        GroupKey::Assignee(id) => id.map(|id| id.to_string()),
        GroupKey::Creator(id) => Some(id.to_string()),
        GroupKey::Label(id) => id.map(|id| id.to_string()),
        GroupKey::Priority(priority) => Some(priority.to_string()),
        GroupKey::Kind(kind) => Some(kind.to_string()),
        GroupKey::Team(id) => Some(id.to_string()),
        GroupKey::Parent(id) => id.map(|id| id.to_string()),
        GroupKey::Due(bucket) => Some(bucket.to_string()),
    }
}

/// How it is called. Of a parent only the id is known here.
pub(crate) fn title(cx: &Snapshot, key: GroupKey) -> String {
    let directory = cx.directory();
    let named = match key {
        GroupKey::State(id) => directory.state(id).map(|state| state.name.as_str()),
        GroupKey::Assignee(Some(id)) | GroupKey::Creator(id) => {
            directory.member(id).map(|member| member.name.as_str())
        }
        GroupKey::Label(Some(id)) => directory.label(id).map(|label| label.name.as_str()),
        GroupKey::Team(id) => directory.team(id).map(|team| team.name.as_str()),
        GroupKey::Assignee(None) => Some("No assignee"),
        GroupKey::Label(None) => Some("No label"),
        GroupKey::Parent(None) => Some("No parent"),
        GroupKey::Parent(Some(_)) => None,
        GroupKey::Category(category) => return spoken(category.as_str()),
        GroupKey::Priority(priority) => return spoken(priority.as_str()),
        GroupKey::Kind(kind) => return spoken(kind.as_str()),
        GroupKey::Due(bucket) => return spoken(bucket.as_str()),
    };
    named.unwrap_or("?").to_owned()
}

/// Its colour, where it has one.
pub(crate) fn color(cx: &Snapshot, key: GroupKey) -> Option<String> {
    let directory = cx.directory();
    match key {
        GroupKey::State(id) => directory.state(id).map(|state| state.color.clone()),
        GroupKey::Label(Some(id)) => directory.label(id).map(|label| label.color.clone()),
        _ => None,
    }
}

/// `IN_THIS_FORM` as people write it: `In this form`.
fn spoken(word: &str) -> String {
    let mut text = word.replace('_', " ").to_lowercase();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
