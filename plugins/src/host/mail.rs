//! Questions of a guest on their way out, and answers on their way in; never more than one.

use super::ask::{Ask, Left, Reply};
use parking_lot::Mutex;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

/// Between a guest and whoever answers it, who may be on one thread and polled in turns, or on two.
#[derive(Default)]
pub(super) struct Mail(Mutex<Letters>);

#[derive(Default)]
struct Letters {
    letter: Letter,
    /// Who waits for the other: they never wait at once.
    waits: Option<Waker>,
}

#[derive(Default)]
#[expect(clippy::large_enum_variant, reason = "there is one for each running guest")]
enum Letter {
    #[default]
    None,
    Ask(Ask, Left),
    Reply(Reply),
}

impl Letters {
    fn put(&mut self, letter: Letter) -> Option<Waker> {
        self.letter = letter;
        self.waits.take()
    }

    fn take_ask(&mut self) -> Option<(Ask, Left)> {
        match std::mem::take(&mut self.letter) {
            Letter::Ask(ask, left) => Some((ask, left)),
            other => {
                self.letter = other;
                None
            }
        }
    }

    fn take_reply(&mut self) -> Option<Reply> {
        match std::mem::take(&mut self.letter) {
            Letter::Reply(reply) => Some(reply),
            other => {
                self.letter = other;
                None
            }
        }
    }

    fn wait(&mut self, cx: &Context<'_>) {
        if !self.waits.as_ref().is_some_and(|waits| waits.will_wake(cx.waker())) {
            self.waits = Some(cx.waker().clone());
        }
    }
}

impl Mail {
    /// The question that a guest waits with, if it does.
    pub(super) fn take(&self) -> Option<(Ask, Left)> {
        self.0.lock().take_ask()
    }

    /// The same, and has whoever polls woken when one comes.
    pub(super) fn poll_take(&self, cx: &Context<'_>) -> Option<(Ask, Left)> {
        let mut letters = self.0.lock();
        let asked = letters.take_ask();
        if asked.is_none() {
            letters.wait(cx);
        }
        asked
    }

    /// The answer to the question that was taken.
    pub(super) fn answer(&self, reply: Reply) {
        wake(self.0.lock().put(Letter::Reply(reply)));
    }

    /// Hands a question out and waits for its answer.
    pub(super) async fn ask(&self, ask: Ask, left: Left) -> Reply {
        wake(self.0.lock().put(Letter::Ask(ask, left)));
        poll_fn(|cx| {
            let mut letters = self.0.lock();
            match letters.take_reply() {
                Some(reply) => Poll::Ready(reply),
                None => {
                    // Its question may not be taken yet: then the other is awake, and takes it.
                    letters.wait(cx);
                    Poll::Pending
                }
            }
        })
        .await
    }
}

fn wake(waits: Option<Waker>) {
    if let Some(waker) = waits {
        waker.wake();
    }
}
