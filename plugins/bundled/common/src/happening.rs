//! Events by the names that settings choose them by.

use mortise_sdk::prelude::*;

/// The issue that an event is about; none for kinds of events that came later.
#[must_use]
pub fn issue_of(event: &Event) -> Option<&Issue> {
    match event {
        Event::Created(issue) | Event::Deleted(issue) => Some(issue),
        Event::Updated(updated) => Some(&updated.issue),
        Event::Commented(commented) => Some(&commented.issue),
        Event::Other(_) => None,
    }
}

/// All names of an event, the most telling first: an update that moves an issue and assigns it has a name for either, and is
/// `issue.updated` beside.
#[must_use]
pub fn names_of(event: &Event) -> Vec<String> {
    let names: Vec<&str> = match event {
        Event::Created(_) => vec!["issue.created"],
        Event::Deleted(_) => vec!["issue.deleted"],
        Event::Commented(_) => vec!["comment.created"],
        Event::Other(other) => vec![other.name.as_str()],
        Event::Updated(updated) => {
            let mut names: Vec<&str> = Vec::new();
            if updated.changes.iter().any(|change| change.key == "state") {
                match updated.issue.state.category {
                    Category::Completed => names.push("issue.completed"),
                    Category::Canceled => names.push("issue.canceled"),
                    _ => {}
                }
            }
            let mut changed: Vec<&str> =
                updated.changes.iter().map(|change| change_name(&change.key)).collect();
            changed.sort_by_key(|name| *name != "issue.transitioned");
            names.extend(changed);
            names.push("issue.updated");
            names
        }
    };
    let mut out: Vec<String> = Vec::new();
    for name in names {
        if !out.iter().any(|had| had == name) {
            out.push(name.to_owned());
        }
    }
    out
}

/// Whether settings choose an event: by one of its names, or by the beginning of one, as in `issue.*`. An empty list chooses
/// all.
#[must_use]
pub fn is_chosen(chosen: &[String], names: &[String]) -> bool {
    let fits = |pattern: &str, name: &str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    };
    chosen.is_empty() || chosen.iter().any(|pattern| names.iter().any(|name| fits(pattern, name)))
}

fn change_name(key: &str) -> &'static str {
    match key {
        "state" => "issue.transitioned",
        "priority" => "issue.prioritized",
        "assignees" => "issue.assigned",
        "labels" => "issue.labeled",
        "parent" => "issue.parent_changed",
        "estimate" => "issue.estimated",
        "start-date" | "due-date" => "issue.scheduled",
        "relations" => "issue.related",
        _ => "issue.updated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_chosen_by_name_or_by_its_beginning() {
        let names = vec!["issue.transitioned".to_owned(), "issue.updated".to_owned()];
        let chosen = |pattern: &str| is_chosen(&[pattern.to_owned()], &names);
        assert!(chosen("issue.transitioned") && chosen("issue.*") && chosen("*"));
        assert!(!chosen("issue") && !chosen("comment.*"));
        assert!(is_chosen(&[], &names));
    }
}
