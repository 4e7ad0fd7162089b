//! What the company entered.

use bundled_common::{Exempt, Only};
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) after_days: u32,
    pub(crate) then_days: u32,
    pub(crate) close: bool,
    pub(crate) state: Option<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) comment: Option<String>,
    pub(crate) farewell: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) per_run: usize,
    pub(crate) only: Only,
    pub(crate) exempt: Exempt,
}

impl Default for Settings {
    fn default() -> Self {
        let categories = ["triage", "backlog", "unstarted", "started"];
        Self {
            after_days: 60,
            then_days: 14,
            close: true,
            state: None,
            categories: categories.map(str::to_owned).to_vec(),
            comment: None,
            farewell: None,
            label: None,
            per_run: 20,
            only: Only::default(),
            exempt: Exempt { priorities: vec!["critical".to_owned()], ..Exempt::default() },
        }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }

    /// The text of the reminder, before anything is filled in.
    pub(crate) fn reminder(&self) -> &str {
        let closing = "Nobody has touched this for {{days}} days. If nothing happens it will be closed in {{then}} days; \
            a comment or any change keeps it open.";
        let plain = "Nobody has touched this for {{days}} days. Is it still wanted?";
        self.comment.as_deref().unwrap_or(if self.close { closing } else { plain })
    }

    /// The text at closing; none when nothing is to be said.
    pub(crate) fn goodbye(&self) -> Option<&str> {
        let own = "Closed, since nobody reacted to the reminder. Reopen it if it is still wanted.";
        Some(self.farewell.as_deref().unwrap_or(own)).filter(|text| !text.trim().is_empty())
    }
}
