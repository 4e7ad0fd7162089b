//! Which fields of an issue are filled, and what they are called.

use mortise_sdk::prelude::*;

/// Whether a field has a value. `key` is that of a change; what is no field of its own is a custom field.
pub(crate) fn is_filled(issue: &Issue, key: &str) -> bool {
    match key {
        "title" => !issue.title.trim().is_empty(),
        "description" => !issue.description.trim().is_empty(),
        "kind" => true,
        "priority" => !matches!(issue.priority, Priority::None),
        "assignees" | "assignee" => !issue.assignees.is_empty(),
        "labels" => !issue.labels.is_empty(),
        "parent" => issue.parent.is_some(),
        "estimate" => issue.estimate.is_some(),
        "start-date" => issue.start_date.is_some(),
        "due-date" => issue.due_date.is_some(),
        "resolution" => issue.resolution.is_some(),
        "comments" => issue.comment_count > 0,
        custom => issue.fields.iter().any(|field| field.key == custom && has_value(&field.value)),
    }
}

/// The key under which a form marks the field.
pub(crate) fn form_key(key: &str) -> &str {
    if key == "assignee" { "assignees" } else { key }
}

/// What people call a field.
pub(crate) fn name(key: &str) -> String {
    match key {
        "assignees" => "somebody assigned".to_owned(),
        "labels" => "a label".to_owned(),
        "comments" => "a comment".to_owned(),
        "description" | "title" | "priority" | "parent" | "resolution" | "start-date" | "due-date" => {
            format!("a {}", key.replace('-', " "))
        }
        "estimate" => "an estimate".to_owned(),
        custom => format!("\u{201c}{custom}\u{201d}"),
    }
}

/// Names as people list them: `a, b and c`.
pub(crate) fn joined(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn has_value(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Time(text) | Value::Day(text) | Value::Reference(text) => {
            !text.trim().is_empty()
        }
        Value::References(list) | Value::Texts(list) => !list.is_empty(),
        Value::Json(json) => !matches!(json.trim(), "" | "null" | "[]" | "{}" | "\"\""),
        Value::Number(_) | Value::Boolean(_) => true,
    }
}
