//! Fields of an issue by their keys: read as values of the contract, and set from JSON or by edits.

use anyhow::{Context as _, bail};
use mortise::plugins::host::wit::{Category, Edit, Issue, Kind, LabelRef, Priority, Value};
use serde_json::Value as Json;

use super::sense;

/// What a field holds; none for nothing.
pub(super) fn value(issue: &Issue, key: &str) -> Option<Value> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    match key {
        "title" => text(&issue.title),
        "description" => text(&issue.description),
        "kind" => text(&super::super::words::lower(&issue.kind)),
        "priority" => text(&super::super::words::lower(&issue.priority)),
        "state" => Some(Value::Reference(issue.state.id.clone())),
        "estimate" => issue.estimate.map(|points| Value::Number(points.into())),
        "assignees" => Some(Value::References(issue.assignees.clone())),
        "labels" => Some(Value::References(issue.labels.iter().map(|label| label.id.clone()).collect())),
        "parent" => issue.parent.clone().map(Value::Reference),
        "start-date" => issue.start_date.clone().map(Value::Day),
        "due-date" => issue.due_date.clone().map(Value::Day),
        "resolution" => issue.resolution.clone().map(Value::Text),
        _ => issue.fields.iter().find(|field| field.key == key).map(|field| field.value.clone()),
    }
}

/// Sets a field from JSON; null empties it.
///
/// # Errors
/// There is no such field, or it cannot hold that.
pub(super) fn set(issue: &mut Issue, key: &str, to: &Json) -> anyhow::Result<()> {
    let cannot = || format!("`{key}` cannot become {to}");
    let text = || to.as_str().map(str::to_owned).with_context(cannot);
    let maybe = || if to.is_null() { Ok(None) } else { text().map(Some) };
    let day =
        || -> anyhow::Result<Option<String>> { maybe()?.map(|text| sense::day(key, &text)).transpose() };
    let texts = || -> anyhow::Result<Vec<String>> {
        let list = to.as_array().with_context(cannot)?;
        list.iter().map(|one| one.as_str().map(str::to_owned).with_context(cannot)).collect()
    };
    match key {
        "title" => issue.title = text()?,
        "description" => issue.description = text()?,
        "kind" => issue.kind = kind(&text()?)?,
        "priority" => issue.priority = priority(&text()?)?,
        "estimate" if to.is_null() => issue.estimate = None,
        "estimate" => {
            issue.estimate = Some(to.as_u64().and_then(|n| n.try_into().ok()).with_context(cannot)?);
        }
        "assignees" => issue.assignees = texts()?,
        "labels" => issue.labels = texts()?.iter().map(|name| label(name)).collect(),
        "parent" => issue.parent = maybe()?,
        "start-date" => issue.start_date = day()?,
        "due-date" => issue.due_date = day()?,
        "resolution" => issue.resolution = maybe()?,
        "state" => bail!("a state is changed by a transition: write `to`"),
        _ => bail!("an issue has no field `{key}`"),
    }
    Ok(())
}

/// Does what a guest wants.
pub(super) fn edit(issue: &mut Issue, edit: &Edit) {
    match edit {
        Edit::SetTitle(to) => issue.title.clone_from(to),
        Edit::SetDescription(to) => issue.description.clone_from(to),
        Edit::SetKind(to) => issue.kind = *to,
        Edit::SetPriority(to) => issue.priority = *to,
        Edit::SetAssignees(to) => issue.assignees.clone_from(to),
        Edit::SetEstimate(to) => issue.estimate = *to,
        Edit::SetStartDate(to) => issue.start_date.clone_from(to),
        Edit::SetDueDate(to) => issue.due_date.clone_from(to),
        Edit::SetParent(to) => issue.parent.clone_from(to),
        Edit::AddLabel(name) => {
            if !issue.labels.iter().any(|there| there.id == *name) {
                issue.labels.push(label(name));
            }
        }
        Edit::RemoveLabel(name) => issue.labels.retain(|there| there.id != *name),
        Edit::SetField(field) => {
            issue.fields.retain(|there| there.key != field.key);
            issue.fields.push(field.clone());
        }
        Edit::ClearField(key) => issue.fields.retain(|there| there.key != *key),
    }
}

/// A label, whose id is its name.
pub(super) fn label(name: &str) -> LabelRef {
    LabelRef { id: name.to_owned(), name: name.to_owned() }
}

/// A kind by its word.
///
/// # Errors
/// There is none.
pub(super) fn kind(word: &str) -> anyhow::Result<Kind> {
    Ok(match word {
        "bug" => Kind::Bug,
        "feature" => Kind::Feature,
        "task" => Kind::Task,
        "epic" => Kind::Epic,
        _ => bail!("`{word}` is no kind: bug, feature, task, epic"),
    })
}

/// A priority by its word.
///
/// # Errors
/// There is none.
pub(super) fn priority(word: &str) -> anyhow::Result<Priority> {
    Ok(match word {
        "none" => Priority::None,
        "low" => Priority::Low,
        "medium" => Priority::Medium,
        "high" => Priority::High,
        "critical" => Priority::Critical,
        _ => bail!("`{word}` is no priority: none, low, medium, high, critical"),
    })
}

/// A category by its word.
///
/// # Errors
/// There is none.
pub(super) fn category(word: &str) -> anyhow::Result<Category> {
    Ok(match word {
        "triage" => Category::Triage,
        "backlog" => Category::Backlog,
        "unstarted" => Category::Unstarted,
        "started" => Category::Started,
        "completed" => Category::Completed,
        "canceled" => Category::Canceled,
        _ => bail!("`{word}` is no category: triage, backlog, unstarted, started, completed, canceled"),
    })
}
