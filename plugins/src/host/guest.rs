//! A guest that runs: where it computes, and what comes of it next. It begins on the thread of whoever waits for it, or
//! aside; once it has computed for long, it goes aside in any case. It knows nothing of answers.

use super::aside::Threads;
use super::ask::{Ask, Left};
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

/// A guest that has computed for longer goes aside. Most small ones are over by then, and to go costs some ten microseconds.
pub(super) const HERE_AT_MOST: Duration = Duration::from_millis(1);

/// What a guest does when it makes room.
pub(super) enum Said {
    /// It is over.
    Over(wasmtime::Result<Answer>),
    /// It asks something, with so much left.
    Asks(Ask, Left),
}

/// See the module. When it is dropped, the guest is stopped: at once, or where it makes room.
pub(super) struct Guest<'t> {
    place: Place,
    aside: &'t Threads,
    mail: Arc<Mail>,
    meter: Arc<Meter>,
    left: Arc<Mutex<Option<State>>>,
}

/// The guest itself.
type Running = Pin<Box<dyn Future<Output = wasmtime::Result<Answer>> + Send>>;

enum Place {
    Here(Running),
    Aside(JoinHandle<wasmtime::Result<Answer>>),
    /// It is over, or cannot be anywhere.
    Nowhere,
}

/// A store that hands on what it knows when its guest is over or stopped.
pub(super) struct Legacy {
    store: Option<Store<State>>,
    heir: Arc<Mutex<Option<State>>>,
}

impl Legacy {
    /// The store.
    pub(super) fn store(&mut self) -> wasmtime::Result<&mut Store<State>> {
        self.store.as_mut().ok_or_else(|| gone("its store is gone"))
    }
}

impl Drop for Legacy {
    fn drop(&mut self) {
        *self.heir.lock() = self.store.take().map(Store::into_data);
    }
}

impl<'t> Guest<'t> {
    /// Begins what `calls` makes of the store; `at_once_aside` where nobody waits.
    pub(super) fn begin<G>(
        store: Store<State>,
        (aside, at_once_aside): (&'t Threads, bool),
        (mail, meter): (Arc<Mail>, Arc<Meter>),
        calls: impl FnOnce(Legacy) -> G,
    ) -> Self
    where
        G: Future<Output = wasmtime::Result<Answer>> + Send + 'static,
    {
        let left = Arc::default();
        let legacy = Legacy { store: Some(store), heir: Arc::clone(&left) };
        let place = Place::Here(Box::pin(calls(legacy)));
        let mut guest = Self { place, aside, mail, meter, left };
        if at_once_aside {
            guest.go_aside();
        }
        guest
    }

    /// What it does next. Its CPU time is what passes while it is polled, so nothing counts that it waits for.
    pub(super) async fn next(&mut self) -> Said {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        if let Place::Here(running) = &mut self.place {
            if let Poll::Ready(outcome) = self.meter.measure(Clock::Passing, || running.as_mut().poll(cx)) {
                self.place = Place::Nowhere;
                return Poll::Ready(Said::Over(outcome));
            }
            if let Some((ask, left)) = self.mail.take() {
                return Poll::Ready(Said::Asks(ask, left));
            }
            // Without a question it only made room for others, and has woken itself.
            if self.meter.spent() < HERE_AT_MOST {
                return Poll::Pending;
            }
            self.go_aside();
        }
        let Place::Aside(running) = &mut self.place else {
            return Poll::Ready(Said::Over(Err(gone("the threads of plugins have ended"))));
        };
        if let Some((ask, left)) = self.mail.poll_take(cx) {
            return Poll::Ready(Said::Asks(ask, left));
        }
        match Pin::new(running).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(ended) => {
                self.place = Place::Nowhere;
                Poll::Ready(Said::Over(ended.unwrap_or_else(|error| {
                    tracing::error!(%error, "a plugin's run ended badly");
                    Err(gone("its run ended badly"))
                })))
            }
        }
    }

    fn go_aside(&mut self) {
        if let Place::Here(mut running) = std::mem::replace(&mut self.place, Place::Nowhere) {
            let meter = Arc::clone(&self.meter);
            let measured = poll_fn(move |cx| meter.measure(Clock::Thread, || running.as_mut().poll(cx)));
            self.place = self.aside.spawn(measured).map_or(Place::Nowhere, Place::Aside);
        }
    }

    /// Stops it, if it runs, and gives what its store knew.
    pub(super) async fn stop(mut self) -> Option<State> {
        match std::mem::replace(&mut self.place, Place::Nowhere) {
            Place::Here(running) => drop(running),
            Place::Aside(mut running) => {
                running.abort();
                // Until it makes room, at its next tick.
                drop((&mut running).await);
            }
            Place::Nowhere => {}
        }
        self.left.lock().take()
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        if let Place::Aside(running) = &self.place {
            running.abort();
        }
    }
}

fn gone(why: &str) -> wasmtime::Error {
    wasmtime::Error::new(Stopped::Host(why.to_owned()))
}
