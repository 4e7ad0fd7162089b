//! What the company entered.

use bundled_common::Only;
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) close_parent: bool,
    pub(crate) all_canceled: AllCanceled,
    pub(crate) cancel_children: bool,
    pub(crate) complete_children: bool,
    pub(crate) reopen_parent: Reopen,
    pub(crate) done_state: Option<String>,
    pub(crate) canceled_state: Option<String>,
    pub(crate) reopened_state: Option<String>,
    pub(crate) comment: bool,
    pub(crate) only: Only,
}

/// What becomes of a parent whose children were all canceled.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AllCanceled {
    #[default]
    Leave,
    Cancel,
}

/// Which parents are reopened with a child.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reopen {
    #[default]
    Completed,
    Closed,
    Never,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            close_parent: true,
            all_canceled: AllCanceled::default(),
            cancel_children: true,
            complete_children: false,
            reopen_parent: Reopen::default(),
            done_state: None,
            canceled_state: None,
            reopened_state: None,
            comment: true,
            only: Only::default(),
        }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }

    /// What settings call the state of a category into which issues are moved.
    pub(crate) fn named(&self, category: Category) -> Option<&str> {
        match category {
            Category::Completed => self.done_state.as_deref(),
            Category::Canceled => self.canceled_state.as_deref(),
            _ => self.reopened_state.as_deref(),
        }
    }
}
