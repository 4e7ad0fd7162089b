//! Conditions on issues, as settings write them.

use crate::text::values;
use crate::words::{is_word, kind_word, priority_word};
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// Which issues something is for. An empty list asks nothing; an issue has to pass every list that is not empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Only {
    /// Teams by key or id.
    pub teams: Vec<String>,
    /// Words such as `bug`.
    pub kinds: Vec<String>,
    /// Labels by name or id; one of them is enough.
    pub labels: Vec<String>,
    /// Words such as `high`.
    pub priorities: Vec<String>,
}

impl Only {
    /// Whether the issue passes.
    #[must_use]
    pub fn fits(&self, issue: &Issue) -> bool {
        (self.teams.is_empty() || self.teams.iter().any(|team| is_team(issue, team)))
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| is_word(kind, kind_word(issue.kind))))
            && (self.labels.is_empty() || self.labels.iter().any(|label| has_label(issue, label)))
            && (self.priorities.is_empty() || has_priority(issue, &self.priorities))
    }
}

impl Only {
    /// The same as tests of the query language, to be joined with others; empty when nothing is asked.
    #[must_use]
    pub fn query(&self) -> String {
        let words = |words: &[String]| {
            words.iter().map(|word| word.trim().to_lowercase()).collect::<Vec<_>>().join(",")
        };
        let parts = [
            ("team", values(&self.teams)),
            ("type", words(&self.kinds)),
            ("label", values(&self.labels)),
            ("priority", words(&self.priorities)),
        ];
        let parts = parts.into_iter().filter(|(_, values)| !values.is_empty());
        parts.map(|(field, values)| format!("{field}:{values}")).collect::<Vec<_>>().join(" ")
    }
}

/// Which issues something leaves alone: one condition that holds is enough.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exempt {
    /// Teams by key or id.
    pub teams: Vec<String>,
    /// Words such as `bug`.
    pub kinds: Vec<String>,
    /// Labels by name or id.
    pub labels: Vec<String>,
    /// Words such as `high`.
    pub priorities: Vec<String>,
}

impl Exempt {
    /// Whether the issue is left alone.
    #[must_use]
    pub fn spares(&self, issue: &Issue) -> bool {
        self.teams.iter().any(|team| is_team(issue, team))
            || self.kinds.iter().any(|kind| is_word(kind, kind_word(issue.kind)))
            || self.labels.iter().any(|label| has_label(issue, label))
            || has_priority(issue, &self.priorities)
    }
}

fn is_team(issue: &Issue, team: &str) -> bool {
    issue.team == team || is_word(&issue.team_key, team)
}

fn has_label(issue: &Issue, label: &str) -> bool {
    issue.labels.iter().any(|had| had.id == label || is_word(&had.name, label))
}

fn has_priority(issue: &Issue, priorities: &[String]) -> bool {
    priorities.iter().any(|priority| is_word(priority, priority_word(issue.priority)))
}
