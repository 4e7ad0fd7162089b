//! The tasks behind the scenes: one hears which companies have news, one gives turns to those that act, one to those that have
//! something to send.
//!
//! No installation has a task of its own. So many companies have a turn at once, and a turn is bounded in steps and in time, so
//! that a slow one holds up no others. The clock is looked at again and again: it may be set.

use super::line::{Line, Next};
use super::{queue, turn};
use crate::service::Plugins;
use mortise_engine::id::{InstallationId, TenantId};
use mortise_engine::{Engine, PluginBell};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::acting::Acting;
use super::books::Desks;
use super::following::Following;

/// Companies that act at once.
const ACTING_MAX: usize = 32;
/// Companies of which something is sent at once.
const SENDING_MAX: usize = 16;
/// Nothing more of an installation, or of what a company sends, begins so long after its turn did.
pub(super) const TURN_TIME: Duration = Duration::from_secs(10);
/// The longest that nobody looks whether something is due.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// A turn that ended in a panic is tried again after this, in milliseconds.
const PANIC_PAUSE_MS: i64 = 60_000;
/// What has begun may go on for so long when everything ends.
const CLOSE_WAIT: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    acting: Turns,
    sending: Turns,
    /// What is known of the installations that act, between turns.
    pub(super) known: Mutex<HashMap<TenantId, HashMap<InstallationId, Acting>>>,
    /// Installations of which others have changed what waits.
    stale: Mutex<HashSet<InstallationId>>,
    /// Whose requests took the rest of its company's last turn: the next begins behind it.
    sent_last: Mutex<HashMap<TenantId, InstallationId>>,
    pub(crate) desks: Desks,
    pub(crate) following: Following,
    stop: watch::Sender<bool>,
    tasks: Mutex<Option<JoinSet<()>>>,
}

/// Whose turn it is, and the word that it has changed.
#[derive(Debug, Default)]
struct Turns {
    line: Mutex<Line>,
    changed: Notify,
}

impl Turns {
    fn ring(&self, tenant: TenantId) {
        self.line.lock().ring(tenant);
        self.changed.notify_one();
    }
}

/// What turns are for.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Acting on events, and at times.
    Act,
    /// Sending what was staged.
    Send,
}

impl Runner {
    /// Begins: those of whom the engine knows that their plugins act have a turn first.
    pub(crate) fn start(&self, plugins: &Plugins, engine: &Engine) {
        let mut tasks = self.tasks.lock();
        if tasks.is_some() {
            return;
        }
        self.stop.send_replace(false);
        let mut set = JoinSet::new();
        for tenant in engine.tenants_with_plugins() {
            self.acting.ring(tenant);
            self.sending.ring(tenant);
        }
        set.spawn(listen(plugins.clone(), engine.plugin_bell()));
        set.spawn(dispatch(plugins.clone(), engine.clone(), Kind::Act));
        set.spawn(dispatch(plugins.clone(), engine.clone(), Kind::Send));
        *tasks = Some(set);
    }

    /// Ends: no turn begins any more, and those under way are waited for, but not for long.
    pub(crate) async fn close(&self) {
        self.stop.send_replace(true);
        let Some(mut tasks) = self.tasks.lock().take() else { return };
        let ended = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(CLOSE_WAIT, ended).await.is_err() {
            // What was staged and not handed over goes with them.
            tasks.shutdown().await;
        }
    }

    fn turns(&self, kind: Kind) -> &Turns {
        match kind {
            Kind::Act => &self.acting,
            Kind::Send => &self.sending,
        }
    }

    /// Whether everything is to end.
    pub(super) fn is_closing(&self) -> bool {
        *self.stop.borrow()
    }

    /// Something has happened in this company that its plugins may act on.
    pub(crate) fn ring(&self, tenant: TenantId) {
        self.acting.ring(tenant);
    }

    /// There is something to send.
    pub(crate) fn ring_to_send(&self, tenant: TenantId) {
        self.sending.ring(tenant);
    }

    /// Somebody else has changed what waits of this installation.
    pub(crate) fn waits_changed(&self, tenant: TenantId, id: InstallationId) {
        self.stale.lock().insert(id);
        self.ring(tenant);
    }

    /// The turn in which a company sends has ended while it was at this installation.
    pub(super) fn ended_sending_at(&self, tenant: TenantId, id: InstallationId) {
        self.sent_last.lock().insert(tenant, id);
    }

    /// The installation that the last turn ended at, if it did not come to the end of all.
    pub(super) fn take_sent_last(&self, tenant: TenantId) -> Option<InstallationId> {
        self.sent_last.lock().remove(&tenant)
    }

    /// Whether what waits must be read again.
    pub(super) fn take_stale(&self, id: InstallationId) -> bool {
        self.stale.lock().remove(&id)
    }
}

/// Hears which companies have news.
async fn listen(plugins: Plugins, bell: PluginBell) {
    let runner = &plugins.0.runner;
    let mut stop = runner.stop.subscribe();
    loop {
        tokio::select! {
            tenant = bell.next() => runner.ring(tenant),
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Gives turns, so many at once.
async fn dispatch(plugins: Plugins, engine: Engine, kind: Kind) {
    let runner = &plugins.0.runner;
    let turns = runner.turns(kind);
    let max = match kind {
        Kind::Act => ACTING_MAX,
        Kind::Send => SENDING_MAX,
    };
    let mut out = JoinSet::new();
    while !runner.is_closing() {
        while let Some(ended) = out.try_join_next() {
            report(ended);
        }
        let taken = if out.len() < max { turns.line.lock().take(engine.clock().now()) } else { Err(None) };
        match taken {
            Ok(tenant) => drop(out.spawn(one(plugins.clone(), engine.clone(), tenant, kind))),
            Err(_) => drop(tokio::time::timeout(LOOK_EVERY, turns.changed.notified()).await),
        }
    }
    while let Some(ended) = out.join_next().await {
        report(ended);
    }
}

/// One turn of one company.
async fn one(plugins: Plugins, engine: Engine, tenant: TenantId, kind: Kind) {
    let mut place = Out { plugins: &plugins, engine: &engine, tenant, kind, next: None };
    let next = match kind {
        Kind::Act => Box::pin(turn::act(&plugins, &engine, tenant)).await,
        Kind::Send => Box::pin(queue::send(&plugins, &engine, tenant)).await,
    };
    place.next = Some(next);
}

/// A company that has its turn; however that ends, it goes back to its place.
struct Out<'a> {
    plugins: &'a Plugins,
    engine: &'a Engine,
    tenant: TenantId,
    kind: Kind,
    /// None: it ended in a panic.
    next: Option<Next>,
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        let later = || Next::At(self.engine.clock().now().plus_millis(PANIC_PAUSE_MS));
        let next = self.next.take().unwrap_or_else(later);
        let turns = self.plugins.0.runner.turns(self.kind);
        turns.line.lock().back(self.tenant, next);
        turns.changed.notify_one();
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(
            ?error,
            "the turn of a company's plugins ended in a panic; it has another in a minute"
        );
    }
}
