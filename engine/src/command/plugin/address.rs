//! Another address for what comes to a plugin from outside.
//!
//! The address lies with the host of plugins, as secrets do: whoever knows it may call the plugin, and so the log says that there
//! is another one, and neither of them.

use super::existing;
use crate::access::Action;
use crate::command::{Command, World};
use crate::draft::{Draft, PluginRecord};
use crate::error::{Error, Result};
use crate::event::Subject;
use crate::id::InstallationId;
use crate::model::Installation;

/// Says that an installation has another address for requests from outside. What its host keeps of it changes with it.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct ChangeAddress {
    /// Which.
    #[n(0)]
    pub id: InstallationId,
    /// What the host keeps of it, an entry of this installation. No part of what an idempotency key is bound to.
    #[cbor(skip)]
    pub record: PluginRecord,
}

impl Command for ChangeAddress {
    fn operation(&self) -> &'static str {
        "pluginInboundPathChange"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.id)?;
        expect_inbound(&before)?;
        if !matches!(&self.record, PluginRecord::Entry(of, ..) if *of == self.id) {
            return Err(Error::internal("what is kept of a plugin's address is not its own"));
        }
        let permit = world.policy.authorize(Action::ManagePlugins, Some(before), None)?;
        let mut draft = Draft::new();
        draft.answer_with(Subject::Installation(self.id));
        draft.plugin_address_changed(&permit);
        draft.keep_for_plugins([self.record.clone()]);
        Ok(draft)
    }
}

/// Refuses an installation that has no address.
///
/// # Errors
/// `REJECTED` for one that answers no requests from outside.
pub fn expect_inbound(installation: &Installation) -> Result<()> {
    if installation.hooks.inbound {
        return Ok(());
    }
    Err(Error::rejected(format!("the plugin `{}` answers no requests from outside", installation.name)))
}
