//! The events that a plugin can act on: those of the log that are about issues.
//!
//! What people do to their accounts, and operators to companies, is told to no plugin.

/// By what they begin with, the names behind the dot.
const EVENTS: [(&str, &[&str]); 3] = [
    (
        "issue",
        &[
            "created",
            "updated",
            "transitioned",
            "prioritized",
            "assigned",
            "labeled",
            "parent_changed",
            "estimated",
            "scheduled",
            "archived",
            "unarchived",
            "deleted",
            "restored",
            "related",
            "confidentiality_changed",
            "migrated",
        ],
    ),
    ("comment", &["created", "edited", "deleted"]),
    ("approval", &["requested", "ended", "granted", "withdrawn"]),
];

/// Whether a manifest may name it: an event, or `issue.*` for all that begin so.
pub(super) fn is_known(event: &str) -> bool {
    let Some((family, name)) = event.split_once('.') else { return false };
    let known = EVENTS.iter().find(|(known, _)| *known == family);
    known.is_some_and(|(_, names)| name == "*" || names.contains(&name))
}

/// What to write instead of an event that there is not.
pub(super) fn unknown(event: &str) -> String {
    let shown: String = event.chars().take(60).collect();
    let families = EVENTS.iter().map(|(family, names)| format!("{family}.* ({})", names.join(", ")));
    format!("no event is called `{shown}`; there are {}", families.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_events_about_issues_are_those_of_the_log() {
        let sources = [
            include_str!("../../../engine/src/event/name.rs"),
            include_str!("../../../engine/src/event/change.rs"),
        ];
        let words = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
        let about_issues = |name: &&str| EVENTS.iter().any(|(f, _)| name.starts_with(&format!("{f}.")));
        let mut of_log: Vec<&str> = words.filter(about_issues).collect();
        let ours = EVENTS.iter().flat_map(|(f, names)| names.iter().map(move |name| format!("{f}.{name}")));
        let mut ours: Vec<String> = ours.collect();
        of_log.sort_unstable();
        of_log.dedup();
        ours.sort_unstable();
        assert_eq!(ours, of_log);
    }

    #[test]
    fn events_are_named_wholly_or_by_their_beginning() {
        for event in ["issue.created", "issue.*", "comment.*", "approval.granted"] {
            assert!(is_known(event), "{event}");
        }
        for event in
            ["issue.create", "issue", "*", "issue.", ".created", "*.created", "session.revoked", "key.*", ""]
        {
            assert!(!is_known(event), "{event}");
        }
        assert!(unknown("issue.create").contains("issue.* (created,"));
    }
}
