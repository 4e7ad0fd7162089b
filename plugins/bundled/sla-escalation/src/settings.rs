//! What the company entered.

use crate::memory::Both;
use bundled_common::{Only, in_states};
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) policies: Vec<Policy>,
    pub(crate) business_hours: Option<BusinessHours>,
    pub(crate) paused_states: Vec<String>,
    pub(crate) answered_by: AnsweredBy,
    pub(crate) warn_at: i64,
    pub(crate) on_warning: Step,
    pub(crate) on_breach: Step,
}

/// How much time which issues have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Policy {
    pub(crate) response_hours: Option<f64>,
    pub(crate) resolution_hours: Option<f64>,
    pub(crate) only: Only,
}

/// When clocks run.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct BusinessHours {
    pub(crate) days: Vec<String>,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) holidays: Vec<String>,
    pub(crate) zone: Option<String>,
}

/// What counts as an answer.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AnsweredBy {
    Comment,
    #[default]
    CommentOrStart,
}

/// What is done to an issue whose time runs short, or out.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Step {
    pub(crate) comment: bool,
    pub(crate) label: Option<String>,
    pub(crate) assign: Option<String>,
    pub(crate) raise_priority: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policies: Vec::new(),
            business_hours: None,
            paused_states: Vec::new(),
            answered_by: AnsweredBy::default(),
            warn_at: 80,
            on_warning: Step::default(),
            on_breach: Step::default(),
        }
    }
}

impl Default for BusinessHours {
    fn default() -> Self {
        let days = ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned).to_vec();
        Self { days, from: "09:00".to_owned(), to: "17:00".to_owned(), holidays: Vec::new(), zone: None }
    }
}

impl Default for Step {
    fn default() -> Self {
        Self { comment: true, label: None, assign: None, raise_priority: false }
    }
}

impl Policy {
    /// Minutes to the first answer and to the solution.
    pub(crate) fn limits(&self) -> Both<Option<i64>> {
        #[expect(clippy::cast_possible_truncation, reason = "the schema allows at most 10,000 hours")]
        let minutes = |hours: f64| ((hours * 60.0).round() as i64).max(1);
        Both { response: self.response_hours.map(minutes), resolution: self.resolution_hours.map(minutes) }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }

    pub(crate) fn policy(&self, issue: &Issue) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.only.fits(issue))
    }

    pub(crate) fn pauses(&self, state: &StateRef) -> bool {
        in_states(state, &self.paused_states, &[])
    }
}
