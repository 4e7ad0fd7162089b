//! The plugins of a company in its small tables. What they do is not known here.

use super::{Directory, Tables};
use crate::id::{InstallationId, MemberId};
use crate::model::{Digest, Installation, InstallationStatus, PluginCode};
use std::sync::Arc;

impl Tables {
    pub(super) fn apply_installation(&mut self, installation: Arc<Installation>) {
        self.installations.retain(|other| other.id != installation.id);
        let place = |i: &Installation| (i.order, i.id);
        let at = self.installations.partition_point(|other| place(other) < place(&installation));
        self.installations.insert(at, installation);
    }
}

impl Directory {
    /// The plugins of the company in the order in which they are asked, those that were removed included.
    pub fn installations(&self) -> impl Iterator<Item = &Arc<Installation>> {
        self.tables.installations.iter()
    }

    /// Those that take part.
    pub fn enabled_installations(&self) -> impl Iterator<Item = &Arc<Installation>> {
        self.installations().filter(|installation| installation.is_enabled())
    }

    /// The installation with this id, a removed one included.
    #[must_use]
    pub fn installation(&self, id: InstallationId) -> Option<&Arc<Installation>> {
        self.installations().find(|installation| installation.id == id)
    }

    /// The installation of this plugin, if it is not removed.
    #[must_use]
    pub fn installation_of(&self, plugin: &str) -> Option<&Arc<Installation>> {
        self.installations().find(|i| *i.plugin == *plugin && i.status != InstallationStatus::Removed)
    }

    /// The installation that acts as this member, a removed one included.
    #[must_use]
    pub fn installation_of_member(&self, member: MemberId) -> Option<&Arc<Installation>> {
        self.installations().find(|installation| installation.member == member)
    }

    /// Whether a plugin takes part that does something by itself, beside being asked about changes, and may.
    #[must_use]
    pub fn has_acting_plugin(&self) -> bool {
        self.installations().any(|installation| installation.is_acting() && installation.acts_alone())
    }

    /// The code of this digest.
    #[must_use]
    pub fn plugin_code(&self, digest: Digest) -> Option<&Arc<PluginCode>> {
        self.tables.codes.get(&digest)
    }

    /// All code that was ever uploaded, in no order.
    pub fn plugin_codes(&self) -> impl Iterator<Item = &Arc<PluginCode>> {
        self.tables.codes.values()
    }
}
