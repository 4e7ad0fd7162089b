//! What templates can say of an event, as one JSON value.

use bundled_common::{category_word, kind_word, priority_word};
use mortise_sdk::prelude::*;
use serde_json::{Value as Json, json};

/// The longest description that is sent, in bytes; of a longer one the beginning.
const TEXT: usize = 32 * 1024;

/// An event as templates see it.
pub(crate) fn context(call: &Call, event: &Event, names: &[String]) -> Json {
    let mut out = json!({
        "event": names.first(),
        "events": names,
        "id": call.invocation,
        "at": call.now,
        "company": call.company,
        "actor": {
            "id": call.actor.id, "name": call.actor.display_name, "kind": actor_word(call.actor.kind),
        },
    });
    let (issue, key, more) = match event {
        Event::Created(issue) | Event::Deleted(issue) => (Some(issue), "changes", json!([])),
        Event::Updated(updated) => {
            (Some(&updated.issue), "changes", updated.changes.iter().map(change).collect())
        }
        Event::Commented(commented) => (Some(&commented.issue), "comment", comment(&commented.comment)),
        Event::Other(other) => (
            None,
            "other",
            serde_json::from_str(&other.json).unwrap_or_else(|_| Json::from(other.json.as_str())),
        ),
    };
    if let Some(out) = out.as_object_mut() {
        out.insert(key.to_owned(), more);
        out.extend(issue.map(|found| ("issue".to_owned(), self::issue(found))));
    }
    out
}

/// A made-up event with a value in every place, to try templates on.
pub(crate) fn sample(call: &Call) -> Json {
    let label = json!({ "id": "label", "name": "A \"label\"" });
    let state = json!({ "id": "state", "key": "done", "name": "Done", "category": "completed" });
    json!({
        "event": "issue.updated", "events": ["issue.updated"], "id": call.invocation, "at": call.now,
        "company": call.company,
        "actor": { "id": "member", "name": "Ana \"A\" Example", "kind": "member" },
        "issue": {
            "id": "issue", "key": "ENG-1", "team": "ENG", "title": "A \"title\"\\", "description": "Two\nlines",
            "kind": "bug", "priority": "high", "state": state, "estimate": 3, "assignees": ["member"],
            "creator": "member", "labels": [label], "parent": "issue", "start-date": "2026-01-31",
            "due-date": "2026-01-31", "resolution": "DONE", "comments": 1, "created-at": call.now,
            "updated-at": call.now, "fields": { "custom": "value" },
        },
        "changes": [{ "key": "title", "before": "Before", "after": "After" }],
        "comment": { "id": "comment", "author": "member", "body": "Two\n\"lines\"", "created-at": call.now },
        "other": {},
    })
}

fn issue(issue: &Issue) -> Json {
    let labels: Vec<Json> =
        issue.labels.iter().map(|label| json!({ "id": label.id, "name": label.name })).collect();
    let fields: serde_json::Map<String, Json> =
        issue.fields.iter().map(|field| (field.key.clone(), value(&field.value))).collect();
    json!({
        "id": issue.id, "key": issue.key, "team": issue.team_key, "title": issue.title,
        "description": beginning(&issue.description), "kind": kind_word(issue.kind),
        "priority": priority_word(issue.priority),
        "state": {
            "id": issue.state.id, "key": issue.state.key, "name": issue.state.name,
            "category": category_word(issue.state.category),
        },
        "estimate": issue.estimate, "assignees": issue.assignees, "creator": issue.creator, "labels": labels,
        "parent": issue.parent, "start-date": issue.start_date, "due-date": issue.due_date,
        "resolution": issue.resolution, "comments": issue.comment_count, "created-at": issue.created_at,
        "updated-at": issue.updated_at, "fields": fields,
    })
}

fn comment(comment: &Comment) -> Json {
    json!({
        "id": comment.id, "author": comment.author, "body": beginning(&comment.body), "created-at": comment.created_at,
    })
}

fn change(change: &Change) -> Json {
    let side = |side: &Option<Value>| side.as_ref().map_or(Json::Null, value);
    json!({ "key": change.key, "before": side(&change.before), "after": side(&change.after) })
}

fn value(value: &Value) -> Json {
    match value {
        Value::Text(text) | Value::Time(text) | Value::Day(text) | Value::Reference(text) => {
            Json::from(beginning(text))
        }
        Value::Number(number) => Json::from(*number),
        Value::Boolean(is) => Json::from(*is),
        Value::References(texts) | Value::Texts(texts) => Json::from(texts.clone()),
        Value::Json(json) => serde_json::from_str(json).unwrap_or(Json::Null),
    }
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn actor_word(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Member => "member",
        ActorKind::Plugin => "plugin",
        ActorKind::ApiKey => "api-key",
        ActorKind::Importer => "importer",
        ActorKind::Operator => "operator",
        ActorKind::System => "system",
        ActorKind::Unknown => "unknown",
    }
}
