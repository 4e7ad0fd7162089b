//! What the company entered.

use bundled_common::Only;
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) via: Via,
    pub(crate) webhook_path: Option<String>,
    pub(crate) threads: bool,
    pub(crate) link: Option<String>,
    pub(crate) routes: Vec<Route>,
}

/// The way to Slack.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Via {
    #[default]
    Bot,
    Webhook,
}

/// What is told where.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Route {
    pub(crate) channel: String,
    pub(crate) events: Vec<String>,
    pub(crate) only: Only,
}

impl Default for Settings {
    fn default() -> Self {
        Self { via: Via::default(), webhook_path: None, threads: true, link: None, routes: Vec::new() }
    }
}

impl Default for Route {
    fn default() -> Self {
        let events = ["issue.created", "issue.transitioned", "comment.created"];
        Self { channel: String::new(), events: events.map(str::to_owned).to_vec(), only: Only::default() }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }
}
