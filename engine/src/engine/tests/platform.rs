//! What those who run the platform do with companies, and what that keeps from whom.

mod jobs;
mod keys;
mod lifecycle;
mod provision;

use super::{PASSWORD, World};
use crate::context::Operator;
use crate::engine::{Engine, SignIn, SignedIn};
use crate::error::Result;
use crate::identity::Password;
use crate::time::{Clock, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A company with Ana, its super admin, at a time that moves only when told.
struct Platform {
    world: World,
    now: Arc<AtomicI64>,
    folder: TempDir,
}

impl Platform {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(1_800_000_000_000));
        let world = World::found_by(Engine::builder(folder.path()).clock(clock(&now))).await;
        Self { world, now, folder }
    }

    fn engine(&self) -> &Engine {
        &self.world.engine
    }

    fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    /// This folder, opened again by another process.
    async fn again(self) -> (Engine, TempDir) {
        let Self { world, now, folder } = self;
        world.engine.close().await;
        drop(world);
        (Engine::builder(folder.path()).clock(clock(&now)).open().await.unwrap(), folder)
    }
}

fn clock(now: &Arc<AtomicI64>) -> Clock {
    let now = now.clone();
    Clock::from_fn(move || Timestamp::from_millis(now.load(Ordering::SeqCst)))
}

/// Whoever can open the folder.
fn us() -> Operator {
    Operator::trusted()
}

async fn sign_in(engine: &Engine, password: &str) -> Result<SignedIn> {
    let sign_in = SignIn {
        tenant: "acme".into(),
        email: "ana@acme.test".into(),
        password: Password::new(password.into()),
        client: "a browser".into(),
    };
    engine.sign_in(sign_in).await
}
