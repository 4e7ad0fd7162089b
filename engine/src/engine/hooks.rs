//! Who answers for plugins.

use super::Engine;
use crate::hooks::Hooks;
use std::sync::Arc;

impl Engine {
    /// From now on plugins take part in what is decided, and this answers for them. Only the first one ever does: false when
    /// somebody answers already.
    pub fn set_hooks(&self, hooks: Arc<dyn Hooks>) -> bool {
        self.0.shared.hooks.set(hooks).is_ok()
    }
}
