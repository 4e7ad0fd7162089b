//! The bytes of plugins' code: written in parts before the log says that the code is there, read and proven, and removed after
//! the log says that it is not.

use super::super::{Engine, to_the_end};
use crate::access::Action;
use crate::command::plugin::{RemovePluginCode, UploadPlugin};
use crate::context::OpContext;
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::model::{Digest, PluginCode};
use crate::tenant::{Committed, digest_of, forget_plugin_parts, plugin_bytes, write_plugin_bytes};
use std::sync::Arc;

impl Engine {
    /// Takes the code of a plugin. What it says of itself was read from the bytes by who calls this; who uploads it, and when,
    /// is said here. Code that is there already stays as it is.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `ENTITLEMENT_EXCEEDED` for plugins that the company may not have,
    /// `CONFLICT` when the version is there with other bytes, `REJECTED` when there are too many, `INVALID_INPUT` for what does
    /// not fit; `UNAVAILABLE` when it could not be saved.
    pub async fn upload_plugin(
        &self,
        cx: OpContext,
        code: PluginCode,
        bytes: Arc<[u8]>,
    ) -> Result<Committed> {
        self.may(&cx, Action::ManagePlugins, None).await?;
        if code.bytes != bytes.len() as u64 || code.digest != digest_of(&bytes).await? {
            return Err(Error::internal("the bytes of a plugin's code are not those that were looked at"));
        }
        let engine = self.clone();
        let work = async move {
            let live = engine.live(cx.principal.tenant()).await?;
            let _turn = live.plugins_turn().await;
            let digest = code.digest;
            let mut upload = UploadPlugin::new(code);
            // What would be refused is not written.
            let rehearsal = OpContext { dry_run: true, idempotency_key: None, ..cx.clone() };
            let would = live.execute(&rehearsal, &upload).await;
            if cx.dry_run {
                return would;
            }
            if would.is_ok_and(|would| !would.events.is_empty()) {
                write_plugin_bytes(live.store(), digest, &bytes).await?;
                upload = upload.written();
            }
            live.execute(&cx, &upload).await
        };
        to_the_end(Box::pin(work)).await
    }

    /// Lets the code of a plugin go that no installation needs. That it was there is remembered.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not manage plugins, `NOT_FOUND`, `REJECTED` when an installation runs it or can be rolled back
    /// to it.
    pub async fn remove_plugin_code(&self, cx: OpContext, digest: Digest) -> Result<Committed> {
        let engine = self.clone();
        let work = async move {
            let tenant = cx.principal.tenant();
            let live = engine.live(tenant).await?;
            let _turn = live.plugins_turn().await;
            let done = live.execute(&cx, &RemovePluginCode { digest }).await?;
            let gone = live.directory().plugin_code(digest).is_some_and(|code| code.removed_at.is_some());
            if gone
                && !cx.dry_run
                && let Err(error) = forget_plugin_parts(live.store(), digest).await
            {
                tracing::warn!(tenant.id = %tenant, ?error, "bytes of a plugin are still there; they are swept later");
            }
            Ok(done)
        };
        to_the_end(Box::pin(work)).await
    }

    /// The bytes of a plugin's code, which are those that its digest says.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for code that is not there or was removed, `INTERNAL` when its bytes are damaged, `UNAVAILABLE` when the
    /// tenant cannot be loaded.
    pub async fn plugin_bytes(&self, tenant: TenantId, digest: Digest) -> Result<Vec<u8>> {
        let live = self.live(tenant).await?;
        let code = live.directory().plugin_code(digest).filter(|code| code.removed_at.is_none()).cloned();
        let code = code.ok_or_else(|| Error::not_found(format!("plugin code {digest}")))?;
        plugin_bytes(live.store(), &code).await
    }
}
