//! One call of an automation, with all that it is given; and what it staged, done together with the books. The same for events,
//! for schedules, for requests from outside and for rehearsals.

use super::books::Books;
use crate::answers::Reading;
use crate::answers::staging::{Effect, Given, Staged, Staging, Step};
use crate::convert::{Bounds, Sight};
use crate::host::wit::log::Level;
use crate::host::{Answer, LogLine, Stopped, Task, wit};
use crate::service::{Calling, Class, Finished, Plugins, RunAnswer, RunId, RunOutcome};
use mortise_engine::command::plugin::StopInstallation;
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::event::{Origin, PluginActor};
use mortise_engine::id::{InstallationId, IssueId, MemberId, TenantId};
use mortise_engine::model::Installation;
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, Result};
use std::sync::Arc;
use uuid::Uuid;

/// What is to be done, by whom and why.
pub(crate) struct Errand {
    pub(crate) installation: Arc<Installation>,
    /// The app member, on its way from whoever began it.
    pub(crate) principal: Principal,
    pub(crate) sight: Sight,
    pub(crate) task: Task,
    /// The same for every attempt.
    pub(crate) invocation: String,
    /// From 1.
    pub(crate) attempt: u32,
    pub(crate) mode: wit::RunMode,
    /// Who began what led here.
    pub(crate) actor: wit::Actor,
    /// Steps of plugins that lie between.
    pub(crate) depth: u8,
    pub(crate) issue: Option<IssueId>,
    /// In words.
    pub(crate) about: String,
    /// The request that led to it.
    pub(crate) request: Uuid,
    pub(crate) now: Timestamp,
}

impl Errand {
    /// Whether commands that it staged would be done; nothing is.
    ///
    /// # Errors
    ///
    /// What the engine would refuse any of them with.
    pub(crate) async fn rehearsed(&self, engine: &Engine, steps: Vec<Step>) -> Result<()> {
        if steps.is_empty() {
            return Ok(());
        }
        let cx = self.context().with_dry_run(true);
        Box::pin(super::steps::execute(engine, cx, steps, Vec::new())).await.map(drop)
    }

    /// In which its commands are done.
    fn context(&self) -> OpContext {
        let mut cx = OpContext::new(self.principal.clone()).with_origin(Origin::Plugin);
        cx.request = self.request;
        cx
    }
}

/// What came of it, before anything of it happens.
pub(crate) struct Returned {
    pub(crate) outcome: std::result::Result<Answer, Stopped>,
    pub(crate) staged: Staged,
    /// Its record, not noted yet.
    pub(crate) finished: Finished,
}

impl Returned {
    /// The run.
    pub(crate) fn run(&self) -> RunId {
        self.finished.record.id
    }

    /// What it staged was refused.
    pub(crate) fn refused(&mut self, why: &str) {
        let words = crate::convert::line(why, 500);
        self.finished.record.outcome =
            RunOutcome { answer: RunAnswer::Refused, words, kind: "refused".into() };
    }
}

/// The app member of an installation, so many steps of plugins on the way from somebody.
pub(crate) fn app_principal(
    tenant: TenantId,
    installation: &Installation,
    depth: u8,
    behalf: Option<MemberId>,
) -> Principal {
    let (id, member) = (installation.id, installation.member);
    Principal::trusted_plugin(tenant, PluginActor { installation: id, member, depth, behalf })
}

/// A key for everything that follows from the same cause: the same for every attempt, another for any other cause.
pub(crate) fn invocation_of(installation: InstallationId, cause: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"mortise invocation 1").update(installation.as_bytes());
    for part in cause {
        hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
    }
    let hash = hasher.finalize();
    let first: [u8; 16] = std::array::from_fn(|at| hash.as_bytes().get(at).copied().unwrap_or_default());
    Uuid::from_bytes(first).simple().to_string()
}

/// What calls of this installation may use.
pub(crate) fn class_of(installation: &Installation) -> Class {
    if installation.granted.http.is_empty() { Class::Automation } else { Class::Integration }
}

