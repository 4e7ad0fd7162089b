//! What people ask of the plugins of their company, as values. It decides nothing.

use super::Inspection;
use mortise_engine::id::{InstallationId, TeamId};
use mortise_engine::model::{Digest, OnFailure, PluginCode, PluginMode, PluginPermissions};
use std::sync::Arc;

/// A plugin to be installed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewInstallation {
    /// The code: one that was uploaded, or taken from the catalogue.
    pub digest: Digest,
    /// How it is shown; as its code says unless it is said.
    pub name: Option<String>,
    /// What is granted: all that the code asks for, and nothing else.
    pub granted: PluginPermissions,
    /// Its settings.
    pub settings: serde_json::Value,
    /// The teams whose issues it takes part in; none: all that its member sees.
    pub teams: Option<Vec<TeamId>>,
    /// Its place among those that are asked; none: behind all others.
    pub order: Option<u32>,
    /// Whether what it says counts.
    pub mode: PluginMode,
    /// What becomes of a change when it fails.
    pub on_failure: OnFailure,
    /// Whether it takes part at once.
    pub enabled: bool,
}

impl NewInstallation {
    /// This code with all that it asks for: see [`NewInstallation::plain`].
    #[must_use]
    pub fn of(code: &PluginCode) -> Self {
        Self { granted: PluginPermissions::clone(&code.permissions), ..Self::plain(code.digest) }
    }

    /// This code, with nothing granted, no settings, for all teams, behind all others, enforced, closed when it fails, and not
    /// yet enabled.
    #[must_use]
    pub fn plain(digest: Digest) -> Self {
        Self {
            digest,
            name: None,
            granted: PluginPermissions::default(),
            settings: serde_json::Value::Object(serde_json::Map::new()),
            teams: None,
            order: None,
            mode: PluginMode::Enforce,
            on_failure: OnFailure::Closed,
            enabled: false,
        }
    }
}

/// What is to change about an installation; what is none stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstallationChange {
    /// How it is shown.
    pub name: Option<String>,
    /// Its settings, all of them.
    pub settings: Option<serde_json::Value>,
    /// The teams; none inside: all.
    pub teams: Option<Option<Vec<TeamId>>>,
    /// Its place among those that are asked.
    pub order: Option<u32>,
    /// Whether what it says counts.
    pub mode: Option<PluginMode>,
    /// What becomes of a change when it fails.
    pub on_failure: Option<OnFailure>,
    /// What is granted.
    pub granted: Option<PluginPermissions>,
    /// The version of the installation that it was read at; another one is a conflict.
    pub if_version: Option<u64>,
}

/// Other code for an installation.
#[derive(Debug, Clone, PartialEq)]
pub struct Upgrade {
    /// The code.
    pub digest: Digest,
    /// All that it asks for is granted; else code that asks for more than was granted is refused.
    pub grant: bool,
    /// Settings that fit it, where those that there are do not.
    pub settings: Option<serde_json::Value>,
    /// The version of the installation that it was read at; another one is a conflict.
    pub if_version: Option<u64>,
}

impl Upgrade {
    /// To this code, with the settings that there are, granting nothing more.
    #[must_use]
    pub const fn to(digest: Digest) -> Self {
        Self { digest, grant: false, settings: None, if_version: None }
    }
}

/// An upload that was taken.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The code as the company has it.
    pub code: Arc<PluginCode>,
    /// What it is.
    pub inspection: Inspection,
    /// The company had it already.
    pub known: bool,
    /// The installation of the same plugin, of another version, if there is one: it can be upgraded.
    pub upgrades: Option<InstallationId>,
}
