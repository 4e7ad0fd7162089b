//! Secrets of installations, as people set them and take them away.

use super::lifecycle::existing;
use super::{Done, Plugins};
use mortise_engine::Result;
use mortise_engine::command::plugin::{RemoveSecret, SetSecret};
use mortise_engine::context::OpContext;
use mortise_engine::id::InstallationId;
use mortise_engine::model::Installation;
use std::sync::Arc;
use zeroize::Zeroizing;

impl Plugins {
    /// Sets a secret of an installation, which is used by its name and shown to nobody.
    ///
    /// # Errors
    ///
    /// As [`Plugins::change`]; `INVALID_INPUT` for a name that the manifest does not have.
    pub async fn set_secret(
        &self,
        cx: OpContext,
        id: InstallationId,
        name: &str,
        value: Zeroizing<String>,
    ) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let set = SetSecret { id, name: name.to_owned(), value: value.as_bytes().to_vec() };
        let done = self.engine()?.set_plugin_secret(cx, set).await?;
        Ok(Done::by(&done, existing(&reader.refreshed(), id)?))
    }

    /// Takes a secret away.
    ///
    /// # Errors
    ///
    /// As [`Plugins::set_secret`].
    pub async fn remove_secret(
        &self,
        cx: OpContext,
        id: InstallationId,
        name: &str,
    ) -> Result<Done<Arc<Installation>>> {
        let reader = self.manager(&cx.principal).await?;
        let done = self.engine()?.execute(cx, RemoveSecret { id, name: name.to_owned() }).await?;
        Ok(Done::by(&done, existing(&reader.refreshed(), id)?))
    }
}
