//! What waits to be written of runs. Whoever notes one wakes nobody, but for the first and for so many that they are to be written
//! soon: a hook notes its run while somebody's change waits.

use super::counted::Counted;
use super::recorder::Noted;
use super::waiting::Held;
use mortise_engine::id::{InstallationId, TenantId};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Runs that wait at most.
const WAITING_MAX: usize = 4_096;

/// Runs that are written at once, without waiting for more.
const AT_ONCE: usize = 256;

/// What the writer is told.
pub(super) enum Told {
    /// A run of which there is a record.
    Run(Box<Noted>),
    /// A run that is counted.
    Counted { tenant: TenantId, run: Counted, _held: Held },
    /// Somebody made an installation begin anew.
    Begun(TenantId, InstallationId),
    /// Somebody wants to read: answer when all before is written.
    Flush(oneshot::Sender<()>),
}

/// See the module.
#[derive(Default)]
pub(super) struct Queue {
    inside: Mutex<Inside>,
    /// There is something.
    came: Notify,
    /// It is not to wait for more.
    hurry: Notify,
}

#[derive(Default)]
struct Inside {
    told: Vec<Told>,
    closed: bool,
}

impl Queue {
    /// Takes a run; false where there is no room.
    pub(super) fn note(&self, run: Told) -> bool {
        self.put(run, WAITING_MAX)
    }

    /// Takes what there is always room for: somebody waits for it, or has waited for a commit before.
    pub(super) fn tell(&self, told: Told) -> bool {
        let reads = matches!(told, Told::Flush(_));
        let taken = self.put(told, usize::MAX);
        if reads {
            self.hurry.notify_one();
        }
        taken
    }

    fn put(&self, told: Told, max: usize) -> bool {
        let waiting = {
            let mut inside = self.inside.lock();
            if inside.closed || inside.told.len() >= max {
                return false;
            }
            inside.told.push(told);
            inside.told.len()
        };
        match waiting {
            1 => self.came.notify_one(),
            AT_ONCE => self.hurry.notify_one(),
            _ => {}
        }
        true
    }

    /// All there is, in order, once there is something; none when nothing comes any more.
    pub(super) async fn take(&self) -> Option<Vec<Told>> {
        loop {
            {
                let mut inside = self.inside.lock();
                if inside.closed {
                    return None;
                }
                if !inside.told.is_empty() {
                    return Some(std::mem::take(&mut inside.told));
                }
            }
            self.came.notified().await;
        }
    }

    /// Waits for so long, but not for longer than is good for those who read and for what waits.
    pub(super) async fn rest(&self, time: Duration) {
        // Somebody may have hurried before: then it is written a little early.
        let _ = tokio::time::timeout(time, self.hurry.notified()).await;
    }
}

/// One end of a queue: with either, the queue is closed, and who waits for it is let go.
pub(super) struct End(pub(super) Arc<Queue>);

impl Drop for End {
    fn drop(&mut self) {
        let left = {
            let mut inside = self.0.inside.lock();
            inside.closed = true;
            std::mem::take(&mut inside.told)
        };
        drop(left);
        self.0.came.notify_one();
        self.0.hurry.notify_one();
    }
}
