//! The plugins of a company, for those who manage them. To others there are none.

use super::Reader;
use crate::access::Action;
use crate::id::InstallationId;
use crate::model::{Digest, Installation, PluginCode};
use std::sync::Arc;

impl Reader {
    /// Whether this party manages plugins.
    #[must_use]
    pub fn manages_plugins(&self) -> bool {
        self.policy.may(Action::ManagePlugins, None)
    }

    /// The installations, in the order in which they are asked; removed ones included.
    #[must_use]
    pub fn installations(&self) -> Vec<Arc<Installation>> {
        let all = self.directory.installations().filter(|_| self.manages_plugins());
        all.cloned().collect()
    }

    /// The installation with this id, a removed one included.
    #[must_use]
    pub fn installation(&self, id: InstallationId) -> Option<Arc<Installation>> {
        self.directory.installation(id).filter(|_| self.manages_plugins()).cloned()
    }

    /// All code that was ever uploaded, by plugin, the oldest first; such as was removed included.
    #[must_use]
    pub fn plugin_codes(&self) -> Vec<Arc<PluginCode>> {
        let mut codes: Vec<_> =
            self.directory.plugin_codes().filter(|_| self.manages_plugins()).cloned().collect();
        codes.sort_by(|one, other| {
            (&one.plugin, one.uploaded_at, one.digest).cmp(&(&other.plugin, other.uploaded_at, other.digest))
        });
        codes
    }

    /// The code of this digest, though its bytes may have been removed.
    #[must_use]
    pub fn plugin_code(&self, digest: Digest) -> Option<Arc<PluginCode>> {
        self.directory.plugin_code(digest).filter(|_| self.manages_plugins()).cloned()
    }
}
