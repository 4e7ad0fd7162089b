//! Whose turn it is to compute. Guests run on the threads that answer requests, and make room at each tick of the clock; all
//! that are ready would stand in one line with everybody's requests. So few compute at once, and the others wait beside the
//! line. It knows nothing of guests.

use super::task::Task;
use std::thread::available_parallelism;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Turns of all guests of a host. Each kind has half of the processors, and one at least.
pub(super) struct Turns {
    /// Of those that somebody's request waits for, beyond their first tick: most have ended by then.
    asked: Semaphore,
    /// Of those that act by themselves.
    acting: Semaphore,
}

impl Turns {
    /// For this machine.
    pub(super) fn new() -> Self {
        let half = available_parallelism().map_or(1, |all| (all.get() / 2).max(1));
        Self { asked: Semaphore::new(half), acting: Semaphore::new(half) }
    }

    /// Those that a task waits for.
    pub(super) const fn of(&self, task: &Task) -> Line<'_> {
        match task {
            Task::Amend { .. } | Task::Validate { .. } | Task::NextStates { .. } => {
                Line { turns: &self.asked, begins_at_once: true }
            }
            Task::Event(_) | Task::Tick(_) | Task::Request(_) | Task::Lifecycle(_) => {
                Line { turns: &self.acting, begins_at_once: false }
            }
        }
    }
}

/// Where one guest waits.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    turns: &'a Semaphore,
    begins_at_once: bool,
}

impl<'a> Line<'a> {
    /// A turn, until it is dropped; none is needed before the first tick by who begins at once. Who came first is first.
    pub(super) async fn turn(self, ticks: u32) -> Option<SemaphorePermit<'a>> {
        if self.begins_at_once && ticks == 0 {
            return None;
        }
        // Never closed.
        self.turns.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Waker};

    fn is_pending(future: impl Future) -> bool {
        pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    #[tokio::test]
    async fn who_is_waited_for_begins_at_once_and_takes_turns_later() {
        let turns = Semaphore::new(1);
        let asked = Line { turns: &turns, begins_at_once: true };
        let acting = Line { begins_at_once: false, ..asked };
        assert!(asked.turn(0).await.is_none());
        let turn = acting.turn(0).await;
        assert!(turn.is_some());
        assert!(is_pending(asked.turn(1)) && is_pending(acting.turn(7)));
        assert!(!is_pending(asked.turn(0)));
        drop(turn);
        assert!(asked.turn(1).await.is_some());
    }
}
