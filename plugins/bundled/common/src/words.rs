//! The contract's enums as the words that settings and the query language use, and back.

use mortise_sdk::prelude::*;

/// The word of a kind of work, such as `bug`.
#[must_use]
pub fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Bug => "bug",
        Kind::Feature => "feature",
        Kind::Task => "task",
        Kind::Epic => "epic",
        Kind::Unknown => "unknown",
    }
}

/// The kind of work that a word means.
#[must_use]
pub fn kind_from(word: &str) -> Option<Kind> {
    [Kind::Bug, Kind::Feature, Kind::Task, Kind::Epic]
        .into_iter()
        .find(|kind| is_word(kind_word(*kind), word))
}

/// The word of a priority, such as `high`.
#[must_use]
pub fn priority_word(priority: Priority) -> &'static str {
    match priority {
        Priority::None => "none",
        Priority::Low => "low",
        Priority::Medium => "medium",
        Priority::High => "high",
        Priority::Critical => "critical",
        Priority::Unknown => "unknown",
    }
}

/// The priority that a word means.
#[must_use]
pub fn priority_from(word: &str) -> Option<Priority> {
    use Priority::{Critical, High, Low, Medium, None};
    [None, Low, Medium, High, Critical].into_iter().find(|priority| is_word(priority_word(*priority), word))
}

/// How pressing a priority is: 0 for none, 4 for critical. What a newer host knows counts as none.
#[must_use]
pub fn priority_rank(priority: Priority) -> u8 {
    match priority {
        Priority::None | Priority::Unknown => 0,
        Priority::Low => 1,
        Priority::Medium => 2,
        Priority::High => 3,
        Priority::Critical => 4,
    }
}

/// The word of a category, such as `completed`.
#[must_use]
pub fn category_word(category: Category) -> &'static str {
    match category {
        Category::Triage => "triage",
        Category::Backlog => "backlog",
        Category::Unstarted => "unstarted",
        Category::Started => "started",
        Category::Completed => "completed",
        Category::Canceled => "canceled",
        Category::Unknown => "unknown",
    }
}

/// Whether work on it has ended.
#[must_use]
pub fn is_closed(category: Category) -> bool {
    matches!(category, Category::Completed | Category::Canceled)
}

/// Whether two words are the same to somebody who types them: case does not count.
#[must_use]
pub fn is_word(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
