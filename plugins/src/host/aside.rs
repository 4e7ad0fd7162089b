//! Threads of their own for guests that nobody's request waits for, and for those that compute for long: at a lower priority
//! than the threads that answer requests, so that these go first whenever both want a processor. It knows nothing of guests.

use super::task::Task;
use std::future::Future;
use std::io;
use std::thread::available_parallelism;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// How much lower, in steps of `nice(2)`: a tenth of the share of somebody else. Lower still, a guest of somebody who waits
/// would be out of time on a busy machine before it has computed.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The threads of a host.
pub(super) struct Aside {
    /// For guests that somebody's request waits for.
    asked: Threads,
    /// For those that act by themselves.
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

    /// Those that a task may run on, and whether it begins there.
    pub(super) const fn of(&self, task: &Task) -> (&Threads, bool) {
        match task {
            Task::Amend { .. } | Task::Validate { .. } | Task::NextStates { .. } => (&self.asked, false),
            Task::Event(_) | Task::Tick(_) | Task::Request(_) | Task::Lifecycle(_) => (&self.acting, true),
        }
    }
}

/// Threads of one kind. They end by themselves after this is dropped, once what runs there makes room.
pub(super) struct Threads(Option<Runtime>);

impl Threads {
    fn start(name: &str, count: usize) -> io::Result<Self> {
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads(count).max_blocking_threads(1).thread_name(name).on_thread_start(step_back);
        Ok(Self(Some(threads.build()?)))
    }

    /// Has this done there; none when they have ended. If the handle is dropped, it goes on.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<JoinHandle<T>> {
        self.0.as_ref().map(|threads| threads.spawn(work))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(threads) = self.0.take() {
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
        assert_eq!(threads.spawn(name).unwrap().await.unwrap().as_deref(), Some("mortise-test"));
        #[cfg(target_os = "linux")]
        {
            let own = rustix::process::nice(0).unwrap();
            let theirs = threads.spawn(async { rustix::process::nice(0).unwrap() }).unwrap().await.unwrap();
            assert_eq!(theirs, (own + NICENESS).min(19));
        }
        drop(threads);
    }
}
