//! Telling a plugin what becomes of its installation. What it stages then happens, as it does when it acts by itself.

use super::Plugins;
use crate::answers::staging::Staged;
use crate::automation::books::Books;
use crate::automation::errand::{Errand, Returned, app_principal, invocation_of};
use crate::convert::{self, Sight};
use crate::host::{Answer, Task, wit};
use mortise_engine::command::plugin::UpgradeInstallation;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::model::{Installation, PluginCode};
use mortise_engine::{Committed, Error, ErrorCode, Result};
use std::sync::Arc;

/// What a plugin staged when it was told what becomes of it. Nothing of it has happened, and its run is not noted.
pub(crate) struct Heard {
    errand: Errand,
    returned: Returned,
}

impl Plugins {
    /// Tells an installation what becomes of it, where it wants to be told. `installation` is as it becomes, and `code` what it
    /// runs from then on. None, where it is not told.
    ///
    /// # Errors
    ///
    /// `REJECTED` with what the plugin says when it fails; `UNAVAILABLE` when it cannot be told.
    async fn hear(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        code: &PluginCode,
        step: wit::Step,
    ) -> Result<Option<Heard>> {
        let (engine, tenant) = (self.engine()?, cx.principal.tenant());
        let runs = engine.plugins_allowed(tenant).allows(code.origin)
            && self.0.catalogue.stopped_code(code.origin, code.digest).is_none();
        if !code.hooks.lifecycle || cx.dry_run || !runs {
            return Ok(None);
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
        let returned = Box::pin(self.errand(&errand)).await?;
        let failed = match &returned.outcome {
            Ok(Answer::Failed(wit::Failure::Retry(why) | wit::Failure::Permanent(why))) => {
                Some(format!("the plugin says: {}", convert::line(why, 500)))
            }
            Ok(_) => None,
            Err(stopped) => Some(format!("the plugin {stopped}")),
        };
        match failed {
            None => Ok(Some(Heard { errand, returned })),
            Some(why) => {
                let hidden = self.hidden(cx, &returned).await;
                self.note(returned.finished);
                Err(Error::rejected(hidden.unwrap_or(why)))
            }
        }
    }

    /// What whoever made the change is told instead of how the run went, where that is about what they may not see.
    async fn hidden(&self, cx: &OpContext, returned: &Returned) -> Option<String> {
        let record = returned.finished.record()?;
        let reader = self.engine().ok()?.reader(&cx.principal).await;
        let seen = reader.is_ok_and(|reader| record.is_seen_by(&reader));
        (!seen).then(|| {
            format!("the plugin failed: its run {} says why, to who sees all that it is about", record.id)
        })
    }

    /// What it staged happens, or is refused; its run is noted either way.
    async fn happens(&self, heard: Heard) -> Result<()> {
        let Heard { errand, mut returned } = heard;
        let staged = std::mem::take(&mut returned.staged);
        let done = Box::pin(self.commit(&errand, staged, Books::default())).await;
        self.noted(returned, done)
    }

    /// Notes a run with what became of what it staged.
    fn noted<T>(&self, mut returned: Returned, done: Result<T>) -> Result<T> {
        if let Err(error) = &done {
            returned.refused(error);
        }
        self.note(returned.finished);
        done
    }

    /// Upgrades an installation, which is told first: when it fails, or what it staged would be refused, the earlier version
    /// stays. What it keeps and what it wants sent is there with the upgrade or not at all; its commands follow, and where they
    /// are refused after all, its run says it.
    ///
    /// # Errors
    ///
    /// `REJECTED` where the earlier version stays because of the plugin; else as
    /// [`Engine::upgrade_installation`](mortise_engine::Engine::upgrade_installation).
    pub(crate) async fn upgrade_told(
        &self,
        cx: OpContext,
        command: UpgradeInstallation,
        (soon, code): (&Arc<Installation>, &PluginCode),
        from: &str,
    ) -> Result<(Committed, Option<String>)> {
        let stays = |error: Error| {
            if error.code() == ErrorCode::Unavailable {
                return error;
            }
            let message = format!("version {from} stays: {}", error.message());
            Error::rejected(message).with_source(error)
        };
        let step = wit::Step::Upgraded(from.to_owned());
        let engine = self.engine()?;
        let Some(heard) = Box::pin(self.hear(&cx, soon, code, step)).await.map_err(stays)? else {
            return Ok((engine.upgrade_installation(cx, command).await?, None));
        };
        let hidden = self.hidden(&cx, &heard.returned).await;
        let Heard { errand, mut returned } = heard;
        let Staged { steps, kv, out, .. } = std::mem::take(&mut returned.staged);
        if let Err(error) = Box::pin(errand.rehearsed(&engine, steps.clone())).await {
            returned.refused(&error);
            self.note(returned.finished);
            let told = hidden.map(|hidden| Error::new(error.code(), hidden)).unwrap_or(error);
            return Err(stays(told));
        }
        let (tenant, id, sends) = (errand.principal.tenant(), command.id, !out.is_empty());
        let books = Books { kv, out, ..Books::default() };
        let desk = self.0.runner.desks.of(id);
        let upgraded = async {
            let _held = desk.lock().await;
            let room = engine.plugin_room(tenant, id).await?;
            let kv_bytes = self.limit_of(errand.sight.app().tenant()).kv_bytes;
            let records = books.records(id, &room, kv_bytes).await.map_err(stays)?;
            engine.upgrade_installation(cx, UpgradeInstallation { records, ..command }).await
        };
        let done = match Box::pin(upgraded).await {
            Ok(done) => done,
            Err(error) => return self.noted(returned, Err(error)),
        };
        if sends {
            self.0.runner.ring_to_send(tenant);
        }
        if steps.is_empty() {
            return self.noted(returned, Ok((done, None)));
        }
        returned.staged = Staged { steps, ..Staged::default() };
        // They are those of the installation as it is now.
        let upgraded = engine.reader(&Principal::trusted_system(tenant)).await?.installation(id);
        let errand = Errand { installation: upgraded.unwrap_or(errand.installation), ..errand };
        let happened = Box::pin(self.happens(Heard { errand, returned })).await;
        let warning = happened.err().map(|error| {
            tracing::warn!(installation.id = %id, ?error, "a plugin was upgraded, and its commands were refused");
            stands(&refused(error, hidden))
        });
        Ok((done, warning))
    }

    /// Tells it, and lets happen what it stages.
    async fn tell(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        code: &PluginCode,
        step: wit::Step,
    ) -> Result<()> {
        match Box::pin(self.hear(cx, installation, code, step)).await? {
            Some(heard) => {
                let hidden = self.hidden(cx, &heard.returned).await;
                Box::pin(self.happens(heard)).await.map_err(|error| refused(error, hidden))
            }
            None => Ok(()),
        }
    }

    /// The same, of which a failure is recorded and changes nothing: it is given back in words for whoever made the change.
    pub(crate) async fn tell_only(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        code: Option<Arc<PluginCode>>,
        step: wit::Step,
    ) -> Option<String> {
        let code = code?;
        let error = Box::pin(self.tell(cx, installation, &code, step)).await.err()?;
        tracing::debug!(installation.id = %installation.id, ?error, "a plugin was told what becomes of it, and failed");
        Some(stands(&error))
    }
}

/// That what a plugin staged was refused, in words for whoever made the change.
fn refused(error: Error, hidden: Option<String>) -> Error {
    let message = match (error.code(), hidden) {
        (ErrorCode::Unavailable, _) => {
            format!("whether what it wanted was done is not known: {}", error.message())
        }
        (_, Some(hidden)) => hidden,
        (_, None) => format!("what it wanted done was refused: {}", error.message()),
    };
    Error::rejected(message).with_source(error)
}

fn stands(error: &Error) -> String {
    format!("it was told of this and failed, and the change stands: {}", error.message())
}

fn about(step: &wit::Step) -> String {
    match step {
        wit::Step::Enabled => "enabled".to_owned(),
        wit::Step::Upgraded(from) => format!("upgraded from {from}"),
        wit::Step::SettingsChanged => "settings changed".to_owned(),
        wit::Step::Disabled => "disabled".to_owned(),
    }
}
