//! One call of an automation, with all that it is given. The same for events, for schedules, for requests from outside and for
//! rehearsals.

use super::basis::Basis;
use crate::answers::Reading;
use crate::answers::staging::{Effect, Given, Staged, Staging, Step};
use crate::convert::{Bounds, Sight};
use crate::host::wit::log::Level;
use crate::host::{Answer, LogLine, Stopped, Task, wit};
use crate::service::{
    Calling, Class, Finished, Noting, Plugins, RunId, RunOutcome, Unanswered, not_called, settings_of,
};
use mortise_engine::context::{OpContext, Principal};
use mortise_engine::event::{Origin, PluginActor};
use mortise_engine::id::{InstallationId, IssueId, MemberId, TenantId};
use mortise_engine::model::Installation;
use mortise_engine::time::Timestamp;
use mortise_engine::{Engine, Error, Result};
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
        let mut cx = OpContext::new(self.principal.clone()).with_origin(Origin::Plugin).with_dry_run(true);
        cx.request = self.request;
        let as_of = self.installation.version;
        Box::pin(super::steps::execute(engine, cx, as_of, steps, Vec::new())).await.map(drop)
    }
}

/// What came of it, before anything of it happens.
pub(crate) struct Returned {
    pub(crate) outcome: std::result::Result<Answer, Stopped>,
    pub(crate) staged: Staged,
    /// Its record, not noted yet: it is at the latest when this is dropped.
    pub(crate) finished: Noting,
    run: RunId,
}

impl Errand {
    /// The record of a call that was not made, or not to its end.
    pub(crate) fn not_run(&self, run: RunId, kind: &str, why: &str) -> Finished {
        let task = crate::service::task_of(&self.task);
        let tenant = self.principal.tenant();
        let mut finished =
            not_called(tenant, &self.installation, task, (self.request, self.now), (kind, why));
        let record = &mut finished.record;
        (record.id, record.attempt, record.issue) = (run, self.attempt, self.issue);
        (record.mode, record.about) =
            (crate::service::mode_of(self.mode), crate::convert::line(&self.about, 500));
        finished
    }
}

impl Returned {
    /// The run.
    pub(crate) const fn run(&self) -> RunId {
        self.run
    }

    /// What it was told of, for what is kept of what it said.
    pub(crate) fn basis(&self) -> Option<Basis> {
        self.finished.record().map(Basis::of)
    }

    /// What it staged was refused, or it is not known whether it was done.
    pub(crate) fn refused(&mut self, error: &Error) {
        if let Some(record) = self.finished.record_mut() {
            record.outcome = RunOutcome::refused(error);
        }
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
    /// `UNAVAILABLE` when the code or the room cannot be had, `REJECTED` for code of the catalogue that is not run any more; no
    /// guest was asked then.
    pub(crate) async fn errand(&self, errand: &Errand) -> Result<Returned> {
        let engine = self.engine()?;
        let installation = &errand.installation;
        if let Some(why) = self.0.catalogue.stopped(installation) {
            return Err(Error::rejected(why));
        }
        let tenant = errand.sight.app().tenant().clone();
        let code = self.load(tenant.id, installation.digest).await?;
        let known = errand.sight.directory().plugin_code(installation.digest);
        let known = known.map(|code| self.0.known.of(code)).transpose()?;
        let settings = settings_of(known.as_ref(), installation);
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
            commands: self.0.runner.following.room((tenant.id, errand.request), errand.depth, errand.now),
            outgoing: self.0.outgoing.clone(),
            places: limit.budget(class_of(installation)).places,
            effect,
        });
        let call = wit::Call {
            company: tenant.id.to_string(),
            installation: installation.id.to_string(),
            plugin_version: installation.code_version.to_string(),
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
            call: Arc::new(call),
            request: errand.request,
            now: errand.now,
            issue: errand.issue,
            about: &errand.about,
        };
        let waiting = Unanswered::until_answered(self, || errand.not_run(run, "unanswered", ""));
        let task = Arc::new(errand.task.clone());
        let (outcome, mut finished) =
            Box::pin(self.call(calling, task, limit, &mut answers)).await.finished();
        waiting.answered();
        finished.record.id = run;
        let mut staged = answers.into_staged();
        for out in &mut staged.out {
            // It is known only now what the call was told of.
            out.basis = Some(Basis::of(&finished.record));
        }
        if staged.is_enough {
            self.0.runner.following.spend((tenant.id, errand.request), errand.now);
            if !matches!(outcome, Ok(Answer::Done)) {
                finished.record.outcome = RunOutcome::enough();
            }
        }
        if let Some(message) = &staged.full {
            let line = LogLine { level: Level::Warn, message: message.clone(), fields: Vec::new() };
            finished.record.logs.push(crate::service::logged(&line));
        }
        Ok(Returned { outcome, staged, finished: Noting::new(self, finished), run })
    }
}
