//! What the company entered.

use bundled_common::is_word;
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) repositories: Vec<String>,
    pub(crate) on_branch: String,
    pub(crate) on_open: String,
    /// The first completed state of the team, where nothing is said.
    pub(crate) on_merge: Option<String>,
    pub(crate) merge_needs_word: bool,
    pub(crate) closing_words: Vec<String>,
    pub(crate) comment: bool,
    pub(crate) teams: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let words = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];
        Self {
            repositories: Vec::new(),
            on_branch: String::new(),
            on_open: "in_review".to_owned(),
            on_merge: None,
            merge_needs_word: false,
            closing_words: words.map(str::to_owned).to_vec(),
            comment: true,
            teams: Vec::new(),
        }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }

    /// Whether deliveries about this repository are taken.
    pub(crate) fn takes(&self, repository: &str) -> bool {
        let fits = |pattern: &String| match pattern.strip_suffix("/*") {
            Some(owner) => repository.split_once('/').is_some_and(|(of, _)| is_word(owner, of)),
            None => is_word(pattern, repository),
        };
        self.repositories.is_empty() || self.repositories.iter().any(fits)
    }

    /// Whether issues of the team with this key may be named.
    pub(crate) fn names_team(&self, key: &str) -> bool {
        self.teams.is_empty() || self.teams.iter().any(|team| is_word(team, key))
    }
}
