//! Secrets of an installation: named in the log, kept beside it, and read by nobody but the host of plugins.

use super::{existing, saved};
use crate::access::Action;
use crate::command::{Command, World};
use crate::draft::{Draft, PluginRecord};
use crate::error::{Error, Result};
use crate::id::InstallationId;
use crate::model::Installation;

/// Bytes of a secret.
const SECRET_BYTES_MAX: usize = 4 * 1024;

/// Secrets of one installation.
const SECRETS_MAX: usize = 20;

/// Hosts that one is bound to, and bytes of the name of one.
const HOSTS_MAX: usize = 20;
const HOST_BYTES_MAX: usize = 255;

/// The name under which a secret is kept for its installation.
pub(crate) fn secret_entry(name: &str) -> Vec<u8> {
    [b"secret/", name.as_bytes()].concat()
}

/// Sets a secret of an installation: see [`Engine::set_plugin_secret`](crate::Engine::set_plugin_secret).
#[derive(Clone, PartialEq, Eq, minicbor::Encode)]
pub struct SetSecret {
    /// Whose.
    #[n(0)]
    pub id: InstallationId,
    /// Which, as the plugin calls it.
    #[n(1)]
    pub name: String,
    /// What it shall be: 1 to 4,096 bytes. No part of what an idempotency key is bound to: a hash of it could be guessed.
    #[cbor(skip)]
    pub value: Vec<u8>,
    /// The hosts that it may be sent to, at most 20; none: as before, and for a new one all that were granted. That they are
    /// among those, whoever hosts plugins has seen: it knows what their names mean.
    #[n(2)]
    pub hosts: Option<Vec<String>>,
}

impl std::fmt::Debug for SetSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetSecret")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

impl Command for SetSecret {
    fn operation(&self) -> &'static str {
        "pluginSecretSet"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.id)?;
        if !before.granted.secrets.contains(&self.name) {
            let message = format!("`{}` asks for no secret `{}`", before.name, self.name);
            return Err(Error::invalid("name", message));
        }
        if self.value.is_empty() || self.value.len() > SECRET_BYTES_MAX {
            let message = format!("a secret has 1 to {SECRET_BYTES_MAX} bytes");
            return Err(Error::invalid("value", message));
        }
        let mut after = Installation::clone(&before);
        if let Err(place) = after.secrets.binary_search(&self.name) {
            after.secrets.insert(place, self.name.clone());
        }
        if let Some(hosts) = &self.hosts {
            if hosts.len() > HOSTS_MAX || hosts.iter().any(|host| host.len() > HOST_BYTES_MAX) {
                let message = format!("at most {HOSTS_MAX} hosts of {HOST_BYTES_MAX} bytes each");
                return Err(Error::invalid("hosts", message));
            }
            after.bind(&self.name, hosts.clone());
        }
        if after.secrets.len() > SECRETS_MAX {
            // No version asks for more than that: what is over was kept from others.
            let message = format!(
                "an installation has at most {SECRETS_MAX} secrets: take one away that its version does not ask for"
            );
            return Err(Error::rejected(message));
        }
        // Also when there was one of this name: that it was set again is a fact.
        after.updated_at = world.now;
        after.version = after.version.saturating_add(1);
        let permit = world.policy.authorize(Action::ManagePlugins, Some(before.clone()), None)?;
        let mut draft = Draft::new();
        draft.save_installation(permit, after);
        let value = Some(self.value.clone());
        draft.keep_for_plugins([PluginRecord::Entry(before.id, secret_entry(&self.name), value)]);
        Ok(draft)
    }
}

/// Takes a secret of an installation away.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode)]
pub struct RemoveSecret {
    /// Whose.
    #[n(0)]
    pub id: InstallationId,
    /// Which.
    #[n(1)]
    pub name: String,
}

impl Command for RemoveSecret {
    fn operation(&self) -> &'static str {
        "pluginSecretRemove"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let before = existing(world, self.id)?;
        let mut after = Installation::clone(&before);
        let Ok(place) = after.secrets.binary_search(&self.name) else {
            return Err(Error::not_found(format!("the secret `{}`", self.name)).with_field("name"));
        };
        after.secrets.remove(place);
        after.unbind_unset();
        let mut draft = saved(world, &before, after)?;
        draft.keep_for_plugins([PluginRecord::Entry(before.id, secret_entry(&self.name), None)]);
        Ok(draft)
    }
}
