//! Threads of their own for guests outside a change, and for those that compute for long: at a lower priority than the threads
//! that answer requests, which so get most of a processor that both want. It knows nothing of guests.

use super::task::Task;
use std::future::Future;
use std::io;
use std::thread::available_parallelism;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// How much lower, in steps of `nice(2)`: a tenth of the share of somebody else. Lower still, a guest of somebody who waits
/// would be out of time on a busy machine before it has computed.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The threads of a host.
pub(super) struct Aside {
    /// For guests that are asked about a change, or for what a board shows.
    asked: Threads,
    /// For all others.
    acting: Threads,
}

impl Aside {
    /// For this machine: each kind has half of the processors, and one at least.
    pub(super) fn start() -> io::Result<Self> {
        let half = available_parallelism().map_or(1, |all| (all.get() / 2).max(1));
        Ok(Self {
            asked: Threads::start("mortise-asked", half)?,
            acting: Threads::start("mortise-acting", half)?,
        })
    }

    /// The way of a task.
    pub(super) const fn of(&self, task: &Task) -> Lane<'_> {
        match task {
            Task::Amend { .. } | Task::Validate { .. } | Task::NextStates { .. } => {
                Lane { threads: &self.asked, at_once: false }
            }
            Task::Event(_) | Task::Tick(_) | Task::Request(_) | Task::Lifecycle(_) => {
                Lane { threads: &self.acting, at_once: true }
            }
        }
    }
}

/// Where one guest may go.
#[derive(Clone, Copy)]
pub(super) struct Lane<'t> {
    pub(super) threads: &'t Threads,
    /// It begins there.
    pub(super) at_once: bool,
}

/// Threads of one kind. They end by themselves after this is dropped, once what runs there makes room.
pub(super) struct Threads {
    /// None only while this is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Threads {
    fn start(name: &str, count: usize) -> io::Result<Self> {
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads(count).max_blocking_threads(1).thread_name(name).on_thread_start(step_back);
        // Those who come, and those who go on, in turns: left to itself a busy worker looks at who comes every 61 turns, and a
        // turn of a guest is two milliseconds.
        threads.global_queue_interval(2);
        let runtime = threads.build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Has this done there. If the handle is dropped, it goes on.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.handle.spawn(work)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(threads) = self.runtime.take() {
            threads.shutdown_background();
        }
    }
}

/// Lowers the priority of this thread. Other systems have none for a thread that is asked for in this way.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::warn!(%error, "plugins run at the priority of requests");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn threads_step_back_and_can_be_dropped_where_nothing_may_wait() {
        let threads = Threads::start("mortise-test", 1).unwrap();
        let name = async { std::thread::current().name().map(str::to_owned) };
        assert_eq!(threads.spawn(name).await.unwrap().as_deref(), Some("mortise-test"));
        #[cfg(target_os = "linux")]
        {
            let own = rustix::process::nice(0).unwrap();
            let theirs = threads.spawn(async { rustix::process::nice(0).unwrap() }).await.unwrap();
            assert_eq!(theirs, (own + NICENESS).min(19));
        }
        drop(threads);
    }
}
