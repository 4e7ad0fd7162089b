//! From the script's JSON to the contract's values.

use mortise_sdk::host::http::Request;
use mortise_sdk::prelude::*;
use serde_json::Value as Json;

/// A text as it is, anything else as JSON, nothing as nothing.
pub fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn maybe(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub fn texts(value: &Json) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

pub fn number(value: &Json) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}

fn kind(value: &Json) -> Kind {
    match value.as_str() {
        Some("bug") => Kind::Bug,
        Some("feature") => Kind::Feature,
        Some("task") => Kind::Task,
        Some("epic") => Kind::Epic,
        _ => Kind::Unknown,
    }
}

fn priority(value: &Json) -> Priority {
    match value.as_str() {
        Some("none") => Priority::None,
        Some("low") => Priority::Low,
        Some("medium") => Priority::Medium,
        Some("high") => Priority::High,
        Some("critical") => Priority::Critical,
        _ => Priority::Unknown,
    }
}

/// `[{"title": "x"}, {"estimate": null}]`
pub fn edits(value: &Json) -> Result<Vec<Edit>, Error> {
    let fields = value.as_array().into_iter().flatten().filter_map(Json::as_object).flatten();
    fields.map(|(key, value)| edit(key, value)).collect()
}

fn edit(key: &str, value: &Json) -> Result<Edit, Error> {
    Ok(match key {
        "title" => Edit::SetTitle(text(value)),
        "description" => Edit::SetDescription(text(value)),
        "kind" => Edit::SetKind(kind(value)),
        "priority" => Edit::SetPriority(priority(value)),
        "assignees" => Edit::SetAssignees(texts(value)),
        "estimate" => Edit::SetEstimate(number(value)),
        "start-date" => Edit::SetStartDate(maybe(value)),
        "due-date" => Edit::SetDueDate(maybe(value)),
        "parent" => Edit::SetParent(maybe(value)),
        "add-label" => Edit::AddLabel(text(value)),
        "remove-label" => Edit::RemoveLabel(text(value)),
        "clear-field" => Edit::ClearField(text(value)),
        "field" => {
            Edit::SetField(Field { key: text(&value["key"]), value: Value::Json(value["value"].to_string()) })
        }
        other => return Err(Error::invalid(other, "no edit is called so")),
    })
}

pub fn new_issue(value: &Json) -> NewIssue {
    NewIssue {
        description: text(&value["description"]),
        state: maybe(&value["state"]),
        kind: value.get("kind").map(kind),
        priority: value.get("priority").map(priority),
        assignees: texts(&value["assignees"]),
        labels: texts(&value["labels"]),
        parent: maybe(&value["parent"]),
        estimate: number(&value["estimate"]),
        due_date: maybe(&value["due-date"]),
        ..NewIssue::in_team(text(&value["team"]), text(&value["title"]))
    }
}

/// `"POST", "https://…", {"name": "value"}, "body"`
pub fn request(arguments: &[Json]) -> Request {
    let argument = |at: usize| arguments.get(at).unwrap_or(&Json::Null);
    let url = text(argument(1));
    let request = if argument(0) == "GET" { Request::get(url) } else { Request::post(url) };
    let headers = argument(2).as_object().into_iter().flatten();
    let request = headers.fold(request, |request, (name, value)| match value.get("secret") {
        Some(secret) => request.secret_header(name, &text(&value["prefix"]), &text(secret)),
        None => request.header(name, text(value)),
    });
    match argument(3) {
        Json::Null => request,
        body => request.body(text(body)),
    }
}
