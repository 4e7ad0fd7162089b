//! Telling a plugin what becomes of its installation. What it stages then happens, as it does when it acts by itself.

use super::Plugins;
use crate::automation::books::Books;
use crate::automation::errand::{Errand, app_principal, invocation_of};
use crate::convert::{self, Sight};
use crate::host::{Answer, Task, wit};
use mortise_engine::context::OpContext;
use mortise_engine::model::{Installation, PluginCode};
use mortise_engine::{Error, Result};
use std::sync::Arc;

impl Plugins {
    /// Tells an installation what becomes of it, where it wants to be told. `installation` is as it becomes, and `code` what it
    /// runs from then on.
    ///
    /// # Errors
    ///
    /// `REJECTED` with what the plugin says when it fails, or why what it staged is refused; `UNAVAILABLE` when it cannot be
    /// told.
    pub(crate) async fn tell(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        code: &PluginCode,
        step: wit::Step,
    ) -> Result<()> {
        let (engine, tenant) = (self.engine()?, cx.principal.tenant());
        let runs = engine.plugins_allowed(tenant).allows(code.origin)
            && self.0.catalogue.stopped_code(code.origin, code.digest).is_none();
        if !code.hooks.lifecycle || cx.dry_run || !runs {
            return Ok(());
        }
        let principal = app_principal(tenant, installation, 1, cx.principal.member());
        let sight = Sight::of(engine.reader(&principal).await?);
        let errand = Errand {
            installation: installation.clone(),
            principal,
            actor: convert::actor(&sight, cx.principal.actor(), cx.origin),
            sight,
            about: about(&step),
            task: Task::Lifecycle(step),
            invocation: invocation_of(installation.id, &[b"lifecycle", cx.request.as_bytes()]),
            attempt: 1,
            mode: wit::RunMode::Live,
            depth: 0,
            issue: None,
            request: cx.request,
            now: engine.clock().now(),
        };
        let mut returned = Box::pin(self.errand(&errand)).await?;
        let staged = std::mem::take(&mut returned.staged);
        let done = match &returned.outcome {
            Ok(Answer::Failed(wit::Failure::Retry(why) | wit::Failure::Permanent(why))) => {
                Err(Error::rejected(format!("the plugin says: {}", convert::line(why, 500))))
            }
            Ok(_) => Box::pin(self.commit(&errand, staged, Books::default())).await.inspect_err(|error| {
                returned.refused(error.message());
            }),
            Err(stopped) => Err(Error::rejected(format!("the plugin {stopped}"))),
        };
        self.note(returned.finished);
        done
    }

    /// The same, of which a failure is recorded and changes nothing.
    pub(crate) async fn tell_only(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        code: Option<Arc<PluginCode>>,
        step: wit::Step,
    ) {
        let Some(code) = code else { return };
        if let Err(error) = Box::pin(self.tell(cx, installation, &code, step)).await {
            tracing::debug!(installation.id = %installation.id, ?error, "a plugin was told what becomes of it, and failed");
        }
    }
}

fn about(step: &wit::Step) -> String {
    match step {
        wit::Step::Enabled => "enabled".to_owned(),
        wit::Step::Upgraded(from) => format!("upgraded from {from}"),
        wit::Step::SettingsChanged => "settings changed".to_owned(),
        wit::Step::Disabled => "disabled".to_owned(),
    }
}
