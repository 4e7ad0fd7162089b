//! Whether a plugin that is enabled is run at the moment, and why not, in words for the company's admins. It stops nothing.

use super::Plugins;
use mortise_engine::id::TenantId;
use mortise_engine::model::{Installation, PluginOrigin};

impl Plugins {
    /// Why an installation that is enabled is not run at the moment, and what becomes of changes meanwhile: its company may have
    /// it no more, or its version was withdrawn and stopped. None of one that is run, of one that is not enabled, and before
    /// this is attached.
    #[must_use]
    pub fn not_run(&self, tenant: TenantId, installation: &Installation) -> Option<String> {
        let engine = self.engine().ok().filter(|_| installation.is_enabled())?;
        if !engine.plugins_allowed(tenant).allows(installation.origin) {
            let which = match installation.origin {
                PluginOrigin::Curated => "from the catalogue",
                PluginOrigin::Own => "of its own",
            };
            return Some(format!(
                "the company's tier does not include plugins {which} any more: changes are decided without it"
            ));
        }
        let why = self.0.catalogue.stopped(installation)?;
        let judges = !installation.hooks.amend.is_empty() || !installation.hooks.validate.is_empty();
        Some(match (installation.guards(), judges) {
            (true, _) => format!("{why}; changes that it is asked about are refused"),
            (false, true) => format!("{why}; changes that it is asked about pass"),
            (false, false) => why,
        })
    }
}
