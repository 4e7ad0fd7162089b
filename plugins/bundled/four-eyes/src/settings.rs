//! What the company entered.

use bundled_common::Only;
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) states: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) workers: Vec<Worker>,
    pub(crate) review_states: Vec<String>,
    pub(crate) approver_teams: Vec<String>,
    pub(crate) approver_roles: Vec<String>,
    pub(crate) plugins_pass: bool,
    pub(crate) only: Only,
}

/// By what somebody counts as having done the work.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Worker {
    Assignees,
    PastAssignees,
    Submitter,
    Creator,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            states: Vec::new(),
            categories: Vec::new(),
            workers: vec![Worker::Assignees, Worker::Submitter],
            review_states: vec!["in_review".to_owned()],
            approver_teams: Vec::new(),
            approver_roles: Vec::new(),
            plugins_pass: false,
            only: Only::default(),
        }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }

    pub(crate) fn counts(&self, worker: Worker) -> bool {
        self.workers.contains(&worker)
    }
}
