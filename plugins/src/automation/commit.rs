//! What a call staged, done together with the books. It is begun with the desk of the installation in hand and goes on to its
//! end, also when nobody waits for it any more: nobody else may change the books before it is known what became of it.

use super::books::Books;
use super::errand::Errand;
use crate::answers::staging::{Staged, Step};
use crate::service::Plugins;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::event::Origin;
use mortise_engine::id::{InstallationId, TenantId};
use mortise_engine::{Engine, Error, Result};
use uuid::Uuid;

/// A commit that is to be made.
struct Commit {
    tenant: TenantId,
    id: InstallationId,
    /// The version of the installation that was called.
    as_of: u64,
    principal: Principal,
    request: Uuid,
    /// Steps of plugins that lie between what began it and this.
    depth: u8,
    steps: Vec<Step>,
    books: Books,
    /// Bytes that its memory may have.
    kv_bytes: u64,
}

impl Plugins {
    /// Does what was staged, and writes the books, at once or not at all.
    ///
    /// # Errors
    ///
    /// What the engine refuses the commands with; `CONFLICT` where something is not as the call expected, the installation
    /// itself among it; `UNAVAILABLE` when it is not known whether it was done.
    pub(crate) async fn commit(&self, errand: &Errand, staged: Staged, books: Books) -> Result<()> {
        let (id, tenant) = (errand.installation.id, errand.principal.tenant());
        let Staged { steps, kv, out, .. } = staged;
        let sends = !out.is_empty();
        let commit = Commit {
            tenant,
            id,
            as_of: errand.installation.version,
            principal: errand.principal.clone(),
            request: errand.request,
            depth: errand.depth,
            steps,
            books: Books { kv, out, ..books },
            kv_bytes: self.limit_of(errand.sight.app().tenant()).kv_bytes,
        };
        let held = self.0.runner.desks.of(id).lock_owned().await;
        let plugins = self.clone();
        to_the_end(async move {
            Box::pin(commit.made(&plugins)).await?;
            drop(held);
            if sends {
                plugins.0.runner.ring_to_send(tenant);
            }
            Ok(())
        })
        .await
    }

    /// Writes books of an installation, without commands.
    ///
    /// # Errors
    ///
    /// As [`Plugins::commit`].
    pub(crate) async fn write_books(&self, tenant: TenantId, id: InstallationId, books: Books) -> Result<()> {
        let held = self.0.runner.desks.of(id).lock_owned().await;
        let plugins = self.clone();
        to_the_end(async move {
            let _held = held;
            Box::pin(plugins.write_held(tenant, id, &books)).await
        })
        .await
    }

    async fn write_held(&self, tenant: TenantId, id: InstallationId, books: &Books) -> Result<()> {
        let engine = self.engine()?;
        let room = engine.plugin_room(tenant, id).await?;
        let kv_bytes = if books.kv.is_empty() {
            u64::MAX
        } else {
            let reader = engine.reader(&Principal::trusted_system(tenant)).await?;
            self.limit_of(reader.tenant()).kv_bytes
        };
        let records = books.records(id, &room, kv_bytes).await?;
        if records.is_empty() {
            return Ok(());
        }
        room.write(records).await
    }
}

impl Commit {
    async fn made(self, plugins: &Plugins) -> Result<()> {
        let engine = plugins.engine()?;
        if self.steps.is_empty() {
            if !self.books.kv.is_empty() || !self.books.out.is_empty() {
                self.expect_as_it_was(&engine).await?;
            }
            return Box::pin(plugins.write_held(self.tenant, self.id, &self.books)).await;
        }
        let room = engine.plugin_room(self.tenant, self.id).await?;
        let records = self.books.records(self.id, &room, self.kv_bytes).await?;
        let mut cx = OpContext::new(self.principal).with_origin(Origin::Plugin);
        cx.request = self.request;
        let commands = self.steps.len();
        Box::pin(super::steps::execute(&engine, cx, self.as_of, self.steps, records)).await.map(drop)?;
        let now = engine.clock().now();
        plugins.0.runner.following.done((self.tenant, self.request), self.depth, commands, now);
        Ok(())
    }

    /// Where there are commands, the engine asks the same as it decides.
    async fn expect_as_it_was(&self, engine: &Engine) -> Result<()> {
        let reader = engine.reader(&Principal::trusted_system(self.tenant)).await?;
        match reader.directory().installation(self.id) {
            Some(now) if now.version == self.as_of => Ok(()),
            _ => Err(Error::conflict("the plugin was changed or switched off while it was at it")),
        }
    }
}

/// Does work that goes on to its end, also when whoever waits for it does not.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(Box::pin(work)).await.map_err(Error::internal)?
}