impl Plugins {
    /// Makes the call. Nothing of what it stages has happened.
    ///
    /// # Errors
    ///
    /// `UNAVAILABLE` when the code or the room cannot be had; no guest was asked then.
    pub(crate) async fn errand(&self, errand: &Errand) -> Result<Returned> {
        let engine = self.engine()?;
        let installation = &errand.installation;
        let tenant = errand.sight.app().tenant().clone();
        let code = self.load(tenant.id, installation.digest).await?;
        let known = errand.sight.directory().plugin_code(installation.digest);
        let known = known.map(|code| self.0.known.of(code)).transpose()?;
        let settings = installation.settings.clone();
        let settings = known.as_ref().map_or(settings, |known| known.filled(&installation.settings));
        let limit = self.limit_of(&tenant);
        let run = RunId::generate();
        let effect = if errand.mode == wit::RunMode::Live { Effect::Real } else { Effect::None };
        let mut answers = Staging::new(Given {
            tenant: tenant.id,
            reading: Reading::new(installation.clone(), errand.sight.clone(), Bounds::ONE),
            room: engine.plugin_room(tenant.id, installation.id).await?,
            settings,
            run,
            now: errand.now,
            kv_bytes: limit.kv_bytes,
            outgoing: self.0.outgoing.clone(),
            effect,
        });
        let call = wit::Call {
            company: tenant.id.to_string(),
            installation: installation.id.to_string(),
            plugin_version: installation.code_version.clone(),
            invocation: errand.invocation.clone(),
            attempt: errand.attempt,
            mode: errand.mode,
            actor: errand.actor.clone(),
            depth: errand.depth,
            now: errand.now.to_string(),
            time_zone: tenant.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        };
        let calling = Calling {
            tenant: tenant.id,
            installation,
            code: &code,
            version: &installation.code_version,
            class: class_of(installation),
            memory_mib: known.and_then(|known| known.manifest.memory_mib),
            call,
            request: errand.request,
            now: errand.now,
            issue: errand.issue,
            about: errand.about.clone(),
        };
        let mut called = Box::pin(self.call(calling, errand.task.clone(), limit, &mut answers)).await;
        called.finished.record.id = run;
        let staged = answers.into_staged();
        if let Some(message) = &staged.full {
            let line = LogLine { level: Level::Warn, message: message.clone(), fields: Vec::new() };
            called.finished.record.logs.push(crate::service::logged(&line));
        }
        Ok(Returned { outcome: called.outcome, staged, finished: called.finished })
    }

    /// Does what was staged, and writes the books, at once or not at all.
    ///
    /// # Errors
    ///
    /// What the engine refuses the commands with; `CONFLICT` where something is not as the call expected; `UNAVAILABLE` when
    /// it is not known whether it was done.
    pub(crate) async fn commit(&self, errand: &Errand, staged: Staged, books: Books) -> Result<()> {
        let (id, tenant) = (errand.installation.id, errand.principal.tenant());
        let sends = !staged.out.is_empty();
        let Staged { steps, kv, out, full: _ } = staged;
        let books = Books { kv, out, ..books };
        let desk = self.0.runner.desks.of(id);
        let held = desk.lock().await;
        if steps.is_empty() {
            Box::pin(self.write_held(tenant, id, &books)).await?;
        } else {
            let engine = self.engine()?;
            let room = engine.plugin_room(tenant, id).await?;
            let kv_bytes = self.limit_of(errand.sight.app().tenant()).kv_bytes;
            let records = books.records(id, &room, kv_bytes).await?;
            Box::pin(super::steps::execute(&engine, errand.context(), steps, records)).await?;
        }
        drop(held);
        if sends {
            self.0.runner.ring_to_send(tenant);
        }
        Ok(())
    }

    /// Writes books of an installation, without commands.
    ///
    /// # Errors
    ///
    /// As [`Plugins::commit`].
    pub(crate) async fn write_books(&self, tenant: TenantId, id: InstallationId, books: Books) -> Result<()> {
        let desk = self.0.runner.desks.of(id);
        let _held = desk.lock().await;
        Box::pin(self.write_held(tenant, id, &books)).await
    }

    /// Stops an installation, because of what it does.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for one that is not there, `UNAVAILABLE`.
    pub(crate) async fn stop_acting(
        &self,
        tenant: TenantId,
        id: InstallationId,
        reason: String,
    ) -> Result<()> {
        let cx = OpContext::new(Principal::trusted_system(tenant)).with_origin(Origin::System);
        self.engine()?.execute(cx, StopInstallation { id, reason }).await.map(drop)
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
