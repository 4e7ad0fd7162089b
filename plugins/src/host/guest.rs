//! A guest that runs: where it computes, and what comes of it next. It begins on the thread of whoever waits for it, or
//! aside; once it has computed for long, it goes aside in any case. It knows nothing of answers.

use super::aside::Lane;
use super::ask::{Ask, Left};
use super::code::Function;
use super::mail::Mail;
use super::meter::{Clock, Meter};
use super::state::State;
use super::stopped::Stopped;
use super::task::Answer;
use parking_lot::Mutex;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::JoinHandle;
use wasmtime::Store;

/// A guest that has computed for longer goes aside, and so do the next calls of its function. Most small ones are over long before,
/// also where the machine gave a turn of theirs to others; to go costs some ten microseconds, and a place behind others.
pub(super) const HERE_AT_MOST: Duration = Duration::from_millis(3);

/// What a guest does when it makes room.
pub(super) enum Said {
    /// It is over.
    Over(wasmtime::Result<Answer>),
    /// It asks something, with so much left.
    Asks(Ask, Left),
}

/// See the module. When it is dropped, the guest is stopped: at once, or where it makes room.
pub(super) struct Guest<'t> {
    home: Home,
    lane: Lane<'t>,
    function: &'t Function,
    mail: Arc<Mail>,
    meter: Arc<Meter>,
    left: Heir,
}

/// The guest itself.
type Running = Pin<Box<dyn Future<Output = wasmtime::Result<Answer>> + Send>>;

/// What becomes of what a store knew.
type Heir = Arc<Mutex<Option<State>>>;

/// Where it computes.
enum Home {
    Here(Running),
    Aside(JoinHandle<wasmtime::Result<Answer>>),
    /// It is over.
    Nowhere,
}

/// A store that hands on what it knows when its guest is over or stopped. What is held for the guest is let go after that.
pub(super) struct Legacy<H> {
    store: Option<Store<State>>,
    heir: Heir,
    /// Fields go after `drop`, which ends the store.
    _held: H,
}

impl<H> Legacy<H> {
    /// The store.
    pub(super) fn store(&mut self) -> wasmtime::Result<&mut Store<State>> {
        self.store.as_mut().ok_or_else(|| gone("its store is gone"))
    }
}

impl<H> Drop for Legacy<H> {
    fn drop(&mut self) {
        *self.heir.lock() = self.store.take().map(Store::into_data);
    }
}

impl<'t> Guest<'t> {
    /// Begins what `calls` makes of the store. As long as there is anything of that, `held` is.
    pub(super) fn begin<G, H>(
        (store, held): (Store<State>, H),
        (lane, function): (Lane<'t>, &'t Function),
        (mail, meter): (Arc<Mail>, Arc<Meter>),
        calls: impl FnOnce(Legacy<H>) -> G,
    ) -> Self
    where
        G: Future<Output = wasmtime::Result<Answer>> + Send + 'static,
    {
        let left = Heir::default();
        let legacy = Legacy { store: Some(store), heir: Arc::clone(&left), _held: held };
        let home = Home::Here(Box::pin(calls(legacy)));
        let mut guest = Self { home, lane, function, mail, meter, left };
        if lane.at_once || function.is_slow() {
            guest.go_aside();
        }
        guest
    }

    /// What it does next. Its CPU time is what passes while it is polled, so nothing counts that it waits for.
    pub(super) async fn next(&mut self) -> Said {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        if let Home::Here(running) = &mut self.home {
            if let Poll::Ready(outcome) = self.meter.measure(Clock::Passing, || running.as_mut().poll(cx)) {
                self.home = Home::Nowhere;
                return Poll::Ready(Said::Over(outcome));
            }
            if let Some((ask, left)) = self.mail.take() {
                return Poll::Ready(Said::Asks(ask, left));
            }
            // Without a question it only made room for others, and has woken itself.
            if self.meter.spent() < HERE_AT_MOST {
                return Poll::Pending;
            }
            // Also when nobody waits for its end.
            self.function.set_slow(true);
            self.go_aside();
        }
        let Home::Aside(running) = &mut self.home else {
            return Poll::Ready(Said::Over(Err(gone("it was over before"))));
        };
        if let Some((ask, left)) = self.mail.poll_take(cx) {
            return Poll::Ready(Said::Asks(ask, left));
        }
        match Pin::new(running).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(ended) => {
                self.home = Home::Nowhere;
                Poll::Ready(Said::Over(ended.unwrap_or_else(|error| {
                    tracing::error!(%error, "a plugin's run ended badly");
                    Err(gone("its run ended badly"))
                })))
            }
        }
    }

    fn go_aside(&mut self) {
        if let Home::Here(mut running) = std::mem::replace(&mut self.home, Home::Nowhere) {
            let meter = Arc::clone(&self.meter);
            let measured = poll_fn(move |cx| meter.measure(Clock::Thread, || running.as_mut().poll(cx)));
            self.home = Home::Aside(self.lane.threads.spawn(measured));
        }
    }

    /// Stops it, if it runs, and gives what its store knew.
    pub(super) async fn stop(mut self) -> Option<State> {
        match std::mem::replace(&mut self.home, Home::Nowhere) {
            Home::Here(running) => drop(running),
            Home::Aside(running) => {
                running.abort();
                // Until it makes room, at its next tick.
                let _ended = running.await;
            }
            Home::Nowhere => {}
        }
        self.left.lock().take()
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        if let Home::Aside(running) = &self.home {
            running.abort();
        }
    }
}

fn gone(why: &str) -> wasmtime::Error {
    wasmtime::Error::new(Stopped::Host(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::budget::Budget;
    use super::super::engine;
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    /// Sees whether the store was gone when it is let go of.
    struct Looks(Heir, Arc<AtomicBool>);

    impl Drop for Looks {
        fn drop(&mut self) {
            self.1.store(self.0.lock().is_some(), Relaxed);
        }
    }

    #[test]
    fn what_is_held_is_let_go_after_the_store() {
        let engine = engine::compiler().unwrap();
        let state = State::new(Budget::workflow(), String::new(), Arc::default(), Arc::default());
        let (heir, after) = (Heir::default(), Arc::new(AtomicBool::new(false)));
        let held = Looks(Arc::clone(&heir), Arc::clone(&after));
        let store = Some(Store::new(&engine, state));
        drop(Legacy { store, heir: Arc::clone(&heir), _held: held });
        assert!(after.load(Relaxed));
        assert!(heir.lock().is_some(), "what it knew is there");
    }
}
